"""Each packaged rule fires on its own literals, and asks for what it lacks."""

import pytest

from legdx.knowledge import load_knowledge
from legdx.urgency import LEVELS, Urgency
from tests.urgency.conftest import PACKAGED
from tests.urgency.people import assess, height, one_hot

KNOWLEDGE = load_knowledge(PACKAGED)
RULES = KNOWLEDGE.red_flags
NOTHING = dict.fromkeys(KNOWLEDGE.causes, 0.0)
NO_CAUSE = {"bad": 0.0, "worse": 0.0}


@pytest.fixture(autouse=True)
def rules_alone(monkeypatch):
    """What a posterior may be over less alarming answers is tested elsewhere, and takes a pass over the network."""
    monkeypatch.setattr("legdx.urgency.assess.highest_posteriors", lambda *_: {})


def answers_for(network, rule):
    return {one.finding: one_hot(network, one.finding, one.at_least or 1) for one in rule.literals}


@pytest.mark.parametrize("name", RULES)
def test_the_literals_of_a_rule_alone_fire_it_and_the_level_is_at_least_its_own(leg, name):
    knowledge, network = leg
    rule = knowledge.red_flags[name]
    result = assess(knowledge, network, answers_for(network, rule), posterior=NOTHING)
    assert height(result.level) >= height(rule.level)
    (reason,) = [reason for reason in result.reasons if reason.id == name]
    assert (reason.kind, reason.level, reason.source) == ("rule", rule.level, rule.source)
    assert reason.findings == tuple(literal.finding for literal in rule.literals)
    assert reason.assumed == ()
    assert reason.text == knowledge.text_of(f"red_flag.{name}")
    assert reason.claims == rule.claims


@pytest.mark.parametrize("name", RULES)
def test_a_rule_without_one_of_its_literals_does_not_fire_and_says_what_is_missing(leg, name):
    knowledge, network = leg
    rule = knowledge.red_flags[name]
    given = answers_for(network, rule)
    for missing in (literal for literal in rule.literals if not literal.unless_denied):
        rest = {finding: answer for finding, answer in given.items() if finding != missing.finding}
        if knowledge.findings[missing.finding].gate in rest or any(
            knowledge.findings[finding].gate == missing.finding for finding in rest
        ):
            continue  # an attribute that is there means that its gate is
        result = assess(knowledge, network, rest, posterior=NOTHING)
        assert name not in {reason.id for reason in result.reasons}
        asked = {(one.id, one.finding, one.at_least) for one in result.raised_by}
        if height(rule.level) > height(result.level):
            assert (name, missing.finding, missing.at_least) in asked


DENIABLE = [(name, literal) for name, rule in RULES.items() for literal in rule.literals if literal.unless_denied]
ONE_EACH = pytest.mark.parametrize(("name", "literal"), DENIABLE, ids=lambda one: getattr(one, "finding", one))


@ONE_EACH
@pytest.mark.parametrize("answered", ["blank", "don't know", "says nothing", "leans to no"])
def test_what_a_rule_takes_to_be_there_needs_no_answer_and_the_reason_says_so(leg, name, literal, answered):
    knowledge, network = leg
    given = answers_for(network, knowledge.red_flags[name])
    sure = given.pop(literal.finding)
    unsure = (literal.finding,) if answered == "don't know" else ()
    if answered == "says nothing":
        given[literal.finding] = [1.0] * len(sure)
    if answered == "leans to no":
        at = sure.index(1.0)
        given[literal.finding] = [0.9 if state < at else 0.1 for state in range(len(sure))]
    result = assess(knowledge, network, given, unsure, posterior=NOTHING)
    (reason,) = [reason for reason in result.reasons if reason.id == name]
    assert reason.assumed == (literal.finding,)
    assert literal.finding not in reason.findings
    assert result.level == RULES[name].level


@ONE_EACH
def test_denying_what_a_rule_takes_to_be_there_ends_the_rule_and_leaves_it_urgent_at_least(leg, name, literal):
    knowledge, network = leg
    given = answers_for(network, knowledge.red_flags[name])
    states = network.variables[network.index[literal.finding]].states
    first = 1 if literal.at_least is None else states.index(literal.at_least)
    levels = knowledge.findings[literal.finding].levels
    for state in range(1 if levels else 0, first):  # an attribute with levels has one whenever its complaint is there
        denied = given | {literal.finding: one_hot(network, literal.finding, state)}
        result = assess(knowledge, network, denied, posterior=NOTHING)
        assert name not in {reason.id for reason in result.reasons}
        assert name not in {one.id for one in result.raised_by}
        assert height(result.level) >= height("urgent")


def test_sudden_weakness_that_was_over_a_week_ago_is_urgent_and_no_emergency(leg):
    knowledge, network = leg
    sudden = {"weakness_onset": one_hot(network, "weakness_onset", "sudden")}
    answered = {
        state: sudden | {"weakness_in_last_week": one_hot(network, "weakness_in_last_week", state)} for state in (0, 1)
    } | {None: sudden}
    levels = {state: assess(knowledge, network, one, posterior=NOTHING).level for state, one in answered.items()}
    assert levels == {0: "urgent", 1: "emergency", None: "emergency"}


def test_every_literal_of_a_rule_has_a_rule_of_its_own_or_a_gate_with_one(leg):
    # Else an emergency question answered "yes" would make a case routine without saying why.
    knowledge, _ = leg
    alone = {rule.literals[0].finding for rule in RULES.values() if len(rule.literals) == 1}
    questions = {one.finding for rule in RULES.values() if rule.level == "emergency" for one in rule.literals}
    assert [f for f in questions if f not in alone and knowledge.findings[f].gate not in alone] == []


def test_an_attribute_that_is_there_fires_the_rules_of_its_gate(leg):
    knowledge, network = leg
    given = {
        "weakness_onset": one_hot(network, "weakness_onset", "gradual"),
        "breathlessness_at_rest": one_hot(network, "breathlessness_at_rest", "present"),
    }
    assert "weakness_with_breathlessness" in {
        r.id for r in assess(knowledge, network, given, posterior=NOTHING).reasons
    }


def test_reasons_stand_highest_first_and_survive_json(leg):
    knowledge, network = leg
    given = {
        name: one_hot(network, name, 1)
        for name in ("weakness", "breathlessness_at_rest", "numbness_or_tingling", "tremor", "slurred_speech")
    }
    result = assess(knowledge, network, given)
    levels = [reason.level for reason in result.reasons]
    assert levels == sorted(levels, key=LEVELS.index)
    assert result.level == levels[0] == "emergency"
    assert Urgency.from_dict(result.to_dict()) == result


@pytest.mark.parametrize(
    ("present", "absent", "holds"), [(0.0, 1.0, False), (0.4, 0.5, False), (0.5, 0.4, True), (1.0, 0.0, True)]
)
def test_a_soft_answer_holds_when_present_is_as_likely_as_absent(small, present, absent, holds):
    knowledge, network = small
    result = assess(knowledge, network, {"droop": [absent, present]}, posterior=NO_CAUSE)
    assert ("droop" in {reason.id for reason in result.reasons}) == holds


def test_an_answer_that_says_nothing_is_no_answer(small):
    knowledge, network = small
    result = assess(knowledge, network, {"droop": [0.5, 0.5]}, posterior=NO_CAUSE)
    assert "droop" in result.not_asked
    assert "droop" not in {reason.id for reason in result.reasons}


def test_an_answer_that_leans_to_no_level_holds_at_the_more_alarming_one(small):
    knowledge, network = small
    given = {"jerk": [0.0, 1.0], "ache_onset": [0.0, 1.0, 0.0, 1.0]}
    assert assess(knowledge, network, given, posterior=NO_CAUSE).level == "emergency"


WHEN_NEW = {
    "usual_fit": "a first fit",
    "saddle_numbness_of_long_standing": "if it is new",
    "lasting_cold_leg_with_severe_pain": "within the last two weeks",
    "lasting_cold_leg_with_colour_change": "within the last two weeks",
    "lasting_cold_leg_with_numbness": "within the last two weeks",
    "sciatica_with_lasting_weakness_of_both_legs": "if it is new",
}
"""Rules for what is old or usual -> what they say of the other; they stand beside the emergency too."""


@pytest.mark.parametrize(("name", "words"), WHEN_NEW.items())
def test_a_rule_for_what_is_old_is_true_for_what_is_new_as_it_is_shown_beside_the_emergency(leg, name, words):
    knowledge, network = leg
    result = assess(knowledge, network, answers_for(network, knowledge.red_flags[name]), posterior=NOTHING)
    assert result.level == "emergency"
    (reason,) = [reason for reason in result.reasons if reason.id == name]
    assert words in reason.text


HONEST = {
    "an abscess beside the spine, after slow weakness that grows now": {
        "fever": "present", "back_pain": "present", "weakness_onset": "gradual", "weakness_getting_worse": "present",
        "weakness_in_last_week": "present",
    },
    "a fit with fever in somebody who has had fits before": {
        "convulsions": "present", "first_or_different_fit": "absent", "fever": "present",
    },
    "a fit from low sugar in somebody who has had fits before": {
        "convulsions": "present", "first_or_different_fit": "absent", "glucose_low": "present",
    },
    "numbness of the saddle that is not new, with back pain": {
        "saddle_numbness": "present", "saddle_numbness_new": "absent", "back_pain": "present",
    },
    "a fit from low calcium in somebody who has had such before": {
        "convulsions": "present", "first_or_different_fit": "absent", "calcium_low": "present",
    },
}  # fmt: skip
"""What somebody answers who has it, denials included."""


@pytest.mark.parametrize("name", HONEST)
def test_who_answers_truly_that_something_is_not_new_keeps_an_emergency_that_does_not_rest_on_it(leg, name):
    knowledge, network = leg
    answers = {finding: one_hot(network, finding, state) for finding, state in HONEST[name].items()}
    assert assess(knowledge, network, answers, posterior=NOTHING).level == "emergency"


ABOUT = {"saddle_numbness_new": "numbness", "cold_leg_new": "leg", "leg_swelling_new": "swelling"}


@pytest.mark.parametrize(("name", "complaint"), ABOUT.items())
def test_a_question_whether_a_complaint_is_new_can_be_read_without_the_question_before_it(name, complaint):
    question = KNOWLEDGE.text_of(f"finding.{name}.question")
    assert complaint in question
    assert not {"that", "those", "it"} & set(question.lower().replace(",", "").rstrip("?").split())


def test_whose_one_leg_was_weak_for_minutes_is_asked_for_that_leg_and_those_minutes():
    question = KNOWLEDGE.text_of("finding.weakness_in_last_week.question")
    assert "one or both" in question
    assert "short time" in question


def test_what_the_rule_for_fits_says_always_needs_an_ambulance_is_in_the_question_that_denies_it():
    question = KNOWLEDGE.text_of("finding.first_or_different_fit.question")
    assert all(words in question for words in ("first", "over five minutes", "right after another", "in pregnancy"))


def test_whose_fast_weakness_is_over_is_told_what_to_do_when_it_comes_back(leg):
    knowledge, network = leg
    over = {"weakness_onset": "sudden", "weakness_in_last_week": "absent"}
    answers = {finding: one_hot(network, finding, state) for finding, state in over.items()}
    (reason,) = [one for one in assess(knowledge, network, answers, posterior=NOTHING).reasons if one.level == "urgent"]
    assert reason.id == "fast_weakness"
    assert "call an emergency number if it comes back" in reason.text
