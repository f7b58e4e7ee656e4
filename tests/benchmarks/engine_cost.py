"""What the measured times of a pattern say: rates, percentiles, and a cost model that says what bounds them."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from engine_rows import GROUPS

from legdx.engine import Status

SCHEDULE = Path(__file__).resolve().parents[2] / "legdx" / "engine" / "kernels" / "schedule.cpp"
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
MOST_LISTED = 20
AT_MOST = {"at most 6": 6, "at most 10": 10, "all": 10**6}

Numbers = Mapping[str, Any]


def plain(value: float) -> float | None:
    """Return a number that JSON can hold, to six digits."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def quantiles(values: np.ndarray, unit: float = 1.0) -> dict[str, float | None]:
    """Return the percentiles that are reported."""
    return {
        name: plain(unit * float(np.quantile(values, share, method="inverted_cdf"))) for name, share in SHARES.items()
    }


def summary(present: np.ndarray, found: Numbers) -> dict[str, Any]:
    """Return everything that is told of one pattern, ready for JSON."""
    status, entries = found["status"], found["costs"][:, 0]
    own = np.maximum(found["single"] - found["overhead"], 0.0)
    model = cost_model(own, found["costs"], status)
    count, scored = len(status), int(np.sum(status == Status.DONE))
    slowest = np.sort(own)[-max(1, count // 100) :]
    return {
        "rows": count,
        "present": quantiles(present),
        "rows_per_second": plain(scored / float(found["seconds"])),
        "seconds": plain(float(found["seconds"])),
        "by_present": by_present(present, found, model),
        "row_us": quantiles(own, 1e6) | {"mean": plain(1e6 * float(own.mean()))},
        "call_overhead_us": plain(1e6 * float(found["overhead"])),
        "one_by_one_over_batch": plain(float(own.sum()) / float(found["seconds"])),
        "planning_share": plain(float(found["planning"]) / float(found["seconds"])),
        "planning_us": plain(1e6 * float(found["planning"]) / count),
        "slowest_hundredth_share": plain(float(slowest.sum() / max(own.sum(), 1e-12))),
        "two_threads": {
            "rows_per_second": plain(scored / float(found["two_threads"])),
            "speed_up": plain(float(found["seconds"]) / float(found["two_threads"])),
        },
        "memory_mb": {name: plain(float(found[name]) / 1e6) for name in ("loaded", "peak")},
        "entries": quantiles(entries) | {"mean": plain(float(entries[status == Status.DONE].mean()))},
        "flagged": flagged(present, status, found["costs"]),
        "cost_model": model,
    }


def by_present(present: np.ndarray, found: Numbers, model: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return rates by number of present findings; those of several groups together come from the same runs."""
    scored, entries = found["status"] == Status.DONE, found["costs"][:, 0]
    result = {}

    def add(name: str, low: int, high: int) -> None:
        inside = (present >= low) & (present <= high)
        seconds = sum(
            float(s)
            for s, (_, least, most) in zip(found["groups"], GROUPS, strict=True)
            if low <= least and most <= high
        )
        done = inside & scored
        mean = float(entries[done].mean()) if done.any() else math.nan
        arithmetic = mean * (model["ns_an_entry"] or math.nan) * 1e-9
        result[name] = {
            "rows": int(inside.sum()),
            "rows_per_second": plain(float(done.sum()) / seconds) if done.any() else None,
            "median_entries": plain(float(np.median(entries[done]))) if done.any() else None,
            "mean_entries": plain(mean),
            "most_rows_per_second": plain(1.0 / arithmetic) if arithmetic > 0 else None,
        }

    for name, low, high in GROUPS:
        add(name, low, high)
    for name, most in AT_MOST.items():
        add(name, 0, most)
    result["all"]["rows_per_second"] = plain(float(scored.sum()) / float(found["seconds"]))
    return result


def flagged(present: np.ndarray, status: np.ndarray, costs: np.ndarray) -> dict[str, Any]:
    """Return how many rows have no posterior, and what the first of them were predicted to cost."""
    rows = np.flatnonzero(status != Status.DONE)
    return {
        "rows": len(rows),
        **{one.name.lower(): int(np.sum(status == one)) for one in Status if one != Status.DONE},
        "first": [
            {
                "row": int(r),
                "status": Status(status[r]).name.lower(),
                "present": int(present[r]),
                "entries": plain(costs[r, 0]),
                "bytes": plain(costs[r, 1]),
                "seconds": plain(costs[r, 2]),
            }
            for r in rows[:MOST_LISTED]
        ],
    }


def constants() -> tuple[float | None, float | None]:
    """Return seconds an entry and seconds a step, as the kernels reckon with them."""
    text = SCHEDULE.read_text(encoding="utf-8")
    found = [re.search(rf"\b{name} = ([\d.e+-]+);", text) for name in ("seconds_an_entry", "seconds_a_step")]
    entry, step = (float(one[1]) if one else None for one in found)
    return entry, step


def steps_of(costs: np.ndarray) -> np.ndarray | None:
    """Return the number of steps of each row, from what the kernels predict; None where it cannot be told.

    The prediction is linear in entries and steps; its two constants stand in the kernels' source.
    """
    entry, step = constants()
    if entry is None or step is None:
        return None
    steps = (costs[:, 2] - entry * costs[:, 0]) / step
    rounded = np.round(steps)
    return rounded if np.quantile(np.abs(steps - rounded), 0.9) < 1e-3 and rounded.min() >= 0 else None


def cost_model(own: np.ndarray, costs: np.ndarray, status: np.ndarray) -> dict[str, Any]:
    """Fit seconds = row + step * steps + entry * entries to the rows that the kernels scored.

    Least squares of relative errors: of absolute ones, the few dearest rows alone would decide.
    """
    by_kernels = (status == Status.DONE) & (costs[:, 4] > 0.0) & (own > 0.0)
    taken, costs = own[by_kernels], costs[by_kernels]
    if len(taken) < 8:
        return {"rows": len(taken), "us_a_row": None, "ns_an_entry": None, "ns_a_step": None, "residuals": []}
    steps = steps_of(costs)
    columns = [np.ones(len(taken)), costs[:, 0]] + ([] if steps is None else [steps])
    matrix = np.stack(columns, axis=1) / taken[:, np.newaxis]
    scale = np.abs(matrix).max(axis=0)
    fitted = non_negative(matrix / scale) / scale
    ratio = 1.0 / (matrix @ fitted)
    bands = [1e3, 1e4, 1e5, 1e6, 1e7, math.inf]
    residuals = []
    for low, high in zip([0.0, *bands], bands, strict=False):
        inside = (costs[:, 0] >= low) & (costs[:, 0] < high)
        if inside.any():
            residuals.append(
                {
                    "entries_from": low,
                    "rows": int(inside.sum()),
                    "measured_over_fitted": {
                        name: plain(float(np.quantile(ratio[inside], share)))
                        for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9))
                    },
                    "us": plain(1e6 * float(np.median(taken[inside]))),
                    "ns_an_entry": plain(1e9 * float(np.median(taken[inside] / costs[inside, 0]))),
                    "measured_over_predicted": plain(float(np.median(taken[inside] / costs[inside, 2]))),
                }
            )
    return {
        "rows": len(taken),
        "us_a_row": plain(1e6 * fitted[0]),
        "ns_an_entry": plain(1e9 * fitted[1]),
        "ns_a_step": None if steps is None else plain(1e9 * fitted[2]),
        "steps": None if steps is None else quantiles(steps),
        "median_error": plain(float(np.median(np.abs(1.0 / ratio - 1.0)))),
        "residuals": residuals,
    }


def non_negative(matrix: np.ndarray) -> np.ndarray:
    """Return the non-negative coefficients whose combination of the columns comes nearest to 1."""
    from scipy.optimize import nnls

    return nnls(matrix, np.ones(len(matrix)))[0]


def product_ns() -> float:
    """Return nanoseconds that a product of two numbers in the first cache takes: NumPy, doubles, one thread."""
    times = 2000

    def best(size: int) -> float:
        left, right, out = np.ones(size), np.ones(size), np.empty(size)
        seconds = math.inf
        for _ in range(20):
            began = time.perf_counter()
            for _ in range(times):
                np.multiply(left, right, out=out)
            seconds = min(seconds, time.perf_counter() - began)
        return seconds / times

    return 1e9 * (best(1024) - best(1)) / 1023
