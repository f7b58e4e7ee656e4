"""An interview without a terminal: what is asked, taken back, explained, offered; nothing typed can break it."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legdx.case import Questionnaire
from legdx.engine import Budget
from legdx.inquiry import Said, Settings, next_questions
from legdx.inquiry.dialogue import Script, begin, reply
from legdx.inquiry.words import Words
from tests.inquiry.models import tiny

KNOWLEDGE, NETWORK = tiny()
READ = Questionnaire(KNOWLEDGE, NETWORK).read


def script_of(opening=("age", "sex", "ache"), **chosen):
    choice = Settings(**{"costs": {"question": 1.0}, "candidates": None, "decide_stop": True, **chosen})

    def advise(answers, closed, among):
        case = READ(answers)
        names = {name for name, answer in case.answers.items() if answer.missing != "not_asked"}
        said = Said(case.evidence(NETWORK), names | set(closed), case.unsure)
        return next_questions(KNOWLEDGE, NETWORK, said, 1, among=among, settings=choice)

    return Script(words=Words(KNOWLEDGE), network=NETWORK, opening=opening, check=READ, advise=advise)


SCRIPT = script_of()


def play(*typed, script=SCRIPT, answers=()):
    turn = begin(script, dict(answers))
    for text in typed:
        turn = reply(script, turn.state, text)
    return turn


def test_it_opens_with_the_notice_and_the_first_question():
    turn = play()
    assert turn.state.asked == "age"
    assert "not a medical device" in turn.lines[0]
    assert any("How old are you" in line for line in turn.lines)


def test_answers_are_kept_in_order_and_the_next_question_follows():
    turn = play("67", "m")
    assert turn.state.history == (("age", "67"), ("sex", "male"))
    assert turn.state.asked == "ache"


def test_what_alone_makes_an_emergency_is_asked_as_soon_as_its_complaint_is_there():
    opening = ("age", "sex", "ache", "numb")
    assert play("67", "m", "yes", script=script_of(opening)).state.asked == "ache_onset"
    assert play("67", "m", "no", script=script_of(opening)).state.asked == "numb"


def test_an_attribute_offers_no_state_that_its_complaint_rules_out():
    turn = play("67", "m", "yes")
    assert turn.state.asked == "ache_onset"
    assert "1 slow" in " ".join(turn.lines)
    assert "none" not in " ".join(turn.lines)


def test_back_takes_the_last_answer_back_and_asks_again():
    turn = play("67", "m", "yes", "b")
    assert (turn.state.asked, turn.state.answers) == ("ache", {"age": "67", "sex": "male"})
    assert "Your answer was: yes." in turn.lines[0]
    assert play("b").state.asked == "age"
    assert play("67", "b", "b", "b").state.history == ()


@pytest.mark.parametrize(
    ("typed", "value"), [("d", "unknown"), ("r", "refused"), ("n/a", "not_applicable"), ("n", "absent")]
)
def test_every_kind_of_missing_answer_is_kept_apart(typed, value):
    assert play("67", "m", typed).state.answers["ache"] == value


def test_a_skipped_question_is_no_answer_and_is_not_asked_again_in_this_sitting():
    turn = play("67", "m", "s")
    assert "ache" not in turn.state.answers
    asked = {turn.state.asked}
    while turn.state.phase == "asking":
        turn = reply(SCRIPT, turn.state, "s")
        asked.add(turn.state.asked)
    assert "ache" not in asked
    assert play(answers=turn.state.answers).state.asked == "ache"


def test_why_says_the_numbers_and_asks_again():
    turn = play("67", "m", "yes", "?")
    assert turn.state.asked == "ache_onset"
    assert "Fast aches are dangerous." in " ".join(turn.lines)
    assert "bits" in " ".join(turn.lines)
    assert play("?").state.asked == "age"


def test_help_and_what_is_not_understood_change_nothing():
    before = play("67").state
    for text in ("h", "", "perhaps in spring", "more", "\x1b[A"):
        assert reply(SCRIPT, before, text).state == before


def test_an_age_that_cannot_be_is_asked_again_with_the_reason():
    turn = play("abc")
    assert (turn.state.asked, turn.state.history) == ("age", ())
    assert "not an age" in turn.lines[0]
    assert "18 years and over" in play("12").lines[0]


def test_an_answer_that_cannot_be_true_with_the_others_is_not_kept():
    known = {"age": 67, "sex": "male", "ache_onset": "fast"}
    before = dataclasses.replace(play(answers=known).state, asked="ache", phase="asking")
    turn = reply(SCRIPT, before, "no")
    assert "cannot be true" in turn.lines[0]
    assert turn.state == before


def test_the_result_is_offered_when_further_answers_hardly_matter_and_can_be_turned_down():
    script = script_of(opening=("age", "sex", "ache", "droop"), stop_below=1.0)
    turn = play("67", "m", "yes", "slow", "no", script=script)
    assert (turn.state.phase, turn.state.asked) == ("offering", None)
    assert "100 %" in turn.lines[0]
    assert reply(script, turn.state, "").state.phase == "over"
    assert reply(script, turn.state, "b").state.asked == turn.state.history[-1][0]
    assert reply(script, turn.state, "what?").state == turn.state
    assert reply(script, turn.state, "yes").state == turn.state
    more = reply(script, turn.state, "more")
    assert (more.state.phase, more.state.asked) == ("asking", "numb")


def test_it_says_that_stopping_was_not_worked_out_and_goes_on_asking():
    late = {"candidates": 1, "stop_below": 1.0, "decide_seconds": -1.0, "costs": {"question": 1.0, "examination": 10.0}}
    script = script_of(opening=("age", "sex", "ache", "droop"), **late)
    turn = play("67", "m", "yes", "slow", "no", script=script)
    assert turn.state.phase == "asking"
    assert "not worked out" in turn.lines[0]
    assert turn.lines[1:] == play("67", "m", "yes", "slow", "no", "h", script=script).lines[-len(turn.lines[1:]) :]
    assert "not worked out" not in " ".join(play("67", "m", "yes", script=script).lines)


def test_it_ends_when_nothing_is_left_or_when_told_to():
    turn = play()
    while turn.state.phase == "asking":
        turn = reply(SCRIPT, turn.state, "d")
    assert turn.state.phase == "offering"
    assert set(turn.state.answers) == {"age", "sex", "ache", "numb", "droop"}
    assert "nothing left" in turn.lines[0]
    assert reply(SCRIPT, turn.state, "more").state.phase == "offering"
    over = play("67", "q")
    assert over.state.phase == "over"
    assert reply(SCRIPT, over.state, "anything").state == over.state


def test_it_goes_on_from_a_case():
    turn = play(answers={"age": 67, "sex": "female", "numb": {"likelihood": {"present": 0.8, "absent": 0.2}}})
    assert turn.state.asked == "ache"
    assert "3 answers" in turn.lines[1]
    assert reply(SCRIPT, turn.state, "b").state.asked == "numb"


def test_it_goes_on_where_the_numbers_cost_too_much():
    script = script_of(budget=Budget(seconds=0.0))
    turn = play("67", "m", "yes", script=script)
    assert turn.state.asked == "ache_onset"
    assert "take too long" in " ".join(reply(script, turn.state, "?").lines)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from(["y", "n", "1", "2", "b", "?", "s", "d", "more", "67", ""]), st.text()), max_size=12
    )
)
def test_nothing_typed_breaks_it_and_its_answers_can_always_be_read(typed):
    turn = begin(SCRIPT, {})
    for text in typed:
        turn = reply(SCRIPT, turn.state, text)
        READ(turn.state.answers)
        assert (turn.state.asked is None) == (turn.state.phase != "asking")
