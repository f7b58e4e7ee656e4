"""Questions with several ticks: which columns are boxes of one question, which hold lists, and what the options say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from legdx.survey.draft.columns import Column
from legdx.survey.draft.phrases import Matcher
from legdx.survey.draft.words import is_tick, missing_of, normal
from legdx.survey.vocabulary import Vocabulary

__all__ = ["DraftSelect", "box_questions", "list_question"]

_UNTICKED = frozenset({"0", "unchecked", "no", "n", "false", "not selected"})
_NONE = ("none of these", "none of the above", "none", "nothing")
_SEPARATORS = (";", "|", ",")
_MOST_OPTIONS = 40
_ENOUGH = 2


@dataclass
class DraftSelect:
    """A question with several ticks in a draft; `targets` runs over columns, or over options of a list."""

    question: str
    targets: dict[str, str]
    column: str | None = None
    separator: str = ""
    ticked: list[str] | None = None
    unticked: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    unsure: str = ""

    @property
    def variables(self) -> list[str]:
        """The variables that it fills."""
        special = {"none", "ignored", "unknown", "refused", "not_applicable"}
        return [name for name in dict.fromkeys(self.targets.values()) if name not in special]


def box_questions(columns: Sequence[Column], matcher: Matcher, vocabulary: Vocabulary) -> list[DraftSelect]:
    """Return the questions that are asked with a column a box, and of which an option is a variable."""
    grouped: dict[str, list[Column]] = {}
    for column in columns:
        if column.box_of is not None:
            grouped.setdefault(column.box_of, []).append(column)
    found = []
    for question, boxes in grouped.items():
        marks = _marks(boxes)
        if marks is None:
            continue
        targets = _targets({box.name: box.choice for box in boxes}, boxes[0].text or question, matcher, vocabulary)
        if targets is None:
            continue
        ticked, unticked, missing = marks
        select = DraftSelect(_name(question), targets, None, "", ticked, unticked, missing)
        select.unsure = "does each option mean what it stands for here?"
        found.append(select)
    return found


def list_question(column: Column, matcher: Matcher, vocabulary: Vocabulary) -> DraftSelect | None:
    """Return the question that is asked with a list in one column, or None where this is no list."""
    separator = next((mark for mark in _SEPARATORS if _is_list(column, mark)), None)
    if separator is None and column.codes and any(" " in cell for cell in column.cells):
        pieces = {piece for cell in column.cells for piece in cell.split()}
        separator = " " if pieces <= set(column.codes) else None
    if separator is None:
        return None
    options = dict(column.codes) or _options(column, separator)
    if not _ENOUGH <= len(options) <= _MOST_OPTIONS:
        return None
    targets = _targets(options, column.text or column.name, matcher, vocabulary)
    if targets is None:
        return None
    select = DraftSelect(_name(column.name), targets, column.name, separator)
    select.unsure = "are these all the options, and does each mean what it stands for here?"
    return select


def _is_list(column: Column, separator: str) -> bool:
    """Whether cells hold several pieces that other cells hold too."""
    several = [cell for cell in column.cells if separator in cell]
    pieces = [piece.strip() for cell in column.cells for piece in cell.split(separator)]
    different = len(set(pieces))
    return bool(several) and different < len(pieces) and different <= _MOST_OPTIONS and max(map(len, pieces)) <= 80  # noqa: PLR2004


def _options(column: Column, separator: str) -> dict[str, str]:
    """Return the options of a list; pieces that only ever stand side by side are one option with a separator in it."""
    pieces = list(dict.fromkeys(piece.strip() for cell in column.cells for piece in cell.split(separator)))
    pieces = [piece for piece in pieces if piece]
    rows = [[piece.strip() for piece in cell.split(separator)] for cell in column.cells]
    joined: dict[str, str] = {}
    skip = set()
    for first in pieces:
        followers = {
            row[place + 1] if place + 1 < len(row) else "" for row in rows for place, p in enumerate(row) if p == first
        }
        if len(followers) == 1 and (second := followers.pop()):
            before = {row[place - 1] if place else "" for row in rows for place, p in enumerate(row) if p == second}
            times = sum(row.count(first) for row in rows)
            if before == {first} and times >= _ENOUGH and second[:1].islower():
                joined[f"{first}{separator} {second}"] = f"{first} {second}"
                skip |= {first, second}
    return {piece: piece for piece in pieces if piece not in skip} | joined


def _marks(boxes: Sequence[Column]) -> tuple[list[str] | None, list[str], dict[str, str]] | None:
    """Return the cells that are ticks (None for any), that are none, and the missing codes; None if this is no box."""
    cells = {cell for box in boxes for cell in box.cells}
    missing: dict[str, str] = {cell: kind for cell in cells if (kind := missing_of(cell)) is not None}
    rest = cells - set(missing)
    if rest and all(normal(cell) == normal(box.choice) for box in boxes for cell in box.cells if cell in rest):
        return None, [], missing
    unticked = {cell for cell in rest if normal(cell) in _UNTICKED}
    ticked = {cell for cell in rest if is_tick(cell)}
    words = {cell.casefold() for cell in unticked}
    if rest - unticked - ticked or words & {"no"} or len(ticked) > _ENOUGH:
        return None
    return sorted(ticked or {"1"}), sorted(unticked), missing


def _targets(
    options: Mapping[str, str], question: str, matcher: Matcher, vocabulary: Vocabulary
) -> dict[str, str] | None:
    """Return what each option says; None where none is a variable. Each variable is taken once, by the nearest."""
    best: dict[str, tuple[float, str]] = {}
    targets = dict.fromkeys(options, "ignored")
    for option, words in options.items():
        kind = missing_of(words)
        if normal(words) in _NONE:
            targets[option] = "none"
        elif kind is not None and kind != "not_asked":
            targets[option] = kind
        else:
            match = matcher.match(words, f"{question} {words}")
            if match is not None and vocabulary.names[match.name].is_yes_no:
                before = best.get(match.name)
                if before is None or before[0] < match.score:
                    best[match.name] = (match.score, option)
    for name, (_, option) in best.items():
        targets[option] = name
    return targets if best else None


def _name(question: str) -> str:
    return question if len(question) <= 60 else f"{question[:59]}…"  # noqa: PLR2004 - a short name
