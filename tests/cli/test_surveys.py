"""`legdx map`, `legdx template` and the options of `legdx score`, as their users call them."""

import csv
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SURVEY = ROOT / "data" / "example_survey.csv"
MAPPING = ROOT / "data" / "mappings" / "example_survey.yaml"


def test_a_draft_is_written_and_summed_up(legdx, tmp_path):
    done = legdx("map", SURVEY, "-o", tmp_path / "m.yaml")
    assert done.code == 0
    assert "marked `unsure:`" in done.err
    assert "variable: tremor_at_rest" in (tmp_path / "m.yaml").read_text(encoding="utf-8")
    assert legdx("map", SURVEY).out == (tmp_path / "m.yaml").read_text(encoding="utf-8")


def test_a_draft_is_looked_at_and_refused_for_scoring(legdx, tmp_path):
    legdx("map", SURVEY, "-o", tmp_path / "m.yaml")
    done = legdx("map", SURVEY, "--check", tmp_path / "m.yaml", "--rows", "2")
    assert done.code == 0
    assert "row 2" in done.out
    assert "refused by `legdx score`" in done.out
    done = legdx("score", SURVEY, "-m", tmp_path / "m.yaml", "-o", tmp_path / "o.csv")
    assert done.code == 1
    assert "take out its `unsure:` line" in done.err


def test_a_mapping_is_looked_at_as_json(legdx):
    done = legdx("map", SURVEY, "--check", MAPPING, "--rows", "3", "--json")
    lines = json.loads(done.out)
    assert {line["variable"] for line in lines} >= {"age", "tremor", "potassium_low"}
    assert len(lines[0]["rows"]) == 3


def test_a_survey_about_something_else_is_no_draft(legdx, tmp_path):
    (tmp_path / "films.csv").write_text("film,stars\nAlien,5\n", encoding="utf-8")
    done = legdx("map", tmp_path / "films.csv")
    assert done.code == 1
    assert "Hint" in done.err


@pytest.mark.parametrize("form", ["csv", "redcap", "xlsform", "fhir"])
def test_a_template_is_written_in_every_format(legdx, tmp_path, form):
    assert legdx("template", "-f", form, "-k", "4", "-o", tmp_path / "t.xlsx").code == 0
    assert (tmp_path / "t.xlsx").stat().st_size > 30


def test_a_template_that_is_filled_in_is_scored(legdx, tmp_path):
    (tmp_path / "order.txt").write_text("weakness_onset\nfever\n", encoding="utf-8")
    header = legdx("template", "--order", tmp_path / "order.txt", "-k", "1", "-o", "-").out
    assert header == "id,age,sex,weakness,weakness_onset\n"
    (tmp_path / "data.csv").write_text(f"{header}a,67,male,present,sudden\n", encoding="utf-8")
    done = legdx("score", tmp_path / "data.csv", "-o", "-", "--outputs", "triage,first")
    (row,) = csv.DictReader(done.out.splitlines())
    assert row["urgency"] == "emergency"
    assert done.code == 0


def test_outputs_that_are_named_apart_are_all_there(legdx, tmp_path):
    (tmp_path / "data.csv").write_text("id,age,sex,weakness\na,67,male,present\n", encoding="utf-8")
    done = legdx("score", tmp_path / "data.csv", "-o", "-", "--outputs", "triage", "--outputs", "first,flags")
    (row,) = csv.DictReader(done.out.splitlines())
    assert {"urgency", "first_cause", "flags"} <= row.keys()


def test_score_takes_policy_layout_and_outputs(legdx, tmp_path):
    short = tmp_path / "short.csv"
    short.write_text("\n".join(SURVEY.read_text(encoding="utf-8").splitlines()[:4]) + "\n", encoding="utf-8")
    options = ("--layout", "long", "--outputs", "posteriors,ranks", "--policy", "strict")
    done = legdx("score", short, "-m", MAPPING, "-o", tmp_path / "o.csv", *options)
    assert done.code == 0, done.err
    with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as stream:
        assert csv.DictReader(stream).fieldnames[-3:] == ["cause", "posterior", "rank"]
    assert "3 rows in: 3 scored" in done.err
    assert legdx("score", short, "-m", MAPPING, "-o", tmp_path / "o.csv", "--delimiter", "x").code == 2
    assert legdx("score", short, "-m", MAPPING, "-o", tmp_path / "o.csv", "--policy", "kind").code == 2


def test_nothing_of_the_progress_is_shown_where_there_is_no_terminal(legdx, tmp_path):
    done = legdx("score", SURVEY, "-m", MAPPING, "-o", tmp_path / "o.csv", "--outputs", "first", "--block-rows", "20")
    assert "rows/s" not in done.err


def test_progress_shows_rate_and_time_left_on_a_terminal(monkeypatch, capfd):
    from legdx.cli.survey_options import shown_progress

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with shown_progress() as show:
        show(10, 40)
        show(20, 40)
    shown = capfd.readouterr()
    assert "20/40" in shown.err
    assert "rows/s" in shown.err
    assert shown.out == ""
