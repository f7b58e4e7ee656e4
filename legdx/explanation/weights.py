"""Weight of evidence: how far each answer moves the odds of a cause, in decibans (10 log10 of odds).

The *weight* of an answer is its leave-one-out weight: 10 log10 of odds(c | all) over odds(c | all but this one).
Source: Good IJ. Probability and the Weighing of Evidence. 1950, chapter 6.  The parts that add up exactly from prior to
posterior are in ``legdx.explanation.split``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from legdx.engine import Budget, Evidence
from legdx.engine.evidence import Likelihood
from legdx.explanation.runs import Runs
from legdx.network.records import Array, Network, NoisyMax

__all__ = ["Direction", "Strength", "Weight", "Weights", "direction_of", "strength_of", "units_of", "weights_of"]

Direction = Literal["for", "against", "neutral"]
Strength = Literal["negligible", "weak", "substantial", "strong", "very_strong", "decisive"]

_STRENGTHS: tuple[tuple[float, Strength], ...] = (
    (1.0, "negligible"),
    (5.0, "weak"),
    (10.0, "substantial"),
    (15.0, "strong"),
    (20.0, "very_strong"),
)


@dataclass(frozen=True, slots=True)
class Weight:
    """What one answer does to one cause.

    Attributes:
        answers: the variable, for a gate together with the attributes that were answered present, which could not be
            said without it.
        weight_decibans: leave-one-out; an infinite one means that the answer alone decides.
        probability: P(these answers | all other answers), in [0, 1]; of a soft answer its likelihood, largest entry 1.
        parts: attribute -> weight of leaving it alone out, the complaint being kept.

    """

    answers: tuple[str, ...]
    weight_decibans: float
    probability: float = math.nan
    parts: tuple[tuple[str, float], ...] = ()

    @property
    def direction(self) -> Direction:
        """For, against, or neutral (less than one deciban either way)."""
        return direction_of(self.weight_decibans)

    @property
    def strength(self) -> Strength:
        """The word for the weight's size."""
        return strength_of(self.weight_decibans)


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds of a cause in decibans: prior, with the background (factors) alone, with everything; and each answer."""

    prior_decibans: float
    background_decibans: float
    posterior_decibans: float
    answers: tuple[Weight, ...]


def direction_of(decibans: float) -> Direction:
    """Return which way a weight speaks."""
    if abs(decibans) < _STRENGTHS[0][0]:
        return "neutral"
    return "for" if decibans > 0.0 else "against"


def strength_of(decibans: float) -> Strength:
    """Return the word for a weight of evidence (Jeffreys H. Theory of Probability. 1961, appendix B; under 1: ours).

    >>> strength_of(-12.0)
    'strong'
    """
    return next((word for limit, word in _STRENGTHS if abs(decibans) < limit), "decisive")


def weights_of(
    network: Network,
    evidence: Evidence,
    cause: int,
    *,
    prior_decibans: float | None = None,
    budget: Budget | None = None,
) -> Weights:
    """Weigh every answer for one cause.

    Args:
        network: the solved network.
        evidence: all answers.
        cause: index of the cause; where it is itself among the answers, that answer is weighed like any other.
        prior_decibans: its log-odds without any answer, where it is known already.
        budget: what it may cost; default the engine's.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: it costs more than the budget.

    """
    units = units_of(network, evidence)
    runs = Runs(network, evidence, (cause,), budget)
    parts = [(unit[0], i) for unit in units for i in unit[1:]]
    found = runs.without([(), *units, *((i,) for _, i in parts)])
    after = found.decibans(cause)
    weights = [difference(after[0], before) for before in after[1:]]
    share = np.exp(np.minimum(found.log_evidence[0] - found.log_evidence[1:], 0.0))
    alone: dict[int, list[tuple[str, float]]] = {unit[0]: [] for unit in units}
    for (first, i), weight in zip(parts, weights[len(units) :], strict=True):
        alone[first].append((network.variables[i].name, weight))
    rows = [
        Weight(tuple(network.variables[i].name for i in unit), weights[at], float(share[at]), tuple(alone[unit[0]]))
        for at, unit in enumerate(units)
    ]
    prior = log_odds(network, {}, cause) if prior_decibans is None else prior_decibans
    history = {i: v for i, v in evidence.items() if network.variables[i].kind == "factor"}
    background = log_odds(network, history, cause, budget) if history else prior
    return Weights(prior, background, float(after[0]), tuple(rows))


def log_odds(network: Network, evidence: Evidence, cause: int, budget: Budget | None = None) -> float:
    """Return 10 log10 of P(cause | evidence) / P(no cause | evidence)."""
    return float(Runs(network, evidence, (cause,), budget).without([()]).decibans(cause)[0])


def weight_matrix(runs: Runs, units: Sequence[Sequence[int]], causes: Sequence[int]) -> Array:
    """Return every unit's weight for every cause in decibans, (units, causes), from one pass."""
    found = runs.without([(), *units])
    columns = []
    for cause in causes:
        after = found.decibans(cause)
        columns.append([difference(after[0], before) for before in after[1:]])
    return np.array(columns, dtype=np.float64).T.reshape(len(units), len(causes))


def difference(after: float, before: float) -> float:
    """Return a change of log-odds; from one infinity to the same there is none."""
    return 0.0 if after == before else float(after - before)


def units_of(network: Network, evidence: Evidence) -> tuple[tuple[int, ...], ...]:
    """Group answers so that each group can be taken away: a gate with its present attributes; history first.

    An attribute with its gate unanswered stands alone, and so does one that is absent: it can be taken away.
    """
    held: dict[int, list[int]] = {i: [i] for i in sorted(evidence, key=lambda i: _order(network, i))}
    _attach(network, evidence, held)
    return tuple(tuple(members) for members in held.values())


def _attach(network: Network, evidence: Mapping[int, Likelihood], held: dict[int, list[int]]) -> None:
    for i in sorted(evidence, reverse=True):
        node = network.nodes[i]
        gate = node.gate if isinstance(node, NoisyMax) else None
        if gate in held and evidence[i][0] == 0.0:
            held[gate] += held.pop(i)


def _order(network: Network, i: int) -> tuple[bool, bool, int]:
    kind = network.variables[i].kind
    return kind != "factor", kind != "cause", i
