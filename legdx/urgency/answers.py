"""Answers as the rules see them: what holds, what is ruled out, what has no answer.

A literal (the finding is at a threshold or above) is read from the likelihood of each state:

- it *holds* when no state below the threshold is likelier than every state from the threshold on;
- it is *ruled out* when no state from the threshold on is possible, or its finding's gate is absent;
- it is *unanswered* when the answer was "don't know", finds every state as likely as the others, or was not given.

So a soft answer that leans neither way holds, as being wrong that way costs less.  The order of alarm among answers is
that of likelihood ratios: an answer is more alarming than another when its likelihoods grow faster from state to
state.  Along it the first can only become true and the second only become false.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from legdx.engine import Evidence
from legdx.engine.evidence import Likelihood, normalise
from legdx.knowledge import Knowledge, Literal, RedFlag
from legdx.network.records import Network, NoisyMax

__all__ = ["Answers", "gate_of"]


def gate_of(network: Network, index: int) -> int | None:
    """Return the index of a variable's gate, if it has one."""
    node = network.nodes[index]
    return node.gate if isinstance(node, NoisyMax) else None


@dataclass(frozen=True, slots=True)
class Answers:
    """One person's answers with what they imply: an attribute that is there means that its gate is.

    Attributes:
        network: the network.
        settled: variable index -> likelihood of each state; answers that say nothing are left out.
        unsure: indices of variables answered "don't know", or with every state as likely as the others.

    """

    network: Network
    settled: dict[int, Likelihood]
    unsure: frozenset[int]

    @classmethod
    def read(cls, network: Network, evidence: Evidence, unsure: Collection[str] = ()) -> Answers:
        """Return the answers; raises ImpossibleEvidenceError when they exclude each other."""
        settled, _ = normalise(network, evidence)
        indices = {*evidence, *(network.index[name] for name in unsure)}
        return cls(network, settled, frozenset(indices - settled.keys()))

    def threshold(self, literal: Literal) -> int:
        """Return the first state, from 1, at which the literal holds."""
        if literal.at_least is None:
            return 1
        return self.network.variables[self.network.index[literal.finding]].states.index(literal.at_least)

    def holds(self, literal: Literal) -> bool:
        """Say whether the literal holds."""
        likelihood = self.settled.get(self.network.index[literal.finding])
        if likelihood is None:
            return False
        at = self.threshold(literal)
        return bool(likelihood[at:].max() >= likelihood[:at].max())

    def ruled_out(self, literal: Literal) -> bool:
        """Say whether the answers make it certain that the literal does not hold."""
        index = self.network.index[literal.finding]
        likelihood = self.settled.get(index)
        if likelihood is not None and not np.any(likelihood[self.threshold(literal) :]):
            return True
        return self.below_closed_gate(index)

    def unanswered(self, literal: Literal) -> bool:
        """Say whether the finding has no answer, not even through its gate."""
        index = self.network.index[literal.finding]
        return index not in self.settled and not self.below_closed_gate(index)

    def below_closed_gate(self, index: int) -> bool:
        """Say whether a gate above the variable is certainly absent."""
        gate = gate_of(self.network, index)
        while gate is not None:
            likelihood = self.settled.get(gate)
            if likelihood is not None and not np.any(likelihood[1:]):
                return True
            gate = gate_of(self.network, gate)
        return False

    def fired(self, rules: Iterable[RedFlag]) -> tuple[RedFlag, ...]:
        """Return the rules all of whose literals hold."""
        return tuple(rule for rule in rules if all(self.holds(literal) for literal in rule.literals))

    def missing(self, rule: RedFlag) -> Literal | None:
        """Return the one literal that keeps the rule from firing, if it is one and has no answer."""
        open_ones = [literal for literal in rule.literals if not self.holds(literal)]
        return open_ones[0] if len(open_ones) == 1 and self.unanswered(open_ones[0]) else None

    def not_ruled_out(self, knowledge: Knowledge, rules: Iterable[RedFlag]) -> tuple[Literal, ...]:
        """Return the lowest literal of every question of the rules that is not ruled out, in order.

        A finding that takes an examination or a test is no question: it counts only once there is an answer.
        """
        lowest: dict[str, Literal] = {}
        for literal in (literal for rule in rules for literal in rule.literals):
            known = lowest.setdefault(literal.finding, literal)
            if self.threshold(literal) < self.threshold(known):
                lowest[literal.finding] = literal
        return tuple(
            literal
            for literal in lowest.values()
            if not self.ruled_out(literal)
            and (knowledge.findings[literal.finding].cost == "question" or not self.unanswered(literal))
        )
