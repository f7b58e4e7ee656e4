"""`legdx explain`: why a cause is as likely as it is."""

from __future__ import annotations

import typing

import typer

from legdx.cli.options import Case, JsonOption, ModelOption
from legdx.cli.streams import print_json, read_case

__all__ = ["run"]


def run(
    case: Case,
    cause: typing.Annotated[
        str | None, typer.Option("--cause", help="The id of a cause; by default the most likely one.")
    ] = None,
    json: JsonOption = False,
    model: ModelOption = None,
) -> None:
    """Say which answers speak for and against a cause, how much, and by which published figures."""
    from legdx.model import load_model

    loaded = load_model(model)
    result = loaded.assess(read_case(case))
    explanation = result.explain(next(iter(result.posterior)) if cause is None else cause)
    if json:
        print_json({"disclaimer": result.disclaimer, **explanation.to_dict(), "sentences": list(explanation.sentences)})
        return
    from legdx.cli.pages import show_explanation

    show_explanation(explanation, result.disclaimer)
