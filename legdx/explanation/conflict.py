"""Whether the answers fit together, and how surprising each is beside the others.

The conflict of answers e_1 .. e_n is log [P(e_1) .. P(e_n) / P(e_1, .., e_n)] (Jensen FV, Chamberlain B, Nordahl T,
Jensen F. Analysis in HUGIN of data conflict. UAI 1990): below 0 the answers support each other, as those of one
disease do; well above, they speak against each other, or for something the model does not hold.  How unusual that is
for people who answer the same questions is a p-value by simulation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from legdx.engine import Budget, Evidence, posterior
from legdx.explanation.runs import Runs, log_evidences
from legdx.explanation.weights import units_of
from legdx.network.records import Array, Network, Table
from legdx.network.sampling import simulate

__all__ = ["Conflict", "Surprise", "conflict_of", "conflict_p_value"]

SURPRISING = 0.05
SIMULATIONS = 99
ROUNDING = 1e-9
SEED = 20261127


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """How likely one answer was before it was given: P(answers | all others), in [0, 1]."""

    answers: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """How well answers fit together.

    Attributes:
        log_ratio: natural log of the product of P(e_i) over P(e).
        answers: every answer with its probability given the rest, the most surprising first.

    """

    log_ratio: float
    answers: tuple[Surprise, ...]

    @property
    def surprising(self) -> tuple[Surprise, ...]:
        """The answers that fewer than one in twenty would have given, beside the rest of theirs."""
        return tuple(one for one in self.answers if one.probability < SURPRISING)


def conflict_of(
    network: Network, evidence: Evidence, priors: Mapping[int, Array], budget: Budget | None = None
) -> Conflict:
    """Return the conflict of the answers.

    Args:
        network: one network.
        evidence: all answers.
        priors: variable -> P(state) without any answer, of every answered variable.
        budget: what it may cost.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: it costs more than the budget.

    """
    units = units_of(network, evidence)
    runs = Runs(network, evidence, (), budget)
    logs = runs.without([(), *units], marginals=False).log_evidence
    shares = np.exp(np.minimum(logs[0] - logs[1:], 0.0))
    answers = [
        Surprise(answers=tuple(network.variables[i].name for i in unit), probability=float(share))
        for unit, share in zip(units, shares, strict=True)
    ]
    return Conflict(
        log_ratio=_apart(runs.evidence, priors) - float(logs[0]),
        answers=tuple(sorted(answers, key=lambda one: one.probability)),
    )


def conflict_p_value(
    network: Network,
    evidence: Evidence,
    priors: Mapping[int, Array],
    cause: int | None = None,
    *,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
    budget: Budget | None = None,
) -> tuple[float, int]:
    """Return (p, n): among n people drawn from the model, the share whose answers conflict at least as much.

    They have the history that was given and the cause (by default none is set), and answer the questions about
    complaints, signs and tests that were answered.  p = (1 + those with a larger or equal conflict) / (1 + n), so never
    0 (Davison AC, Hinkley DV. Bootstrap Methods. 1997, chapter 4).  Whoever would be too costly is left out of n.
    A soft answer is taken at its likeliest state.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.

    """
    sure = {i: _one_hot(len(v), int(np.argmax(v))) for i, v in evidence.items()}
    fixed = {i: v for i, v in sure.items() if network.variables[i].kind == "factor"}
    asked = [i for i in sure if i not in fixed]
    if cause is not None:
        fixed[cause] = _one_hot(2, 1)
    drawn = simulate(_with_fixed(network, fixed), simulations, np.random.default_rng(seed))
    history = {i: v for i, v in fixed.items() if i in sure}
    people: list[Evidence] = [sure]
    people += [{**history, **{i: _one_hot(network.variables[i].size, int(row[i])) for i in asked}} for row in drawn]
    logs = log_evidences(network, people, budget)
    conflicts = np.array([_apart(person, priors) - log for person, log in zip(people, logs, strict=True)])
    if not np.isfinite(conflicts[0]):
        return math.nan, 0
    others = conflicts[1:][np.isfinite(conflicts[1:])]
    return float((1 + np.sum(others >= conflicts[0] - ROUNDING)) / (1 + len(others))), len(others)


def _with_fixed(network: Network, fixed: Evidence) -> Network:
    nodes = list(network.nodes)
    for i, likelihood in fixed.items():
        nodes[i] = Table((), likelihood[np.newaxis])
    return network.with_nodes(nodes)


def _apart(evidence: Evidence, priors: Mapping[int, Array]) -> float:
    """Return the log of the product of P(e_i), likelihoods with a largest entry of 1."""
    with np.errstate(divide="ignore"):
        return float(sum(np.log(priors[i] @ v) for i, v in evidence.items()))


def _one_hot(size: int, state: int) -> Array:
    result = np.zeros(size)
    result[state] = 1.0
    return result


def answer_priors(network: Network, variables: Sequence[int]) -> dict[int, Array]:
    """Return P(state) of variables without any answer, each asked alone."""
    return {i: posterior(network, {}, (i,)).marginals[i][0] for i in variables}
