"""One look at a whole survey before anything is scored: its rows counted, its ids compared, its cells tried."""

from __future__ import annotations

from dataclasses import dataclass

from legdx.batch.ids import IdCheck
from legdx.batch.run import Run
from legdx.errors import SurveyError
from legdx.survey import MappedSurvey, SurveyTable, column_issues, map_answers

__all__ = ["Checked", "check_survey", "refuse_unreadable"]

_BACKGROUND = frozenset({"age", "sex"})
_ENOUGH = 5
_ROWS = 2_000
"""Rows at a time, whatever the size of scored blocks: what is refused must not depend on that."""


@dataclass(frozen=True)
class Checked:
    """How many rows there are, and which of them (from 0) a rule about repeated ids leaves out."""

    rows: int
    repeated: frozenset[int]


def check_survey(table: SurveyTable, run: Run, *, own: bool) -> Checked:
    """Read a survey once, whole; `own` says that it is to be the model's own questionnaire, with no mapping.

    Raises SurveyError where no column is recognised, ids are repeated, cells mean something else than the mapping says,
    or the text cannot be read to its end; MappingError where columns are missing.
    """
    column_issues(run.mapping, table.columns)
    ids = IdCheck(run.mapping.id_columns)
    rows = 0
    for block in table.blocks(_ROWS):
        if rows == 0:
            refuse_unreadable(map_answers(block.frame, run.mapping, run.model), table.path.name, own=own)
        ids.add(block.frame, run.chosen(block.frame, block))
        rows += len(block.frame)
    return Checked(rows, ids.left_out(run.mapping.repeated_ids, table.path.name))


def refuse_unreadable(mapped: MappedSurvey, name: str, *, own: bool) -> None:
    """Raise SurveyError where cells are other ones than the mapping expects: labels in place of codes, above all."""
    counts = [count for variable, count in mapped.counts.items() if variable not in _BACKGROUND] or list(
        mapped.counts.values()
    )
    bad = sum(count["bad"] for count in counts)
    answered = sum(count["answered"] for count in counts)
    issue = next((issue for issue in mapped.issues if issue.where.row is not None), None)
    if bad == 0 or issue is None or not (bad > answered if own else answered == 0 and bad >= _ENOUGH):
        return
    example = f"such as {issue.where.value!r} in {issue.where.column!r}"
    if own:
        message = f"{name} is no export of the model's own questionnaire: most of its cells are other ones, {example}"
        raise SurveyError(message, "export codes, not labels; or draft a mapping with `legdx map`")
    message = f"the mapping does not fit {name}: not one answer can be read, and {bad} cells cannot, {example}"
    raise SurveyError(message, "are these labels where the mapping has codes, or codes where it has labels?")
