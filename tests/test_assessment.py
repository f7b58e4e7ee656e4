"""An assessment is a value: right against one network at a time, written under its schema, and read back whole."""

from __future__ import annotations

import copy
import json
import math
import pickle
from importlib import resources

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from legdx import (
    Assessment,
    FormatError,
    ImpossibleEvidenceError,
    LegdxError,
    TooCostlyError,
    UnknownNameError,
    load_model,
)
from legdx.assessment import ASSESSMENT_SCHEMA_VERSION
from legdx.build import build
from legdx.engine import Budget, log_evidence, posterior
from legdx.explanation import Explanation
from tests.knowledge.tiny_model import ModelFolder

ROUNDING = 1e-12
"""The same sums in another order: numbers in [0, 1], some hundred operations."""

TINY_CASES = (
    {},
    {"age": 67, "sex": "male", "tremor": "present", "slow_movement": "present"},
    {"weakness": "present", "weakness_onset": "sudden", "potassium": {"value": 2.9, "unit": "mmol/L"}},
    {
        "sex": "female",
        "pregnancy": "unknown",
        "smoking": "refused",
        "weakness": {"likelihood": {"present": 3, "absent": 1}},
    },
    {"dehydration": "present", "weakness": "absent", "diuretic_use": "not_applicable"},
)
LEG_CASES = (
    {},
    {"age": 67, "sex": "male", "tremor": "present", "tremor_at_rest": "present", "weakness": "unknown"},
    {
        "age": 30,
        "weakness": "present",
        "weakness_onset": "days",
        "weakness_ascending": "present",
        "recent_infection": "present",
    },
    {"potassium": {"value": 2.4, "unit": "mmol/L"}, "palpitations": "present", "diabetes": "refused"},
    {"twitching": {"likelihood": {"present": 0.7, "absent": 0.2}}, "guillain_barre_syndrome": "absent"},
)


@pytest.fixture(scope="module")
def schemas():
    folder = resources.files("legdx") / "schemas"
    return {
        name: json.loads((folder / f"{name}-1.json").read_text(encoding="utf-8"))
        for name in ("case", "assessment", "explanation")
    }


@pytest.fixture(scope="module")
def validator(schemas):
    Draft202012Validator.check_schema(schemas["assessment"])
    return Draft202012Validator(schemas["assessment"])


@pytest.fixture(scope="module")
def written(tiny):
    """An assessment with every part: reasons of each kind, and a rule that one more answer would make hold."""
    soft = {"likelihood": {"present": 0.8, "absent": 0.2}}
    answers = {"weakness": "present", "potassium": {"value": 2.9, "unit": "mmol/L"}, "tremor": soft}
    return tiny.assess(answers).to_dict()


# ---------------------------------------------------------------------------------------- the schema


def test_every_assessment_is_plain_json_under_the_schema(tiny, leg, validator):
    for model, cases in ((tiny, TINY_CASES), (leg, LEG_CASES)):
        for case in cases:
            found = model.assess(case).to_dict()
            assert json.loads(json.dumps(found, allow_nan=False)) == found
            assert [error.message for error in validator.iter_errors(found)] == []
            assert found["schema_version"] == ASSESSMENT_SCHEMA_VERSION
            assert found["stamp"]["digest"] == model.digest


def test_the_case_inside_is_the_published_case(schemas, tiny):
    assert schemas["assessment"]["$defs"]["case"] == schemas["case"]
    case = TINY_CASES[1]
    assert tiny.assess(case).to_dict()["case"] == tiny.case(case).to_dict()


def objects(value, path=()):
    """Yield (path, object) for the value's objects whose keys the schema fixes."""
    if isinstance(value, dict):
        if "schema_version" in value or {"level", "reasons"} <= set(value) or {"id", "level"} <= set(value):
            yield path, value
        for key, inner in value.items():
            yield from objects(inner, (*path, key))
    elif isinstance(value, list):
        for key, inner in enumerate(value):
            yield from objects(inner, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def test_the_schema_is_closed_and_every_key_is_needed(validator, written):
    places = [*objects(written), (("stamp",), written["stamp"]), (("counts",), written["counts"])]
    assert {("urgency", "reasons", 0), ("urgency", "raised_by", 0), ("case",)} <= {path for path, _ in places}
    for path, keys in places:
        more = copy.deepcopy(written)
        at(more, path)["surprise"] = 1
        assert not validator.is_valid(more), path
        for key in keys:
            less = copy.deepcopy(written)
            del at(less, path)[key]
            assert not validator.is_valid(less), (path, key)


def paths_in(value, path=()):
    """Yield the path of every value inside."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from paths_in(inner, (*path, key))


def test_no_part_of_an_assessment_can_be_of_another_type_or_a_negative_count_or_probability(validator, written):
    assert not validator.is_valid(True)  # noqa: FBT003 - true as JSON
    written = written | {"groups": {"g": 0.5}, "syndromes": {"s": 0.5}, "background": {"b": 0.5}}
    for path in paths_in(written):
        value = at(written, path)
        number = isinstance(value, int | float) and path not in {("log_evidence",), ("case", "answers", "age")}
        for wrong in ("yes",) if isinstance(value, bool) else (True, -1) if number else (True,):
            broken = copy.deepcopy(written)
            at(broken, path[:-1])[path[-1]] = wrong
            assert not validator.is_valid(broken), (path, wrong)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("posterior", "dehydration"), "0.5"),
        (("posterior", "dehydration"), 1.5),
        (("posterior", "dehydration"), None),
        (("posterior",), {}),
        (("interval_90", "dehydration"), [0.1]),
        (("interval_90", "dehydration"), [0.1, 0.2, 0.3]),
        (("prior",), {}),
        (("prior", "Dehydration"), 0.1),
        (("stamp", "model"), ""),
        (("stamp", "version"), "one"),
        (("log_evidence",), "-3"),
        (("counts", "answered"), 1.5),
        (("counts", "answered"), -1),
        (("urgency", "level"), "soon"),
        (("urgency", "reasons", 0, "kind"), "guess"),
        (("stamp", "digest"), "abc"),
        (("schema_version",), "2.0"),
        (("disclaimer",), ""),
    ],
)
def test_the_schema_takes_plain_numbers_and_known_words_alone(validator, written, path, value):
    broken = copy.deepcopy(written)
    at(broken, path[:-1])[path[-1]] = value
    assert validator.is_valid(written)
    assert not validator.is_valid(broken)


# ---------------------------------------------------------------------------------------- there and back


def test_all_reasons_go_into_json_under_the_schema_and_back(tiny, leg, schemas, validator):
    assert schemas["assessment"]["$defs"]["explanation"] == schemas["explanation"]
    explanations = Draft202012Validator(schemas["explanation"])
    person = {"age": 70, "sex": "female", "weakness": "present", "diuretic_use": "present", "constipation": "present"}
    for model, case in ((tiny, TINY_CASES[1]), (tiny, TINY_CASES[3]), (leg, person), (leg, {})):
        result = model.assess(case)
        data = json.loads(json.dumps(result.to_dict(reasons=True), allow_nan=False))
        assert [error.message for error in validator.iter_errors(data)] == []
        back = Assessment.from_dict(data)
        assert back == result
        assert back.to_dict(reasons=True) == data
        assert back.ranking == result.ranking
        assert back.advice == result.advice
        assert back.among_first_three() == result.among_first_three()
        assert back.tell() == result.tell()
        for explanation in data["reasons"]["explanations"]:
            assert list(explanations.iter_errors(explanation)) == []
    known = leg.assess({"parkinsons_disease": "present"}).explain("parkinsons_disease")
    data = json.loads(json.dumps(known.to_dict(), allow_nan=False))
    assert list(explanations.iter_errors(data)) == []
    assert Explanation.from_dict(data) == known


def test_an_assessment_of_schema_version_1_0_is_still_read(written):
    newer = {"among_first_three", "ranking", "advice", "reasons"}
    old = {name: value for name, value in written.items() if name not in newer} | {"schema_version": "1.0"}
    back = Assessment.from_dict(old)
    assert back.intervals()
    with pytest.raises(LegdxError, match="no model at hand"):
        _ = back.ranking


def test_an_assessment_is_read_back_equal_with_its_intervals(tiny, leg):
    for model, cases in ((tiny, TINY_CASES), (leg, LEG_CASES[:2])):
        for case in cases:
            result = model.assess(case)
            data = json.loads(json.dumps(result.to_dict()))
            back = Assessment.from_dict(data)
            assert back == result
            assert back.to_dict() == data
            assert back.intervals() == result.intervals()
            assert list(back.posterior) == list(result.posterior)


def test_an_assessment_read_back_says_how_to_explain_it(tiny):
    result = tiny.assess(TINY_CASES[1])
    for back in (Assessment.from_dict(result.to_dict()), pickle.loads(pickle.dumps(result))):  # noqa: S301 - our own
        with pytest.raises(LegdxError) as caught:
            back.explain("dehydration")
        assert "model.assess(assessment.case)" in caught.value.hint
        again = tiny.assess(back.case)
        assert again == result
        assert again.explain("dehydration") == result.explain("dehydration")


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": "2.0"},
        {"stamp": {}},
        {"stamp": None},
        {"counts": {"answered": 1}},
        {"posterior": 5},
        {"interval_90": {"dehydration": [0.1]}},
        {"interval_90": {"dehydration": [0.1, "high"]}},
        {"log_evidence": None},
        {"urgency": {"level": "routine", "why": 1}},
        {"case": None},
    ],
)
def test_what_is_no_assessment_is_a_format_error(written, change):
    with pytest.raises(FormatError):
        Assessment.from_dict({**written, **change})


def test_an_assessment_with_a_part_missing_is_a_format_error(written):
    for key in written:
        with pytest.raises(FormatError):
            Assessment.from_dict({name: value for name, value in written.items() if name != key})
    for data in ({}, [], None, "assessment"):
        with pytest.raises(FormatError):
            Assessment.from_dict(data)


# ---------------------------------------------------------------------------------------- the numbers


@pytest.mark.parametrize("case", TINY_CASES)
def test_the_interval_runs_from_the_5th_to_the_95th_percentile_over_single_networks(tiny, case):
    evidence = tiny.case(case).evidence(tiny.network)
    result = tiny.assess(case)
    causes = tiny.network.of_kind("cause")
    single = [posterior(tiny.drawn.draw(b), evidence, causes).marginals for b in range(tiny.drawn.draws)]
    assert len(single) > 10
    for i in causes:
        name = tiny.network.variables[i].name
        values = [marginals[i][0, 1] for marginals in single]
        low, high = result.interval(name)
        assert (low, high) == pytest.approx(tuple(np.percentile(values, [5, 95])), rel=ROUNDING)
        assert min(values) <= low <= high <= max(values)
    assert set(result.intervals()) == set(result.posterior)
    spread = [high - low for cause, (low, high) in result.intervals().items() if cause not in case]
    assert all(width > 0.0 for width in spread)


def test_the_interval_of_an_unknown_cause_names_the_nearest(tiny):
    with pytest.raises(UnknownNameError, match="parkinsons_disease"):
        tiny.assess({}).interval("parkinson_disease")


def test_a_model_without_drawn_networks_has_no_intervals_and_says_so(tmp_path):
    folder = ModelFolder(tmp_path / "tiny")
    build(folder.path, draws=0)
    result = load_model(folder.path).assess({"tremor": "present"})
    with pytest.raises(LegdxError, match="without drawn networks") as caught:
        result.interval("dehydration")
    assert "--draws" in caught.value.hint
    data = result.to_dict()
    assert data["interval_90"] is None
    with pytest.raises(LegdxError):
        Assessment.from_dict(data).intervals()


def test_an_empty_case_gives_the_priors(tiny, leg):
    for model in (tiny, leg):
        result = model.assess({})
        assert dict(result.posterior) == pytest.approx(dict(result.prior), rel=ROUNDING)
        assert result.log_evidence == pytest.approx(0.0, abs=ROUNDING)
        assert result.probability_of_evidence == pytest.approx(1.0, rel=ROUNDING)
        assert result.counts.answered == 0
        assert result.counts.not_asked == len(model.questionnaire.asked)


def test_the_prior_is_that_of_the_model_whatever_was_answered(tiny):
    assert {tiny.assess(case).prior for case in TINY_CASES} == {tiny.prior}


def test_every_posterior_is_that_of_the_engine_and_the_highest_stands_first(tiny, leg):
    for model, cases in ((tiny, TINY_CASES), (leg, LEG_CASES)):
        network = model.network
        for case in cases:
            evidence = model.case(case).evidence(network)
            result = model.assess(case)
            told = {**result.posterior, **result.groups, **result.syndromes}
            told |= {f"other_{complaint}": p for complaint, p in result.background.items()}
            assert set(told) == {v.name for v in network.variables if v.kind not in {"factor", "finding"}}
            for name, probability in told.items():
                i = network.index[name]  # each by itself: all of them together are too wide
                assert probability == pytest.approx(posterior(network, evidence, [i]).marginals[i][0, 1], rel=1e-9)
            values = list(result.posterior.values())
            assert values == sorted(values, reverse=True)
            assert result.log_evidence == pytest.approx(log_evidence(network, evidence)[0], rel=ROUNDING, abs=ROUNDING)


def test_a_known_diagnosis_is_certain_and_an_excluded_one_impossible(tiny):
    assert tiny.assess({"dehydration": "present"}).posterior["dehydration"] == 1.0
    result = tiny.assess({"dehydration": "absent"})
    assert result.posterior["dehydration"] == 0.0
    assert math.exp(result.log_evidence) == pytest.approx(1.0 - tiny.prior["dehydration"], rel=ROUNDING)


@pytest.mark.parametrize(
    "case",
    [
        {"sex": "male", "pregnancy": "present"},
        {"weakness": "absent", "weakness_onset": "days"},
        {"weakness": "present", "weakness_onset": "none"},
        {"weakness": {"likelihood": {"absent": 0.5}}, "weakness_onset": {"likelihood": {"days": 1, "sudden": 2}}},
    ],
)
def test_answers_that_exclude_each_other_are_a_typed_error_with_a_hint(tiny, leg, case):
    for model in (tiny, leg):
        with pytest.raises(ImpossibleEvidenceError) as caught:
            model.assess(case)
        assert caught.value.hint


def test_a_factor_outside_its_population_is_impossible(leg):
    leg.assess({"age": 40, "pregnancy": "present"})
    with pytest.raises(ImpossibleEvidenceError):
        leg.assess({"age": 70, "pregnancy": "present"})


def test_a_query_over_its_budget_is_refused_with_what_it_would_take(tiny):
    tiny.assess({}, budget=Budget())
    for budget in (Budget(seconds=0.0), Budget(memory=0.0)):
        with pytest.raises(TooCostlyError) as caught:
            tiny.assess({"tremor": "present"}, budget=budget)
        assert caught.value.predicted_seconds > 0.0
        assert caught.value.predicted_bytes > 0
        assert caught.value.hint


# ---------------------------------------------------------------------------------------- counts


def test_the_counts_tell_how_each_question_was_answered(tiny):
    asked = len(tiny.questionnaire.asked)
    assert set(tiny.questionnaire.asked) == {
        "age",
        "sex",
        "diuretic_use",
        "pregnancy",
        "smoking",
        "tremor",
        "weakness",
        "weakness_onset",
        "slow_movement",
        "brisk_reflexes",
    }
    result = tiny.assess(
        {
            "age": 67,
            "tremor": {"likelihood": {"present": 0.8, "absent": 0.2}},
            "weakness": "absent",
            "sex": "unknown",
            "smoking": "unknown",
            "diuretic_use": "refused",
            "pregnancy": "not_applicable",
            "slow_movement": "",
            "brisk_reflexes": "not_asked",
        }
    )
    counts = result.counts
    assert (counts.answered, counts.unknown, counts.refused, counts.not_applicable) == (3, 2, 1, 1)
    assert counts.not_asked == asked - 7


def test_the_disclaimer_is_said(tiny, leg):
    for model in (tiny, leg):
        assert "not a medical device" in model.assess({}).disclaimer


def test_an_assessment_can_not_be_changed(tiny):
    result = tiny.assess({})
    with pytest.raises(AttributeError):
        result.log_evidence = 0.0
    with pytest.raises(TypeError):
        result.posterior["dehydration"] = 1.0


def test_intervals_go_with_a_pickled_assessment(tiny):
    result = tiny.assess({"weakness": "present"})
    away = pickle.loads(pickle.dumps(result))  # noqa: S301 - our own
    assert away.intervals() == result.intervals()
    assert away.to_dict()["interval_90"] == result.to_dict()["interval_90"]
