"""Measure explanations: the levels for single cases, and the reasons of whole tables; writes docs/explain_time.md.

    python tests/benchmarks/explain_time.py [--rows 10000] [--repeats 5]

Single cases: the median of warm repeats.  Tables: people drawn from the model, answered by them at random, and for each
the ranking, the urgency, and the weight of evidence of every answer for their first cause, on one thread.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

import legdx
from legdx.engine import kernels
from legdx.explanation.many import reasons_of_many
from legdx.model import Model
from legdx.network import simulate
from legdx.network.records import Array
from legdx.survey import load_mapping

HERE = Path(__file__).parent
SHORT_FORM = (
    "age", "sex", "tremor", "twitching", "weakness", "muscle_cramps", "numbness_or_tingling", "pain_in_legs_or_feet",
    "urge_to_move_legs", "tiredness", "sleep_disruption", "back_pain", "worry", "muscle_pain", "stiffness", "headache",
    "muscle_tension", "dry_mouth", "difficulty_walking", "memory_problems",
)  # fmt: skip
TWENTY = {
    "age": 68, "sex": "male", "smoking": "absent", "diabetes": "absent", "tremor": "present",
    "tremor_at_rest": "present",
    "tremor_on_one_side": "present", "tremor_on_action": "absent", "slow_movement": "present", "stiffness": "present",
    "loss_of_smell": "absent", "constipation": "absent", "weakness": "absent", "twitching": "absent",
    "numbness_or_tingling": "absent", "muscle_cramps": "absent", "back_pain": "absent",
    "pain_in_legs_or_feet": "absent", "urge_to_move_legs": "absent", "leg_swelling": "absent",
}  # fmt: skip


NHANES = HERE.parents[1] / "data" / "mappings" / "nhanes_2017_2018.yaml"
TARGET = 15.0
"""Seconds for 10,000 rows."""

PAGE = HERE.parents[1] / "docs" / "explain_time.md"


def measured(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Return the medians of wall clock and processor time, in ms."""
    wall, own = [], []
    for _ in range(repeats):
        start, busy = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - start)
        own.append(time.process_time() - busy)
    return 1000 * statistics.median(wall), 1000 * statistics.median(own)


def single_cases(model: Model, repeats: int) -> list[str]:
    """Return a row a case and level."""
    example = HERE.parents[1] / "data" / "example_case.json"
    cases = {
        "12 answers, 4 present": json.loads((HERE / "case_12_answers.json").read_text(encoding="utf-8")),
        "20 answers, 5 present": TWENTY,
        "20 answers, 9 present": json.loads(example.read_text(encoding="utf-8")),
    }
    rows = []
    for name, given in cases.items():
        first = model.assess(given).ranking.first or "parkinsons_disease"
        model.explain(given, first, level="paragraph")
        levels: dict[str, Callable[[], object]] = {
            "paragraph": lambda g=given, f=first: model.explain(g, f, level="paragraph"),
            "assessed, and everything": lambda g=given, f=first: model.assess(g).explain(f),
            "assessed, and the three lists": lambda g=given: model.assess(g).ranking,
        }
        for level, work in levels.items():
            wall, own = measured(work, repeats)
            rows.append(f"| {name} | {level} | {wall:,.0f} | {own:,.0f} |")
    return rows


def drawn(model: Model, asked: Sequence[int], share: float, number: int) -> list[dict[int, Array]]:
    """Return people and what they answer of what is asked: age and sex always, behind an absent gate nothing."""
    network, rng = model.network, np.random.default_rng(8)
    gates = {i: getattr(network.nodes[i], "gate", None) for i in asked}
    people = []
    for states in simulate(network, number, np.random.default_rng(7)):
        reached = [i for i in asked if (gate := gates[i]) is None or gate not in asked or states[gate]]
        given = [i for i in reached if rng.random() < share or network.variables[i].name in {"age", "sex"}]
        people.append({i: np.eye(network.variables[i].size)[states[i]] for i in given})
    return people


def tables(model: Model, rows: int) -> list[str]:
    """Return a row a kind of table."""
    network, findings = model.network, model.knowledge.findings
    mapped = load_mapping(NHANES, model)
    survey = [network.index[entry.askable.name] for entry in mapped.entries if entry.askable.name in network.index]
    form = [network.index[name] for name in SHORT_FORM]
    complaints = [network.index[f.id] for f in findings.values() if f.role in {"complaint", "attribute"}]
    questions = [network.index[f.id] for f in findings.values() if f.cost == "question"]
    background = [network.index["age"], network.index["sex"]]
    kinds = (
        (
            f"the {len(set(survey))} questions that NHANES asks, age, sex and 72 % of the others answered",
            sorted(set(survey)),
            0.72,
            rows,
        ),
        (f"short form, {len(form)} questions, all answered", form, 1.0, max(1, rows // 10)),
        ("age, sex, complaints and attributes", background + complaints, 1.0, max(1, rows // 10)),
        ("whole questionnaire, 85 % answered", [*network.of_kind("factor"), *questions], 0.85, max(1, rows // 200)),
    )
    reasons_of_many(model, drawn(model, form, 1.0, 20))
    found = []
    for name, asked, share, number in kinds:
        people = drawn(model, asked, share, number)
        start, busy = time.perf_counter(), time.process_time()
        reasons = reasons_of_many(model, people)
        wall, own = time.perf_counter() - start, time.process_time() - busy
        answers = float(np.mean([len(one) for one in people]))
        costly = int((reasons.status == "too_costly").sum())
        found.append(
            f"| {name} | {answers:.0f} | {number:,} | {wall:,.1f} | {own:,.1f} | {1e4 * own / number:,.1f}"
            f" | {'yes' if 1e4 * own / number < TARGET else 'no'} | {costly} |"
        )
    return found


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    model = legdx.load_model()
    _ = model.spread
    lines = [
        "# How long explanations take",
        "",
        f"Written by `python tests/benchmarks/explain_time.py --rows {options.rows} --repeats {options.repeats}`;",
        f"model {model.version}, digest {model.digest[:12]}; kernels {kernels().name}, one thread.",
        "",
        "## One case, warm",
        "",
        "Medians. Targets: a paragraph for 20 answers under 50 ms, everything under 1 s.",
        "",
        "| case | what | wall clock, ms | processor, ms |",
        "| --- | --- | --- | --- |",
        *single_cases(model, options.repeats),
        "",
        "## A table: ranking, urgency, and the weight of each answer for the first cause",
        "",
        "Target: 10,000 rows in under 15 s; the page says which of these tables reach it. People are drawn from the",
        "model. The first cause is the one that explains the complaints best. A weight takes one run of the engine an",
        "answer, so what a row takes is its answers times what its network takes without one of them. Rows with the",
        "same answers are run once. Too costly: something would take over a second (their urgency stands).",
        "",
        (
            "| table | answers a row | rows | wall clock, s | processor, s | the same for 10,000 rows | reached "
            "| too costly |"
        ),
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *tables(model, options.rows),
        "",
    ]
    PAGE.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    sys.stdout.write("\n".join(lines))


if __name__ == "__main__":
    main()
