"""A survey file and a mapping in; scores, rejects and a record of the run out, in bounded memory."""

from __future__ import annotations

import contextlib
import json
import logging
import time
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from legdx import __version__
from legdx.batch.rejects import RejectsWriter
from legdx.batch.report import ScoreReport, Tally
from legdx.batch.writers import Kind, TableWriter, in_place_of, open_writer
from legdx.errors import MINIMUM_AGE, Issue, SurveyError, Where
from legdx.model import DISCLAIMER
from legdx.survey import Block, MappedSurvey, SurveyMapping, SurveyTable, load_mapping, map_answers, open_table
from legdx.survey.vocabulary import AGE, Holder
from legdx.table import COUNTS, output_columns

__all__ = ["Scorer", "rejects_path", "score_file", "sidecar_path"]

ROW = "row"
SIDECAR_VERSION = "1.0"
_TEXTS = frozenset({"status", "reason", "urgency", "urgency_rules", "first_cause"})
_LOG = logging.getLogger("legdx")


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

    def score_table(self, frame: typing.Any) -> typing.Any:  # noqa: ANN401 - any kind of dataframe
        """Score a dataframe of canonical answers, one row a person."""
        ...


def score_file(
    source: str | Path,
    mapping_path: str | Path,
    model: Scorer,
    output: str | Path,
    rejects: str | Path | None = None,
    *,
    block_rows: int = 10_000,
) -> ScoreReport:
    """Score every row of a survey file.

    Args:
        source: a CSV, TSV or Parquet file (see `legdx.survey.open_table`).
        mapping_path: the mapping file that says what its columns mean.
        model: the model that scores.
        output: where the scores go; Parquet if the name ends in `.parquet` or `.pq`, else CSV. First the number of the
            row (1 is the first below the header) and the id column of the mapping, then the columns of `score_table`.
        rejects: where rows and cells that cannot be used go; default `<output>.rejects.csv`, without `output`'s suffix.
        block_rows: how many rows are in memory at a time; the result does not depend on it.

    Every row stands in the output or, if it was rejected, in the rejects. A row is rejected when it cannot be cut into
    cells, is blank, has an age that cannot be read, or is of a person under 18. Any other cell that cannot be read is
    left out of its row and listed in the rejects. Beside the output, `<output>.run.json` records model, mapping and
    counts. Files of an earlier run are replaced, and only when the new ones are complete.

    Raises SurveyError when the table cannot be read, MappingError when the mapping does not fit model or table.
    """
    began = time.perf_counter()
    if block_rows < 1:
        message = f"a block needs at least one row, not {block_rows}"
        raise ValueError(message)
    mapping = load_mapping(mapping_path, model)
    table = open_table(source)
    places = _Places.of(Path(output), None if rejects is None else Path(rejects), Path(source), Path(mapping_path))
    run = _Run(model, mapping, table, Tally())
    run.tally.add_issues(table.issues, as_rejects=False)
    with contextlib.ExitStack() as stack:
        sidecar = stack.enter_context(in_place_of(places.sidecar))
        part = stack.enter_context(in_place_of(places.rejects))
        writer = stack.enter_context(open_writer(places.output, run.columns()))
        refused = RejectsWriter(stack.enter_context(part.open("w", encoding="utf-8", newline="")))
        for block in table.blocks(block_rows):
            run.score(block, writer, refused)
        report = run.tally.report(
            output=str(places.output),
            rejects=str(places.rejects),
            sidecar=str(places.sidecar),
            seconds=time.perf_counter() - began,
        )
        sidecar.write_text(_record(run, report), encoding="utf-8", newline="\n")
    _LOG.info("scored %d of %d rows, rejected %d", report.scored, report.rows_in, report.rejected)
    return report


def rejects_path(output: Path) -> Path:
    """Return where the rejects of an output go, unless another place is named."""
    return output.with_name(f"{output.stem}.rejects.csv")


def sidecar_path(output: Path) -> Path:
    """Return where the record of a run goes."""
    return output.with_name(f"{output.name}.run.json")


@dataclass(frozen=True)
class _Places:
    output: Path
    rejects: Path
    sidecar: Path

    @classmethod
    def of(cls, output: Path, rejects: Path | None, *inputs: Path) -> _Places:
        """Return where everything is written; raises SurveyError when that would overwrite an input or each other."""
        places = cls(output, rejects_path(output) if rejects is None else rejects, sidecar_path(output))
        used = [path.resolve() for path in (places.output, places.rejects, places.sidecar, *inputs)]
        if len(set(used)) < len(used):
            message = "two of the files of this run have the same name"
            raise SurveyError(message, "write output and rejects to files of their own, not over the survey")
        for path in (places.output, places.rejects):
            if not path.parent.is_dir():
                message = f"there is no folder {path.parent}"
                raise SurveyError(message, "make the folder first, or name another output")
        return places


@dataclass(frozen=True)
class _Run:
    model: Scorer
    mapping: SurveyMapping
    table: SurveyTable
    tally: Tally

    def columns(self) -> dict[str, Kind]:
        """Return the columns of the output and what they hold."""
        names = output_columns(self.model.knowledge.causes)
        kinds: dict[str, Kind] = dict.fromkeys(names, "number")
        kinds |= dict.fromkeys(_TEXTS, "text")
        kinds |= dict.fromkeys(COUNTS, "count")
        first: dict[str, Kind] = {ROW: "count"}
        if self.mapping.id_column is not None:
            first[self.id_name] = "text"
        return first | {name: kinds[name] for name in names}

    @property
    def id_name(self) -> str:
        """The name of the id column in the output, where one of legdx's columns may have the same."""
        name = self.mapping.id_column or ""
        taken = (ROW, *output_columns(self.model.knowledge.causes))
        return f"{name} (survey)" if name in taken else name

    def score(self, block: Block, writer: TableWriter, refused: RejectsWriter) -> None:
        """Map and score one block, and write it."""
        frame = block.frame
        first_row = int(frame.index[0]) + 1 if len(frame) else 1
        mapped = map_answers(frame, self.mapping, self.model, first_row=first_row)
        if not self.tally.variables:
            self.tally.add_issues([issue for issue in mapped.issues if issue.where.row is None], as_rejects=False)
        self.tally.add_cells(mapped.counts)
        cells = [issue for issue in mapped.issues if issue.where.row is not None]
        rows = [*block.issues, *_blank_rows(frame, block.issues), *_under_age(mapped, self.mapping, frame)]
        out = {issue.where.row for issue in rows} | {issue.where.row for issue in cells if issue.where.path == AGE}
        scored = self.model.score_table(mapped.answers[[row + 1 not in out for row in frame.index]])
        late = list(_rejected_by_model(scored))
        scored = scored[scored["status"] != "rejected"]
        out |= {issue.where.row for issue in late}
        rejected = frozenset(row for row in out if row is not None)
        issues = sorted([*rows, *late, *cells], key=lambda issue: issue.where.row or 0)
        self._write(frame, scored, writer)
        refused.write(issues, lambda row: self._id(frame, row), rejected)
        self.tally.add_issues(issues, as_rejects=True)
        self.tally.rows["rejected"] += len(rejected)
        for status, number in scored["status"].value_counts().items():
            self.tally.rows[str(status)] += int(number)

    def _write(self, frame: pd.DataFrame, scored: pd.DataFrame, writer: TableWriter) -> None:
        result = scored.copy()
        result[ROW] = scored.index + 1
        if self.mapping.id_column is not None:
            result[self.id_name] = frame.loc[scored.index, self.mapping.id_column]
        writer.write(result)

    def _id(self, frame: pd.DataFrame, row: int) -> str:
        return "" if self.mapping.id_column is None else str(frame.at[row - 1, self.mapping.id_column])  # noqa: PD008


def _blank_rows(frame: pd.DataFrame, unread: tuple[Issue, ...]) -> Iterator[Issue]:
    known = {issue.where.row for issue in unread}
    blank = frame.apply(lambda column: column.str.strip() == "").all(axis="columns")
    for row in frame.index[blank.to_numpy(dtype=bool)] + 1:
        if row not in known:
            yield Issue("blank_row", "error", Where(row=int(row)), "every cell of the row is blank", "delete the row")


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


def _record(run: _Run, report: ScoreReport) -> str:
    """Return what the sidecar says: everything that the result depends on, and no person's data."""
    content: Mapping[str, typing.Any] = {
        "schema_version": SIDECAR_VERSION,
        "disclaimer": run.model.knowledge.text_of("phrase.disclaimer") or DISCLAIMER,
        "model": {"id": run.model.id, "version": run.model.version, "digest": run.model.digest},
        "legdx": __version__,
        "mapping": {"name": run.mapping.name, "file": run.mapping.file, "digest": run.mapping.digest},
        "survey": run.table.path.name,
        **report.counts(),
        "warnings": [issue.to_dict() for issue in report.issues if issue.where.row is None],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
