"""The figure, and what a figure can be about: how common something is, or the strength of one arrow."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = [
    "AGE_LIMITS",
    "BackgroundFigure",
    "CheckFigure",
    "Figure",
    "FindingFigure",
    "Population",
    "Prevalence",
    "Risk",
    "SyndromeFigure",
    "Unit",
]

AGE_LIMITS = (18, 120)
"""Youngest and oldest age, in whole years, both included, that a figure can be about."""

Unit = typing.Literal["probability", "ratio", "per_person_year", "days"]
Sex = typing.Literal["female", "male"]
Role = typing.Literal["solve", "check"]


@dataclass(frozen=True, slots=True)
class Population:
    """Whom a figure is about: ages in whole years, both ends included, and a sex, or None for both."""

    age_low: int = AGE_LIMITS[0]
    age_high: int = AGE_LIMITS[1]
    sex: Sex | None = None


EVERYBODY = Population()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One published or judged number, with everything needed to weigh it.

    `id` is stable: it is made from the figure's place, as in `low_potassium.findings.weakness.current.1`, where the
    last part counts the figures for the same quantity. `value`, `low` and `high` are in `unit`: a probability in
    [0, 1], a ratio above 0, an incidence per person-year, or days. `interval` says what low and high are (`ci95`,
    `ci90`, `wilson95`, `range`, `class`, `judged`, `definition`); `printed` is the number as the source prints it, at
    `locator`. `grade` is A (cohort, meta-analysis, registry), B (review), C (weak) or D (judgement, or a source not
    opened); `opened` says whether the text with the number was read. A figure with role `check` is compared, never
    solved for. `contested` says why the literature does not bear out what a seed claim states. `file` (relative to the
    knowledge folder) and `line` (from 1) are where it is written.
    """

    id: str
    value: float
    low: float
    high: float
    unit: Unit
    interval: str
    source: str
    grade: typing.Literal["A", "B", "C", "D"]
    opened: bool
    file: str
    line: int
    locator: str | None = None
    printed: str | None = None
    note: str | None = None
    population: Population = EVERYBODY
    role: Role = "solve"
    contested: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prevalence:
    """How common a cause or factor is.

    `prevalence` is P(in `state`) in the last four weeks; `incidence` is new cases per person-year, and then `duration`
    (days with symptoms) stands beside it: active = incidence x (window + duration).
    """

    figure: Figure
    quantity: typing.Literal["prevalence", "incidence"] = "prevalence"
    state: str = "present"
    duration: Figure | None = None

    def figures(self) -> Iterator[Figure]:
        """Iterate over the figure and that of its duration."""
        yield self.figure
        if self.duration is not None:
            yield self.duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """An arrow into a cause from the factor or cause `from_id`, or into a factor from another factor.

    `measure` is `relative_risk`, `odds_ratio`, `hazard_ratio` or `rate_ratio` of `state` against `compared_with`, or
    `probability`: P(this cause | from_id in `state`). Of a factor it is said that it is in any state but its
    reference; a factor is there or not, so that no measure of new cases (hazard or rate) is told of it.
    """

    figure: Figure
    from_id: str
    measure: typing.Literal["relative_risk", "odds_ratio", "hazard_ratio", "rate_ratio", "probability"]
    state: str = "present"
    compared_with: str = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyndromeFigure:
    """P(syndrome | cause active); `spectrum` as in FindingFigure."""

    figure: Figure
    syndrome: str
    spectrum: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFigure:
    """P(finding | cause active), for an attribute P(attribute | cause active, gate present); or given a syndrome.

    With `level`, it is P(finding = level), or with `or_more` P(finding >= level). `frame` is `current`, `onset`,
    `ever` or `lifetime_course`. With `via`, the arrow runs from that syndrome, while the figure is still given the
    cause. `effect` is `raises`, or `suppresses` where the cause makes the finding rarer. `spectrum` is the factor by
    which a series of referred patients overstates the odds of the finding: divide the odds by it for the community.
    """

    figure: Figure
    finding: str
    level: str | None = None
    or_more: bool = False
    frame: typing.Literal["current", "onset", "ever", "lifetime_course"] = "current"
    via: str | None = None
    effect: typing.Literal["raises", "suppresses"] = "raises"
    spectrum: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFigure:
    """A rate that the finished network is compared with, never solved for.

    P(`finding` in the public), modelled causes included, or P(no complaint | the cause `no_complaint_given`).
    """

    id: str
    figure: Figure
    finding: str | None = None
    no_complaint_given: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundFigure:
    """P(finding | no modelled cause), for an attribute given its gate too; the level as in FindingFigure."""

    figure: Figure
    level: str | None = None
    or_more: bool = False
