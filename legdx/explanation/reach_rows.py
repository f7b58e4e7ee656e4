"""What many people's complaints are explained by: P(a cause is present and reaches a reported complaint | answers).

For one cause the network with three levels (``legdx.explanation.levelled``) is the same for everybody: below the cause
a node is off, on without being reached from it, or on and reached.  So it is made once a cause, every complaint in it
levelled; who reports a complaint has it at the middle level, any other answer has both of the upper ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from legdx.engine import UNOBSERVED, Budget, Evidence, Packed, Status, pack, run_distinct_rows
from legdx.explanation.levelled import LEVELS, above, levels_of, link_parents
from legdx.knowledge import Knowledge
from legdx.knowledge.identity import remembered
from legdx.network.records import Array, Network, Node, Table, Variable, parents_of

__all__ = ["Reach", "reach_of"]

BINARY = 2
PRESENT = np.array([0.0, 1.0])


class Reach:
    """Networks with three levels below a cause, made when a cause is first asked about."""

    def __init__(self, knowledge: Knowledge, network: Network) -> None:
        self.network = network
        self.complaints = frozenset(
            i
            for i in network.of_kind("finding")
            if (finding := knowledge.findings.get(network.variables[i].name)) is not None
            and finding.role in {"complaint", "associated"}
            and finding.gate is None
            and network.variables[i].size == BINARY
        )
        self._above = {complaint: above(network, complaint) for complaint in self.complaints}
        self._made: dict[int, tuple[Network, frozenset[int]]] = {}

    def explains(
        self,
        people: Sequence[Evidence],
        complaints: Sequence[Sequence[int]],
        causes: Sequence[Iterable[int]],
        log_evidence: Array,
        budget: Budget | None = None,
    ) -> list[Mapping[int, float] | None]:
        """Return for each person cause -> P(it is present and reaches a complaint of theirs | answers).

        Args:
            people: each person's answers.
            complaints: what each reports, variables of ``self.complaints``.
            causes: the causes asked about of each.
            log_evidence: natural log of P(answers), (people,).
            budget: what one run of one person may cost.

        Returns:
            One entry a person; None where something would be too costly.

        """
        asked: dict[int, list[int]] = {}
        for row, wanted in enumerate(causes):
            for cause in wanted:
                asked.setdefault(cause, []).append(row)
        found: list[dict[int, float] | None] = [{} for _ in people]
        # A complaint that only an attribute tells of is said to be there.
        told = pack(*(dict.fromkeys(own, PRESENT) | dict(one) for one, own in zip(people, complaints, strict=True)))
        for cause, rows in sorted(asked.items()):
            network, levelled = self._levelled(cause)
            cases = _on_levels(told, rows, levelled, complaints)
            run = run_distinct_rows(network, cases, (), budget=budget)
            for row, status, log in zip(rows, run.status, run.log_evidence[:, 0], strict=True):
                own = found[row]
                if own is None:
                    continue
                if status == Status.DONE:
                    own[cause] = float(-np.expm1(min(0.0, log - log_evidence[row])))
                elif status == Status.IMPOSSIBLE:  # none of the complaints is there without the cause
                    own[cause] = 1.0
                else:
                    found[row] = None
        return list(found)

    def leads(self, cause: int, complaints: Iterable[int]) -> bool:
        """Say whether a chain of links leads from the cause to one of the complaints."""
        return any(cause in self._above[complaint] for complaint in complaints)

    def _levelled(self, cause: int) -> tuple[Network, frozenset[int]]:
        """Return the network and the variables that have three levels."""
        if cause not in self._made:
            levelled = self._below(cause)
            variables = tuple(
                Variable(v.name, LEVELS, v.kind) if i in levelled else v for i, v in enumerate(self.network.variables)
            )
            nodes = tuple(_node(i, node, cause, levelled) for i, node in enumerate(self.network.nodes))
            self._made[cause] = Network(variables, nodes), levelled
        return self._made[cause]

    def _below(self, cause: int) -> frozenset[int]:
        """Return what stands on a chain of links from the cause to some complaint, the cause left out."""
        below = {cause}
        for i in range(cause + 1, len(self.network.nodes)):
            if not below.isdisjoint(link_parents(self.network, i)):
                below.add(i)
        leading = self.complaints.union(*self._above.values())
        return frozenset(below & leading - {cause})


def _on_levels(
    told: Packed, rows: Sequence[int], levelled: frozenset[int], complaints: Sequence[Sequence[int]]
) -> Packed:
    """Return some people's answers on three levels: a reported complaint at the middle one, others on either."""
    codes = told.codes[rows]
    soft = [dict(told.soft[row]) if told.soft else {} for row in rows]
    reported = [levelled.intersection(complaints[row]) for row in rows]
    for column, variable in enumerate(told.variables.tolist()):
        if variable not in levelled:
            continue
        for at in np.flatnonzero(codes[:, column] == 1).tolist():
            if variable not in reported[at]:
                codes[at, column] = UNOBSERVED
                soft[at][variable] = PRESENT
    for own, there in zip(soft, reported, strict=True):
        for variable in levelled.intersection(own):
            absent, present = own[variable]
            own[variable] = np.array([absent, present, 0.0 if variable in there else present])
    return Packed(told.variables, codes, soft if any(soft) else ())


def _node(i: int, node: Node, cause: int, levelled: frozenset[int]) -> Node:
    if i not in levelled and levelled.isdisjoint(parents_of(node)):
        return node
    if isinstance(node, Table):
        return Table(node.parents, _widened(node.values, node.parents, levelled))
    plain = replace(
        node,
        leak=_widened(node.leak, node.context, levelled),
        links=tuple(
            replace(one, values=_widened(one.values, (*one.context, one.parent), levelled)) for one in node.links
        ),
        inhibitors=tuple(replace(one, values=_widened(one.values, (one.parent,), levelled)) for one in node.inhibitors),
    )
    if i not in levelled:
        return plain
    leak = np.zeros((*plain.leak.shape[:-1], len(LEVELS)))
    leak[..., : plain.leak.shape[-1]] = plain.leak
    return replace(
        plain,
        leak=leak,
        links=tuple(
            replace(one, values=levels_of(one.values, 1, _passed_on(one.parent, one.values.shape[-2], cause, levelled)))
            for one in plain.links
        ),
    )


def _passed_on(parent: int, states: int, cause: int, levelled: frozenset[int]) -> tuple[int, ...]:
    """Return the level that a link gives from each state of its parent."""
    if parent == cause:
        return (2,) * states
    return (1, 1, 2) if parent in levelled else (1,) * states


def _widened(array: Array, axes: Sequence[int], levelled: frozenset[int]) -> Array:
    """Give every levelled variable along the axes its second way of being on."""
    for at, variable in enumerate(axes, start=1):
        if variable in levelled:
            array = np.take(array, [0, 1, 1], axis=at)
    return array


reach_of = remembered(Reach)
