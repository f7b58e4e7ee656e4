"""Answers that cannot be true together are found, and only those."""

import pandas as pd
import pytest

from legdx.survey.contradictions import contradictions


def found(leg, **cells):
    frame = pd.DataFrame({name: [cell] for name, cell in cells.items()}, dtype=object)
    return [(one.code, one.drop) for one in contradictions(frame, leg.knowledge)]


@pytest.mark.parametrize("gate", ["absent"])
@pytest.mark.parametrize(("name", "state"), [("tremor_at_rest", "present"), ("tremor_onset", "sudden")])
def test_an_attribute_without_its_complaint_drops_both(leg, gate, name, state):
    assert found(leg, **{"tremor": gate, name: state}) == [("attribute_without_complaint", (name, "tremor"))]


@pytest.mark.parametrize(
    "cells",
    [
        {"tremor": "present", "tremor_at_rest": "present"},
        {"tremor": "absent", "tremor_at_rest": "absent"},
        {"tremor": "absent", "tremor_onset": "none"},
        {"tremor": "unknown", "tremor_at_rest": "present"},
        {"tremor": None, "tremor_at_rest": "present"},
        {"tremor": "absent", "tremor_at_rest": {"likelihood": {"present": 0.9, "absent": 0.1}}},
        {"tremor_at_rest": "present"},
        {"sex": "female", "pregnancy": "present", "age": 30},
        {"sex": "male", "pregnancy": "absent"},
        {"sex": "refused", "pregnancy": "present"},
        {"pregnancy": "present"},
    ],
)
def test_what_can_be_true_is_left_alone(leg, cells):
    assert found(leg, **cells) == []


@pytest.mark.parametrize("cells", [{"sex": "male"}, {"sex": "female", "age": 70}])
def test_what_sex_or_age_rules_out_is_dropped_alone(leg, cells):
    assert found(leg, pregnancy="present", **cells) == [("impossible_for_person", ("pregnancy",))]
