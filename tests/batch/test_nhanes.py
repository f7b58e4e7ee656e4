"""1,000 real respondents of NHANES 2017-2018 go in, and 1,000 scored rows come out.

The file is no part of the repository: it is looked for in the folder that LEGDX_SHARED names, or in `shared` beside
the repository, and without it these tests skip.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import legdx
from legdx.batch import score_file
from legdx.survey import load_mapping, read_table

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("LEGDX_SHARED") or ROOT.parent / "shared")
SURVEY = SHARED / "surveys" / "nhanes_2017_2018_1000.csv"
MAPPING = ROOT / "data" / "mappings" / "nhanes_2017_2018.yaml"

pytestmark = pytest.mark.skipif(not SURVEY.is_file(), reason="the NHANES extract is not here; set LEGDX_SHARED")


@pytest.fixture(scope="module")
def model():
    return legdx.load_model()


@pytest.fixture(scope="module")
def run(model, tmp_path_factory):
    output = tmp_path_factory.mktemp("nhanes") / "scores.parquet"
    report = score_file(SURVEY, MAPPING, model, output, block_rows=300)
    return report, pd.read_parquet(output), read_table(SURVEY)


def test_every_column_is_mapped_or_listed_with_a_reason(model):
    mapping = load_mapping(MAPPING, model)
    columns = set(read_table(SURVEY).columns)
    assert columns == set(mapping.columns) | set(mapping.unused)
    assert all(reason.strip() for reason in mapping.unused.values())


def test_no_row_is_lost_and_none_is_rejected(run):
    report, scores, survey = run
    assert (report.rows_in, report.rows_out, report.rejected, report.bad_cells) == (len(survey), len(survey), 0, 0)
    assert scores["SEQN"].tolist() == survey["SEQN"].tolist()
    assert scores["row"].tolist() == list(range(1, len(survey) + 1))
    assert set(scores["status"]) == {"scored"}


def test_every_number_is_a_probability_and_none_is_missing(run):
    _, scores, _ = run
    numbers = scores.filter(regex="^posterior_|^first_probability$").to_numpy(dtype=float)
    assert np.isfinite(numbers).all()
    assert ((numbers >= 0) & (numbers <= 1)).all()
    assert np.isfinite(scores["log_evidence"]).all()
    assert not scores.drop(columns="reason").isna().any(axis=None)


def test_the_cells_add_up_and_every_mapped_variable_is_answered_by_someone(run):
    report, _, survey = run
    assert sum(report.cells.values()) == len(survey) * len(report.variables)
    assert all(count["answered"] for count in report.variables.values())
    assert all(report.cells[kind] for kind in ("answered", "unknown", "refused", "not_asked"))


def number(cells):
    return pd.to_numeric(cells, errors="coerce")


def test_the_answers_are_those_that_a_second_reading_of_the_codebook_gives(run, model):
    """Written against the codebook alone, with pandas and without the mapping."""
    from legdx.survey import map_answers

    _, _, text = run
    found = map_answers(text, load_mapping(MAPPING, model), model).answers
    raw = text.apply(number)

    expected = raw["DPQ030"].map({0: "absent", 1: "absent", 2: "present", 3: "present", 7: "refused", 9: "unknown"})
    assert found["sleep_disruption"].tolist() == expected.fillna("not_asked").tolist()

    ill = raw[["HSQ500", "HSQ510", "HSQ520"]]
    assert ((found["recent_infection"] == "present") == (ill == 1).any(axis=1)).all()
    assert ((found["recent_infection"] == "absent") == (ill == 2).all(axis=1)).all()

    much = raw["PFQ061B"].isin([3, 4]) | (raw["PFQ061B"].isna() & raw["PFQ061H"].isin([3, 4]))
    assert ((found["difficulty_walking"] == "present") == much).all()
    assert not (raw["PFQ054"].eq(1) & (found["difficulty_walking"] == "absent")).any()

    days = raw["ALQ121"].map({0: 0, 1: 7, 2: 5.5, 3: 3.5, 4: 2, 5: 1, 6: 0.6, 7: 0.25, 8: 0.2, 9: 0.1, 10: 0.03})
    weekly = days * raw["ALQ130"].where(raw["ALQ130"] < 700)
    limit = raw["RIAGENDR"].map({1: 14, 2: 7})
    heavy = (weekly > limit) | raw["ALQ142"].between(1, 5)
    known = raw["ALQ121"].notna() | (raw["ALQ111"] == 2)
    assert ((found["heavy_alcohol_use"] == "present") == heavy)[known & raw["ALQ142"].ne(99)].all()
    assert (found["heavy_alcohol_use"][raw["ALQ111"] == 2] == "absent").all()

    named = (raw[[f"PFQ063{letter}" for letter in "ABCDE"]] == 16).any(axis=1)
    assert ((found["diabetes"] == "present") == named).all()
    assert not (found["diabetes"] == "absent").any()

    stroke = (raw[[f"PFQ063{letter}" for letter in "ABCDE"]] == 25).any(axis=1)
    assert ((found["stroke_residual"] == "present") == stroke).all()
    assert not (found["stroke_residual"] == "absent").any()

    pressure = raw["BPQ020"].map({1: "present", 2: "absent", 7: "refused", 9: "unknown"}).fillna("not_asked")
    assert found["high_blood_pressure"].tolist() == pressure.tolist()

    heart = raw[["MCQ160C", "MCQ160D", "MCQ160E"]]
    assert ((found["heart_disease"] == "present") == (heart == 1).any(axis=1)).all()
    assert ((found["heart_disease"] == "absent") == (heart == 2).all(axis=1)).all()

    for variable, column in (("cancer", "MCQ220"), ("breathlessness_on_exertion", "CDQ010")):
        assert ((found[variable] == "absent") == (raw[column] == 2)).all()
        assert not (found[variable] == "present").any()
    assert ((found["statin_use"] == "absent") == ((raw["BPQ090D"] == 2) | (raw["BPQ100D"] == 2))).all()
    assert not (found["statin_use"] == "present").any()
    assert ((found["autoimmune_disease"] == "present") == raw["MCQ195"].isin([2, 3])).all()
    assert not (found["autoimmune_disease"] == "absent").any()
    assert ((found["short_sleep"] == "present") == (raw["SLD012"] < 6)).all()
    assert ((found["short_sleep"] == "absent") == (raw["SLD012"] >= 6)).all()


def test_a_row_scores_as_the_same_answers_do_one_by_one(run, model):
    from legdx.survey import map_answers

    _, scores, text = run
    answers = map_answers(text.head(20), load_mapping(MAPPING, model), model).answers
    for place, row in enumerate(answers.to_dict("records")):
        result = model.assess(row)
        for cause, probability in result.posterior.items():
            assert scores[f"posterior_{cause}"].iloc[place] == pytest.approx(probability, abs=1e-12)  # one computation
