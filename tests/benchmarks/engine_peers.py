"""Other programs on the same rows: started, watched, ended when they take too long, and held against our answers."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from engine_cost import plain

SCRIPT = Path(__file__).with_name("engine_peer.py")
TOLERANCE = 1e-9
"""Both sides are exact; each sums up to a billion products in doubles."""


@dataclass(frozen=True)
class Limits:
    """What a peer may take: rows, seconds a row, seconds in all (start and loading not counted), bytes, failures."""

    rows: int = 500
    row_seconds: float = 60.0
    total_seconds: float = 300.0
    start_seconds: float = 300.0
    memory: float = 6e9
    failures: int = 3

    def __str__(self) -> str:
        """Say it in a sentence."""
        return (
            f"at most {self.rows} rows, {self.row_seconds:g} s a row, {self.total_seconds:g} s in all, "
            f"{self.memory / 1e9:g} GB; unassisted, it is stopped after {self.failures} rows that did not finish"
        )


@dataclass
class Outcome:
    """What a peer did: for each row seconds by part and marginals, or why there are none."""

    seconds: dict[int, dict[str, float]] = field(default_factory=dict)
    marginals: dict[int, list[float]] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)

    def take(self, row: int, line: dict[str, Any]) -> None:
        """Note what a peer says of a row."""
        if "failed" in line:
            self.failed[row] = line["failed"]
        else:
            self.seconds[row], self.marginals[row] = line["seconds"], line["marginals"]


@dataclass(frozen=True)
class Own:
    """What we did with the same rows: seconds, table entries, and P(present) of what was asked, (rows, asked)."""

    seconds: np.ndarray
    entries: np.ndarray
    marginals: np.ndarray


class Process:
    """A peer's process and the lines that it writes."""

    def __init__(self, peer: str, rows: Path, first: int, last: int, memory: float) -> None:
        command = [sys.executable, str(SCRIPT), peer, str(rows), str(first), str(last), str(memory)]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        self.lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.put(line)
        self.lines.put(None)

    def next(self, seconds: float) -> dict[str, Any]:
        """Return the next line; raises TimeoutError when none comes in time, EOFError when the process has ended."""
        try:
            line = self.lines.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            raise TimeoutError from None
        if line is None:
            raise EOFError
        found: dict[str, Any] = json.loads(line)
        return found

    def end(self) -> None:
        """End it; there is no process any more."""
        self.process.kill()
        self.process.wait()


def run_peer(peer: str, rows: Path, count: int, limits: Limits) -> Outcome:
    """Run a peer on the first rows; its process is started again after a row that it did not finish."""
    outcome, process, spent = Outcome(), None, 0.0
    most = count if peer.startswith("reduced") else limits.failures
    for row in range(count):
        left = limits.total_seconds - spent
        if left <= 0 or len(outcome.failed) >= most:
            break
        if process is None:
            process = Process(peer, rows, row, count, limits.memory)
            try:
                process.next(limits.start_seconds)
            except (TimeoutError, EOFError):
                outcome.failed[row] = "could not load the model"
                break
        began = time.perf_counter()
        try:
            outcome.take(row, process.next(min(limits.row_seconds, left)))
        except TimeoutError:
            if left >= limits.row_seconds:
                outcome.failed[row] = f"not done in {limits.row_seconds:g} s"
            process = process.end()
        except EOFError:
            outcome.failed[row] = "its process ended"
            process = process.end()
        spent += time.perf_counter() - began
    if process is not None:
        process.end()
    return outcome


def summary(outcome: Outcome, own: Own) -> dict[str, Any]:
    """Return what a peer did, beside what we took for the same rows, ready for JSON."""
    own_seconds, own_marginals = own.seconds, own.marginals
    done = sorted(outcome.seconds)
    both = [row for row in done if np.isfinite(own_marginals[row]).all()]
    differences = [float(np.max(np.abs(own_marginals[row] - outcome.marginals[row]))) for row in both]
    parts = {name: [outcome.seconds[row][name] for row in done] for name in (outcome.seconds[done[0]] if done else ())}
    mine = float(np.median(own_seconds[both])) if both else None
    theirs = float(np.median([outcome.seconds[row]["inference"] for row in both])) if both else None
    everything = float(np.median([sum(outcome.seconds[row].values()) for row in both])) if both else None
    return {
        "rows_done": len(done),
        "rows_failed": len(outcome.failed),
        "failures": {reason: list(outcome.failed.values()).count(reason) for reason in outcome.failed.values()},
        "ms": {
            part: {
                "median": plain(1e3 * float(np.median(times))),
                "mean": plain(1e3 * float(np.mean(times))),
                "max": plain(1e3 * max(times)),
            }
            for part, times in parts.items()
        },
        "own_median_us": None if mine is None else plain(1e6 * mine),
        "own_median_entries": plain(float(np.median(own.entries[both]))) if both else None,
        "ratio_median": None if mine is None or theirs is None else plain(theirs / mine),
        "ratio_median_with_building": None if mine is None or everything is None else plain(everything / mine),
        "rows_compared": len(both),
        "worst_difference": plain(float(np.max(differences))) if both else None,
        "agrees": all(one <= TOLERANCE for one in differences),
    }


def run_peers(names: Sequence[str], rows: Path, limits: Limits, own: Own) -> dict[str, dict[str, Any]]:
    """Run peers one after the other on the first rows of a file."""
    count = min(limits.rows, len(own.marginals))
    found = {}
    for name in names:
        found[name] = summary(run_peer(name, rows, count, limits), own)
        inference = found[name]["ms"].get("inference", {})
        print(f"  {name}: {found[name]['rows_done']} rows, median {inference.get('median')} ms", flush=True)
    return found
