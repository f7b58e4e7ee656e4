"""Tables with types of their own, as text: Parquet, SPSS (.sav), SAS transport (.xpt)."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from legdx.errors import SurveyError

__all__ = ["Kind", "Typed", "as_text", "kind_of", "open_typed", "typed_rows"]

Kind = typing.Literal["parquet", "spss", "sas"]
_MARKS: tuple[tuple[bytes, Kind], ...] = (
    (b"PAR1", "parquet"),
    (b"$FL2", "spss"),
    (b"$FL3", "spss"),
    (b"HEADER RECORD*******LIB", "sas"),
)
_NAMES: dict[Kind, str] = {"parquet": "Parquet", "spss": "SPSS", "sas": "SAS transport"}


@dataclass(frozen=True)
class Typed:
    """The columns of such a file, the question texts that stand with them, and the words of its codes."""

    kind: Kind
    columns: tuple[str, ...]
    texts: tuple[str, ...]
    codes: Mapping[str, Mapping[str, str]]


def kind_of(path: Path) -> Kind | None:
    """Return what kind of typed table this is by its first bytes, or None for text; such files are not packed."""
    with path.open("rb") as stream:
        start = stream.read(32)
    return next((kind for mark, kind in _MARKS if start.startswith(mark)), None)


def open_typed(path: Path, kind: Kind) -> Typed:
    """Return the columns of such a file; raises SurveyError when it is damaged or names a column twice."""
    typed = _open_parquet(path) if kind == "parquet" else _open_readstat(path, kind)
    if not typed.columns or len(set(typed.columns)) < len(typed.columns):
        message = f"{path.name} has {'a repeated column name' if typed.columns else 'no columns'}"
        raise SurveyError(message, "give each column a name of its own")
    return typed


def typed_rows(path: Path, kind: Kind, rows: int) -> Iterator[list[str]]:
    """Iterate over the rows as text, `rows` in memory at a time."""
    blocks = _parquet_blocks(path, rows) if kind == "parquet" else _readstat_blocks(path, kind, rows)
    for columns in blocks:
        for cells in zip(*columns, strict=True):
            yield list(cells)


def _damaged(path: Path, kind: Kind, error: Exception) -> SurveyError:
    return SurveyError(f"{path.name} is a damaged {_NAMES[kind]} file: {error}", "export it again")


def _open_parquet(path: Path) -> Typed:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = tuple(str(name) for name in pq.read_schema(path).names)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, "parquet", error) from error
    return Typed("parquet", names, ("",) * len(names), {})


def _parquet_blocks(path: Path, rows: int) -> Iterator[list[list[str]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=rows):
                yield [[as_text(value) for value in column.to_pylist()] for column in batch.columns]
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _damaged(path, "parquet", error) from error


def _reader(kind: Kind) -> tuple[typing.Any, dict[str, typing.Any]]:
    """Return pyreadstat's reader and its options; SPSS's codes of missing answers stay codes."""
    try:
        import pyreadstat
    except ImportError as error:
        message = f"{_NAMES[kind]} files are read by pyreadstat, which is not installed"
        raise SurveyError(message, "pip install 'legdx[spss]'; or export the survey as CSV") from error
    return (pyreadstat.read_sav, {"user_missing": True}) if kind == "spss" else (pyreadstat.read_xport, {})


def _open_readstat(path: Path, kind: Kind) -> Typed:
    read, options = _reader(kind)
    try:
        _, meta = read(str(path), metadataonly=True, **options)
    except Exception as error:  # pyreadstat raises plain exceptions of many kinds on damaged files
        raise _damaged(path, kind, error) from error
    names = tuple(str(name) for name in meta.column_names)
    labels = [str(label or "") for label in meta.column_labels]
    codes = {
        str(column): {as_text(code): str(word) for code, word in words.items()}
        for column, words in (getattr(meta, "variable_value_labels", None) or {}).items()
    }
    return Typed(kind, names, tuple(labels) if len(labels) == len(names) else ("",) * len(names), codes)


def _readstat_blocks(path: Path, kind: Kind, rows: int) -> Iterator[list[list[str]]]:
    import pyreadstat

    read, options = _reader(kind)
    try:
        for frame, _ in pyreadstat.read_file_in_chunks(read, str(path), chunksize=rows, **options):
            yield [[as_text(value) for value in frame[name].tolist()] for name in frame.columns]
    except Exception as error:
        raise _damaged(path, kind, error) from error


def as_text(value: typing.Any) -> str:  # noqa: ANN401 - what a cell of such a file holds
    """Return a value as the text of a cell; nothing is "", and a whole number has `.0` where it was a float."""
    if value is None or type(value).__name__ in {"NaTType", "NAType"} or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, float) and math.isfinite(value) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004
        return f"{value:.1f}"
    return str(value)
