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
        str | None,
        typer.Option("--cause", help="The id of a cause; by default the one that explains the complaints best."),
    ] = None,
    level: typing.Annotated[str, typer.Option("--level", help="How much is told: line, paragraph or all.")] = "all",
    other: typing.Annotated[
        str | None, typer.Option("--than", help="The id of another cause: why the one rather than this.")
    ] = None,
    json: JsonOption = False,
    model: ModelOption = None,
) -> None:
    """Say which answers speak for and against a cause, how much, and by which published figures."""
    from legdx.model import load_model

    loaded = load_model(model)
    result = loaded.assess(read_case(case))
    first = cause or result.ranking.first or next(iter(result.posterior))
    if other is not None:
        from legdx.cli.pages import show_contrast
        from legdx.explanation.records import to_json

        contrast = result.contrast(first, other)
        if json:
            print_json({"disclaimer": result.disclaimer, **to_json(contrast)})
        else:
            show_contrast(contrast, loaded.knowledge, result.disclaimer)
        return
    explanation = result.explain(first, level=typing.cast("typing.Any", level))
    if json:
        print_json({"disclaimer": result.disclaimer, **explanation.to_dict()})
        return
    from legdx.cli.pages import show_explanation

    show_explanation(explanation, result.disclaimer)
