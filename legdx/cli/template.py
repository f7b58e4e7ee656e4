"""`legdx template`: the model's own questionnaire, for form tools."""

from __future__ import annotations

import typing
from pathlib import Path

import typer

from legdx.cli.options import ModelOption
from legdx.cli.streams import output_path

__all__ = ["run"]


def run(
    output: typing.Annotated[str, typer.Option("--output", "-o", help="Where to; `-` writes to standard output.")],
    form: typing.Annotated[
        typing.Literal["csv", "redcap", "xlsform", "fhir"],
        typer.Option("--format", "-f", help="CSV header, REDCap dictionary, XLSForm (.xlsx), FHIR R4 Questionnaire."),
    ] = "csv",
    number: typing.Annotated[
        int | None, typer.Option("--questions", "-k", min=1, help="Only the first k questions, with their gates.")
    ] = None,
    order: typing.Annotated[
        Path | None, typer.Option("--order", help="A file of question ids, one a line, the most telling first.")
    ] = None,
    model: ModelOption = None,
) -> None:
    """Write the model's questionnaire; what is filled into it is scored without a mapping.

    Attributes of a complaint are shown only to people who have it. Answers are the codes that legdx knows: export codes
    (raw data), not labels.
    """
    from legdx.model import load_model
    from legdx.survey.template import questions, write_template

    loaded = load_model(model)
    wanted = None
    if order is not None:
        wanted = [line.strip() for line in order.read_text(encoding="utf-8").splitlines() if line.strip()]
    asked = questions(loaded.knowledge, wanted, number)
    with output_path(output, "template") as place:
        write_template(asked, form, place, model=loaded.id, version=loaded.version)
