"""JSON in and out, and `-` for standard input and output."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import tempfile
import typing
from collections.abc import Iterator
from pathlib import Path

from legdx.errors import FormatError

__all__ = ["STANDARD", "input_path", "output_path", "print_json", "read_case"]

STANDARD = "-"


def read_case(name: str) -> dict[str, typing.Any]:
    """Return the JSON object in a file, or in standard input for `-`; raises FormatError when it is none."""
    label = "standard input" if name == STANDARD else name
    try:
        content = sys.stdin.buffer.read() if name == STANDARD else Path(name).read_bytes()
        case = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except FileNotFoundError as error:
        message = f"there is no file {name}"
        raise FormatError(message, hint="name a file that holds a case as JSON, or `-`") from error
    except UnicodeDecodeError as error:
        message = f"{label} is not UTF-8 text"
        raise FormatError(message, hint="save the case as UTF-8") from error
    except RecursionError as error:
        message = f"{label} is nested too deeply to be a case"
        raise FormatError(message, hint='write {"age": 67, "sex": "male", "tremor": "present"}') from error
    except json.JSONDecodeError as error:
        message = f"{label}, line {error.lineno}: this is not JSON: {error.msg}"
        raise FormatError(message, hint='write {"age": 67, "sex": "male", "tremor": "present"}') from error
    if not isinstance(case, dict):
        message = f"{label} holds no JSON object"
        raise FormatError(message, hint='write {"age": 67, "sex": "male", "tremor": "present"}')
    return case


def _once(pairs: list[tuple[str, typing.Any]]) -> dict[str, typing.Any]:
    """Refuse an answer that is given twice: JSON would keep the last one in silence."""
    found: dict[str, typing.Any] = {}
    for key, value in pairs:
        if key in found:
            message = f"{key!r} stands twice in one JSON object"
            raise FormatError(message, hint="give one answer")
        found[key] = value
    return found


def _no_constant(name: str) -> typing.NoReturn:
    message = f"{name} is no JSON"
    raise FormatError(message, hint='write "unknown" for what is not known, or leave it out')


def print_json(content: typing.Any) -> None:  # noqa: ANN401 - what JSON can hold
    """Write JSON to standard output, in UTF-8 whatever the terminal; a number that JSON cannot hold is an error."""
    sys.stdout.buffer.write(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n")
    sys.stdout.buffer.flush()


@contextlib.contextmanager
def input_path(name: str) -> Iterator[Path]:
    """Give a file to read; standard input is first written to a temporary one, for it can be read only once."""
    if name != STANDARD:
        yield Path(name)
        return
    with tempfile.TemporaryDirectory(prefix="legdx-") as folder:
        path = Path(folder) / "standard_input"
        with path.open("wb") as stream:
            shutil.copyfileobj(sys.stdin.buffer, stream)
        yield path


@contextlib.contextmanager
def output_path(name: str, file: str) -> Iterator[Path]:
    """Give a file to write; for standard output it is a temporary one called `file`, copied there at the end."""
    if name != STANDARD:
        yield Path(name)
        return
    with tempfile.TemporaryDirectory(prefix="legdx-") as folder:
        path = Path(folder) / file
        yield path
        with path.open("rb") as stream:
            shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()
