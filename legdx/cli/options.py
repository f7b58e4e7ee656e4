"""Options and arguments that several verbs share."""

from __future__ import annotations

import typing
from pathlib import Path

import typer

__all__ = ["Case", "Folder", "JsonOption", "ModelOption"]

Case = typing.Annotated[str, typer.Argument(metavar="CASE.json", help="A case as JSON; `-` reads standard input.")]
Folder = typing.Annotated[
    Path | None, typer.Argument(help="A folder of knowledge files; by default that of the model in this installation.")
]
JsonOption = typing.Annotated[bool, typer.Option("--json", help="Write JSON.")]
ModelOption = typing.Annotated[
    Path | None,
    typer.Option("--model", help="A built model (.npz) or its folder; by default the one that comes with legdx."),
]
