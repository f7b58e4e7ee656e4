"""Of people whom the model gives a cause with probability p, a share of p has it: by cause and class of probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import poisson

from legdx.engine import Budget, Status, run_rows
from legdx.network import Network
from tests.engine.survey_rows import survey_rows

CLASSES = np.array([0.0, 1e-4, 1e-3, 1e-2, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0])
ALPHA = 1e-3
"""How likely it may be that any class of any cause is outside its limits although all is right."""


@dataclass(frozen=True)
class Calibration:
    """People scored, cells of cause and class looked at, and those outside the simultaneous limits."""

    scored: int
    cells: int
    outside: tuple[tuple[str, float, float, int], ...]


def calibration(names: Sequence[str], posterior: np.ndarray, present: np.ndarray) -> Calibration:
    """Hold counts against expected counts, of the rarer side of each class.

    A sum of independent draws with different probabilities is more concentrated than a Poisson variable of its mean
    (Hoeffding 1956): Poisson limits err on the side of passing. They are divided among all cells and both sides.
    """
    found, cells = [], []
    for c, name in enumerate(names):
        of_class = np.clip(np.searchsorted(CLASSES, posterior[:, c], side="right") - 1, 0, len(CLASSES) - 2)
        for k in np.unique(of_class):
            here = of_class == k
            rare = CLASSES[k] < 0.5
            p, x = posterior[here, c], present[here, c]
            cells.append((name, CLASSES[k], float((p if rare else 1.0 - p).sum()), int((x if rare else ~x).sum())))
    limit = ALPHA / (2 * len(cells))
    for name, at, expected, seen in cells:
        if poisson.sf(seen - 1, expected) < limit or poisson.cdf(seen, expected) < limit:
            found.append((name, float(at), expected, seen))
    return Calibration(len(posterior), len(cells), tuple(found))


def scored_people(
    network: Network, pattern: str, people: int, seed: int, budget: Budget
) -> tuple[np.ndarray, np.ndarray]:
    """Draw people and score their answers: P(cause | answers) and whether it is so, (scored, causes).

    Rows over the budget are left out. What a row costs depends on its answers alone, so that this selects nobody by
    what is asked.
    """
    causes = network.of_kind("cause")
    states, rows = survey_rows(network, pattern, people, seed)
    result = run_rows(network, rows, causes, budget=budget)
    done = result.status == Status.DONE
    return result.marginals[done][:, 0, 1::2], states[done][:, causes] == 1
