"""What an interview needs of a terminal and of a file: lines read whatever was typed, answers kept as they come."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import itertools
import json as json_text
import os
import sys
import tempfile
import textwrap
import typing
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from legdx.errors import FormatError
from legdx.knowledge import FrozenMap

if typing.TYPE_CHECKING:
    from legdx.inquiry.dialogue import Script
    from legdx.model import Model

__all__ = ["CaseFile", "open_terminal", "script_of", "show_result", "wrapped"]

DECIDED_EVERY = 5
"""After how many answers the stop rule is decided: it may evaluate every open question, and people wait."""

DECIDED_WITHIN = 1.5
"""Seconds that this may take; past them the interview says that it was not worked out, and goes on."""

SHOWN = 12
"""How many causes fit on a screen together with the urgency."""


class CaseFile:
    """A file that holds the case as it grows; written anew, in one step, after every answer.

    Raises FormatError where there is something already that the interview does not go on with.
    """

    def __init__(self, path: Path, begun_from: str | None) -> None:
        self.path = path
        same = begun_from is not None and path.exists() and Path(begun_from).exists() and path.samefile(begun_from)
        if path.exists() and not same:
            message = f"{path} is there already"
            raise FormatError(message, hint=f"go on with it: `legdx interview {path} --save {path}`, or name another")

    @property
    def farewell(self) -> tuple[str, ...]:
        """Where the answers are, and what can be done with them."""
        return (
            f"The answers are kept in {self.path}.",
            f"All causes: legdx assess {self.path}",
            f"To go on: legdx interview {self.path} --save {self.path}",
        )

    def write(self, case: Mapping[str, typing.Any]) -> None:
        """Write the case; the file is for its owner's eyes alone."""
        text = json_text.dumps(case, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        with tempfile.NamedTemporaryFile("w", dir=self.path.parent, encoding="utf-8", delete=False) as stream:
            try:
                stream.write(text)
                stream.close()
                Path(stream.name).replace(self.path)
            except BaseException:
                Path(stream.name).unlink(missing_ok=True)
                raise


def open_terminal() -> None:
    """Make standard input give a line for whatever bytes come, and let arrow keys edit it where that is possible."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if os.isatty(0):
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401 - importing it is what it takes


def show_result(model: Model, answers: Mapping[str, typing.Any], *, json: bool) -> None:
    """Show the result: all of it as JSON, or a page with the most probable causes, the urgency above them in sight."""
    from legdx.cli.pages import show_assessment
    from legdx.cli.streams import print_json

    result = model.assess(answers)
    if json:
        print_json(result.to_dict())
        return
    first = FrozenMap(dict(itertools.islice(result.posterior.items(), SHOWN)))
    show_assessment(dataclasses.replace(result, posterior=first), model.knowledge)


def wrapped(lines: Iterable[str], width: int) -> str:
    """Return the lines as one text, wrapped between words, a line's indentation kept where it goes on."""
    done = []
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        done.append(textwrap.fill(line, max(width, 20), subsequent_indent=indent, break_on_hyphens=False))
    return "\n".join(done)


def script_of(model: Model) -> Script:
    """Return what an interview asks of this model: age, sex and the complaints first; no examination and no test."""
    from legdx.inquiry import Settings
    from legdx.inquiry.dialogue import Script
    from legdx.inquiry.words import Words
    from legdx.network.structure import AGE, SEX

    findings = model.knowledge.findings.values()
    details = Counter(finding.gate for finding in findings)
    complaints = [finding.id for finding in findings if finding.role == "complaint"]
    complaints.sort(key=lambda name: -details[name])  # those that the model knows most about come first
    quick = Settings(costs={"question": 1.0}, candidates=12)
    deciding = dataclasses.replace(quick, decide_stop=True, decide_seconds=DECIDED_WITHIN)
    return Script(
        words=Words(model.knowledge),
        network=model.network,
        opening=(AGE, SEX, *complaints),
        check=model.case,
        advise=lambda answers, closed, among: model.next_questions(
            answers,
            1,
            settings=quick if len(answers) % DECIDED_EVERY else deciding,
            leave_out=closed,
            among=among,
        ),
    )
