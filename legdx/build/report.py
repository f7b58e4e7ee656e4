"""What solving did with every figure: published, interval, implied, residual, and which source gave way."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations, groupby
from typing import Any

from legdx.build.between import BetweenLine, kind_of
from legdx.build.held_out import ModelRange, ranges_of
from legdx.build.pipeline import Built, Settled
from legdx.build.report_pages import between_section, held_out_section, steps_section
from legdx.build.steps import StepLine
from legdx.knowledge import Knowledge

__all__ = ["BuildReport", "Dispute", "Line", "build_report"]

DISAGREE = 1.959963984540054
FIRM = frozenset("AB")
PUBLISHED = frozenset({"ci95", "ci90", "wilson95", "range"})
"""Kinds of interval that come with the source; the others are this model's."""

TOLERANCE = 0.15
WORST = 25


@dataclass(frozen=True, slots=True)
class Line:
    """One figure after solving, in its own unit.

    ``published`` is the figure as the solver took it (after spectrum factor or incidence x duration); ``residual`` is
    (implied - published) in standard errors of that side.  Of a figure held out, ``model_low`` and ``model_high`` are
    the ends of the model's 90 % interval (what the drawn networks imply), ``predictive_low`` and ``predictive_high``
    those with the publication's own error and what sets its study apart folded in; None otherwise, and without drawn
    networks; ``expected_inside`` is the chance that a published figure lies in the model's own interval, if both are
    right.  ``kind`` is the kind of number (`legdx.build.between.KINDS`).
    """

    figure: str
    use: str
    measure: str
    published: float
    low: float
    high: float
    interval: str
    implied: float
    residual: float
    clipped: bool
    assumed: bool
    grade: str
    source: str
    model_low: float | None = None
    model_high: float | None = None
    predictive_low: float | None = None
    predictive_high: float | None = None
    kind: str = ""
    expected_inside: float | None = None

    @property
    def is_firm(self) -> bool:
        """Whether the figure has grade A or B and is no stand-in and no definition."""
        return self.grade in FIRM and not self.assumed and self.interval != "definition"

    @property
    def is_reproduced(self) -> bool:
        """Whether the network answers inside the source's own interval; within 15 % where the source has none."""
        if self.interval in PUBLISHED:
            return self.low <= self.implied <= self.high
        return abs(self.implied / self.published - 1.0) <= TOLERANCE


@dataclass(frozen=True, slots=True)
class Dispute:
    """Two figures of one number that cannot both hold (95 %), and which of them the solution is further from."""

    kept: str
    gave_way: str
    apart_in_standard_errors: float


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The report of one build; ``lines`` has every figure once, in the order of solving.

    ``between`` says how far studies of one number differ, ``steps`` how far rates go up and down from band to band.
    """

    lines: tuple[Line, ...]
    disputes: tuple[Dispute, ...]
    conditions: dict[str, float]
    grades: dict[str, int]
    draws: int
    between: tuple[BetweenLine, ...] = ()
    steps: tuple[StepLine, ...] = ()

    def of_use(self, use: str) -> tuple[Line, ...]:
        """Return the lines of one use: solve, check or held_out."""
        return tuple(line for line in self.lines if line.use == use)

    def inside(self, use: str) -> tuple[int, int]:
        """Return how many figures of a use have the implied number inside their published interval, and of how many."""
        lines = self.of_use(use)
        return sum(line.low <= line.implied <= line.high for line in lines), len(lines)

    def held_out_in_model_interval(
        self, *, predictive: bool = False, kind: str | None = None
    ) -> tuple[int, int] | None:
        """Return how many held-out figures the model's 90 % interval holds, and of how many; None where not known.

        With ``predictive``, of the interval that has the publication's own error and what sets its study apart folded
        in.  With ``kind``, of figures of one kind.
        """
        found = []
        for line in self.of_use("held_out"):
            if kind is not None and line.kind != kind:
                continue
            low, high = (line.predictive_low, line.predictive_high) if predictive else (line.model_low, line.model_high)
            if low is None or high is None:
                return None
            found.append(low <= line.published <= high)
        return sum(found), len(found)

    def held_out_expected(self, *, kind: str | None = None) -> float | None:
        """Return how many held-out figures the model's own interval should hold, if it is right; None if not known.

        Fewer than nine in ten: a published figure has its own error, and its study is set apart from others.
        """
        lines = [line for line in self.of_use("held_out") if kind is None or line.kind == kind]
        chances = [line.expected_inside for line in lines if line.expected_inside is not None]
        return None if len(chances) < len(lines) else sum(chances)

    def with_ranges(self, ranges: Mapping[str, ModelRange]) -> BuildReport:
        """Return the report with the model's ranges for held-out figures, by the id of the figure."""
        return replace(self, lines=tuple(_with_range(line, ranges.get(line.figure)) for line in self.lines))

    def reproduced(self) -> tuple[int, int]:
        """Return how many solved figures of grades A and B the network reproduces, and of how many."""
        lines = [line for line in self.of_use("solve") if line.is_firm]
        return sum(line.is_reproduced for line in lines), len(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain JSON."""
        return {
            "figures": len(self.lines),
            "grades": self.grades,
            "inside": {use: dict(zip(("inside", "of"), self.inside(use), strict=True)) for use in USES},
            "held_out_in_90": {
                name: None if counts is None else dict(zip(("inside", "of"), counts, strict=True))
                for name, counts in (
                    ("model", self.held_out_in_model_interval()),
                    ("predictive", self.held_out_in_model_interval(predictive=True)),
                )
            },
            "reproduced_ab": dict(zip(("inside", "of"), self.reproduced(), strict=True)),
            "clipped": sum(line.clipped for line in self.lines),
            "assumed": sum(line.assumed for line in self.lines),
            "disputes": len(self.disputes),
            "worst_condition": max(self.conditions.values(), default=1.0),
            "draws": self.draws,
        }

    def to_json(self) -> bytes:
        """Return the whole report as JSON."""
        return json.dumps(asdict(self), separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, content: bytes) -> BuildReport:
        """Read back what ``to_json`` wrote."""
        data = json.loads(content)
        lines = tuple(Line(**line) for line in data.pop("lines"))
        disputes = tuple(Dispute(**dispute) for dispute in data.pop("disputes"))
        between = tuple(BetweenLine(**line) for line in data.pop("between", ()))
        steps = tuple(StepLine(**line) for line in data.pop("steps", ()))
        return cls(lines=lines, disputes=disputes, between=between, steps=steps, **data)

    def to_csv(self) -> str:
        """Return every line as CSV."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(Line.__slots__)
        for line in self.lines:
            values = (getattr(line, name) for name in Line.__slots__)
            writer.writerow([f"{v:.6g}" if isinstance(v, float) else v for v in values])  # None is left empty
        return buffer.getvalue()

    def to_markdown(self) -> str:
        """Return the report as a page."""
        return "\n".join(_page(self)) + "\n"


USES = ("solve", "check", "held_out")


def build_report(knowledge: Knowledge, built: Built) -> BuildReport:
    """Return the report of a build."""
    grades: dict[str, int] = {}
    for figure in knowledge.figures():
        grades[figure.grade] = grades.get(figure.grade, 0) + 1
    known = built.uncertainty
    ranges = {} if built.drawn is None else ranges_of(built.drawn, [s.target for s in built.settled], known.between)
    return BuildReport(
        lines=tuple(_with_range(_line(s), ranges.get(s.target.figure.id)) for s in built.settled),
        disputes=tuple(_disputes(built.settled)),
        conditions=dict(built.conditions),
        grades=dict(sorted(grades.items())),
        draws=0 if built.drawn is None else built.drawn.draws,
        between=known.between.lines,
        steps=known.steps.lines,
    )


def _line(settled: Settled) -> Line:
    target = settled.target
    back = _expit if target.measure == "proportion" else math.exp
    width = DISAGREE
    return Line(
        figure=target.figure.id,
        use=target.use,
        measure=target.measure,
        published=back(target.centre),
        low=back(target.centre - width * target.below),
        high=back(target.centre + width * target.above),
        interval=target.figure.interval,
        implied=back(settled.implied),
        residual=settled.residual,
        clipped=settled.clipped,
        assumed=target.assumed,
        grade=target.figure.grade,
        source=target.figure.source,
        kind=kind_of(target),
    )


def _with_range(line: Line, found: ModelRange | None) -> Line:
    if found is None or line.use != "held_out":
        return line
    back = _expit if line.measure == "proportion" else math.exp
    return replace(
        line,
        model_low=back(found.low),
        model_high=back(found.high),
        predictive_low=back(found.predictive_low),
        predictive_high=back(found.predictive_high),
        expected_inside=found.expected_inside,
    )


def _disputes(settled: tuple[Settled, ...]) -> Iterator[Dispute]:
    def question(one: Settled) -> str:
        target = one.target
        return repr((target.event, target.given, target.measure, target.contrast, target.cells.tolist()))

    solved = sorted((s for s in settled if s.target.use == "solve" and not s.target.assumed), key=question)
    for _, members in groupby(solved, key=question):
        for one, other in combinations(members, 2):
            low, high = sorted((one, other), key=lambda s: s.target.centre)
            apart = (high.target.centre - low.target.centre) / math.hypot(low.target.above, high.target.below)
            if apart > DISAGREE:
                kept, gave_way = sorted((one, other), key=lambda s: abs(s.residual))
                yield Dispute(kept.target.figure.id, gave_way.target.figure.id, apart)


def _page(report: BuildReport) -> Iterator[str]:
    counts = report.to_dict()
    yield "# Build report"
    yield ""
    yield "Made by `legdx build --report`. Every line of it is in `build_report.csv` beside this page."
    yield ""
    yield f"- Figures put to the solver as questions: {counts['figures']}."
    yield f"- Grades of all figures: {', '.join(f'{g} {n}' for g, n in report.grades.items())}."
    for use, words in zip(USES, ("solved for", "checks, not solved for", "held out before solving"), strict=True):
        inside, of = report.inside(use)
        yield f"- Implied number inside the published 95 % interval, figures {words}: {inside} of {of}."
    model, predictive = (report.held_out_in_model_interval(predictive=p) for p in (False, True))
    if model is not None and predictive is not None:
        yield (
            f"- Held-out figures inside the model's 90 % interval: {model[0]} of {model[1]}{_of_expected(report)}; with"
            " the publication's own error and its study's deviation folded in (predictive interval):"
            f" {predictive[0]} of {predictive[1]}."
        )
    within, firm = report.reproduced()
    yield (
        "- Solved figures of grades A and B reproduced (inside the source's own interval; within "
        f"{TOLERANCE:.0%} where the source has none): {within} of {firm}."
    )
    yield f"- Clipped (the network cannot follow): {counts['clipped']}."
    yield f"- Background rates that stand in where nothing is known of a cause: {counts['assumed']}."
    yield f"- Largest condition number of a variable's problem: {counts['worst_condition']:.3g}."
    yield f"- Networks drawn: {report.draws}."
    yield ""
    yield from between_section(report.between)
    yield from steps_section(report.steps)
    yield from _exceptions(report)
    yield from _sanity(report)
    yield "## Sources that cannot both hold"
    yield ""
    yield "Two figures for one number, further apart than both 95 % intervals allow; the first is nearer the solution."
    yield ""
    yield "| kept | gave way | apart, standard errors |"
    yield "| --- | --- | --- |"
    for dispute in sorted(report.disputes, key=lambda d: -d.apart_in_standard_errors):
        yield f"| {dispute.kept} | {dispute.gave_way} | {dispute.apart_in_standard_errors:.1f} |"
    for use, title in zip(USES[:2], ("Solved for: the worst", "Checks: the worst"), strict=True):
        lines = sorted(report.of_use(use), key=lambda line: -abs(line.residual))
        yield from _table(title, lines[:WORST])
    yield from held_out_section(report)
    yield ""
    yield "## Condition numbers"
    yield ""
    yield "Of the weighted Jacobian of each variable's problem, beliefs included; the ten largest."
    yield ""
    yield "| variable | condition number |"
    yield "| --- | --- |"
    for name, condition in sorted(report.conditions.items(), key=lambda item: -item[1])[:10]:
        yield f"| {name} | {condition:.3g} |"


def _of_expected(report: BuildReport) -> str:
    expected = report.held_out_expected()
    return "" if expected is None else f", {expected:.0f} to be expected"


def _table(title: str, lines: Sequence[Line]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    yield "| figure | grade | published (95 %) | implied | residual | clipped |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for line in lines:
        published = f"{line.published:.4g} ({line.low:.3g} to {line.high:.3g})"
        clipped = "yes" if line.clipped else ""
        solved = f"{line.implied:.4g} | {line.residual:+.1f} | {clipped}"
        yield f"| {line.figure} | {line.grade} | {published} | {solved} |"


def _exceptions(report: BuildReport) -> Iterator[str]:
    yield "## Solved figures of grades A and B that are not reproduced"
    yield ""
    yield "| figure | published | interval | implied | residual | clipped |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for line in report.of_use("solve"):
        if line.is_firm and not line.is_reproduced:
            interval = f"{line.low:.3g} to {line.high:.3g} ({line.interval})"
            solved = f"{line.implied:.4g} | {line.residual:+.1f} | {'yes' if line.clipped else ''}"
            yield f"| {line.figure} | {line.published:.4g} | {interval} | {solved} |"
    yield ""


def _sanity(report: BuildReport) -> Iterator[str]:
    lines = [line for line in report.lines if line.figure.startswith("checks.")]
    if not lines:
        return
    yield "## What the whole network says of the public, and of people with a cause"
    yield ""
    yield "Published rates that nothing was solved for: how common a finding is; how many have no complaint."
    yield ""
    yield "| check | grade | published (95 %) | implied | residual |"
    yield "| --- | --- | --- | --- | --- |"
    for line in lines:
        published = f"{line.published:.4g} ({line.low:.3g} to {line.high:.3g})"
        name = line.figure.removeprefix("checks.")
        yield f"| {name} | {line.grade} | {published} | {line.implied:.4g} | {line.residual:+.1f} |"
    yield ""


def _expit(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))
