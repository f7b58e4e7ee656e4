"""A table of answers as text, block by block: nothing is guessed, and no row is lost."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from legdx.errors import Issue, SurveyError, Where
from legdx.survey.dialect import Dialect, TableFormat, open_rows, sniff
from legdx.survey.header import MOST_HEADER_ROWS, plain_text, read_header
from legdx.survey.not_tables import refuse_dictionary, refuse_summary
from legdx.survey.responses import is_responses, response_columns, response_rows
from legdx.survey.typed import Kind, kind_of, open_typed, typed_rows

__all__ = ["Block", "SurveyTable", "open_table", "read_table"]

_BLOCK_ROWS = 10_000
_FIRST_ROWS = 200

Row = list[str]


@dataclass(frozen=True)
class Block:
    """Some rows of a table, all of them text; the index counts the table's rows from 0.

    `issues` are rows that cannot be read; such a row stands in `frame` with all its cells blank. `blank` are the rows
    (from 0) without a character in any cell, and not among the issues.
    """

    frame: pd.DataFrame
    issues: tuple[Issue, ...]
    blank: tuple[int, ...] = ()


@dataclass(frozen=True)
class SurveyTable:
    """A table that is read when asked for: its columns, and what was noticed about the file as a whole.

    `texts` are the questions that stand with the columns, "" where the file has none; `codes` are column -> code ->
    its words, where the file says so. `header_rows` were taken for the header.
    """

    path: Path
    columns: tuple[str, ...]
    issues: tuple[Issue, ...]
    dialect: Dialect | None
    texts: tuple[str, ...] = ()
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    header_rows: int = 1
    kind: Kind | typing.Literal["text", "fhir"] = "text"
    html_entities: bool = False

    def blocks(self, rows: int = _BLOCK_ROWS) -> Iterator[Block]:
        """Iterate over the rows, `rows` at a time; at least one block, which may be empty.

        Raises SurveyError where the text cannot be cut into cells any further.
        """
        if rows < 1:
            message = f"a block needs at least one row, not {rows}"
            raise ValueError(message)
        records = self._records(rows)
        start = 0
        while (taken := list(itertools.islice(records, rows))) or start == 0:
            yield self._block(taken, start)
            start += rows

    def _records(self, rows: int) -> Iterator[tuple[Row, Issue | None]]:
        if self.dialect is not None:
            return self._text_rows(self.dialect)
        if self.kind == "fhir":
            return ((row, None) for row in response_rows(self.path, self.columns))
        return ((row, None) for row in typed_rows(self.path, typing.cast("Kind", self.kind), rows))

    def _block(self, records: list[tuple[Row, Issue | None]], start: int) -> Block:
        rows = [cells for cells, _ in records]
        frame = pd.DataFrame(
            rows, columns=list(self.columns), index=pd.RangeIndex(start, start + len(rows)), dtype=object
        )
        blank = tuple(
            start + place
            for place, (cells, issue) in enumerate(records)
            if issue is None and not any(cell.strip() for cell in cells)
        )
        return Block(frame, tuple(issue for _, issue in records if issue is not None), blank)

    def _text_rows(self, dialect: Dialect) -> Iterator[tuple[Row, Issue | None]]:
        """Iterate over the rows below the header; lines without a character at the end of the file are no rows."""
        width = len(self.columns)
        records = open_rows(self.path, dialect)
        for _ in range(self.header_rows):
            next(cells for _, cells in records if cells)
        pending = row = 0
        for line, cells in records:
            if not cells:
                pending += 1
                continue
            for _ in range(pending):
                yield [""] * width, None
            row += pending + 1
            pending = 0
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            if len(cells) != width:
                yield [""] * width, self._wrong_length(row, line, len(cells))
            else:
                yield [plain_text(cell) for cell in cells] if self.html_entities else cells, None

    def _wrong_length(self, row: int, line: int, length: int) -> Issue:
        where = Where(file=self.path.name, line=line, row=row)
        note = f"the row has {length} cells, the header has {len(self.columns)}: cells may have moved to other columns"
        return Issue("row_length", "error", where, note, "quote cells that hold the delimiter or a line end")


def open_table(path: str | Path, wanted: TableFormat | None = None, known: frozenset[str] = frozenset()) -> SurveyTable:
    """Return the table in a file, without reading all its rows.

    Args:
        path: text with a delimiter (`,` `;` tab or `|`) in UTF-8, UTF-16 or UTF-32 with a mark, or else Windows-1252,
            which is noted as an issue; Parquet; SPSS; SAS transport; FHIR QuestionnaireResponses. Text may be packed
            with gzip or Zstandard.
        wanted: what is known about the text; the rest is detected.
        known: the columns that a mapping names; a table that has other columns too, which count people, is refused.

    Raises SurveyError when the file is missing, empty, damaged, has no header or repeated column names, or is no table
    of people's answers: a web page, a pointer of Git LFS, a workbook, a data dictionary, a summary.
    """
    path = Path(path)
    wanted = wanted or TableFormat()
    if not path.is_file():
        message = f"there is no file {path}"
        raise SurveyError(message, "name the file that holds the answers")
    kind = kind_of(path)
    if kind is not None:
        typed = open_typed(path, kind)
        return _checked(SurveyTable(path, typed.columns, (), None, typed.texts, typed.codes, 0, kind), known)
    if is_responses(path):
        columns = response_columns(path)
        return SurveyTable(path, columns, (), None, ("",) * len(columns), {}, 0, "fhir")
    dialect = sniff(path, wanted)
    records = (cells for _, cells in open_rows(path, dialect) if cells)
    header = read_header(list(itertools.islice(records, MOST_HEADER_ROWS + 1)), wanted, path.name)
    records.close()
    issues = (*dialect.issues, *header.issues)
    table = SurveyTable(
        path, header.columns, issues, dialect, header.texts, {}, header.rows, "text", wanted.html_entities
    )
    return _checked(table, known)


def read_table(path: str | Path, issues: list[Issue] | None = None, wanted: TableFormat | None = None) -> pd.DataFrame:
    """Return a whole table as text, one column a header, "" for blank; the index counts rows from 0.

    What `open_table` and the rows have as issues is appended to `issues`; a row that cannot be read is blank.

    Raises SurveyError as `open_table` does, and where quotes do not match.
    """
    table = open_table(path, wanted)
    blocks = list(table.blocks())
    if issues is not None:
        issues.extend(table.issues)
        issues.extend(issue for block in blocks for issue in block.issues)
    return pd.concat([block.frame for block in blocks])


def _checked(table: SurveyTable, known: frozenset[str]) -> SurveyTable:
    """Return the table, unless it is a dictionary or a summary."""
    refuse_dictionary(table.columns, table.path.name)
    rows = next(table.blocks(_FIRST_ROWS)).frame.to_numpy(dtype=object).tolist()
    refuse_summary(table.columns, [row for row in rows if any(cell.strip() for cell in row)], known, table.path.name)
    return table
