"""Mappings of surveys as pages for a terminal."""

from __future__ import annotations

import typing
from collections.abc import Sequence

from legdx.cli.pages import show_lines, show_table

if typing.TYPE_CHECKING:
    from legdx.survey import MappedSurvey
    from legdx.survey.draft import Draft
    from legdx.survey.preview import PreviewLine

__all__ = ["show_draft", "show_preview"]


def show_draft(draft: Draft) -> None:
    """Show what a draft holds, on standard error, for standard output may hold the draft."""
    number = len(draft.entries) + len(draft.selects)
    show_lines(
        f"{number} entries drafted, {draft.unsure} of them marked `unsure:`; {len(draft.left_out)} columns left out, "
        "listed with the reason under `unused:`.",
        "Go through the marked entries, then look at `legdx map SURVEY --check MAPPING`.",
        err=True,
    )


def show_preview(lines: Sequence[PreviewLine], mapped: MappedSurvey) -> None:
    """Show what a mapping makes of the first rows."""
    rows = len(lines[0].answers) if lines else 0
    header = ("variable", "columns", *(f"row {row}" for row in range(1, rows + 1)))
    show_table(header, [line.shown() for line in lines])
    if any(line.unsure is not None for line in lines):
        show_lines("? in front of a variable: marked `unsure:`, and refused by `legdx score` until the mark is gone.")
    show_lines(*(str(issue) for issue in mapped.issues))
