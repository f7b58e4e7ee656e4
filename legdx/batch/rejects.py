"""The file beside the output: every row that was left out, and every cell that could not be read."""

from __future__ import annotations

import csv
import typing
from collections.abc import Iterable

from legdx.batch.writers import neutral
from legdx.errors import Issue

__all__ = ["COLUMNS", "RejectsWriter"]

COLUMNS = ("row", "id", "code", "column", "value", "reason", "effect")


class RejectsWriter:
    """Writes issues as CSV; `effect` says whether the row was left out, skipped as no person's, or only a cell."""

    def __init__(self, stream: typing.TextIO) -> None:
        """Write the header."""
        self._rows = csv.writer(stream, lineterminator="\n")
        self._rows.writerow(COLUMNS)

    def write(
        self,
        issues: Iterable[Issue],
        ids: typing.Callable[[int], str],
        rejected: frozenset[int],
        skipped: frozenset[int] = frozenset(),
    ) -> None:
        """Write the issues of a block; `ids` gives a row's id, `rejected` and `skipped` are rows without scores."""
        for issue in issues:
            where = issue.where
            row = where.row or 0
            cells = (
                str(row),
                ids(row),
                issue.code,
                where.column or "",
                where.value or "",
                f"{issue.note}; {issue.hint}" if issue.hint else issue.note,
                "row_skipped" if row in skipped else "row_left_out" if row in rejected else "cell_left_out",
            )
            self._rows.writerow([neutral(cell) for cell in cells])
