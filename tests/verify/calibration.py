"""Calibration by simulation: people drawn from the curated network, scored, cause by cause (`make verify`)."""

from __future__ import annotations

import sys
import time

import legdx
from legdx.engine import Budget, kernels
from tests.engine.survey_rows import PATTERNS
from tests.oracle.calibration import calibration, scored_people

SEED = 20_261_129


def main(people=20_000, milliseconds=20):
    network = legdx.load_model().network
    names = [network.variables[c].name for c in network.of_kind("cause")]
    print(f"kernels: {kernels().name}; {milliseconds} ms a row; limits hold for all causes and classes together")
    failed = False
    for pattern in PATTERNS:
        began = time.perf_counter()
        posterior, present = scored_people(network, pattern, people, SEED, Budget(seconds=milliseconds / 1000.0))
        found = calibration(names, posterior, present)
        failed |= bool(found.outside)
        seconds = time.perf_counter() - began
        cells = f"{found.cells} cells, {len(found.outside)} outside"
        print(f"{pattern}: {found.scored} of {people} people, {cells}; {seconds:.0f} s")
        for name, at, expected, seen in found.outside:
            print(f"  {name}, from {at}: expected {expected:.1f}, seen {seen}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
