"""A table's reasons are those of its cases, one by one."""

from __future__ import annotations

import numpy as np
import pytest

from legdx.explanation.many import reasons_of_many

PEOPLE = (
    {"age": 67, "sex": "male", "tremor": "present", "tremor_at_rest": "present", "weakness": "absent"},
    {"age": 30, "sex": "female"},
    {"sex": "male", "pregnancy": "present"},
    {"age": 80, "sex": "female", "weakness": "present", "dehydration": "present", "diuretic_use": "unknown"},
)


def test_every_row_is_what_the_case_alone_says(leg):
    cases = [leg.case(person) for person in PEOPLE]
    found = reasons_of_many(leg, [c.evidence(leg.network) for c in cases], [c.unsure for c in cases])
    assert list(found.status) == ["scored", "scored", "impossible", "scored"]
    for row in (0, 1, 3):
        result = leg.assess(PEOPLE[row])
        first = result.ranking.first or next(iter(result.posterior))
        assert found.first[row] == first
        assert found.urgency[row] == result.urgency.level
        assert found.posterior[row] == pytest.approx(result.posterior[first], rel=1e-9)
        if result.ranking.first:
            assert found.explains[row] == pytest.approx(result.ranking.explains[0].explains, rel=1e-9)
        else:
            assert np.isnan(found.explains[row])
        explanation = result.explain(first, level="paragraph")
        weights = dict(zip(found.variables, found.weights[row], strict=True))
        told = {name: r.weight_decibans for r in explanation.rows for name in r.answers}
        assert {name for name, w in weights.items() if not np.isnan(w)} == set(told)
        for name, weight in told.items():
            assert weights[name] == pytest.approx(weight, abs=1e-9)
    assert found.first[2] is None
    assert np.isnan(found.weights[2]).all()


def test_no_people_are_no_rows(leg):
    found = reasons_of_many(leg, [])
    assert found.weights.shape == (0, len(found.variables))
