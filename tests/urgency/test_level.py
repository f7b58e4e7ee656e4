"""The level never falls when an alarm grows, whatever else was answered."""

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

import legdx.urgency.alarms as alarms_module
from tests.urgency.models import many_complaints, network_of
from tests.urgency.people import alarms_of, assess, height, level_of, one_hot, people, raised

QUICK = settings(
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
SMALL = settings(QUICK, max_examples=400)
LARGE = settings(QUICK, max_examples=20)


def answerable(network):
    return [v.name for v in network.variables if v.kind in {"factor", "finding"} or v.name == "mild"]


def check_raising(data, knowledge, network, most):
    alarms = alarms_of(knowledge)
    answers = data.draw(people(network, answerable(network), most), label="answers")
    unsure = data.draw(st.sets(st.sampled_from(alarms)), label="unsure") - answers.keys()
    name = data.draw(st.sampled_from(alarms), label="alarm")
    changed = data.draw(raised(knowledge, network, answers, name), label="raised")
    before = level_of(knowledge, network, answers, unsure)
    after = level_of(knowledge, network, changed, unsure - {name})
    assert height(after) >= height(before)


@pytest.mark.parametrize("most_alarms", [10, 3, 1])
@SMALL
@given(data=st.data())
def test_the_level_never_falls_when_an_alarming_answer_is_made_present_or_added(small, most_alarms, data):
    # With fewer alarms taken together exactly, the bound for "don't know" and the rule for many alarms are met.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alarms_module, "MOST_ALARMS", most_alarms)
        check_raising(data, *small, most=8)


@SMALL
@given(data=st.data())
def test_nor_where_a_rule_takes_an_answer_to_be_there_until_it_is_denied(denial, data):
    check_raising(data, *denial, most=8)


@LARGE
@given(data=st.data())
def test_the_level_of_the_packaged_rules_never_falls_when_an_alarming_answer_is_made_present_or_added(leg, data):
    check_raising(data, *leg, most=12)


def check_unsure(data, knowledge, network, most):
    alarms = alarms_of(knowledge)
    answers = data.draw(people(network, answerable(network), most), label="answers")
    name = data.draw(st.sampled_from(alarms), label="alarm")
    unsure = data.draw(st.sets(st.sampled_from(alarms)), label="unsure") - answers.keys() - {name}
    rest = {other: answer for other, answer in answers.items() if other != name}
    absent = level_of(knowledge, network, rest | {name: one_hot(network, name, 0)}, unsure)
    unknown = level_of(knowledge, network, rest, unsure | {name})
    not_given = level_of(knowledge, network, rest, unsure)
    assert height(unknown) >= height(absent)
    assert height(unknown) >= height(not_given)


@pytest.mark.parametrize("most_alarms", [10, 3, 1])
@SMALL
@given(data=st.data())
def test_an_alarm_answered_dont_know_never_scores_below_absent_or_not_asked(small, most_alarms, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alarms_module, "MOST_ALARMS", most_alarms)
        check_unsure(data, *small, most=8)


@SMALL
@given(data=st.data())
def test_nor_does_one_that_a_rule_takes_to_be_there_until_it_is_denied(denial, data):
    check_unsure(data, *denial, most=8)


@LARGE
@given(data=st.data())
def test_a_packaged_alarm_answered_dont_know_never_scores_below_absent_or_not_asked(leg, data):
    check_unsure(data, *leg, most=12)


@settings(QUICK, max_examples=150)
@given(data=st.data())
def test_emergency_never_depends_on_a_posterior(leg, data):
    knowledge, network = leg
    answers = data.draw(people(network, answerable(network), 10))
    none, all_of_them = (
        assess(knowledge, network, answers, posterior=dict.fromkeys(knowledge.causes, number)) for number in (0.0, 1.0)
    )
    assert (none.level == "emergency") == (all_of_them.level == "emergency")
    assert height(all_of_them.level) >= height("urgent")
    assert all(reason.kind == "rule" for reason in all_of_them.reasons if reason.level == "emergency")


def emergency_questions(knowledge):
    return sorted(
        {
            literal.finding
            for rule in knowledge.red_flags.values()
            if rule.level == "emergency"
            for literal in rule.literals
            if knowledge.findings[literal.finding].cost == "question"
        }
    )


def all_absent(knowledge, network):
    """Every question of an emergency rule answered "no"; those about a complaint that is not there are not asked."""
    questions = emergency_questions(knowledge)
    return {q: one_hot(network, q, 0) for q in questions if knowledge.findings[q].gate not in questions}


def test_self_care_needs_every_emergency_question_answered_absent(leg, monkeypatch):
    # The made-up numbers put many a serious cause above its threshold; here the rules are asked alone.
    monkeypatch.setattr("legdx.urgency.assess.highest_posteriors", lambda *_: {})
    knowledge, network = leg
    nothing = dict.fromkeys(knowledge.causes, 0.0)
    answers = all_absent(knowledge, network)
    assert assess(knowledge, network, answers, posterior=nothing).to_dict() == {
        "level": "self_care",
        "reasons": [],
        "raised_by": assess(knowledge, network, answers, posterior=nothing).to_dict()["raised_by"],
        "not_asked": [],
    }
    for left_out in answers:
        rest = {name: answer for name, answer in answers.items() if name != left_out}
        for unsure in ((), (left_out,)):
            result = assess(knowledge, network, rest, unsure, posterior=nothing)
            assert result.level == "routine"
            assert result.red_flags_not_asked
            assert left_out in result.not_asked
            by_rule = [reason.id for reason in result.reasons if reason.kind != "posterior"]
            assert by_rule == ["red_flags_not_asked"]


def test_a_complaint_that_was_not_asked_for_leaves_its_attributes_not_asked(leg):
    knowledge, network = leg
    assert {"weakness", "weakness_onset", "weakness_severe"} <= set(assess(knowledge, network, {}).not_asked)


@settings(QUICK, max_examples=100)
@given(data=st.data())
def test_self_care_only_with_every_emergency_question_certainly_absent(small, data):
    knowledge, network = small
    absent = all_absent(knowledge, network)
    left_out = data.draw(st.sampled_from(("", *absent)))
    answers = {name: answer for name, answer in absent.items() if name != left_out}
    answers |= data.draw(people(network, answerable(network), 2))
    result = assess(knowledge, network, answers, posterior={"bad": 0.0, "worse": 0.0})
    assume(result.level == "self_care")
    for question in emergency_questions(knowledge):
        gate = knowledge.findings[question].gate
        if gate is None or any(answers.get(gate, [1.0, 1.0])[1:]):
            assert not any(answers[question][3 if question == "ache_onset" else 1 :])


def test_an_urgent_posterior_that_is_not_small_forbids_self_care(leg):
    knowledge, network = leg
    low = dict.fromkeys(knowledge.causes, 0.0)
    answers = all_absent(knowledge, network)
    result = assess(knowledge, network, answers, posterior=low | {"low_potassium": knowledge.model.self_care_below})
    assert [(reason.id, reason.kind, reason.level) for reason in result.reasons] == [
        ("low_potassium", "posterior", "routine")
    ]


@pytest.mark.parametrize(("present", "level"), [(5, "routine"), (10, "routine"), (11, "urgent")])
def test_ordinary_complaints_become_urgent_by_their_number_only_when_they_are_many(present, level):
    knowledge = many_complaints(12)
    network = network_of(knowledge)
    answers = {f"complaint_{i}": [0.0, 1.0] for i in range(1, present + 1)} | {"mild": [0.0, 1.0], "bad": [1.0, 0.0]}
    result = assess(knowledge, network, answers)
    assert result.level == level
    assert ("many_alarming_answers" in {reason.id for reason in result.reasons}) == (level == "urgent")


def test_many_questions_answered_dont_know_are_not_urgent():
    knowledge = many_complaints(20)
    network = network_of(knowledge, low=0.001, high=0.01)
    result = assess(knowledge, network, {"age": [1.0, 0.0]}, [f"complaint_{i}" for i in range(20)])
    assert height(result.level) <= height("routine")
