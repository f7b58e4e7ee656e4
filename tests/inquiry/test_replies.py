"""What people type is read as they mean it, or said not to be understood; never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legdx.inquiry.replies import Reply, read_reply

YES_NO = (("present", "absent"), ("yes", "no"))
ONSET = (("gradual", "weeks", "days", "sudden"), ("slowly, over months", "over weeks", "over days", "suddenly"))
SEX = (("female", "male"), ("female", "male"))


@pytest.mark.parametrize("text", ["y", "Y", "yes", " Yes! ", "1", "present", "YES."])
def test_yes(text):
    assert read_reply(text, *YES_NO) == Reply("answer", "present")


@pytest.mark.parametrize("text", ["n", "no", "2", "nope", "absent", "No, "])
def test_no(text):
    assert read_reply(text, *YES_NO) == Reply("answer", "absent")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("d", "unknown"),
        ("don't know", "unknown"),
        ("Don’t  know.", "unknown"),
        ("r", "refused"),
        ("prefer not to say", "refused"),
        ("skip", "not_asked"),
        ("n/a", "not_applicable"),
    ],
)
def test_no_answer_is_never_taken_for_no(text, value):
    assert read_reply(text, *YES_NO) == Reply("answer", value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("?", "why"), ("back", "back"), ("B", "back"), ("h", "help"), ("q", "result"), ("more", "more")],
)
def test_commands(text, kind):
    assert read_reply(text, *YES_NO) == Reply(kind)


@pytest.mark.parametrize(
    "text", ["", "   ", "0", "3", "-1", "yes no", "present absent", "1.5", "²", "\x00", "e" * 10_000]
)
def test_what_is_no_answer_is_unclear(text):
    assert read_reply(text, *YES_NO) == Reply("unclear")


def test_levels_by_number_name_and_beginning():
    assert read_reply("4", *ONSET).value == "sudden"
    assert read_reply("over days", *ONSET).value == "days"
    assert read_reply("sudd", *ONSET).value == "sudden"
    assert read_reply("over", *ONSET) == Reply("unclear")
    assert read_reply("m", *SEX).value == "male"
    assert read_reply("female", *SEX).value == "female"


def test_an_age_is_taken_as_typed_and_its_number_chooses_nothing():
    assert read_reply("67 years", (), (), number=True) == Reply("answer", "67")
    assert read_reply("1", (), (), number=True) == Reply("answer", "1")
    assert read_reply("d", (), (), number=True) == Reply("answer", "unknown")


@given(st.text())
def test_anything_typed_is_a_reply_and_an_answer_only_to_a_state_or_a_kind_of_missing(text):
    found = read_reply(text, *ONSET)
    assert found.value in {None, *ONSET[0], "unknown", "refused", "not_asked", "not_applicable"}
    assert (found.kind == "answer") == (found.value is not None)
