"""What a fresh process loads, how it treats its streams, and that README knows every command."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from legdx.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
LOADED = """
import sys
from legdx.cli import main
code = main()
sys.stderr.write("\\n" + " ".join(sorted(sys.modules)))
sys.exit(code)
"""
HEAVY = {
    "jsonschema",
    "matplotlib",
    "narwhals",
    "networkx",
    "pandas",
    "pgmpy",
    "pyarrow",
    "scipy",
    "sklearn",
    "torch",
    "yaml",
}


def test_assess_loads_no_heavy_library(fresh, case):
    for arguments in (("assess", case, "--json"), ("assess", case), ("explain", case)):
        done = fresh(*arguments, code=LOADED)
        assert done.returncode == 0, done.stderr
        loaded = set(done.stderr.decode().splitlines()[-1].split())
        assert "legdx.model" in loaded
        assert sorted(loaded & HEAVY) == []


def test_help_loads_not_even_numpy(fresh):
    done = fresh("--help", code=LOADED)
    loaded = set(done.stderr.decode().splitlines()[-1].split())
    assert sorted(loaded & (HEAVY | {"numpy"})) == []


def test_output_is_utf_8_whatever_the_terminal(fresh, case, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = fresh("assess", case, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode("utf-8"))


def test_a_reader_that_goes_away_is_no_traceback():
    code = "import sys; from legdx.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "simulate", "-n", "2000", "-o", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(10)
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def commands():
    return sorted(typer.main.get_command(app).commands)


@pytest.mark.skipif(not (ROOT / "README.md").is_file(), reason="this installation has no README")
def test_every_command_is_documented_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [verb for verb in commands() if not re.search(rf"\blegdx {verb}\b", readme)] == []


def test_the_verbs_are_the_promised_ones():
    assert commands() == [
        "assess",
        "build",
        "check",
        "evaluate",
        "explain",
        "export",
        "interview",
        "map",
        "report",
        "score",
        "simulate",
        "template",
    ]


def test_a_module_of_a_verb_is_short():
    for verb in commands():
        lines = (ROOT / "legdx" / "cli" / f"{verb}.py").read_text(encoding="utf-8").splitlines()
        assert len(lines) < 60, verb
