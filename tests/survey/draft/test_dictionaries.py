"""Dictionaries of several tools say what a column asks and what its codes mean."""

from pathlib import Path

import pytest

from legdx.errors import SurveyError
from legdx.survey.draft import read_dictionary

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"


def test_a_redcap_dictionary_gives_questions_codes_and_boxes():
    found = read_dictionary(FIXTURES / "redcap" / "dictionary.csv")
    assert found["sex"].codes == {"1": "Male", "2": "Female"}
    box = found["where_shake___1"]
    assert (box.box_of, box.choice, box.text) == ("where_shake", "Shaking hands", "Where do you shake?")
    assert found["bmi"].codes == {}


def test_an_xlsform_gives_questions_lists_and_boxes(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "survey"
    for row in (["type", "name", "label"], ["begin group", "legs", ""], ["select_one yn", "weak", "Weak legs?"]):
        book.active.append(row)
    book.active.append(["select_multiple where", "shake", "Where do you shake?"])
    choices = book.create_sheet("choices")
    for row in (["list_name", "name", "label"], ["yn", "1", "Yes"], ["yn", "0", "No"], ["where", "h", "Hands"]):
        choices.append(row)
    book.save(tmp_path / "form.xlsx")
    found = read_dictionary(tmp_path / "form.xlsx")
    assert found["weak"].codes == {"1": "Yes", "0": "No"}
    assert (found["shake/h"].box_of, found["shake/h"].choice) == ("shake", "Hands")


def test_a_plain_list_and_an_nhanes_codebook_are_read(tmp_path):
    plain = tmp_path / "plain.csv"
    plain.write_text('Variable,Label,Codes\nQ1,Weak legs?,"1=Yes; 2=No; 9=Don\'t know"\n', encoding="utf-8")
    assert read_dictionary(plain)["Q1"].codes == {"1": "Yes", "2": "No", "9": "Don't know"}
    codebook = tmp_path / "codebook.csv"
    codebook.write_text('Code;Name;Codebook\nPFQ1;Walking;"{""1"": ""Yes"", ""."": ""Missing""}"\n', encoding="utf-8")
    assert read_dictionary(codebook)["PFQ1"].codes == {"1": "Yes"}


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "PK\x03\x04nothing"])
def test_what_is_no_dictionary_is_refused(tmp_path, text):
    path = tmp_path / "other.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SurveyError):
        read_dictionary(path)
