"""Which questions are open, and which of them are red flags."""

import numpy as np
import pytest

from legdx.inquiry import COSTS
from legdx.inquiry.questions import open_questions, red_flag_questions
from legdx.urgency import Reason, Urgency
from legdx.urgency.answers import Answers
from tests.inquiry.models import tiny

KNOWLEDGE, NETWORK = tiny()


def read(**given):
    return Answers.read(NETWORK, {NETWORK.index[name]: np.asarray(value, float) for name, value in given.items()})


def opened(answers, closed=(), kinds=COSTS):
    return [NETWORK.variables[i].name for i in open_questions(KNOWLEDGE, answers, closed, kinds)]


def flags(answers, level, reasons=(), not_asked=()):
    questions = open_questions(KNOWLEDGE, answers, (), COSTS)
    urgency = Urgency(level=level, reasons=tuple(reasons), not_asked=tuple(not_asked))
    found = red_flag_questions(KNOWLEDGE, answers, urgency, questions)
    return {NETWORK.variables[i].name: (flag.rank, set(flag.rules)) for i, flag in found.items()}


def test_factors_and_findings_are_open_and_neither_causes_nor_attributes_of_an_unknown_complaint():
    assert set(opened(read())) == {"age", "sex", "ache", "numb", "droop", "sign"}
    assert set(opened(read(), closed=("ache",), kinds=("question",))) == {"age", "sex", "numb", "droop"}


@pytest.mark.parametrize("given", [{"ache": [1, 0]}, {"ache": [0.5, 0.5]}, {"ache": [0.2, 0.8]}])
def test_an_attribute_waits_until_its_complaint_is_certain(given):
    assert "ache_onset" not in opened(read(**given))


def test_a_complaint_that_an_attribute_implies_is_settled():
    assert "ache" not in opened(read(ache_onset=[0, 1, 0]))
    assert "ache_onset" in opened(read(ache=[0, 1]))


def test_only_rules_above_the_level_count_and_routine_ones_never():
    everything = flags(read(), "self_care")
    assert everything == {
        "droop": ("emergency", {"droop", "droop_numb"}),
        "numb": ("emergency", {"droop_numb"}),
        "ache": ("emergency", {"fast"}),
    }
    assert flags(read(), "urgent")["droop"] == ("emergency", {"droop_numb"})
    assert flags(read(), "emergency") == {}


def test_a_complaint_stands_in_for_its_attribute_but_does_not_complete_the_rule():
    assert flags(read(), "routine")["ache"][0] == "emergency"
    assert flags(read(ache=[0, 1]), "routine")["ache_onset"] == ("completes_emergency", {"fast"})


def test_what_every_rule_of_the_level_takes_to_be_there_is_a_red_flag_until_it_is_answered():
    taken = Reason(id="fast", kind="rule", level="emergency", assumed=("droop",))
    plain = Reason(id="droop_numb", kind="rule", level="emergency")
    assert flags(read(), "emergency", [taken]) == {"droop": ("may_lower", {"fast"})}
    assert flags(read(), "emergency", [taken, plain]) == {}
    assert flags(read(droop=[1, 0]), "emergency", [taken]) == {}


def test_what_alone_keeps_from_self_care_is_a_red_flag_only_where_nothing_else_does():
    answers = read(droop=[1, 0], ache=[1, 0])
    not_asked = Reason(id="red_flags_not_asked", kind="not_asked", level="routine")
    assert flags(answers, "routine", [not_asked], ["numb"]) == {"numb": ("clears_self_care", set())}
    rule = Reason(id="ache", kind="rule", level="routine")
    assert flags(answers, "routine", [rule, not_asked], ["numb"]) == {}
