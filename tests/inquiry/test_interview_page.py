"""docs/interview.md runs, and its costs are those of the code."""

import doctest
import re
from pathlib import Path

from legdx.inquiry import COSTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "interview.md"


def test_its_examples_are_true():
    found = doctest.testfile(str(PAGE), module_relative=False)
    assert found.attempted > 0
    assert found.failed == 0


def test_its_table_of_costs_is_that_of_the_code():
    rows = re.findall(r"^\| ([a-z ]+) \| (\d+) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert {name.replace(" ", "_"): float(cost) for name, cost in rows} == dict(COSTS)
