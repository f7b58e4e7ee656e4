"""What choosing the next questions costs, and how good the quick guess is.  Writes docs/next_questions.md.

Each line is the median of several calls, in processor time of one thread, answers read and posteriors of the answers so
far included.
`all` evaluates every open question exactly, examinations and tests too, which is what the stop rule needs once no
single answer matters any more; it is not measured where five questions take over 2 s. The guess is held against that:
of the five questions with the most information, red flags or not, how many the guess has among its first twenty, and
the rank correlation over all.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from legdx.engine import posterior
from legdx.inquiry import COSTS, Settings
from legdx.inquiry.information import answer_table, information_bits
from legdx.inquiry.questions import open_questions
from legdx.inquiry.screening import guessed_information, guessed_marginals
from legdx.model import Model, load_model
from legdx.urgency.answers import Answers

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "next_questions.md"
MOST_MS = 2000.0
"""Of what five questions for a case may take, for all to be evaluated as well."""

CASES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "age and sex": {"age": 67, "sex": "male"},
    "weakness, numb, back pain": {
        "age": 50,
        "sex": "female",
        "weakness": "present",
        "numbness_or_tingling": "present",
        "back_pain": "present",
        "tremor": "absent",
        "twitching": "absent",
    },
    "12 answers": json.loads((ROOT / "tests" / "benchmarks" / "case_12_answers.json").read_text()),
    "20 answers": json.loads((ROOT / "data" / "example_case.json").read_text()),
}


def median_ms(call: Callable[[], object], runs: int) -> float:
    """Milliseconds of processor time of a call, the median of so many."""
    seconds = []
    for _ in range(runs):
        began = time.process_time()
        call()
        seconds.append(time.process_time() - began)
    return 1000 * statistics.median(seconds)


def guess_quality(model: Model, given: dict[str, Any]) -> tuple[int, float, int]:
    """How many of the best five the guess has in its first twenty; the rank correlation; how many questions."""
    network = model.network
    causes = network.of_kind("cause")
    case = model.case(given)
    evidence = case.evidence(network)
    answers = Answers.read(network, evidence, case.unsure)
    questions = open_questions(model.knowledge, answers, set(case.answers), COSTS)
    known = posterior(network, evidence, (*causes, *network.of_kind("background"))).marginals
    marginals = guessed_marginals(network, answers.settled, {i: row[0] for i, row in known.items()})
    guess = guessed_information(network, answers.settled, marginals, questions)
    exact = {q: float(information_bits(answer_table(network, evidence, q, causes)[1]).sum()) for q in questions}
    best = sorted(questions, key=lambda q: -exact[q])[:5]
    first = sorted(questions, key=lambda q: -guess[q])[:20]
    ranks = [np.argsort(np.argsort([one[q] for q in questions])) for one in (guess, exact)]
    return len(set(best) & set(first)), float(np.corrcoef(ranks)[0, 1]), len(questions)


def row(model: Model, name: str, given: dict[str, Any], runs: int) -> str:
    """One case as a row."""
    model.next_questions(given, 5)  # what a model makes once is made
    five = median_ms(lambda: model.next_questions(given, 5), runs)
    every = None
    if five < MOST_MS:
        every = median_ms(lambda: model.next_questions(given, 5, settings=Settings(candidates=None)), 1)
    assess = median_ms(lambda: model.assess(given), runs)
    found, correlation, number = guess_quality(model, given)
    print(name, round(five), every, flush=True)
    shown = "not measured" if every is None else f"{every:,.0f}"
    return f"| {name} | {assess:.0f} | {five:.0f} | {shown} | {number} | {found} of 5 | {correlation:.2f} |"


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--output", default=str(PAGE))
    given = parser.parse_args()
    model = load_model()
    versions = f"Python {platform.python_version()}, NumPy {version('numpy')}, {os.cpu_count()} cores"
    lines = [
        "# What the next questions cost",
        "",
        (
            f"Made by `make next-questions` on {dt.datetime.now(tz=dt.UTC).date()}; model {model.version}, digest "
            f"{model.digest[:12]}; {versions}."
        ),
        "",
        (__doc__ or "").split("\n\n", 1)[1].strip(),
        "",
        "| answers so far | `assess` (ms) | `next_questions(5)` (ms) | all (ms) | open | best five guessed | rank |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [row(model, name, case, given.runs) for name, case in CASES.items()]
    Path(given.output).write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
