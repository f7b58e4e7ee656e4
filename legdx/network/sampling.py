"""People drawn from the network: forward sampling, all rows of one variable at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from legdx.network.records import Array, Network, NoisyMax, Table

__all__ = ["States", "simulate"]

States = NDArray[np.int16]


def simulate(network: Network, number: int, rng: np.random.Generator) -> States:
    """Draw people from the network; of several draws of numbers, the first is used.

    Args:
        network: the network.
        number: how many people, at least 0.
        rng: where chance comes from; the same state of it gives the same people.

    Returns:
        State indices, (number, variables), columns in the order of ``network.variables``.

    Raises:
        ValueError: ``number`` is negative.

    >>> from legdx.network import Table, Variable
    >>> coin = Network((Variable("coin", ("tails", "heads"), "factor"),), (Table((), np.array([[0.0, 1.0]])),))
    >>> simulate(coin, 3, np.random.default_rng(1)).tolist()
    [[1], [1], [1]]

    """
    if number < 0:
        message = f"cannot draw {number} people"
        raise ValueError(message)
    states: States = np.empty((number, len(network.variables)), dtype=np.int16, order="F")
    for i, node in enumerate(network.nodes):
        if isinstance(node, Table):
            states[:, i] = _drawn(node.values, node.parents, states, rng)
        else:
            states[:, i] = _noisy_max(node, states, rng)
    return states


def _noisy_max(node: NoisyMax, states: States, rng: np.random.Generator) -> States:
    level = _drawn(node.leak, node.context, states, rng)
    for link in node.links:
        np.maximum(level, _drawn(link.values, (*link.context, link.parent), states, rng), out=level)
    for inhibitor in node.inhibitors:
        fires = rng.random(len(states)) < inhibitor.values[0][states[:, inhibitor.parent]]
        level[fires] = node.floor
    if node.gate is not None:
        level[states[:, node.gate] == 0] = 0
    return level


def _drawn(values: Array, parents: Iterable[int], states: States, rng: np.random.Generator) -> States:
    """Draw a state for each row from its distribution; a state of probability 0 is never drawn."""
    total = np.cumsum(values[0], axis=-1)
    bounds = total[..., :-1] / total[..., -1:]  # so that the last bound is 1 where nothing is left for the last state
    of_row = np.broadcast_to(bounds[tuple(states[:, p] for p in parents)], (len(states), bounds.shape[-1]))
    uniform = rng.random(len(states))
    drawn: States = (uniform[:, np.newaxis] >= of_row).sum(axis=1, dtype=np.int16)
    return drawn
