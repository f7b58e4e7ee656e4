"""Simulated respondents, and what each of three questionnaires asks them; as packed rows of the curated network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from legdx import Model
from legdx.engine import Packed
from legdx.network import Network, NoisyMax, simulate

UNOBSERVED = 255

SHORT_FORM = (
    "age",
    "sex",
    "tremor",
    "twitching",
    "weakness",
    "muscle_cramps",
    "numbness_or_tingling",
    "pain_in_legs_or_feet",
    "urge_to_move_legs",
    "tiredness",
    "sleep_disruption",
    "back_pain",
    "worry",
    "muscle_pain",
    "stiffness",
    "headache",
    "muscle_tension",
    "dry_mouth",
    "difficulty_walking",
    "memory_problems",
)
"""Age, sex, all complaints, and the associated symptoms that most simulated people have."""

GROUPS = (
    ("0", 0, 0),
    ("1-2", 1, 2),
    ("3-4", 3, 4),
    ("5-6", 5, 6),
    ("7-8", 7, 8),
    ("9-10", 9, 10),
    ("11-12", 11, 12),
    ("13-15", 13, 15),
    ("16-20", 16, 20),
    ("21+", 21, 10**6),
)
"""Name, least and most present findings."""


@dataclass(frozen=True)
class Pattern:
    """A questionnaire: what it asks, and the share of its questions that people answer (age and sex always)."""

    title: str
    description: str
    asked: tuple[str, ...]
    share: float


@dataclass(frozen=True)
class Rows:
    """Packed rows, what is asked of them, and how many findings each row says are present."""

    packed: Packed
    queries: tuple[int, ...]
    present: np.ndarray

    def chosen(self, which: np.ndarray | slice) -> Packed:
        """Return some of the rows."""
        return Packed(self.packed.variables, self.packed.codes[which])


def patterns(model: Model) -> dict[str, Pattern]:
    """Return the three questionnaires."""
    findings = model.knowledge.findings.values()
    complaints = tuple(f.id for f in findings if f.role == "complaint")
    attributes = tuple(f.id for f in findings if f.role == "attribute" and f.gate in complaints)
    return {
        "whole": Pattern(
            "whole questionnaire",
            "every question, sign and factor, no laboratory or imaging test; each answered with probability 0.85",
            model.questionnaire.asked,
            0.85,
        ),
        "short": Pattern(
            "short form",
            f"{len(SHORT_FORM)} questions, all answered: {', '.join(SHORT_FORM)}",
            SHORT_FORM,
            1.0,
        ),
        "complaints": Pattern(
            "complaints only",
            f"age, sex, the {len(complaints)} complaints and their {len(attributes)} attributes, all answered",
            ("age", "sex", *complaints, *attributes),
            1.0,
        ),
    }


def queries_of(network: Network) -> tuple[int, ...]:
    """Return what a scored table needs of a row: the marginals of every cause and background."""
    return network.of_kind("cause", "background")


def draw_rows(network: Network, pattern: Pattern, number: int, seed: Sequence[int]) -> Rows:
    """Draw people from the network and take down what they answer.

    An attribute whose gate the person does not have is not asked.
    """
    rng = np.random.default_rng(seed)
    people = simulate(network, number, rng)
    asked = np.array(sorted(network.index[name] for name in pattern.asked), dtype=np.int32)
    codes = people[:, asked].astype(np.uint8)
    missing = rng.random(codes.shape) >= pattern.share
    for column, variable in enumerate(asked.tolist()):
        if network.variables[variable].name in {"age", "sex"}:
            missing[:, column] = False
        gate = gate_of(network, variable)
        if gate is not None:
            missing[:, column] |= people[:, gate] == 0
    codes[missing] = UNOBSERVED
    return Rows(Packed(asked, codes), queries_of(network), count_present(network, asked, codes))


def gate_of(network: Network, variable: int) -> int | None:
    """Return the finding that must be present for this one to be."""
    node = network.nodes[variable]
    return node.gate if isinstance(node, NoisyMax) else None


def count_present(network: Network, variables: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Count the findings that each row says are present, whatever their level."""
    is_finding = np.isin(variables, network.of_kind("finding"))
    return ((codes > 0) & (codes != UNOBSERVED) & is_finding).sum(axis=1)


def save_rows(rows: Rows, path: Path) -> None:
    """Write rows for another process."""
    np.savez(path, variables=rows.packed.variables, codes=rows.packed.codes, queries=rows.queries, present=rows.present)


def read_rows(path: Path) -> Rows:
    """Read rows that another process wrote."""
    with np.load(path) as found:
        packed = Packed(found["variables"], found["codes"])
        return Rows(packed, tuple(found["queries"].tolist()), found["present"])
