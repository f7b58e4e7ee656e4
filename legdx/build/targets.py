"""Published figures as queries: what each says about the network, on the scale it is solved on.

A proportion is compared on the logit scale and a ratio on the log scale; the interval gives a standard error for each
side.  An interval of a study's confidence is taken at its level, any other (range, class, judged) as 90 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

import numpy as np

from legdx.knowledge import (
    BackgroundFigure,
    Cause,
    Figure,
    Finding,
    FindingFigure,
    Knowledge,
    Population,
    Prevalence,
    Risk,
    Syndrome,
    SyndromeFigure,
)
from legdx.network.records import Array
from legdx.network.structure import Shape, background_of, silent_parents

__all__ = ["OLDEST", "Target", "cell_weights", "check_targets", "hold_out", "scaled", "targets_of"]

Use = Literal["solve", "check", "held_out"]
Condition = tuple[tuple[str, tuple[int, ...]], ...]
"""Which states (by number) of which variables are meant, by name."""

Measure = Literal["proportion", "relative_risk", "odds_ratio", "hazard_ratio"]

Z95, Z90 = 1.959963984540054, 1.6448536269514722
Z_OF_INTERVAL = {"ci95": Z95, "wilson95": Z95, "ci90": Z90}
SMALLEST_ERROR = 0.02
"""A standard error below 2 % of the odds would claim more than any survey of people can know."""

TINY = 1e-12
DAYS_A_YEAR = 365.25
OLDEST = 99
FRAMES_NOW = ("current", "onset")


@dataclass(frozen=True, slots=True)
class Target:
    """One figure as a query about the network.

    ``event`` given ``given``, or for a ratio against the same with ``contrast`` in place of ``given``; ``cells``
    weighs age by sex.  ``centre`` is on the logit (proportion) or log (ratio) scale, ``below`` and ``above`` are the
    standard errors towards each side.  ``parameter`` names what the figure settles; figures of one ``shock`` are drawn
    together.  ``assumed`` marks a background rate that stands in where nothing is known of a cause's attribute.
    """

    figure: Figure
    event: Condition
    given: Condition
    cells: Array
    centre: float
    below: float
    above: float
    parameter: str
    shock: str
    measure: Measure = "proportion"
    contrast: Condition | None = None
    use: Use = "solve"
    assumed: bool = False

    @property
    def definition(self) -> bool:
        """Whether the figure holds by definition (exactly 0 or 1) and so fixes its number."""
        return self.figure.interval == "definition"


@dataclass(frozen=True, slots=True)
class _Builder:
    knowledge: Knowledge
    shape: Shape
    shapes: Mapping[str, Shape]

    def prevalence(self, item: Prevalence) -> Target:
        scale = scaled(item.figure)
        if item.quantity == "incidence" and item.duration is not None:
            scale = _active_share(item.figure, item.duration, self.knowledge.model.window_days)
        state = self.shape.variable.states.index(item.state)
        return self.target(item.figure, (state,), (), scale, f"leak {item.state}", shared_shock=True)

    def risk(self, item: Risk) -> Target:
        states = self.shapes[item.from_id].variable.states
        given = ((item.from_id, (states.index(item.state),)),)
        event = tuple(range(1, self.shape.variable.size))
        target = self.target(item.figure, event, given, scaled(item.figure), item.from_id)
        if item.measure == "probability":
            return target
        reference = states.index(item.compared_with) if item.compared_with in states else 0
        measure: Measure = "hazard_ratio" if item.measure == "rate_ratio" else item.measure
        return replace(target, measure=measure, contrast=((item.from_id, (reference,)),))

    def background(self, item: BackgroundFigure) -> Target:
        absent: dict[str, tuple[int, ...]] = dict.fromkeys(self.causes_above(), (0,))
        if self.shape.gate is not None:
            absent |= dict(self.alone(background_of(self.shape.gate)))
        states = self.states(item.level, or_more=item.or_more)
        parameter = f"leak {item.level or ''}"
        given = (*absent.items(), *self.gate())
        return self.target(item.figure, states, given, scaled(item.figure), parameter, shared_shock=True)

    def like_background(self, parent: str, item: BackgroundFigure) -> Target:
        """Return the target that a parent of which nothing is known shapes an attribute as the background does."""
        figure = replace(item.figure, id=f"{item.figure.id}.as_background.{parent}")
        given = ((parent, (1,)), *self.alone(parent), *self.gate())
        states = self.states(item.level, or_more=item.or_more)
        target = self.target(figure, states, given, scaled(figure), f"{parent} {item.level or ''}", shared_shock=True)
        return replace(target, assumed=True)

    def sensitivity(self, source: Cause | Syndrome, item: FindingFigure, *, solved: bool) -> Target:
        given = ((source.id, (1,)), *self.alone(source.id), *self.gate())
        states = self.states(item.level, or_more=item.or_more)
        parameter = f"{item.via or source.id} {item.level or ''}"
        target = self.target(item.figure, states, given, scaled(item.figure, item.spectrum), parameter)
        return target if solved else replace(target, use="check")

    def syndrome(self, cause: Cause, item: SyndromeFigure) -> Target:
        return self.target(item.figure, (1,), ((cause.id, (1,)),), scaled(item.figure, item.spectrum), cause.id)

    def target(
        self,
        figure: Figure,
        states: tuple[int, ...],
        given: Condition,
        scale: tuple[float, float, float],
        parameter: str,
        *,
        shared_shock: bool = False,
    ) -> Target:
        """Return the target "the variable is in one of the states, given"; bands of one source may share a shock."""
        name = self.shape.variable.name
        centre, below, above = scale
        return Target(
            figure,
            event=((name, states),),
            given=given,
            cells=self.cells(figure.population),
            centre=centre,
            below=below,
            above=above,
            parameter=f"{name}: {parameter}",
            shock=f"{name}: {figure.source}" if shared_shock else figure.id,
            use="check" if figure.role == "check" else "solve",
        )

    def cells(self, population: Population) -> Array:
        return cell_weights(self.knowledge.model.age_bands, population)

    def states(self, level: str | None, *, or_more: bool) -> tuple[int, ...]:
        states = self.shape.variable.states
        if level is None or self.shape.variable.kind == "background":
            return tuple(range(self.shape.floor + 1, len(states)))
        at = states.index(level)
        return tuple(range(at, len(states))) if or_more else (at,)

    def gate(self) -> Condition:
        if self.shape.gate is None:
            return ()
        return ((self.shape.gate, tuple(range(1, self.shapes[self.shape.gate].variable.size))),)

    def alone(self, source: str) -> Condition:
        """For an attribute: nothing else that shapes it is there, but for syndromes that the source itself raises.

        What a series of patients says of an attribute (nine in ten strokes weaken one side) is said of complaints
        that the cause made, not of a stroke patient's frailty.
        """
        if self.shape.gate is None:
            return ()
        cause = self.knowledge.causes.get(source)
        own = {source} if cause is None else {source, *(item.syndrome for item in cause.syndromes)}
        return tuple((parent, (0,)) for parent in self.shape.raised_by if parent not in own)

    def causes_above(self) -> tuple[str, ...]:
        """Return every cause that the variable or its gate descends from."""
        found: set[str] = set()
        waiting = list(self.shape.parents)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self.shapes[name].parents)
        return tuple(sorted(n for n in found if self.shapes[n].variable.kind == "cause"))


def targets_of(knowledge: Knowledge, shapes: Mapping[str, Shape], name: str) -> tuple[Target, ...]:
    """Return a target for every figure about the numbers of one variable."""
    shape = shapes[name]
    builder = _Builder(knowledge, shape, shapes)
    if name in knowledge.factors:
        factor = knowledge.factors[name]
        return (
            *(builder.prevalence(item) for item in factor.prevalence),
            *(builder.risk(item) for item in factor.risks),
        )
    if name in knowledge.causes:
        cause = knowledge.causes[name]
        return (
            *(builder.prevalence(item) for item in cause.prevalence),
            *(builder.risk(item) for item in cause.risks),
        )
    if name in knowledge.syndromes:
        return tuple(_syndrome_targets(builder, name))
    if name in knowledge.findings:
        return tuple(_finding_targets(builder, knowledge.findings[name]))
    if shape.variable.kind == "background":
        gate = next(f for f in knowledge.findings.values() if background_of(f.id) == name)
        return tuple(builder.background(item) for item in gate.background)
    return ()


def check_targets(knowledge: Knowledge) -> tuple[Target, ...]:
    """Return the rates that the finished network is compared with, as questions to it."""
    bands = knowledge.model.age_bands
    complaints: Condition = tuple((f.id, (0,)) for f in knowledge.findings.values() if f.role == "complaint")
    targets = []
    for item in knowledge.checks.values():
        centre, below, above = scaled(item.figure)
        if item.finding is None:
            event = complaints
            given: Condition = ((str(item.no_complaint_given), (1,)),)
        else:
            levels = max(1, len(knowledge.findings[item.finding].levels))
            event, given = ((item.finding, tuple(range(1, levels + 1))),), ()
        targets.append(
            Target(
                item.figure,
                event=event,
                given=given,
                cells=cell_weights(bands, item.figure.population),
                centre=centre,
                below=below,
                above=above,
                parameter=f"checks: {item.id}",
                shock=item.figure.id,
                use="check",
            )
        )
    return tuple(targets)


def hold_out(targets: Iterable[Target], chosen: frozenset[str]) -> tuple[Target, ...]:
    """Return the targets with those whose figure id is chosen kept from the solver."""
    return tuple(replace(t, use="held_out") if t.figure.id in chosen else t for t in targets)


def scaled(figure: Figure, spectrum: Figure | None = None) -> tuple[float, float, float]:
    """Return centre and the standard errors below and above it, on the logit or log scale.

    A spectrum factor multiplies the odds that a referred series shows; it is divided out here, its own uncertainty
    added.

    >>> from legdx.knowledge import Figure
    >>> half = Figure(id="f", value=0.5, low=0.4, high=0.6, unit="probability", interval="ci95", source="s",
    ...               grade="A", opened=True, file="f.yaml", line=1)
    >>> [round(x, 3) for x in scaled(half)]
    [0.0, 0.207, 0.207]
    """
    z = Z_OF_INTERVAL.get(figure.interval, Z90)
    move = _logit if figure.unit == "probability" else math.log
    centre = move(figure.value)
    low = move(max(figure.low, figure.value / 50.0))
    below = max((centre - low) / z, SMALLEST_ERROR)
    above = max((move(figure.high) - centre) / z, SMALLEST_ERROR)
    if spectrum is not None:
        factor, spread_below, spread_above = scaled(spectrum)
        centre -= factor
        below, above = math.hypot(below, spread_above), math.hypot(above, spread_below)
    return centre, below, above


def cell_weights(bands: tuple[int, ...], population: Population) -> Array:
    """Return the share of each (age band, sex) cell that a population covers, (bands, 2), women first."""
    result = np.zeros((len(bands), 2))
    for i, low in enumerate(bands):
        high = bands[i + 1] - 1 if i + 1 < len(bands) else OLDEST
        inside = min(high, population.age_high) - max(low, population.age_low) + 1
        result[i] = max(0, inside) / (high - low + 1)
    if population.sex is not None:
        result[:, 1 if population.sex == "female" else 0] = 0.0
    return result


def _active_share(incidence: Figure, duration: Figure, window_days: int) -> tuple[float, float, float]:
    """Active = incidence x (window + symptomatic duration), on the logit scale."""
    rate, rate_below, rate_above = scaled(incidence)
    z = Z_OF_INTERVAL.get(duration.interval, Z90)
    days, shortest, longest = (math.log(window_days + d) for d in (duration.value, duration.low, duration.high))
    share = math.exp(rate + days) / DAYS_A_YEAR
    below = math.hypot(rate_below, (days - shortest) / z)
    above = math.hypot(rate_above, (longest - days) / z)
    return _logit(share), below, above


def _logit(p: float) -> float:
    p = min(max(p, TINY), 1.0 - TINY)
    return math.log(p) - math.log1p(-p)


def _syndrome_targets(builder: _Builder, name: str) -> Iterator[Target]:
    for figure in builder.knowledge.syndromes[name].background:
        yield builder.background(BackgroundFigure(figure=figure))
    for cause in builder.knowledge.causes.values():
        for item in cause.syndromes:
            if item.syndrome == name:
                yield builder.syndrome(cause, item)


def _finding_targets(builder: _Builder, finding: Finding) -> Iterator[Target]:
    if finding.gate is not None or background_of(finding.id) not in builder.shapes:
        for rate in finding.background:
            yield builder.background(rate)
    for name in silent_parents(builder.knowledge, finding) if finding.gate is not None else ():
        for rate in finding.background:
            yield builder.like_background(name, rate)
    for source in chain[Cause | Syndrome](builder.knowledge.causes.values(), builder.knowledge.syndromes.values()):
        mine = [item for item in source.findings if item.finding == finding.id]
        now = {(i.level, i.or_more) for i in mine if i.frame in FRAMES_NOW and i.figure.role == "solve"}
        for item in mine:
            solved = item.frame in FRAMES_NOW or (item.level, item.or_more) not in now
            yield builder.sensitivity(source, item, solved=solved)
