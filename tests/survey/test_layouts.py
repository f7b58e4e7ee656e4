"""What each survey tool leaves, with its traps, is read as a person would read it.

Every folder of `fixtures` is one layout: the export, its mapping, and the answers that come out, written by hand. The
people in them are invented.
"""

import csv
from pathlib import Path

import pytest

from legdx.survey import load_mapping, map_answers, open_table, read_table

FIXTURES = Path(__file__).parent / "fixtures"
LAYOUTS = sorted(folder.name for folder in FIXTURES.iterdir() if (folder / "expected.csv").is_file())


def shown(cell):
    if cell is None:
        return "(bad)"
    if isinstance(cell, dict):
        return " ".join(f"{state} {weight:.3g}" for state, weight in sorted(cell["likelihood"].items()))
    return str(cell)


def mapped(layout, leg):
    mapping = load_mapping(FIXTURES / layout / "mapping.yaml", leg)
    frame = read_table(FIXTURES / layout / "data.csv", wanted=mapping.table)
    return mapping, map_answers(frame, mapping, leg)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_answers_that_a_person_reads_in_it(layout, leg):
    _, found = mapped(layout, leg)
    with (FIXTURES / layout / "expected.csv").open(encoding="utf-8", newline="") as stream:
        expected = list(csv.DictReader(stream))
    rows = found.answers.to_dict("records")
    assert [{name: shown(cell) for name, cell in row.items()} for row in rows] == [
        {name: cell for name, cell in row.items() if name != "issues"} for row in expected
    ]
    codes = [[issue.code for issue in found.issues if issue.where.row == row] for row in range(1, len(rows) + 1)]
    assert [sorted(found) for found in codes] == [sorted(row["issues"].split()) for row in expected]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_column_of_a_layout_is_left_unsaid(layout, leg):
    mapping, found = mapped(layout, leg)
    known = {*mapping.columns, *mapping.unused}
    left = [issue.where.column for issue in found.issues if issue.code == "column_not_mapped"]
    assert all(column not in known for column in left)
    assert left == []


@pytest.mark.parametrize(
    ("layout", "rows", "encoding", "delimiter"),
    [
        ("qualtrics", 3, "utf-8", ","),
        ("qualtrics_old", 2, "utf-8", ","),
        ("surveymonkey", 2, "cp1252", ","),
        ("kobo", 1, "utf-8", ";"),
        ("by_hand", 1, "utf-8-sig", ";"),
        ("google_forms", 1, "utf-8", ","),
    ],
)
def test_header_rows_encoding_and_delimiter_are_seen(layout, rows, encoding, delimiter):
    table = open_table(FIXTURES / layout / "data.csv")
    assert (table.header_rows, table.dialect.encoding, table.dialect.delimiter) == (rows, encoding, delimiter)


def test_the_question_texts_of_qualtrics_stand_with_their_columns():
    table = open_table(FIXTURES / "qualtrics" / "data.csv")
    assert dict(zip(table.columns, table.texts, strict=True))["Q1"] == "How old are you?"
