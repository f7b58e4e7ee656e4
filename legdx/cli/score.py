"""`legdx score`: a whole survey file."""

from __future__ import annotations

import typing
from pathlib import Path

import typer

from legdx.cli.options import JsonOption, ModelOption
from legdx.cli.streams import STANDARD, input_path, output_path, print_json

__all__ = ["REJECTED_ROWS", "run"]

REJECTED_ROWS = 3
"""Exit code: everything is done, and some rows were rejected."""


def run(
    survey: typing.Annotated[str, typer.Argument(help="CSV, TSV or Parquet; `-` reads standard input.")],
    mapping: typing.Annotated[Path, typer.Option("--mapping", "-m", help="The file that says what the columns mean.")],
    output: typing.Annotated[str, typer.Option("--output", "-o", help="CSV, or Parquet by its name; `-` writes CSV.")],
    rejects: typing.Annotated[
        Path | None, typer.Option("--rejects", help="Where rejected rows and cells go; by default beside the output.")
    ] = None,
    block_rows: typing.Annotated[int, typer.Option("--block-rows", min=1, help="Rows in memory at a time.")] = 10_000,
    json: JsonOption = False,
    model: ModelOption = None,
) -> None:
    """Score every row of a survey; the exit code is 3 when rows were rejected.

    Beside the output stand the rejected rows and unreadable cells, and a record of the run (.run.json); with `-o -`
    only what --rejects names is kept.
    """
    from legdx.batch import score_file
    from legdx.cli.pages import show_report
    from legdx.model import DISCLAIMER, load_model

    if json and output == STANDARD:
        raise typer.BadParameter("the scores go to standard output already", param_hint="--json")  # noqa: EM101, TRY003
    with input_path(survey) as source, output_path(output, "scores.csv") as place:
        report = score_file(source, mapping, load_model(model), place, rejects, block_rows=block_rows)
    if json:
        print_json({"disclaimer": DISCLAIMER, **report.to_dict()})
    else:
        show_report(report, DISCLAIMER, files=output != STANDARD)
    if report.rejected:
        raise typer.Exit(REJECTED_ROWS)
