"""One, two and three header rows are told apart, and rows of answers are not taken for headers."""

import pytest

from legdx.errors import SurveyError
from legdx.survey import TableFormat
from legdx.survey.header import plain_text, read_header

IMPORT_IDS = ['{"ImportId":"startDate"}', '{"ImportId":"QID1","choiceId":"2"}']


def header(*rows, **wanted):
    return read_header([list(row) for row in rows], TableFormat(**wanted), "s.csv")


@pytest.mark.parametrize(
    ("rows", "number"),
    [
        ([["a", "b"], ["1", "2"], ["3", "4"]], 1),
        ([["StartDate", "Q1"], ["Start Date", "How old?"], IMPORT_IDS], 3),
        ([["StartDate", "Q1"], IMPORT_IDS, ["2026", "4"]], 2),
        ([["StartDate", "EndDate", "Q1"], ["Start Date", "End Date", "How old?"], ["2026-1-1", "2026-1-1", "4"]], 2),
        ([["StartDate", "EndDate", "Q1"], ["2026-01-01", "2026-01-01", "40"]], 1),
        ([["V1", "V8", "Q1"], ["ResponseID", "StartDate", "How old?"], ["R_1", "2012-1-1", "4"]], 2),
        ([["ID", "How old?", "Ill?", ""], ["", "Open-Ended Response", "Yes", "No"], ["1", "40", "Yes", ""]], 2),
        ([["ID", "Ticks", "", ""], ["", "A", "B", "C"], ["1", "A", "", ""]], 2),
        ([["ID", "Ticks", "", ""], ["7", "A", "B", "C"], ["1", "A", "", ""]], 1),
        ([["ID", "kind"], ["x", "Response"], ["y", "Refusal"]], 1),
        ([["ID", "a", "", ""], ["", "1", "2", "3"]], 1),
        ([["a", "b"]], 1),
    ],
)
def test_header_rows_are_counted(rows, number):
    assert header(*rows).rows == number


def test_questions_over_choices_give_one_name_each():
    found = header(
        ["ID", "How old?", "Which?", "", "Other"],
        ["", "Response", "Hands", "Legs", "Response"],
        ["1", "40", "Hands", "", ""],
    )
    assert found.columns == ("ID", "How old?", "Which? [Hands]", "Which? [Legs]", "Other")


def test_a_switch_wins_over_what_is_seen():
    rows = (["StartDate", "Q1"], ["Start Date", "How old?"], IMPORT_IDS)
    assert header(*rows, header_rows=1).texts == ("", "")
    assert header(["a"], ["A?"], ["1"], header_rows=2).texts == ("A?",)


@pytest.mark.parametrize(
    ("rows", "wanted"), [([["1", "2"]], {}), ([["", ""]], {}), ([], {}), ([["a"]], {"header_rows": 2})]
)
def test_a_table_without_its_header_is_refused(rows, wanted):
    with pytest.raises(SurveyError, match="header"):
        header(*rows, **wanted)


def test_tags_and_entities_are_taken_out():
    assert plain_text("<p>Pain &amp; <b>cramps</b> &lt; 5</p>") == "Pain & cramps < 5"
    assert plain_text("a < b") == "a < b"
    assert header(["<b>A</b> &#039;x&#039;"], html_entities=True).columns == ("A 'x'",)
