"""The command with all its verbs, and what becomes of errors."""

from __future__ import annotations

import os
import sys
import typing
from collections.abc import Sequence

import typer

from legdx import __version__
from legdx.cli import assess, build, check, evaluate, explain, export, interview, report, score, simulate, template
from legdx.cli import map as map_verb
from legdx.errors import LegdxError

__all__ = ["app", "main"]

NOTICE = "legdx informs. It is not a medical device and replaces no clinician."

app = typer.Typer(
    help=f"Which causes explain tremor, twitching or weakness of the legs, how sure is that, and why.\n\n{NOTICE}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("assess")(assess.run)
app.command("explain")(explain.run)
app.command("interview")(interview.run)
app.command("map")(map_verb.run)
app.command("score")(score.run)
app.command("template")(template.run)
app.command("build")(build.run)
app.command("check")(check.run)
app.command("evaluate")(evaluate.run)
app.command("report")(report.run)
app.command("export")(export.run)
app.command("simulate")(simulate.run)


def _version(wanted: bool) -> None:
    if wanted:
        from legdx.engine import kernels

        typer.echo(f"legdx {__version__}\n{kernels()}\n{NOTICE}")
        raise typer.Exit


@app.callback()
def _common(
    version: typing.Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Hold the options that stand before a verb."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, by default those of the process; return its exit code.

    An error that legdx raises on purpose, and one of the operating system about a file, is shown as a message with a
    hint, without a traceback.
    """
    try:
        app(args=None if arguments is None else list(arguments), prog_name="legdx")
    except SystemExit as end:
        return _code(end)
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except LegdxError as error:
        _show(str(error))
    except OSError as error:
        _show(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))
    return 1


def _code(end: SystemExit) -> int:
    return end.code if isinstance(end.code, int) else int(end.code is not None)


def _show(message: str) -> None:
    typer.secho("Error: ", err=True, nl=False, bold=True)
    typer.echo(message, err=True)
