"""What a survey's own dictionary says of its columns: REDCap, XLSForm, NHANES codebooks, plain lists."""

from __future__ import annotations

import csv
import io
import json
import re
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from legdx.errors import SurveyError
from legdx.survey.container import first_bytes

__all__ = ["Described", "read_dictionary"]

_REDCAP = ("Variable / Field Name", "Field Label")
_CHECKED = {"1": "Checked", "0": "Unchecked"}
_NAMES = ("variable", "variable name", "name", "column", "field", "code", "item")
_LABELS = ("label", "question", "description", "text", "question text", "variable label")
_CODES = ("codes", "values", "choices", "value labels", "options", "categories")
_MOST = 50_000_000
_FIELD = 10_000_000
_ZIP = b"PK\x03\x04"
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Described:
    """One column: its question, its codes with their words, and the question that it is one box of."""

    text: str
    codes: Mapping[str, str] = field(default_factory=dict)
    box_of: str | None = None
    choice: str = ""


def read_dictionary(path: str | Path) -> dict[str, Described]:
    """Return column -> what a dictionary says of it; raises SurveyError where the file is no dictionary known here."""
    path = Path(path)
    if not path.is_file():
        message = f"there is no file {path}"
        raise SurveyError(message, "name the data dictionary of the survey")
    if first_bytes(path, 4) == _ZIP:
        return _xlsform(path)
    rows = _csv(path)
    columns = list(rows[0]) if rows else []
    if all(name in columns for name in _REDCAP):
        return _redcap(rows)
    lower = {column.casefold().strip(): column for column in columns}
    if {"code", "name", "codebook"} <= set(lower):
        return {row[lower["code"]]: Described(row[lower["name"]], _json_codes(row[lower["codebook"]])) for row in rows}
    name = next((lower[key] for key in _NAMES if key in lower), None)
    label = next((lower[key] for key in _LABELS if key in lower and lower[key] != name), None)
    if name is None or label is None:
        message = f"{path.name} is no data dictionary that is known here"
        raise SurveyError(
            message, "give a REDCap dictionary, an XLSForm, or CSV with columns Variable, Label and Codes"
        )
    codes = next((lower[key] for key in _CODES if key in lower), None)
    return {row[name]: Described(row[label], _codes(row[codes]) if codes else {}) for row in rows}


def _csv(path: Path) -> Rows:
    content = first_bytes(path, _MOST)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    limit = csv.field_size_limit(_FIELD)
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        message = f"{path.name} is no table: {error}"
        raise SurveyError(message, "export the dictionary again as CSV") from error
    finally:
        csv.field_size_limit(limit)
    return [{str(key): value or "" for key, value in row.items() if isinstance(value, str | None)} for row in rows]


def _codes(text: str) -> dict[str, str]:
    """Read `1=Yes; 2=No`, `1, Yes | 2, No` and the like."""
    pieces = re.split(r"\s*(?:\||;|\n)\s*", text.strip())
    pairs = (re.match(r"\s*([^=,:]+?)\s*[=,:]\s*(.+)", piece) for piece in pieces)
    return {found[1]: found[2].strip() for found in pairs if found is not None}


def _json_codes(text: str) -> dict[str, str]:
    try:
        codes = json.loads(text)
    except json.JSONDecodeError:
        return {}
    if not isinstance(codes, dict):
        return {}
    return {str(code): str(words) for code, words in codes.items() if code != "." and " to " not in str(code)}


def _redcap(rows: Rows) -> dict[str, Described]:
    found: dict[str, Described] = {}
    for row in rows:
        name, text, kind = row["Variable / Field Name"], row["Field Label"], row.get("Field Type", "")
        codes = _codes(row.get("Choices, Calculations, OR Slider Labels", "")) if kind != "calc" else {}
        if kind == "checkbox":
            for code, words in codes.items():
                column = f"{name}___{code.lower().replace('-', '_')}"
                found[column] = Described(text, _CHECKED, name, words)
            continue
        if kind in {"yesno", "truefalse"}:
            codes = {"1": "Yes", "0": "No"}
        found[name] = Described(text, codes if kind in {"radio", "dropdown", "yesno", "truefalse"} else {})
    return found


def _xlsform(path: Path) -> dict[str, Described]:
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError as error:
        message = "an XLSForm is a workbook, and openpyxl is not installed"
        raise SurveyError(message, "pip install 'legdx[xlsform]'") from error
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        survey, choices = _sheet(book, "survey"), _sheet(book, "choices")
    except (InvalidFileException, KeyError, ValueError, OSError, EOFError) as error:
        message = f"{path.name} is no XLSForm: {error}"
        raise SurveyError(message, "it needs a sheet `survey`, and `choices` for its lists") from error
    lists: dict[str, dict[str, str]] = {}
    for row in choices:
        words = next((text for key, text in row.items() if key.startswith("label") and text), row.get("name", ""))
        lists.setdefault(row.get("list_name", row.get("list name", "")), {})[row.get("name", "")] = words
    found: dict[str, Described] = {}
    for row in survey:
        kind, _, list_name = row.get("type", "").partition(" ")
        name = row.get("name", "")
        text = next((words for key, words in row.items() if key.startswith("label") and words), "")
        codes = lists.get(list_name.split()[0] if list_name.split() else "", {})
        if kind in {"begin_group", "end_group", "begin", "end", "note", ""} or not name:
            continue
        found[name] = Described(text, codes if kind.startswith("select") else {})
        if kind.startswith("select_multiple"):
            for code, words in codes.items():
                found[f"{name}/{code}"] = Described(text, {"1": "Checked", "0": "Unchecked"}, name, words)
    return found


def _sheet(book: typing.Any, name: str) -> Rows:  # noqa: ANN401 - openpyxl has no types
    if name not in book.sheetnames:
        return []
    rows: Iterable[tuple[typing.Any, ...]] = book[name].iter_rows(values_only=True)
    iterator = iter(rows)
    header = [str(cell or "").strip() for cell in next(iterator, ())]
    return [
        {key: str("" if cell is None else cell).strip() for key, cell in zip(header, row, strict=False) if key}
        for row in iterator
    ]
