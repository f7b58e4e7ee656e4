"""Result tables to files, block by block; a file appears under its name only when it is complete."""

from __future__ import annotations

import contextlib
import csv
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path

from legdx.errors import SurveyError
from legdx.outputs import Kind
from legdx.survey.cells import read_number

if typing.TYPE_CHECKING:
    import pandas as pd

__all__ = ["TableWriter", "in_place_of", "neutral", "open_writer"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Signs with which a formula begins, the wide ones of East Asian keyboards too."""
_PARQUET = {".parquet", ".pq"}
_OTHERS = {".xlsx", ".xls", ".ods", ".json", ".tsv", ".gz", ".zip", ".zst", ".bz2", ".xz", ".sav", ".feather", ".arrow"}
"""Names that promise what is not written here."""


class TableWriter(typing.Protocol):
    """Takes one block after the other."""

    def write(self, frame: pd.DataFrame) -> None:
        """Write the rows of a block."""
        ...


def neutral(text: str) -> str:
    """Return text that a spreadsheet program shows and does not run: a formula gets a quote in front.

    Numbers with a sign are no formulas and stay as they are.

    >>> neutral("=HYPERLINK(1)"), neutral("-5"), neutral("none")
    ("'=HYPERLINK(1)", '-5', 'none')
    """
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) and read_number(text) is None else text


@contextlib.contextmanager
def in_place_of(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; it takes the place of `path` at the end, and is removed after an error."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def open_writer(
    path: Path, columns: Mapping[str, Kind], metadata: Mapping[str, str] | None = None
) -> Iterator[TableWriter]:
    """Give a writer for a table with these columns: Parquet where the name says so, with `metadata`, else CSV.

    Raises SurveyError where `path` has no folder to stand in, is a folder, or promises another format.
    """
    if path.is_dir():
        message = f"{path} is a folder"
        raise SurveyError(message, "name a file in it")
    if path.suffix.lower() in _OTHERS:
        message = f"{path.name} cannot be written: tables are written as CSV or Parquet"
        raise SurveyError(message, "use a name that ends in .csv or .parquet")
    if not path.parent.is_dir():
        message = f"there is no folder {path.parent}"
        raise SurveyError(message, "make the folder first, or name another output")
    with in_place_of(path) as part:
        if path.suffix.lower() in _PARQUET:
            with _parquet(part, columns, metadata or {}) as writer:
                yield writer
        else:
            with part.open("w", encoding="utf-8", newline="") as stream:
                yield _CsvWriter(stream, columns)


class _CsvWriter:
    """UTF-8, commas, line feeds, blank for nothing, numbers with all their digits."""

    def __init__(self, stream: typing.TextIO, columns: Mapping[str, Kind]) -> None:
        self._columns = columns
        self._rows = csv.writer(stream, lineterminator="\n")
        self._rows.writerow([neutral(name) for name in columns])

    def write(self, frame: pd.DataFrame) -> None:
        """Write the rows of a block."""
        texts = [[_cell(value, kind) for value in frame[name]] for name, kind in self._columns.items()]
        self._rows.writerows(zip(*texts, strict=True))


def _cell(value: typing.Any, kind: Kind) -> str:  # noqa: ANN401 - a cell of a dataframe
    if _is_nothing(value):
        return ""
    if kind == "text":
        return neutral(str(value))
    return str(int(value)) if kind == "count" else repr(float(value))


def _is_nothing(value: typing.Any) -> bool:  # noqa: ANN401 - a cell of a dataframe
    return value is None or type(value).__name__ == "NAType" or value != value  # noqa: PLR0124 - NaN


@contextlib.contextmanager
def _parquet(path: Path, columns: Mapping[str, Kind], metadata: Mapping[str, str]) -> Iterator[TableWriter]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"text": pa.string(), "count": pa.int64(), "number": pa.float64()}
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()], metadata=dict(metadata))
    with pq.ParquetWriter(path, schema) as writer:
        yield _ParquetWriter(writer, schema)


class _ParquetWriter:
    """One row group a block; types are those of the columns, whatever the block holds."""

    def __init__(self, writer: typing.Any, schema: typing.Any) -> None:  # noqa: ANN401 - pyarrow has no types
        self._writer = writer
        self._schema = schema

    def write(self, frame: pd.DataFrame) -> None:
        """Write the rows of a block."""
        import pyarrow as pa

        columns = [
            pa.array([None if _is_nothing(value) else value for value in frame[field.name]], type=field.type)
            for field in self._schema
        ]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))
