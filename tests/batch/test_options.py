"""Policies, ids, chosen rows and columns, long tables, dataframes: each row in its place or written down."""

import csv
import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from legdx.batch import ScoreOptions, score_file, score_frame
from legdx.errors import LegdxError, MappingError, SurveyError, UnknownNameError
from legdx.knowledge import load_knowledge
from legdx.model import packaged_folder
from legdx.outputs import STATUS, ColumnGroup, groups, output_columns, register
from legdx.survey import TableFormat
from tests.batch.fake_model import FakeModel

try:
    import polars as pl
except ImportError:  # an extra
    pl = None

MAPPING = """\
schema_version: "1.1"
name: small
id_column: id
weight_column: w
strata_columns: [psu]
only_rows: {kind: [real]}
columns:
  - {variable: age, from: age, number: {unit: years, plausible: [0, 120]}}
  - {variable: sex, from: sex, values: {f: female, m: male}}
  - {variable: tremor, from: shake, values: {"1": present, "2": absent}, missing: {"9": unknown}}
  - {variable: tremor_at_rest, from: rest, values: {"1": present, "2": absent}}
  - {variable: pregnancy, from: preg, values: {"1": present, "2": absent}}
"""
SURVEY = """\
id,kind,w,psu,age,sex,shake,rest,preg
a,real,1.5,x,67,m,1,1,
b,real,2,x,323,f,1,2,
c,real,x,y,40,m,2,,1
d,real,,y,50,f,2,1,
,,,,,,,,
e,test,1,y,50,f,2,2,
f,real,1,y,soon,f,2,2,
g,real,1,y,17,f,2,2,
h,real,1,y,35,f,2,2,1
"""


@pytest.fixture(scope="session")
def model():
    return FakeModel(load_knowledge(packaged_folder()))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "survey.csv").write_text(SURVEY, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def run(folder, model, output="out.csv", block_rows=1_000, **options):
    chosen = ScoreOptions(**options)
    return score_file(
        folder / "survey.csv", folder / "mapping.yaml", model, folder / output, block_rows=block_rows, options=chosen
    )


def read(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def rejects(folder):
    return read(folder / "out.rejects.csv")


def change(folder, old, new, name="mapping.yaml"):
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


# ---------------------------------------------------------------------------------------- policies


def test_the_lenient_policy_leaves_out_cells_and_says_so(folder, model):
    report = run(folder, model)
    assert [row["row"] for row in read(folder / "out.csv")] == ["1", "2", "3", "4", "9"]
    effects = {(row["row"], row["code"]): row["effect"] for row in rejects(folder)}
    assert effects == {
        ("2", "implausible"): "cell_left_out",
        ("3", "no_weight"): "cell_left_out",
        ("3", "impossible_for_person"): "cell_left_out",
        ("4", "attribute_without_complaint"): "cell_left_out",
        ("5", "blank_row"): "row_skipped",
        ("6", "not_selected"): "row_skipped",
        ("7", "not_a_number"): "row_left_out",
        ("8", "under_age"): "row_left_out",
    }
    assert (report.scored, report.rejected, report.blank, report.not_selected) == (5, 2, 1, 1)


def test_the_strict_policy_leaves_out_the_rows(folder, model):
    report = run(folder, model, policy="strict")
    assert [row["row"] for row in read(folder / "out.csv")] == ["1", "9"]
    left = {row["row"] for row in rejects(folder) if row["effect"] == "row_left_out"}
    assert left == {"2", "3", "4", "7", "8"}
    assert report.rows_in == report.rows_out + report.rejected + report.blank + report.not_selected == 9


def test_of_an_attribute_without_its_complaint_neither_answer_is_used(folder, model):
    run(folder, model)
    answered = {row["row"]: row["answered"] for row in read(folder / "out.csv")}
    assert answered["4"] == "2"  # age and sex; tremor and its attribute are gone
    assert answered["3"] == "3"  # age, sex and tremor; pregnancy is gone


def test_rows_with_cells_left_out_are_flagged(folder, model):
    run(folder, model)
    flags = {row["row"]: row["flags"] for row in read(folder / "out.csv")}
    assert flags == {"1": "", "2": "cells_left_out", "3": "cells_left_out", "4": "cells_left_out", "9": ""}


def test_weights_are_numbers_and_strata_are_copied(folder, model):
    run(folder, model, output="out.parquet")
    scores = pd.read_parquet(folder / "out.parquet")
    assert scores["w"].tolist()[:2] == [1.5, 2.0]
    assert scores["w"].isna().tolist() == [False, False, True, True, False]
    assert scores["psu"].tolist() == ["x", "x", "y", "y", "y"]


# ---------------------------------------------------------------------------------------- ids


def repeat(folder):
    change(folder, "h,real", "a,real", "survey.csv")


def test_repeated_ids_are_refused_with_their_rows_until_a_rule_is_given(folder, model):
    repeat(folder)
    with pytest.raises(SurveyError, match=r"rows 1 and 9") as caught:
        run(folder, model)
    assert "repeated_ids: keep" in caught.value.hint
    assert not (folder / "out.csv").exists()


@pytest.mark.parametrize(
    ("rule", "kept"),
    [("keep", ["1", "2", "3", "4", "9"]), ("first", ["1", "2", "3", "4"]), ("last", ["2", "3", "4", "9"])],
)
def test_each_rule_about_repeated_ids_keeps_its_rows(folder, model, rule, kept):
    repeat(folder)
    change(folder, "id_column: id", f"id_column: id\nrepeated_ids: {rule}")
    report = run(folder, model, block_rows=2)
    assert [row["row"] for row in read(folder / "out.csv")] == kept
    assert report.reject_codes.get("repeated_id", 0) == 5 - len(kept)


def test_several_columns_can_be_the_id(folder, model):
    repeat(folder)
    change(folder, "id_column: id", "id_column: [id, age]")
    assert run(folder, model).scored == 5


def test_blank_ids_and_rows_that_are_no_persons_are_not_repeated(folder, model):
    change(folder, "e,test", "a,test", "survey.csv")
    change(folder, "b,real", ",real", "survey.csv")
    change(folder, "c,real", ",real", "survey.csv")
    assert run(folder, model).scored == 5


# ---------------------------------------------------------------------------------------- outputs


def test_only_the_chosen_columns_are_written_after_those_that_are_copied(folder, model):
    run(folder, model, outputs=("first", "ranks", "posterior_stroke"))
    header = list(read(folder / "out.csv")[0])
    assert header[:8] == ["row", "id", "w", "psu", "status", "reason", "first_cause", "first_probability"]
    assert header[8:] == [*(f"rank_{cause}" for cause in model.knowledge.causes), "posterior_stroke"]


def test_an_unknown_output_is_named_with_the_nearest(folder, model):
    with pytest.raises(UnknownNameError) as caught:
        run(folder, model, outputs=("posterior",))
    assert "posteriors" in caught.value.hint


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_long_table_has_a_row_a_person_and_cause(folder, model, suffix):
    run(folder, model, output=f"out{suffix}", layout="long", outputs=("posteriors", "ranks"))
    reader = pd.read_csv if suffix == ".csv" else pd.read_parquet
    long = reader(folder / f"out{suffix}")
    causes = list(model.knowledge.causes)
    assert list(long.columns) == ["row", "id", "w", "psu", *STATUS, "cause", "posterior", "rank"]
    assert len(long) == 5 * len(causes)
    assert long["cause"].tolist()[: len(causes)] == causes
    run(folder, model, output="wide.csv", outputs=("posteriors",))
    wide = pd.read_csv(folder / "wide.csv").set_index("row")
    for row, cause, posterior in zip(long["row"], long["cause"], long["posterior"], strict=True):
        assert wide.loc[row, f"posterior_{cause}"] == posterior


def test_a_long_table_needs_a_column_a_cause(folder, model):
    with pytest.raises(SurveyError, match="a column a cause"):
        run(folder, model, layout="long", outputs=("first",))


def test_the_digest_is_in_the_metadata_and_in_the_sidecar(folder, model):
    run(folder, model, output="out.parquet", policy="strict")
    metadata = pq.read_schema(folder / "out.parquet").metadata
    sidecar = json.loads((folder / "out.parquet.run.json").read_text(encoding="utf-8"))
    assert metadata[b"legdx.model_digest"].decode() == sidecar["model"]["digest"] == model.digest
    assert metadata[b"legdx.mapping_digest"].decode() == sidecar["mapping"]["digest"]
    assert sidecar["policy"] == "strict"
    assert sidecar["survey"]["delimiter"] == ","
    assert "not a medical device" in metadata[b"legdx.disclaimer"].decode()


def test_a_group_is_added_by_one_call_and_its_columns_cannot_be_taken_twice(monkeypatch):
    monkeypatch.setattr("legdx.outputs._GROUPS", dict(groups()))
    before = output_columns(["x"])
    register(ColumnGroup("length", "how many causes", lambda _: {"causes": "count"}, lambda _, causes: (len(causes),)))
    assert output_columns(["x"]) == (*before, "causes")
    with pytest.raises(LegdxError, match="'causes' is there already"):
        register(ColumnGroup("other", "", lambda _: {"causes": "count"}, lambda _, __: (0,)))


# ---------------------------------------------------------------------------------------- the table as a whole


def test_what_a_switch_says_wins_over_the_mapping(folder, model):
    (folder / "survey.csv").write_text(SURVEY.replace(",", ";"), encoding="utf-8")
    change(folder, "id_column: id", 'table: {delimiter: ","}\nid_column: id')
    with pytest.raises(SurveyError, match="no column of the table is recognised"):
        run(folder, model)
    assert run(folder, model, table=TableFormat(delimiter=";")).scored == 5


def test_a_file_of_other_codes_is_refused_before_anything_is_written(folder, model):
    text = "id,kind,w,psu,age,sex,shake,rest,preg\n" + "".join(f"{i},real,1,x,40,f,Yes,No,\n" for i in range(4))
    (folder / "survey.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SurveyError, match="not one answer can be read, and 8 cells cannot"):
        run(folder, model)
    assert not (folder / "out.csv").exists()


def test_columns_that_are_missing_are_named_before_anything_is_scored(folder, model):
    change(folder, "rest,preg", "rest,pregnant", "survey.csv")
    with pytest.raises(MappingError, match="'pregnant'"):
        run(folder, model)


def test_progress_counts_all_rows(folder, model):
    seen = []
    run(folder, model, block_rows=4, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(4, 9), (8, 9), (9, 9)]


def test_blocks_do_not_change_a_byte_whatever_the_options(folder, model):
    def contents(size):
        run(folder, model, block_rows=size, policy="strict", layout="long")
        return [(folder / name).read_bytes() for name in ("out.csv", "out.rejects.csv", "out.csv.run.json")]

    whole = contents(100)
    assert all(contents(size) == whole for size in (1, 2, 5, 9))


# ---------------------------------------------------------------------------------------- dataframes


def as_frame(kind, text=SURVEY):
    lines = list(csv.reader(text.splitlines()))
    columns = {name: [row[place] or None for row in lines[1:]] for place, name in enumerate(lines[0])}
    if kind == "pandas":
        return pd.DataFrame(columns, index=[f"p{n}" for n in range(len(lines) - 1)])
    return pa.table(columns) if kind == "arrow" else pl.DataFrame(columns)


def as_columns(frame):
    if isinstance(frame, pd.DataFrame):
        return {name: [None if pd.isna(v) else v for v in frame[name]] for name in frame.columns}
    return frame.to_pydict() if isinstance(frame, pa.Table) else frame.to_dict(as_series=False)


KINDS = ["pandas", "arrow", pytest.param("polars", marks=pytest.mark.skipif(pl is None, reason="polars is an extra"))]


@pytest.mark.parametrize("kind", KINDS)
def test_a_dataframe_comes_back_as_its_kind_with_every_row_in_its_place(folder, model, kind):
    frame = as_frame(kind)
    scored, report = score_frame(frame, folder / "mapping.yaml", model)
    assert type(scored) is type(frame)
    found = as_columns(scored)
    assert found["id"] == ["a", "b", "c", "d", None, "e", "f", "g", "h"]
    assert found["status"] == [*["scored"] * 4, "skipped", "skipped", "rejected", "rejected", "scored"]
    assert [None if reason is None else reason.split(":")[0] for reason in found["reason"]] == [
        *[None] * 4,
        "blank_row",
        "not_selected",
        "not_a_number",
        "under_age",
        None,
    ]
    run(folder, model)
    for row in read(folder / "out.csv"):
        assert float(row["first_probability"]) == found["first_probability"][int(row["row"]) - 1]
    assert (report.scored, report.rejected, report.blank, report.not_selected) == (5, 2, 1, 1)
    if kind == "pandas":
        assert scored.index.equals(frame.index)


@pytest.mark.parametrize("kind", KINDS)
def test_a_dataframe_can_come_back_long(folder, model, kind):
    scored, _ = score_frame(as_frame(kind), folder / "mapping.yaml", model, layout="long", outputs=["posteriors"])
    found = as_columns(scored)
    causes = list(model.knowledge.causes)
    assert len(found["id"]) == 5 * len(causes) + 4
    assert found["cause"][: len(causes)] == causes
    assert [cause for cause, status in zip(found["cause"], found["status"], strict=True) if status != "scored"] == [
        None
    ] * 4


def test_a_dataframe_of_the_own_questionnaire_needs_no_mapping(model):
    frame = pd.DataFrame({"id": [7, 8], "age": [40, None], "tremor": ["present", "unknown"]}, index=[5, 3])
    scored, _ = score_frame(frame, None, model)
    assert scored.index.tolist() == [5, 3]
    assert scored["id"].tolist() == [7, 8]
    assert scored["status"].tolist() == ["scored", "scored"]


def test_what_is_no_dataframe_is_refused(folder, model):
    with pytest.raises(LegdxError, match="cannot be scored"):
        score_frame([1, 2], folder / "mapping.yaml", model)
