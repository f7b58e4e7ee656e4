"""How a table was written: encoding, delimiter, and the files that only look like a table."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import typing
from pathlib import Path

from legdx.errors import Issue, SurveyError, Where

__all__ = ["Dialect", "open_bytes", "open_rows", "sniff"]

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
_HEAD = 1 << 16
_DELIMITERS = (",", ";", "\t", "|")
_TRIAL_RECORDS = 5
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NO_TABLES = (
    (b"version https://git-lfs.github.com/spec/", "a Git LFS pointer, not the table itself", "run `git lfs pull`"),
    (b"/annex/objects/", "a git-annex pointer, not the table itself", "run `git annex get` on it"),
    (b"<!doctype", "an HTML page", "the download gave a web page: download the file again, signed in"),
    (b"<html", "an HTML page", "the download gave a web page: download the file again, signed in"),
    (b"<?xml", "an XML file", "export the survey as CSV or Parquet"),
    (b"pk\x03\x04", "a ZIP file or an Excel workbook", "save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV (UTF-8)"),
    (b"$fl2", "an SPSS file", "export the survey as CSV or Parquet"),
    (b"header record", "a SAS transport file", "export the survey as CSV or Parquet"),
)


class Dialect(typing.NamedTuple):
    """What is needed to read the text; `skipped` lines come before the header (`sep=;`)."""

    encoding: str
    delimiter: str
    skipped: int
    issues: tuple[Issue, ...]


def open_bytes(path: Path) -> typing.IO[bytes]:
    """Return the bytes of a file, unpacked if it is gzip by its content, whatever it is called."""
    with path.open("rb") as stream:
        packed = stream.read(len(_GZIP)) == _GZIP
    return typing.cast("typing.IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")


def sniff(path: Path) -> Dialect:
    """Return how the text in `path` is written, after one pass over its bytes.

    Raises SurveyError when the file is empty, is no table, or is no text in UTF-8, UTF-16 with a mark, or cp1252.
    """
    with open_bytes(path) as stream:
        head = stream.read(_HEAD)
    if not head.strip():
        message = f"{path.name} is empty"
        raise SurveyError(message, "export the survey again")
    _refuse_no_table(head, path.name)
    encoding, issues = _encoding(path, head)
    sample = codecs.getincrementaldecoder(encoding)().decode(head)
    lines = io.StringIO(sample, newline="").readlines()
    first = lines[0].strip().lower() if lines else ""
    if first.startswith("sep=") and len(first) == len("sep=;"):
        return Dialect(encoding, lines[0].strip()[-1], 1, issues)
    if first == "sep=":  # `sep=` and a tab, which strip() took away
        return Dialect(encoding, "\t", 1, issues)
    return Dialect(encoding, _delimiter(sample), 0, issues)


def open_rows(path: Path, dialect: Dialect) -> typing.Iterator[tuple[int, list[str]]]:
    """Iterate over (line, cells) of every record, the header first; a line without a character is an empty list.

    Raises SurveyError where quotes do not match or a cell is too long: what follows could not be told apart.
    """
    with io.TextIOWrapper(open_bytes(path), encoding=dialect.encoding, newline="") as stream:
        for _ in range(dialect.skipped):
            stream.readline()
        reader = csv.reader(stream, delimiter=dialect.delimiter, strict=True)
        start = 1
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                message = f"{path.name}, record from line {start + dialect.skipped}: {error}"
                raise SurveyError(
                    message, "look for a quote that is not closed, or not doubled inside quotes"
                ) from error
            if cells is None:
                return
            yield start + dialect.skipped, cells
            start = reader.line_num + 1


def _refuse_no_table(head: bytes, name: str) -> None:
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:64].lower()
    for mark, what, hint in _NO_TABLES:
        if start.startswith(mark):
            message = f"{name} is {what}"
            raise SurveyError(message, hint)


def _encoding(path: Path, head: bytes) -> tuple[str, tuple[Issue, ...]]:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, ()
    if b"\0" in head:
        message = f"{path.name} is not text"
        raise SurveyError(message, "export the survey as CSV (UTF-8) or Parquet")
    if _decodes(path, "utf-8"):
        return "utf-8", ()
    if not _decodes(path, "cp1252"):
        message = f"{path.name} is text neither in UTF-8 nor in Windows-1252"
        raise SurveyError(message, "save the table as UTF-8")
    note = "the table is not UTF-8; it was read as Windows-1252 (cp1252)"
    hint = "look at some letters with accents; if they are wrong, save the table as UTF-8"
    return "cp1252", (Issue("encoding_assumed", "warning", Where(file=path.name), note, hint),)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with open_bytes(path) as stream:
        try:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _delimiter(sample: str) -> str:
    """Return the delimiter that cuts the first records into the most, equally many, cells."""

    def width(delimiter: str) -> tuple[bool, int]:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        try:
            widths = [len(cells) for cells in itertools.islice(reader, _TRIAL_RECORDS) if cells]
        except csv.Error:
            return False, 0
        return len(set(widths)) == 1 and widths[0] > 1, max(widths[:1], default=0)

    return max(_DELIMITERS, key=width)
