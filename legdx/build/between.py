"""How far studies of one number differ by more than their own errors say: the between-study variance.

Model: what study s prints for question q is y_qs = theta_q + u_qs + e_qs, on the logit or log scale.  e is the
study's own error, with the standard error that its interval gives; u is what sets the study apart (place, year, case
definition, who came), normal with standard deviation tau.  A tau is estimated for each kind of number and each basis
of its interval: an interval of sampling error alone says nothing of u; one that the editors widened, a range over
studies or a class holds part of it already.  Figures of grade D are no studies: their interval is what is believed of
the number itself, and nothing is added to it.

Estimate: the restricted likelihood of tau (theta integrated out over a flat prior; Harville 1974) from every question
that two or more sources answer among the figures that are solved for.  The kinds are tied together: tau is half-normal
with a scale common to all kinds of a basis, and that scale is uniform up to 1 (Higgins, Thompson and Spiegelhalter,
JRSS A 2009;172:137-159, section 5; Gelman, Bayesian Analysis 2006;1:515-533).  So a kind of which few questions
have two sources borrows from the others, and no tau is put to 0 because few studies happen to agree.  All of it is
sums on a grid.  Figures held out and checks have no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from legdx.build.solver import parent_of
from legdx.build.targets import Target
from legdx.network.records import Array

__all__ = [
    "BASES",
    "KINDS",
    "Between",
    "BetweenLine",
    "Question",
    "basis_of",
    "between_studies",
    "kind_of",
    "questions_of",
    "restricted_likelihood",
    "study_of",
]

KINDS = ("prevalence", "background", "given a cause", "ratio")
BASES = ("sampling", "widened")
SAMPLING = frozenset({"ci95", "ci90", "wilson95"})
NO_STUDY = "D"
FEWEST = 2
"""Sources that a question needs to say how far sources differ."""

TAUS = np.linspace(0.0, 1.5, 61)
EDGES = np.concatenate([TAUS[:1], 0.5 * (TAUS[1:] + TAUS[:-1]), TAUS[-1:]])
"""Where the cell of one tau ends and that of the next begins."""

SCALES = np.linspace(0.05, 1.0, 20)
ENDS = (0.025, 0.5, 0.975)


@dataclass(frozen=True, slots=True)
class Question:
    """What several sources say of one number, a value a source: logit or log, variance of its own error, its basis."""

    kind: str
    values: Array
    variances: Array
    widened: Array
    figures: int


@dataclass(frozen=True, slots=True)
class BetweenLine:
    """One tau: its posterior median and 95 % interval, and the restricted maximum likelihood estimate beside them.

    ``questions`` have two or more sources, at least one of this basis; ``figures`` counts those of this basis.
    """

    kind: str
    basis: str
    questions: int
    figures: int
    median: float
    low: float
    high: float
    reml: float


@dataclass(frozen=True, slots=True)
class Between:
    """The taus: as lines of a report, and drawn, (draws,) for each kind and basis."""

    lines: tuple[BetweenLine, ...]
    taus: Mapping[tuple[str, str], Array]
    draws: int

    def of(self, target: Target) -> Array:
        """Return the drawn tau of what sets a figure's study apart, (draws,); 0 for figures that are no studies."""
        found = self.taus.get((kind_of(target), basis_of(target) or ""))
        return np.zeros(self.draws) if found is None or target.definition else found


def kind_of(target: Target) -> str:
    """Return which kind of number a figure settles (``KINDS``)."""
    if target.contrast is not None:
        return "ratio"
    if not target.given:
        return "prevalence"
    return "background" if target.assumed or parent_of(target) == "leak" else "given a cause"


def basis_of(target: Target) -> str | None:
    """Return what a figure's interval rests on (``BASES``); None for a judgement, which is no study."""
    if target.figure.grade == NO_STUDY:
        return None
    return "sampling" if target.figure.interval in SAMPLING else "widened"


def study_of(target: Target) -> str:
    """Return the name of what a study shares over its figures for one number, bands of age and sex among them."""
    shared = target.shock != target.figure.id
    return target.shock if shared else f"{target.parameter}: {target.figure.source}"


def questions_of(targets: Iterable[Target]) -> tuple[Question, ...]:
    """Return the questions that two or more sources answer, of the figures that are solved for.

    The same question has the same event, condition, measure and weights of age and sex.  Several figures of one source
    share its u, so that they count as their mean, weighted by their precision.
    """
    asked: dict[str, list[Target]] = {}
    for t in targets:
        if t.use == "solve" and not t.assumed and not t.definition and basis_of(t) is not None:
            question = repr((t.event, t.given, t.measure, t.contrast, t.cells.tolist()))
            asked.setdefault(question, []).append(t)
    found = (_question(members) for members in asked.values())
    return tuple(q for q in found if len(q.values) >= FEWEST)


def _question(members: list[Target]) -> Question:
    middle = float(np.mean([t.centre for t in members]))
    values, variances, widened = [], [], []
    for source in dict.fromkeys(t.figure.source for t in members):
        mine = [t for t in members if t.figure.source == source]
        centres = np.array([t.centre for t in mine])
        # the error that matters is that on the side where the others are
        precision = np.array([(t.above if t.centre < middle else t.below) ** -2.0 for t in mine])
        values.append(float(precision @ centres / precision.sum()))
        variances.append(1.0 / float(precision.sum()))
        widened.append(any(basis_of(t) == "widened" for t in mine))
    return Question(kind_of(members[0]), np.array(values), np.array(variances), np.array(widened), len(members))


def restricted_likelihood(question: Question, sampling: Array, widened: Array) -> Array:
    """Return the log restricted likelihood of pairs of taus for one question, up to a constant.

    -2 log L = sum log v + log sum 1/v + sum (y - mean)^2 / v, v = se^2 + tau^2, the mean weighted by 1/v.

    Args:
        question: what the sources say.
        sampling: tau of figures with an interval of sampling error, (n,).
        widened: tau of the others, (n,).

    """
    tau = np.where(question.widened, widened[:, np.newaxis], sampling[:, np.newaxis])
    variances = question.variances + tau**2
    weights = 1.0 / variances
    total = weights.sum(axis=1)
    mean = (weights @ question.values) / total
    squares = (weights * (question.values - mean[:, np.newaxis]) ** 2).sum(axis=1)
    result: Array = -0.5 * (np.log(variances).sum(axis=1) + np.log(total) + squares)
    return result


def between_studies(targets: Iterable[Target], draws: int, seed: int) -> Between:
    """Estimate tau of each kind and basis, and draw one for each network; the same seed gives the same.

    Args:
        targets: all figures, with those held out marked as such.
        draws: networks that are drawn.
        seed: of the draws.

    """
    questions = questions_of(targets)
    likelihoods = {kind: _on_grid([q for q in questions if q.kind == kind]) for kind in KINDS}
    prior = np.exp(-0.5 * (TAUS / SCALES[:, np.newaxis]) ** 2) * np.diff(EDGES)
    prior /= prior.sum(axis=1, keepdims=True)
    evidences = {kind: prior @ likelihood @ prior.T for kind, likelihood in likelihoods.items()}
    scales = np.prod(list(evidences.values()), axis=0)
    scales /= scales.sum()
    chosen = _chosen(scales, np.random.default_rng([seed, len(KINDS)]).random(draws))
    lines: list[BetweenLine] = []
    taus: dict[tuple[str, str], Array] = {}
    for number, kind in enumerate(KINDS):
        mixing = scales / evidences[kind]
        posterior = likelihoods[kind] * (prior.T @ mixing @ prior)
        best = np.unravel_index(int(np.argmax(likelihoods[kind])), posterior.shape)
        mine = [q for q in questions if q.kind == kind]
        chances = np.random.default_rng([seed, number]).random(draws)
        pairs = [_draw(likelihoods[kind], prior, *one) for one in zip(chosen, chances, strict=True)]
        for axis, basis in enumerate(BASES):
            marginal = posterior.sum(axis=1 - axis)
            taus[kind, basis] = np.array([TAUS[pair[axis]] for pair in pairs])
            below = np.concatenate([[0.0], np.cumsum(marginal) / marginal.sum()])
            low, median, high = (float(x) for x in np.interp(ENDS, below, EDGES))
            have = [q.widened == bool(axis) for q in mine]
            lines.append(
                BetweenLine(
                    kind,
                    basis,
                    sum(bool(h.any()) for h in have),
                    sum(int(h.sum()) for h in have),
                    median,
                    low,
                    high,
                    float(TAUS[best[axis]]),
                )
            )
    return Between(tuple(lines), taus, draws)


def _on_grid(questions: list[Question]) -> Array:
    """Return the likelihood of each pair of taus, sampling by widened, its maximum 1."""
    sampling, widened = (axis.ravel() for axis in np.meshgrid(TAUS, TAUS, indexing="ij"))
    total = np.zeros(sampling.size)
    for question in questions:
        total += restricted_likelihood(question, sampling, widened)
    result: Array = np.exp(total - total.max()).reshape(TAUS.size, TAUS.size)
    return result


def _draw(likelihood: Array, prior: Array, scales: int, chance: float) -> tuple[int, int]:
    """Return the numbers of the pair of taus that a chance in [0, 1) falls on, given the scales of both bases."""
    sampling, widened = divmod(scales, SCALES.size)
    weights = likelihood * prior[sampling][:, np.newaxis] * prior[widened]
    first, second = divmod(int(_chosen(weights, np.array([chance]))[0]), TAUS.size)
    return first, second


def _chosen(weights: Array, chances: Array) -> NDArray[np.intp]:
    """Return where chances in [0, 1) fall among weights, by number: the first ones stay when more are drawn."""
    below = np.cumsum(weights.ravel())
    return np.searchsorted(below / below[-1], chances, side="right")
