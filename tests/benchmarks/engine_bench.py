"""How fast the engine is on the curated network, beside pgmpy and pyAgrum; writes docs/benchmarks (`make bench`).

    python tests/benchmarks/engine_bench.py                                 some two hours, on an idle machine
    python tests/benchmarks/engine_bench.py --rows 1000 --only whole case   part of it
    python tests/benchmarks/engine_bench.py --quick -o FOLDER               a smoke test

Every pattern is timed in a process of its own, every other program too.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

import engine_install
import numpy as np
from engine_cost import plain, product_ns, steps_of, summary
from engine_page import page
from engine_peer import PEERS
from engine_peers import Limits, Own, run_peers
from engine_rows import count_present, draw_rows, patterns, queries_of, save_rows

import legdx
from legdx import Model
from legdx.engine import BatchResult, Budget, Packed, kernels, pack, prepare, run_rows
from legdx.engine.compiled import Compiled, compiled
from legdx.network import Network

ROOT = Path(__file__).resolve().parents[2]
CASE = Path(__file__).with_name("case_12_answers.json")
PARTS = ("whole", "short", "complaints", "case", "peers", "installation")
TIMING = Path(__file__).with_name("engine_timing.py")


def machine() -> dict[str, Any]:
    """Describe the machine and what runs on it, without naming it."""
    packages = ("numpy", "scipy", "pgmpy", "pyagrum")
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": {"legdx": legdx.__version__, **{name: version(name) for name in packages}},
        "kernels": kernels().name,
        "product_ns": plain(product_ns()),
    }


def processor() -> str:
    """Return the processor's name where the system tells it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def timed(model: Model, name: str, given: argparse.Namespace, limits: Limits) -> dict[str, Any]:
    """Measure one pattern, and the other programs on its first rows."""
    pattern = patterns(model)[name]
    rows = draw_rows(model.network, pattern, given.rows, (given.seed, list(patterns(model)).index(name)))
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "rows.npz"), Path(folder, "out.npz")
        save_rows(rows, path)
        subprocess.run([sys.executable, str(TIMING), str(path), str(out), str(given.budget_seconds)], check=True)
        with np.load(out) as found:
            raw = dict(found)
        described = {
            "title": pattern.title,
            "description": pattern.description,
            "questions": len(pattern.asked),
            "answered": plain(float((rows.packed.codes != 255).sum(axis=1).mean())),
            **summary(rows.present, raw),
        }
        print(f"{pattern.title}: {described['rows_per_second']} rows a second", flush=True)
        if "peers" in given.only and (name == "whole" or not given.quick):
            own = np.maximum(raw["single"] - raw["overhead"], 0.0)
            sizes = model.network.sizes(rows.queries)
            present = np.concatenate([[0], np.cumsum(sizes)[:-1]]) + 1
            ours = Own(own, raw["costs"][:, 0], raw["marginals"][:, present])
            described["peers"] = run_peers(list(PEERS), path, limits, ours)
    return described


def one_case(model: Model, times: int) -> dict[str, Any]:
    """Measure a warm single case: through the kernels, through `prepare`, and the whole of `model.assess`."""
    answers = json.loads(CASE.read_text(encoding="utf-8"))
    evidence = dict(model.case(answers).evidence(model.network))
    packed, queries = pack(evidence), queries_of(model.network)
    result = run_rows(model.network, packed, queries)
    steps, none = steps_of(result.costs), Packed(packed.variables, packed.codes[:0])
    return {
        "answers": len(answers),
        "present": int(count_present(model.network, packed.variables, packed.codes)[0]),
        "entries": plain(float(result.costs[0, 0])),
        "steps": None if steps is None else int(steps[0]),
        "call_us": median_of(10 * times, 1e6, lambda: run_rows(model.network, none, queries)),
        "reducing_us": reducing_us(model.network, packed, queries, 10 * times),
        "assess_asks": asked_by(model, answers),
        "engine_us": median_of(10 * times, 1e6, lambda: run_rows(model.network, packed, queries)),
        "prepare_and_posterior_us": median_of(
            times, 1e6, lambda: prepare(model.network, evidence, queries, budget=Budget()).posterior()
        ),
        "assess_ms": median_of(times, 1e3, lambda: model.assess(answers)),
    }


def reducing_us(network: Network, rows: Packed, queries: Sequence[int], times: int) -> float | None:
    """Return what a call takes that reduces the row, finds its schedule and makes no table; None without kernels."""
    kernel = compiled(network)
    if kernel is None:
        return None
    return median_of(times, 1e6, lambda: kernel.run(rows, queries, budget=Budget(), tolerance=np.inf, only_cost=True))


def asked_by(model: Model, answers: dict[str, Any]) -> dict[str, float | None]:
    """Return how often a warm `model.assess` asks the kernels, about how many rows, and how long that takes."""
    run, asked = Compiled.run, []

    def listen(*given: Any, **named: Any) -> BatchResult:
        began = time.perf_counter()
        found = run(*given, **named)
        asked.append((time.perf_counter() - began, len(found.status), found.costs[:, 0].sum()))
        return found

    model.assess(answers)
    with mock.patch.object(Compiled, "run", listen):
        model.assess(answers)
    seconds, rows, entries = (sum(one) for one in zip(*asked, strict=True)) if asked else (math.nan, 0, math.nan)
    return {"calls": len(asked), "rows": int(rows), "ms": plain(1e3 * seconds), "entries": plain(float(entries))}


def median_of(times: int, unit: float, what: Callable[[], object]) -> float | None:
    """Return the median time of a call that has run before."""
    taken = []
    for _ in range(times + 1):
        began = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began)
    return plain(unit * float(np.median(taken[1:])))


def headline(found: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers that are held against targets, of the whole questionnaire; None where it was left out."""
    whole, case = found["patterns"].get("whole", {}), found["single_case"] or {}
    rates = {name: one["rows_per_second"] for name, one in whole.get("by_present", {}).items()}
    assisted = {name: one for name, one in whole.get("peers", {}).items() if name.startswith("reduced")}
    ratios = [one["ratio_median"] for one in assisted.values() if one["ratio_median"] is not None]
    p99 = whole.get("row_us", {}).get("p99")
    installed = found["installation"] or {}
    return {
        "rows_per_second_6": rates.get("at most 6"),
        "rows_per_second_10": rates.get("at most 10"),
        "rows_per_second_all": whole.get("rows_per_second"),
        "p99_ms": None if p99 is None else plain(p99 / 1e3),
        "flagged": whole.get("flagged", {}).get("rows"),
        "ratio_pyagrum_median": min(ratios, default=None),
        "first_batch_s": installed.get("first_process", {}).get("first_row_s"),
        "engine_us_single": case.get("engine_us"),
        "assess_ms": case.get("assess_ms"),
    }


def disagreements(found: dict[str, Any]) -> list[str]:
    """Name the programs whose posteriors are not ours."""
    return [
        f"{name}, {pattern}: {one['worst_difference']}"
        for pattern, described in found["patterns"].items()
        for name, one in described.get("peers", {}).items()
        if not one["agrees"]
    ]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000, help="respondents a pattern")
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure")
    parser.add_argument("--without", nargs="+", choices=PARTS, default=[], help="parts to leave out")
    parser.add_argument("--budget-seconds", type=float, default=Budget().seconds, help="what one row may cost")
    parser.add_argument("--peer-rows", type=int, default=Limits.rows, help="rows that other programs are given")
    parser.add_argument("--peer-row-seconds", type=float, default=Limits.row_seconds)
    parser.add_argument("--peer-total-seconds", type=float, default=Limits.total_seconds)
    parser.add_argument("--peer-memory", type=float, default=Limits.memory, help="bytes of address space")
    parser.add_argument(
        "--quick", action="store_true", help="small everything, other programs on one pattern, no installation"
    )
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "benchmarks", help="a folder")
    given = parser.parse_args()
    if given.quick:
        given.rows, given.budget_seconds = min(given.rows, 60), min(given.budget_seconds, 0.02)
        given.peer_rows, given.peer_row_seconds, given.peer_total_seconds = 2, 2.0, 2.0
        given.without = [*given.without, "installation"]
    given.only = [part for part in given.only if part not in given.without]
    return given


def command(given: argparse.Namespace) -> str:
    """Return the command that repeats the measurement."""
    words = f"python tests/benchmarks/engine_bench.py --rows {given.rows} --seed {given.seed}"
    if set(given.only) != set(PARTS):
        words += f" --only {' '.join(given.only)}"
    if given.budget_seconds != Budget().seconds:
        words += f" --budget-seconds {given.budget_seconds:g}"
    peers = {"rows": given.peer_rows, "row_seconds": given.peer_row_seconds, "total_seconds": given.peer_total_seconds}
    for name, value in {**peers, "memory": given.peer_memory}.items():
        if value != getattr(Limits, name):
            words += f" --peer-{name.replace('_', '-')} {value:g}"
    return words


def write(found: dict[str, Any], folder: Path) -> None:
    """Write what has been measured so far."""
    whole = headline(found) | found
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "latest.json").write_text(json.dumps(whole, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(page(whole), encoding="utf-8")


def main() -> None:
    """Measure and write, what can fail for reasons outside first."""
    given = arguments()
    model = legdx.load_model()
    limits = Limits(given.peer_rows, given.peer_row_seconds, given.peer_total_seconds, memory=given.peer_memory)
    found: dict[str, Any] = {
        "made": {
            "date": dt.datetime.now(dt.UTC).date().isoformat(),
            "command": command(given),
            "rows": given.rows,
            "seed": given.seed,
            "budget_seconds": given.budget_seconds,
            "peer_limits": str(limits),
            "quick": given.quick,
        },
        "machine": machine(),
        "model": {"id": model.id, "version": model.version, "digest": model.digest},
        "single_case": None,
        "installation": None,
        "patterns": {},
    }
    if "installation" in given.only:
        rows = draw_rows(model.network, patterns(model)["whole"], engine_install.ROWS, (given.seed, 3))
        found["installation"] = engine_install.measure(rows)
        print(f"first row after a fresh installation: {found['installation']['first_process']}", flush=True)
    if "case" in given.only:
        found["single_case"] = one_case(model, 20 if given.quick else 200)
    for name in patterns(model):
        if name in given.only:
            found["patterns"][name] = timed(model, name, given, limits)
            write(found, given.output)
    write(found, given.output)
    if wrong := disagreements(found):
        sys.exit("posteriors differ by more than 1e-9: " + "; ".join(wrong))


if __name__ == "__main__":
    main()
