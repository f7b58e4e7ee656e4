"""What one person's ticks say: a list in one cell, or a column a box, to an outcome for every variable."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from legdx.case import Missing
from legdx.survey.cells import cell_key, column_name, listed_codes
from legdx.survey.mapping import MultiSelect, Target
from legdx.survey.outcome import MOST_TELLING, BadCell, Outcome, holds, skipped_outcome
from legdx.survey.vocabulary import Askable

__all__ = ["evaluate_ticks", "split_options"]

Cells = Mapping[str, str]


def evaluate_ticks(question: MultiSelect, cells: Cells) -> dict[str, Outcome]:
    """Return an outcome for every variable that the question fills.

    An option that is ticked is an answer. One that is not ticked is none, unless `none of these` is ticked, or the
    mapping says that the question was seen. What cannot be read, or contradicts itself, leaves all without an answer.
    """
    ticked, kinds, bad, blank = _list(question, cells) if question.column is not None else _boxes(question, cells)
    said = [question.targets[name] for name in ticked]
    answers = [target for target in said if target.kind == "answer"]
    none = any(target.kind == "none" for target in said)
    if none and answers:
        note = "`none of these` is ticked beside another option"
        hint = "one of the two was ticked by mistake; neither is used"
        bad = [*bad, BadCell("none_and_others", _place(question, ticked), _shown(question, ticked, cells), note, hint)]
    broken = tuple(bad)
    if any(cell.code in {"none_and_others", "unknown_option"} for cell in bad):
        return {askable.name: Outcome(bad=broken) for askable in question.askables}
    kinds += [target.missing for target in said if target.kind == "missing"]
    without = _without_tick(question, cells, kinds, none=none, blank=blank and not ticked)
    return {askable.name: _outcome(askable, answers, without, broken) for askable in question.askables}


def _outcome(askable: Askable, answers: list[Target], without: Outcome, bad: tuple[BadCell, ...]) -> Outcome:
    values = dict.fromkeys(target.value for target in answers if target.variable == askable.name)
    if len(values) > 1:
        note = f"two answers to {askable.name} are ticked"
        cell = BadCell("two_answers", "", " and ".join(values), note, "only one of them can be true; neither is used")
        return Outcome(bad=(*bad, cell))
    if values:
        return Outcome(next(iter(values)), bad=bad)
    if bad:
        return Outcome(bad=bad)
    if without.value == "absent" and not askable.is_yes_no:
        return Outcome(missing="not_asked")
    return without


def _without_tick(question: MultiSelect, cells: Cells, kinds: list[Missing], *, none: bool, blank: bool) -> Outcome:
    """Return what an option is that is not ticked."""
    if none:
        return Outcome("absent")
    if kinds:
        return Outcome(missing=next(kind for kind in MOST_TELLING if kind in kinds))
    if blank and (found := skipped_outcome(question.skipped, cells)) is not None:
        return found
    if question.unticked_is_absent and holds(question.shown_when, cells):
        return Outcome("absent")
    return Outcome(missing=question.blank if blank else "not_asked")


Ticks = tuple[list[str], list[Missing], list[BadCell], bool]
"""The options ticked, kinds of missing answer, bad cells, and whether all was blank."""


def _boxes(question: MultiSelect, cells: Cells) -> Ticks:
    ticked: list[str] = []
    kinds: list[Missing] = []
    bad: list[BadCell] = []
    blank = True
    for column in question.targets:
        text = cells[column]
        if not text.strip():
            continue
        blank = False
        key = cell_key(text, ignore_case=question.ignore_case)
        if key in question.missing:
            kinds.append(question.missing[key])
        elif key in question.unticked:
            continue
        elif question.ticked is None or key in question.ticked:
            ticked.append(column)
        else:
            note = "the mapping does not say whether this cell is a tick"
            bad.append(BadCell("unknown_code", column, text, note, "add it to `ticked:`, `unticked:` or `missing:`"))
    return ticked, kinds, bad, blank


def _list(question: MultiSelect, cells: Cells) -> Ticks:
    text = cells[question.column or ""]
    if not text.strip():
        return [], [], [], True
    options = tuple(question.targets)
    found, left = split_options(text, options, question.separator, ignore_case=question.ignore_case)
    if not left or not question.other_is_bad:
        return found, [], [], False
    hint = f"the mapping knows {listed_codes(options)}; add the option, or `other: ignored`"
    note = f"{listed_codes(left, 3)} is no option of the mapping"
    return found, [], [BadCell("unknown_option", question.column or "", text, note, hint)], False


def split_options(
    text: str, options: tuple[str, ...], separator: str, *, ignore_case: bool = False
) -> tuple[list[str], list[str]]:
    """Return the options that a cell lists, and the pieces that are none; options may hold the separator.

    At each place the longest option that ends at a separator, or at the end, is taken.

    >>> split_options("Shaking, at rest, Weak legs, my knee", ("Weak legs", "Shaking", "Shaking, at rest"), ",")
    (['Shaking, at rest', 'Weak legs'], ['my knee'])
    """
    rest = _even(text, separator, ignore_case=ignore_case)
    found: list[str] = []
    left: list[str] = []
    while rest:
        for option, even in _longest_first(options, separator, ignore_case):
            if rest == even or rest.startswith(even + separator):
                found.append(option)
                rest = rest[len(even) + len(separator) :]
                break
        else:
            piece, _, rest = rest.partition(separator)
            if piece.strip():
                left.append(piece.strip())
    return list(dict.fromkeys(found)), left


@functools.lru_cache(maxsize=256)
def _longest_first(options: tuple[str, ...], separator: str, ignore_case: bool) -> tuple[tuple[str, str], ...]:  # noqa: FBT001
    even = [(option, _even(option, separator, ignore_case=ignore_case)) for option in options]
    return tuple(sorted(even, key=lambda pair: -len(pair[1])))


def _even(text: str, separator: str, *, ignore_case: bool) -> str:
    """Return text with single spaces, and none around separators."""
    pieces = [column_name(piece) for piece in text.split(separator)]
    even = separator.join(pieces).strip() if separator.strip() else " ".join(text.split())
    return even.casefold() if ignore_case else even


def _place(question: MultiSelect, ticked: list[str]) -> str:
    return question.column or next(name for name in ticked if question.targets[name].kind == "none")


def _shown(question: MultiSelect, ticked: list[str], cells: Cells) -> str:
    return cells[question.column] if question.column is not None else ", ".join(ticked)
