"""Measure explanations: the levels for cases of 12 and 20 answers, and a table's rate.

    python tests/benchmarks/explain_time.py [--rows 100]

Prints the median of warm repeats, wall clock and processor time of this process.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import legdx
from legdx.explanation.many import reasons_of_many
from legdx.network.sampling import simulate

HERE = Path(__file__).parent
TWENTY = {
    "age": 68, "sex": "male", "smoking": "absent", "diabetes": "absent", "tremor": "present",
    "tremor_at_rest": "present",
    "tremor_on_one_side": "present", "tremor_on_action": "absent", "slow_movement": "present", "stiffness": "present",
    "loss_of_smell": "absent", "constipation": "absent", "weakness": "absent", "twitching": "absent",
    "numbness_or_tingling": "absent", "muscle_cramps": "absent", "back_pain": "absent",
    "pain_in_legs_or_feet": "absent", "urge_to_move_legs": "absent", "leg_swelling": "absent",
}  # fmt: skip


def measured(work: Callable[[], object], repeats: int) -> str:
    """Return the medians of wall clock and processor time, in ms."""
    wall, own = [], []
    for _ in range(repeats):
        start, busy = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - start)
        own.append(time.process_time() - busy)
    return f"{1000 * statistics.median(wall):7.0f} ms wall, {1000 * statistics.median(own):7.0f} ms processor"


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    model = legdx.load_model()
    _ = model.spread
    cases = {
        "12 answers, 4 present": json.loads((HERE / "case_12_answers.json").read_text(encoding="utf-8")),
        "20 answers, 5 present": TWENTY,
        "20 answers, 9 present": json.loads(
            (HERE.parents[1] / "data" / "example_case.json").read_text(encoding="utf-8")
        ),
    }
    for name, given in cases.items():
        first = model.assess(given).ranking.first or "parkinsons_disease"
        model.explain(given, first, level="paragraph")
        print(
            name,
            "paragraph  ",
            measured(lambda g=given, f=first: model.explain(g, f, level="paragraph"), 2 * options.repeats),
        )
        print(name, "everything ", measured(lambda g=given, f=first: model.assess(g).explain(f), options.repeats))
        print(name, "ranking    ", measured(lambda g=given: model.assess(g).ranking, options.repeats))
    states = simulate(model.network, options.rows, np.random.default_rng(7))
    asked = [i for i, v in enumerate(model.network.variables) if v.kind in {"factor", "finding"}]
    rng = np.random.default_rng(8)
    people = []
    for row in states:
        some = [i for i in asked if rng.random() < 0.6]
        people.append({i: np.eye(model.network.variables[i].size)[row[i]] for i in some})
    start, busy = time.perf_counter(), time.process_time()
    found = reasons_of_many(model, people)
    wall, own = time.perf_counter() - start, time.process_time() - busy
    scored = int((found.status == "scored").sum())
    print(
        f"{len(people)} drawn people, 60 % of all questions answered: {scored} scored,"
        f" {int((found.status == 'too_costly').sum())} too costly; {len(people) / wall:.1f} rows/s wall,"
        f" {len(people) / own:.1f} rows/s of one processor"
    )


if __name__ == "__main__":
    main()
