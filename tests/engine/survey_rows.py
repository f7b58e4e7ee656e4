"""People drawn from the curated network, and what they answer in three kinds of survey."""

from __future__ import annotations

import numpy as np

from legdx.engine import Packed
from legdx.network import Network, NoisyMax, simulate

UNOBSERVED = 255
ANSWERED = 0.85
QUESTIONS = 20

PATTERNS = ("whole", "short", "complaints")
"""Whole questionnaire, factors included, 85 % of it answered; 20 questions; age, sex, complaints and attributes."""


def gate_of(network: Network, i: int) -> int | None:
    node = network.nodes[i]
    return node.gate if isinstance(node, NoisyMax) else None


def complaints(network: Network) -> list[int]:
    """Findings that have attributes, those with the most first."""
    gates = [gate for i in range(len(network.variables)) if (gate := gate_of(network, i)) is not None]
    return sorted(set(gates), key=lambda gate: (-gates.count(gate), gate))


def questions(network: Network, pattern: str) -> list[int]:
    findings, factors = network.of_kind("finding"), network.of_kind("factor")
    if pattern == "whole":
        return [*factors, *findings]
    first = [network.index["age"], network.index["sex"], *complaints(network)]
    if pattern == "complaints":
        return [*first, *(i for i in findings if gate_of(network, i) in first and i not in first)]
    rest = [i for i in (*findings, *factors) if i not in first]
    return (first + rest)[:QUESTIONS]


def survey_rows(network: Network, pattern: str, people: int, seed: int) -> tuple[np.ndarray, Packed]:
    """Return who they are, (people, variables), and their answers; behind an absent gate nothing is asked."""
    rng = np.random.default_rng([seed, PATTERNS.index(pattern)])
    states = simulate(network, people, rng)
    asked = sorted(questions(network, pattern))
    codes = states[:, asked].astype(np.uint8)
    if pattern == "whole":
        codes[rng.random(codes.shape) > ANSWERED] = UNOBSERVED
    for column, i in enumerate(asked):
        gate = gate_of(network, i)
        if gate in asked:
            codes[codes[:, asked.index(gate)] == 0, column] = UNOBSERVED
    return states, Packed(np.array(asked, dtype=np.int32), codes)


def evidence_of(network: Network, rows: Packed, row: int) -> dict[int, np.ndarray]:
    return {
        int(i): np.eye(network.variables[i].size)[code]
        for i, code in zip(rows.variables, rows.codes[row], strict=True)
        if code != UNOBSERVED
    }
