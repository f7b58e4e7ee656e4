"""A mapping file as records: which column of a survey answers which variable, and how its cells are read."""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from legdx.case import MISSING, Missing
from legdx.errors import MappingError, Where
from legdx.knowledge import FrozenMap
from legdx.knowledge.nodes import Node
from legdx.knowledge.yaml_text import read_yaml
from legdx.survey.cells import Key, cell_key, column_name
from legdx.survey.mapping_rules import rule_issues
from legdx.survey.mapping_schema import schema_issues
from legdx.survey.vocabulary import AGE, PLAUSIBLE_AGE, Askable, Holder, Vocabulary

__all__ = ["Combination", "Cut", "Entry", "NumberRule", "Part", "Reading", "SurveyMapping", "load_mapping"]

Conditions = tuple[tuple[str, frozenset[Key]], ...]
How = typing.Literal["any", "first", "product"]


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
    """The cell is the answer: a number in `unit`, between the two `plausible` ones."""

    unit: str
    plausible: tuple[float, float]


@dataclass(frozen=True)
class Reading:
    """How the cells of one column are read.

    `known` leads from a cell to its answer, or to its number; `missing` to its kind of missing answer. `codes` are all
    of these cells as written in the file, for hints.
    """

    column: str
    known: Mapping[Key, str | float]
    missing: Mapping[Key, Missing]
    blank: Missing
    cuts: tuple[Cut, ...]
    number: NumberRule | None
    codes: tuple[str, ...]
    when: Conditions = ()


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

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the answer depends on, once, in the order of the file."""
        return tuple(dict.fromkeys(_columns_of(self.part)))


@dataclass(frozen=True)
class SurveyMapping:
    """A mapping that has been checked against a model; `digest` is the SHA-256 of the file, whatever its line ends."""

    name: str
    source: str | None
    file: str
    digest: str
    id_column: str | None
    entries: tuple[Entry, ...]
    unused: FrozenMap[str]

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the model that the mapping fills."""
        return tuple(variable for entry in self.entries for variable in entry.askable.variables)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the mapping uses, the id column included."""
        own = () if self.id_column is None else (self.id_column,)
        return tuple(dict.fromkeys((*own, *(column for entry in self.entries for column in entry.columns))))


def load_mapping(path: str | Path, model: Holder) -> SurveyMapping:
    """Return the mapping in a YAML file, checked against its schema and against the variables of the model.

    Raises MappingError, with every problem found and its line, when any rule is broken.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"the mapping file {path} cannot be read: {error.strerror}"
        raise MappingError(message, hint="name the YAML file that maps the survey's columns") from error
    vocabulary = Vocabulary.of(model.knowledge)
    node, issues = read_yaml(content, path.name)
    if node is not None:
        issues += schema_issues(node)
        issues += rule_issues(node, vocabulary)
    if node is None or issues:
        issues.sort(key=lambda issue: issue.where.line or 0)
        message = f"the mapping file {path} has {'one error' if len(issues) == 1 else f'{len(issues)} errors'}"
        raise MappingError(
            message, list(dict.fromkeys(issues)), hint="docs/mapping.md shows what may stand in a mapping file"
        )
    digest = hashlib.sha256(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).hexdigest()
    return _assemble(node, vocabulary, digest)


def _assemble(node: Node, vocabulary: Vocabulary, digest: str) -> SurveyMapping:
    entries = [_entry(item, vocabulary) for item in node.items("columns")]
    id_column = node.text("id_column")
    return SurveyMapping(
        name=node.text("name") or "",
        source=node.text("source"),
        file=node.file,
        digest=digest,
        id_column=None if id_column is None else column_name(id_column),
        entries=tuple(entries),
        unused=FrozenMap(
            (column_name(item.text("column") or ""), item.text("reason") or "") for item in node.items("unused")
        ),
    )


def _entry(node: Node, vocabulary: Vocabulary) -> Entry:
    askable = vocabulary.get(node.text("variable") or "")
    assert askable is not None  # noqa: S101 - the rules have refused unknown variables
    rule = None
    if askable.unit is not None:
        plausible = [item.number() for item in (node.get("number") or node).items("plausible")]
        default = PLAUSIBLE_AGE if askable.name == AGE else (0.0, float("inf"))
        low, high = plausible or default
        rule = NumberRule(askable.unit, (low or 0.0, default[1] if high is None else high))
    return Entry(askable, _part(node, node, rule), node.where())


def _part(node: Node, reader: Node, rule: NumberRule | None) -> Part:
    """Return the part that `node` describes; column names in a list are read as `reader`, the list's owner, says."""
    column = node.text("from")
    when = _conditions(node)
    if column is not None:
        return _reading(column_name(column), reader, rule, when)
    parts = [
        _reading(column_name(text), node, rule, ()) if (text := item.text()) is not None else _part(item, item, rule)
        for item in node.items("from")
    ]
    how = typing.cast("How", node.text("combine") or "first")
    return Combination(how, tuple(parts), _cuts(node) if how == "product" else (), when)


def _reading(column: str, node: Node, rule: NumberRule | None, when: Conditions) -> Reading:
    known: dict[str, str | float] = {code: item.text() or "" for code, item in _inner(node, "values").items()}
    known |= {code: item.number() or 0.0 for code, item in _inner(node, "numbers").items()}
    missing = {code: _kind(item.text()) for code, item in _inner(node, "missing").items()}
    return Reading(
        column=column,
        known={cell_key(code): value for code, value in known.items()},
        missing={cell_key(code): kind for code, kind in missing.items()},
        blank=_kind(node.text("blank")),
        cuts=() if node.text("combine") == "product" else _cuts(node),
        number=rule,
        codes=(*known, *missing),
        when=when,
    )


def _inner(node: Node, key: str) -> dict[str, Node]:
    inner = node.get(key)
    return {} if inner is None else inner.fields()


def _kind(text: str | None) -> Missing:
    return next((kind for kind in MISSING if kind == text), "not_asked")


def _conditions(node: Node) -> Conditions:
    return tuple(
        (column_name(column), frozenset(cell_key(text) for item in cells.items() if (text := item.text()) is not None))
        for column, cells in _inner(node, "when").items()
    )


def _cuts(node: Node) -> tuple[Cut, ...]:
    cuts = []
    for item in node.items("cuts"):
        low, low_in = _bound(item, "at_least", "above", float("-inf"))
        high, high_in = _bound(item, "at_most", "below", float("inf"))
        value = item.text("value")
        cuts.append(Cut(value, None if value is not None else _kind(item.text("missing")), low, high, low_in, high_in))
    return tuple(cuts)


def _bound(node: Node, inside: str, outside: str, default: float) -> tuple[float, bool]:
    closed, opened = node.number(inside), node.number(outside)
    if closed is not None:
        return closed, True
    return (default, True) if opened is None else (opened, False)


def _columns_of(part: Part) -> Iterator[str]:
    yield from (column for column, _ in part.when)
    if isinstance(part, Reading):
        yield part.column
    else:
        for inner in part.parts:
            yield from _columns_of(inner)
