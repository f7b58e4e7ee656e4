"""Time from the start of a new process to its first scored rows, legdx just installed from a wheel."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from engine_rows import Rows, save_rows

ROOT = Path(__file__).resolve().parents[2]
ROWS = 100
RUNS = 6

FIRST = """
import sys, time
import numpy as np
import legdx
from legdx.engine import Packed, run_rows, kernels
found = np.load(sys.argv[1])
network = legdx.load_model().network
queries = tuple(found["queries"].tolist())
def score(rows):
    return run_rows(network, Packed(found["variables"], found["codes"][rows]), queries)
score(slice(0, 1))
first = time.time()
result = score(slice(None))
print(first, time.time(), kernels().name, int((result.status == 0).sum()), legdx.__file__)
"""


def measure(rows: Rows) -> dict[str, Any]:
    """Build the wheel, install it into an empty environment, and time new processes there; some minutes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        run([*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT)])
        run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")])
        python = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        run([*pip, "--python", str(python), "install", *map(str, folder.glob("*.whl"))])
        save_rows(Rows(rows.chosen(slice(0, ROWS)), rows.queries, rows.present[:ROWS]), folder / "rows.npz")
        times = [one_process(python, folder) for _ in range(RUNS)]
    first, later = times[0], times[1:]
    return {
        "rows": ROWS,
        "kernels": first["kernels"],
        "first_process": {"first_row_s": first["first_row_s"], "all_rows_s": first["all_rows_s"]},
        "later_processes": {
            key: float(np.median([one[key] for one in later])) for key in ("first_row_s", "all_rows_s")
        },
    }


def one_process(python: Path, folder: Path) -> dict[str, Any]:
    """Return what one new process takes, its start included."""
    began = time.time()
    output = run([str(python), "-I", "-c", FIRST, str(folder / "rows.npz")], cwd=folder)
    first, last, kernels, _, place = output.split(maxsplit=4)
    if not Path(place.strip()).is_relative_to(folder.resolve()):
        message = f"the new process used another installation: {place}"
        raise RuntimeError(message)
    return {"first_row_s": float(first) - began, "all_rows_s": float(last) - began, "kernels": kernels}


def run(command: list[str], cwd: Path | None = None) -> str:
    """Run a command; its output."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    if done.returncode != 0:
        message = f"{' '.join(command[:6])} ... failed:\n{done.stderr[-2000:]}"
        raise RuntimeError(message)
    return done.stdout
