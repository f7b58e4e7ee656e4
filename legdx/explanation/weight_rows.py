"""Leave-one-out weights of evidence of many people: every answer of everybody left out in one call of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from legdx.engine import UNOBSERVED, Budget, Evidence, Packed, Status, pack, run_distinct_rows
from legdx.explanation.weights import difference, units_of
from legdx.network.records import Array, Network

__all__ = ["Weighed", "weigh_rows"]


@dataclass(frozen=True, slots=True)
class Weighed:
    """One person's answers in units (``units_of``) and their weights for one cause in decibans, (units,)."""

    units: tuple[tuple[int, ...], ...]
    weights: Array


def weigh_rows(
    network: Network, people: Sequence[Evidence], causes: Sequence[int], budget: Budget | None = None
) -> list[Weighed | None]:
    """Weigh every answer of everybody, each person's for one cause; the numbers are those of ``weights_of``.

    Args:
        network: the solved network.
        people: each person's answers, found to be possible together when they were scored.
        causes: the cause of each, by index.
        budget: what one run of one person may cost.

    Returns:
        One entry a person; None where something would be too costly.

    """
    if not people:
        return []
    rows = pack(*people)
    column = {int(variable): k for k, variable in enumerate(rows.variables)}
    units = [units_of(network, evidence) for evidence in people]
    owner = np.repeat(np.arange(len(people)), [1 + len(own) for own in units])
    codes = rows.codes[owner]
    soft = [dict(rows.soft[k]) if rows.soft else {} for k in owner.tolist()]
    at = 0
    for own in units:
        for line, unit in enumerate(own, start=at + 1):
            codes[line, [column[i] for i in unit]] = UNOBSERVED
            for i in unit:
                soft[line].pop(i, None)
        at += 1 + len(own)
    decibans = _log_odds(network, Packed(rows.variables, codes, soft if rows.soft else ()), causes, owner, budget)
    found: list[Weighed | None] = []
    at = 0
    for own in units:
        after, *before = decibans[at : at + 1 + len(own)].tolist()
        at += 1 + len(own)
        weights = np.array([difference(after, one) for one in before], dtype=np.float64)
        found.append(None if np.isnan(after) or np.any(np.isnan(weights)) else Weighed(own, weights))
    return found


def _log_odds(
    network: Network, rows: Packed, causes: Sequence[int], owner: NDArray[np.intp], budget: Budget | None
) -> Array:
    """Return 10 log10 of the odds of each row's cause, (rows,); NaN where there is none."""
    wanted = np.array(causes, dtype=np.intp)[owner]
    result = np.full(len(owner), np.nan)
    for cause in np.unique(wanted):
        mine = np.flatnonzero(wanted == cause)
        chosen = Packed(rows.variables, rows.codes[mine], [rows.soft[k] for k in mine.tolist()] if rows.soft else ())
        found = run_distinct_rows(network, chosen, (int(cause),), budget=budget, with_evidence=False)
        done = found.status == Status.DONE
        with np.errstate(divide="ignore"):
            logs = 10.0 * np.log10(found.marginals[done, 0])
        result[mine[done]] = logs[:, 1] - logs[:, 0]
    return result
