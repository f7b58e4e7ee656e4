"""What the columns of a survey hold, seen in its first rows and in its dictionary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from legdx.survey.cells import read_number
from legdx.survey.draft.dictionaries import Described
from legdx.survey.table import SurveyTable

__all__ = ["Column", "look_at"]

_ROWS = 2_000
_MOST_CELLS = 40
_REDCAP_BOX = re.compile(r"(.+)___(.+)")
_BRACKET_BOX = re.compile(r"(.+?)\s*\[(.+)\]")


@dataclass(frozen=True)
class Column:
    """One column: its question, its different cells (most frequent first, at most 40), and its codes with their words.

    `box_of` and `choice` are the question and the option of a box, where the column looks like one. `unique` says that
    no cell repeats, `filled` how many of the rows looked at have something.
    """

    name: str
    text: str
    cells: tuple[str, ...]
    codes: Mapping[str, str]
    box_of: str | None
    choice: str
    unique: bool
    filled: int
    different: int

    @property
    def numbers(self) -> bool:
        """Whether every cell seen is a number, with a point or a comma."""
        return bool(self.cells) and all(
            read_number(cell) is not None or read_number(cell, comma=True) is not None for cell in self.cells
        )

    @property
    def words(self) -> dict[str, str]:
        """Cell -> its words: those of the dictionary, else the cells themselves where they are words."""
        if self.codes:
            return dict(self.codes)
        return {cell: cell for cell in self.cells if read_number(cell) is None}


def look_at(table: SurveyTable, dictionary: Mapping[str, Described]) -> list[Column]:
    """Return the columns of a table, after a look at its first 2,000 rows."""
    frame = next(table.blocks(_ROWS)).frame
    texts = table.texts or ("",) * len(table.columns)
    lower = {name.casefold(): described for name, described in dictionary.items()}
    columns = []
    for name, text in zip(table.columns, texts, strict=True):
        described = dictionary.get(name) or lower.get(name.casefold()) or lower.get(name.rpartition("/")[2].casefold())
        cells = [cell.strip() for cell in frame[name] if cell.strip()]
        counts: dict[str, int] = {}
        for cell in cells:
            counts[cell] = counts.get(cell, 0) + 1
        often = sorted(counts, key=lambda cell: -counts[cell])[:_MOST_CELLS]
        box_of, choice = _box(name, described, table.columns)
        columns.append(
            Column(
                name=name,
                text=(described.text if described else "") or text,
                cells=tuple(often),
                codes=(described.codes if described else {}) or table.codes.get(name, {}),
                box_of=box_of,
                choice=choice,
                unique=len(counts) == len(cells) > 0,
                filled=len(cells),
                different=len(counts),
            )
        )
    return columns


def _box(name: str, described: Described | None, columns: tuple[str, ...]) -> tuple[str | None, str]:
    if described is not None and described.box_of is not None:
        return described.box_of, described.choice
    if (found := _REDCAP_BOX.fullmatch(name)) is not None:
        return found[1], found[2].replace("_", " ")
    if (found := _BRACKET_BOX.fullmatch(name)) is not None:
        return found[1], found[2]
    question, slash, choice = name.rpartition("/")
    if slash and question in columns:
        return question, choice.replace("_", " ")
    return None, ""
