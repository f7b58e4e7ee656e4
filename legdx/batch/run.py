"""One block of a survey: mapped, scored, and everything that was left out written down."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from legdx.batch.report import Tally
from legdx.errors import MINIMUM_AGE, Issue, Where
from legdx.outputs import STATUS, Kind, expand, kinds_of, output_columns
from legdx.survey import Block, MappedSurvey, SurveyMapping, map_answers
from legdx.survey.cells import cell_key, read_number
from legdx.survey.vocabulary import AGE, Holder

__all__ = ["ROW", "Layout", "Policy", "Run", "ScoredBlock", "Scorer"]

ROW = "row"
Policy = typing.Literal["lenient", "strict"]
Layout = typing.Literal["wide", "long"]
_DROPPED_AGES = frozenset({"implausible"})
"""An age that cannot be true is a slip of the pen; one that cannot be read may be a child's."""


class Scorer(Holder, typing.Protocol):
    """What scoring needs of a model: `Model`, or whatever stands in for it."""

    @property
    def id(self) -> str:
        """The model's name."""
        ...

    @property
    def version(self) -> str:
        """The model's version."""
        ...

    @property
    def digest(self) -> str:
        """The digest of the built model."""
        ...

    def score_table(self, frame: typing.Any, outputs: Sequence[str] | None = None) -> typing.Any:  # noqa: ANN401
        """Score a dataframe of canonical answers, one row a person."""
        ...


@dataclass(frozen=True)
class ScoredBlock:
    """The rows of a block that were scored, with the index of the block; all issues; the rows left out, from 1."""

    frame: pd.DataFrame
    issues: tuple[Issue, ...]
    rejected: frozenset[int]
    skipped: frozenset[int]


@dataclass(frozen=True)
class Run:
    """A model and a mapping at work: `outputs` are groups or columns, None for those of every table.

    `repeated` are the rows, from 0, that the rule about repeated ids leaves out.
    """

    model: Scorer
    mapping: SurveyMapping
    policy: Policy = "lenient"
    outputs: tuple[str, ...] | None = None
    repeated: frozenset[int] = frozenset()
    tally: Tally = field(default_factory=Tally)

    @property
    def scores(self) -> tuple[str, ...]:
        """The columns that the model gives."""
        causes = tuple(self.model.knowledge.causes)
        if self.outputs is None:
            return output_columns(causes)
        return tuple(dict.fromkeys((*STATUS, *expand(self.outputs, causes))))

    @property
    def copied(self) -> dict[str, str]:
        """Column of the survey -> its name in the output, where one of legdx's columns may have the same."""
        taken = {ROW, *self.scores}
        return {name: f"{name} (survey)" if name in taken else name for name in self.mapping.copied_columns}

    def columns(self) -> dict[str, Kind]:
        """Return the columns of the wide output and what they hold."""
        kinds = kinds_of(tuple(self.model.knowledge.causes))
        first: dict[str, Kind] = {ROW: "count"}
        for name, called in self.copied.items():
            first[called] = "number" if name == self.mapping.weight_column else "text"
        return first | {name: kinds[name] for name in self.scores}

    def score(self, block: Block) -> ScoredBlock:
        """Map and score one block."""
        frame = block.frame
        first_row = int(frame.index[0]) + 1 if len(frame) else 1
        mapped = map_answers(frame, self.mapping, self.model, first_row=first_row)
        if not self.tally.variables:
            self.tally.add_issues([issue for issue in mapped.issues if issue.where.row is None], as_rejects=False)
        self.tally.add_cells(mapped.counts)
        skips = {_row(issue): issue for issue in (*self._not_selected(frame, block), *_blank(block))}
        cells = [issue for issue in mapped.issues if issue.where.row is not None and _row(issue) not in skips]
        cells += [issue for issue in self._bad_weights(frame) if _row(issue) not in skips]
        rows = [*block.issues, *self._repeats(frame), *_under_age(mapped, self.mapping, frame)]
        rows = [issue for issue in rows if _row(issue) not in skips]
        out = {_row(issue) for issue in rows} | {_row(issue) for issue in cells if self._rejects(issue)}
        answers = mapped.answers[[row + 1 not in out and row + 1 not in skips for row in frame.index]]
        scored = self.model.score_table(answers, None if self.outputs is None else list(self.scores))
        late = list(_rejected_by_model(scored))
        scored = scored[scored["status"] != "rejected"]
        rejected = frozenset(out | {_row(issue) for issue in late})
        issues = sorted([*skips.values(), *rows, *late, *cells], key=_row)
        self._count(scored, issues, rejected, skips)
        return ScoredBlock(self._beside(frame, scored, cells), tuple(issues), rejected, frozenset(skips))

    def id_of(self, frame: pd.DataFrame, row: int) -> str:
        """Return the id of a row (from 1), parts joined by `/`; "" where the survey has none."""
        return "/".join(str(frame.at[row - 1, name]) for name in self.mapping.id_columns)  # noqa: PD008 - one cell

    def chosen(self, frame: pd.DataFrame, block: Block) -> list[int]:
        """Return the rows (from 0) that are persons of this survey."""
        gone = {_row(issue) - 1 for issue in (*self._not_selected(frame, block), *block.issues, *_blank(block))}
        return [int(row) for row in frame.index if row not in gone]

    def _rejects(self, issue: Issue) -> bool:
        return self.policy == "strict" or (issue.where.path == AGE and issue.code not in _DROPPED_AGES)

    def _not_selected(self, frame: pd.DataFrame, block: Block) -> Iterator[Issue]:
        unread = {_row(issue) - 1 for issue in block.issues} | set(block.blank)
        for column, wanted in self.mapping.only_rows:
            for row, cell in zip(frame.index, frame[column], strict=True):
                if row not in unread and cell_key(cell) not in wanted:
                    note = "the mapping says that rows with this cell are no persons of the survey (`only_rows:`)"
                    yield Issue("not_selected", "warning", Where(row=int(row) + 1, column=column, value=cell), note)

    def _repeats(self, frame: pd.DataFrame) -> Iterator[Issue]:
        for row in frame.index:
            if row in self.repeated:
                where = Where(row=int(row) + 1, column=" and ".join(self.mapping.id_columns))
                note = f"another row has this id, and the mapping keeps the {self.mapping.repeated_ids} one"
                yield Issue("repeated_id", "error", where, note)

    def _bad_weights(self, frame: pd.DataFrame) -> Iterator[Issue]:
        column = self.mapping.weight_column
        for row, cell in zip(frame.index, [] if column is None else frame[column], strict=False):
            number = read_number(cell)
            if cell.strip() and (number is None or number < 0):
                where = Where(row=int(row) + 1, column=column, value=cell)
                yield Issue("no_weight", "error", where, "a weight is a number of at least 0", "correct the cell")

    def _count(
        self, scored: pd.DataFrame, issues: list[Issue], rejected: frozenset[int], skips: Mapping[int, Issue]
    ) -> None:
        self.tally.add_issues(issues, as_rejects=True)
        self.tally.rows["rejected"] += len(rejected)
        for issue in skips.values():
            self.tally.rows["blank" if issue.code == "blank_row" else "not_selected"] += 1
        for status, number in scored["status"].value_counts().items():
            self.tally.rows[str(status)] += int(number)

    def _beside(self, frame: pd.DataFrame, scored: pd.DataFrame, cells: list[Issue]) -> pd.DataFrame:
        """Return the scores with the number of the row, the columns that are copied, and a flag for cells left out."""
        first: dict[str, typing.Any] = {ROW: scored.index + 1}
        for name, called in self.copied.items():
            column = frame.loc[scored.index, name]
            first[called] = column.map(_weight) if name == self.mapping.weight_column else column
        result = pd.concat([pd.DataFrame(first, index=scored.index), scored], axis="columns")
        if "flags" in result:
            rows = {_row(issue) - 1 for issue in cells}
            flags = [
                ";".join(part for part in (flags, "cells_left_out") if part)
                if row in rows and flags is not None
                else flags
                for row, flags in zip(result.index, result["flags"], strict=True)
            ]
            result["flags"] = pd.Series(flags, index=result.index, dtype=object)
        return result


def _row(issue: Issue) -> int:
    return issue.where.row or 0


def _weight(cell: str) -> float | None:
    number = read_number(cell)
    return None if number is None or number < 0 else number


def _blank(block: Block) -> Iterator[Issue]:
    for row in block.blank:
        yield Issue("blank_row", "warning", Where(row=row + 1), "every cell of the row is blank")


def _under_age(mapped: MappedSurvey, mapping: SurveyMapping, frame: pd.DataFrame) -> Iterator[Issue]:
    """Iterate over the people who are too young; their age is not repeated."""
    if AGE not in mapped.answers:
        return
    column = next(entry.columns[0] for entry in mapping.entries if entry.askable.name == AGE)
    note = f"the model is for people of {MINIMUM_AGE} years and over"
    for row, age in zip(frame.index + 1, mapped.answers[AGE], strict=True):
        if isinstance(age, int | float) and age < MINIMUM_AGE:
            hint = "a child with these complaints should be seen by a doctor"
            yield Issue("under_age", "error", Where(row=int(row), column=column), note, hint)


def _rejected_by_model(scored: pd.DataFrame) -> Iterator[Issue]:
    for index, reason in scored.loc[scored["status"] == "rejected", "reason"].items():
        yield Issue("rejected", "error", Where(row=int(typing.cast("int", index)) + 1), str(reason))
