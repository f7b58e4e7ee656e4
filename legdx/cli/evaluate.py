"""`legdx evaluate`: how a model does on published cases."""

from __future__ import annotations

import json as json_text
import typing
from pathlib import Path

import typer

from legdx.cli.options import JsonOption, ModelOption
from legdx.cli.streams import print_json

__all__ = ["run"]


def run(
    vignettes: typing.Annotated[Path, typer.Option("--vignettes", help="Cases as JSON lines.")],
    output: typing.Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A folder for the pages: README.md, misses.md, first.json and last.json."),
    ] = None,
    seconds: typing.Annotated[
        float, typer.Option("--seconds", min=0, help="Predicted cost allowed for a case.")
    ] = 60.0,
    json: JsonOption = False,
    model: ModelOption = None,
) -> None:
    """Score published cases: right causes among the first 1, 3 and 5, and urgency, with intervals.

    The first run into a folder is kept as first.json; every later one becomes last.json, and README.md shows both.
    """
    from legdx.cli.pages import show_lines
    from legdx.learning import by_ranking, evaluate, read_vignettes
    from legdx.model import load_model
    from legdx.report import evaluation_page, misses_page

    loaded = load_model(model)
    cases = read_vignettes(vignettes, loaded.questionnaire)
    record = evaluate(loaded, cases, seconds=seconds, ranker=by_ranking).to_dict()
    command = f"legdx evaluate --vignettes {vignettes} --seconds {seconds:g} --output {output}"
    first, last = record, None
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        start = output / "first.json"
        if start.exists():
            first, last = json_text.loads(start.read_text(encoding="utf-8")), record
        name = start if last is None else output / "last.json"
        text = json_text.dumps(record, indent=1, ensure_ascii=False) + "\n"
        name.write_text(text, encoding="utf-8", newline="\n")
        (output / "misses.md").write_text(misses_page(record, command), encoding="utf-8", newline="\n")
    page = evaluation_page(first, last, command)
    if output is not None:
        (output / "README.md").write_text(page, encoding="utf-8", newline="\n")
    if json:
        print_json(record)
    else:
        show_lines(page)
