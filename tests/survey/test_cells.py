"""A cell is compared by its number if it is one, and by its text otherwise."""

import pytest

from legdx.survey.cells import cell_key, column_name, listed_codes, read_number


@pytest.mark.parametrize(("text", "number"), [("2", 2.0), (" 2.50 ", 2.5), ("-3", -3.0), (".5", 0.5), ("1e2", 100.0)])
def test_a_number_is_read(text, number):
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["", "1,5", "80+", "nan", "inf", "1_000", "0x10", "two", "1 2", "٣"])
def test_what_only_looks_like_a_number_is_none(text):
    assert read_number(text) is None


@pytest.mark.parametrize("text", ["2.0", " 2 ", "2.", "+2", "02"])
def test_one_number_is_one_code_however_it_is_written(text):
    assert cell_key(text) == cell_key("2")


def test_zero_of_a_sas_file_is_zero():
    assert cell_key("5.397605346934028e-79") == cell_key("0")


def test_text_is_compared_with_its_case():
    assert cell_key(" Yes ") == "Yes"
    assert cell_key("Yes") != cell_key("yes")


def test_a_header_is_compared_with_single_spaces():
    assert column_name(" How old\n are  you? ") == "How old are you?"


def test_a_long_list_of_codes_is_cut():
    assert listed_codes(map(str, range(20)), most=2) == "'0', '1' and 18 more"
