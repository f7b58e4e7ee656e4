"""Results as pages for a terminal; machine files hold plain numbers instead."""

from __future__ import annotations

import typing
from collections.abc import Iterable

from legdx.errors import LegdxError, TooCostlyError

if typing.TYPE_CHECKING:
    from legdx.assessment import Assessment
    from legdx.batch import ScoreReport
    from legdx.explanation import Contrast, Explanation, Ranking
    from legdx.knowledge import Knowledge
    from legdx.urgency import Urgency

_SMALLEST, _LARGEST = 0.01, 99.9
_WHY = {
    "rule": "",
    "not_asked": "without a clear answer: ",
    "many_alarming_answers": "many complaints at once: ",
    "unclear_alarming_answers": "too many questions have no clear answer for these complaints to wait: ",
}
_LIKELY = {"urgent": "likely enough to be seen soon: ", "routine": "cannot be ruled out: "}

_NOTES = {
    "no_complaint": "No complaint was reported, so there is nothing for a cause to explain.",
    "too_costly": "Which causes explain the complaints was not worked out: it would have taken too long.",
}

__all__ = ["show_assessment", "show_contrast", "show_explanation", "show_lines", "show_report", "show_table"]


def show_assessment(result: Assessment, knowledge: Knowledge) -> None:
    """Show urgency, the three lists, all causes, advice and counts of one person."""
    show_lines(f"Urgency: {result.urgency.level.replace('_', ' ')}")
    show_lines(
        *(
            f"  - {_WHY.get(reason.id, _WHY.get(reason.kind, _LIKELY.get(reason.level, '')))}{reason.text or reason.id}"
            for reason in result.urgency.reasons
        )
    )
    show_lines(*_taken_to_be_so(result.urgency, knowledge))
    _show_ranking(result.ranking, knowledge)
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
    _show_advice(result, knowledge)
    counts = result.counts
    show_lines(
        f"Questions: {counts.answered} answered, {counts.unknown} don't know, {counts.refused} refused, "
        f"{counts.not_asked} not asked, {counts.not_applicable} not applicable.",
        "Causes can exist together, so their probabilities do not sum to 100 %.",
        result.disclaimer,
    )


def _taken_to_be_so(urgency: Urgency, knowledge: Knowledge) -> tuple[str, ...]:
    names = dict.fromkeys(name for reason in urgency.reasons for name in reason.assumed)
    said = "; ".join(knowledge.label(name) for name in names)
    return (f"  Taken to be so, as no answer rules it out: {said}.",) if names else ()


def _show_ranking(ranking: Ranking, knowledge: Knowledge) -> None:
    if ranking.note is not None:
        show_lines(_NOTES[ranking.note])
    for title, causes in (
        ("Explains the complaints:", ranking.explains),
        ("Probably there, but hardly the reason:", ranking.idle),
        ("Must be ruled out:", ranking.rule_out),
    ):
        if causes:
            show_lines(title)
        for one in causes:
            behind = "" if one.explains is None else f", behind a complaint in {_percent(one.explains)}"
            show_lines(f"  - {knowledge.label(one.cause)}: {_percent(one.posterior)}{behind}")
    if ranking.unexplained is not None:
        show_lines(f"No cause of the model explains any complaint: {_percent(ranking.unexplained)}")


def _show_advice(result: Assessment, knowledge: Knowledge) -> None:
    """Show advice that may be given; of what is withheld the reason alone, for the words could be followed."""
    try:
        advice = result.advice
    except TooCostlyError:
        return
    for one in advice:
        if one.withheld:
            why = ", ".join(c.label for c in one.withheld_by)
            show_lines(f"Advice withheld ({knowledge.label(one.causes[0])}): first to be known or ruled out: {why}")
        else:
            cautions = "".join(f" Not with: {c.label}." for c in one.cautions)
            show_lines(f"Advice ({knowledge.label(one.causes[0])}): {one.text}{cautions}")


def show_explanation(explanation: Explanation, disclaimer: str) -> None:
    """Show why one cause is as likely as it is: a sentence a line; at level "all" with the table that adds up."""
    if explanation.level == "all":
        show_lines(*explanation.sentences)
        rows = [
            (
                row.given,
                f"{row.weight_decibans:+.1f}",
                "" if row.share_decibans is None else f"{row.share_decibans:+.1f}",
            )
            for row in explanation.rows
        ]
        show_table(("answer", "weight (dB)", "share (dB)"), rows)
        show_lines(
            f"{explanation.prior_decibans:+.1f} dB before any answer, {explanation.posterior_decibans:+.1f} dB after"
            " all. Weight: what leaving the answer out would take away. Share: its part in the way from one to the"
            " other; the shares add up."
        )
        if explanation.split_orders:
            error = max(row.share_error_decibans or 0.0 for row in explanation.rows)
            show_lines(
                f"Shares are means over {explanation.split_orders} drawn orders (seed {explanation.split_seed}), with a"
                f" standard error of at most {error:.1f} dB each."
            )
        show_lines("dB are decibans of odds: +10 makes the odds ten times as high.")
    else:
        show_lines(explanation.paragraph)
    show_lines(disclaimer)


def show_contrast(contrast: Contrast, knowledge: Knowledge, disclaimer: str) -> None:
    """Show two causes side by side, answer by answer."""
    first, second = knowledge.label(contrast.first), knowledge.label(contrast.second)
    rows = [
        (
            ", ".join(knowledge.label(name) for name in row.answers),
            f"{row.first_decibans:+.1f}",
            f"{row.second_decibans:+.1f}",
            f"{row.difference_decibans:+.1f}",
        )
        for row in contrast.rows
    ]
    rows.append(("probability", _percent(contrast.first_probability), _percent(contrast.second_probability), ""))
    show_table(("answer (dB)", first, second, "difference"), rows)
    show_lines("dB are decibans of odds: +10 makes the odds ten times as high.", disclaimer)


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
