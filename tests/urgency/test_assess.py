"""The reasons beside the level: what each rests on, and which posteriors are asked for."""

import pytest

from legdx.urgency.assess import assess_urgency
from tests.urgency.models import finding, knowledge_of, network_of, rule
from tests.urgency.people import assess

NO_CAUSE = {"bad": 0.0, "worse": 0.0}
PRESENT, ABSENT = [0.0, 1.0], [1.0, 0.0]
ALL_ABSENT = dict.fromkeys(("ache", "numb", "droop", "cramp", "jerk"), ABSENT)
"""Every question of the small model's emergency rules, the onset of an ache by its complaint."""


@pytest.fixture
def asked(monkeypatch):
    """Which causes the highest posterior is asked of, one entry a call; none has one."""
    calls = []

    def highest(_answers, _alarms, causes):
        calls.append(list(causes))
        return {}

    monkeypatch.setattr("legdx.urgency.assess.highest_posteriors", highest)
    return calls


def ids(result):
    return [reason.id for reason in result.reasons]


@pytest.mark.usefixtures("asked")
def test_what_was_not_asked_names_the_questions_without_an_answer_and_no_other(small):
    result = assess(*small, {"numb": PRESENT, "jerk": ABSENT}, posterior=NO_CAUSE)
    (reason,) = [reason for reason in result.reasons if reason.kind == "not_asked"]
    assert reason.findings == result.not_asked == ("droop", "ache_onset", "cramp")
    assert reason.level == "routine"
    assert result.red_flags_not_asked


@pytest.mark.usefixtures("asked")
def test_part_of_an_emergency_rule_alone_is_routine_and_is_named(small):
    result = assess(*small, ALL_ABSENT | {"jerk": PRESENT}, posterior=NO_CAUSE)
    assert (result.level, result.not_asked) == ("routine", ())
    assert [(reason.id, reason.findings) for reason in result.reasons] == [("red_flags_not_asked", ("jerk",))]


@pytest.mark.usefixtures("asked")
def test_part_of_an_emergency_rule_that_is_routine_by_its_own_rule_is_not_said_to_be_unasked(small):
    result = assess(*small, ALL_ABSENT | {"numb": PRESENT}, posterior=NO_CAUSE)
    assert (result.level, ids(result)) == ("routine", ["numb"])
    assert not result.red_flags_not_asked


@pytest.mark.usefixtures("asked")
def test_a_probable_cause_rests_on_the_findings_that_are_certainly_there(small):
    given = {"numb": PRESENT, "ache": ABSENT, "cramp": [0.2, 0.8]}
    reason = next(r for r in assess(*small, given, posterior=NO_CAUSE | {"bad": 0.5}).reasons if r.id == "bad")
    assert (reason.level, reason.findings) == ("urgent", ("numb",))


def test_a_rule_that_makes_it_urgent_leaves_out_what_would_only_be_routine(small, asked):
    result = assess(*small, {"droop": PRESENT}, posterior=NO_CAUSE | {"bad": 0.1})
    assert ids(result) == ["droop"]
    assert asked == []


@pytest.mark.usefixtures("asked")
def test_a_rule_that_makes_it_urgent_leaves_in_what_is_urgent_by_itself(small):
    assert ids(assess(*small, {"droop": PRESENT}, posterior=NO_CAUSE | {"bad": 0.3})) == ["droop", "bad"]


@pytest.mark.usefixtures("asked")
def test_probable_causes_stand_most_probable_first_each_with_the_limit_that_it_passed(small):
    reasons = assess(*small, ALL_ABSENT, posterior={"bad": 0.06, "worse": 0.1}).reasons
    assert [(r.id, r.level, r.probability, r.threshold) for r in reasons] == [
        ("worse", "routine", 0.1, 0.05),
        ("bad", "routine", 0.06, 0.05),
    ]
    (reason,) = assess(*small, ALL_ABSENT, posterior={"bad": 0.04, "worse": 0.15}).reasons
    assert (reason.id, reason.level, reason.probability, reason.threshold) == ("worse", "urgent", 0.15, 0.15)


def test_the_highest_posterior_is_asked_of_causes_below_their_limit_alone(small, asked):
    result = assess(*small, {"numb": PRESENT}, posterior=NO_CAUSE | {"bad": 0.3})
    assert asked == [["worse"]]
    assert result.level == "urgent"


@pytest.mark.parametrize(("answers", "unsure"), [({"numb": PRESENT}, ()), ({}, ("numb",))])
def test_an_alarm_present_or_answered_dont_know_is_enough_to_ask_for_the_highest_posterior(
    small, asked, answers, unsure
):
    assess(*small, answers, unsure, posterior=NO_CAUSE)
    assert asked == [["bad", "worse"]]


def test_without_an_alarm_the_posterior_is_taken_as_it_is(small, asked):
    assess(*small, {"numb": ABSENT}, posterior=NO_CAUSE)
    assert asked == []


@pytest.mark.parametrize(("posterior", "level"), [(None, "routine"), ({}, "self_care")])
def test_without_posteriors_the_level_is_routine_at_least(posterior, level):
    knowledge = knowledge_of((), (), (finding("numb"),), (rule("numb", "routine", "numb"),))
    assert assess_urgency(knowledge, network_of(knowledge), {}, (), posterior).level == level


@pytest.mark.usefixtures("asked")
def test_what_would_raise_the_level_stands_highest_first_and_is_above_it(small):
    given = ALL_ABSENT | {"numb": PRESENT, "ache": PRESENT, "jerk": PRESENT, "ache_spreading": PRESENT}
    result = assess(*small, {name: answer for name, answer in given.items() if name != "droop"}, posterior=NO_CAUSE)
    assert [(one.id, one.level, one.finding, one.at_least) for one in result.raised_by] == [
        ("droop_numb", "emergency", "droop", None),
        ("fast_ache", "emergency", "ache_onset", "fast"),
        ("droop", "urgent", "droop", None),
        ("ache_weeks_spreading", "urgent", "ache_onset", "weeks"),
    ]


@pytest.mark.usefixtures("asked")
def test_what_is_taken_to_be_there_is_named_as_not_asked_and_would_not_raise_the_level(denial):
    result = assess(*denial, {"droop": PRESENT}, posterior=NO_CAUSE)
    (reason,) = [reason for reason in result.reasons if reason.id == "new_droop"]
    assert (result.level, reason.findings, reason.assumed) == ("emergency", ("droop",), ("droop_new",))
    assert "droop_new" in result.not_asked
    result = assess(*denial, {"droop": PRESENT, "droop_new": ABSENT}, posterior=NO_CAUSE)
    assert (result.level, ids(result)) == ("urgent", ["droop"])
    assert "new_droop" not in {one.id for one in result.raised_by}


@pytest.mark.usefixtures("asked")
def test_a_rule_of_the_level_that_there_is_would_not_raise_it(small):
    given = {name: answer for name, answer in ALL_ABSENT.items() if name != "ache"} | {"numb": PRESENT}
    result = assess(*small, given, posterior=NO_CAUSE)
    assert (result.level, ids(result)) == ("routine", ["numb", "red_flags_not_asked"])
    assert result.raised_by == ()  # "ache" alone is routine, too


@pytest.mark.usefixtures("asked")
def test_an_attribute_of_an_absent_complaint_would_not_raise_the_level(small):
    given = ALL_ABSENT | {"jerk": PRESENT}
    result = assess(*small, given, posterior=NO_CAUSE)
    assert result.raised_by == ()
    del given["ache"]
    result = assess(*small, given, posterior=NO_CAUSE)
    assert [(one.id, one.finding) for one in result.raised_by] == [("fast_ache", "ache_onset")]


def test_a_question_of_two_emergency_rules_is_ruled_out_below_the_lower_of_their_levels_only():
    knowledge = knowledge_of(
        (),
        (),
        (finding("ache"), finding("ache_onset", gate="ache", levels=("slow", "weeks", "fast")), finding("jerk")),
        (
            rule("fast", "emergency", ("ache_onset", "fast"), "jerk"),
            rule("weeks", "emergency", ("ache_onset", "weeks"), "jerk"),
        ),
    )
    network = network_of(knowledge)
    levels = {
        onset: assess(
            knowledge, network, {"jerk": ABSENT, "ache_onset": [float(i == onset) for i in range(4)]}, posterior={}
        ).level
        for onset in (1, 2, 3)
    }
    assert levels == {1: "self_care", 2: "routine", 3: "routine"}
