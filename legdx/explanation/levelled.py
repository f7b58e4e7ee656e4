"""What hangs on a cause: the network with three levels below it, off, on, and on in another way.

Two questions about a cause c and a finding f that is there are answered by the same structure.

*Reach*: does a chain of links that fired lead from c to f?  A node is off (0), on without being reached (1), or
reached (2).  A link that fires passes its parent's level on, the leak gives level 1, and the node takes the highest:
a noisy-MAX.

*Twin*: would f go if c were switched off, everything else that happened by chance being the same?  This is the twin
network of Balke & Pearl (Probabilistic evaluation of counterfactual queries, AAAI 1994) with the pair (x, x*), x* <= x:
a node is off (0), on and would go (1), or on and would stay (2).  A link that fires passes its parent's level on, the
leak gives level 2, and the node takes the highest.  So P(f would go | parents) =
(1 - leak) prod over staying parents (1 - w) [1 - prod over going parents (1 - w)].

An inhibitor that did not fire in what happened does not fire without c either, so that a finding that is there needs
no more than its links.  For a graded finding at level s, "there" is "at s", and "gone" is "below s".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from legdx.engine import Budget, Evidence, certain_state
from legdx.engine.evidence import normalise
from legdx.errors import ImpossibleEvidenceError
from legdx.explanation.lanes import Lane
from legdx.explanation.runs import Runs
from legdx.network.records import Array, Link, Network, Node, NoisyMax, Table, Variable, map_arrays

__all__ = ["LEVELS", "Levelled", "Mode", "above", "levels_of", "link_parents", "present_findings"]

Mode = Literal["reach", "twin"]
LEVELS = ("off", "first", "second")
OTHER: dict[Mode, int] = {"reach": 1, "twin": 2}
"""The level of what does not hang on the cause; the cause gives the other one."""


def present_findings(network: Network, evidence: Evidence) -> tuple[int, ...]:
    """Return the findings that are certainly there, in order, by answer or because an attribute of theirs is.

    A graded one is there above its lowest state.
    """
    evidence, _ = normalise(network, evidence)
    found = []
    for i in network.of_kind("finding"):
        node = network.nodes[i]
        state = certain_state(evidence[i]) if i in evidence else None
        if isinstance(node, NoisyMax) and state is not None and state > node.floor:
            found.append(i)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Question:
    """A set of causes taken together, how they are looked at, and the findings that must be at level 1 exactly."""

    sources: frozenset[int]
    mode: Mode
    apart: frozenset[int]


class Levelled:
    """One person's answers on the network with three levels between causes and the targets.

    Args:
        network: one network.
        evidence: the person's answers.
        targets: findings that are certainly there (``present_findings``), or complaints with a soft answer; of these
            nothing can be asked with ``gone``: take the answer as certain, and weight by P(complaint | answers).
        complaints: those of them that ``not_reached`` is about; default all.
        budget: what a call may cost.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: the answers cost more than the budget on this wider network.

    """

    def __init__(
        self,
        network: Network,
        evidence: Evidence,
        targets: Sequence[int],
        complaints: Sequence[int] | None = None,
        budget: Budget | None = None,
    ) -> None:
        evidence, _ = normalise(network, evidence)
        self.targets = tuple(targets)
        self.complaints = self.targets if complaints is None else tuple(complaints)
        kept = _with_ancestors(network, {*evidence, *targets})
        self.network = network
        self.certain = frozenset(i for i in targets if certain_state(evidence[i]) is not None)
        self._states = {i: _state_of(network, evidence, i) for i in targets}
        self.above = {i: above(network, i) for i in targets}
        between = set[int]().union(*(self.above[i] for i in targets)) if targets else set()
        causes = set(network.of_kind("cause"))
        self.sources = tuple(sorted(between & causes))
        below: set[int] = set()
        for i in sorted(between):
            if any(p in below or p in causes for p in link_parents(network, i)):
                below.add(i)
        settled_off = {i for i, v in evidence.items() if not np.any(v[1:])}
        self._levelled = (below - settled_off) | set(self.targets)
        self._children: dict[int, list[int]] = {}
        for i in self._levelled:
            for p in link_parents(network, i):
                self._children.setdefault(p, []).append(i)
        order = sorted(kept)
        self._place = {i: at for at, i in enumerate(order)}
        self._order = order
        self._base: dict[Mode, list[Node]] = {
            "reach": [self._node(i, _Question(frozenset(), "reach", frozenset(self.complaints))) for i in order],
            "twin": [self._node(i, _Question(frozenset(), "twin", frozenset())) for i in order],
        }
        variables = tuple(
            Variable(network.variables[i].name, LEVELS, network.variables[i].kind)
            if i in self._levelled
            else network.variables[i]
            for i in order
        )
        small = Network(
            variables,
            tuple(
                map_arrays(node, _filled) if i in self.targets else node
                for i, node in zip(order, self._base["twin"], strict=True)
            ),
        )
        self._runs = Runs(small, self._evidence(evidence), (), budget)
        self._log_evidence = float(self._runs.run([Lane()], base=self._base["twin"], marginals=False).log_evidence[0])
        if not np.isfinite(self._log_evidence):
            message = "these answers cannot occur together in the model"
            raise ImpossibleEvidenceError(message, "check the answers against each other, the most unusual one first")

    @property
    def entries(self) -> float:
        """Table entries that one lane takes."""
        return self._runs.prepared.plan.entries

    def not_reached(self, sets: Iterable[Iterable[int]]) -> Array:
        """Return P(no chain of fired links leads from any of the causes to any complaint | answers), one a set."""
        every = frozenset(self.complaints)
        return self._probabilities([_Question(frozenset(causes), "reach", every) for causes in sets])

    def gone(self, pairs: Iterable[tuple[Iterable[int], int]]) -> Array:
        """Return P(the target would go if the causes were switched off together | answers), a number a pair."""
        questions = [_Question(frozenset(causes), "twin", frozenset((target,))) for causes, target in pairs]
        if any(not question.apart <= self.certain for question in questions):
            message = "a target with a soft answer cannot be asked about: take the answer as certain"
            raise ValueError(message)
        return self._probabilities(questions)

    def _probabilities(self, questions: Sequence[_Question]) -> Array:
        lanes: dict[Mode, list[tuple[int, Lane]]] = {"reach": [], "twin": []}
        for row, question in enumerate(questions):
            lanes[question.mode].append((row, self._lane(question)))
        result = np.zeros(len(questions))
        for mode, some in lanes.items():
            if some:
                found = self._runs.run([lane for _, lane in some], base=self._base[mode], marginals=False)
                shares = np.exp(found.log_evidence - self._log_evidence)
                result[[row for row, _ in some]] = np.minimum(shares, 1.0)
        return result

    def _lane(self, question: _Question) -> Lane:
        """Return the nodes that differ from the base of the mode."""
        changed = {i for source in question.sources for i in self._children.get(source, [])}
        if question.mode == "twin":
            changed = {i for i in changed if i not in self.targets} | question.apart
        return Lane({self._place[i]: self._node(i, question) for i in changed})

    def _evidence(self, evidence: Evidence) -> Evidence:
        result = {}
        for i, likelihood in evidence.items():
            if i in self.targets:
                result[self._place[i]] = np.array(
                    [likelihood[: self._states[i]].max(), likelihood[self._states[i]], 0.0]
                )
            elif i in self._levelled:
                result[self._place[i]] = np.array([likelihood[0], likelihood[1], likelihood[1]])
            else:
                result[self._place[i]] = likelihood
        return result

    def _node(self, i: int, question: _Question) -> Node:
        """Return a node for the small network, levelled where it is to be."""
        node = self.network.nodes[i]
        place = self._place
        if isinstance(node, Table):
            return Table(tuple(place[p] for p in node.parents), self._widened(node.values, node.parents))
        gate = None if node.gate is None or i in self.targets else place[node.gate]
        plain = NoisyMax(
            tuple(place[p] for p in node.context),
            self._widened(node.leak, node.context),
            tuple(
                Link(
                    place[link.parent],
                    self._widened(link.values, (*link.context, link.parent)),
                    tuple(place[p] for p in link.context),
                )
                for link in node.links
            ),
            tuple(
                replace(one, parent=place[one.parent], values=self._widened(one.values, (one.parent,)))
                for one in node.inhibitors
            ),
            gate,
            0 if i in self.targets else node.floor,
        )
        return self._with_levels(i, node, plain, question) if i in self._levelled else plain

    def _with_levels(self, i: int, node: NoisyMax, plain: NoisyMax, question: _Question) -> NoisyMax:
        state = self._states.get(i, 1)
        together = i in self.targets and i not in question.apart
        other = 1 if together else OTHER[question.mode]
        links = []
        for link, same in zip(node.links, plain.links, strict=True):
            levels: tuple[int, ...] = (other,) * same.values.shape[-2]
            if not together and link.parent in question.sources:
                levels = (3 - other,) * len(levels)
            elif not together and link.parent in self._levelled:
                levels = (other, 1, 2)
            links.append(replace(same, values=levels_of(same.values, state, levels)))
        leak = np.zeros((*plain.leak.shape[:-1], len(LEVELS)))
        leak[..., 0], leak[..., other] = plain.leak[..., :state].sum(axis=-1), plain.leak[..., state]
        return replace(plain, leak=leak, links=tuple(links))

    def _widened(self, array: Array, axes: Sequence[int]) -> Array:
        """Give every levelled variable along the axes its second way of being on."""
        for at, variable in enumerate(axes, start=1):
            if variable in self._levelled:
                array = np.take(array, [0, 1, 1], axis=at)
        return array


def levels_of(values: Array, state: int, levels: Sequence[int]) -> Array:
    """Return a link's (..., p, 3): below the state at level 0, exactly there at the level of the parent's state."""
    result = np.zeros((*values.shape[:-1], len(LEVELS)))
    result[..., 0] = values[..., :state].sum(axis=-1)
    for row, level in enumerate(levels):
        result[..., row, level] = values[..., row, state]
    return result


def _filled(array: Array) -> Array:
    """Return distributions where mass above a target's state was left out: only their shape is used."""
    if array.shape[-1] != len(LEVELS) or np.allclose(array.sum(axis=-1), 1.0, rtol=0.0, atol=1e-12):
        return array
    result = array.copy()
    result[..., 0] += 1.0 - array.sum(axis=-1)
    return result


def _state_of(network: Network, evidence: Evidence, i: int) -> int:
    state = certain_state(evidence[i])
    node = network.nodes[i]
    if (
        state is None
        and len(evidence[i]) == len(("absent", "present"))
        and isinstance(node, NoisyMax)
        and node.gate is None
    ):
        return 1
    if not state:
        message = "a target is a finding that is certainly there, or a complaint with a soft answer"
        raise ValueError(message)
    return state


def link_parents(network: Network, i: int) -> tuple[int, ...]:
    """Return the parents of a noisy-MAX's links."""
    node = network.nodes[i]
    return tuple(link.parent for link in node.links) if isinstance(node, NoisyMax) else ()


def above(network: Network, i: int) -> frozenset[int]:
    """Return everything from which a chain of links leads to the variable."""
    found: set[int] = set()
    waiting = list(link_parents(network, i))
    while waiting:
        p = waiting.pop()
        if p not in found and network.variables[p].kind != "factor":
            found.add(p)
            waiting.extend(link_parents(network, p))
    return frozenset(found)


def _with_ancestors(network: Network, start: set[int]) -> set[int]:
    found: set[int] = set()
    waiting = list(start)
    while waiting:
        i = waiting.pop()
        if i not in found:
            found.add(i)
            waiting.extend(network.parents[i])
    return found
