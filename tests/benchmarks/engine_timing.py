"""Times of the rows of one pattern, in a process of its own: `python engine_timing.py ROWS.npz OUT.npz BUDGET`.

Writes raw numbers only; `engine_cost.py` says what they mean.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from engine_rows import GROUPS, Rows, read_rows

import legdx
from legdx.engine import BatchResult, Budget, run_rows
from legdx.engine.compiled import compiled
from legdx.engine.planner import UNLIMITED
from legdx.network import Network

AGAIN_BELOW = 0.05
"""Seconds under which a row is timed twice and the lesser taken: other work on the machine only ever adds."""

KEPT_MARGINALS = 2000
"""Rows whose posteriors are handed back, to be held against other programs."""


@dataclass(frozen=True)
class Work:
    """The network and the rows that are timed."""

    network: Network
    rows: Rows
    budget: Budget

    def run(self, which: np.ndarray | slice, threads: int = 1) -> tuple[float, BatchResult]:
        """Return seconds and result of some of the rows."""
        packed = self.rows.chosen(which)
        began = time.perf_counter()
        result = run_rows(self.network, packed, self.rows.queries, budget=self.budget, threads=threads)
        return time.perf_counter() - began, result

    def planning_seconds(self) -> float:
        """Return seconds in which all rows are reduced and planned, and no table is made; NaN without kernels."""
        kernels = compiled(self.network)
        if kernels is None:
            return float("nan")
        began = time.perf_counter()
        kernels.run(self.rows.packed, self.rows.queries, budget=UNLIMITED, tolerance=np.inf, only_cost=True)
        return time.perf_counter() - began


def peak_bytes() -> float:
    """Return the most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak if sys.platform == "darwin" else 1024 * peak)


def least(times: int, what: Callable[[], float]) -> float:
    """Return the median of the quicker half: what it takes when nothing else runs."""
    return float(np.median(sorted(what() for _ in range(times))[: max(1, times // 2)]))


def measure(work: Work) -> dict[str, np.ndarray | float]:
    """Time all rows together, on one thread and on two, by groups, and one by one."""
    count = len(work.rows.present)
    loaded = peak_bytes()
    work.run(slice(0, min(count, 8)))
    seconds, result = work.run(slice(None))
    peak = peak_bytes()
    two, again = work.run(slice(None), threads=2)
    for one, other in ((result.marginals, again.marginals), (result.log_evidence, again.log_evidence)):
        if not np.array_equal(one, other, equal_nan=True):
            message = "two threads gave other bits than one"
            raise AssertionError(message)
    groups = [
        work.run(np.flatnonzero((work.rows.present >= low) & (work.rows.present <= high)))[0] for _, low, high in GROUPS
    ]
    nothing = slice(0, 0)
    overhead = least(200, lambda: work.run(nothing)[0])
    single = np.empty(count)
    for row in range(count):
        where = slice(row, row + 1)
        single[row] = work.run(where)[0]
        if single[row] < AGAIN_BELOW:
            single[row] = min(single[row], work.run(where)[0])
    return {
        "seconds": seconds,
        "two_threads": two,
        "loaded": loaded,
        "peak": peak,
        "groups": np.array(groups),
        "overhead": overhead,
        "single": single,
        "planning": work.planning_seconds(),
        "status": result.status,
        "costs": result.costs,
        "marginals": result.marginals[:KEPT_MARGINALS, 0],
    }


def main() -> None:
    """Measure one pattern."""
    rows, out, seconds = sys.argv[1:]
    model = legdx.load_model()
    work = Work(model.network, read_rows(Path(rows)), Budget(seconds=float(seconds)))
    np.savez(out, **measure(work))


if __name__ == "__main__":
    main()
