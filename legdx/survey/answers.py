"""A table of text and a mapping to a table of canonical answers, and a record for every cell that cannot be read."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from legdx.case import MISSING
from legdx.errors import Issue, MappingError, SurveyError, Where, did_you_mean
from legdx.knowledge import FrozenMap, Knowledge
from legdx.survey.cells import listed_codes
from legdx.survey.contradictions import contradictions
from legdx.survey.mapping import Entry, MultiSelect, SurveyMapping
from legdx.survey.outcome import Outcome, evaluate
from legdx.survey.ticks import evaluate_ticks
from legdx.survey.vocabulary import AGE, Askable, Holder, Vocabulary, level_of

__all__ = ["CELL_KINDS", "MappedSurvey", "column_issues", "map_answers"]

CELL_KINDS = ("answered", *MISSING, "bad")
"""What a cell of the canonical table can be; a bad one could not be read or contradicts another, and is blank there."""

_COMPARED = 2_000
"""Columns that a missing one is compared with: finding the nearest name among many takes long."""

Places = np.ndarray[typing.Any, np.dtype[np.intp]]


@dataclass(frozen=True)
class MappedSurvey:
    """The canonical answers of a table, one column a variable, with the index of the table.

    A cell is an answer, an age in years, a soft answer ({"likelihood": {state: number}}), a kind of missing answer, or
    None where the survey's cell could not be used. `issues` are these cells (row 1 is the first below the header) and
    what is wrong with columns; `counts` says for each variable how many rows have each of `CELL_KINDS`.
    """

    answers: pd.DataFrame
    issues: tuple[Issue, ...]
    counts: FrozenMap[FrozenMap[int]]


def map_answers(table: pd.DataFrame, mapping: SurveyMapping, model: Holder, *, first_row: int = 1) -> MappedSurvey:
    """Return what the rows of a survey answer.

    Args:
        table: text, one column a header, as `read_table` gives it.
        mapping: from `load_mapping`.
        model: whose variables the mapping fills.
        first_row: the number of the table's first row, for issues; more than 1 where the table is a later block.

    Raises MappingError when a column that the mapping uses is not in the table, SurveyError when none of them is.
    """
    issues = column_issues(mapping, table.columns)
    vocabulary = Vocabulary.of(model.knowledge)
    columns: dict[str, typing.Any] = {}
    counts: dict[str, dict[str, int]] = {}
    cells: list[Issue] = []
    for owner in mapping.owners:
        outcomes, places = _outcomes(owner, table)
        cells += _cell_issues(owner.name, outcomes, places, first_row)
        tally = np.bincount(places, minlength=len(outcomes))
        for askable in owner.askables:
            own = [outcome[askable.name] for outcome in outcomes]
            count = dict.fromkeys(CELL_KINDS, 0)
            for outcome, number in zip(own, tally, strict=True):
                count[_kind(outcome)] += int(number)
            for variable, values in _canonical(askable, own, vocabulary):
                columns[variable] = _pick(values, places)
                counts[variable] = dict(count)
    answers = pd.DataFrame(columns, index=table.index, columns=list(mapping.variables), dtype=object)
    cells += _settle(answers, counts, mapping, model.knowledge, first_row)
    cells.sort(key=lambda issue: issue.where.row or 0)
    return MappedSurvey(
        answers, (*issues, *cells), FrozenMap({name: FrozenMap(count) for name, count in counts.items()})
    )


def column_issues(mapping: SurveyMapping, columns: Iterable[str]) -> tuple[Issue, ...]:
    """Return a warning for each column of a table that the mapping does not name.

    Raises MappingError when a column that the mapping uses is not among them, SurveyError when none is.
    """
    present = list(columns)
    wanted: dict[str, Where] = {
        column: Where(file=mapping.file, column=column)
        for column in mapping.columns
        if column not in mapping.answer_columns
    }
    for owner in mapping.owners:
        for column in owner.columns:
            where = Where(file=mapping.file, line=owner.where.line, path=owner.where.path, column=column)
            wanted.setdefault(column, where)
    lacking = [column for column in wanted if column not in present]
    if len(lacking) == len(wanted):
        message = f"no column of the table is recognised: the mapping {mapping.file} names {listed_codes(wanted, 4)}"
        hint = f"the table has {listed_codes(present, 6)}; is it the right file, with the right delimiter and header?"
        raise SurveyError(message, hint)
    if lacking:
        message = f"the mapping {mapping.file} names {len(lacking)} column(s) that the table does not have"
        errors = [
            Issue(
                "column_missing",
                "error",
                wanted[column],
                f"the table has no column {column!r}",
                did_you_mean(column, present[:_COMPARED]),
            )
            for column in lacking
        ]
        raise MappingError(message, errors, hint="write the headers as the table has them")
    known = {*mapping.columns, *mapping.unused}
    note = "the mapping does not name this column; it is not used"
    hint = "map it, or list it under `unused:` with the reason"
    return tuple(
        Issue("column_not_mapped", "warning", Where(file=mapping.file, column=column), note, hint)
        for column in present
        if column not in known
    )


def _outcomes(owner: Entry | MultiSelect, table: pd.DataFrame) -> tuple[list[dict[str, Outcome]], Places]:
    """Return the outcomes of every different combination of cells, and for each row which of them it has."""
    names = owner.columns
    places = np.zeros(len(table), dtype=np.intp)
    for name in names:
        codes, uniques = pd.factorize(table[name], use_na_sentinel=False)
        places = pd.factorize(places * max(1, len(uniques)) + codes)[0]
    firsts = np.unique(places, return_index=True)[1]
    texts = [table[name].to_numpy()[firsts] for name in names]
    rows = (dict(zip(names, cells, strict=True)) for cells in zip(*texts, strict=True))
    if isinstance(owner, MultiSelect):
        return [evaluate_ticks(owner, cells) for cells in rows], places
    return [{owner.askable.name: evaluate(owner.part, cells)} for cells in rows], places


def _cell_issues(name: str, outcomes: list[dict[str, Outcome]], places: Places, first_row: int) -> Iterator[Issue]:
    for place, outcome in enumerate(outcomes):
        found = dict.fromkeys(bad for one in outcome.values() for bad in one.bad)
        for bad in found:
            for row in np.flatnonzero(places == place):
                where = Where(path=name, row=int(row) + first_row, column=bad.column or name, value=bad.value)
                yield Issue(bad.code, "error", where, bad.note, bad.hint)


def _kind(outcome: Outcome) -> str:
    if outcome.is_answered:
        return "answered"
    return outcome.missing or "bad"


def _canonical(
    askable: Askable, outcomes: list[Outcome], vocabulary: Vocabulary
) -> Iterator[tuple[str, list[typing.Any]]]:
    """Iterate over the variables that one askable fills, each with its answer for every outcome."""
    for finding, measured in askable.findings:
        asked: Mapping[str, Askable] = vocabulary.names
        yield (
            finding,
            [
                level_of(asked[finding], measured, outcome.value)
                if isinstance(outcome.value, float)
                else outcome.missing
                for outcome in outcomes
            ],
        )
    if not askable.findings:
        yield askable.name, [_cell(askable.name, outcome) for outcome in outcomes]


def _cell(name: str, outcome: Outcome) -> typing.Any:  # noqa: ANN401 - text, a number, or a soft answer
    value = outcome.value
    if isinstance(value, FrozenMap):
        return {"likelihood": dict(value)}
    if name == AGE and isinstance(value, float) and value.is_integer():
        return int(value)
    return outcome.missing if value is None else value


def _pick(values: list[typing.Any], places: Places) -> Places:
    """Return the value of each row; objects are set one by one, for NumPy would look into them."""
    table = np.empty(len(values) + 1, dtype=object)
    for place, value in enumerate(values):
        table[place] = value
    return typing.cast("Places", table[places])


def _settle(
    answers: pd.DataFrame,
    counts: dict[str, dict[str, int]],
    mapping: SurveyMapping,
    knowledge: Knowledge,
    first_row: int,
) -> list[Issue]:
    """Take answers that contradict each other out of the table, and return a record of each."""
    owners: dict[str, Sequence[str]] = {}
    for owner in mapping.owners:
        owners |= {variable: owner.columns for askable in owner.askables for variable in askable.variables}
    issues = []
    column_of = {variable: answers[variable].tolist() for variable in answers.columns}
    for found in contradictions(answers, knowledge):
        column = " and ".join(owners[name][0] for name in found.names)
        where = Where(path=found.names[0], row=found.row + first_row, column=column, value=found.value)
        issues.append(Issue(found.code, "error", where, found.note, found.hint))
        for name in found.drop:
            column_of[name][found.row] = None
    for name, cells in column_of.items():
        gone = sum(cell is None for cell in cells) - counts[name]["bad"]
        counts[name]["answered"] -= gone
        counts[name]["bad"] += gone
        answers[name] = pd.Series(cells, index=answers.index, dtype=object)
    return issues
