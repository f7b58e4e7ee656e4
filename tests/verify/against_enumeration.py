"""Ten thousand generated networks and evidences against enumeration in fractions (`make verify`).

Every marginal and P(evidence) by the kernels and by the twin to 1e-12, and no error over the kernels' proven bound.
"""

from __future__ import annotations

import math
import sys
import time

from legdx.engine import kernels
from legdx.engine.inference import TOLERANCE as PROVEN
from tests.oracle.agreement import TOLERANCE, assert_agrees
from tests.oracle.harsh_networks import harsh_example


def main(wanted=10_000, first=0):
    began = time.perf_counter()
    failed, impossible, over, proven = [], 0, 0, []
    for seed in range(first, first + wanted):
        try:
            one = assert_agrees(harsh_example(seed))
        except AssertionError as error:
            failed.append(seed)
            print(f"seed {seed}: {str(error).strip().splitlines()[0]}")
            continue
        impossible += not one.possible
        over += one.bound > PROVEN
        if one.possible and one.bound <= PROVEN:
            proven.append(one)
    print(f"kernels: {kernels().name}; seeds {first} to {first + wanted - 1}; agreement asserted to {TOLERANCE:.0e}")
    agree = wanted - len(failed)
    print(f"{agree} agree, {len(failed)} do not; {impossible} impossible; {over} not proven to {PROVEN:.0e}")
    errors = sorted(one.error for one in proven)
    bounds = sorted(one.bound for one in proven)
    print(
        f"proven: largest error {errors[-1]:.1e}; bounds up to {bounds[-1]:.1e}, median {bounds[len(bounds) // 2]:.1e}"
    )
    print(f"{time.perf_counter() - began:.0f} s")
    return int(bool(failed) or not math.isfinite(bounds[-1]))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
