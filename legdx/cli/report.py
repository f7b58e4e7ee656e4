"""`legdx report`: a page a cause, a page a finding, and the model card."""

from __future__ import annotations

import typing
from pathlib import Path

import typer

from legdx.cli.options import JsonOption, ModelOption
from legdx.cli.streams import print_json, read_case

__all__ = ["run"]


def run(
    output: typing.Annotated[Path, typer.Option("--output", "-o", help="The folder for the pages; it is made.")],
    card: typing.Annotated[
        Path | None, typer.Option("--card", help="Where the model card goes; by default model_card.md in the folder.")
    ] = None,
    evaluation: typing.Annotated[
        Path | None, typer.Option("--evaluation", help="A record that `legdx evaluate` stored, for the card.")
    ] = None,
    json: JsonOption = False,
    model: ModelOption = None,
) -> None:
    """Write what the model believes, as Markdown: every number with its interval, its source and the printed figure."""
    from legdx.cli.pages import show_lines
    from legdx.model import DISCLAIMER, load_model
    from legdx.report import model_card, model_pages, write_pages

    loaded = load_model(model)
    record = None if evaluation is None else read_case(str(evaluation))
    pages = model_pages(loaded.knowledge)
    write_pages(pages, output)
    place = output / "model_card.md" if card is None else card
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(model_card(loaded, record), encoding="utf-8", newline="\n")
    if json:
        print_json({"disclaimer": DISCLAIMER, "pages": len(pages), "folder": str(output), "card": str(place)})
    else:
        show_lines(f"{len(pages)} pages: {output}", f"model card: {place}", DISCLAIMER)
