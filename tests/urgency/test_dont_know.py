"""Who answers "don't know" to whatever the packaged model asks gets a level, and the posteriors of who says nothing."""

import numpy as np
import pytest

import legdx
from legdx.urgency.records import height

AGE_AND_SEX = {"age": 67, "sex": "male"}
WEAK = ("tremor", "twitching", "weakness", "numbness_or_tingling", "back_pain", "difficulty_walking")
"""Alarms none of which, nor all together, are urgent by a rule."""


@pytest.fixture(scope="module")
def model():
    return legdx.load_model()


def everything(model):
    return dict.fromkeys(model.questionnaire.asked, "unknown")


def half(model):
    asked = np.random.default_rng(0).permutation(model.questionnaire.asked)
    return dict.fromkeys(asked[: len(asked) // 2].tolist(), "unknown")


def complaints(model):
    return {f.id: "unknown" for f in model.knowledge.findings.values() if f.role == "complaint"}


@pytest.mark.parametrize("said", [{}, AGE_AND_SEX])
@pytest.mark.parametrize("unknown", [everything, half, complaints])
def test_nothing_but_dont_know_is_routine_by_what_was_not_asked(model, unknown, said):
    result = model.assess(unknown(model) | said)
    assert result.urgency.level == "routine"
    assert result.urgency.red_flags_not_asked
    assert result.posterior == pytest.approx(model.assess(said).posterior, rel=1e-9)


@pytest.mark.parametrize("said", [{}, AGE_AND_SEX])
@pytest.mark.parametrize("unknown", [everything, half])
def test_alarms_beside_dont_know_get_a_level_that_grows_with_them(model, unknown, said):
    before = -1
    for number in (0, 1, 3, 6):
        result = model.assess(unknown(model) | said | dict.fromkeys(WEAK[:number], "present"))
        assert height(result.urgency.level) >= max(before, height("routine"))
        assert len(result.posterior) == len(model.knowledge.causes)
        before = height(result.urgency.level)


def test_alarms_that_cannot_be_worked_out_name_what_is_there_or_not_known(model):
    given = everything(model) | dict.fromkeys(WEAK, "present")
    [reason] = [r for r in model.assess(given).urgency.reasons if r.id == "unclear_alarming_answers"]
    assert reason.level == "urgent"
    assert {"tremor", "tremor_at_rest"} <= set(reason.findings)
    assert reason.text.count("; ") == len(WEAK) - 1  # what is not known is no complaint
