"""What the network implies for a target: exact queries over age and sex, kept ready for many numbers.

Every query is a table over (age band, sex): P(event, given, age, sex) over P(given, age, sex).  A proportion sums both
over the population's cells; a ratio divides them cell by cell and standardises to the population.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from legdx.build.targets import Condition, Target
from legdx.engine import Budget, Prepared, prepare
from legdx.network.records import Array, Network, Node
from legdx.network.structure import AGE, SEX

__all__ = ["Queries", "compare"]

BUDGET = Budget(seconds=120.0, memory=8e9)
FLOOR = 1e-300
CEILING = 1.0 - 1e-12


@dataclass(slots=True)
class Queries:
    """Prepared queries on one structure; ``network`` gives the shapes, the numbers come with each call."""

    network: Network
    prepared: dict[Condition, Prepared] = field(default_factory=dict)

    def table(self, condition: Condition, nodes: Sequence[Node]) -> Array:
        """Return P(condition, age, sex), (b, bands, 2)."""
        log_scale, table = self._prepared(condition).joint(nodes)
        result: Array = np.exp(log_scale).reshape(-1, 1, 1) * table
        return result

    def entries(self, condition: Condition) -> float:
        """Return the table entries that a condition takes in one network."""
        return self._prepared(condition).plan.entries

    def implied(self, target: Target, nodes: Sequence[Node], below: dict[Condition, Array]) -> Array:
        """Return what the network implies for the target, on its logit or log scale, (b,).

        ``below`` keeps the tables of the conditions, which the variable's own numbers do not change.
        """
        yes, both = self._pair(target, target.given, nodes, below)
        if target.contrast is None:
            present: Array = (yes * target.cells).sum(axis=(1, 2))
            absent: Array = ((both - yes) * target.cells).sum(axis=(1, 2))
            return _log(present) - _log(absent)
        other_yes, other_both = self._pair(target, target.contrast, nodes, below)
        people = self._kept((), nodes, below) * target.cells * ((both > 0.0) & (other_both > 0.0))
        return compare(target, _standardised(yes, both, people), _standardised(other_yes, other_both, people))

    def _pair(
        self, target: Target, given: Condition, nodes: Sequence[Node], below: dict[Condition, Array]
    ) -> tuple[Array, Array]:
        return self.table((*target.event, *given), nodes), self._kept(given, nodes, below)

    def _kept(self, condition: Condition, nodes: Sequence[Node], below: dict[Condition, Array]) -> Array:
        if condition not in below:
            below[condition] = self.table(condition, nodes)
        return below[condition]

    def _prepared(self, condition: Condition) -> Prepared:
        if condition not in self.prepared:
            self.prepared[condition] = self._prepare(condition)
        return self.prepared[condition]

    def _prepare(self, condition: Condition) -> Prepared:
        evidence: dict[int, Array] = {}
        for name, states in condition:
            i = self.network.index[name]
            likelihood = np.zeros(self.network.variables[i].size)
            likelihood[list(states)] = 1.0
            evidence[i] = likelihood * evidence.get(i, 1.0)
        cells = (self.network.index[AGE], self.network.index[SEX])
        return prepare(self.network, evidence, cells, keep_joint=True, budget=BUDGET, draws=1, which="numpy")


def compare(target: Target, exposed: Array, unexposed: Array) -> Array:
    """Return the log of the target's ratio between two risks."""
    exposed, unexposed = np.minimum(exposed, CEILING), np.minimum(unexposed, CEILING)
    ratio = _log(exposed) - _log(unexposed)
    if target.measure == "odds_ratio":
        return ratio - np.log1p(-exposed) + np.log1p(-unexposed)
    if target.measure == "hazard_ratio":
        return _log(-np.log1p(-exposed)) - _log(-np.log1p(-unexposed))
    return ratio


def _standardised(yes: Array, both: Array, people: Array) -> Array:
    """Return the risk yes / both of each cell, averaged over people, (b,)."""
    risk = np.zeros(np.broadcast_shapes(yes.shape, both.shape))
    np.divide(yes, both, out=risk, where=both > 0.0)
    mean: Array = (people * risk).sum(axis=(1, 2)) / people.sum(axis=(1, 2))
    return mean


def _log(values: Array) -> Array:
    return np.log(np.maximum(values, FLOOR))
