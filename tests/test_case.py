"""A case is read strictly: every kind of answer for what it is, every problem at once, and missing is never absent."""

from __future__ import annotations

import datetime as dt
import json
import math
import pickle
from decimal import Decimal
from fractions import Fraction
from importlib import resources

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from legdx import CaseError, ImpossibleEvidenceError, UnderAgeError
from legdx.case import CASE_SCHEMA_VERSION, MISSING

QUICK = settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
POTASSIUM = {"value": 2.9, "unit": "mmol/L"}


@pytest.fixture(scope="module")
def schema():
    text = (resources.files("legdx") / "schemas" / "case-1.json").read_text(encoding="utf-8")
    Draft202012Validator.check_schema(json.loads(text))
    return Draft202012Validator(json.loads(text))


def one_answer(model, name, value):
    """Return how the variable `name` was read when it alone was answered so."""
    return model.case({name: value}).answers[name]


def issues_of(model, answers, kind=CaseError):
    with pytest.raises(kind) as caught:
        model.case(answers)
    return caught.value.issues


# ---------------------------------------------------------------------------------------- kinds of answer


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        ("tremor", "present", "present"),
        ("tremor", "absent", "absent"),
        ("tremor", True, "present"),
        ("tremor", False, "absent"),
        ("tremor", np.True_, "present"),
        ("tremor", np.str_("present"), "present"),
        ("weakness_onset", "days", "days"),
        ("weakness_onset", "none", "none"),
        ("smoking", "former", "former"),
        ("sex", "female", "female"),
        ("low_potassium", "present", "present"),
        ("potassium_low", "moderate", "moderate"),
        ("potassium_low", POTASSIUM, "moderate"),
        ("age", 18, "age_18_49"),
        ("age", 49.99, "age_18_49"),
        ("age", 50, "age_50_plus"),
        ("age", 120, "age_50_plus"),
        ("age", "67", "age_50_plus"),
        ("age", np.int64(67), "age_50_plus"),
        ("age", np.float32(20.5), "age_18_49"),
        ("age", Decimal(67), "age_50_plus"),
        ("age", Fraction(135, 2), "age_50_plus"),
        ("age", "age_50_plus", "age_50_plus"),
    ],
)
def test_a_certain_answer_leaves_one_state(tiny, name, value, state):
    answer = one_answer(tiny, name, value)
    assert answer.state == state
    assert answer.missing is None
    case = tiny.case({name: value})
    (index, likelihood), *rest = case.evidence(tiny.network).items()
    assert not rest
    variable = tiny.network.variables[index]
    assert variable.name == name
    assert likelihood.tolist() == [float(one == state) for one in variable.states]


@pytest.mark.parametrize(
    ("value", "missing"),
    [
        *((kind, kind) for kind in MISSING),
        (None, "not_asked"),
        ("", "not_asked"),
        ("  \t", "not_asked"),
        (math.nan, "not_asked"),
        (np.float32("nan"), "not_asked"),
        (Decimal("nan"), "not_asked"),
        (pd.NA, "not_asked"),
        (pd.NaT, "not_asked"),
    ],
)
@pytest.mark.parametrize("name", ["tremor", "age", "sex", "weakness_onset", "potassium_low", "parkinsons_disease"])
def test_a_missing_answer_keeps_its_kind_and_says_nothing(tiny, name, value, missing):
    answer = one_answer(tiny, name, value)
    assert (answer.missing, answer.likelihood, answer.state) == (missing, None, None)
    case = tiny.case({name: value})
    assert case.evidence(tiny.network) == {}
    assert case.answered == ()
    assert case.count(missing) == 1
    assert case.unsure == (frozenset({name}) if missing == "unknown" else frozenset())


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (2.99, "moderate"),
        (3.0, "mild"),
        (3.49, "mild"),
        (3.5, "none"),
        (99, "none"),
        (0, "moderate"),
        ("2.9", "moderate"),
    ],
)
def test_a_laboratory_value_gets_the_most_extreme_level_whose_limit_it_passes(tiny, value, level):
    case = tiny.case({"potassium": {"value": value, "unit": "mmol/L"}})
    assert {name: answer.state for name, answer in case.answers.items()} == {"potassium_low": level}


def test_one_laboratory_value_settles_every_finding_that_it_measures(leg):
    states = {
        value: {
            name: a.state for name, a in leg.case({"potassium": {"value": value, "unit": "mmol/L"}}).answers.items()
        }
        for value in (2.0, 4.0, 7.0)
    }
    assert states == {
        2.0: {"potassium_low": "severe", "potassium_high": "none"},
        4.0: {"potassium_low": "none", "potassium_high": "none"},
        7.0: {"potassium_low": "none", "potassium_high": "severe"},
    }
    missing = leg.case({"potassium": "refused"}).answers
    assert {name: answer.missing for name, answer in missing.items()} == dict.fromkeys(states[2.0], "refused")


def test_a_soft_answer_weighs_every_state_and_those_left_out_with_zero(tiny):
    soft = one_answer(tiny, "weakness_onset", {"likelihood": {"days": 0.5, "sudden": np.float32(0.25)}})
    assert soft.state is None
    case = tiny.case({"weakness_onset": {"likelihood": {"days": 0.5, "sudden": 0.25}}})
    (likelihood,) = case.evidence(tiny.network).values()
    assert likelihood.tolist() == [0.0, 0.0, 0.5, 0.25]
    assert one_answer(tiny, "tremor", {"likelihood": {"present": 3, "absent": 0}}).state == "present"


def test_a_soft_answer_may_speak_of_age_and_of_a_cause(tiny):
    case = tiny.case(
        {
            "age": {"likelihood": {"age_18_49": 1, "age_50_plus": 1}},
            "dehydration": {"likelihood": {"present": 0.8, "absent": 0.2}},
        }
    )
    assert case.answered == ("age", "dehydration")


# ---------------------------------------------------------------------------------------- what cannot be read


@pytest.mark.parametrize(
    ("answers", "code", "place", "hint"),
    [
        ({"tremour": "present"}, "unknown_name", "tremour", "'tremor'"),
        ({"Weakness": "present"}, "unknown_name", "Weakness", "'weakness'"),
        ({"potasium": POTASSIUM}, "unknown_name", "potasium", "'potassium'"),
        ({"parkinsonism": "present"}, "unknown_name", "parkinsonism", "'parkinsons_disease'"),
        ({"other_weakness": "present"}, "unknown_name", "other_weakness", "'weakness'"),
        ({5: "present"}, "unknown_name", "5", "known"),
        ({"tremor": "Present"}, "unknown_value", "tremor", "'present'"),
        ({"tremor": "unknwon"}, "unknown_value", "tremor", "'unknown'"),
        ({"tremor": "yes"}, "unknown_value", "tremor", "'present'"),
        ({"tremor": 1}, "unknown_value", "tremor", "'present'"),
        ({"tremor": ["present"]}, "unknown_value", "tremor", "'present'"),
        ({"tremor": np.array([1, 2])}, "unknown_value", "tremor", "'present'"),
        ({"sex": True}, "unknown_value", "sex", "'female', 'male'"),
        ({"smoking": True}, "unknown_value", "smoking", "'never'"),
        ({"weakness_onset": "present"}, "unknown_value", "weakness_onset", "'gradual'"),
        ({"age": -1}, "unknown_value", "age", "18 to 120"),
        ({"age": 120.5}, "unknown_value", "age", "18 to 120"),
        ({"age": True}, "unknown_value", "age", "18 to 120"),
        ({"age": "sixty"}, "unknown_value", "age", "18 to 120"),
        ({"age": "6_7"}, "unknown_value", "age", "18 to 120"),
        ({"age": b"67"}, "unknown_value", "age", "18 to 120"),
        ({"age": math.inf}, "unknown_value", "age", "18 to 120"),
        ({"age": 10**400}, "unknown_value", "age", "18 to 120"),
        ({"age": dt.date(1960, 1, 1)}, "unknown_value", "age", "18 to 120"),
        ({"potassium": 2.9}, "unit_missing", "potassium", "mmol/L"),
        ({"potassium": "low"}, "unit_missing", "potassium", "mmol/L"),
        ({"potassium": {"value": 2.9}}, "unknown_value", "potassium", "mmol/L"),
        ({"potassium": {"value": 2.9, "unit": "mg/dL"}}, "unknown_value", "potassium", "mmol/L"),
        ({"potassium": {"value": -1, "unit": "mmol/L"}}, "implausible", "potassium", "decimal point"),
        ({"potassium": {"value": None, "unit": "mmol/L"}}, "unknown_value", "potassium", "mmol/L"),
        ({"potassium": {**POTASSIUM, "lab": "A"}}, "unknown_value", "potassium", "mmol/L"),
        ({"tremor": POTASSIUM}, "unknown_value", "tremor", "likelihood"),
        ({"tremor": {}}, "unknown_value", "tremor", "likelihood"),
        ({"tremor": {"likelihood": {}}}, "unknown_value", "tremor", "likelihood"),
        ({"tremor": {"likelihood": {"present": 1}, "note": ""}}, "unknown_value", "tremor", "likelihood"),
        ({"tremor": {"likelihood": [0.5, 0.5]}}, "unknown_value", "tremor", "likelihood"),
        ({"tremor": {"likelihood": {"presnt": 1}}}, "unknown_value", "tremor", "'present'"),
        ({"tremor": {"likelihood": {"present": -0.1, "absent": 1}}}, "unknown_value", "tremor", "likelihood"),
        ({"tremor": {"likelihood": {"present": 0, "absent": 0}}}, "unknown_value", "tremor", "likelihood"),
        ({"tremor": {"likelihood": {"present": math.nan}}}, "unknown_value", "tremor", "likelihood"),
        ({"tremor": {"likelihood": {"present": 10**400}}}, "unknown_value", "tremor", "likelihood"),
        ({"tremor": {"likelihood": {"present": True}}}, "unknown_value", "tremor", "likelihood"),
    ],
)
def test_what_cannot_be_read_is_one_issue_with_its_place_and_what_to_write(tiny, answers, code, place, hint):
    (issue,) = issues_of(tiny, answers)
    assert (issue.code, issue.level, issue.where.path) == (code, "error", place)
    assert hint in issue.hint


@pytest.mark.parametrize("value", [0.41, 41, 1e300])
def test_a_value_that_no_laboratory_reports_is_refused(leg, value):
    (issue,) = issues_of(leg, {"potassium": {"value": value, "unit": "mmol/L"}})
    assert issue.code == "implausible"


def test_a_bad_value_of_a_test_that_settles_two_findings_is_one_issue(leg):
    assert len(issues_of(leg, {"potassium": {"value": -1, "unit": "mmol/L"}})) == 1


def test_all_problems_are_listed_at_once_and_named_in_the_message(tiny):
    answers = {"tremour": "present", "weakness": "yes", "age": "old", "potassium": 3, "sex": "female"}
    with pytest.raises(CaseError) as caught:
        tiny.case(answers)
    assert [issue.where.path for issue in caught.value.issues] == ["tremour", "weakness", "age", "potassium"]
    assert "4 answer(s)" in str(caught.value)
    assert all(name in str(caught.value) for name in ("tremour", "weakness", "age", "potassium"))
    assert "sex" not in str(caught.value)


@pytest.mark.parametrize("given", [None, [], "age", 5, [("age", 67)], {"age"}])
def test_what_is_no_mapping_is_a_typed_error_that_shows_one(tiny, given):
    with pytest.raises(CaseError, match="mapping") as caught:
        tiny.case(given)
    assert "age" in caught.value.hint


@pytest.mark.parametrize("age", [0, 1.5, 17, 17.99, "12"])
def test_nobody_under_age_is_answered_whatever_else_is_wrong(tiny, age):
    with pytest.raises(UnderAgeError) as caught:
        tiny.assess({"age": age, "tremour": "present"})
    assert [issue.code for issue in caught.value.issues] == ["under_age"]
    assert "doctor" in caught.value.hint
    assert isinstance(caught.value, CaseError)


# ---------------------------------------------------------------------------------------- names


def test_an_old_name_stands_for_the_new_one(tiny):
    case = tiny.case({"hypokalaemia": "present"})
    assert case.answers["low_potassium"].state == "present"
    assert case.to_dict()["answers"] == {"hypokalaemia": "present"}


@pytest.mark.parametrize(
    "answers",
    [
        {"potassium": POTASSIUM, "potassium_low": "mild"},
        {"potassium_low": "moderate", "potassium": POTASSIUM},
        {"potassium_low": "mild", "potassium": "unknown"},
        {"hypokalaemia": "absent", "low_potassium": "absent"},
    ],
)
def test_a_variable_answered_under_two_names_is_refused(tiny, answers):
    (issue,) = issues_of(tiny, answers)
    assert issue.code == "answered_twice"
    assert issue.where.path == list(answers)[1]


@pytest.mark.parametrize("blank", [None, "", "not_asked", math.nan])
def test_a_blank_under_one_name_leaves_the_answer_under_the_other(tiny, blank):
    for answers in ({"potassium": blank, "potassium_low": "mild"}, {"potassium_low": "mild", "potassium": blank}):
        assert tiny.case(answers).answers["potassium_low"].state == "mild"


# ---------------------------------------------------------------------------------------- writing and reading

EVERYTHING = {
    "age": np.int64(67),
    "sex": "male",
    "smoking": "former",
    "tremor": True,
    "weakness": "present",
    "weakness_onset": {"likelihood": {"days": np.float32(0.5), "sudden": 0.25}},
    "slow_movement": math.nan,
    "brisk_reflexes": "refused",
    "diuretic_use": "unknown",
    "pregnancy": "not_applicable",
    "potassium": {"value": np.float64(2.9), "unit": "mmol/L"},
    "hypokalaemia": None,
    "dehydration": {"likelihood": {"present": "0.8", "absent": 0.2}},
}


def test_a_case_of_every_kind_is_plain_json_under_the_schema(tiny, schema):
    written = tiny.case(EVERYTHING).to_dict()
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    assert list(schema.iter_errors(written)) == []
    assert written["schema_version"] == CASE_SCHEMA_VERSION
    assert written["answers"] == {
        "age": 67,
        "sex": "male",
        "smoking": "former",
        "tremor": "present",
        "weakness": "present",
        "weakness_onset": {"likelihood": {"days": 0.5, "sudden": 0.25}},
        "slow_movement": "not_asked",
        "brisk_reflexes": "refused",
        "diuretic_use": "unknown",
        "pregnancy": "not_applicable",
        "potassium": {"value": 2.9, "unit": "mmol/L"},
        "hypokalaemia": "not_asked",
        "dehydration": {"likelihood": {"present": 0.8, "absent": 0.2}},
    }


def test_a_case_is_read_back_equal_from_json_and_from_pickle(tiny):
    case = tiny.case(EVERYTHING)
    assert tiny.case(json.loads(json.dumps(case.to_dict()))) == case
    assert pickle.loads(pickle.dumps(case)) == case  # noqa: S301 - our own bytes
    assert tiny.case(case) is case


def test_numbers_of_all_kinds_become_plain_numbers(tiny):
    for age in ("67", " 67.0", 67, 67.0, Decimal(67), np.int16(67), Fraction(67)):
        written = tiny.case({"age": age}).to_dict()["answers"]["age"]
        assert (type(written), written) == (int, 67)
    assert tiny.case({"age": "67.5"}).to_dict()["answers"] == {"age": 67.5}


def test_answers_can_be_given_as_they_were_written_or_bare(tiny):
    bare = {"age": 67, "tremor": "present"}
    for wrapped in (
        {"answers": bare},
        {"schema_version": "1.0", "answers": bare},
        {"schema_version": "1.7", "answers": bare},
    ):
        assert tiny.case(wrapped) == tiny.case(bare)


@pytest.mark.parametrize("version", ["2.0", "0.9", 2, None, "", "one"])
def test_another_schema_version_is_refused(tiny, version):
    (issue,) = issues_of(tiny, {"schema_version": version, "answers": {"age": 67}})
    assert issue.code == "schema_version"


def test_an_answer_beside_answers_is_refused_not_dropped(tiny):
    (issue,) = issues_of(tiny, {"schema_version": "1.0", "answers": {"age": 67}, "tremor": "present"})
    assert (issue.code, issue.where.path) == ("unknown_key", "tremor")
    (issue,) = issues_of(tiny, {"answers": "present"})
    assert issue.code == "unknown_name"


CASE = {"schema_version": "1.0", "answers": {"age": 67}}
BROKEN = (
    {"answers": {}},
    {"schema_version": "1.0"},
    CASE | {"schema_version": "2.0"},
    CASE | {"extra": 1},
    CASE | {"answers": []},
    [],
    *(
        CASE | {"answers": {name: value}}
        for name, value in (
            ("age", 17),
            ("age", 121),
            ("age", None),
            ("tremor", 5),
            ("tremor", True),
            ("tremor", ""),
            ("tremor", ["present"]),
            ("Tremor", "present"),
            ("potassium", {"value": "2.9", "unit": "mmol/L"}),
            ("potassium", {"value": 2.9}),
            ("potassium", {"value": 2.9, "unit": "mmol/L", "lab": 1}),
            ("potassium", {"value": -1, "unit": "mmol/L"}),
            ("potassium", {"value": 2.9, "unit": 1}),
            ("tremor", {}),
            ("tremor", {"likelihood": {"present": -1}}),
            ("tremor", {"likelihood": {"present": "1"}}),
            ("tremor", {"likelihood": []}),
            ("tremor", {"likelihood": {}}),
            ("tremor", {"likelihood": {"present": 1}, "note": ""}),
        )
    ),
)


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_schema_is_closed_and_takes_no_text_for_a_number(schema, broken):
    assert schema.is_valid(CASE)
    assert not schema.is_valid(broken)


def test_a_case_without_some_answers_has_the_others(tiny):
    case = tiny.case({"tremor": "present", "weakness": "absent", "sex": "unknown"})
    assert tuple(case.without(["tremor", "sex"]).answers) == ("weakness",)
    assert tuple(case.answers) == ("tremor", "weakness", "sex")


def test_a_case_does_not_follow_later_changes_of_what_was_given(tiny):
    given = {"weakness_onset": {"likelihood": {"days": 0.5, "sudden": 0.25}}, "age": 67}
    case = tiny.case(given)
    before = json.dumps(case.to_dict())
    given["weakness_onset"]["likelihood"]["days"] = 9
    given["age"] = 20
    assert json.dumps(case.to_dict()) == before


# ---------------------------------------------------------------------------------------- missing is not absent


def answers_of(model):
    """A strategy of answers to any variables, each of a state or missing."""
    variables = model.questionnaire.variables
    states = {name: st.sampled_from(variable.states) for name, variable in variables.items()}
    missing = st.sampled_from((*MISSING, None, "", math.nan))
    return st.lists(st.sampled_from(sorted(variables)), unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: st.one_of(states[name], missing) for name in names})
    )


@QUICK
@given(data=st.data())
def test_answers_that_are_missing_give_exactly_the_posterior_of_leaving_them_out(tiny, data):
    answers = data.draw(answers_of(tiny))
    case = tiny.case(answers)
    told = {name: value for name, value in answers.items() if case.answers[name].missing is None}
    try:
        expected = tiny.assess(told)
    except ImpossibleEvidenceError:
        with pytest.raises(ImpossibleEvidenceError):
            tiny.assess(answers)
        return
    found = tiny.assess(answers)
    for name in ("posterior", "groups", "syndromes", "background", "log_evidence"):
        assert getattr(found, name) == getattr(expected, name)


@pytest.mark.parametrize("missing", [*MISSING, None, "", math.nan])
def test_missing_differs_from_absent_wherever_absent_says_something(tiny, missing):
    told = {"age": 67, "tremor": "present"}
    nothing = tiny.assess(told).posterior["parkinsons_disease"]
    assert tiny.assess({**told, "slow_movement": missing}).posterior["parkinsons_disease"] == nothing
    assert tiny.assess({**told, "slow_movement": "absent"}).posterior["parkinsons_disease"] < 0.5 * nothing
