"""Which missing answers would matter most to a cause, and which way.

For every question v without an answer: P(v | answers), the cause's log-odds after each answer, and the expected gain of
information about the cause (mutual information, bits).  "Absent" of a finding is one factor a parent, which widens
nothing: so all questions stand in one structure, answered absent, and each lane makes all but one of them say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from legdx.engine import Budget, Evidence, prepare
from legdx.engine.evidence import normalise
from legdx.explanation.lanes import Lane, neutral
from legdx.explanation.runs import Runs
from legdx.network.records import Array, Network, NoisyMax

__all__ = ["Missing", "missing_answers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One question without an answer.

    Attributes:
        variable: its id.
        kind: factor or finding.
        probability: P(present | answers): of a graded finding above its lowest level, of a factor beyond its first.
        if_present_decibans: change of the cause's log-odds, were it so.
        if_absent_decibans: the same, were it not.
        bits: expected information about the cause, at least 0.

    """

    variable: str
    kind: Literal["factor", "finding"]
    probability: float
    if_present_decibans: float
    if_absent_decibans: float
    bits: float


def missing_answers(
    network: Network, evidence: Evidence, cause: int, most: int = 5, budget: Budget | None = None
) -> tuple[Missing, ...]:
    """Return the questions that would tell most about the cause, the most telling first.

    An attribute is a question once its complaint is there.  Findings that something suppresses are left out: these
    would tie all their causes together.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: it costs more than the budget.

    """
    settled, _ = normalise(network, evidence)
    if cause in settled and np.count_nonzero(settled[cause]) == 1:
        return ()
    found = [*_findings(network, settled, cause, budget), *_factors(network, settled, cause, budget)]
    return tuple(sorted(found, key=lambda one: -one.bits)[:most])


def _findings(network: Network, settled: Evidence, cause: int, budget: Budget | None) -> list[Missing]:
    questions = [i for i in network.of_kind("finding") if i not in settled and _can_be_asked(network, settled, i)]
    lowest = {i: _lowest(network, i) for i in questions}
    absent = {i: np.eye(network.variables[i].size)[lowest[i]] for i in questions}
    runs = Runs(network, {**settled, **absent}, (cause,), budget)
    base = list(network.nodes)
    for i in questions:
        node = network.nodes[i]
        if isinstance(node, NoisyMax):
            base[i] = neutral(node, lowest[i])
    lanes = [Lane(), *(Lane({i: network.nodes[i]}) for i in questions)]
    found = runs.run(lanes, base=base)
    before = found.marginals[cause][0]
    result = []
    for i, log, after in zip(questions, found.log_evidence[1:], found.marginals[cause][1:], strict=True):
        p_absent = min(1.0, float(np.exp(log - found.log_evidence[0])))
        joint = np.stack([p_absent * after if p_absent > 0.0 else np.zeros(2), np.zeros(2)])
        joint[1] = np.maximum(before - joint[0], 0.0)
        result.append(_missing(network, i, joint))
    return result


def _factors(network: Network, settled: Evidence, cause: int, budget: Budget | None) -> list[Missing]:
    questions = [i for i in network.of_kind("factor") if i not in settled]
    _, tables = prepare(network, settled, questions, kept=(cause,), budget=budget).by_cell()
    result = []
    for i in questions:
        joint = tables[i].T / tables[i].sum()
        result.append(_missing(network, i, joint))
    return result


def _missing(network: Network, i: int, joint: Array) -> Missing:
    """Weigh a question by the table P(answer, cause | answers), (states, 2)."""
    shares = joint.sum(axis=1)
    before = joint.sum(axis=0)
    absent, present = joint[0], joint[1:].sum(axis=0)
    return Missing(
        variable=network.variables[i].name,
        kind="factor" if network.variables[i].kind == "factor" else "finding",
        probability=float(shares[1:].sum()),
        if_present_decibans=_change(before, present),
        if_absent_decibans=_change(before, absent),
        bits=max(0.0, float(_entropy(shares) + _entropy(before) - _entropy(joint.ravel()))),
    )


def _change(before: Array, after: Array) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        change = 10.0 * (np.log10(after[1]) - np.log10(after[0]) - np.log10(before[1]) + np.log10(before[0]))
    return 0.0 if np.isnan(change) else float(change)


def _entropy(p: Array) -> float:
    some = p[p > 0.0]
    return float(-(some * np.log2(some)).sum())


def _can_be_asked(network: Network, settled: Evidence, i: int) -> bool:
    node = network.nodes[i]
    if not isinstance(node, NoisyMax) or node.inhibitors:
        return False
    return node.gate is None or (node.gate in settled and settled[node.gate][0] == 0.0)


def _lowest(network: Network, i: int) -> int:
    node = network.nodes[i]
    return node.floor if isinstance(node, NoisyMax) else 0
