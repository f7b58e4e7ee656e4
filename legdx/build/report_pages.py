"""Parts of the build report's page: what is drawn beside the figures' own errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from legdx.build.between import BetweenLine
from legdx.build.steps import StepLine

__all__ = ["between_section", "steps_section"]


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
