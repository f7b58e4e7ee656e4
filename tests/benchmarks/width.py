"""What exact inference costs at the planned full size; writes docs/width.md.

    python tests/benchmarks/width.py                  some minutes
    python tests/benchmarks/width.py --quick -o X     a smoke test of some seconds
    python tests/benchmarks/width.py --calibrate      fits the planner's constants on this machine, writes nothing

The cost is predicted for every row by ``prepare``; some rows under 2^22 table entries are also run.
"""

from __future__ import annotations

import argparse
import itertools
import time
import tracemalloc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path

import numpy as np
from planned_size import STRUCTURES, Answered, draw_answers, draw_network
from width_page import DRAWS, Curated, Fit, Line, Measured, Row, page, table_line

import legdx
from legdx.engine import Budget, Prepared, prepare
from legdx.engine.planner import _BYTES_PER_ENTRY, _SECONDS_PER_ENTRY, _SECONDS_PER_STEP
from legdx.errors import LegdxError, TooCostlyError
from legdx.network.records import Kind, Network

PRESENT = (1, 3, 5, 8, 12)
FACTORS = {"all": 1.0, "half": 0.5, "none": 0.0}
PATTERNS = (Answered(1, 0), Answered(0.5, 0.6), Answered(0, 0), Answered(0, 0.6), Answered(0, 0, demography=False))
UNLIMITED = Budget(seconds=float("inf"), memory=float("inf"))
RUN_BELOW = 2.0**22
WEIGH_ABOVE = 2.0**16
PAGE = Path(__file__).resolve().parents[2] / "docs" / "width.md"


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    networks: int
    rows: int
    timed: int
    present: tuple[int, ...] = PRESENT


def asked(network: Network) -> tuple[int, ...]:
    """Return the variables whose marginals are wanted, those that ``posterior`` takes by default."""
    return network.of_kind("cause", "group", "syndrome")


def exceeds(prepared: Prepared, draws: int = 1) -> bool:
    """Say whether the prediction is over the standard budget of 1 s and 2 GB."""
    try:
        prepared.plan.require(Budget(), draws)
    except TooCostlyError:
        return True
    return False


def measure(network: Network, present: int, answered: Answered, seed: Sequence[int], *, run: bool) -> Row:
    """Plan one row, and run it where that is affordable."""
    evidence = draw_answers(network, present, answered, seed)
    began = time.process_time()
    prepared = prepare(network, evidence, asked(network), budget=UNLIMITED, which="numpy")
    planning = time.process_time() - began
    plan = prepared.plan
    return Row(
        plan.entries,
        log2(plan.largest),
        len(plan.steps),
        plan.seconds(),
        exceeds(prepared),
        exceeds(prepared, DRAWS),
        planning,
        seconds_of(prepared) if run and plan.entries < RUN_BELOW else None,
    )


def seconds_of(prepared: Prepared) -> float:
    """Return the processor time of the shorter of two runs: other work on the machine only ever adds."""
    taken = []
    for _ in range(2):
        began = time.process_time()
        prepared.posterior()
        taken.append(time.process_time() - began)
    return min(taken)


def measure_lines(
    networks: Mapping[str, Sequence[Network]], shares: Mapping[str, Answered], effort: Effort, seed: int
) -> list[Line]:
    """Measure every structure with every share of factors and number of present findings."""
    lines = []
    for structure, (factors, answered), present in itertools.product(networks, shares.items(), effort.present):
        rows = tuple(
            measure(network, present, answered, (seed, k, row, present), run=row < effort.timed)
            for k, network in enumerate(networks[structure])
            for row in range(effort.rows)
        )
        lines.append(Line(structure, factors, present, rows))
        print(table_line(lines[-1]), flush=True)
    return lines


# ------------------------------------------------------------------------------------------ calibration


def fit(rows: Iterable[Row]) -> Fit:
    """Fit seconds = entry * entries + step * steps to the rows that were run: least squares of relative errors."""
    run = [row for row in rows if row.measured is not None]
    taken = np.array([row.measured for row in run])
    columns = np.array([[row.entries, row.steps] for row in run]) / taken[:, np.newaxis]
    scale = np.abs(columns).max(axis=0)
    (entry, step), *_ = np.linalg.lstsq(columns / scale, np.ones(len(run)), rcond=None)
    entry, step = entry / scale[0], step / scale[1]
    error = np.median(np.abs(columns @ [entry, step] - 1.0))
    return Fit(float(entry), float(step), float(error), len(run))


def bytes_per_entry(networks: Iterable[Network], seed: int) -> float:
    """Return the 90th percentile of peak memory over table entries of a posterior, in rows of 2^16 and more."""
    found = []
    for (k, network), present in itertools.product(enumerate(networks), PRESENT):
        evidence = draw_answers(network, present, Answered(0.0, 0.6), (seed, k, present))
        prepared = prepare(network, evidence, asked(network), budget=UNLIMITED, which="numpy")
        if WEIGH_ABOVE < prepared.plan.entries < RUN_BELOW:
            tracemalloc.start()
            prepared.posterior()
            found.append(tracemalloc.get_traced_memory()[1] / prepared.plan.entries)
            tracemalloc.stop()
    return float(np.quantile(found, 0.9)) if found else float("nan")


def calibrate(seed: int) -> None:
    """Print what the planner's three constants are on this machine, beside what they are set to."""
    networks = [draw_network("clustered", (seed, k)) for k in range(3)]
    rows = [
        measure(network, present, answered, (seed, k, present), run=True)
        for k, network in enumerate(networks)
        for present in PRESENT
        for answered in PATTERNS
    ]
    found = fit(rows)
    print(f"{found.count} rows run; the fit misses the median row by {found.error:.0%}")
    print(f"_SECONDS_PER_ENTRY  {found.entry:.1e}  set to {_SECONDS_PER_ENTRY:.1e}")
    print(f"_SECONDS_PER_STEP   {found.step:.1e}  set to {_SECONDS_PER_STEP:.1e}")
    print(f"_BYTES_PER_ENTRY    {bytes_per_entry(networks, seed):.0f}  set to {_BYTES_PER_ENTRY}")


def measure_curated(effort: Effort, seed: int) -> Curated | None:
    """Measure the packaged model; None where there is none."""
    try:
        model = legdx.load_model()
    except LegdxError as error:
        print(f"the packaged model is left out: {error}")
        return None
    network = model.network
    lines: list[Line] = []
    for absent, note in ((0.0, ""), (0.6, ", 60 % absent")):
        shares = {name + note: Answered(factors, absent) for name, factors in FACTORS.items()}
        shares["none, nor age and sex" + note] = Answered(0.0, absent, demography=False)
        wide = Effort(1, effort.networks * effort.rows, effort.networks * effort.timed, effort.present)
        lines += measure_lines({"curated": [network]}, shares, wide, seed)
    kinds: tuple[Kind, ...] = ("cause", "factor", "syndrome", "finding")
    counts = {f"{kind}s": len(network.of_kind(kind)) for kind in kinds}
    return Curated(f"{model.id} {model.version}", counts, tuple(lines))


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--quick", action="store_true", help="one small network a structure, few rows")
    parser.add_argument("--calibrate", action="store_true", help="fit the planner's constants only")
    parser.add_argument("-o", "--output", type=Path, default=PAGE)
    given = parser.parse_args()
    if given.calibrate:
        calibrate(given.seed)
        return
    effort = Effort(1, 2, 1, (1, 3)) if given.quick else Effort(6, 8, 2)
    networks: dict[str, list[Network]] = {
        name: [draw_network(name, (given.seed, k)) for k in range(effort.networks)] for name in STRUCTURES
    }
    plain = {name: Answered(factors, 0.0) for name, factors in FACTORS.items()}
    absent = {name: Answered(factors, 0.6) for name, factors in FACTORS.items()}
    missing = {name: Answered(FACTORS[name], 0.0, demography=False) for name in ("all", "none")}
    tables = {
        heading: measure_lines(networks, shares, effort, given.seed)
        for heading, shares in (("plain", plain), ("absent", absent), ("missing", missing))
    }
    own = measure_curated(effort, given.seed)
    found = fit(row for lines in tables.values() for line in lines for row in line.rows)
    set_to = (_SECONDS_PER_ENTRY, _SECONDS_PER_STEP)
    command = f"python tests/benchmarks/width.py --seed {given.seed}{' --quick' if given.quick else ''}"
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(
        page(Measured(tables["plain"], tables["absent"], tables["missing"], own, found, set_to, command)),
        encoding="utf-8",
    )
    print(f"wrote {given.output.name}")


if __name__ == "__main__":
    main()
