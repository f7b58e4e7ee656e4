"""The kernels compiled once more, with so small a limit on tables that small networks are run in slices, too."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from legdx.engine import compiled, kernels

ROOT = Path(__file__).parents[2]

THRESHOLDS = {"cached_entries = 1 << 16;": "cached_entries = {};", "slices_may_cost = 1.5;": "slices_may_cost = 1e18;"}


def compile_kernels(folder: Path, entries: int) -> Path:
    """Compile the kernels into a folder, for the plainest processor; tables over so many entries are sliced."""
    cxx = shlex.split(os.environ.get("CXX", "c++"))
    if not kernels().are_compiled or os.name == "nt" or shutil.which(cxx[0]) is None:
        pytest.skip("no kernels, or no compiler")
    sources = shutil.copytree(ROOT / "legdx" / "engine" / "kernels", folder / f"kernels_{entries}")
    text = (sources / "schedule.cpp").read_text(encoding="utf-8")
    for usual, forced in THRESHOLDS.items():
        assert usual in text
        text = text.replace(usual, forced.format(entries))
    (sources / "schedule.cpp").write_text(text, encoding="utf-8")
    said = re.search(r"^UNIX_FLAGS = (\(.*?\))", (ROOT / "hatch_build.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert said
    made = sources / "forced.so"
    files = [str(path) for path in sorted(sources.glob("*.cpp"))]
    flags = [*ast.literal_eval(said[1]), "-DLEGDX_ISA=base", "-shared", "-o", str(made)]
    subprocess.run([*cxx, *flags, *files, "-lpthread"], check=True)
    return made


@contextmanager
def use(made: Path) -> Iterator[None]:
    """Run by these kernels whatever is run meanwhile, on networks that no other kernels have seen."""
    library = compiled._Library(made)  # noqa: SLF001
    found = compiled.Kernels(f"{library.processor}, {made.parent.name}", "compiled for this test")
    with mock.patch.object(compiled, "_loaded", return_value=(library, found)):
        yield
