"""The pages say what the record says, the first run beside the last."""

import copy
import json
from pathlib import Path

import pytest

from legdx.report import evaluation_page, misses_page

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "evaluation"


@pytest.fixture
def first():
    return json.loads((FOLDER / "first.json").read_text(encoding="utf-8"))


def test_the_first_run_alone_has_one_column(first):
    page = evaluation_page(first, None, "make evaluate")
    assert "| standard | first (31 cases) |" in page
    assert first["stamp"]["digest"] in page


def test_a_later_run_stands_beside_the_first_and_the_tables_are_its(first):
    last = copy.deepcopy(first)
    last["stamp"]["digest"] = "f" * 64
    last["sections"][0]["top"]["posterior"]["3"] |= {"hits": 30, "share": 30 / 31}
    page = evaluation_page(first, last, "make evaluate")
    assert "| standard | first (31 cases) | last (31 cases) |" in page
    assert "30/31 = 97 %" in page.split("## Right causes")[1]
    assert first["stamp"]["digest"] in page
    assert last["stamp"]["digest"] in page


def test_every_case_and_every_lack_has_a_row(first):
    page = evaluation_page(first, None, "make evaluate")
    for outcome in first["outcomes"]:
        assert f"| {outcome['id']} | " in page
    for lack in first["lacks"]:
        assert lack["what"] in page


def test_every_missed_case_has_its_section(first):
    page = misses_page(first, "make evaluate")
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == [m["id"] for m in first["misses"]]


def test_all_rows_of_a_table_are_equally_wide(first):
    for page in (evaluation_page(first, None, "x"), misses_page(first, "x")):
        for block in page.split("\n\n"):
            rows = [line for line in block.splitlines() if line.startswith("|")]
            assert len({line.replace("\\|", "").count("|") for line in rows}) <= 1


def test_cases_without_a_result_are_told_and_counted_both_ways(first):
    whole = next(s for s in first["sections"] if s["name"] == "all adults")
    whole["scored"] -= 1
    assert "1 without a result" in evaluation_page(first, None, "x")
    assert "Without those" in evaluation_page(first, None, "x")
