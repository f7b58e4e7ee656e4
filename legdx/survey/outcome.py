"""What one person's cells come to under one entry of a mapping: an answer, a kind of missing answer, or a bad cell."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from legdx.case import Missing
from legdx.knowledge import FrozenMap
from legdx.survey.cells import Key, cell_key, listed_codes, read_number
from legdx.survey.mapping import Certainty, Combination, Conditions, Cut, NumberRule, Part, Reading, Skipped, Soft

__all__ = ["MOST_TELLING", "BadCell", "Outcome", "evaluate", "holds", "skipped_outcome"]

Cells = Mapping[str, str]
MOST_TELLING: tuple[Missing, ...] = ("unknown", "refused", "not_applicable", "not_asked")
"""The kinds of missing answer, the one that says most first."""


@dataclass(frozen=True)
class BadCell:
    """A cell that the mapping cannot read: its column and text, and why."""

    code: str
    column: str
    value: str
    note: str
    hint: str


@dataclass(frozen=True)
class Outcome:
    """An answer (`value`), or why there is none (`missing`); None in both when a bad cell took its place.

    `bad` are all bad cells met on the way, also those of parts that another part made up for.
    """

    value: str | float | Soft | None = None
    missing: Missing | None = None
    bad: tuple[BadCell, ...] = ()

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer."""
        return self.value is not None


def evaluate(part: Part, cells: Cells) -> Outcome:
    """Return what the cells of one row, column -> text, come to; without any part that counts, `not_asked`."""
    return _evaluate(part, cells) or Outcome(missing="not_asked")


def _evaluate(part: Part, cells: Cells) -> Outcome | None:
    """Return the outcome, or None where the part's condition does not hold for this person."""
    if not holds(part.when, cells):
        return None
    if isinstance(part, Reading):
        return _read(part, cells)
    outcomes = [outcome for inner in part.parts if (outcome := _evaluate(inner, cells)) is not None]
    return _COMBINE[part.how](part, outcomes) if outcomes else None


def holds(when: Conditions, cells: Cells) -> bool:
    """Say whether every column of a condition has one of its cells."""
    return all(cell_key(cells[column]) in wanted for column, wanted in when)


def skipped_outcome(rules: tuple[Skipped, ...], cells: Cells) -> Outcome | None:
    """Return what a blank cell is by the first skip rule that holds, or None."""
    found = next((rule for rule in rules if holds(rule.when, cells)), None)
    return None if found is None else Outcome(found.value, found.missing)


def _read(reading: Reading, cells: Cells) -> Outcome:
    text = cells[reading.column]
    if not text.strip():
        return skipped_outcome(reading.skipped, cells) or Outcome(missing=reading.blank)
    key = cell_key(text, ignore_case=reading.ignore_case)
    if key in reading.missing:
        return Outcome(missing=reading.missing[key])
    outcome = Outcome(reading.known[key]) if key in reading.known else _read_number(reading, text)
    if reading.certainty is None or not isinstance(outcome.value, str):
        return outcome
    return _weighed(reading, reading.certainty, outcome.value, cells[reading.certainty.column])


def _weighed(reading: Reading, certainty: Certainty, answer: str, text: str) -> Outcome:
    """Return an answer with how sure it is: the rest of the probability is spread over the other answers."""
    chance = _chance(certainty, text, ignore_case=reading.ignore_case)
    if chance is None:
        hint = f"the mapping knows {listed_codes(str(key) for key in certainty.known)}; add this cell to `certainty:`"
        note = "the mapping does not say how sure this cell is; the answer is left out"
        return Outcome(bad=(BadCell("unknown_certainty", certainty.column, text, note, hint),))
    if chance == 1.0:
        return Outcome(answer)
    rest = (1.0 - chance) / (len(reading.states) - 1)
    return Outcome(FrozenMap({state: chance if state == answer else rest for state in reading.states}))


def _chance(certainty: Certainty, text: str, *, ignore_case: bool) -> float | None:
    if not text.strip():
        return certainty.blank
    key: Key = cell_key(text, ignore_case=ignore_case)
    if key in certainty.known:
        return certainty.known[key]
    number = read_number(text.strip().removesuffix("%"))
    if number is None or not certainty.points or not certainty.points[0][0] <= number <= certainty.points[-1][0]:
        return None
    for (low, chance), (high, above) in itertools.pairwise(certainty.points):
        if number <= high:
            return chance + (above - chance) * (number - low) / (high - low) if high > low else above
    return None


def _read_number(reading: Reading, text: str) -> Outcome:
    """Read a cell that is no code of the mapping."""
    if reading.known and not reading.cuts and reading.number is None:
        hint = f"the mapping knows {listed_codes(reading.codes)}; add this cell to `values:` or `missing:`"
        return _bad(reading, text, "unknown_code", "the mapping does not say what this cell means", hint)
    number = read_number(text, comma=reading.comma)
    if number is None:
        return _bad(reading, text, "not_a_number", "a number is expected here", _number_hint(reading, text))
    if reading.number is not None:
        number *= reading.number.times
        low, high = reading.number.plausible
        if not low <= number <= high:
            return _implausible(reading, reading.number, text)
    return _cut(reading.cuts, number) or _bad(
        reading, text, "outside_cuts", "no cut of the mapping holds for this number", "add a cut, or a `missing:` code"
    )


def _number_hint(reading: Reading, text: str) -> str:
    if not reading.comma and read_number(text, comma=True) is not None:
        return "write a decimal point, or `decimal: comma` where the whole column has commas"
    if reading.comma and read_number(text) is not None:
        return "this column has `decimal: comma`, and a point could be one of thousands"
    return "write a number, or list this cell under `missing:`"


def _implausible(reading: Reading, rule: NumberRule, text: str) -> Outcome:
    low, high = rule.plausible
    hint = "correct the cell, or list it under `missing:` if it is a code"
    return _bad(reading, text, "implausible", f"not between {low:g} and {high:g} {rule.unit}", hint)


def _cut(cuts: tuple[Cut, ...], number: float) -> Outcome | None:
    """Return what the first cut that holds says; without any cut the number itself."""
    if not cuts:
        return Outcome(number)
    found = next((cut for cut in cuts if cut.holds(number)), None)
    return None if found is None else Outcome(found.value, found.missing)


def _bad(reading: Reading, text: str, code: str, note: str, hint: str) -> Outcome:
    return Outcome(bad=(BadCell(code, reading.column, text, note, hint),))


def _any(part: Combination, outcomes: list[Outcome]) -> Outcome:  # noqa: ARG001 - all combinations have one shape
    """Present if one is; absent only if all are; else the kind of missing answer that says most."""
    if any(outcome.value == "present" for outcome in outcomes):
        return Outcome("present", bad=_all_bad(outcomes))
    if all(outcome.value == "absent" for outcome in outcomes):
        return Outcome("absent")
    soft = [outcome for outcome in outcomes if isinstance(outcome.value, FrozenMap)]
    if len(soft) == 1 and all(outcome.value == "absent" for outcome in outcomes if outcome is not soft[0]):
        return soft[0]
    return _no_answer(outcomes)


def _first(part: Combination, outcomes: list[Outcome]) -> Outcome:  # noqa: ARG001 - as above
    """The first answer; else the kind of missing answer that says most."""
    for outcome in outcomes:
        if outcome.is_answered:
            return Outcome(outcome.value, bad=_all_bad(outcomes))
    return _no_answer(outcomes)


def _product(part: Combination, outcomes: list[Outcome]) -> Outcome:
    """The product of all numbers, cut; nothing times anything is nothing, also where a factor is missing."""
    numbers = [outcome.value for outcome in outcomes if isinstance(outcome.value, float)]
    bad = _all_bad(outcomes)
    if len(numbers) < len(outcomes) and 0.0 not in numbers:
        return _no_answer(outcomes)
    total = 1.0
    for number in numbers:
        total *= number
    found = _cut(part.cuts, 0.0 if 0.0 in numbers else total)
    if found is not None:
        return Outcome(found.value, found.missing, bad)
    columns = " x ".join(inner.column for inner in part.parts if isinstance(inner, Reading))
    note, hint = "no cut of the mapping holds for this product", "add a cut"
    return Outcome(bad=(*bad, BadCell("outside_cuts", columns, f"{total:g}", note, hint)))


def _no_answer(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the missing answer that says most: a bad cell, then don't know, refused, not applicable, not asked."""
    outcomes = list(outcomes)
    bad = _all_bad(outcomes)
    if any(outcome.missing is None and outcome.value is None for outcome in outcomes):
        return Outcome(bad=bad)
    kinds = {outcome.missing for outcome in outcomes}
    return Outcome(missing=next((kind for kind in MOST_TELLING if kind in kinds), "not_asked"), bad=bad)


def _all_bad(outcomes: Iterable[Outcome]) -> tuple[BadCell, ...]:
    return tuple(dict.fromkeys(bad for outcome in outcomes for bad in outcome.bad))


_COMBINE: typing.Final[dict[str, Callable[[Combination, list[Outcome]], Outcome]]] = {
    "any": _any,
    "first": _first,
    "product": _product,
}
