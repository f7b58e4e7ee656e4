"""ARCHITECTURE.md has a line for every file of the package, and for no file that is not there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_module_is_described_and_every_described_module_exists():
    described = set(re.findall(r"`(legdx/[\w/]+\.py)`", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")))
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "legdx").rglob("*.py")}
    assert described == there


def test_every_dependency_is_given_a_reason():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needed = re.findall(r'^  "([A-Za-z-]+)>=', project.split("[project.optional-dependencies]")[0], flags=re.MULTILINE)
    assert needed
    table = text.split("## Dependencies")[1].split("##")[0]
    assert [name for name in needed if name not in table] == []
