"""Results as pages for a terminal; machine files hold plain numbers instead."""

from __future__ import annotations

import typing
from collections.abc import Iterable

from legdx.errors import LegdxError

if typing.TYPE_CHECKING:
    from legdx.assessment import Assessment
    from legdx.batch import ScoreReport
    from legdx.explanation import Explanation
    from legdx.knowledge import Knowledge

_SMALLEST, _LARGEST = 0.01, 99.9
_WHY = {"rule": "", "not_asked": "without a clear answer: "}
_LIKELY = {"urgent": "likely enough to be seen soon: ", "routine": "cannot be ruled out: "}

__all__ = ["show_assessment", "show_explanation", "show_lines", "show_report", "show_table"]


def show_assessment(result: Assessment, knowledge: Knowledge) -> None:
    """Show urgency, causes and counts of one person."""
    show_lines(f"Urgency: {result.urgency.level.replace('_', ' ')}")
    show_lines(
        *(
            f"  - {_WHY.get(reason.kind, _LIKELY.get(reason.level, ''))}{reason.text or reason.id}"
            for reason in result.urgency.reasons
        )
    )
    try:
        intervals = dict(result.intervals())
    except LegdxError:  # built without drawn networks
        intervals = {}
    rows = [
        (
            knowledge.label(cause),
            _percent(probability),
            " to ".join(_percent(bound) for bound in intervals.get(cause, ())),
            _percent(result.prior[cause]),
        )
        for cause, probability in result.posterior.items()
    ]
    show_table(("cause", "probability", "90 % interval", "before any answer"), rows)
    counts = result.counts
    show_lines(
        f"Questions: {counts.answered} answered, {counts.unknown} don't know, {counts.refused} refused, "
        f"{counts.not_asked} not asked, {counts.not_applicable} not applicable.",
        "Causes can exist together, so their probabilities do not sum to 100 %.",
        result.disclaimer,
    )


def show_explanation(explanation: Explanation, disclaimer: str) -> None:
    """Show why one cause is as likely as it is."""
    show_lines(*explanation.sentences)
    rows = [
        (", ".join(row.answers), row.given, f"{row.weight_decibans:+.1f}", f"{row.step_decibans:+.1f}")
        for row in explanation.rows
    ]
    show_table(("answer", "given", "weight (dB)", "step (dB)"), rows)
    show_lines(
        f"{explanation.prior_decibans:+.1f} dB before any answer, {explanation.posterior_decibans:+.1f} dB after all;"
        " the steps lead from one to the other.",
        "dB are decibans of odds: +10 makes the odds ten times as high.",
        disclaimer,
    )


def show_report(report: ScoreReport, disclaimer: str, *, files: bool = True) -> None:
    """Show what a run over a survey did, on standard error, for standard output may hold the scores.

    Without `files`, the files beside the output were temporary and are not named.
    """
    cells = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in report.cells.items())
    rows = (
        f"{report.rows_in} rows in: {report.scored} scored, {report.impossible} impossible, "
        f"{report.too_costly} too costly, {report.rejected} rejected, {report.blank} blank (skipped), "
        f"{report.not_selected} not selected (skipped)"
    )
    lines = [str(issue) for issue in report.issues if issue.where.row is None]
    lines += [rows, f"cells: {cells}, {report.bad_cells} not readable"]
    lines += [f"  {number} x {code}" for code, number in report.reject_codes.items()]
    if files:
        lines += [f"scores: {report.output}", f"rejects: {report.rejects}", f"record of the run: {report.sidecar}"]
    show_lines(*lines, disclaimer, err=True)


def show_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Show a table, the first column left, the others right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for place, name in enumerate(header):
        table.add_column(name, justify="right" if place else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(markup=False, highlight=False).print(table)


def show_lines(*lines: str, err: bool = False) -> None:
    """Show lines as they are; a terminal wraps them."""
    import typer

    for line in lines:
        typer.echo(line, err=err)


def _percent(probability: float) -> str:
    """Write a probability for people.

    >>> _percent(0.12345), _percent(0.00123), _percent(0.00001), _percent(0.99999)
    ('12.3 %', '0.12 %', 'under 0.01 %', 'over 99.9 %')
    """
    percent = 100 * probability
    if _LARGEST < percent < 100:  # noqa: PLR2004 - per cent
        return f"over {_LARGEST} %"
    if 0 < percent < _SMALLEST:
        return f"under {_SMALLEST} %"
    return f"{percent:.1f} %" if percent >= 1 else f"{percent:.2f} %"
