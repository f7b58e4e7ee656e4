"""How far the model's own numbers are uncertain: intervals, places in the order, and which numbers move a posterior.

Everything here is about the uncertainty of the published figures that the model is made of, and about nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from legdx.engine import Budget, Evidence, prepare
from legdx.engine.evidence import normalise
from legdx.engine.planner import Predicted
from legdx.explanation.lanes import Lane
from legdx.explanation.runs import Runs, decibans
from legdx.explanation.weights import difference
from legdx.network.records import Array, Link, Network, Node, NoisyMax, map_arrays

__all__ = ["Spread", "Swing", "posterior_draws", "spread_of", "tornado"]

BOUNDS = (0.05, 0.95)
PLACES = 3
RARE = 1e-3
LANES = 10
"""Drawn networks that the NumPy twin runs side by side: few enough for their tables to stay in the cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """How far one number of the model moves a posterior between the ends of its own 90 % range, all others kept.

    Attributes:
        variable: the variable whose table the number stands in.
        parent: the parent whose link it is; None for the leak: the rate without any modelled parent.
        low, high: P(cause | answers) with the number at the lower and at the upper end of its range, in [0, 1].
        swing_decibans: the difference of their log-odds.

    """

    variable: str
    parent: str | None
    low: float
    high: float
    swing_decibans: float


@dataclass(frozen=True, slots=True)
class Spread:
    """The 5th and 95th percentile of every number over the drawn networks, as nodes of the same structure."""

    low: tuple[Node, ...]
    high: tuple[Node, ...]


def spread_of(drawn: Network) -> Spread:
    """Return the range of every number over networks held side by side."""
    return Spread(*(tuple(map_arrays(node, _quantile(at)) for node in drawn.nodes) for at in BOUNDS))


def _quantile(at: float) -> Callable[[Array], Array]:
    def of(array: Array) -> Array:
        if len(array) == 1:
            return array
        result: Array = np.quantile(array, at, axis=0, keepdims=True)
        return result

    return of


def posterior_draws(drawn: Network, evidence: Evidence, causes: Sequence[int], budget: Budget | None = None) -> Array:
    """Return P(cause present | answers) in every drawn network, (draws, causes); NaN where answers cannot occur.

    Raises:
        ImpossibleEvidenceError: the answers cannot occur in any of them.
        TooCostlyError: it costs more than the budget.

    """
    query = prepare(drawn, evidence, causes, budget=budget)
    if isinstance(query.plan, Predicted):  # the compiled kernels hold all of them, and go through them one by one
        found = query.posterior().marginals
        return np.stack([found[i][:, 1] for i in causes], axis=1)
    parts = [
        query.posterior([_some(node, start) for node in drawn.nodes]).marginals
        for start in range(0, drawn.draws, LANES)
    ]
    return np.stack([np.concatenate([part[i][:, 1] for part in parts]) for i in causes], axis=1)


def _some(node: Node, start: int) -> Node:
    return map_arrays(node, lambda a: a[start : start + LANES] if len(a) > 1 else a)


def intervals_of(draws: Array) -> Array:
    """Return the 90 % interval of each column, (columns, 2)."""
    with np.errstate(invalid="ignore"):
        result: Array = np.nanpercentile(draws, [100 * at for at in BOUNDS], axis=0).T
    return result


def among_first(draws: Array, places: int = PLACES) -> Array:
    """Return the share of drawn networks in which each column is among the highest, (columns,)."""
    possible = draws[np.isfinite(draws).all(axis=1)]
    rank = (-possible).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    result: Array = (rank < places).mean(axis=0)
    return result


def tornado(
    network: Network,
    spread: Spread,
    evidence: Evidence,
    cause: int,
    *,
    posteriors: Mapping[str, float] | None = None,
    most: int = 10,
    budget: Budget | None = None,
) -> tuple[Swing, ...]:
    """Return the numbers that move a cause's posterior most over their own ranges, the widest swing first.

    Each number is set to the ends of its range and the posterior worked out anew: two lanes a number.  A number is a
    link, or a leak, with all its cells of age and sex moved together.  (A gradient of the engine, times the range,
    would say the same to first order and could choose which of them to work out.)

    Args:
        network: the solved network.
        spread: the range of each number (``spread_of``).
        evidence: the answers.
        cause: index of the cause.
        posteriors: cause -> P(present | answers); numbers of causes under 1 in 1,000 are not tried then: what hardly is
            there moves little.
        most: how many to return.
        budget: what it may cost.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: it costs more than the budget.

    """
    runs = Runs(network, evidence, (cause,), budget)
    settled, _ = normalise(network, evidence)
    rare = {network.index[name] for name, p in (posteriors or {}).items() if p < RARE} - {cause}
    names: list[tuple[int, int | None]] = []
    lanes: list[Lane] = []
    for i in sorted(_with_ancestors(network, settled, cause) - rare):
        node, low, high = network.nodes[i], spread.low[i], spread.high[i]
        if not (isinstance(node, NoisyMax) and isinstance(low, NoisyMax) and isinstance(high, NoisyMax)):
            continue
        if not np.array_equal(low.leak, high.leak):
            names.append((i, None))
            lanes += [Lane({i: replace(node, leak=_as_rows(end.leak, node.floor))}) for end in (low, high)]
        for j, link in enumerate(node.links):
            off = link.parent in settled and settled[link.parent][1:].max() == 0.0
            if link.parent in rare or off or np.array_equal(low.links[j].values, high.links[j].values):
                continue
            names.append((i, link.parent))
            lanes += [Lane({i: replace(node, links=_with_link(node, j, end.links[j]))}) for end in (low, high)]
    if not lanes:
        return ()
    marginals = runs.run(lanes).marginals[cause].reshape(-1, 2, 2)
    swings = decibans(marginals)
    wide = np.array([difference(high, low) for low, high in swings])
    order = np.argsort(-np.abs(wide), kind="stable")[:most]
    return tuple(
        Swing(
            variable=network.variables[names[at][0]].name,
            parent=None if (parent := names[at][1]) is None else network.variables[parent].name,
            low=float(marginals[at, 0, 1]),
            high=float(marginals[at, 1, 1]),
            swing_decibans=float(wide[at]),
        )
        for at in order
    )


def _as_rows(ends: Array, floor: int) -> Array:
    """Make distributions of percentiles of their entries: what is left over or missing falls to the lowest level."""
    result = ends.copy()
    result[..., floor] = 1.0 - np.minimum(ends[..., floor + 1 :].sum(axis=-1), 1.0)
    return result


def _with_link(node: NoisyMax, j: int, link: Link) -> tuple[Link, ...]:
    return tuple(
        replace(old, values=_as_rows(link.values, node.floor)) if at == j else old for at, old in enumerate(node.links)
    )


def _with_ancestors(network: Network, settled: Mapping[int, Array], cause: int) -> set[int]:
    """Return what the answers and the cause hang on; of an attribute whose complaint is not there, nothing."""
    found: set[int] = set()
    waiting = [cause, *settled]
    while waiting:
        i = waiting.pop()
        node = network.nodes[i]
        gate = node.gate if isinstance(node, NoisyMax) else None
        shut = gate is not None and gate in settled and settled[gate][1:].max() == 0.0
        if i not in found and not shut:
            found.add(i)
            waiting.extend(network.parents[i])
    return found
