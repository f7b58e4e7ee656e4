"""What becomes of the first rows of a survey: each cell beside the answer that a mapping makes of it."""

from __future__ import annotations

import typing
from dataclasses import dataclass

from legdx.survey.answers import MappedSurvey, map_answers
from legdx.survey.mapping import SurveyMapping
from legdx.survey.table import SurveyTable
from legdx.survey.vocabulary import Holder

__all__ = ["PreviewLine", "preview"]

_LONGEST = 24


@dataclass(frozen=True)
class PreviewLine:
    """One variable: the columns that it is read from, and for each row the cells and the answer."""

    variable: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    answers: tuple[typing.Any, ...]
    unsure: str | None

    def to_dict(self) -> dict[str, typing.Any]:
        """Return plain JSON types."""
        rows = [{"cells": list(c), "answer": a} for c, a in zip(self.cells, self.answers, strict=True)]
        return {"variable": self.variable, "columns": list(self.columns), "unsure": self.unsure, "rows": rows}

    def shown(self) -> tuple[str, ...]:
        """Return the line for a page: variable, columns, then `cells -> answer` for each row."""
        rows = (f"{_cells(cells)} → {_answer(answer)}" for cells, answer in zip(self.cells, self.answers, strict=True))
        mark = "? " if self.unsure is not None else ""
        return (f"{mark}{self.variable}", ", ".join(_short(name) for name in self.columns), *rows)


def preview(
    table: SurveyTable, mapping: SurveyMapping, model: Holder, rows: int = 5
) -> tuple[list[PreviewLine], MappedSurvey]:
    """Return a line for every variable over the first rows, and all that the mapping makes of these rows.

    Raises as `map_answers` does.
    """
    frame = next(table.blocks(rows)).frame
    mapped = map_answers(frame, mapping, model)
    lines: list[PreviewLine] = []
    for owner in mapping.owners:
        columns = owner.columns
        cells = tuple(tuple(str(cell) for cell in row) for row in frame[list(columns)].to_numpy(dtype=object).tolist())
        variables = [variable for askable in owner.askables for variable in askable.variables]
        lines += [
            PreviewLine(variable, columns, cells, tuple(mapped.answers[variable].tolist()), owner.unsure)
            for variable in variables
        ]
    return lines, mapped


def _cells(cells: tuple[str, ...]) -> str:
    if not any(cell.strip() for cell in cells):
        return "(blank)"
    return " · ".join(_short(cell.strip() or "-") for cell in cells)


def _answer(answer: typing.Any) -> str:  # noqa: ANN401 - text, a number, a soft answer, or None
    if answer is None:
        return "(not readable)"
    if isinstance(answer, dict):
        return ", ".join(f"{state} {weight:.2g}" for state, weight in answer["likelihood"].items())
    return str(answer)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
