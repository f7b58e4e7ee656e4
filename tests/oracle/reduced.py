"""A row's network without what its answers settle, so that another program can do it; written from the definitions.

Answered variables are fixed in the tables of their children, but for inhibitors.  "Absent" of a finding without
inhibitors is a product of one factor for each parent (Heckerman 1990): it becomes a likelihood on that parent.
Whatever is neither asked for, nor answered, nor above such a variable, is left out.  Nothing of the engine is used,
and nothing is subtracted.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from legdx.network import Inhibitor, Link, Network, NoisyMax, Table
from legdx.network.records import Array, Node


def reduced(network: Network, answers: dict[int, int], queries: Iterable[int]) -> tuple[Network, dict[str, Array]]:
    """Return the smaller network and the likelihoods on its variables, by name; constants are dropped."""
    answers = dict(answers)
    for i in sorted(answers, reverse=True):  # an attribute that is on means that its gate is on
        node = network.nodes[i]
        if isinstance(node, NoisyMax) and node.gate is not None and answers[i] > 0:
            answers.setdefault(node.gate, 1)
    kept = _relevant(network, answers, queries)
    inhibiting = {one.parent for i in kept for one in getattr(network.nodes[i], "inhibitors", ())}
    soft: dict[int, Array] = {}
    nodes: dict[int, Node] = {}
    for i in sorted(kept):
        node = network.nodes[i]
        if isinstance(node, NoisyMax) and node.gate is not None and answers.get(node.gate) == 0:
            if i not in answers:
                nodes[i] = Table((), np.eye(network.variables[i].size)[:1])
            continue
        fixed = _fixed_table(node, answers) if isinstance(node, Table) else _fixed(node, answers)
        if isinstance(fixed, NoisyMax) and i in answers and i not in inhibiting and _comes_apart(fixed, answers[i]):
            for link in fixed.links:
                soft[link.parent] = soft.get(link.parent, 1.0) * link.values[0, :, 0]
        elif i not in answers or i in inhibiting or not _is_root(fixed):
            nodes[i] = fixed
    return _renumbered(network, nodes, soft, {i: answers[i] for i in answers if i in nodes})


def _relevant(network: Network, answers: dict[int, int], queries: Iterable[int]) -> set[int]:
    found: set[int] = set()
    waiting = [*answers, *queries]
    while waiting:
        i = waiting.pop()
        if i in found:
            continue
        found.add(i)
        node = network.nodes[i]
        off = isinstance(node, NoisyMax) and node.gate is not None and answers.get(node.gate) == 0
        waiting.extend([node.gate] if off else network.parents[i])
    return found


def _is_root(node: Node) -> bool:
    if isinstance(node, Table):
        return not node.parents
    return not (node.context or node.links or node.inhibitors) and node.gate is None


def _comes_apart(node: NoisyMax, state: int) -> bool:
    plain = not (node.context or node.inhibitors) and node.gate is None and node.floor == 0
    return state == 0 and plain and all(not link.context for link in node.links)


def _fixed_table(node: Table, answers: dict[int, int]) -> Table:
    pick = tuple(answers.get(p, slice(None)) for p in node.parents)
    return Table(tuple(p for p in node.parents if p not in answers), node.values[(slice(None), *pick)])


def _fixed(node: NoisyMax, answers: dict[int, int]) -> NoisyMax:
    """Fix the answered parents; a link that depends on nothing any more joins the leak."""

    def pick(values: Array, parents: tuple[int, ...]) -> tuple[Array, tuple[int, ...]]:
        at = tuple(answers.get(p, slice(None)) for p in parents)
        return values[(slice(None), *at)], tuple(p for p in parents if p not in answers)

    leak, context = pick(node.leak, node.context)
    links = []
    for link in node.links:
        values, left = pick(link.values, (*link.context, link.parent))
        if not left:
            leak = _higher(leak, values)
        elif link.parent in answers:  # only its context is hidden, which takes the parent's place
            leak, context = _joined(leak, context, values, left)
        else:
            links.append(Link(link.parent, values, left[:-1]))
    gate = None if node.gate in answers else node.gate
    assert gate is not None or not (node.floor and node.inhibitors), "what is inhibited goes back to the floor"
    return NoisyMax(context, leak, tuple(links), node.inhibitors, gate, node.floor if gate is not None else 0)


def _higher(left: Array, right: Array) -> Array:
    """The distribution of the higher of two levels, one after the other along the last axis."""
    result = np.zeros(np.broadcast_shapes(left.shape, right.shape))
    for a in range(left.shape[-1]):
        for b in range(left.shape[-1]):
            result[..., max(a, b)] += left[..., a] * right[..., b]
    return result


def _joined(leak: Array, context: tuple[int, ...], values: Array, left: tuple[int, ...]) -> tuple[Array, tuple]:
    both = (*context, *(p for p in left if p not in context))

    def spread(array: Array, own: tuple[int, ...]) -> Array:
        order = sorted(range(len(own)), key=lambda k: both.index(own[k]))
        array = array.transpose(0, *(k + 1 for k in order), array.ndim - 1)
        sizes = iter(array.shape[1:-1])
        return array.reshape(1, *(next(sizes) if p in own else 1 for p in both), array.shape[-1])

    return _higher(spread(leak, context), spread(values, left)), both


def _renumbered(
    network: Network, nodes: dict[int, Node], soft: dict[int, Array], answers: dict[int, int]
) -> tuple[Network, dict[str, Array]]:
    place = {i: k for k, i in enumerate(sorted(nodes))}

    def moved(node: Node) -> Node:
        if isinstance(node, Table):
            return Table(tuple(place[p] for p in node.parents), node.values)
        links = tuple(Link(place[n.parent], n.values, tuple(place[p] for p in n.context)) for n in node.links)
        inhibitors = tuple(Inhibitor(place[n.parent], n.values) for n in node.inhibitors)
        gate = None if node.gate is None else place[node.gate]
        return NoisyMax(tuple(place[p] for p in node.context), node.leak, links, inhibitors, gate, node.floor)

    smaller = Network(tuple(network.variables[i] for i in place), tuple(moved(nodes[i]) for i in place))
    likelihoods = {network.variables[i].name: values / values.max() for i, values in soft.items() if i in place}
    for i, state in answers.items():
        likelihoods[network.variables[i].name] = np.eye(network.variables[i].size)[state]
    return smaller, likelihoods
