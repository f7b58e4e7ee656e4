"""Answers of one person that cannot be true together.

Two kinds are known before any arithmetic: an attribute of a complaint that the person says not to have, and a state
that is impossible for the person's sex or age. Of the first kind neither answer is used, for nobody knows which of the
two is the mistake; of the second only the impossible state is left out, for sex and age are asked more plainly.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from legdx.knowledge import Knowledge
from legdx.knowledge.figures import Population

if typing.TYPE_CHECKING:
    import pandas as pd

__all__ = ["Contradiction", "contradictions"]

_NOTHING = frozenset({"absent", "none"})


@dataclass(frozen=True)
class Contradiction:
    """One contradiction in row `row` (from 0): the answers that take part, and those that are dropped."""

    row: int
    code: str
    names: tuple[str, ...]
    drop: tuple[str, ...]
    value: str
    note: str
    hint: str


def contradictions(answers: pd.DataFrame, knowledge: Knowledge) -> Iterator[Contradiction]:
    """Iterate over the contradictions in a table of canonical answers; soft answers are none."""
    columns = {str(name): answers[name].to_numpy(dtype=object) for name in answers.columns}
    for finding in knowledge.findings.values():
        if finding.gate in columns and finding.id in columns:
            levels = {*finding.levels, "present"}
            gate, own = columns[finding.gate], columns[finding.id]
            for row in _rows(own, levels):
                if isinstance(gate[row], str) and gate[row] in _NOTHING:
                    yield Contradiction(
                        row,
                        "attribute_without_complaint",
                        (finding.id, finding.gate),
                        (finding.id, finding.gate),
                        f"{own[row]} and {gate[row]}",
                        f"{finding.id} is {own[row]}, while {finding.gate} is {gate[row]}; neither is used",
                        "correct the one that is wrong, or leave the attribute blank",
                    )
    for factor in knowledge.factors.values():
        if factor.only is None or factor.id not in columns:
            continue
        own = columns[factor.id]
        for row in _rows(own, set(factor.states[1:])):
            other = _other(columns, row, factor.only)
            if other is not None:
                yield Contradiction(
                    row,
                    "impossible_for_person",
                    (factor.id, other),
                    (factor.id,),
                    str(own[row]),
                    f"{factor.id} is {own[row]}, which the person's {other} rules out; it is not used",
                    f"correct this cell, or the {other}",
                )


def _rows(cells: np.ndarray[typing.Any, np.dtype[np.object_]], wanted: set[str]) -> list[int]:
    return [row for row, cell in enumerate(cells) if isinstance(cell, str) and cell in wanted]


def _other(columns: dict[str, typing.Any], row: int, only: Population) -> str | None:
    """Return which of sex and age lies outside a population, or None."""
    sex = columns["sex"][row] if "sex" in columns else None
    if only.sex is not None and sex in {"male", "female"} and sex != only.sex:
        return "sex"
    years = columns["age"][row] if "age" in columns else None
    if isinstance(years, int | float) and not only.age_low <= years < only.age_high + 1:
        return "age"
    return None
