"""Networks and answers that are hard on arithmetic, by seed: numbers from 2^-40 to 1 - 2^-40, up to 12 states.

All numbers are sums of few powers of two, so that every row of every table sums to 1 exactly and the enumeration in
fractions is the truth to the last digit.  Hypothesis makes the plain ones (``random_networks.py``); it takes 50 ms for
each, which is too long for ten thousand.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from legdx.network import simulate
from legdx.network.records import Array, Inhibitor, Link, Network, Node, NoisyMax, Table, Variable
from tests.oracle.random_networks import Example

MOST_ASSIGNMENTS = 4000
"""Of what is not answered plainly: the enumeration visits each."""

SMALL = (0.0, 2.0**-40, 2.0**-20, 2.0**-10, 0.0625, 0.3125)
"""Numbers of which a table's row has some; its largest number is what is left."""


class _Maker:
    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng([20_261_127, seed])
        self.sizes: list[int] = []
        self.nodes: list[Node] = []

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def some(self, candidates: Iterable[int], most: int) -> list[int]:
        given = list(candidates)
        number = int(self.rng.integers(0, min(most, len(given)) + 1))
        return [int(i) for i in self.rng.permutation(given)[:number]] if given else []

    def row(self, size: int, first: int = 0) -> Array:
        """One distribution over `size` states without mass below `first`."""
        found = np.zeros(size)
        wide = size - first
        if self.chance(0.1):
            found[first + int(self.rng.integers(wide))] = 1.0
            return found
        parts = self.rng.choice(SMALL, wide - 1)
        while parts.sum() >= 1.0:
            parts = parts / 4.0
        found[first:] = [*parts, 1.0 - parts.sum()]
        if self.chance(0.8):
            found[first:] = found[first:][::-1]  # the lowest state is the usual one
        return found

    def rows(self, shape: Iterable[int], size: int, first: int = 0) -> Array:
        cells = tuple(shape)
        made = [self.row(size, first) for _ in range(int(np.prod(cells, dtype=int)))]
        return np.array(made).reshape(1, *cells, size)

    def link(self, parent: int, size: int, floor: int, context: list[int]) -> Link:
        values = self.rows([self.sizes[q] for q in (*context, parent)], size, floor)
        if self.chance(0.15):
            values[:] = np.eye(size)[int(self.rng.integers(floor, size))]  # sure
        values[..., 0, :] = np.eye(size)[floor]
        return Link(parent, values, tuple(context))

    def network(self) -> Network:
        variables = (
            Variable(f"v{i}", tuple(f"s{k}" for k in range(size)), "cause") for i, size in enumerate(self.sizes)
        )
        return Network(tuple(variables), tuple(self.nodes))

    def add(self, node: Node, size: int) -> None:
        self.nodes.append(node)
        self.sizes.append(size)

    def table(self) -> None:
        size = int(self.rng.choice([2, 2, 3, 12]))
        parents = self.some(range(len(self.sizes)), 2)
        self.add(Table(tuple(parents), self.rows([self.sizes[p] for p in parents], size)), size)

    def noisy_max(self, *, gated: bool, inhibited: bool, most: int = 5) -> None:
        before = range(len(self.sizes))
        size = int(self.rng.choice([2, 2, 2, 3, 4, 12]))
        gate = int(self.rng.integers(len(before))) if gated and before else None
        floor = int(gate is not None and self.chance(0.5))
        others = [p for p in before if p != gate or self.chance(0.1)]  # a gate may be a parent as well
        context = self.some(others, 1)
        leak = self.rows([self.sizes[p] for p in context], size, floor)
        if self.chance(0.2):
            leak[:] = np.eye(size)[floor]
        links = tuple(
            self.link(p, size, floor, self.some([q for q in others if q != p], 1) if self.chance(0.3) else [])
            for p in self.some(others, most)
        )
        blockers = self.some(others, 3) if inhibited else []
        inhibitors = tuple(Inhibitor(p, self.rows([self.sizes[p]], 2)[..., 1]) for p in blockers)
        self.add(NoisyMax(tuple(context), leak, links, inhibitors, gate, floor), size)

    def group(self) -> None:
        """A sure OR of binary variables."""
        off, on = [1.0, 0.0], [0.0, 1.0]
        members = self.some([p for p, size in enumerate(self.sizes) if size == 2], 4)
        links = tuple(Link(p, np.array([[off, on]])) for p in members)
        self.add(NoisyMax((), np.array([off]), links), 2)

    def likelihood(self, size: int, state: int) -> Array:
        """The state of a person, now and then another, as a plain answer; or a soft one whose largest entry is 1."""
        if self.chance(0.6):
            return np.eye(size)[int(self.rng.integers(size)) if self.chance(0.05) else state]
        found = self.rng.choice([0.0, 2.0**-60, 2.0**-20, 0.125, 0.75, 1.0], size)
        found[int(self.rng.integers(size))] = 1.0
        return np.asarray(found, dtype=np.float64)


def harsh_example(seed: int) -> Example:
    """Networks of every kind of table in turn with ones whose present findings cancel, and ones of tiny P(evidence)."""
    maker = _Maker(seed)
    evidence = (_mixed, _mixed, _cancelling, _rare)[seed % 4](maker)
    exact = {i: [Fraction(float(x)) for x in likelihood] for i, likelihood in evidence.items()}
    return Example(maker.network(), exact)


def _mixed(maker: _Maker) -> dict[int, Array]:
    for _ in range(int(maker.rng.integers(3, 13))):
        kind = maker.rng.choice(["table", "or", "or", "gated", "inhibited", "both", "group"])
        if kind == "table":
            maker.table()
        elif kind == "group":
            maker.group()
        else:
            maker.noisy_max(gated=kind in {"gated", "both"}, inhibited=kind in {"inhibited", "both"})
    count = len(maker.sizes)
    person = [int(state) for state in simulate(maker.network(), 1, maker.rng)[0]]
    evidence = {i: maker.likelihood(maker.sizes[i], person[i]) for i in range(count) if maker.chance(0.5)}
    free = [i for i in range(count) if i not in evidence or np.count_nonzero(evidence[i]) > 1]
    while np.prod([maker.sizes[i] for i in free], dtype=float) > MOST_ASSIGNMENTS:
        i = free.pop(int(maker.rng.integers(len(free))))
        evidence[i] = np.eye(maker.sizes[i])[person[i]]
    return evidence


def _cancelling(maker: _Maker) -> dict[int, Array]:
    """Findings that are seldom present, all present, each of several of the same causes."""
    small = (SMALL[1:4], SMALL[2:5], SMALL[1:2], SMALL[2:3])[int(maker.rng.integers(4))]
    if maker.chance(0.5):  # more causes than findings: these are summed out last, and all digits are lost together
        return _present(maker, causes=(6, 10), findings=(2, 7), most_parents=10, small=small, strengths=small)
    return _present(maker, causes=(3, 9), findings=(2, 30), most_parents=8, small=small)


def _rare(maker: _Maker) -> dict[int, Array]:
    """Many present findings of one or two causes each: P(evidence) from 1e-40 to 1e-220."""
    return _present(maker, causes=(2, 5), findings=(20, 60), most_parents=2, small=(2.0**-20, 2.0**-17, 2.0**-14))


def _present(
    maker: _Maker,
    *,
    causes: tuple[int, int],
    findings: tuple[int, int],
    most_parents: int,
    small: tuple[float, ...],
    strengths: tuple[float, ...] = (0.25, 0.75),
) -> dict[int, Array]:
    number = int(maker.rng.integers(*causes))
    for _ in range(number):
        rate = maker.rng.choice([0.0625, 2.0**-10])
        maker.add(Table((), np.array([[1.0 - rate, rate]])), 2)
    evidence = {}
    for _ in range(int(maker.rng.integers(*findings))):
        on = maker.rng.choice(small)
        links = []
        for p in maker.some(range(number), most_parents):
            strength = maker.rng.choice([*small, *strengths])
            links.append(Link(p, np.array([[[1.0, 0.0], [1.0 - strength, strength]]])))
        evidence[len(maker.sizes)] = np.array([0.0, 1.0])
        maker.add(NoisyMax((), np.array([[1.0 - on, on]]), tuple(links)), 2)
    return evidence
