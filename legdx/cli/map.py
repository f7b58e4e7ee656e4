"""`legdx map`: a first mapping of a survey, and a look at what a mapping does."""

from __future__ import annotations

import typing
from pathlib import Path

import typer

from legdx.cli import survey_options as options
from legdx.cli.options import JsonOption, ModelOption
from legdx.cli.streams import input_path, output_path, print_json

__all__ = ["run"]


def run(  # noqa: PLR0913, PLR0917 - every option of a verb is an argument
    survey: typing.Annotated[str, typer.Argument(help="CSV, TSV, Parquet, SPSS, SAS transport; `-`: standard input.")],
    dictionary: typing.Annotated[
        Path | None,
        typer.Option("--dictionary", "-d", help="REDCap dictionary, XLSForm, or CSV: Variable,Label,Codes."),
    ] = None,
    output: typing.Annotated[str, typer.Option("--output", "-o", help="Where the draft goes; `-`: shown.")] = "-",
    check: typing.Annotated[
        Path | None, typer.Option("--check", "-c", help="A mapping: show what it makes of the first rows.")
    ] = None,
    rows: typing.Annotated[int, typer.Option("--rows", min=1, help="How many rows --check shows.")] = 4,
    encoding: options.EncodingOption = None,
    delimiter: options.DelimiterOption = None,
    header_rows: options.HeaderRowsOption = None,
    json: JsonOption = False,
    model: ModelOption = None,
) -> None:
    """Draft a mapping of a survey for you to correct, or --check one.

    What is unsure is marked; what is left out is listed with the reason.
    """
    from legdx.cli.survey_pages import show_draft, show_preview
    from legdx.model import load_model
    from legdx.survey import load_mapping, open_table
    from legdx.survey.draft import draft_mapping, read_dictionary
    from legdx.survey.preview import preview

    loaded = load_model(model)
    with input_path(survey) as source:
        if check is not None:
            mapping = load_mapping(check, loaded, draft=True)
            wanted = options.over(mapping.table, encoding, delimiter, header_rows)
            lines, mapped = preview(open_table(source, wanted, frozenset(mapping.columns)), mapping, loaded, rows)
            print_json([line.to_dict() for line in lines]) if json else show_preview(lines, mapped)
            return
        wanted = options.table_format(encoding, delimiter, header_rows, number_headers=True)
        draft = draft_mapping(
            open_table(source, wanted), loaded, None if dictionary is None else read_dictionary(dictionary)
        )
    with output_path(output, "mapping.yaml") as place:
        place.write_text(draft.text, encoding="utf-8", newline="\n")
    show_draft(draft)
