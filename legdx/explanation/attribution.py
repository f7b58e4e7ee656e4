"""What keeps each present finding there: one parent's link alone, the leak alone, or two and more together.

Let a finding f have the leak l and links w_j from parents x_j, and be there.  Given the parents,

    P(only the link of j fires) = w_j x_j (1 - l) prod over i != j of (1 - w_i x_i),
    P(only the leak fires)      = l prod over all i of (1 - w_i x_i),

and these are products of one factor a contribution, as "f is off" is.  So each is the probability of the answers in a
network in which f's own table is that product, everything else, attributes of f included, seeing f there: for j the
contribution (0, w_j x_j), for all others (0, 1 - w_i x_i), so that being there has the product's probability.  Divided
by the probability of the answers this is P(only j fires | answers).  Nothing is divided by 1 - w_j: a link of 1 is no
special case.  Two and more is what is left.  For a graded finding at level s, "fires" is "is exactly at s", and
"does not" is "is below s".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from legdx.engine import Budget, Evidence, certain_state
from legdx.engine.evidence import normalise
from legdx.explanation.lanes import Lane, alone
from legdx.explanation.runs import Runs
from legdx.network.records import Network, NoisyMax

__all__ = ["Attribution", "attributions"]


@dataclass(frozen=True, slots=True)
class Attribution:
    """What keeps one finding there; ``alone`` (highest first), ``leak`` and ``shared`` sum to ``present``.

    Attributes:
        finding: its id.
        present: P(finding is there | answers): 1 for a certain answer.
        alone: parent -> P(its link keeps the finding there, and nothing else does).
        leak: P(the leak alone does): chance, or a cause outside the model.
        shared: P(two or more do).

    """

    finding: str
    present: float
    alone: tuple[tuple[str, float], ...]
    leak: float
    shared: float


def attributions(
    network: Network, evidence: Evidence, findings: Sequence[int], budget: Budget | None = None
) -> tuple[Attribution, ...]:
    """Attribute findings that are there, or may be (soft answers), in their order.

    A soft answer is taken as certain, and weighted by the probability that the finding is there.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: this costs more than the budget.

    """
    evidence, _ = normalise(network, evidence)
    certain = {i for i in findings if certain_state(evidence[i]) is not None}
    result = dict(_of_certain(network, evidence, [i for i in findings if i in certain], 1.0, budget))
    for i in (i for i in findings if i not in certain):
        there = np.zeros_like(evidence[i])
        there[1] = 1.0
        if len(there) > len(("absent", "present")):
            message = f"{network.variables[i].name}: a graded soft answer has no one level to attribute"
            raise ValueError(message)
        present = float(Runs(network, evidence, (i,), budget).run([Lane()]).marginals[i][0, 1])
        if present > 0.0:
            result |= dict(_of_certain(network, {**evidence, i: there}, [i], present, budget))
        else:
            result[i] = Attribution(network.variables[i].name, 0.0, (), 0.0, 0.0)
    return tuple(result[i] for i in findings)


def _of_certain(
    network: Network, evidence: Evidence, findings: Sequence[int], present: float, budget: Budget | None
) -> list[tuple[int, Attribution]]:
    if not findings:
        return []
    runs = Runs(network, evidence, (), budget)
    lanes, owners = [Lane()], []
    for i in findings:
        node = network.nodes[i]
        state = certain_state(evidence[i])
        if not isinstance(node, NoisyMax) or state is None or state <= node.floor:
            message = f"{network.variables[i].name} is not there, or has no links"
            raise ValueError(message)
        for contribution in range(len(node.links) + 1):
            lanes.append(Lane({i: alone(node, state, contribution)}))
            owners.append((i, contribution))
    logs = runs.run(lanes, marginals=False).log_evidence
    shares = dict(zip(owners, present * np.exp(logs[1:] - logs[0]), strict=True))
    return [(i, _attribution(network, i, shares, present)) for i in findings]


def _attribution(network: Network, i: int, shares: dict[tuple[int, int], float], present: float) -> Attribution:
    node = network.nodes[i]
    links = node.links if isinstance(node, NoisyMax) else ()
    each = [(network.variables[link.parent].name, float(shares[i, j])) for j, link in enumerate(links, start=1)]
    leak = float(shares[i, 0])
    return Attribution(
        finding=network.variables[i].name,
        present=present,
        alone=tuple(sorted(each, key=lambda one: -one[1])),
        leak=leak,
        shared=max(0.0, present - leak - sum(share for _, share in each)),
    )
