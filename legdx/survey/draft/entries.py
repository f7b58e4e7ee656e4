"""One column at a time: the entry that a draft has for it, or why it has none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from legdx.errors import MINIMUM_AGE
from legdx.survey.cells import read_number
from legdx.survey.draft.columns import Column
from legdx.survey.draft.phrases import Match
from legdx.survey.draft.words import answer_of, missing_of, normal
from legdx.survey.mapping_rules import UNDECIDED
from legdx.survey.vocabulary import AGE, Askable, Vocabulary

__all__ = ["DraftEntry", "coded_entry", "entry_for"]

_AGE_NAMES = frozenset({"age", "age in years", "age years", "how old are you", "age in years at screening"})
_SEX_NAMES = frozenset({"sex", "gender", "what is your sex", "what is your gender", "are you a woman or a man"})
_OLDEST = 120
_MOST_CODES = 25
_FEW_NUMBERS = 10
_MOST_READ = 0.8
_CLASS = re.compile(r"(\d{1,3})\s*(?:-|–|to|bis|à)\s*(\d{1,3})(?: years)?")
_OVER = re.compile(r"(?:>|over|above|older than)\s*(\d{1,3})|(\d{1,3})\s*(?:\+|and over|and older|or older|or over)")
_UNDER = re.compile(r"(?:<|under|below|younger than)\s*(\d{1,3})")


@dataclass
class DraftEntry:
    """What a draft says of a variable: columns, codes, and why somebody has to look at it.

    `others` are further columns that may ask the same.
    """

    variable: str
    columns: list[str]
    values: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    number: str | None = None
    cuts: tuple[float, float] | None = None
    comma: bool = False
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    unsure: str | None = None
    note: str = ""
    score: float = 0.0
    others: list[DraftEntry] = field(default_factory=list)


def entry_for(column: Column, match: Match, vocabulary: Vocabulary) -> DraftEntry | None:
    """Return the entry of a column that is about a variable; None where its cells cannot be answers to it."""
    askable = vocabulary.names[match.name]
    entry = DraftEntry(match.name, [column.name], note=column.text, score=match.score)
    if askable.unit is not None:
        return _number_entry(column, askable, entry, match)
    words = column.words
    numbers = [number for cell in column.cells if (number := read_number(cell)) is not None and cell not in words]
    if not words and column.numbers and column.different > _FEW_NUMBERS:
        entry.cuts = (min(numbers, default=0.0), max(numbers, default=0.0))
        entry.unsure = f"from which number on is it present? (like {match.phrase!r}, {match.score:.0f} of 100)"
        return entry if askable.is_yes_no and numbers else None
    if not column.codes and column.different > _MOST_CODES:
        return None
    codes = list(dict.fromkeys((*words, *(_code(cell) for cell in column.cells))))
    for code in codes:
        said = words.get(code, "")
        kind = missing_of(said) if said else None
        if kind is not None:
            entry.missing[code] = kind
        else:
            entry.values[code] = answer_of(said, askable) if said else UNDECIDED
    if not entry.values:
        return None
    entry.unsure = _doubt(column, match, askable, entry)
    return entry


def _doubt(column: Column, match: Match, askable: Askable, entry: DraftEntry) -> str | None:
    """Return why a person has to look at the entry, or None where there is no doubt."""
    decided = UNDECIDED not in entry.values.values()
    own_words = set(entry.values) <= set(askable.answers)
    plain = {normal(text) for text in (column.name, column.text) if text}
    if decided and (
        match.exact or (own_words and column.name == askable.name) or (askable.name == "sex" and plain & _SEX_NAMES)
    ):
        return None
    open_codes = [code for code, answer in entry.values.items() if answer == UNDECIDED]
    why = [] if match.exact else [f"is it the model's question? (like {match.phrase!r}, {match.score:.0f} of 100)"]
    if open_codes:
        why.append(f"what do the cells {', '.join(open_codes[:6])} mean?")
    return "; ".join(why) or "other words than the model's"


def _number_entry(column: Column, askable: Askable, entry: DraftEntry, match: Match) -> DraftEntry | None:
    missing = {code: kind for code, words in column.codes.items() if (kind := missing_of(words)) is not None}
    missing |= {cell: kind for cell in column.cells if (kind := missing_of(cell)) is not None}
    numbers = [cell for cell in column.cells if cell not in missing]
    entry.missing, entry.number = dict(missing), askable.unit
    said = {cell: column.codes.get(_code(cell), cell) for cell in numbers}
    if askable.name == AGE and (
        ranges := {c: found for c, words in said.items() if (found := _years(words)) is not None}
    ):
        entry.ranges = ranges
        entry.unsure = "are these classes of the person's age in years?"
        return entry if len(ranges) == len(numbers) else None
    entry.comma = any(read_number(cell) is None and read_number(cell, comma=True) is not None for cell in numbers)
    read = [number for cell in numbers if (number := read_number(cell, comma=entry.comma)) is not None]
    if not read or len(read) < _MOST_READ * len(numbers):
        return None
    if askable.name != AGE:
        entry.unsure = f"is the column in {askable.unit}? (like {match.phrase!r}, {match.score:.0f} of 100)"
        return entry
    plain = {normal(text) for text in (column.name, column.text) if text}
    fits = sum(0 <= number <= _OLDEST for number in read) >= _MOST_READ * len(numbers)
    coded = any(missing_of(words) is None for words in column.codes.values()) or max(read) < MINIMUM_AGE
    if coded or not (plain & _AGE_NAMES and fits):
        entry.unsure = "is this the person's age in years?"
    return entry


def _years(cell: str) -> tuple[float, float] | None:
    """Return the first and the last year of a class of age."""
    text = cell.casefold().strip()
    if (found := _CLASS.fullmatch(text)) is not None and int(found[1]) < int(found[2]):
        return float(found[1]), float(found[2])
    if (found := _OVER.fullmatch(text)) is not None:
        low = float(found[1]) + 1 if found[1] else float(found[2])
        return (low, float(_OLDEST)) if low < _OLDEST else None
    found = _UNDER.fullmatch(text)
    return (0.0, float(found[1]) - 1) if found is not None and int(found[1]) > 1 else None


def coded_entry(columns: Sequence[Column], code: str, match: Match, vocabulary: Vocabulary) -> DraftEntry | None:
    """Return the entry of columns whose codes name conditions, one of which is a variable of the model."""
    if not vocabulary.names[match.name].is_yes_no:
        return None
    entry = DraftEntry(match.name, [column.name for column in columns], note=columns[0].text, score=match.score)
    entry.values = {code: "present"}
    entry.missing = {
        other: missing_of(words) or "not_asked" for other, words in columns[0].codes.items() if other != code
    }
    entry.unsure = f"does {columns[0].codes[code]!r} mean the model's {match.name}?"
    return entry


def _code(cell: str) -> str:
    """Write 2.0 as 2."""
    number = read_number(cell)
    return cell if number is None or not number.is_integer() else f"{number:.0f}"
