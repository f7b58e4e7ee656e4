"""Information of an answer about causes, exact, from one forward and backward pass a question.

Given evidence e, the information of question A is the sum over causes c of the mutual information

    I(c; A | e) = sum over a, x of P(a, c = x | e) log2 [ P(a, c = x | e) / (P(a | e) P(c = x | e)) ]

in bits (Shannon CE. A mathematical theory of communication. 1948).  Causes coexist, so that the sum is not the
information about all causes taken together: where two causes compete for one complaint, what separates them counts for
each.  It is what posteriors, one a cause, would gain.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from legdx.engine import Budget, Evidence, prepare
from legdx.errors import ImpossibleEvidenceError
from legdx.network.records import Array, Network

__all__ = ["answer_table", "entropy_bits", "information_bits"]


def answer_table(
    network: Network, evidence: Evidence, question: int, causes: Sequence[int], budget: Budget | None = None
) -> tuple[Array, Array]:
    """Return P(answer | e), (a,), and P(answer, cause = x | e) of each cause, (cause, a, x); each sums to 1.

    Args:
        network: the network, of one draw.
        evidence: the answers so far; none to the question.
        question: the variable to be asked.
        causes: binary variables.
        budget: default 1 s and 2 GB.

    Raises:
        ImpossibleEvidenceError: P(evidence) is 0.
        TooCostlyError: the pass would cost more than the budget.

    """
    _, tables = prepare(network, evidence, causes, kept=(question,), budget=budget).by_cell()
    joint = np.stack([tables[c] for c in causes])
    total = joint.sum(axis=(1, 2), keepdims=True)
    if not np.all(total > 0.0):
        raise ImpossibleEvidenceError
    joint = joint / total
    answers: Array = joint[0].sum(axis=-1)
    return answers, joint


def information_bits(joint: Array) -> Array:
    """Return the mutual information of the last two axes of a table that sums to 1 over them, in bits, at least 0.

    >>> information_bits(np.array([[0.5, 0.0], [0.0, 0.5]])).item()
    1.0
    """
    apart = joint.sum(axis=-1, keepdims=True) * joint.sum(axis=-2, keepdims=True)
    ratio = np.divide(joint, apart, out=np.ones_like(joint), where=joint > 0.0)
    bits: Array = np.maximum((joint * np.log2(ratio)).sum(axis=(-2, -1)), 0.0)  # below 0 by rounding only
    return bits


def entropy_bits(probabilities: Array) -> Array:
    """Return the entropy over the last axis, in bits.

    >>> entropy_bits(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist()
    [1.0, 0.0]
    """
    safe = np.where(probabilities > 0.0, probabilities, 1.0)
    bits: Array = -(probabilities * np.log2(safe)).sum(axis=-1) + 0.0
    return bits
