"""Every figure that moves the model most has a second source or an interval that says how little one source settles."""

import json
from pathlib import Path

import jsonschema
import pytest

import legdx
from legdx.knowledge import load_knowledge
from tests.qc.compare import HERE, read

RECORD = read("second_sources.yaml")
ENTRIES = {entry["id"]: entry for entry in RECORD["figures"]}
WIDE = 4.0
"""Odds at the high end over odds at the low end from which an interval is held to be wide enough for one source."""


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge(Path(legdx.__file__).parents[1] / "models" / "leg")


@pytest.fixture(scope="module")
def figures(knowledge):
    return {figure.id: figure for figure in knowledge.figures()}


def chosen(*outcomes):
    return [pytest.param(entry, id=entry["id"]) for entry in RECORD["figures"] if entry["outcome"] in outcomes]


def odds(probability):
    return probability / (1.0 - probability)


def siblings(figures, name):
    """The figures that stand at the same path: about the same finding, risk or prevalence of a cause."""
    path = name.rsplit(".", 1)[0]
    return [figure for key, figure in figures.items() if key.rsplit(".", 1)[0] == path]


def test_the_record_keeps_its_schema_and_the_schema_is_closed():
    schema = json.loads((HERE / "second_sources.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(RECORD)] == []
    assert not validator.is_valid({**RECORD, "figures": [{**RECORD["figures"][0], "odd": 1}]})


def test_each_of_the_fifty_of_both_lists_has_one_entry():
    assert len(ENTRIES) == len(RECORD["figures"])
    assert {*RECORD["simulated"], *RECORD["cases"]} == set(ENTRIES)


def test_what_is_dealt_with_elsewhere_is_no_figure_of_the_files_at_hand():
    elsewhere = {name.split(".")[0] for name, entry in ENTRIES.items() if entry["outcome"] == "elsewhere"}
    folder = Path(legdx.__file__).parents[1] / "models" / "leg" / "causes"
    assert {name for name in elsewhere if (folder / f"{name}.yaml").exists()} == {"acute_infection"}


def test_every_figure_is_there_and_every_source_is_in_the_bibliography(knowledge, figures):
    assert set(ENTRIES) <= set(figures)
    cited = {source for entry in ENTRIES.values() for source in entry.get("sources", ())}
    assert cited <= set(knowledge.bibliography)


@pytest.mark.parametrize("entry", chosen("second_source"))
def test_a_second_source_answers_the_same_question_and_is_not_the_first(entry, figures):
    others = {figure.source for figure in siblings(figures, entry["id"])} - {figures[entry["id"]].source}
    assert set(entry["sources"]) & others, entry["id"]


@pytest.mark.parametrize("entry", chosen("replaced"))
def test_a_figure_that_replaced_another_is_published(entry, figures):
    figure = figures[entry["id"]]
    assert figure.source in entry["sources"]
    assert figure.grade != "D"
    assert figure.printed is not None


@pytest.mark.parametrize("entry", chosen("widened"))
def test_a_widened_interval_holds_the_one_before_and_its_note_says_so(entry, figures):
    figure = figures[entry["id"]]
    (low, high), (low_now, high_now) = entry["before"], entry["now"]
    assert (figure.low, figure.high) == (low_now, high_now)
    assert low_now <= low < high <= high_now
    assert high_now - low_now > high - low
    assert f"widened from {low:g}-{high:g}" in figure.note


@pytest.mark.parametrize("entry", chosen("already_wide"))
def test_what_was_left_alone_is_wide(entry, figures):
    figure = figures[entry["id"]]
    assert odds(figure.high) / odds(figure.low) >= WIDE, entry["id"]
