"""`legdx score`: a whole survey file."""

from __future__ import annotations

import typing

import typer

from legdx.cli import survey_options as options
from legdx.cli.options import JsonOption, ModelOption
from legdx.cli.streams import STANDARD, input_path, output_path, print_json

__all__ = ["REJECTED_ROWS", "run"]

REJECTED_ROWS = 3
"""Exit code: everything is done, and some rows were rejected."""


def run(  # noqa: PLR0913, PLR0917 - every option of a verb is an argument
    survey: typing.Annotated[str, typer.Argument(help="CSV, TSV, Parquet, SPSS, SAS transport; `-`: standard input.")],
    output: typing.Annotated[str, typer.Option("--output", "-o", help="CSV, or Parquet by its name; `-` writes CSV.")],
    mapping: options.MappingOption = None,
    rejects: options.RejectsOption = None,
    policy: options.PolicyOption = "lenient",
    outputs: options.OutputsOption = None,
    layout: options.LayoutOption = "wide",
    encoding: options.EncodingOption = None,
    delimiter: options.DelimiterOption = None,
    header_rows: options.HeaderRowsOption = None,
    number_headers: options.NumberHeadersOption = False,
    block_rows: options.BlockRowsOption = 1_000,
    json: JsonOption = False,
    model: ModelOption = None,
) -> None:
    """Score every row of a survey; the exit code is 3 when rows were rejected.

    Beside the output stand the rejected rows and unreadable cells, and a record of the run (.run.json); with `-o -`
    only what --rejects names is kept.
    """
    from legdx.batch import ScoreOptions, score_file
    from legdx.cli.pages import show_report
    from legdx.model import DISCLAIMER, load_model

    if json and output == STANDARD:
        raise typer.BadParameter("the scores go to standard output already", param_hint="--json")  # noqa: EM101, TRY003
    table = options.table_format(encoding, delimiter, header_rows, number_headers=number_headers)
    with input_path(survey) as source, output_path(output, "scores.csv") as place, options.shown_progress() as show:
        chosen = ScoreOptions(policy, options.output_names(outputs), layout, table, show)
        report = score_file(source, mapping, load_model(model), place, rejects, block_rows=block_rows, options=chosen)
    if json:
        print_json({"disclaimer": DISCLAIMER, **report.to_dict()})
    else:
        show_report(report, DISCLAIMER, files=output != STANDARD)
    if report.rejected:
        raise typer.Exit(REJECTED_ROWS)
