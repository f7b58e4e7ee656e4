"""Where a held-out figure lies among what the drawn networks say of it.

The drawn networks stand for what the model knows of its own numbers.  What each of them implies for a figure that was
kept from the solver gives the model's 90 % interval for it.  A published number is not the truth either: it has an
error of its own, and its study is set apart from others.  The predictive interval folds both in: it is the range of
what each drawn network implies, with the error of the publication and what may set it apart (`legdx.build.between`)
added, and it should hold nine published numbers in ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from legdx.build.between import Between
from legdx.build.implied import Queries
from legdx.build.targets import Target
from legdx.network.records import Array, Network, map_arrays

__all__ = ["ModelRange", "ranges_of"]

ENDS = (0.05, 0.95)
TOGETHER = 2e6
"""Table entries of drawn networks that are run side by side."""

ERRORS = np.array([NormalDist().inv_cdf((k + 0.5) / 199) for k in range(199)])
"""Standard normal errors, evenly by probability: nothing is drawn, and the same figures give the same interval."""


@dataclass(frozen=True, slots=True)
class ModelRange:
    """The 90 % intervals for one figure, on its logit or log scale: the model's own, and the predictive one.

    ``expected_inside`` is the chance that a published figure lies in the model's own, if both are right.
    """

    low: float
    high: float
    predictive_low: float
    predictive_high: float
    expected_inside: float


def ranges_of(drawn: Network, targets: Iterable[Target], between: Between) -> Mapping[str, ModelRange]:
    """Return the ranges of the held-out targets by the id of their figure.

    Args:
        drawn: networks side by side.
        targets: all targets; those that are not held out are passed over.
        between: how far studies of one number differ, drawn for each network.

    """
    queries = Queries(drawn)
    held = [t for t in targets if t.use == "held_out"]
    return {t.figure.id: range_of(t, implied_by_each(queries, t), between.of(t)) for t in held}


def implied_by_each(queries: Queries, target: Target) -> Array:
    """Return what each network implies for the target, on its logit or log scale, (draws,)."""
    drawn = queries.network
    conditions = [c for c in (target.given, target.contrast) if c is not None]
    entries = max(queries.entries((*target.event, *condition)) for condition in conditions)
    step = max(1, int(TOGETHER / max(1.0, entries)))
    parts = []
    for start in range(0, drawn.draws, step):
        some = [map_arrays(node, _part(start, start + step)) for node in drawn.nodes]
        count = min(step, drawn.draws - start)
        parts.append(np.broadcast_to(queries.implied(target, some, {}), (count,)))
    return np.concatenate(parts)


def _part(start: int, end: int) -> Callable[[Array], Array]:
    return lambda array: array[start:end] if len(array) > 1 else array


def range_of(target: Target, implied: Array, apart: Array) -> ModelRange:
    """Return the ranges that go with what each network implies, and with the tau that it was drawn with, (draws,).

    An error that puts the published number above the truth is as large as the truth may lie below what was published.
    """
    own = np.where(ERRORS > 0.0, target.below, target.above)
    errors = ERRORS * np.hypot(own, apart[:, np.newaxis])
    low, high = np.quantile(implied, ENDS)
    published = implied[:, np.newaxis] + errors
    predictive_low, predictive_high = np.quantile(published, ENDS)
    inside = np.mean((published >= low) & (published <= high))
    return ModelRange(float(low), float(high), float(predictive_low), float(predictive_high), float(inside))
