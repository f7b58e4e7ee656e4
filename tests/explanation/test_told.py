"""What is told holds every part that was worked out, and names every part that was too costly."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from legdx.errors import TooCostlyError
from legdx.explanation.flip import Change, Flip
from legdx.explanation.ranking import CauseSet
from legdx.explanation.records import Explanation, Unavailable
from legdx.explanation.told import Told, tell

SETS = (CauseSet(causes=("a", "b"), would_go=1.5, probability=0.25),)
FIRST = Flip(
    effect="first_cause", changes=(Change(variable="numb", given="absent", instead="present"),), before="a", after="b"
)
URGENT = Flip(
    effect="urgency",
    changes=(Change(variable="droop", given="absent", instead="present"),),
    before="routine",
    after="urgent",
)


def explained(cause, _language):
    return Explanation(
        cause=cause, label=cause, level="all", prior=0.1, background=0.1, posterior=0.2, prior_decibans=-9.5,
        background_decibans=-9.5, posterior_decibans=-6.0,
    )  # fmt: skip


def too_costly(*_):
    raise TooCostlyError(predicted_entries=8, predicted_bytes=64, predicted_seconds=1.0)


def reasons(**other):
    """Five causes that explain, of which one is also to be ruled out beside a sixth."""
    entries = [SimpleNamespace(cause=name) for name in "abcdef"]
    parts = {
        "ranking": SimpleNamespace(explains=tuple(entries[:5]), rule_out=(entries[0], entries[5])),
        "explain": explained,
        "table": lambda: None,
        "sets": lambda: SETS,
        "conflict": lambda: None,
        "outside": lambda: None,
        "doubts": lambda: ("age_missing",),
        "flips": lambda effect="first_cause": (FIRST,) if effect == "first_cause" else (URGENT,),
    }
    return SimpleNamespace(**parts | other)


def test_the_first_three_causes_and_those_to_rule_out_are_explained_once_each():
    assert [one.cause for one in tell(reasons()).explanations] == ["a", "b", "c", "f"]


def test_sets_and_the_flips_of_both_effects_are_told():
    told = tell(reasons())
    assert told.sets == SETS
    assert told.flips == (FIRST, URGENT)
    assert told.doubts == ("age_missing",)
    assert told.unavailable == ()


@pytest.mark.parametrize(
    ("part", "quantities"),
    [
        ("explain", ["explanation"]),
        ("table", ["table"]),
        ("sets", ["sets"]),
        ("conflict", ["conflict"]),
        ("outside", ["outside"]),
        ("flips", ["first_cause_flips", "urgency_flips"]),
    ],
)
def test_a_part_that_is_too_costly_is_left_out_and_named_once(part, quantities):
    told = tell(reasons(**{part: too_costly}))
    assert told.unavailable == tuple(Unavailable(quantity, "too_costly") for quantity in quantities)
    assert len(told.explanations) == (0 if part == "explain" else 4)
    assert told.sets == (() if part == "sets" else SETS)
    assert told.flips == (() if part == "flips" else (FIRST, URGENT))


def test_what_is_told_survives_json():
    told = tell(reasons())
    assert Told.from_dict(json.loads(json.dumps(told.to_dict()))) == told
