"""`legdx build`: from knowledge files to a built model."""

from __future__ import annotations

import sys
import typing
from pathlib import Path

import typer

from legdx.cli.options import Folder, JsonOption
from legdx.cli.streams import print_json

__all__ = ["run"]


def run(
    folder: Folder = None,
    draws: typing.Annotated[
        int | None,
        typer.Option("--draws", min=0, help="Networks to draw for intervals; by default what model.yaml says."),
    ] = None,
    report: typing.Annotated[
        Path | None, typer.Option("--report", help="Where the report on every figure goes: .md, .csv or .json.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Solve the network from the published figures and write the built model beside the knowledge files."""
    from legdx.build import build
    from legdx.cli.pages import show_lines
    from legdx.model import packaged_folder

    path, found = build(packaged_folder() if folder is None else folder, draws=draws, progress=_show_progress)
    if report is not None:
        match report.suffix.lower():
            case ".csv":
                page = found.to_csv()
            case ".json":
                page = found.to_json().decode()
            case _:
                page = found.to_markdown()
        report.write_text(page, encoding="utf-8", newline="\n")
    summary = {"model": str(path), **found.to_dict()}
    if json:
        print_json(summary)
    else:
        show_lines(*(f"{name.replace('_', ' ')}: {value}" for name, value in summary.items()))


def _show_progress(name: str, place: int, number: int) -> None:
    """Say where the solver is, on a terminal; nothing in a log."""
    if sys.stderr.isatty():
        typer.echo(f"{place + 1} of {number}: {name}", err=True)
