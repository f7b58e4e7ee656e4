"""Sections of the build report: what is drawn beside the figures' own errors, and where held-out figures lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from legdx.build.between import KINDS, BetweenLine
from legdx.build.steps import StepLine

if TYPE_CHECKING:
    from legdx.build.report import BuildReport, Line

__all__ = ["between_section", "held_out_section", "steps_section"]


def between_section(lines: Sequence[BetweenLine]) -> Iterator[str]:
    """Return how far studies of one number differ, as a section; nothing without lines."""
    if not lines:
        return
    yield "## How far studies of one number differ"
    yield ""
    yield (
        "The standard deviation tau, on the logit or log scale, by which studies of the same number stand apart beyond"
        " their own errors: from every question that two or more sources answer among the figures solved for. Figures"
        " held out, checks and grade D have no part. Tau by kind of number, and by what the figure's interval rests on:"
        " sampling error alone, or widened by the editors, a range or a class. Posterior median and 95 % interval of a"
        " hierarchical model (`legdx/build/between.py`); beside them the restricted maximum likelihood of the kind"
        " alone. Each drawn network takes a tau of its own from there, and every figure of grades A to C is"
        " drawn from it in addition to its own error. Where editors found sources irreconcilable they made one of them"
        " a check, so that tau may be more than this."
    )
    yield ""
    yield "| kind | interval | questions | figures | tau (95 %) | alone |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for line in lines:
        tau = f"{line.median:.2f} ({line.low:.2f} to {line.high:.2f})"
        yield f"| {line.kind} | {line.basis} | {line.questions} | {line.figures} | {tau} | {line.reml:.2f} |"
    yield ""


def steps_section(lines: Sequence[StepLine]) -> Iterator[str]:
    """Return how far rates stray from band to band, as a section; nothing without lines."""
    if not lines:
        return
    yield "## How far rates stray between bands"
    yield ""
    yield (
        "Where no figure speaks of an age band or a sex, its neighbours fill it in. Standard deviations, in logits, by"
        " which the truth strays from that: a decade of age off the straight line, men off women. From bands of one"
        " source (`legdx/build/steps.py`); drawn networks stray as far."
    )
    yield ""
    yield "| rates of | along | differences | standard deviation |"
    yield "| --- | --- | --- | --- |"
    for line in lines:
        yield f"| {line.group} | {line.axis} | {line.differences} | {line.spread:.2f} |"
    yield ""


def held_out_section(report: BuildReport) -> Iterator[str]:
    """Return every held-out figure beside the intervals, and the counts by kind, as a section."""
    lines = sorted(report.of_use("held_out"), key=lambda line: -abs(line.residual))
    yield ""
    yield "## Held out: all"
    yield ""
    yield (
        "Figures that the solver never saw, chosen by seed. The model's interval is that of what the drawn networks"
        " imply; the predictive one has the publication's own error, and what may set its study apart, folded in: nine"
        " in ten should be in it. In the model's own are fewer, since a published figure has an error too; how many are"
        " to be expected there, if the intervals are right, stands beside the count."
    )
    yield ""
    yield from _held_out_by_kind(report)
    columns = ("figure", "grade", "published (95 %)", "implied", "residual")
    yield "| " + " | ".join((*columns, "model's 90 %", "inside", "predictive 90 %", "inside")) + " |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for line in lines:
        published = f"{line.published:.4g} ({line.low:.3g} to {line.high:.3g})"
        own = _interval(line, line.model_low, line.model_high)
        predictive = _interval(line, line.predictive_low, line.predictive_high)
        solved = f"{line.implied:.4g} | {line.residual:+.1f} | {own} | {predictive}"
        yield f"| {line.figure} | {line.grade} | {published} | {solved} |"


def _held_out_by_kind(report: BuildReport) -> Iterator[str]:
    rows = []
    for kind in KINDS:
        model, predictive = (report.held_out_in_model_interval(predictive=p, kind=kind) for p in (False, True))
        if model is not None and predictive is not None and model[1]:
            expected = report.held_out_expected(kind=kind)
            told = "" if expected is None else f"{expected:.0f}"
            rows.append(f"| {kind} | {model[1]} | {model[0]} | {told} | {predictive[0]} |")
    if rows:
        yield "| kind | figures | in the model's 90 % | to be expected | in the predictive 90 % |"
        yield "| --- | --- | --- | --- | --- |"
        yield from rows
        yield ""


def _interval(line: Line, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return " | "
    return f"{low:.3g} to {high:.3g} | {'yes' if low <= line.published <= high else 'no'}"
