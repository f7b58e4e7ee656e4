"""The one to three header rows of a table: how many there are, and what each column is called.

Qualtrics writes codes, question texts and import ids, older versions only the first two. SurveyMonkey writes questions
and, below them, `Response` or the choice that a column stands for; the question is blank from the second choice on.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from legdx.errors import Issue, SurveyError, Where
from legdx.survey.cells import column_name, read_number
from legdx.survey.dialect import TableFormat

__all__ = ["MOST_HEADER_ROWS", "Header", "plain_text", "read_header"]

MOST_HEADER_ROWS = 3
_ANSWER = {"response", "open-ended response", "réponse", "respuesta", "antwort", "freitextantwort"}
_QUALTRICS = {"StartDate", "EndDate", "RecordedDate", "ResponseId", "ResponseID", "ResponseSet"}
_OLD_QUALTRICS = re.compile(r"V[0-9]+")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_LISTED = 8
_MOST_COLUMNS = 20_000


@dataclass(frozen=True)
class Header:
    """Column names, each there once; the question that stands with each, where the file has one; rows taken."""

    columns: tuple[str, ...]
    texts: tuple[str, ...]
    rows: int
    issues: tuple[Issue, ...]


def read_header(records: Sequence[Sequence[str]], wanted: TableFormat, file: str) -> Header:
    """Return the header that the first records of a table hold; blank lines are not among them.

    Raises SurveyError where there is none, or more than 20,000 columns, or where names are repeated and nothing says
    what becomes of them.
    """
    number = wanted.header_rows or _count(records)
    rows = [list(row) for row in records[:number]]
    if wanted.html_entities:
        rows = [[plain_text(cell) for cell in row] for row in rows]
    width = max((len(row) for row in rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    while width and not any(row[width - 1].strip() for row in rows):
        width -= 1
    rows = [row[:width] for row in rows]
    if width > _MOST_COLUMNS:
        message = f"{file} has a first row of {width:,} cells"
        raise SurveyError(message, "name the delimiter, or look for line ends that are missing")
    if number > len(rows) or not width or all(read_number(cell) is not None for cell in rows[0]):
        message = f"{file} has no header" if number == 1 else f"{file} has no {number} header rows"
        raise SurveyError(message, "the first row must hold the names of the columns")
    named, texts = (rows[0], rows[1]) if number > 1 else (rows[0], [""] * width)
    if number > 1 and _is_two_storeyed(rows[0], rows[1]):
        named, texts = _joined(rows[0], rows[1]), [""] * width
    columns, issues = _names(named, file, wanted)
    return Header(columns, tuple(column_name(text) for text in texts), number, tuple(issues))


def plain_text(text: str) -> str:
    """Return text without HTML tags and entities, as LimeSurvey exports have them.

    >>> plain_text("<b>Pain &amp; cramps</b>")
    'Pain & cramps'
    """
    return html.unescape(_TAG.sub("", text)) if "&" in text or "<" in text else text


def _count(records: Sequence[Sequence[str]]) -> int:
    if len(records) > 2 and _is_import_ids(records[2]):  # noqa: PLR2004 - the third row
        return 3
    if len(records) > 1 and (
        _is_import_ids(records[1]) or _is_two_storeyed(records[0], records[1]) or _is_old_qualtrics(*records[:2])
    ):
        return 2
    return 1


def _is_import_ids(row: Sequence[str]) -> bool:
    cells = [cell.strip() for cell in row if cell.strip()]
    return bool(cells) and all(_import_id(cell) for cell in cells)


def _import_id(cell: str) -> bool:
    if not cell.startswith("{") or "ImportId" not in cell:
        return False
    try:
        return "ImportId" in json.loads(cell)
    except (json.JSONDecodeError, RecursionError):
        return False


def _is_two_storeyed(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether the lower row says `Response` or names choices, and stands below questions; its first cell is blank."""
    pairs = [(a.strip(), b.strip()) for a, b in zip(upper, lower, strict=False)]
    if not pairs or not pairs[0][0] or pairs[0][1]:
        return False
    if len(lower) < len(upper) and any(a.strip() for a in upper[len(lower) :]):
        return False
    answers = sum(bool(a) and b.casefold() in _ANSWER for a, b in pairs)
    if any(b and read_number(b) is not None for _, b in pairs):
        return False
    choices = [b for a, b in pairs if not a]
    return answers > 0 or (len(choices) > 1 and all(choices))


def _is_old_qualtrics(codes: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether codes stand above question texts: no cell of the second row is an answer to `StartDate` or the like."""
    pairs = [(a.strip(), b.strip()) for a, b in zip(codes, texts, strict=False)]
    if sum(bool(_OLD_QUALTRICS.fullmatch(a)) and b in _QUALTRICS for a, b in pairs) > 1:
        return True
    marked = [b for a, b in pairs if a in _QUALTRICS]
    return len(marked) > 1 and all(b and not any(letter.isdigit() for letter in b) for b in marked)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Return `question` or `question [choice]` for each column."""
    names: list[str] = []
    question = ""
    for place, (above, below) in enumerate(zip(upper, lower, strict=True)):
        question = above.strip() or question
        follows = place + 1 < len(upper) and not upper[place + 1].strip()
        choice = below.strip()
        single = choice.casefold() in _ANSWER and above.strip() and not follows
        names.append(question if single or not choice else f"{question} [{choice}]")
    return names


def _names(header: Sequence[str], file: str, wanted: TableFormat) -> tuple[tuple[str, ...], list[Issue]]:
    """Return one name a column; a blank one becomes `column 3`, a repeated one `name (2)` where that is wanted."""
    names: list[str] = []
    taken: set[str] = set()
    copies: dict[str, int] = {}
    issues: list[Issue] = []
    first: dict[str, int] = {}
    repeated: list[str] = []
    for place, text in enumerate(header, start=1):
        asked = column_name(text)
        name = asked or f"column {place}"
        if asked and asked in first:
            repeated.append(f"{_short(asked)!r} (columns {first[asked]} and {place})")
        first.setdefault(asked, place)
        while name in taken:
            copies[asked] = copies.get(asked, 1) + 1
            name = f"{asked} ({copies[asked]})"
        if name != asked:
            note = f"the header is {'repeated' if asked else 'blank'}; the column is called {name!r} here"
            where = Where(file=file, column=name)
            issues.append(Issue("column_renamed", "warning", where, note, "give each column a name of its own"))
        names.append(name)
        taken.add(name)
    if repeated and wanted.repeated_headers == "refuse":
        more = f" and {len(repeated) - _LISTED} more" if len(repeated) > _LISTED else ""
        message = f"{file} has columns of the same name: {', '.join(repeated[:_LISTED])}{more}"
        hint = "rename them; or number them, `name (2)`: `repeated_headers: number` under `table:` of the mapping"
        raise SurveyError(message, hint)
    return tuple(names), issues


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
