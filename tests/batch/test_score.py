"""A whole survey goes through, and every row of it comes out, in the scores or in the rejects."""

import csv
import json
import logging

import pandas as pd
import pytest

from legdx.batch import rejects_path, score_file, sidecar_path
from legdx.batch.writers import neutral, open_writer
from legdx.errors import MappingError, SurveyError
from legdx.knowledge import load_knowledge
from legdx.model import packaged_folder
from legdx.table import output_columns
from tests.batch.fake_model import FakeModel

MAPPING = """\
schema_version: "1.0"
name: small
id_column: id
columns:
  - {variable: age, from: age, number: {unit: years, plausible: [0, 120]}, missing: {"777": refused}}
  - {variable: sex, from: sex, values: {f: female, m: male}}
  - {variable: tremor, from: shake, values: {"1": present, "2": absent}, missing: {"9": unknown}}
unused:
  - {column: remark, reason: free text}
"""
SURVEY = """\
id,age,sex,shake,remark
a,67,m,1,fine
b,17,f,1,
c,,f,9,"=1+1"
,,,,
d,forty,f,1,
e,50,x,7,
=f,99,m,2,
g,98,m,2,
h,777,,,
"""


@pytest.fixture(scope="session")
def model():
    return FakeModel(load_knowledge(packaged_folder()))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "survey.csv").write_text(SURVEY, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def run(folder, model, output="out.csv", **options):
    return score_file(folder / "survey.csv", folder / "mapping.yaml", model, folder / output, **options)


def read(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_row_is_in_the_scores_or_left_out_with_a_reason(folder, model):
    report = run(folder, model)
    scores, rejects = read(folder / "out.csv"), read(folder / "out.rejects.csv")
    out = {row["row"]: row["effect"] for row in rejects if row["effect"] != "cell_left_out"}
    assert [row["row"] for row in scores] == ["1", "3", "6", "7", "8", "9"]
    assert out == {"2": "row_left_out", "4": "row_skipped", "5": "row_left_out"}
    assert [(row["row"], row["id"], row["code"]) for row in rejects] == [
        ("2", "b", "under_age"),
        ("4", "", "blank_row"),
        ("5", "d", "not_a_number"),
        ("6", "e", "unknown_code"),
        ("6", "e", "unknown_code"),
    ]
    assert (report.rows_in, report.rows_out) == (9, 6)


def test_the_counts_add_up(folder, model):
    report = run(folder, model)
    assert report.rows_in == report.rows_out + report.rejected + report.blank + report.not_selected
    assert (report.scored, report.impossible, report.too_costly, report.rejected, report.blank) == (4, 1, 1, 2, 1)
    assert sum(report.cells.values()) + report.bad_cells == report.rows_in * len(report.variables)
    assert report.bad_cells == 3
    assert dict(report.cells) == {"answered": 16, "unknown": 1, "refused": 1, "not_asked": 6, "not_applicable": 0}
    assert sum(report.reject_codes.values()) == len(read(folder / "out.rejects.csv"))


def test_the_output_has_the_promised_columns_and_copies_nothing_else(folder, model):
    run(folder, model)
    (header, *_) = (folder / "out.csv").read_text(encoding="utf-8").splitlines()
    assert header.split(",") == ["row", "id", *output_columns(model.knowledge.causes)]
    assert "fine" not in (folder / "out.csv").read_text(encoding="utf-8")


def test_a_row_that_cannot_be_scored_has_nothing_but_its_status_and_reason(folder, model):
    run(folder, model)
    row = read(folder / "out.csv")[3]
    assert (row["status"], row["reason"]) == ("impossible", "is impossible")
    assert {value for name, value in row.items() if name not in {"row", "id", "status", "reason"}} == {""}


def test_a_child_is_refused_and_its_age_is_not_repeated(folder, model):
    run(folder, model)
    row = read(folder / "out.rejects.csv")[0]
    assert (row["code"], row["column"], row["value"]) == ("under_age", "age", "")
    assert "17" not in row["reason"]


def test_the_result_does_not_depend_on_the_size_of_the_blocks(folder, model):
    def contents(size):
        run(folder, model, block_rows=size)
        return [(folder / name).read_bytes() for name in ("out.csv", "out.rejects.csv", "out.csv.run.json")]

    whole = contents(10_000)
    assert all(contents(size) == whole for size in (1, 2, 3, 8, 9))


def test_parquet_holds_the_same_numbers_with_their_types(folder, model):
    run(folder, model)
    run(folder, model, output="out.parquet", block_rows=2)
    text, typed = pd.read_csv(folder / "out.csv"), pd.read_parquet(folder / "out.parquet")
    assert list(text.columns) == list(typed.columns)
    assert typed["row"].tolist() == text["row"].tolist()
    assert typed["id"].tolist()[3] == "=f"
    assert typed["answered"].dtype.kind in "if"
    for column in (name for name in typed.columns if name.startswith("posterior_")):
        pd.testing.assert_series_equal(typed[column], text[column], check_exact=True)
    assert (folder / "out.parquet.run.json").exists()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_survey_of_which_nothing_can_be_used_gives_an_empty_table(folder, model, suffix):
    (folder / "survey.csv").write_text("id,age,sex,shake,remark\nb,17,f,1,\n", encoding="utf-8")
    report = run(folder, model, output=f"out{suffix}")
    assert (report.rows_in, report.rows_out, report.rejected) == (1, 0, 1)
    read_back = pd.read_csv if suffix == ".csv" else pd.read_parquet
    assert read_back(folder / f"out{suffix}").shape == (0, 2 + len(output_columns(model.knowledge.causes)))


def test_a_survey_without_rows_is_no_error(folder, model):
    (folder / "survey.csv").write_text("id,age,sex,shake,remark\n", encoding="utf-8")
    assert run(folder, model).rows_in == 0


def test_formulas_are_neutralised_in_csv(folder, model):
    (folder / "survey.csv").write_text("id,age,sex,shake,remark\n=f,30,@SUM(1),2,\n-5,30,m,2,\n", encoding="utf-8")
    run(folder, model)
    assert [row["id"] for row in read(folder / "out.csv")] == ["'=f", "-5"]
    (reject,) = read(folder / "out.rejects.csv")
    assert (reject["id"], reject["value"]) == ("'=f", "'@SUM(1)")


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@x", "\tx", "\r=x"])
def test_what_a_spreadsheet_would_run_gets_a_quote(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "-5", "+4.5", "1e3", "'x"])
def test_other_text_stays_as_it_is(text):
    assert neutral(text) == text


def test_the_record_of_the_run_names_what_the_result_depends_on_and_no_person(folder, model):
    report = run(folder, model)
    record = json.loads((folder / "out.csv.run.json").read_text(encoding="utf-8"))
    assert record["model"] == {"id": "fake", "version": "1.2.3", "digest": "0" * 64}
    assert record["mapping"]["name"] == "small"
    assert len(record["mapping"]["digest"]) == 64
    assert record["rows"]["in"] == report.rows_in
    assert "not a medical device" in record["disclaimer"]
    assert "forty" not in json.dumps(record)


def test_nothing_of_a_person_is_logged(folder, model, caplog):
    with caplog.at_level(logging.DEBUG, logger="legdx"):
        run(folder, model)
    assert "forty" not in caplog.text
    assert "9 rows" in caplog.text


def test_a_second_run_replaces_the_files_of_the_first(folder, model):
    run(folder, model)
    (folder / "survey.csv").write_text("id,age,sex,shake,remark\nz,30,m,2,\n", encoding="utf-8")
    run(folder, model)
    assert [row["id"] for row in read(folder / "out.csv")] == ["z"]
    assert read(folder / "out.rejects.csv") == []
    assert sorted(path.name for path in folder.iterdir()) == [
        "mapping.yaml",
        "out.csv",
        "out.csv.run.json",
        "out.rejects.csv",
        "survey.csv",
    ]


def test_a_run_that_fails_leaves_the_files_of_the_first_alone(folder, model):
    run(folder, model)
    before = (folder / "out.csv").read_bytes()
    (folder / "survey.csv").write_text(SURVEY + 'i,30,m,"2\n', encoding="utf-8")
    with pytest.raises(SurveyError):
        run(folder, model, block_rows=2)
    assert (folder / "out.csv").read_bytes() == before
    assert not [path for path in folder.iterdir() if path.name.endswith(".part")]


def test_rows_that_cannot_be_cut_into_cells_are_left_out(folder, model):
    (folder / "survey.csv").write_text("id,age,sex,shake,remark\na,30,m,2,x,y\nb,30\nc,30,m,2,\n", encoding="utf-8")
    report = run(folder, model)
    assert dict(report.reject_codes) == {"row_length": 2}
    assert [row["row"] for row in read(folder / "out.csv")] == ["3"]


def test_rows_that_the_model_refuses_are_left_out_too(folder, model):
    report = run(folder, FakeModel(model.knowledge, refuse=True))
    assert (report.rows_out, report.rejected, report.blank) == (0, 8, 1)
    assert report.reject_codes["rejected"] == 6


def test_the_rejects_go_where_they_are_sent(folder, model):
    report = run(folder, model, rejects=folder / "left.csv")
    assert report.rejects == str(folder / "left.csv")
    assert (folder / "left.csv").exists()
    assert not rejects_path(folder / "out.csv").exists()
    assert sidecar_path(folder / "out.csv").exists()


def test_an_id_column_may_have_the_name_of_one_of_ours(folder, model):
    (folder / "survey.csv").write_text(SURVEY.replace("id,", "row,", 1), encoding="utf-8")
    (folder / "mapping.yaml").write_text(MAPPING.replace("id_column: id", "id_column: row"), encoding="utf-8")
    run(folder, model)
    assert [row["row (survey)"] for row in read(folder / "out.csv")][:2] == ["a", "c"]


def test_without_an_id_column_the_number_of_the_row_tells_people_apart(folder, model):
    (folder / "mapping.yaml").write_text(MAPPING.replace("id_column: id\n", ""), encoding="utf-8")
    report = run(folder, model)
    assert "id" not in read(folder / "out.csv")[0]
    assert [issue.code for issue in report.issues if issue.where.row is None] == ["column_not_mapped"]


def test_warnings_about_the_file_stand_once_in_the_report(folder, model):
    (folder / "survey.csv").write_bytes(SURVEY.replace("fine", "é").replace("remark", "extra").encode("cp1252"))
    report = run(folder, model, block_rows=2)
    codes = [issue.code for issue in report.issues if issue.where.row is None]
    assert codes == ["encoding_assumed", "column_not_mapped"]


def test_a_column_that_is_missing_stops_the_run_before_anything_is_written(folder, model):
    (folder / "survey.csv").write_text("id,age\na,30\n", encoding="utf-8")
    with pytest.raises(MappingError, match="'sex'"):
        run(folder, model)
    assert not (folder / "out.csv").exists()


@pytest.mark.parametrize("output", ["survey.csv", "mapping.yaml", "nowhere/out.csv"])
def test_an_output_that_cannot_be_written_is_refused(folder, model, output):
    with pytest.raises(SurveyError):
        run(folder, model, output=output)
    assert (folder / "survey.csv").read_text(encoding="utf-8") == SURVEY


def test_rejects_over_the_output_are_refused(folder, model):
    with pytest.raises(SurveyError, match="same name"):
        run(folder, model, rejects=folder / "out.csv")


def test_a_block_needs_a_row(folder, model):
    with pytest.raises(ValueError, match="at least one row"):
        run(folder, model, block_rows=0)


def test_the_report_is_plain_json(folder, model):
    report = run(folder, model).to_dict()
    assert json.loads(json.dumps(report, allow_nan=False)) == report


@pytest.mark.parametrize("name", ["scores.xlsx", "scores.csv.gz", "scores.json"])
def test_a_name_that_promises_another_format_is_refused(tmp_path, name):
    with pytest.raises(SurveyError, match="CSV or Parquet"), open_writer(tmp_path / name, {"a": "text"}):
        pass
    assert list(tmp_path.iterdir()) == []
