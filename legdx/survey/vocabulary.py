"""What the variables of a model can be answered with in a table."""

from __future__ import annotations

import itertools
import math
import typing
from collections.abc import Mapping
from dataclasses import dataclass

from legdx.case import OLDEST
from legdx.knowledge import FrozenMap, Knowledge, Measured
from legdx.network.structure import age_states

__all__ = ["AGE", "ANALYTE", "Askable", "Holder", "Vocabulary", "level_of"]

AGE: typing.Literal["age"] = "age"
ANALYTE: typing.Literal["analyte"] = "analyte"
YES_NO = ("absent", "present")
_OPEN_BAND_ENDS = 100


class Holder(typing.Protocol):
    """Whatever holds knowledge: a `Model`, above all."""

    @property
    def knowledge(self) -> Knowledge:
        """The knowledge that says which variables there are."""
        ...


@dataclass(frozen=True)
class Askable:
    """One name that a mapping can fill: its answers, or the unit of its number and between which ones it can be true.

    `findings` are those that a laboratory value settles; elsewhere it is empty.
    """

    name: str
    answers: tuple[str, ...] = ()
    unit: str | None = None
    findings: tuple[tuple[str, Measured], ...] = ()
    plausible: tuple[float, float] = (0.0, math.inf)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the model that get an answer from it."""
        return tuple(finding for finding, _ in self.findings) or (self.name,)

    @property
    def is_yes_no(self) -> bool:
        """Whether it is present or absent, and nothing else."""
        return self.answers == YES_NO


@dataclass(frozen=True)
class Vocabulary:
    """Every name that can be answered in one model, and its older names.

    `age_bands` are name, first year, and the year after the last one; the open band is taken to end at 100.
    """

    names: Mapping[str, Askable]
    renames: Mapping[str, str]
    closed: frozenset[str]
    age_bands: tuple[tuple[str, int, int], ...]

    @classmethod
    def of(cls, knowledge: Knowledge) -> Vocabulary:
        """Return the vocabulary of a model; `closed` are its groups and syndromes, which cannot be answered."""
        names = {AGE: Askable(AGE, unit="years"), "sex": Askable("sex", ("female", "male"))}
        names |= {factor.id: Askable(factor.id, factor.states) for factor in knowledge.factors.values()}
        names |= {cause: Askable(cause, YES_NO) for cause in knowledge.causes}
        analytes: dict[str, list[tuple[str, Measured]]] = {}
        for finding in knowledge.findings.values():
            names[finding.id] = Askable(finding.id, ("none", *finding.levels) if finding.levels else YES_NO)
            if finding.measured is not None:
                analytes.setdefault(finding.measured.analyte, []).append((finding.id, finding.measured))
        names |= {
            analyte: Askable(
                analyte,
                unit=found[0][1].unit,
                findings=tuple(found),
                plausible=found[0][1].plausible or (0.0, math.inf),
            )
            for analyte, found in analytes.items()
        }
        closed = frozenset(knowledge.syndromes) | frozenset(knowledge.groups)
        years = knowledge.model.age_bands
        bands = zip(age_states(years), itertools.pairwise((*years, _OPEN_BAND_ENDS)), strict=True)
        return cls(
            FrozenMap(names), knowledge.renames, closed, tuple((name, first, end) for name, (first, end) in bands)
        )

    def get(self, name: str) -> Askable | None:
        """Return what this name, or the name that it is called now, can be answered with."""
        return self.names.get(self.renames.get(name, name))


def level_of(finding: Askable, measured: Measured, value: float) -> str:
    """Return the answer that a laboratory value gives to a finding: the first cut that holds, else the lowest."""
    for cut in measured.cuts:
        if (cut.below is not None and value < cut.below) or (cut.above is not None and value > cut.above):
            return cut.level
    return finding.answers[0]


PLAUSIBLE_AGE = (0.0, float(OLDEST))
"""Years; used where a mapping does not say what is plausible."""
