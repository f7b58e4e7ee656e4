"""Run the command in this process, or in one of its own."""

import io
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from legdx.cli import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


@pytest.fixture
def legdx(capfdbinary, monkeypatch):
    """Call `legdx` with arguments, and optionally bytes on standard input."""

    def call(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capfdbinary.readouterr()
        code = main([str(argument) for argument in arguments])
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        assert b"Traceback" not in err
        return Done(code, out.decode(), err.decode())

    return call


@pytest.fixture(scope="session")
def fresh():
    """Call `legdx` in a new interpreter."""

    def call(*arguments, code="import sys; from legdx.cli import main; sys.exit(main())", **options):
        command = [sys.executable, "-c", code, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, check=False, **options)

    return call


@pytest.fixture
def case():
    return ROOT / "data" / "example_case.json"
