"""How far a rate goes up and down from one age band to the next, and between women and men.

Where no figure speaks of a band, the solver's weak beliefs fill it in from its neighbours, on a straight line, and
where none tells women from men both get the same.  That is a guess of the middle, and no knowledge.  These standard
deviations say how far the truth strays from it, so that drawn networks can stray as far.

Ages: of three bands of one source and sex that follow each other, the middle one is off the straight line between the
others by r.  With a rate that wanders by s a decade (a random walk), r has the variance s^2 d1 d2 / (d1 + d2) beside
that of sampling, d being decades between the middles of the bands.  Sexes: men minus women in one band of one source
has the variance s^2 beside that of sampling.  s is the one of greatest likelihood.  The part of an interval that the
editors widened is shared by a source's bands, as in the draws, and cancels in these differences; only an interval of
sampling error counts as error here.  Figures held out, checks and grade D have no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from legdx.build.between import basis_of
from legdx.build.solver import parent_of
from legdx.build.targets import OLDEST, Target
from legdx.network.records import Array

__all__ = ["GROUPS", "Difference", "StepLine", "Steps", "largest_likelihood", "steps_between"]

GROUPS = {"factor": "factors", "cause": "causes"}
OTHERS = "findings"
AXES = ("age", "sex")
SPREADS = np.linspace(0.0, 2.0, 201)
DECADE = 10.0


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, on the logit scale: its share of s^2, and the variance that sampling gives it."""

    value: float
    share: float
    variance: float


@dataclass(frozen=True, slots=True)
class StepLine:
    """One standard deviation: a decade of age, or women against men, of one group of variables."""

    group: str
    axis: str
    differences: int
    spread: float


@dataclass(frozen=True, slots=True)
class Steps:
    """The standard deviations, by group and axis."""

    lines: tuple[StepLine, ...]

    def of(self, kind: str, axis: str) -> float:
        """Return the standard deviation for a variable's kind, along "age" (a band) or "sex"."""
        group = GROUPS.get(kind, OTHERS)
        return next((line.spread for line in self.lines if (line.group, line.axis) == (group, axis)), 0.0)


def steps_between(targets: Mapping[str, Sequence[Target]], kinds: Mapping[str, str]) -> Steps:
    """Estimate the steps from series of bands of one source.

    Args:
        targets: all figures by variable, with those held out marked as such.
        kinds: kind of each variable.

    """
    found: dict[tuple[str, str], list[Difference]] = {
        (group, axis): [] for group in (*GROUPS.values(), OTHERS) for axis in AXES
    }
    for name, mine in targets.items():
        group = GROUPS.get(kinds[name], OTHERS)
        series = _series(mine)
        for bands in series.values():
            found[group, "age"] += _off_the_line(bands)
        found[group, "sex"] += _men_and_women(series)
    return Steps(tuple(StepLine(*key, len(few), largest_likelihood(few)) for key, few in found.items()))


def largest_likelihood(differences: Sequence[Difference]) -> float:
    """Return the standard deviation under which the differences are likeliest; 0 without any."""
    if not differences:
        return 0.0
    values, shares, variances = (np.array([getattr(d, n) for d in differences]) for n in Difference.__slots__)
    total = np.maximum(variances + SPREADS[:, np.newaxis] ** 2 * shares, 1e-6)
    likelihood = -0.5 * (np.log(total) + values**2 / total).sum(axis=1)
    return float(SPREADS[int(np.argmax(likelihood))])


def _series(targets: Iterable[Target]) -> dict[tuple[str, str | None], list[Target]]:
    """Return the published rates of one question and source, by sex, in the order of age."""
    found: dict[tuple[str, str | None], list[Target]] = {}
    for t in targets:
        rate = t.contrast is None and parent_of(t) == "leak" and not t.assumed and not t.definition
        if rate and t.use == "solve" and basis_of(t) is not None:
            key = (repr((t.event, t.given, t.figure.source)), t.figure.population.sex)
            found.setdefault(key, []).append(t)
    return {key: sorted(mine, key=_middle) for key, mine in found.items()}


def _off_the_line(bands: Sequence[Target]) -> list[Difference]:
    found = []
    for one, two, three in zip(bands, bands[1:], bands[2:], strict=False):
        ages = [b.figure.population for b in (one, two, three)]
        if any(a.age_high >= b.age_low for a, b in pairwise(ages)):
            continue
        before, after = _middle(two) - _middle(one), _middle(three) - _middle(two)
        weights = np.array([-after / (before + after), 1.0, -before / (before + after)])
        found.append(_difference((one, two, three), weights, before * after / (before + after) / DECADE))
    return found


def _men_and_women(series: Mapping[tuple[str, str | None], Sequence[Target]]) -> list[Difference]:
    found = []
    for (question, sex), women in series.items():
        if sex != "female":
            continue
        men = {_ages(t): t for t in series.get((question, "male"), ())}
        found += [_difference((men[_ages(w)], w), np.array([1.0, -1.0]), 1.0) for w in women if _ages(w) in men]
    return found


def _difference(members: Sequence[Target], weights: Array, share: float) -> Difference:
    centres = np.array([t.centre for t in members])
    errors = np.array([0.5 * (t.below + t.above) if basis_of(t) == "sampling" else 0.0 for t in members])
    return Difference(float(weights @ centres), share, float(weights**2 @ errors**2))


def _ages(target: Target) -> tuple[int, int]:
    population = target.figure.population
    return population.age_low, population.age_high


def _middle(target: Target) -> float:
    low, high = _ages(target)
    return 0.5 * (low + min(high, OLDEST) + 1)
