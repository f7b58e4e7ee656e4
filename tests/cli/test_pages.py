"""What people read of a result in the terminal."""

from __future__ import annotations

from types import SimpleNamespace

from legdx.cli.pages import _taken_to_be_so
from legdx.urgency import Reason, Urgency


def test_what_a_rule_takes_to_be_there_is_not_said_to_lack_an_answer_as_a_soft_one_may_have_been_given():
    reasons = tuple(Reason(id=name, kind="rule", level="emergency", assumed=("fit_new",)) for name in ("fit", "fall"))
    knowledge = SimpleNamespace(label=lambda name: f"a {name}")
    assert _taken_to_be_so(Urgency(level="emergency", reasons=reasons), knowledge) == (
        "  Taken to be so, as no answer rules it out: a fit_new.",
    )
    assert _taken_to_be_so(Urgency(level="self_care"), knowledge) == ()
