"""`legdx export`: the network for other programs."""

from __future__ import annotations

import enum
import typing

import typer

from legdx.cli.options import ModelOption
from legdx.cli.streams import output_path

__all__ = ["Format", "run"]


class Format(enum.StrEnum):
    """What can be written."""

    XMLBIF = "xmlbif"
    JSON = "json"


def run(
    output: typing.Annotated[str, typer.Option("--output", "-o", help="The file to write; `-` is standard output.")],
    format: typing.Annotated[  # noqa: A002 - the name of the option
        Format, typer.Option("--format", "-f", help="xmlbif: the network, for other programs; json: the knowledge.")
    ] = Format.XMLBIF,
    model: ModelOption = None,
) -> None:
    """Write the network as XMLBIF (for pgmpy; for pyAgrum name it .bifxml), or the knowledge as JSON."""
    import json

    from legdx.model import DISCLAIMER, load_model
    from legdx.network import write_xmlbif

    loaded = load_model(model)
    with output_path(output, "network") as place:
        if format is Format.XMLBIF:
            write_xmlbif(loaded.network, place)
            return
        stamp = {"model": loaded.id, "version": loaded.version, "digest": loaded.digest}
        content = {"disclaimer": DISCLAIMER, "stamp": stamp, "knowledge": loaded.knowledge.to_dict()}
        place.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
