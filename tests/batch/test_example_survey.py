"""The survey in data/ goes through the real model, with a reason for everything that is left out."""

from pathlib import Path

import pandas as pd
import pytest

import legdx
from legdx.batch import score_file

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    output = tmp_path_factory.mktemp("example") / "scores.csv"
    source, mapping = DATA / "example_survey.csv", DATA / "mappings" / "example_survey.yaml"
    report = score_file(source, mapping, legdx.load_model(), output)
    return report, pd.read_csv(output), pd.read_csv(report.rejects)


def test_each_kind_of_trouble_is_in_it_and_nothing_is_lost(run):
    report, scores, rejects = run
    assert set(rejects["code"]) == {"under_age", "unknown_code", "not_a_number", "blank_row", "implausible"}
    left_out = rejects.loc[rejects["effect"] != "cell_left_out", "row"]
    assert sorted([*scores["row"], *left_out]) == list(range(1, report.rows_in + 1))
    assert all(report.cells.values())


def test_rows_are_scored_with_probabilities(run):
    report, scores, _ = run
    assert report.scored == len(scores)
    posteriors = scores.filter(regex="^posterior_")
    assert posteriors.notna().all(axis=None)
    assert ((posteriors >= 0) & (posteriors <= 1)).all(axis=None)


def test_blocks_give_the_same_bytes(run, tmp_path):
    report, _, _ = run
    source, mapping = DATA / "example_survey.csv", DATA / "mappings" / "example_survey.yaml"
    score_file(source, mapping, legdx.load_model(), tmp_path / "scores.csv", block_rows=7)
    assert (tmp_path / "scores.csv").read_bytes() == Path(report.output).read_bytes()
