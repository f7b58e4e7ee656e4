"""What a scored table can hold: groups of columns, each added to a list by one function.

A group says which columns it has and what they hold for one assessment. `register` adds it; `score_table` and
`legdx score` then know it by its name. What every table has, `status` and `reason`, is no group.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from legdx.assessment import Assessment
from legdx.case import MISSING
from legdx.errors import LegdxError, UnknownNameError

__all__ = ["COUNTS", "STATUS", "ColumnGroup", "Kind", "expand", "groups", "kinds_of", "output_columns", "register"]

Kind = Literal["text", "count", "number"]
Causes = Sequence[str]

COUNTS = ("answered", "unknown", "refused", "not_asked", "not_applicable")
STATUS: Mapping[str, Kind] = {"status": "text", "reason": "text"}
"""Columns of every table: `scored`, `rejected`, `impossible` or `too_costly`, and why."""


@dataclass(frozen=True)
class ColumnGroup:
    """Columns that belong together.

    Attributes:
        name: how it is asked for; no column of another group has this name.
        about: one line for people.
        columns: causes -> column -> what it holds.
        values: assessment and causes -> one value a column, in that order; None for nothing.
        many: the same as ``values`` for many assessments at once, where that is quicker.
        default: whether a table has it unless it says what it wants.
        by_cause: where it has one column a cause, called `<by_cause>_<cause>`: the name that this part has in a long
            table, which has a row a cause.

    """

    name: str
    about: str
    columns: Callable[[Causes], Mapping[str, Kind]]
    values: Callable[[Assessment, Causes], Iterable[Any]]
    default: bool = True
    by_cause: str | None = None
    many: Callable[[Sequence[Assessment], Causes], Sequence[Iterable[Any]]] | None = None

    def values_of(self, results: Sequence[Assessment], causes: Causes) -> Sequence[Iterable[Any] | LegdxError]:
        """Return the values of each assessment; an error for one that they cannot be had of."""
        return [self._of(result, causes) for result in results] if self.many is None else self.many(results, causes)

    def _of(self, result: Assessment, causes: Causes) -> Iterable[Any] | LegdxError:
        try:
            return self.values(result, causes)
        except LegdxError as error:
            return error


_BACKGROUND_QUESTIONS = 2
_GROUPS: dict[str, ColumnGroup] = {}


def register(group: ColumnGroup) -> None:
    """Add a group; raises LegdxError where its name, or that of one of its columns, is taken."""
    example = ("a_cause",)
    taken = {*_GROUPS, *STATUS, *(name for known in _GROUPS.values() for name in known.columns(example))}
    twice = sorted(taken & {group.name, *group.columns(example)})
    if twice:
        message = f"the output {twice[0]!r} is there already"
        raise LegdxError(message, hint="give the group and its columns names of their own")
    _GROUPS[group.name] = group


def groups() -> Mapping[str, ColumnGroup]:
    """Return all groups by name, in the order of their columns."""
    return dict(_GROUPS)


def kinds_of(causes: Causes) -> dict[str, Kind]:
    """Return every column that can be asked for, and what it holds, in order."""
    kinds: dict[str, Kind] = dict(STATUS)
    for group in _GROUPS.values():
        kinds |= group.columns(causes)
    return kinds


def output_columns(causes: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the columns that a table has unless it says what it wants, in order."""
    names = tuple(causes)
    chosen = (group for group in _GROUPS.values() if group.default)
    return (*STATUS, *(column for group in chosen for column in group.columns(names)))


def expand(wanted: Iterable[str], causes: Causes) -> tuple[str, ...]:
    """Return columns for names of groups and of columns; raises UnknownNameError for any other name."""
    known = kinds_of(causes)
    found: list[str] = []
    for name in wanted:
        if name in known:
            found.append(name)
        elif name in _GROUPS:
            found += _GROUPS[name].columns(causes)
        else:
            raise UnknownNameError(name, (*_GROUPS, *known), kind="column")
    return tuple(found)


def _fixed(**columns: Kind) -> Callable[[Causes], Mapping[str, Kind]]:
    return lambda causes: columns  # noqa: ARG005 - the same for all causes


def _by_cause(prefix: str, kind: Kind) -> Callable[[Causes], Mapping[str, Kind]]:
    return lambda causes: {f"{prefix}_{cause}": kind for cause in causes}


def _first(result: Assessment) -> tuple[str, float]:
    return next(iter(result.posterior.items()))


def _ranks(result: Assessment, causes: Causes) -> list[int]:
    """Ranks by posterior, 1 the highest; causes of the same posterior share a rank."""
    ordered = sorted(result.posterior.values(), reverse=True)
    first_at: dict[float, int] = {}
    for place, probability in enumerate(ordered, start=1):
        first_at.setdefault(probability, place)
    return [first_at[result.posterior[cause]] for cause in causes]


def _decibans(probability: float) -> float:
    """10 log10 of the odds; infinite for 0 and 1."""
    if probability <= 0.0:
        return -math.inf
    return math.inf if probability >= 1.0 else 10.0 * math.log10(probability / (1.0 - probability))


def _first_weight(result: Assessment) -> float | None:
    """Weight of evidence of all answers for the first cause; None where a diagnosis leaves no doubt."""
    cause, probability = _first(result)
    weight = _decibans(probability) - _decibans(result.prior[cause])
    return weight if math.isfinite(weight) else None


def _flags(result: Assessment) -> str:
    """What to know of a row: nothing answered, age and sex alone, no age, no sex, red flags not asked."""
    given = result.case.get("answers", {})

    def lacks(name: str) -> bool:
        said = given.get(name)
        return said is None or said in MISSING

    found = [
        flag
        for flag, holds in (
            ("no_answers", not result.counts.answered),
            ("only_age_and_sex", 0 < result.counts.answered <= _BACKGROUND_QUESTIONS - lacks("age") - lacks("sex")),
            ("no_age", lacks("age")),
            ("no_sex", lacks("sex")),
            ("red_flags_not_asked", any(reason.kind == "not_asked" for reason in result.urgency.reasons)),
        )
        if holds
    ]
    return ";".join(found)


for _group in (
    ColumnGroup(
        "counts",
        "how many questions were answered, and how not",
        lambda _: dict.fromkeys(COUNTS, "count"),
        lambda result, _: [getattr(result.counts, name) for name in COUNTS],
    ),
    ColumnGroup(
        "triage",
        "urgency and the rules that say so",
        _fixed(urgency="text", urgency_rules="text"),
        lambda result, _: (result.urgency.level, ";".join(reason.id for reason in result.urgency.reasons)),
    ),
    ColumnGroup(
        "first",
        "the most probable cause and its posterior probability",
        _fixed(first_cause="text", first_probability="number"),
        lambda result, _: _first(result),
    ),
    ColumnGroup(
        "evidence",
        "natural log of the probability of all answers together",
        _fixed(log_evidence="number"),
        lambda result, _: (result.log_evidence,),
    ),
    ColumnGroup(
        "flags",
        "what to know of a row: no_answers, only_age_and_sex, no_age, no_sex, cells_left_out and the like",
        _fixed(flags="text"),
        lambda result, _: (_flags(result),),
    ),
    ColumnGroup(
        "posteriors",
        "posterior probability of every cause",
        _by_cause("posterior", "number"),
        lambda result, causes: [result.posterior[cause] for cause in causes],
        by_cause="posterior",
    ),
    ColumnGroup(
        "ranks",
        "rank of every cause by posterior probability, 1 the highest",
        _by_cause("rank", "count"),
        _ranks,
        default=False,
        by_cause="rank",
    ),
    ColumnGroup(
        "weight",
        "weight of evidence of all answers for the first cause, in decibans",
        _fixed(first_weight_decibans="number"),
        lambda result, _: (_first_weight(result),),
        default=False,
    ),
):
    register(_group)
