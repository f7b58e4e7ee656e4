"""Rows of the curated network against pyAgrum, each on its reduced network (`make verify`).

pyAgrum's own elimination order makes tables of 2^30 entries and more out of rows that the planner does in 2^15: rows
whose factors are all answered are offered to it, and those past `WIDEST` entries are counted and left out.  It can do
most of the short form, so that this makes up what the other patterns lack.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import legdx
from legdx.engine import kernels, prepare
from tests.engine.survey_rows import evidence_of, survey_rows
from tests.oracle.pyagrum_rows import WIDEST, by_pyagrum

ORDER = {"whole": 20, "complaints": 20, "short": 60}
"""Patterns in turn, and how many rows of each are offered for one that is wanted."""

TOLERANCE = 1e-12
SEED = 20_261_127


def compare(network, pattern, wanted, offered):
    """Return how many rows were compared and offered, and the largest difference of a posterior."""
    queries = list(network.of_kind("cause", "group", "syndrome"))
    factors = network.of_kind("factor")
    states, rows = survey_rows(network, pattern, offered, SEED)
    done, worst = 0, 0.0
    for k in range(offered):
        evidence = evidence_of(network, rows, k)
        evidence |= {f: np.eye(network.variables[f].size)[states[k, f]] for f in factors}
        theirs = by_pyagrum(network, evidence, queries)
        if theirs is None:
            continue
        ours = prepare(network, evidence, queries).posterior().marginals
        worst = max(worst, *(float(np.abs(ours[q][0] - found).max()) for q, found in theirs.items()))
        done += 1
        if done == wanted:
            return done, k + 1, worst
    return done, offered, worst


def main(wanted=500):
    network = legdx.load_model().network
    print(f"kernels: {kernels().name}; widest table offered to pyAgrum: {WIDEST:.0f} entries")
    total, failed = 0, False
    for number, (pattern, most) in enumerate(ORDER.items()):  # what one has too few rows for, the next make up
        began = time.perf_counter()
        share = -(-(wanted - total) // (len(ORDER) - number))
        done, offered, worst = compare(network, pattern, share, most * share)
        total += done
        failed |= worst > TOLERANCE or done == 0
        print(f"{pattern}: {done} of {offered} rows, worst difference {worst:.1e}, {time.perf_counter() - began:.0f} s")
    print(f"{total} rows")
    return int(failed or total < wanted)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
