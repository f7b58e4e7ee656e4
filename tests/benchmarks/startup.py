"""Measure what a new process costs: `import legdx`, and the first answers.  Writes docs/startup.md (`make startup`)."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNS = 11
CASE = ROOT / "tests" / "benchmarks" / "case_12_answers.json"

ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
"""Bytecode is kept, as pip leaves it: without, every process would compile legdx anew."""

IN_PROCESS = """
import time
began = time.perf_counter()
{code}
print(time.perf_counter() - began)
"""

WHAT = {
    "`import legdx`": "import legdx",
    "`legdx.load_model()`, import included": "import legdx; legdx.load_model()",
    "first `assess` of 12 answers, import and loading included": (
        f"import json, legdx; legdx.load_model().assess(json.load(open({str(CASE)!r})))"
    ),
}


def inside(code: str) -> float:
    """Seconds that the code takes in a new interpreter, its start not counted."""
    done = subprocess.run(
        [sys.executable, "-c", IN_PROCESS.format(code=code)],
        capture_output=True,
        text=True,
        check=True,
        env=ENVIRONMENT,
    )
    return float(done.stdout)


def command() -> float:
    """Seconds from start to end of `legdx assess` on 12 answers."""
    legdx = Path(sys.executable).with_name("legdx")
    began = time.perf_counter()
    subprocess.run([legdx, "assess", CASE], capture_output=True, check=True, env=ENVIRONMENT)
    return time.perf_counter() - began


def line(what: str, seconds: list[float]) -> str:
    """One row of the table."""
    return (
        f"| {what} | {1000 * statistics.median(seconds):.0f} | {1000 * min(seconds):.0f} | {1000 * max(seconds):.0f} |"
    )


def main() -> None:
    """Measure and write the page."""
    command()  # so that there is bytecode
    answers = len(json.loads(CASE.read_text()))
    rows = [line(what, [inside(code) for _ in range(RUNS)]) for what, code in WHAT.items()]
    rows.append(line(f"`legdx assess CASE.json`, {answers} answers, whole process", [command() for _ in range(RUNS)]))
    versions = f"Python {platform.python_version()}, NumPy {version('numpy')}, {os.cpu_count()} cores"
    page = [
        "# What a new process costs",
        "",
        f"Made by `make startup` on {dt.datetime.now(tz=dt.UTC).date()}: {versions}.",
        "",
        f"Every number is from {RUNS} new processes, in milliseconds; legdx is compiled to bytecode, as pip leaves it.",
        "",
        "| what | median | least | most |",
        "| --- | --- | --- | --- |",
        *rows,
    ]
    (ROOT / "docs" / "startup.md").write_text("\n".join(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
