"""A look at the first rows shows every cell beside what becomes of it."""

from pathlib import Path

from legdx.survey import load_mapping, open_table
from legdx.survey.preview import preview

FIXTURES = Path(__file__).parent / "fixtures"


def lines(layout, leg, rows=2):
    mapping = load_mapping(FIXTURES / layout / "mapping.yaml", leg, draft=True)
    return preview(open_table(FIXTURES / layout / "data.csv", mapping.table), mapping, leg, rows)


def test_each_variable_has_a_line_with_cells_and_answers(leg):
    found, _ = lines("redcap", leg)
    by_name = {line.variable: line for line in found}
    assert by_name["potassium_low"].cells == (("3,2",), ("4,4",))
    assert by_name["potassium_low"].answers == ("mild", "none")
    assert by_name["tremor_in_hands"].columns[:2] == ("where_shake___1", "where_shake___2")
    assert by_name["sex"].shown() == ("sex", "sex", "1 → male", "1 → male")
    assert by_name["sex"].to_dict()["rows"][0] == {"cells": ["1"], "answer": "male"}


def test_soft_blank_and_unreadable_cells_are_shown_as_what_they_are(leg):
    found, mapped = lines("by_hand", leg, 5)
    shown = {line.variable: line.shown()[2:] for line in found}
    assert shown["tremor"][0] == "yes · very → absent 0.01, present 0.99"
    assert shown["tremor_at_rest"][1] == "yes · no → (not readable)"
    assert shown["sex"][3] == "(blank) → not_asked"
    assert {issue.code for issue in mapped.issues} >= {"implausible", "attribute_without_complaint"}
