"""The whole evaluation: sections, misses and lacks of a few made-up cases; the stored first result."""

import json
from pathlib import Path

import pytest

from legdx.knowledge import FrozenMap
from legdx.learning import evaluate
from legdx.learning.evaluation import HEADLINE
from legdx.learning.vignettes import Fact, Gold, Unmapped, Vignette

ROOT = Path(__file__).resolve().parents[2]
TREMOR = FrozenMap({"tremor": "present", "tremor_at_rest": "present", "slow_movement": "present"})


def case(name, primary, level="routine", **gold):
    return Vignette(
        id=name,
        title="made up",
        where="here",
        under_18=False,
        person=FrozenMap({"age": 67, "sex": "male"}),
        facts=(
            Fact("told", "present", "survey", TREMOR),
            Fact("arm swing", "present", "survey", FrozenMap({}), Unmapped("no_variable", "arm swing")),
        ),
        gold=Gold(primary, (primary,), (), gold.get("confidence", "high")),
        urgency=level,
        urgency_reason="made up",
        leg_relevance=gold.get("legs", "direct"),
    )


@pytest.fixture(scope="module")
def record(leg):
    cases = [
        case("right", "parkinsons_disease"),
        case("wrong", "botulism"),
        case("low", "parkinsons_disease", level="emergency", confidence="low"),
    ]
    return evaluate(leg, cases, seconds=5).to_dict()


def test_the_first_section_holds_the_direct_cases_of_high_and_medium_confidence(record):
    first = record["sections"][0]
    assert (first["name"], first["cases"]) == (HEADLINE, 2)
    assert first["top"]["posterior"]["3"]["hits"] == 1


def test_a_miss_tells_what_each_answer_did_to_the_right_cause(record, leg):
    misses = {miss["id"]: miss for miss in record["misses"]}
    assert set(misses) == {"wrong", "low"}
    assert misses["low"]["under_triaged"]
    assert not misses["low"]["rank_missed"]
    assert (misses["wrong"]["right"], misses["wrong"]["first"]) == ("botulism", "parkinsons_disease")
    explained = leg.explain({"age": 67, "sex": "male", **TREMOR}, "botulism")
    expected = {row.answers: round(row.weight_decibans, 1) for row in explained.rows}
    assert {tuple(w["answers"]): w["right"] for w in misses["wrong"]["weighed"]} == expected
    weights = [w["right"] for w in misses["wrong"]["weighed"]]
    assert weights == sorted(weights)


def test_what_the_model_lacks_is_counted_by_case(record):
    assert record["lacks"] == [{"what": "arm swing", "cases": ["right", "wrong", "low"]}]
    assert record["facts"] == {"told": 6, "mapped": 3, "no_variable": 3, "other_threshold": 0, "not_specific": 0}


def test_the_record_is_stamped_and_is_json(record, leg):
    assert record["stamp"]["digest"] == leg.digest
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_the_first_result_that_is_written_down_holds_all_cases():
    first = json.loads((ROOT / "docs" / "evaluation" / "first.json").read_text(encoding="utf-8"))
    assert len({o["id"] for o in first["outcomes"]}) == 58
    assert first["stamp"]["digest"].startswith("cfcf5c278341")
