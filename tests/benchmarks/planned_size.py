"""Random networks of the planned full size, and random rows of answers to them.

Drawn at random: who is linked to whom, and how strongly.  The gates with their hidden background, and the contexts of
leaks and links, are those that legdx/network/structure.py and legdx/build/parameters.py make from knowledge files.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from legdx.engine import Evidence, observe
from legdx.network.records import Array, Inhibitor, Kind, Link, Network, Node, NoisyMax, Table, Variable

__all__ = ["DESCRIPTION", "STRUCTURES", "Answered", "Structure", "draw_answers", "draw_network"]

Structure = Literal["clustered", "four hubs", "free"]

STRUCTURES: dict[Structure, str] = {
    "clustered": "every factor stays in one cluster of causes and reaches 1 to 3 of them",
    "four hubs": "the same, but four factors reach 5 causes each, anywhere",
    "free": "each cause draws 0 to 3 factors, the n-th most popular with weight 1/n; some reach 10 causes and more",
}

CAUSES, CLUSTERS, FACTORS, HUBS, GROUPS, SYNDROMES = 60, 12, 40, 4, 2, 8
COMPLAINTS, ATTRIBUTES_EACH, OTHERS, INHIBITED = 8, 5, 52, 4
ARROWS, ARROWS_ACROSS = 30, 6
SIZE = CAUSES // CLUSTERS
AGE, SEX = 0, 1
NO_CONTEXT, BY_AGE, BY_BOTH = (), (AGE,), (AGE, SEX)
BANDS = ("18_29", "30_39", "40_49", "50_59", "60_69", "70_79", "80_plus")
BINARY = ("absent", "present")
LEVELS = ("none", "mild", "moderate", "severe")

DESCRIPTION = f"""\
- {CAUSES} causes in {CLUSTERS} clusters; {ARROWS} cause-to-cause arrows, {ARROWS_ACROSS} of them between clusters.
  Leaks by 7 age bands and sex; half of the links to causes vary with age and sex too.
- {FACTORS} factors, each a child of age and sex. What they reach is the structure in the first column:
{chr(10).join(f"  - {name}: {text}." for name, text in STRUCTURES.items())}
- {SYNDROMES} syndromes of 2 to 5 causes, leak by age; {GROUPS} groups of 4 causes of one cluster.
- {COMPLAINTS} complaints, each raised by 8 to 16 causes, up to 2 syndromes and a hidden background.
  Each gates {ATTRIBUTES_EACH} attributes, which have the same parents; two of all of them are graded (4 levels).
- {OTHERS} other findings, each raised by 2 to 8 causes, one in three also by a syndrome; leak by nothing, age, or
  age and sex. Two are graded, {INHIBITED} are suppressed by two inhibitors.
- Findings draw 70 % of their causes from two neighbouring clusters, the rest from anywhere."""


@dataclass(frozen=True)
class Answered:
    """Which questions a row answers, beside the findings that are present."""

    factors: float
    absent: float
    demography: bool = True


class _Draft:
    """A network in the making: each variable is added after its parents."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.variables: list[Variable] = []
        self.nodes: list[Node] = []

    def add(self, name: str, states: tuple[str, ...], kind: Kind, node: Node) -> int:
        self.variables.append(Variable(name, states, kind))
        self.nodes.append(node)
        return len(self.nodes) - 1

    def pick(self, candidates: Iterable[int], count: int) -> list[int]:
        """Draw without repetition, in ascending order."""
        return sorted(self.rng.choice(list(candidates), count, replace=False).tolist())

    def between(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def leak(self, context: tuple[int, ...], low: float, high: float, size: int = 2) -> Array:
        """Draw probabilities of being raised, log-uniform, for each cell of the context, (1, *context, k)."""
        cells = tuple(self.variables[p].size for p in context)
        return self._levels(np.exp(self.rng.uniform(np.log(low), np.log(high), cells)), size, 0)

    def link(self, parent: int, size: int = 2, floor: int = 0, context: tuple[int, ...] = NO_CONTEXT) -> Link:
        """Draw the link of a parent; its state 0 raises nothing."""
        shape = (*(self.variables[p].size for p in context), self.variables[parent].size)
        raised = self.rng.uniform(0.05, 0.8, shape)
        raised[..., 0] = 0.0
        return Link(parent, self._levels(raised, size, floor), context)

    def _levels(self, raised: Array, size: int, floor: int) -> Array:
        share = self.rng.dirichlet(np.ones(size - 1 - floor))
        below = np.zeros((*raised.shape, floor))
        return np.concatenate([below, 1.0 - raised[..., None], raised[..., None] * share], axis=-1)[np.newaxis]


def draw_network(structure: Structure, seed: Sequence[int]) -> Network:
    """Draw one network; the same seed gives the same network."""
    draft = _Draft(np.random.default_rng(seed))
    draft.add("age", BANDS, "factor", Table((), np.full((1, 7), 1 / 7)))
    draft.add("sex", ("female", "male"), "factor", Table(BY_AGE, np.full((1, 7, 2), 0.5)))
    factors = [
        draft.add(f"factor_{i}", BINARY, "factor", Table(BY_BOTH, draft.leak(BY_BOTH, 0.02, 0.5)))
        for i in range(FACTORS)
    ]
    causes = _draw_causes(draft, _reach(draft, structure, factors))
    for i in range(GROUPS):
        cluster = draft.between(0, CLUSTERS - 1) * SIZE
        links = tuple(Link(c, np.eye(2)[np.newaxis]) for c in draft.pick(causes[cluster : cluster + SIZE], 4))
        draft.add(f"group_{i}", BINARY, "group", NoisyMax(NO_CONTEXT, np.array([[1.0, 0.0]]), links))
    syndromes = []
    for i in range(SYNDROMES):
        links = tuple(draft.link(c) for c in _neighbours(draft, causes, draft.between(2, 5)))
        node = NoisyMax(BY_AGE, draft.leak(BY_AGE, 0.001, 0.02), links)
        syndromes.append(draft.add(f"syndrome_{i}", BINARY, "syndrome", node))
    for i in range(COMPLAINTS):
        _draw_complaint(draft, i, causes, syndromes)
    for i in range(OTHERS):
        _draw_other(draft, i, causes, syndromes)
    return Network(tuple(draft.variables), tuple(draft.nodes))


def _reach(draft: _Draft, structure: Structure, factors: list[int]) -> list[list[int]]:
    """Return the factors of each cause, about two factor links a factor whatever the structure."""
    reached: list[list[int]] = [[] for _ in range(CAUSES)]
    if structure == "free":
        popularity = 1.0 / np.arange(1, FACTORS + 1)
        share = popularity / popularity.sum()
        return [
            sorted(draft.rng.choice(factors, draft.between(0, 3), replace=False, p=share).tolist())
            for _ in range(CAUSES)
        ]
    for number, factor in enumerate(factors):
        if structure == "four hubs" and number < HUBS:
            members = draft.pick(range(CAUSES), 5)
        else:
            cluster = number % CLUSTERS
            members = draft.pick(range(cluster * SIZE, (cluster + 1) * SIZE), draft.between(1, 3))
        for cause in members:
            reached[cause].append(factor)
    return reached


def _draw_causes(draft: _Draft, reached: list[list[int]]) -> list[int]:
    arrows: set[tuple[int, int]] = set()
    while len(arrows) < ARROWS:
        low, high = draft.pick(range(CAUSES), 2)
        across = len(arrows) < ARROWS_ACROSS
        if (low // SIZE != high // SIZE) == across:
            arrows.add((low, high))
    causes: list[int] = []
    for i in range(CAUSES):
        parents = [*reached[i], *(causes[low] for low, high in sorted(arrows) if high == i)]
        links = tuple(draft.link(p, context=BY_BOTH if draft.rng.random() < 1 / 2 else NO_CONTEXT) for p in parents)
        node = NoisyMax(BY_BOTH, draft.leak(BY_BOTH, 0.001, 0.05), links)
        causes.append(draft.add(f"cause_{i}", BINARY, "cause", node))
    return causes


def _neighbours(draft: _Draft, causes: list[int], count: int) -> list[int]:
    """Draw causes: 70 % from two neighbouring clusters, as far as these go, the others from anywhere."""
    start = draft.between(0, CLUSTERS - 1) * SIZE
    window = [causes[(start + k) % CAUSES] for k in range(2 * SIZE)]
    near = draft.pick(window, min(len(window), int(draft.rng.binomial(count, 0.7))))
    return sorted([*near, *draft.pick([c for c in causes if c not in near], count - len(near))])


def _draw_complaint(draft: _Draft, number: int, causes: list[int], syndromes: list[int]) -> None:
    name = f"complaint_{number}"
    context = (NO_CONTEXT, BY_AGE, BY_BOTH)[number % 3]
    background = draft.add(f"other_{name}", BINARY, "background", NoisyMax(context, draft.leak(context, 0.02, 0.2)))
    raised = [
        background,
        *_neighbours(draft, causes, draft.between(8, 16)),
        *draft.pick(syndromes, draft.between(0, 2)),
    ]
    settled = np.array([[1.0, 0.0]])
    gate = draft.add(name, BINARY, "finding", NoisyMax(NO_CONTEXT, settled, tuple(draft.link(p) for p in raised)))
    for i in range(ATTRIBUTES_EACH):
        states, floor = (LEVELS, 1) if i == 0 and number < 2 else (BINARY, 0)
        leak = np.eye(len(states))[[floor]]
        links = tuple(draft.link(p, len(states), floor) for p in raised)
        draft.add(f"{name}_{i}", states, "finding", NoisyMax(NO_CONTEXT, leak, links, gate=gate, floor=floor))


def _draw_other(draft: _Draft, number: int, causes: list[int], syndromes: list[int]) -> None:
    states = LEVELS if number < 2 else BINARY
    context = (NO_CONTEXT, BY_AGE, BY_AGE, BY_BOTH)[number % 4]
    raised = _neighbours(draft, causes, draft.between(2, 8))
    suppressed = draft.pick([c for c in causes if c not in raised], 2) if 2 <= number < 2 + INHIBITED else []
    if number % 3 == 0:
        raised += draft.pick(syndromes, 1)
    node = NoisyMax(
        context,
        draft.leak(context, 0.005, 0.2, len(states)),
        tuple(draft.link(p, len(states)) for p in raised),
        tuple(Inhibitor(c, np.array([[0.0, draft.rng.uniform(0.3, 0.9)]])) for c in suppressed),
    )
    draft.add(f"finding_{number}", states, "finding", node)


def draw_answers(network: Network, present: int, answered: Answered, seed: Sequence[int]) -> Evidence:
    """Draw a person from the network until ``present`` findings are present, and what of it is answered.

    One to three causes (more where that is not enough) are set active first, so that the findings belong together as
    those of a patient do.  A complaint is answered before its attributes; of the findings that the person does not
    have, a share is answered absent, attributes only where their complaint is answered.
    """
    rng = np.random.default_rng(seed)
    age, sex = network.index["age"], network.index["sex"]
    findings = network.of_kind("finding")
    for attempt in itertools.count():
        count = int(rng.integers(1, 4)) + attempt // 20
        active = rng.choice(network.of_kind("cause"), min(count, len(network.of_kind("cause"))), replace=False)
        person = _draw_person(network, set(active.tolist()), rng)
        if sum(person[i] > 0 for i in findings) >= present:
            break
    states = {age: person[age], sex: person[sex]} if answered.demography else {}
    for i in network.of_kind("factor"):
        if i not in {age, sex} and rng.random() < answered.factors:
            states[i] = person[i]
    chosen: set[int] = set()
    for i in rng.permutation([i for i in findings if person[i] > 0]).tolist():
        gate = _gate(network, i)
        chosen.add(i if gate is None or gate in chosen else gate)
        if len(chosen) == present:
            break
    states |= {i: person[i] for i in chosen}
    for i in findings:  # a gate stands before its attributes
        gate = _gate(network, i)
        absent = person[i] == 0 and (gate is None or gate in states)
        if absent and rng.random() < answered.absent:
            states[i] = 0
    return dict(observe(network, i, state) for i, state in states.items())


def _gate(network: Network, i: int) -> int | None:
    node = network.nodes[i]
    return node.gate if isinstance(node, NoisyMax) else None


def _draw_person(network: Network, active: set[int], rng: np.random.Generator) -> list[int]:
    person: list[int] = []
    for i, node in enumerate(network.nodes):
        person.append(1 if i in active else _draw_state(node, person, rng))
    return person


def _draw_state(node: Node, person: list[int], rng: np.random.Generator) -> int:
    def draw(array: Array, parents: tuple[int, ...]) -> int:
        row = array[(0, *(person[p] for p in parents))]
        return int(rng.choice(len(row), p=row))

    if isinstance(node, Table):
        return draw(node.values, node.parents)
    if node.gate is not None and person[node.gate] == 0:
        return 0
    level = draw(node.leak, node.context)
    for link in node.links:
        level = max(level, draw(link.values, (*link.context, link.parent)))
    fired = any(rng.random() < one.values[0, person[one.parent]] for one in node.inhibitors)
    return node.floor if fired else level
