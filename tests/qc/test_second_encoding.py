"""Two people encoded the same figures from sources; where they disagree, somebody has looked and said who is right."""

import json
from collections import Counter

import jsonschema
import pytest

from legdx.knowledge.schema import read_schemas
from tests.qc.compare import HERE, compare, is_owed, read, unargued, verified

ENCODING, VERDICTS = read("second_encoding.yaml"), read("verdicts.yaml")
ARGUED = {item["id"]: item for item in VERDICTS}
BY_ID = {entry["id"]: entry for entry in ENCODING["figures"]}


@pytest.fixture(scope="module")
def comparisons(leg):
    return list(compare(leg, ENCODING["figures"]))


@pytest.mark.parametrize("name", ["second_encoding", "verdicts"])
def test_the_files_keep_their_schemas_and_the_schemas_are_closed(name):
    schema = json.loads((HERE / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    content = read(f"{name}.yaml")
    assert [error.message for error in validator.iter_errors(content)] == []
    listed = content if name == "verdicts" else content["figures"]
    listed[0]["odd"] = 1
    assert not validator.is_valid(content)


def test_ids_are_unique_sources_are_listed_and_intervals_hold_their_values():
    assert len(BY_ID) == len(ENCODING["figures"])
    assert len(ARGUED) == len(VERDICTS)
    assert {entry["source"] for entry in BY_ID.values()} == set(ENCODING["sources"])
    for entry in BY_ID.values():
        assert 0 <= entry["low"] <= entry["value"] <= entry["high"], entry["id"]
        assert entry["quantity"] == "duration" or entry["high"] <= 1, entry["id"]
        assert entry["low"] < entry["high"], entry["id"]


def test_a_judgement_is_the_only_figure_without_an_opened_source():
    assert all((entry["opened"] == "nothing") == (entry["grade"] == "D") for entry in BY_ID.values())


def test_every_cause_has_a_frequency_and_three_sensitivities():
    kinds = Counter((entry["cause"], entry["quantity"]) for entry in BY_ID.values())
    causes = {entry["cause"] for entry in BY_ID.values()}
    assert len(causes) == 25
    for cause in causes:
        assert kinds[cause, "prevalence"] + kinds[cause, "incidence"] > 0, cause
        assert kinds[cause, "sensitivity"] >= 3, cause


def test_every_disagreement_has_a_verdict(comparisons):
    assert unargued(comparisons, ARGUED) == [], "settle it at the sources, and say so in verdicts.yaml"


def test_a_verdict_stands_for_a_disagreement_or_for_one_that_was_mended(comparisons):
    agreed = {item.entry["id"] for item in comparisons if item.agrees}
    assert set(ARGUED) <= set(BY_ID)
    assert {name for name in ARGUED if name in agreed and ARGUED[name]["verdict"] != "second_right"} == set()


@pytest.mark.parametrize(
    ("name", "value", "low", "high"),
    [
        ("guillain_barre_syndrome.weakness_on_both_sides.1", 0.001, 0.0005, 0.002),
        ("parkinsons_disease.prevalence.1", 0.9, 0.85, 0.95),
        ("rhabdomyolysis.duration.1", 9000, 8000, 9500),
    ],
)
def test_an_invented_figure_is_found_out(leg, comparisons, name, value, low, high):
    invented = {**BY_ID[name], "id": "invented", "value": value, "low": low, "high": high, "interval": "judged"}
    found = compare(leg, [*ENCODING["figures"], invented])
    assert unargued(found, ARGUED) == ["invented"]
    (agreed,) = (item for item in comparisons if item.entry["id"] == name)
    assert agreed.agrees


def test_the_verified_figures_are_those_that_agree_now(leg, comparisons):
    now, listed = verified(leg, comparisons, ARGUED), read("verified.yaml")
    assert listed == now, "write it anew: python -m tests.qc.compare --verified"


def test_the_verified_file_can_be_a_file_of_the_model(leg):
    schemas = read_schemas()
    own = json.dumps({**schemas["verified"], "$defs": schemas["common"]["$defs"]})
    jsonschema.validate(read("verified.yaml"), json.loads(own.replace(f"{schemas['common']['$id']}#", "#")))
    assert set(read("verified.yaml")["causes"]) <= set(leg.knowledge.causes)


def test_no_cause_with_a_correction_owed_is_verified(comparisons):
    owed = {item.entry["cause"] for item in comparisons if is_owed(item, ARGUED)}
    assert owed.isdisjoint(read("verified.yaml")["causes"])
