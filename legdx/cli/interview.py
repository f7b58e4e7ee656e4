"""`legdx interview`: questions one by one, in the terminal."""

from __future__ import annotations

import typing
from pathlib import Path

import typer

from legdx.cli.options import JsonOption, ModelOption
from legdx.cli.streams import read_case

__all__ = ["run"]


def run(
    case: typing.Annotated[
        str | None, typer.Argument(metavar="[CASE.json]", help="A case to go on with; by default a new one.")
    ] = None,
    save: typing.Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Keep the answers here, written after each of them.")
    ] = None,
    json: JsonOption = False,
    model: ModelOption = None,
) -> None:
    """Ask what is most worth knowing, red flags first, and end with the result.

    Answer by number or word; ? says why a question is asked, b goes back, d is "don't know", q shows the result.
    """
    from rich.console import Console

    from legdx.cli.sitting import CaseFile, open_terminal, script_of, show_result, wrapped
    from legdx.inquiry.dialogue import begin, reply
    from legdx.model import load_model

    loaded = load_model(model)
    kept = None if save is None else CaseFile(save, case)
    console = Console(markup=False, highlight=False, stderr=json)  # standard output is for the JSON alone
    open_terminal()
    try:
        script = script_of(loaded)
        turn = begin(script, loaded.case({} if case is None else read_case(case)).given)
        while turn.state.phase != "over":
            console.print(wrapped(turn.lines, console.width), soft_wrap=True)
            try:
                typed = console.input("> ")
            except EOFError:
                typed = "q"
            with console.status("…"):
                turn = reply(script, turn.state, typed)
            if kept is not None:
                kept.write(loaded.case(turn.state.answers).to_dict())
        show_result(loaded, turn.state.answers, json=json)
    except KeyboardInterrupt:
        console.print("\nStopped before the result.")
        raise typer.Exit(1) from None
    finally:
        if kept is not None and kept.path.exists():
            console.print(*kept.farewell, sep="\n")
