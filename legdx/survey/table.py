"""A table of answers as text, block by block: nothing is guessed, and no row is lost."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from legdx.errors import Issue, SurveyError, Where
from legdx.survey.cells import column_name, read_number
from legdx.survey.dialect import Dialect, open_bytes, open_rows, sniff

__all__ = ["Block", "SurveyTable", "open_table", "read_table"]

_PARQUET = b"PAR1"
_BLOCK_ROWS = 10_000

Row = list[str]


@dataclass(frozen=True)
class Block:
    """Some rows of a table, all of them text; the index counts the table's rows from 0.

    `issues` are rows that cannot be read; such a row stands in `frame` with all its cells blank.
    """

    frame: pd.DataFrame
    issues: tuple[Issue, ...]


@dataclass(frozen=True)
class SurveyTable:
    """A table that is read when asked for: its columns, and what was noticed about the file as a whole."""

    path: Path
    columns: tuple[str, ...]
    issues: tuple[Issue, ...]
    dialect: Dialect | None

    def blocks(self, rows: int = _BLOCK_ROWS) -> Iterator[Block]:
        """Iterate over the rows, `rows` at a time; at least one block, which may be empty.

        Raises SurveyError where the text cannot be cut into cells any further.
        """
        if rows < 1:
            message = f"a block needs at least one row, not {rows}"
            raise ValueError(message)
        records = _parquet_rows(self.path, rows) if self.dialect is None else self._text_rows(self.dialect)
        taken: list[Row] = []
        issues: list[Issue] = []
        start = 0
        for cells, problem in records:
            if problem is not None:
                issues.append(problem)
            taken.append(cells)
            if len(taken) == rows:
                yield self._block(taken, issues, start)
                start += rows
                taken, issues = [], []
        if taken or start == 0:
            yield self._block(taken, issues, start)

    def _block(self, rows: list[Row], issues: list[Issue], start: int) -> Block:
        index = pd.RangeIndex(start, start + len(rows))
        frame = pd.DataFrame(rows, columns=list(self.columns), index=index, dtype=object)
        return Block(frame, tuple(issues))

    def _text_rows(self, dialect: Dialect) -> Iterator[tuple[Row, Issue | None]]:
        """Iterate over the rows below the header; lines without a character at the end of the file are no rows."""
        width = len(self.columns)
        records = open_rows(self.path, dialect)
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
            if len(cells) == width:
                yield cells, None
            else:
                yield [""] * width, self._wrong_length(row, line, len(cells))

    def _wrong_length(self, row: int, line: int, length: int) -> Issue:
        where = Where(file=self.path.name, line=line, row=row)
        note = f"the row has {length} cells, the header has {len(self.columns)}: cells may have moved to other columns"
        return Issue("row_length", "error", where, note, "quote cells that hold the delimiter or a line end")


def open_table(path: str | Path) -> SurveyTable:
    """Return the table in a CSV or TSV file (also `.gz`) or in a Parquet file, without reading its rows.

    Text is UTF-8, UTF-16 with a mark, or else Windows-1252, which is noted as an issue; the delimiter is `,` `;` tab or
    `|`. Column names that are blank or repeated get a number, noted as an issue.

    Raises SurveyError when the file is missing, empty, has no header, or is no table (HTML, Git LFS pointer, workbook).
    """
    path = Path(path)
    if not path.is_file():
        message = f"there is no file {path}"
        raise SurveyError(message, "name the file that holds the answers")
    with open_bytes(path) as stream:
        parquet = stream.read(len(_PARQUET)) == _PARQUET
    if parquet:
        return SurveyTable(path, _parquet_columns(path), (), None)
    dialect = sniff(path)
    header: Row = next((cells for _, cells in open_rows(path, dialect) if cells), [])
    while header and not header[-1].strip():
        header.pop()
    if not header or all(read_number(name) is not None for name in header):
        message = f"{path.name} has no header"
        raise SurveyError(message, "the first row must hold the names of the columns")
    columns, issues = _names(header, path.name)
    return SurveyTable(path, columns, (*dialect.issues, *issues), dialect)


def read_table(path: str | Path, issues: list[Issue] | None = None) -> pd.DataFrame:
    """Return a whole table as text, one column a header, "" for blank; the index counts rows from 0.

    What `open_table` and the rows have as issues is appended to `issues`; a row that cannot be read is blank.

    Raises SurveyError as `open_table` does, and where quotes do not match.
    """
    table = open_table(path)
    blocks = list(table.blocks())
    if issues is not None:
        issues.extend(table.issues)
        issues.extend(issue for block in blocks for issue in block.issues)
    return pd.concat([block.frame for block in blocks])


def _names(header: Row, file: str) -> tuple[tuple[str, ...], list[Issue]]:
    """Return one name a column; blank ones become `column 3`, repeated ones `name (2)`, with an issue each."""
    names: list[str] = []
    issues: list[Issue] = []
    for place, text in enumerate(header, start=1):
        wanted = column_name(text)
        name = wanted or f"column {place}"
        copy = 2
        while name in names:
            name, copy = f"{wanted} ({copy})", copy + 1
        if name != wanted:
            note = f"the header is {'repeated' if wanted else 'blank'}; the column is called {name!r} here"
            where = Where(file=file, column=name)
            issues.append(Issue("column_renamed", "warning", where, note, "give each column a name of its own"))
        names.append(name)
    return tuple(names), issues


def _parquet_columns(path: Path) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = tuple(str(name) for name in pq.read_schema(path).names)
    except (pa.ArrowException, OSError) as error:
        message = f"{path.name} is a damaged Parquet file: {error}"
        raise SurveyError(message, "export it again") from error
    if not names or len(set(names)) < len(names):
        message = f"{path.name} has {'a repeated column name' if names else 'no columns'}"
        raise SurveyError(message, "give each column a name of its own")
    return names


def _parquet_rows(path: Path, rows: int) -> Iterator[tuple[Row, Issue | None]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=rows):
            columns = [[_as_text(value) for value in column.to_pylist()] for column in batch.columns]
            for cells in zip(*columns, strict=True):
                yield list(cells), None


def _as_text(value: typing.Any) -> str:  # noqa: ANN401 - what a Parquet cell holds
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
