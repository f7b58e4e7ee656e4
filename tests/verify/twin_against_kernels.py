"""Rows of the curated network by the kernels and by the NumPy twin, in three patterns of answers (`make verify`).

The twin merges the messages of present findings, which takes 3^k steps where the kernels take 2^k: it does the rows
that it can do within the engine's budget, and the others are counted.  5,500 are offered, so that more than 5,000 are
compared.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import legdx
from legdx.engine import Budget, Status, kernels, prepare, run_rows
from legdx.errors import TooCostlyError
from tests.engine.survey_rows import PATTERNS, evidence_of, survey_rows

TOLERANCE = 1e-12
SEED = 20_261_128


def compare(network, pattern, number, budget):
    """Return how many rows the twin did, and the largest differences: of a posterior, and of log P(answers)."""
    queries = network.of_kind("cause", "group", "syndrome")
    rows = survey_rows(network, pattern, number, SEED)[1]
    result = run_rows(network, rows, queries, budget=budget)
    done, worst, worst_log = 0, 0.0, 0.0
    for k in np.flatnonzero(result.status == Status.DONE):
        try:
            query = prepare(network, evidence_of(network, rows, k), queries, budget=budget, which="numpy")
        except TooCostlyError:
            continue
        twin = query.posterior()
        marginals = np.concatenate([twin.marginals[q][0] for q in queries])
        worst = max(worst, float(np.abs(marginals - result.marginals[k, 0]).max()))
        worst_log = max(worst_log, float(abs(twin.log_evidence[0] - result.log_evidence[k, 0])))
        done += 1
    return done, worst, worst_log


def main(number=5500, milliseconds=1000):
    network = legdx.load_model().network
    budget = Budget(seconds=milliseconds / 1000.0)
    print(f"kernels: {kernels().name}; {milliseconds} ms a row")
    failed = not kernels().are_compiled
    for pattern in PATTERNS:
        began = time.perf_counter()
        share = -(-number // len(PATTERNS))
        done, worst, worst_log = compare(network, pattern, share, budget)
        failed |= worst > TOLERANCE or worst_log > 1e-10 or done == 0
        seconds = time.perf_counter() - began
        print(f"{pattern}: twin did {done} of {share}; worst {worst:.1e}, of log P {worst_log:.1e}; {seconds:.0f} s")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
