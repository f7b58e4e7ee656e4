"""Reasons for many people at once, as arrays: the first cause and why, the urgency, each answer's weight.

Rows are worked out one after the other with the same functions as a single case, so that a table and a case never
differ.  What takes the time is the engine's planning and its small products; a call of the engine for many rows goes
into ``legdx.explanation.runs``, and rows into it here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from legdx.engine import Evidence
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.explanation.ranking import first_explaining
from legdx.explanation.reasons import Source
from legdx.explanation.runs import Runs
from legdx.explanation.weights import units_of, weight_matrix
from legdx.network.records import Array
from legdx.urgency import assess_urgency

__all__ = ["ManyReasons", "reasons_of_many"]

Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class ManyReasons:
    """One row a person; what could not be worked out is None or NaN, and ``status`` says why.

    Attributes:
        status: "scored", "impossible" or "too_costly", (n,).
        first: id of the cause that explains the complaints best, of the likeliest cause where none explains, (n,).
        explains: P(it is present and reaches a reported complaint | answers), (n,).
        posterior: P(it is present | answers), (n,).
        urgency: the level, (n,); of a row that is too costly, what the rules alone say.
        variables: the columns of ``weights``.
        weights: each answer's leave-one-out weight of evidence for the first cause in decibans, (n, variables); NaN for
            what was not answered; attributes that go with their complaint's answer have its weight.

    """

    status: Texts
    first: Texts
    explains: Array
    posterior: Array
    urgency: Texts
    variables: tuple[str, ...]
    weights: Array


def reasons_of_many(
    source: Source, cases: Iterable[Evidence], unsure: Sequence[Collection[str]] | None = None
) -> ManyReasons:
    """Work out the reasons of many people.

    Args:
        source: the model.
        cases: each person's answers, variable index -> likelihood of each state.
        unsure: each person's variables answered "don't know"; default none.

    """
    people = list(cases)
    doubts: Sequence[Collection[str]] = [()] * len(people) if unsure is None else unsure
    network = source.network
    columns = [i for i, v in enumerate(network.variables) if v.kind in {"factor", "finding", "cause"}]
    place = {i: at for at, i in enumerate(columns)}
    n = len(people)
    status, first, urgency = (np.full(n, None, dtype=object) for _ in range(3))
    explains, posterior = np.full(n, np.nan), np.full(n, np.nan)
    weights = np.full((n, len(columns)), np.nan)
    for row, (evidence, unsure_here) in enumerate(zip(people, doubts, strict=True)):
        try:
            chosen, numbers, units, column = _reasons(source, evidence)
            level = assess_urgency(source.knowledge, network, evidence, unsure_here, numbers).level
        except ImpossibleEvidenceError:
            status[row] = "impossible"
            continue
        except TooCostlyError:
            status[row] = "too_costly"
            urgency[row] = assess_urgency(source.knowledge, network, evidence, unsure_here, None).level
            continue
        status[row], urgency[row] = "scored", level
        first[row], explains[row] = chosen
        posterior[row] = numbers[chosen[0]]
        for unit, weight in zip(units, column, strict=True):
            weights[row, [place[i] for i in unit]] = weight
    names = tuple(network.variables[i].name for i in columns)
    return ManyReasons(status, first, explains, posterior, urgency, names, weights)


def _reasons(
    source: Source, evidence: Evidence
) -> tuple[tuple[str, float], dict[str, float], tuple[tuple[int, ...], ...], Array]:
    """Return (first cause, how far it explains), all posteriors, the answers in units, and their weights for it."""
    network = source.network
    causes = network.of_kind("cause")
    everything = Runs(network, evidence, causes).without([()])
    posteriors = {network.variables[i].name: float(everything.marginals[i][0, 1]) for i in causes}
    chosen = first_explaining(source.knowledge, network, evidence, posteriors)
    cause = network.index[chosen[0]]
    units = units_of(network, evidence)
    return chosen, posteriors, units, weight_matrix(Runs(network, evidence, (cause,)), units, (cause,))[:, 0]
