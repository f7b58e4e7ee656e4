"""The small problem that a query is reduced to: hidden variables and initial factors over them.

A factor is given as a function of the network's nodes, so that one reduction serves any number of
networks of the same structure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from legdx.network.records import Array, Node

__all__ = ["Builder", "Nodes", "Problem", "Seed", "gathered"]

Nodes = Sequence[Node]
Builder = Callable[[Nodes], Array]


@dataclass(frozen=True, slots=True)
class Seed:
    """An initial factor: its variables in ascending order, and how to build it, (b, *sizes).

    It is multiplied by its guests, which broadcast over it. They are built apart because the product of hundreds of
    small numbers needs a logarithm kept.
    """

    axes: tuple[int, ...]
    build: Builder
    guests: tuple[Builder, ...] = ()


@dataclass(slots=True)
class Problem:
    """The hidden variables of a reduced query and the initial factors over them.

    ``closes`` maps an open variable to the ordinary one that it becomes; ``weights`` maps an open
    variable to the weight of each of its levels.  ``ordinary`` maps a network variable to its
    place here.
    """

    sizes: list[int] = field(default_factory=list)
    seeds: list[Seed] = field(default_factory=list)
    closes: dict[int, int] = field(default_factory=dict)
    weights: dict[int, Array] = field(default_factory=dict)
    ordinary: dict[int, int] = field(default_factory=dict)

    def new(self, size: int) -> int:
        """Add a hidden variable and return its number."""
        self.sizes.append(size)
        return len(self.sizes) - 1

    def add(self, axes: Iterable[int], build: Builder) -> None:
        """Add a factor whose array has its axes in the order given, after the draw axis."""
        given = tuple(axes)
        order = sorted(range(len(given)), key=given.__getitem__)
        if order == list(range(len(given))):
            self.seeds.append(Seed(given, build))
            return
        turn = (0, *(i + 1 for i in order))
        self.seeds.append(Seed(tuple(given[i] for i in order), lambda nodes: build(nodes).transpose(turn)))

    def is_open(self, variable: int) -> bool:
        """Say whether factors over this variable merge by maximum instead of multiplying."""
        return variable in self.closes or variable in self.weights


def gathered(problem: Problem) -> list[Seed]:
    """Multiply factors of ordinary variables alone into another that has all of these: no wider, but fewer steps.

    Sixty absent answers leave some hundred vectors on single causes; without this each would be a step of its own.
    """
    alike: dict[tuple[int, ...], list[Seed]] = {}
    hosts: list[tuple[Seed, list[Seed]]] = []
    for seed in problem.seeds:
        if any(problem.is_open(v) for v in seed.axes):
            hosts.append((seed, []))
        else:
            alike.setdefault(seed.axes, []).append(seed)
    holders: list[set[int]] = [set() for _ in problem.sizes]
    for h, (seed, _) in enumerate(hosts):
        for v in seed.axes:
            holders[v].add(h)
    for axes, seeds in sorted(alike.items(), key=lambda one: (-len(one[0]), one[0])):
        able = set.intersection(*(holders[v] for v in axes)) if axes else set()
        if able:
            hosts[max(able)][1].extend(seeds)
            continue
        for v in axes:
            holders[v].add(len(hosts))
        hosts.append((seeds[0], seeds[1:]))
    return [_with_guests(host, guests, problem.sizes) for host, guests in hosts]


def _with_guests(host: Seed, guests: list[Seed], sizes: list[int]) -> Seed:
    def spread(guest: Seed) -> Builder:
        if guest.axes == host.axes:
            return guest.build
        shape = (-1, *(sizes[v] if v in guest.axes else 1 for v in host.axes))
        return lambda nodes: guest.build(nodes).reshape(shape)

    return Seed(host.axes, host.build, tuple([spread(guest) for guest in guests]))
