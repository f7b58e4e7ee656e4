"""A table of text and a mapping to a table of canonical answers, and a record for every cell that cannot be read."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from legdx.case import MISSING
from legdx.errors import Issue, MappingError, Where, did_you_mean
from legdx.knowledge import FrozenMap
from legdx.survey.mapping import Entry, SurveyMapping
from legdx.survey.outcome import Outcome, evaluate
from legdx.survey.vocabulary import AGE, Askable, Holder, Vocabulary, level_of

__all__ = ["CELL_KINDS", "MappedSurvey", "column_issues", "map_answers"]

CELL_KINDS = ("answered", *MISSING, "bad")
"""What a cell of the canonical table can be; a bad one could not be read, and is blank there."""


@dataclass(frozen=True)
class MappedSurvey:
    """The canonical answers of a table, one column a variable, with the index of the table.

    A cell is an answer, an age in years, a kind of missing answer, or None where the survey's cell could not be read.
    `issues` are these cells (row 1 is the first below the header) and what is wrong with columns; `counts` says for
    each variable how many rows have each of `CELL_KINDS`.
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

    Raises MappingError when a column that the mapping uses is not in the table.
    """
    issues = column_issues(mapping, table.columns)
    errors = [issue for issue in issues if issue.level == "error"]
    if errors:
        message = f"the mapping {mapping.file} names {len(errors)} column(s) that the table does not have"
        raise MappingError(message, errors, hint="write the headers as the table has them")
    vocabulary = Vocabulary.of(model.knowledge)
    columns: dict[str, typing.Any] = {}
    counts: dict[str, FrozenMap[int]] = {}
    cells: list[Issue] = []
    for entry in mapping.entries:
        outcomes, places = _outcomes(entry, table)
        cells += _cell_issues(entry, outcomes, places, first_row)
        kinds = [_kind(outcome) for outcome in outcomes]
        tally = np.bincount(places, minlength=len(outcomes))
        count = FrozenMap(
            {kind: int(sum(n for n, k in zip(tally, kinds, strict=True) if k == kind)) for kind in CELL_KINDS}
        )
        for variable, values in _canonical(entry.askable, outcomes, vocabulary):
            columns[variable] = np.array([*values, None], dtype=object)[places]
            counts[variable] = count
    cells.sort(key=lambda issue: issue.where.row or 0)
    answers = pd.DataFrame(columns, index=table.index, columns=list(mapping.variables), dtype=object)
    return MappedSurvey(answers, (*issues, *cells), FrozenMap(counts))


def column_issues(mapping: SurveyMapping, columns: typing.Iterable[str]) -> tuple[Issue, ...]:
    """Return an error for each column that the mapping uses and the table lacks, a warning for each one not mapped."""
    present = list(columns)
    known = {*mapping.columns, *mapping.unused}
    issues: list[Issue] = []
    wanted: dict[str, Where] = {}
    if mapping.id_column is not None:
        wanted[mapping.id_column] = Where(file=mapping.file, path="id_column", column=mapping.id_column)
    for entry in mapping.entries:
        for column in entry.columns:
            wanted.setdefault(
                column, Where(file=mapping.file, line=entry.where.line, path=entry.where.path, column=column)
            )
    for column, where in wanted.items():
        if column not in present:
            note = f"the table has no column {column!r}"
            issues.append(Issue("column_missing", "error", where, note, did_you_mean(column, present)))
    for column in present:
        if column not in known:
            note = "the mapping does not name this column; it is not used"
            hint = "map it, or list it under `unused:` with the reason"
            issues.append(Issue("column_not_mapped", "warning", Where(file=mapping.file, column=column), note, hint))
    return tuple(issues)


def _outcomes(entry: Entry, table: pd.DataFrame) -> tuple[list[Outcome], np.ndarray[typing.Any, np.dtype[np.intp]]]:
    """Return the outcome of every different combination of cells, and for each row which of them it has."""
    names = entry.columns
    places = np.zeros(len(table), dtype=np.intp)
    for name in names:
        codes, uniques = pd.factorize(table[name], use_na_sentinel=False)
        places = pd.factorize(places * max(1, len(uniques)) + codes)[0]
    firsts = np.unique(places, return_index=True)[1]
    texts = [table[name].to_numpy()[firsts] for name in names]
    outcomes = [evaluate(entry.part, dict(zip(names, cells, strict=True))) for cells in zip(*texts, strict=True)]
    return outcomes, places


def _cell_issues(
    entry: Entry, outcomes: list[Outcome], places: np.ndarray[typing.Any, np.dtype[np.intp]], first_row: int
) -> Iterator[Issue]:
    for place, outcome in enumerate(outcomes):
        for bad in outcome.bad:
            for row in np.flatnonzero(places == place):
                where = Where(path=entry.askable.name, row=int(row) + first_row, column=bad.column, value=bad.value)
                yield Issue(bad.code, "error", where, bad.note, bad.hint)


def _kind(outcome: Outcome) -> str:
    if outcome.is_answered:
        return "answered"
    return outcome.missing or "bad"


def _canonical(
    askable: Askable, outcomes: list[Outcome], vocabulary: Vocabulary
) -> Iterator[tuple[str, list[str | float | None]]]:
    """Iterate over the variables that one entry fills, each with its answer for every outcome."""
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


def _cell(name: str, outcome: Outcome) -> str | float | None:
    value = outcome.value
    if name == AGE and isinstance(value, float) and value.is_integer():
        return int(value)
    return outcome.missing if value is None else value
