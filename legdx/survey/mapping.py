"""A mapping as records: which column of a survey answers which variable, and how its cells are read."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from legdx.case import Missing
from legdx.errors import Where
from legdx.knowledge import FrozenMap
from legdx.survey.cells import Key
from legdx.survey.dialect import DETECTED, TableFormat
from legdx.survey.vocabulary import Askable

__all__ = [
    "Certainty",
    "Combination",
    "Conditions",
    "Cut",
    "Entry",
    "How",
    "MultiSelect",
    "NumberRule",
    "Part",
    "Reading",
    "RepeatedIds",
    "Skipped",
    "Soft",
    "SurveyMapping",
    "Target",
]

Conditions = tuple[tuple[str, frozenset[Key]], ...]
How = typing.Literal["any", "first", "product"]
RepeatedIds = typing.Literal["refuse", "keep", "first", "last"]
Soft = FrozenMap[float]
"""State -> likelihood: how likely the cell is where that state is true."""


@dataclass(frozen=True)
class Cut:
    """A range of numbers, from `low` to `high`, and its answer, or its kind of missing answer."""

    value: str | None
    missing: Missing | None
    low: float = float("-inf")
    high: float = float("inf")
    low_is_in: bool = True
    high_is_in: bool = True

    def holds(self, number: float) -> bool:
        """Say whether the number lies in the range."""
        above = number >= self.low if self.low_is_in else number > self.low
        below = number <= self.high if self.high_is_in else number < self.high
        return above and below


@dataclass(frozen=True)
class NumberRule:
    """The cell holds a number that, `times` a factor, is in `unit` and between the two `plausible` ones."""

    unit: str
    plausible: tuple[float, float]
    times: float = 1.0


@dataclass(frozen=True)
class Skipped:
    """What a blank cell is where the condition holds: an answer, or a kind of missing answer."""

    when: Conditions
    value: str | None
    missing: Missing | None


@dataclass(frozen=True)
class Certainty:
    """The column that says how sure a person is, as the probability that the answer is right.

    `known` leads from a cell to it; `points` (number, probability) are joined by straight lines; `blank` is used where
    nothing was said.
    """

    column: str
    known: Mapping[Key, float]
    points: tuple[tuple[float, float], ...]
    blank: float


@dataclass(frozen=True)
class Reading:
    """How the cells of one column are read.

    `known` leads from a cell to its answer, to likelihoods of answers, or to its number; `missing` to its kind of
    missing answer. `codes` are all of these cells as written in the file, for hints. `states` are the answers that a
    certainty is spread over.
    """

    column: str
    known: Mapping[Key, str | float | Soft]
    missing: Mapping[Key, Missing]
    blank: Missing
    cuts: tuple[Cut, ...]
    number: NumberRule | None
    codes: tuple[str, ...]
    when: Conditions = ()
    skipped: tuple[Skipped, ...] = ()
    certainty: Certainty | None = None
    states: tuple[str, ...] = ()
    comma: bool = False
    ignore_case: bool = False


@dataclass(frozen=True)
class Combination:
    """Several columns that give one answer; `cuts` read the number that a product gives."""

    how: How
    parts: tuple[Part, ...]
    cuts: tuple[Cut, ...] = ()
    when: Conditions = ()


Part = Reading | Combination


@dataclass(frozen=True)
class Entry:
    """One variable (or laboratory analyte) and where its answers come from; `where` is its place in the file."""

    askable: Askable
    part: Part
    where: Where
    unsure: str | None = None

    @property
    def name(self) -> str:
        """What it is called in records: its variable."""
        return self.askable.name

    @property
    def askables(self) -> tuple[Askable, ...]:
        """The variable or analyte that it fills."""
        return (self.askable,)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the answer depends on, once, in the order of the file."""
        return tuple(dict.fromkeys(_columns_of(self.part)))


@dataclass(frozen=True)
class Target:
    """What a tick says: an answer to a variable; `none` of the others; a kind of missing answer; or nothing."""

    kind: typing.Literal["answer", "none", "missing", "ignored"]
    variable: str = ""
    value: str = ""
    missing: Missing = "not_asked"


@dataclass(frozen=True)
class MultiSelect:
    """A question with several ticks: one column that holds a list, or a column a box.

    `targets` runs over options (of a list) or columns (boxes). `ticked` are the cells of a box that are a tick, None
    for any that is not blank; `unticked` those that are none. `askables` are the variables that it fills.
    """

    question: str
    targets: Mapping[str, Target]
    askables: tuple[Askable, ...]
    where: Where
    column: str | None = None
    separator: str = ""
    other_is_bad: bool = True
    ticked: frozenset[Key] | None = None
    unticked: frozenset[Key] = frozenset()
    missing: Mapping[Key, Missing] = field(default_factory=dict)
    blank: Missing = "not_asked"
    unticked_is_absent: bool = False
    shown_when: Conditions = ()
    skipped: tuple[Skipped, ...] = ()
    ignore_case: bool = False
    unsure: str | None = None

    @property
    def name(self) -> str:
        """What it is called in records: its question."""
        return self.question

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the answers depend on, once."""
        own = (self.column,) if self.column is not None else tuple(self.targets)
        others = [column for column, _ in self.shown_when]
        others += [column for rule in self.skipped for column, _ in rule.when]
        return tuple(dict.fromkeys((*own, *others)))


@dataclass(frozen=True)
class SurveyMapping:
    """A mapping that has been checked against a model; `digest` is the SHA-256 of the file, whatever its line ends."""

    name: str
    source: str | None
    file: str
    digest: str
    entries: tuple[Entry, ...]
    questions: tuple[MultiSelect, ...]
    unused: FrozenMap[str]
    id_columns: tuple[str, ...] = ()
    repeated_ids: RepeatedIds = "refuse"
    weight_column: str | None = None
    strata_columns: tuple[str, ...] = ()
    only_rows: Conditions = ()
    table: TableFormat = DETECTED

    @property
    def owners(self) -> tuple[Entry | MultiSelect, ...]:
        """Everything that fills variables."""
        return (*self.entries, *self.questions)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the model that the mapping fills."""
        askables = (askable for owner in self.owners for askable in owner.askables)
        return tuple(variable for askable in askables for variable in askable.variables)

    @property
    def answer_columns(self) -> tuple[str, ...]:
        """Every column that some answer depends on."""
        return tuple(dict.fromkeys(column for owner in self.owners for column in owner.columns))

    @property
    def copied_columns(self) -> tuple[str, ...]:
        """The columns that are copied to the output: ids, weight, strata."""
        weight = () if self.weight_column is None else (self.weight_column,)
        return tuple(dict.fromkeys((*self.id_columns, *weight, *self.strata_columns)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the mapping uses."""
        rows = [column for column, _ in self.only_rows]
        return tuple(dict.fromkeys((*self.copied_columns, *self.answer_columns, *rows)))

    @property
    def unsure(self) -> tuple[Entry | MultiSelect, ...]:
        """What a draft marked, and nobody has looked at yet."""
        return tuple(owner for owner in self.owners if owner.unsure is not None)


def _columns_of(part: Part) -> Iterator[str]:
    yield from (column for column, _ in part.when)
    if isinstance(part, Reading):
        yield part.column
        yield from (column for rule in part.skipped for column, _ in rule.when)
        if part.certainty is not None:
            yield part.certainty.column
    else:
        for inner in part.parts:
            yield from _columns_of(inner)
