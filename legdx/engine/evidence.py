"""Evidence: for each observed variable a likelihood over its states."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from legdx.errors import ImpossibleEvidenceError
from legdx.network.records import Network, NoisyMax

Likelihood = NDArray[np.float64]
Evidence = Mapping[int, Likelihood]
"""Variable index -> non-negative likelihood of each state.  A plain answer is a one-hot vector."""


def observe(network: Network, variable: str | int, state: str | int) -> tuple[int, Likelihood]:
    """Return the evidence item "variable is in state" as (index, one-hot likelihood)."""
    index = network.index[variable] if isinstance(variable, str) else variable
    names = network.variables[index].states
    position = names.index(state) if isinstance(state, str) else state
    likelihood = np.zeros(len(names))
    likelihood[position] = 1.0
    return index, likelihood


def certain_state(likelihood: Likelihood) -> int | None:
    """Return the only possible state, or None when several are."""
    possible = [state for state, value in enumerate(likelihood.tolist()) if value != 0.0]
    return possible[0] if len(possible) == 1 else None


def normalise(network: Network, evidence: Evidence) -> tuple[dict[int, Likelihood], float]:
    """Check evidence, drop what says nothing, and carry gates over; exact, nothing approximated.

    An attribute that is on means that its gate is on; a gate that is off settles its attributes.

    Returns:
        The likelihoods that still matter, and the log of the constant taken out of them.

    Raises:
        ImpossibleEvidenceError: no state of some variable is left.
        ValueError: a likelihood of the wrong length, negative, or not finite.

    """
    found: dict[int, Likelihood] = {}
    for index, given in evidence.items():
        likelihood = np.asarray(given, dtype=np.float64)
        variable = network.variables[index]
        values = likelihood.tolist() if likelihood.shape == (variable.size,) else [-1.0]
        if not all(0.0 <= value < np.inf for value in values):
            message = f"likelihood of {variable.name} must be {variable.size} finite numbers of at least 0"
            raise ValueError(message)
        if not any(values):
            raise _impossible(variable.name)
        found[index] = likelihood
    for index in sorted(found, reverse=True):
        _open_gates(network, index, found)
    log_constant = 0.0
    informative: dict[int, Likelihood] = {}
    for index in sorted(found):
        log_constant += _settle_below_closed_gate(network, index, found)
        likelihood = found[index]
        values = likelihood.tolist()
        top = max(values)
        if top != 1.0:
            log_constant += float(np.log(top))
            likelihood = likelihood / top
            values = likelihood.tolist()
            found[index] = likelihood
        if min(values) != max(values):
            informative[index] = likelihood
    return informative, log_constant


def _impossible(name: str) -> ImpossibleEvidenceError:
    return ImpossibleEvidenceError(
        f"the answers leave no possible state for {name}",
        hint="look for an attribute answered although the complaint it belongs to is absent",
    )


def _open_gates(network: Network, index: int, found: dict[int, Likelihood]) -> None:
    node = network.nodes[index]
    while isinstance(node, NoisyMax) and node.gate is not None:
        gate, own = node.gate, found[index]
        allowed = found.get(gate, np.ones(network.variables[gate].size)).copy()
        if own[0] == 0.0:
            allowed[0] = 0.0
        elif node.floor and not np.any(own[1:]):
            allowed[1:] = 0.0
        else:
            return
        if not np.any(allowed):
            raise _impossible(network.variables[gate].name)
        found[gate] = allowed
        index, node = gate, network.nodes[gate]


def _settle_below_closed_gate(network: Network, index: int, found: dict[int, Likelihood]) -> float:
    """Fix an answer whose gate is known to be off; return the log of what it contributes."""
    node = network.nodes[index]
    if not isinstance(node, NoisyMax) or node.gate is None:
        return 0.0
    gate = found.get(node.gate)
    if gate is None or np.any(gate[1:]):
        return 0.0
    weight = float(found[index][0])
    found[index] = np.zeros_like(found[index])
    found[index][0] = 1.0
    return float(np.log(weight))
