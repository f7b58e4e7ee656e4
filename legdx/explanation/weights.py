"""Weight of evidence: how far each answer moves the odds of a cause, in decibans (10 log10 of odds).

Two columns.  The *weight* of an answer is its leave-one-out weight: 10 log10 of odds(c | all) over odds(c | all but
this one).  The *step* is the change when answers are added one after another in a fixed order (history first, then
each complaint with its attributes); steps add up to the whole change from prior to posterior, exactly.
Source: Good IJ. Probability and the Weighing of Evidence. 1950, chapter 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from legdx.engine import Evidence, posterior
from legdx.engine.evidence import Likelihood
from legdx.network.records import Network, NoisyMax

__all__ = ["Direction", "Strength", "Weight", "Weights", "log_odds_db", "strength_of", "weights_of"]

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

    ``answers`` is the variable, for a gate together with the attributes that were answered present, which could not
    be said without it.  Both numbers are in decibans; an infinite one means that the answer alone decides.
    """

    answers: tuple[str, ...]
    weight_decibans: float
    step_decibans: float

    @property
    def direction(self) -> Direction:
        """For, against, or neutral (less than one deciban either way)."""
        if abs(self.weight_decibans) < _STRENGTHS[0][0]:
            return "neutral"
        return "for" if self.weight_decibans > 0.0 else "against"

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


def strength_of(decibans: float) -> Strength:
    """Return the word for a weight of evidence (Jeffreys H. Theory of Probability. 1961, appendix B; under 1: ours).

    >>> strength_of(-12.0)
    'strong'
    """
    return next((word for limit, word in _STRENGTHS if abs(decibans) < limit), "decisive")


def log_odds_db(network: Network, evidence: Evidence, cause: int) -> float:
    """Return 10 log10 of P(cause | evidence) / P(no cause | evidence), from both sides, without a subtraction."""
    absent, present = posterior(network, evidence, (cause,)).marginals[cause][0]
    with np.errstate(divide="ignore"):
        return float(10.0 * (np.log10(present) - np.log10(absent)))


def weights_of(network: Network, evidence: Evidence, cause: int) -> Weights:
    """Weigh every answer for one cause.

    Args:
        network: the solved network.
        evidence: all answers.
        cause: index of the cause; where it is itself among the answers, that answer is weighed like any other.

    """
    units = _units(network, evidence)
    prior = log_odds_db(network, {}, cause)
    everything = log_odds_db(network, evidence, cause)
    rows: list[Weight] = []
    added: dict[int, Likelihood] = {}
    before = background = prior
    for unit in units:
        added |= {i: evidence[i] for i in unit}
        now = log_odds_db(network, added, cause)
        rest = {i: v for i, v in evidence.items() if i not in unit}
        names = tuple(network.variables[i].name for i in unit)
        weight = _difference(everything, log_odds_db(network, rest, cause))
        rows.append(Weight(names, weight, _difference(now, before)))
        before = now
        if network.variables[unit[0]].kind == "factor":
            background = now
    return Weights(prior, background, everything, tuple(rows))


def _difference(after: float, before: float) -> float:
    return 0.0 if after == before else after - before  # inf - inf is no change


def _units(network: Network, evidence: Evidence) -> Sequence[tuple[int, ...]]:
    """Group answers so that each group can be taken away: a gate with its present attributes.

    An attribute with its gate unanswered stands alone, and so does one that is absent: it can be taken away.
    """
    held: dict[int, list[int]] = {i: [i] for i in sorted(evidence, key=lambda i: _order(network, i))}
    _attach(network, evidence, held)
    return [tuple(members) for members in held.values()]


def _attach(network: Network, evidence: Mapping[int, Likelihood], held: dict[int, list[int]]) -> None:
    for i in sorted(evidence, reverse=True):
        node = network.nodes[i]
        gate = node.gate if isinstance(node, NoisyMax) else None
        if gate in held and evidence[i][0] == 0.0:
            held[gate] += held.pop(i)


def _order(network: Network, i: int) -> tuple[bool, bool, int]:
    kind = network.variables[i].kind
    return kind != "factor", kind != "cause", i
