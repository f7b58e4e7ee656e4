"""How much of what moves posteriors rests on which grade of source; writes docs/influence.md.

People are simulated from the model's public, those with at least one complaint are kept, and all questions (no
examination, no test) and factors are answered.  Each number of the network in turn has its odds raised by 5 %, all of
them side by side, and what that does to the posteriors of all causes is added up.  A number's influence is shared among
the figures that it was solved from, by their precision.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from legdx.build.solver import parent_of
from legdx.build.targets import Target, targets_of
from legdx.engine import Budget, observe, prepare
from legdx.model import Model, load_model
from legdx.network import Network, NoisyMax, simulate
from legdx.network.records import Array, Node, map_arrays
from legdx.network.structure import network_shape

PAGE = Path(__file__).parents[2] / "docs" / "influence.md"
STEP = 0.05
LANES = 300
MOST_ENTRIES = 1e6
UNKNOWN = "no figure"


@dataclass(frozen=True)
class Number:
    """One number of the network: array ``array`` of node ``node`` at ``place``; what parent it belongs to."""

    node: int
    array: int
    place: tuple[int, ...]
    parent: str


def numbers_of(network: Network, i: int, person: Array) -> list[Number]:
    """Return the numbers of a node that can matter for this person, whose age and sex are known."""
    node = network.nodes[i]
    if not isinstance(node, NoisyMax):
        return []
    found = []
    if np.any(node.leak[0][..., : node.leak.shape[-1] - 1] < 1.0):
        found.append(Number(i, 0, tuple(int(person[p]) for p in node.context), "leak"))
    for number, link in enumerate(node.links):
        parent = network.variables[link.parent]
        if network.variables[i].kind == "group" or parent.kind == "background":
            continue
        cell = tuple(int(person[p]) for p in link.context)
        found += [Number(i, 1 + number, (*cell, state), parent.name) for state in range(1, parent.size)]
    for number, inhibitor in enumerate(node.inhibitors):
        parent = network.variables[inhibitor.parent]
        found += [Number(i, 1 + len(node.links) + number, (s,), parent.name) for s in range(1, parent.size)]
    return found


def raised(values: Array, floor: int) -> Array:
    """Return level probabilities with the odds of being above the lowest level raised by a step."""
    above = values[..., floor + 1 :].sum()
    if above <= 0.0 or above >= 1.0:
        return values
    odds = above / (1.0 - above) * np.exp(STEP)
    share = odds / (1.0 + odds)
    result = values * share / above
    result[..., floor] = 1.0 - share
    return result


def nudged(network: Network, numbers: list[Number]) -> list[Node]:
    """Return the nodes with one lane for the numbers as they are and one for each number nudged."""
    lanes = 1 + len(numbers)
    touched: dict[int, list[tuple[int, Number]]] = defaultdict(list)
    for lane, number in enumerate(numbers, start=1):
        touched[number.node].append((lane, number))
    nodes = list(network.nodes)
    for i, changes in touched.items():
        node = nodes[i]
        assert isinstance(node, NoisyMax)
        links = len(node.links)
        place = iter(range(1 + links + len(node.inhibitors)))

        def wide(array: Array, changes=changes, place=place, links=links, node=node) -> Array:
            which = next(place)
            mine = [(lane, n) for lane, n in changes if n.array == which]
            if not mine:
                return array
            result = np.repeat(array, lanes, axis=0)
            for lane, number in mine:
                at = (lane, *number.place)
                if which > links:
                    fires = result[at]
                    odds = fires / (1.0 - fires) * np.exp(STEP) if fires < 1.0 else np.inf
                    result[at] = odds / (1.0 + odds) if np.isfinite(odds) else 1.0
                else:
                    result[at] = raised(result[at].copy(), node.floor)
            return result

        nodes[i] = map_arrays(node, wide)
    return nodes


def influences(model: Model, people: int, seed: int) -> tuple[dict[Number, float], int]:
    """Return the sum over people and causes of |change of posterior| / step for each number, and how many people."""
    network = model.network
    knowledge = model.knowledge
    states = simulate(network, 40 * people, np.random.default_rng(seed))
    complaints = [network.index[f.id] for f in knowledge.findings.values() if f.role == "complaint"]
    chosen = states[(states[:, complaints] > 0).any(axis=1)][:people]
    asked = [network.index[f.id] for f in knowledge.findings.values() if f.cost == "question"]
    causes = network.of_kind("cause")
    total: dict[Number, float] = defaultdict(float)
    done = 0
    for person in chosen:
        answers = {i: int(person[i]) for i in (*network.of_kind("factor"), *asked)}
        for i in asked:
            node = network.nodes[i]
            if isinstance(node, NoisyMax) and node.gate is not None and person[node.gate] == 0:
                answers.pop(i)
        evidence = dict(observe(network, i, state) for i, state in answers.items())
        plan = prepare(network, evidence, causes, budget=Budget(seconds=np.inf, memory=np.inf))
        if plan.plan.entries > MOST_ENTRIES:
            continue
        done += 1
        known = set(answers)
        hidden = set(network.of_kind("cause", "syndrome", "background"))
        numbers = [n for i in sorted(known | hidden) for n in numbers_of(network, i, person)]
        for at in range(0, len(numbers), LANES):
            part = numbers[at : at + LANES]
            marginals = plan.posterior(nudged(network, part)).marginals
            moved = sum(np.abs(marginals[c][1:, 1] - marginals[c][0, 1]) for c in causes if len(marginals[c]) > 1)
            for number, change in zip(part, np.broadcast_to(moved, len(part)), strict=True):
                total[number] += float(change) / STEP
    return total, done


def by_grade(model: Model, total: dict[Number, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the influence by grade, and by figure."""
    network, knowledge = model.network, model.knowledge
    shapes = {shape.variable.name: shape for shape in network_shape(knowledge)}
    targets = {name: targets_of(knowledge, shapes, name) for name in shapes}
    grades: dict[str, float] = defaultdict(float)
    figures: dict[str, float] = defaultdict(float)
    for number, weight in total.items():
        name = network.variables[number.node].name
        mine = [t for t in targets[name] if t.use == "solve" and parent_of(t) == number.parent]
        if any(t.definition for t in mine):
            continue
        if number.parent == "leak":
            node = network.nodes[number.node]
            cell = {"age": slice(None), "sex": slice(None)}
            cell |= {network.variables[p].name: s for p, s in zip(node.context, number.place, strict=True)}
            mine = [t for t in mine if np.any(t.cells[cell["age"], cell["sex"]] > 0.0)] or mine
        if not mine:
            grades[UNKNOWN] += weight
            continue
        precision = np.array([1.0 / (t.below + t.above) ** 2 for t in mine])
        for target, share in zip(mine, precision / precision.sum(), strict=True):
            grades[target.figure.grade] += weight * share
            figures[origin(target)] += weight * share
    return dict(sorted(grades.items())), figures


def origin(target: Target) -> str:
    return target.figure.id.split(".as_background")[0]


def page(model: Model, people: int, seed: int) -> str:
    """Return the page."""
    command = f"python tests/benchmarks/influence.py --people {people} --seed {seed}"
    today = dt.datetime.now(tz=dt.UTC).date()
    total, done = influences(model, people, seed)
    grades, figures = by_grade(model, total)
    everything = sum(grades.values())
    grade_of = {figure.id: figure.grade for figure in model.knowledge.figures()}
    top = sorted(figures.items(), key=lambda item: -item[1])[:50]
    lines = [
        "# Which numbers move the posteriors, and what they rest on",
        "",
        f"Written by `{command}` on {today}; model {model.version}, digest {model.digest[:12]}.",
        "",
        (__doc__ or "").split("\n\n", 1)[1].strip(),
        "",
        f"People: {done} of {people}; the others' answers take more than {MOST_ENTRIES:,.0f} table entries, and are",
        "left out. So are numbers that hold by definition.",
        "",
        "| grade | share of the influence |",
        "| --- | --- |",
        *(f"| {grade} | {weight / everything:.1%} |" for grade, weight in grades.items()),
        "",
        f"A and B together: {(grades.get('A', 0) + grades.get('B', 0)) / everything:.1%}.",
        "",
        "## The fifty figures with the most influence",
        "",
        "| figure | grade | share |",
        "| --- | --- | --- |",
        *(f"| {name} | {grade_of.get(name, '')} | {weight / everything:.2%} |" for name, weight in top),
        "",
    ]
    print(json.dumps({g: round(w / everything, 4) for g, w in grades.items()}))
    return "\n".join(lines)


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default=None)
    parser.add_argument("--output", default=str(PAGE))
    given = parser.parse_args()
    model = load_model() if given.model is None else load_model(given.model)
    Path(given.output).write_text(page(model, given.people, given.seed), encoding="utf-8")


if __name__ == "__main__":
    main()
