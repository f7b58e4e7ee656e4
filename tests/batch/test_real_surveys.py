"""Every real file beside the repository is scored by a mapping that is part of it, or refused with the reason.

Without the files (the folder that LEGDX_SHARED names, or `shared` beside the repository) these tests skip.
"""

import os
from pathlib import Path

import pytest

from legdx.batch import score_file
from legdx.errors import SurveyError
from legdx.knowledge import load_knowledge
from legdx.model import packaged_folder
from legdx.survey import load_mapping, map_answers, open_table, read_table
from legdx.survey.cells import read_number
from tests.batch.fake_model import FakeModel

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("LEGDX_SHARED") or ROOT.parent / "shared") / "surveys"

SCORED = {
    "nhanes_2017_2018_1000.csv": ("nhanes_2017_2018", 1_000, 1_000),
    "uci_early_diabetes.csv": ("uci_early_diabetes", 520, 519),
    "excel_sep_line.csv": ("uci_early_diabetes", 199, 198),
    "redcap_decimal_comma/data.csv": ("redcap_decimal_comma", 4, 4),
    "surveymonkey_two_headers_cp1252.csv": ("surveymonkey_star_wars", 1_186, 1_186),
}
REFUSED = {
    "nhanes_codebook_leg_items.csv": "is a codebook",
    "redcap_checkboxes/dictionary.csv": "is a REDCap data dictionary",
    "redcap_decimal_comma/dictionary.csv": "is a REDCap data dictionary",
    "redcap_checkboxes/data.csv": "no column of data.csv is recognised",
    "qualtrics_three_headers.csv": "no column of qualtrics_three_headers.csv is recognised",
}

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the real surveys are not here; set LEGDX_SHARED")


@pytest.fixture(scope="module")
def model():
    return FakeModel(load_knowledge(packaged_folder()))


def test_no_real_file_is_forgotten():
    files = {path.relative_to(SHARED).as_posix() for path in SHARED.rglob("*.csv")}
    assert files == {*SCORED, *REFUSED}


@pytest.mark.parametrize("name", SCORED)
def test_a_real_file_is_scored_by_its_mapping_with_every_column_named(model, tmp_path, name):
    mapping, rows, scored = SCORED[name]
    report = score_file(SHARED / name, ROOT / "data" / "mappings" / f"{mapping}.yaml", model, tmp_path / "o.csv")
    assert (report.rows_in, report.rows_out, report.bad_cells) == (rows, scored, 0)
    assert report.rejected == rows - scored
    assert "column_not_mapped" not in {issue.code for issue in report.issues}


@pytest.mark.parametrize("name", REFUSED)
def test_a_real_file_without_answers_is_refused_with_the_reason(model, tmp_path, name):
    with pytest.raises(SurveyError, match=REFUSED[name]):
        score_file(SHARED / name, None, model, tmp_path / "o.csv")
    assert list(tmp_path.iterdir()) == []


def test_the_one_who_is_left_out_is_under_age(model, tmp_path):
    mapping = ROOT / "data" / "mappings" / "uci_early_diabetes.yaml"
    report = score_file(SHARED / "uci_early_diabetes.csv", mapping, model, tmp_path / "o.csv")
    assert dict(report.reject_codes) == {"under_age": 1}


def test_the_same_people_come_out_of_both_files_of_the_diabetes_survey(model):
    mapping = load_mapping(ROOT / "data" / "mappings" / "uci_early_diabetes.yaml", model)
    plain, excel = (
        map_answers(read_table(SHARED / name), mapping, model).answers
        for name in ("uci_early_diabetes.csv", "excel_sep_line.csv")
    )
    assert excel.equals(plain.head(len(excel)))


def test_the_layouts_of_the_real_files_are_seen():
    found = {name: open_table(SHARED / name) for name in (*SCORED, "qualtrics_three_headers.csv")}
    assert {name: table.header_rows for name, table in found.items() if table.header_rows > 1} == {
        "surveymonkey_two_headers_cp1252.csv": 2,
        "qualtrics_three_headers.csv": 3,
    }
    assert found["surveymonkey_two_headers_cp1252.csv"].dialect.encoding == "cp1252"
    assert (found["excel_sep_line.csv"].dialect.delimiter, found["excel_sep_line.csv"].dialect.skipped) == (";", 1)
    assert "This is a multiple choice question." in found["qualtrics_three_headers.csv"].texts


def test_the_decimal_commas_of_redcap_are_numbers_where_they_are_announced():
    frame = read_table(SHARED / "redcap_decimal_comma" / "data.csv")
    assert [read_number(cell, comma=True) for cell in frame["height"]] == [1.54, 1.84, 1.95, 1.61]
    assert [read_number(cell) for cell in frame["height"]] == [None] * 4
    assert [read_number(cell) for cell in frame["bmi"]] == [22.1, 27.3, 32.5, 17.7]


def test_unticked_boxes_of_a_real_redcap_form_are_no_answers(model, tmp_path):
    mapping = tmp_path / "boxes.yaml"
    mapping.write_text(
        """\
schema_version: "1.1"
name: boxes
multi_select:
  - question: check_one
    boxes: {check_one___1: tremor_in_hands, check_one___2: tremor_in_legs}
    ticked: ["1"]
    unticked: ["0"]
    unticked_is: absent
    shown_when: {form_2_complete: ["2"]}
""",
        encoding="utf-8",
    )
    frame = read_table(SHARED / "redcap_checkboxes" / "data.csv")
    answers = map_answers(frame, load_mapping(mapping, model), model).answers
    assert answers["tremor_in_hands"].tolist() == ["present", "not_asked", "present", "not_asked"]
    assert answers["tremor_in_legs"].tolist() == ["absent", "not_asked", "present", "not_asked"]
