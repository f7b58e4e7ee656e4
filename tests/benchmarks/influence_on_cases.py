"""Which numbers move the evaluation; writes docs/influence_on_cases.md.

Each adult case of data/vignettes.jsonl is answered as the evaluation answers it, all its facts.  For each number of the
network the derivative of the log posterior of the case's gold causes by the number's log-odds is exact: the adjoint of
one pass with the cause and one without it.  Its size is averaged over the case's gold causes (the primary ones, or the
acceptable ones where no primary one is open), so that every case weighs alike, and added up over the cases.  Other
causes count through the evidence that they explain away alone.  A number's influence is shared among the figures that
it was solved from, by their precision.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from legdx.engine import Budget, Evidence, Gradient, certain_state, logit_gradient, posterior
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.learning import Vignette, read_vignettes
from legdx.model import Model, load_model
from legdx.network import Network, NoisyMax
from legdx.network.records import Array, arrays_of
from tests.benchmarks.influence import Number, by_grade, numbers_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "influence_on_cases.md"
CASES = ROOT / "data" / "vignettes.jsonl"
SHOWN = 50


def gold_of(case: Vignette, answered: frozenset[str]) -> tuple[str, ...]:
    """Return the causes that are held to be right and were not themselves answered."""
    primary = tuple(cause for cause in case.gold.primary if cause not in answered)
    return primary or tuple(cause for cause in case.gold.acceptable if cause not in answered)


def people_of(network: Network, evidence: Evidence) -> Iterator[Array]:
    """Iterate over age and sex as the answers leave them open; what else a person is, no number depends on."""
    names = [network.index[name] for name in ("age", "sex")]
    settled = [certain_state(evidence[i]) if i in evidence else None for i in names]
    states = [range(network.variables[i].size) if s is None else [s] for i, s in zip(names, settled, strict=True)]
    for combination in itertools.product(*states):
        person = np.zeros(len(network.variables), dtype=int)
        person[names] = combination
        yield person


def numbers_of_person(network: Network, evidence: Evidence) -> tuple[Number, ...]:
    """Return every number of the network that can matter for somebody of this age and sex, each once."""
    found = (
        number
        for person in people_of(network, evidence)
        for i in range(len(network.nodes))
        for number in numbers_of(network, i, person)
    )
    return tuple(dict.fromkeys(found))


def slope(network: Network, number: Number, gradient: Gradient) -> float:
    """Return the derivative by the number's log-odds, from the derivatives by its probabilities.

    Raising the log-odds of being above the floor by dt takes a (1 - a) dt from the floor, a being the probability
    above it, and shares it out above in proportion.
    """
    node = network.nodes[number.node]
    assert isinstance(node, NoisyMax)
    values = arrays_of(node)[number.array][0][number.place]
    by_value = gradient[number.node][number.array][number.place]
    if number.array > len(node.links):
        return float(by_value * values * (1.0 - values))
    above = values[node.floor + 1 :].sum()
    direction = np.zeros_like(values)
    direction[node.floor] = -above * (1.0 - above)
    direction[node.floor + 1 :] = values[node.floor + 1 :] * (1.0 - above)
    return float(np.dot(by_value, direction))


def moved_by(model: Model, case: Vignette, budget: Budget) -> dict[Number, float]:
    """Return |d log posterior / d log-odds| of each number, averaged over the case's gold causes."""
    network = model.network
    given = model.case(case.answers())
    evidence = given.evidence(network)
    gold = gold_of(case, frozenset(given.answers))
    indices = [network.index[cause] for cause in gold]
    marginals = posterior(network, evidence, indices, budget=budget).marginals
    numbers = numbers_of_person(network, evidence)
    total: dict[Number, float] = defaultdict(float)
    for i in indices:
        gradient = logit_gradient(network, evidence, i, budget)
        off = float(marginals[i][0, 0])
        for number in numbers:
            total[number] += off * abs(slope(network, number, gradient)) / len(indices)
    return total


def influences(model: Model, cases: Sequence[Vignette], budget: Budget) -> tuple[dict[Number, float], list[str]]:
    """Return the sum over the cases, and which cases have a result."""
    total: dict[Number, float] = defaultdict(float)
    done = []
    for case in cases:
        if case.under_18 or not gold_of(case, frozenset(model.case(case.answers()).answers)):
            continue
        try:
            moved = moved_by(model, case, budget)
        except (TooCostlyError, ImpossibleEvidenceError) as error:
            print(f"{case.id}: {type(error).__name__}", flush=True)
            continue
        done.append(case.id)
        for number, weight in moved.items():
            total[number] += weight
    return {number: weight for number, weight in total.items() if weight > 0.0}, done


def page(model: Model, cases: Sequence[Vignette], seconds: float) -> str:
    """Return the page."""
    command = f"python -m tests.benchmarks.influence_on_cases --seconds {seconds:g}"
    today = dt.datetime.now(tz=dt.UTC).date()
    total, done = influences(model, cases, Budget(seconds=seconds))
    grades, figures = by_grade(model, total)
    everything = sum(grades.values())
    grade_of = {figure.id: figure.grade for figure in model.knowledge.figures()}
    top = sorted(figures.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
    adults = sum(not case.under_18 for case in cases)
    lines = [
        "# Which numbers move the evaluation, and what they rest on",
        "",
        f"Written by `{command}` on {today}; model {model.version}, digest {model.digest[:12]}.",
        "",
        (__doc__ or "").split("\n\n", 1)[1].strip(),
        "",
        f"Cases: {len(done)} of {adults} adults; the others cost more than {seconds:g} predicted seconds or 2 GB, or",
        "have no gold cause left that was not itself answered. Numbers that hold by definition are left out.",
        "",
        "| grade | share of the influence |",
        "| --- | --- |",
        *(f"| {grade} | {weight / everything:.1%} |" for grade, weight in grades.items()),
        "",
        f"A and B together: {(grades.get('A', 0) + grades.get('B', 0)) / everything:.1%}.",
        "",
        "## The fifty figures with the most influence on the gold causes",
        "",
        "| figure | grade | share |",
        "| --- | --- | --- |",
        *(f"| {name} | {grade_of.get(name, '')} | {weight / everything:.2%} |" for name, weight in top),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="predicted seconds that one pass may cost")
    parser.add_argument("--model", default=None)
    parser.add_argument("--cases", type=Path, default=CASES)
    parser.add_argument("--output", type=Path, default=PAGE)
    given = parser.parse_args()
    model = load_model() if given.model is None else load_model(given.model)
    cases = read_vignettes(given.cases, model.questionnaire)
    given.output.write_text(page(model, cases, given.seconds), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
