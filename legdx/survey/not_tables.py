"""Files that only look like a survey: web pages, pointers, workbooks, dictionaries, summaries of a survey."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from legdx.errors import SurveyError
from legdx.survey.cells import read_number

__all__ = ["refuse_content", "refuse_dictionary", "refuse_summary"]

_MARKS = (
    (b"version https://git-lfs.github.com/spec/", "a Git LFS pointer, not the table itself", "run `git lfs pull`"),
    (b"/annex/objects/", "a git-annex pointer, not the table itself", "run `git annex get` on it"),
    (b"<!doctype", "an HTML page", "the download gave a web page: download the file again, signed in"),
    (b"<html", "an HTML page", "the download gave a web page: download the file again, signed in"),
    (b"<head", "an HTML page", "the download gave a web page: download the file again, signed in"),
    (b"<table", "an HTML page", "export the survey as CSV"),
    (b"<?xml", "an XML file", "export the survey as CSV or Parquet"),
    (b"pk\x03\x04", "a ZIP file or an Excel workbook", "unpack it, or save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV (UTF-8)"),
    (b"bzh", "a bzip2 file", "unpack it, or pack it with gzip or Zstandard"),
    (b"\xfd7zxz", "an xz file", "unpack it, or pack it with gzip or Zstandard"),
    (b"%pdf-", "a PDF file", "export the survey as CSV or Parquet"),
    (b"arrow1", "an Arrow or Feather file", "save the table as Parquet"),
    (b"sqlite format 3", "a database", "export the table as CSV or Parquet"),
    (b"{\\rtf", "a text document", "export the survey as CSV"),
)
_DICTIONARIES = (
    ({"variable / field name", "form name", "field type", "field label"}, "a REDCap data dictionary"),
    ({"code", "name", "codebook"}, "a codebook"),
    ({"type", "name", "label", "relevant"}, "an XLSForm sheet"),
    ({"list_name", "name", "label"}, "an XLSForm sheet"),
)
_COUNTS = {"count", "counts", "n", "freq", "frequency", "frequencies", "responses", "respondents", "anzahl"}
_SHARES = {"percent", "percentage", "pct", "%", "share", "proportion", "n (%)", "response percent"}
_DESCRIBED = {"count", "mean", "std", "min", "25%", "50%", "75%", "max", "median", "sd"}
_COUNT_AND_SHARE = re.compile(r"\d[\d.,]*\s*\(\s*\d[\d.,]*\s*%?\s*\)")
_PERCENT = re.compile(r"\d+([.,]\d+)?\s*%")
_LAST = {"total", "totals", "answered", "skipped", "sum", "gesamt"}
_HALF = 0.5
_FEW = 3


def refuse_content(start: bytes, name: str) -> None:
    """Raise SurveyError where the first bytes of a file are those of something that is no table of text."""
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()[:64].lower()
    for mark, what, hint in _MARKS:
        if text.startswith(mark):
            message = f"{name} is {what}"
            raise SurveyError(message, hint)
    if text[:1] in {b"{", b"["}:
        message = f"{name} is JSON, and no FHIR QuestionnaireResponse"
        raise SurveyError(message, "export the survey as CSV or Parquet")


def refuse_dictionary(columns: Sequence[str], name: str) -> None:
    """Raise SurveyError where the columns are those of a data dictionary, which describes a survey."""
    names = {column.casefold() for column in columns}
    for wanted, what in _DICTIONARIES:
        if wanted <= names:
            message = f"{name} is {what}, not the answers of people"
            raise SurveyError(message, "score the data file; `legdx map DATA --dictionary` takes this one")


def refuse_summary(columns: Sequence[str], rows: Sequence[Sequence[str]], known: frozenset[str], name: str) -> None:
    """Raise SurveyError where the rows count people instead of being people.

    `rows` are the first ones, `known` the columns that the mapping names: whoever named a column knows what it is.
    """
    what = _summary(columns, rows, known)
    if what is not None:
        message = f"{name} is a summary table ({what}): its rows are no people"
        raise SurveyError(message, "export the single answers, one row a person")


def _summary(columns: Sequence[str], rows: Sequence[Sequence[str]], known: frozenset[str]) -> str | None:
    if not rows or not columns:
        return None
    first = [row[0].strip().casefold() for row in rows]
    if len(first) >= _FEW and set(first) <= _DESCRIBED:
        return "count, mean, minimum and the like, a row each"
    unknown = [place for place, column in enumerate(columns) if column not in known]
    for place in unknown:
        cells = [cell for row in rows if (cell := row[place].strip())]
        if not cells:
            continue
        title = columns[place].casefold()
        numbers = sum(read_number(cell) is not None or bool(_PERCENT.fullmatch(cell)) for cell in cells) / len(cells)
        if title in _COUNTS | _SHARES and numbers > _HALF:
            return f"the column {columns[place]!r} counts people"
        if sum(bool(_COUNT_AND_SHARE.fullmatch(cell)) for cell in cells) > _HALF * len(cells):
            return f"the column {columns[place]!r} holds counts with percentages"
    if len(unknown) == len(columns) and first[-1] in _LAST:
        return f"its last row is {rows[-1][0].strip()!r}"
    return None
