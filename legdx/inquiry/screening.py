"""A quick guess of what each open question would tell, to choose which are evaluated exactly.

The guess takes all parents of a variable as independent of each other, so that one sweep over the network serves all
questions.  It decides only what is looked at; every number that is shown is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from legdx.engine import Evidence
from legdx.network.records import Array, Link, Network, NoisyMax, Table

__all__ = ["guessed_information", "guessed_marginals"]

Marginals = list[Array]

_TINY = 1e-300


def guessed_marginals(network: Network, evidence: Evidence, known: Mapping[int, Array]) -> Marginals:
    """Return a distribution over the states of every variable: as answered, as known, else from its parents'.

    Args:
        network: the network; of several draws, the first is used.
        evidence: the answers so far.
        known: exact marginals given the answers, for instance of the causes.

    """
    found: Marginals = []
    for i, node in enumerate(network.nodes):
        if i in known:
            found.append(known[i])
            continue
        guess = _mean(node.values[0], node.parents, found) if isinstance(node, Table) else _noisy(node, found)
        if i in evidence:
            weighed = guess * evidence[i]
            guess = weighed if weighed.sum() > 0.0 else np.asarray(evidence[i], dtype=np.float64)
        found.append(guess / guess.sum())
    return found


def guessed_information(
    network: Network, evidence: Evidence, marginals: Marginals, questions: Iterable[int]
) -> dict[int, float]:
    """Return for each question a guess of its information in bits: about its parents, and about causes that it feeds.

    Args:
        network: the network; of several draws, the first is used.
        evidence: the answers so far.
        marginals: from ``guessed_marginals``.
        questions: variables of which nothing was answered.

    """
    children: dict[int, list[int]] = {}
    for c in network.of_kind("cause"):
        for p in network.parents[c]:
            children.setdefault(p, []).append(c)
    found = {}
    for q in questions:
        node = network.nodes[q]
        bits = _about_parents(network, node, marginals) if isinstance(node, NoisyMax) else 0.0
        bits += sum(_about_child(network, q, c, marginals) for c in children.get(q, ()) if c not in evidence)
        found[q] = bits
    return found


def _about_parents(network: Network, node: NoisyMax, marginals: Marginals) -> float:
    """Return the sum over causes and syndromes above of the mutual information of parent and answer."""
    parts = [_cumulative(link, marginals) for link in node.links]
    means = [marginals[link.parent] @ part for link, part in zip(node.links, parts, strict=True)]
    leak = np.cumsum(_mean(node.leak[0], node.context, marginals))
    spared = _spared(node, marginals)
    before = [leak]
    for mean in means:
        before.append(before[-1] * mean)
    after = np.ones_like(leak)
    total = 0.0
    for at in range(len(means) - 1, -1, -1):
        parent = network.variables[node.links[at].parent]
        if parent.kind in {"cause", "syndrome"}:
            rows = _levels(before[at] * after * parts[at], spared, node.floor)
            total += _mutual(marginals[node.links[at].parent], rows)
        after = after * means[at]
    return total


def _about_child(network: Network, q: int, c: int, marginals: Marginals) -> float:
    """Return the mutual information of a factor and a cause that it feeds, scaled to the cause's probability now."""
    node = network.nodes[c]
    own = marginals[q]
    fixed = list(marginals)
    chance = []
    for state in range(len(own)):
        fixed[q] = np.eye(len(own))[state]
        row = _mean(node.values[0], node.parents, fixed) if isinstance(node, Table) else _noisy(node, fixed)
        chance.append(row[1:].sum())
    before = float(own @ chance)
    now = float(marginals[c][1:].sum())
    if not 0.0 < before < 1.0 or not 0.0 < now < 1.0:
        return 0.0
    odds = [p / max(1.0 - p, _TINY) * (1.0 - before) / before * now / (1.0 - now) for p in chance]
    present = np.array([o / (1.0 + o) for o in odds])
    return _mutual(own, np.stack([1.0 - present, present], axis=-1))


def _mutual(weights: Array, rows: Array) -> float:
    """Return the mutual information of a variable with these weights and one with these rows, in bits."""
    mean = weights @ rows
    ratio = np.divide(rows, mean, out=np.ones_like(rows), where=(rows > 0.0) & (mean > 0.0))
    return float(weights @ (rows * np.log2(ratio)).sum(axis=-1))


def _noisy(node: NoisyMax, marginals: Marginals) -> Array:
    level = np.cumsum(_mean(node.leak[0], node.context, marginals))
    for link in node.links:
        level = level * (marginals[link.parent] @ _cumulative(link, marginals))
    row = _levels(level, _spared(node, marginals), node.floor)
    if node.gate is None:
        return row
    shut = float(marginals[node.gate][0])
    row = row * (1.0 - shut)
    row[0] += shut
    return row


def _cumulative(link: Link, marginals: Marginals) -> Array:
    """Return P(contribution <= level) for each state of the parent, (p, k)."""
    cumulative: Array = np.cumsum(_mean(link.values[0], link.context, marginals), axis=-1)
    return cumulative


def _spared(node: NoisyMax, marginals: Marginals) -> float:
    return float(np.prod([1.0 - marginals[one.parent] @ one.values[0] for one in node.inhibitors]))


def _levels(cumulative: Array, spared: float, floor: int) -> Array:
    """Turn P(raised level <= level) into P(level), inhibitors putting it back to the floor."""
    at_most = cumulative.copy()
    at_most[..., floor:] = 1.0 - spared * (1.0 - at_most[..., floor:])
    rows: Array = np.diff(at_most, axis=-1, prepend=0.0)
    return np.maximum(rows, 0.0)


def _mean(values: Array, members: Sequence[int], marginals: Marginals) -> Array:
    """Average an array over its leading axes, one a member."""
    for member in members:
        values = np.tensordot(marginals[member], values, axes=(0, 0))
    return values
