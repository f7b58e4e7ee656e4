"""A survey file and a mapping in; scores, rejects and a record of the run out, in bounded memory."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import time
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from legdx import __version__
from legdx.batch.check import check_survey
from legdx.batch.rejects import RejectsWriter
from legdx.batch.report import ScoreReport
from legdx.batch.run import Layout, Policy, Run, Scorer
from legdx.batch.writers import in_place_of, open_writer
from legdx.errors import SurveyError
from legdx.model import DISCLAIMER
from legdx.outputs import Kind, groups
from legdx.survey import SurveyMapping, SurveyTable, TableFormat, load_mapping, open_table
from legdx.survey.dialect import DETECTED
from legdx.survey.own import own_mapping
from legdx.table import to_long

__all__ = ["ScoreOptions", "rejects_path", "score_file", "sidecar_path"]

SIDECAR_VERSION = "1.1"
_LOG = logging.getLogger("legdx")


@dataclass(frozen=True)
class ScoreOptions:
    """How a file is scored.

    Attributes:
        policy: what becomes of a person with a cell that cannot be read, or with answers that contradict each other:
            `lenient` leaves the cells out and scores the rest, `strict` leaves the row out. Both write it down.
        outputs: groups of columns or columns (`legdx.outputs`); None for those of every table.
        layout: `wide` has a row a person, `long` a row a person and cause.
        table: how the file is written; what is None is taken from the mapping, else detected.
        progress: is called with the rows done and all rows, after each block.

    """

    policy: Policy = "lenient"
    outputs: tuple[str, ...] | None = None
    layout: Layout = "wide"
    table: TableFormat = DETECTED
    progress: Callable[[int, int], None] | None = None


def score_file(
    source: str | Path,
    mapping_path: str | Path | None,
    model: Scorer,
    output: str | Path,
    rejects: str | Path | None = None,
    *,
    block_rows: int = 10_000,
    options: ScoreOptions | None = None,
) -> ScoreReport:
    """Score every row of a survey file.

    Args:
        source: a survey of any kind that `legdx.survey.open_table` reads.
        mapping_path: the mapping file that says what its columns mean; None for data filled into the model's own
            questionnaire, as `legdx template` writes it.
        model: the model that scores.
        output: where the scores go; Parquet if the name ends in `.parquet` or `.pq`, else CSV. First the number of the
            row (1 is the first below the header) and the id, weight and strata columns, then those of the scores.
        rejects: where rows and cells that cannot be used go; default `<output>.rejects.csv`, without `output`'s suffix.
        block_rows: how many rows are in memory at a time; the result does not depend on it.
        options: policy, outputs, layout, format of the file, progress.

    Every row stands in the output or, if it was rejected or skipped, in the rejects. A row is skipped when it is blank
    or the mapping selects others; it is rejected when it cannot be cut into cells, has an age that cannot be read, is
    of a person under 18, or repeats an id; with the strict policy also for any other problem. Else what cannot be used
    is left out of its row and listed in the rejects. Beside the output, `<output>.run.json` records model, mapping and
    counts. Files of an earlier run are replaced, and only when the new ones are complete.

    Raises SurveyError when the table cannot be read or is none, MappingError when the mapping does not fit.
    """
    began = time.perf_counter()
    options = options or ScoreOptions()
    if block_rows < 1:
        message = f"a block needs at least one row, not {block_rows}"
        raise ValueError(message)
    mapping, table = _open(source, mapping_path, model, options.table)
    inputs = [Path(source)] + ([] if mapping_path is None else [Path(mapping_path)])
    places = _Places.of(Path(output), None if rejects is None else Path(rejects), *inputs)
    run = Run(model, mapping, options.policy, options.outputs)
    columns = _columns(run, options.layout)
    checked = check_survey(table, run, own=mapping_path is None)
    run = dataclasses.replace(run, repeated=checked.repeated)
    run.tally.add_issues(table.issues, as_rejects=False)
    causes = tuple(model.knowledge.causes)
    with contextlib.ExitStack() as stack:
        sidecar = stack.enter_context(in_place_of(places.sidecar))
        part = stack.enter_context(in_place_of(places.rejects))
        writer = stack.enter_context(open_writer(places.output, columns, _metadata(run)))
        refused = RejectsWriter(stack.enter_context(part.open("w", encoding="utf-8", newline="")))
        for block in table.blocks(block_rows):
            scored = run.score(block)
            writer.write(to_long(scored.frame, causes) if options.layout == "long" else scored.frame)
            frame = block.frame
            refused.write(scored.issues, lambda row: run.id_of(frame, row), scored.rejected, scored.skipped)  # noqa: B023
            if options.progress is not None:
                options.progress(sum(run.tally.rows.values()), checked.rows)
        report = run.tally.report(
            output=str(places.output),
            rejects=str(places.rejects),
            sidecar=str(places.sidecar),
            seconds=time.perf_counter() - began,
        )
        sidecar.write_text(_record(run, table, report, options), encoding="utf-8", newline="\n")
    _LOG.info("scored %d of %d rows, rejected %d", report.scored, report.rows_in, report.rejected)
    return report


def rejects_path(output: Path) -> Path:
    """Return where the rejects of an output go, unless another place is named."""
    return output.with_name(f"{output.stem}.rejects.csv")


def sidecar_path(output: Path) -> Path:
    """Return where the record of a run goes."""
    return output.with_name(f"{output.name}.run.json")


def _open(
    source: str | Path, mapping_path: str | Path | None, model: Scorer, wanted: TableFormat
) -> tuple[SurveyMapping, SurveyTable]:
    if mapping_path is None:
        table = open_table(source, wanted)
        return own_mapping(table, model), table
    mapping = load_mapping(mapping_path, model)
    given = {name: value for name, value in dataclasses.asdict(wanted).items() if value != getattr(TableFormat(), name)}
    known = frozenset((*mapping.columns, *mapping.unused))
    return mapping, open_table(source, dataclasses.replace(mapping.table, **given), known)


def _columns(run: Run, layout: Layout) -> dict[str, Kind]:
    """Return the columns of the output and what they hold; raises LegdxError where there is no long form."""
    columns = run.columns()
    if layout == "wide":
        return columns
    causes = tuple(run.model.knowledge.causes)
    by_cause = {
        f"{group.by_cause}_{cause}": (group.by_cause, columns.get(f"{group.by_cause}_{cause}"))
        for group in groups().values()
        if group.by_cause is not None
        for cause in causes
    }
    found = {prefix: kind for name, (prefix, kind) in by_cause.items() if kind is not None}
    if not found:
        message = "a long table needs a column a cause, and none was asked for"
        raise SurveyError(message, "ask for posteriors or ranks")
    single = {name: kind for name, kind in columns.items() if name not in by_cause}
    return {**single, "cause": "text", **found}


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


def _metadata(run: Run) -> dict[str, str]:
    """Return what a Parquet file says about itself."""
    return {
        "legdx.version": __version__,
        "legdx.model": f"{run.model.id} {run.model.version}",
        "legdx.model_digest": run.model.digest,
        "legdx.mapping_digest": run.mapping.digest,
        "legdx.policy": run.policy,
        "legdx.disclaimer": run.model.knowledge.text_of("phrase.disclaimer") or DISCLAIMER,
    }


def _record(run: Run, table: SurveyTable, report: ScoreReport, options: ScoreOptions) -> str:
    """Return what the sidecar says: everything that the result depends on, and no person's data."""
    dialect = table.dialect
    content: Mapping[str, typing.Any] = {
        "schema_version": SIDECAR_VERSION,
        "disclaimer": run.model.knowledge.text_of("phrase.disclaimer") or DISCLAIMER,
        "model": {"id": run.model.id, "version": run.model.version, "digest": run.model.digest},
        "legdx": __version__,
        "mapping": {"name": run.mapping.name, "file": run.mapping.file, "digest": run.mapping.digest},
        "survey": {
            "file": table.path.name,
            "kind": table.kind,
            "encoding": None if dialect is None else dialect.encoding,
            "delimiter": None if dialect is None else dialect.delimiter,
            "header_rows": table.header_rows,
        },
        "policy": options.policy,
        "layout": options.layout,
        "outputs": list(run.scores),
        **report.counts(),
        "warnings": [issue.to_dict() for issue in report.issues if issue.where.row is None],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
