"""Why one cause rather than another: each answer's weight for both, and the difference."""

from __future__ import annotations

from dataclasses import dataclass

from legdx.engine import Budget, Evidence
from legdx.explanation.runs import Runs
from legdx.explanation.weights import difference, units_of, weight_matrix
from legdx.network.records import Network

__all__ = ["Contrast", "ContrastRow", "contrast"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastRow:
    """One answer: its leave-one-out weights in decibans, and by how much it favours the first cause."""

    answers: tuple[str, ...]
    first_decibans: float
    second_decibans: float

    @property
    def difference_decibans(self) -> float:
        """Weight for the first less weight for the second."""
        return difference(self.first_decibans, self.second_decibans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Two causes side by side; rows that favour the first most come first, those that favour the second last."""

    first: str
    second: str
    first_probability: float
    second_probability: float
    rows: tuple[ContrastRow, ...]


def contrast(network: Network, evidence: Evidence, first: int, second: int, budget: Budget | None = None) -> Contrast:
    """Set two causes against each other.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: it costs more than the budget.

    """
    units = units_of(network, evidence)
    runs = Runs(network, evidence, (first, second), budget)
    matrix = weight_matrix(runs, units, (first, second))
    rows = [
        ContrastRow(
            answers=tuple(network.variables[i].name for i in unit),
            first_decibans=float(matrix[at, 0]),
            second_decibans=float(matrix[at, 1]),
        )
        for at, unit in enumerate(units)
    ]
    found = runs.without([()])
    return Contrast(
        first=network.variables[first].name,
        second=network.variables[second].name,
        first_probability=float(found.marginals[first][0, 1]),
        second_probability=float(found.marginals[second][0, 1]),
        rows=tuple(sorted(rows, key=lambda row: -row.difference_decibans)),
    )
