"""Every chance event of a small binary network, one by one: which leaks, links and inhibitors fire.

The second oracle of explanations: it knows nothing of levels, adjoints or lanes.  It throws every coin in every way,
works out what happens, and what would have happened with some causes switched off and the same coins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from legdx.network.records import Network, NoisyMax, Table


@dataclass
class Worlds:
    """All worlds: their probability, what is on, what fired; (worlds,) or (worlds, variables)."""

    weight: np.ndarray
    on: np.ndarray
    coins: dict[tuple[int, str, int], np.ndarray]
    network: Network

    def given(self, evidence) -> np.ndarray:
        """P(world | evidence); the evidence is likelihoods of (absent, present)."""
        weight = self.weight.copy()
        for i, likelihood in evidence.items():
            weight *= np.where(self.on[:, i], likelihood[1], likelihood[0])
        return weight / weight.sum()

    def without(self, causes) -> np.ndarray:
        """What would be on, (worlds, variables), were the causes off and the coins the same."""
        return _happen(self.network, self.coins, frozenset(causes))

    def reached(self, causes) -> np.ndarray:
        """Where a chain of fired links leads from one of the causes, (worlds, variables)."""
        result = np.zeros_like(self.on)
        for i, node in enumerate(self.network.nodes):
            if i in causes:
                result[:, i] = self.on[:, i]
            elif isinstance(node, NoisyMax):
                for j, link in enumerate(node.links):
                    result[:, i] |= result[:, link.parent] & self.coins[i, "link", j]
                result[:, i] &= self.on[:, i]
        return result

    def fired(self, i) -> np.ndarray:
        """Which contributions of a variable fired, the leak first, (worlds, 1 + links)."""
        node = self.network.nodes[i]
        return np.stack(
            [
                self.coins[i, "leak", 0],
                *(self.on[:, k.parent] & self.coins[i, "link", j] for j, k in enumerate(node.links)),
            ],
            axis=1,
        )


def worlds(network: Network) -> Worlds:
    """Throw all coins of a network of binary variables without contexts."""
    odds: dict[tuple[int, str, int], float] = {}
    for i, node in enumerate(network.nodes):
        if isinstance(node, Table):
            assert not node.parents
            odds[i, "root", 0] = node.values[0, 1]
            continue
        odds[i, "leak", 0] = node.leak[0, 1]
        odds |= {(i, "link", j): link.values[0, 1, 1] for j, link in enumerate(node.links)}
        odds |= {(i, "stop", j): one.values[0, 1] for j, one in enumerate(node.inhibitors)}
    thrown = [name for name, p in odds.items() if 0.0 < p < 1.0]
    numbers = np.arange(2 ** len(thrown))
    coins = {name: (numbers >> bit & 1).astype(bool) for bit, name in enumerate(thrown)}
    coins |= {name: np.full(len(numbers), p == 1.0) for name, p in odds.items() if name not in coins}
    weight = np.ones(len(numbers))
    for name, p in odds.items():
        weight *= np.where(coins[name], p, 1.0 - p)
    return Worlds(weight, _happen(network, coins, frozenset()), coins, network)


def _happen(network, coins, off):
    on = np.zeros((len(next(iter(coins.values()))), len(network.nodes)), dtype=bool)
    for i, node in enumerate(network.nodes):
        if i in off:
            continue
        if isinstance(node, Table):
            on[:, i] = coins[i, "root", 0]
            continue
        on[:, i] = coins[i, "leak", 0]
        for j, link in enumerate(node.links):
            on[:, i] |= on[:, link.parent] & coins[i, "link", j]
        for j, one in enumerate(node.inhibitors):
            on[:, i] &= ~(on[:, one.parent] & coins[i, "stop", j])
        if node.gate is not None:
            on[:, i] &= on[:, node.gate]
    return on
