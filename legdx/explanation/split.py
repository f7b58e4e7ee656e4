"""The additive split: what each answer adds on the way from prior to posterior, in decibans; the parts sum exactly.

History comes first and in order (age, sex, exposures, known diagnoses): it is the background before which a complaint
is read, and each step is the change that it makes to what stands before it.  From there to the posterior, the answers
about complaints, signs and tests share the change by their Shapley values (Shapley LS. A value for n-person games.
1953; of log-odds as in Štrumbelj E, Kononenko I. JMLR 2010;11:1): the mean, over all orders in which they could have
been given, of the change that each makes.  To eight answers every subset is run.  Beyond, orders are drawn with a
stated seed, each with its reverse; the changes along one order sum to the whole, so the means do, and every part has
its standard error.  An attribute answered absent counts only beside its complaint's own answer: it is asked of no one
else.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from legdx.engine import Budget, Evidence
from legdx.explanation.runs import Runs
from legdx.explanation.weights import difference, log_odds, units_of
from legdx.network.records import Array, Network, NoisyMax

__all__ = ["SEED", "Share", "Split", "split_of"]

EXACT = 8
"""To this number of answers beside the history all subsets are run."""
PAIRS, FEWEST_PAIRS = 16, 4
"""Orders drawn beyond, each with its reverse; fewer, down to the second number, where the budget asks for it."""
SEED = 20261127

Subset = frozenset[int]


@dataclass(frozen=True, slots=True)
class Share:
    """One answer's part in the split.

    Attributes:
        answers: as in ``Weight``.
        decibans: its part.
        error_decibans: standard error from the drawn orders; 0 where nothing was drawn.

    """

    answers: tuple[str, ...]
    decibans: float
    error_decibans: float = 0.0


@dataclass(frozen=True, slots=True)
class Split:
    """Parts that sum to ``posterior_decibans - prior_decibans``; ``orders`` is 0 and ``seed`` None where exact."""

    prior_decibans: float
    posterior_decibans: float
    shares: tuple[Share, ...]
    orders: int = 0
    seed: int | None = None


def split_of(
    network: Network,
    evidence: Evidence,
    cause: int,
    *,
    prior_decibans: float | None = None,
    seed: int = SEED,
    budget: Budget | None = None,
) -> Split:
    """Split the change of a cause's log-odds among the answers.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: it costs more than the budget.

    """
    units = units_of(network, evidence)
    before = log_odds(network, {}, cause) if prior_decibans is None else prior_decibans
    prior = before
    shares: list[Share] = []
    history = [unit for unit in units if network.variables[unit[0]].kind != "finding"]
    added: dict[int, Array] = {}
    for unit in history:
        added |= {i: evidence[i] for i in unit}
        now = log_odds(network, added, cause, budget)
        shares.append(Share(_names(network, unit), difference(now, before)))
        before = now
    findings = [unit for unit in units if unit not in history]
    if not findings:
        return Split(prior, before, tuple(shares))
    game = _Game(network, evidence, cause, findings, budget)
    exact = len(findings) <= EXACT
    values, errors = game.exact() if exact else game.sampled(np.random.default_rng(seed))
    shares += [
        Share(_names(network, unit), float(value), float(error))
        for unit, value, error in zip(findings, values, errors, strict=True)
    ]
    return Split(
        prior,
        game.value(frozenset(range(len(findings)))),
        tuple(shares),
        0 if exact else 2 * game.pairs,
        None if exact else seed,
    )


class _Game:
    """The log-odds of the cause for every subset of the findings' units, beside all history."""

    def __init__(
        self, network: Network, evidence: Evidence, cause: int, units: Sequence[tuple[int, ...]], budget: Budget | None
    ) -> None:
        self.cause = cause
        self.units = units
        self.runs = Runs(network, evidence, (cause,), budget)
        place = {i: at for at, unit in enumerate(units) for i in unit}
        self.needs: dict[int, int] = {}
        for at, unit in enumerate(units):
            node = network.nodes[unit[0]]
            if isinstance(node, NoisyMax) and node.gate in place:
                self.needs[at] = place[node.gate]
        self.pairs = 0
        self._known: dict[Subset, float] = {}

    def counted(self, subset: Subset) -> Subset:
        """Leave out the attributes whose complaint's answer is not in the subset."""
        return frozenset(at for at in subset if self.needs.get(at, at) in subset)

    def value(self, subset: Subset) -> float:
        return self._known[self.counted(subset)]

    def learn(self, subsets: Collection[Subset]) -> None:
        """Run all subsets that are not known yet, in one call."""
        new = [s for s in dict.fromkeys(map(self.counted, subsets)) if s not in self._known]
        out = [tuple(i for at, unit in enumerate(self.units) if at not in s for i in unit) for s in new]
        self._known |= zip(new, map(float, self.runs.without(out).decibans(self.cause)), strict=True)

    def exact(self) -> tuple[Array, Array]:
        """Return the Shapley values by their definition, and errors of 0."""
        n = len(self.units)
        subsets = [frozenset(s) for size in range(n + 1) for s in itertools.combinations(range(n), size)]
        self.learn(subsets)
        values = np.zeros(n)
        for subset in subsets:
            for at in set(range(n)) - subset:
                chance = 1.0 / (n * math.comb(n - 1, len(subset)))
                values[at] += chance * difference(self.value(subset | {at}), self.value(subset))
        return values, np.zeros(n)

    def sampled(self, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return means over drawn orders and their reverses, and the standard errors of the pairs' means."""
        n = len(self.units)
        affordable = int(self.runs.affordable / (2 * n - 1))
        self.pairs = min(PAIRS, max(FEWEST_PAIRS, affordable))
        orders = [tuple(map(int, rng.permutation(n))) for _ in range(self.pairs)]
        both = [(order, order[::-1]) for order in orders]
        self.learn([frozenset(order[:k]) for pair in both for order in pair for k in range(n + 1)])
        means = np.array([np.mean([self.along(order) for order in pair], axis=0) for pair in both])
        with np.errstate(invalid="ignore"):
            return means.mean(axis=0), means.std(axis=0, ddof=1) / math.sqrt(self.pairs)

    def along(self, order: Sequence[int]) -> Array:
        """Return the change that each makes in this order; they sum to the whole."""
        changes = np.zeros(len(order))
        for k, at in enumerate(order):
            changes[at] = difference(self.value(frozenset(order[: k + 1])), self.value(frozenset(order[:k])))
        return changes


def _names(network: Network, unit: Sequence[int]) -> tuple[str, ...]:
    return tuple(network.variables[i].name for i in unit)


def shares_by_answers(split: Split) -> Mapping[tuple[str, ...], Share]:
    """Return the shares by what was answered."""
    return {share.answers: share for share in split.shares}
