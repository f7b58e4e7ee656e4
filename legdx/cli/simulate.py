"""`legdx simulate`: people drawn from the model."""

from __future__ import annotations

import typing

import typer

from legdx.cli.options import ModelOption
from legdx.cli.streams import output_path

__all__ = ["run"]


MOST = 1_000_000
"""People are drawn in memory; more come from several seeds."""


def run(
    number: typing.Annotated[int, typer.Option("-n", "--number", min=1, max=MOST, help="How many people.")],
    output: typing.Annotated[str, typer.Option("--output", "-o", help="CSV, or Parquet by its name; `-` writes CSV.")],
    seed: typing.Annotated[int, typer.Option("--seed", min=0, help="The same seed draws the same people.")] = 0,
    model: ModelOption = None,
) -> None:
    """Draw made-up people from the model, causes included: one row a person, one column a variable."""
    from legdx.batch.writers import open_writer
    from legdx.model import load_model

    people = load_model(model).simulate(number, seed)
    with (
        output_path(output, "people.csv") as place,
        open_writer(place, dict.fromkeys(people.columns, "text")) as writer,
    ):
        writer.write(people)
