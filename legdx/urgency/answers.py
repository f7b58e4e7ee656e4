"""Answers as the rules see them: what holds, what is ruled out, what has no answer.

A literal (the finding is at a threshold or above) is read from the likelihood of each state:

- it *holds* when no state below the threshold is likelier than every state from the threshold on;
- it is *ruled out* when no state from the threshold on is possible, or its finding's gate is absent;
- it is *unanswered* when the answer was "don't know", finds every state as likely as the others, or was not given.

A literal with ``unless_denied`` is *met* until it is ruled out, any other when it holds.

So a soft answer that leans neither way holds, as being wrong that way costs less.  The order of alarm among answers is
that of likelihood ratios: an answer is more alarming than another when its likelihoods grow faster from state to
state.  Along it the first can only become true and the second only become false.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from legdx.engine import Evidence
from legdx.engine.evidence import Likelihood, normalise
from legdx.knowledge import Literal
from legdx.network.records import Network, NoisyMax

__all__ = ["Answers", "gate_of", "threshold_of"]


def gate_of(network: Network, index: int) -> int | None:
    """Return the index of a variable's gate, if it has one."""
    node = network.nodes[index]
    return node.gate if isinstance(node, NoisyMax) else None


def threshold_of(network: Network, literal: Literal) -> int:
    """Return the first state, from 1, at which a literal holds."""
    if literal.at_least is None:
        return 1
    return network.variables[network.index[literal.finding]].states.index(literal.at_least)


@dataclass(frozen=True, slots=True)
class Answers:
    """One person's answers with what they imply: an attribute that is there means that its gate is.

    Attributes:
        network: the network.
        settled: variable index -> likelihood of each state; answers that say nothing are left out.
        unsure: indices of variables answered "don't know", or with every state as likely as the others.
        numbers: ``settled`` as plain lists.

    """

    network: Network
    settled: dict[int, Likelihood]
    unsure: frozenset[int]
    numbers: dict[int, list[float]]

    @classmethod
    def read(cls, network: Network, evidence: Evidence, unsure: Collection[str] = ()) -> Answers:
        """Return the answers; raises ImpossibleEvidenceError when they exclude each other."""
        settled, _ = normalise(network, evidence)
        indices = {*evidence, *(network.index[name] for name in unsure)}
        numbers = {i: likelihood.tolist() for i, likelihood in settled.items()}
        return cls(network, settled, frozenset(indices - settled.keys()), numbers)

    def met(self, literal: Literal) -> bool:
        """Say whether the literal does its part in a rule."""
        index, at = self.network.index[literal.finding], threshold_of(self.network, literal)
        return self.met_at(index, at, unless_denied=literal.unless_denied)

    def holds(self, literal: Literal) -> bool:
        """Say whether an answer makes the literal hold."""
        return self.holds_at(self.network.index[literal.finding], threshold_of(self.network, literal))

    def met_at(self, index: int, at: int, *, unless_denied: bool) -> bool:
        """Say whether "the variable is at this state or above" does its part in a rule."""
        return not self.ruled_out_at(index, at) if unless_denied else self.holds_at(index, at)

    def holds_at(self, index: int, at: int) -> bool:
        """Say whether "the variable is at this state or above" holds."""
        likelihood = self.numbers.get(index)
        return likelihood is not None and max(likelihood[at:]) >= max(likelihood[:at])

    def ruled_out_at(self, index: int, at: int) -> bool:
        """Say whether the answers make it certain that the variable is below this state."""
        likelihood = self.numbers.get(index)
        return (likelihood is not None and not any(likelihood[at:])) or self.below_closed_gate(index)

    def unanswered_at(self, index: int) -> bool:
        """Say whether the variable has no answer, not even through its gate."""
        return index not in self.numbers and not self.below_closed_gate(index)

    def below_closed_gate(self, index: int) -> bool:
        """Say whether a gate above the variable is certainly absent."""
        gate = gate_of(self.network, index)
        while gate is not None:
            likelihood = self.numbers.get(gate)
            if likelihood is not None and not any(likelihood[1:]):
                return True
            gate = gate_of(self.network, gate)
        return False
