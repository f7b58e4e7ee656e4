"""How a table of text was written: encoding, delimiter, and the line that Excel puts first."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import re
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from legdx.errors import Issue, SurveyError, Where
from legdx.survey.container import first_bytes, open_bytes, refuse_damage
from legdx.survey.not_tables import refuse_content

__all__ = ["DELIMITERS", "DETECTED", "Dialect", "TableFormat", "open_rows", "sniff"]

DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1 << 20
_HEAD = 1 << 16
_HARD_SAMPLE = 3_000
_TRIAL_RECORDS = 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEP_LINE = re.compile(r'"?sep=([^\w"\'\s]|\t)?"?', re.IGNORECASE)


@dataclass(frozen=True)
class TableFormat:
    """What somebody says about a table of text; what is None is detected.

    `header_rows` is 1 to 3. `repeated_headers` says what becomes of columns that share a name: `refuse` the table, or
    `number` them, `name (2)`. With `html_entities`, `&amp;` in headers and cells is read as `&`, and tags are dropped.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header_rows: int | None = None
    repeated_headers: typing.Literal["refuse", "number"] = "refuse"
    html_entities: bool = False


DETECTED = TableFormat()
"""Nothing is said about the text: all of it is detected."""


@dataclass(frozen=True)
class Dialect:
    """What is needed to read the text; `skipped` lines come before the header (`sep=;`)."""

    encoding: str
    delimiter: str
    skipped: int
    issues: tuple[Issue, ...]


def sniff(path: Path, wanted: TableFormat) -> Dialect:
    """Return how the text in `path` is written, after one pass over its bytes.

    Raises SurveyError when the file is empty, is no table, or is not text in the encoding that it has or should have.
    """
    head = first_bytes(path, _HEAD)
    if not head.strip():
        message = f"{path.name} is empty"
        raise SurveyError(message, "export the survey again")
    refuse_content(head, path.name)
    encoding, issues = _encoding(path, head, wanted.encoding)
    sample = codecs.getincrementaldecoder(encoding)().decode(head)
    if not sample.strip("\ufeff \t\r\n"):
        message = f"{path.name} is empty"
        raise SurveyError(message, "export the survey again")
    lines = io.StringIO(sample, newline="").readlines()
    found = _SEP_LINE.fullmatch(lines[0].strip(" \r\n")) if lines else None
    if found is not None:
        return Dialect(encoding, wanted.delimiter or found[1] or "\t", 1, issues)
    return Dialect(encoding, wanted.delimiter or _delimiter(sample, whole=len(head) < _HEAD), 0, issues)


def open_rows(path: Path, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Iterate over (line, cells) of every record, the header first; a line without a character is an empty list.

    Raises SurveyError where quotes do not match or a cell is too long: what follows could not be told apart.
    """
    with refuse_damage(path), io.TextIOWrapper(open_bytes(path), encoding=dialect.encoding, newline="") as stream:
        for _ in range(dialect.skipped):
            stream.readline()
        reader = csv.reader(stream, delimiter=dialect.delimiter, strict=True)
        start = 1
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                message = f"{path.name}, record from line {start + dialect.skipped}: {error}"
                hint = "look for a quote that is not closed, or not doubled inside quotes"
                raise SurveyError(message, hint) from error
            if cells is None:
                return
            yield start + dialect.skipped, cells
            start = reader.line_num + 1


def _encoding(path: Path, head: bytes, wanted: str | None) -> tuple[str, tuple[Issue, ...]]:
    found = (
        _known(wanted)
        if wanted is not None
        else next((encoding for bom, encoding in _BOMS if head.startswith(bom)), None)
    )
    if found is not None:
        if not _decodes(path, found):
            message = f"{path.name} is no text in {found}"
            raise SurveyError(message, "it may be damaged: export the survey again as CSV (UTF-8)")
        return found, ()
    if _decodes(path, "utf-8"):
        return "utf-8", ()
    if b"\0" in head or not _decodes(path, "cp1252"):
        message = f"{path.name} is not text in UTF-8, UTF-16 with a mark, or Windows-1252"
        raise SurveyError(message, "save the table as CSV (UTF-8) or Parquet")
    note = "the table is not UTF-8; it was read as Windows-1252 (cp1252)"
    hint = "look at some letters with accents; if they are wrong, name the encoding or save the table as UTF-8"
    return "cp1252", (Issue("encoding_assumed", "warning", Where(file=path.name), note, hint),)


def _known(wanted: str) -> str:
    """Return the encoding that somebody names; with UTF-8, a mark at the start of the file is none of its letters."""
    try:
        "".encode(wanted)  # Python has codecs too that are no encodings of text
        codecs.getincrementaldecoder(wanted)
    except (LookupError, TypeError, ValueError) as error:
        message = f"{wanted!r} is no encoding of text"
        raise SurveyError(message, "utf-8, cp1252, iso8859-1 and utf-16 are some") from error
    return "utf-8-sig" if codecs.lookup(wanted).name == "utf-8" else wanted


def _decodes(path: Path, encoding: str) -> bool:
    """Say whether all bytes are text in this encoding; text holds no NUL."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with refuse_damage(path), open_bytes(path) as stream:
        try:
            while chunk := stream.read(_CHUNK):
                if "\0" in decoder.decode(chunk):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def _delimiter(sample: str, *, whole: bool) -> str:
    """Return the delimiter that cuts the first records into equally many cells; where none or several do, look closer.

    The last record of a sample that is not the whole file may be cut, and does not count.
    """
    widths = {delimiter: _widths(sample, delimiter, whole=whole) for delimiter in DELIMITERS}
    even = [delimiter for delimiter, found in widths.items() if found and len(set(found)) == 1 and found[0] > 1]
    if len(even) == 1:
        return even[0]
    likely = _look_closer(sample[:_HARD_SAMPLE])
    if likely in (even or DELIMITERS):
        return typing.cast("str", likely)
    return max(even or DELIMITERS, key=lambda delimiter: max(widths[delimiter][:1], default=0))


def _widths(sample: str, delimiter: str, *, whole: bool) -> list[int]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, strict=True)
    found: list[int] = []
    with contextlib.suppress(csv.Error):
        found.extend(len(cells) for cells in itertools.islice(reader, _TRIAL_RECORDS + 1))
    if not whole and len(found) <= _TRIAL_RECORDS:
        found = found[:-1]
    return [width for width in found[:_TRIAL_RECORDS] if width]


def _look_closer(sample: str) -> str | None:
    """Return what CleverCSV makes of a short sample: it weighs how regular the rows and how plain the cells are."""
    import clevercsv

    try:
        found = clevercsv.Sniffer().sniff(sample, delimiters="".join(DELIMITERS))
    except clevercsv.exceptions.Error:
        return None
    return None if found is None else str(found.delimiter) or None
