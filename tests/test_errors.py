"""Errors say what to do, carry every issue, and cross processes."""

import json
import pickle

import pytest

from legdx import errors
from legdx.errors import (
    CaseError,
    ImpossibleEvidenceError,
    Issue,
    KnowledgeError,
    LegdxError,
    MappingError,
    StaleArtefactError,
    TooCostlyError,
    UnderAgeError,
    UnknownNameError,
    UnknownValueError,
    Where,
    did_you_mean,
    nearest_names,
)

ISSUE = Issue("bad_cell", "warning", Where(row=7, column="age", value="x"), "this is no age", "write whole years")

EXAMPLES = [
    LegdxError("it broke", hint="mend it"),
    KnowledgeError("two problems", [ISSUE, ISSUE], hint="mend them"),
    CaseError("one problem", [ISSUE]),
    MappingError("one problem", [ISSUE]),
    UnderAgeError(),
    StaleArtefactError("the artefact is old"),
    UnknownNameError("tremour", ["tremor", "weakness"], kind="finding"),
    UnknownValueError("sex", "woman", ["female", "male"]),
    ImpossibleEvidenceError(names=["tremor"]),
    TooCostlyError(3_500_000, 28_000_000, 1.25),
    errors.SurveyError("the table is empty"),
    errors.FormatError("this is no JSON"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_error_is_of_the_one_base_class_and_survives_pickling(error):
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert isinstance(copy, LegdxError)
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_every_error_class_has_an_example_above():
    classes = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, LegdxError)}
    public = {kind for kind in classes if not kind.__name__.startswith("_")}
    assert public == {type(error) for error in EXAMPLES}


def test_the_message_and_the_hint_are_both_shown():
    assert str(LegdxError("it broke", hint="mend it")) == "it broke\nHint: mend it"
    assert str(LegdxError("it broke")) == "it broke"


def test_an_error_with_issues_lists_them_all():
    text = str(KnowledgeError("two problems", [ISSUE, Issue("b", "error", Where(file="f.yaml", line=3), "no")], "mend"))
    assert text.splitlines() == [
        "two problems",
        "  row 7, column 'age', value 'x': warning: bad_cell: this is no age Hint: write whole years",
        "  f.yaml:3: error: b: no",
        "Hint: mend",
    ]


def test_an_unknown_name_carries_its_nearest_candidates():
    error = UnknownNameError("tremour", ["weakness", "tremor"], kind="finding")
    assert (error.name, error.kind, error.candidates) == ("tremour", "finding", ("tremor",))
    assert "did you mean 'tremor'?" in str(error)
    assert UnknownNameError("tremour").hint is None


def test_an_unknown_value_lists_the_values_allowed_in_their_order():
    error = UnknownValueError("onset", "fast", ["gradual", "days", "sudden"])
    assert error.hint == "use one of 'gradual', 'days', 'sudden'"
    assert (error.name, error.value, error.allowed) == ("onset", "fast", ("gradual", "days", "sudden"))


def test_a_refusal_for_age_is_a_case_error_that_does_not_repeat_the_age():
    error = UnderAgeError()
    assert isinstance(error, CaseError)
    assert error.minimum_age == 18
    assert [issue.code for issue in error.issues] == ["under_age"]


def test_a_refusal_for_cost_says_what_it_would_have_cost():
    error = TooCostlyError(3_500_000, 28_000_000, 1.25)
    assert (error.predicted_entries, error.predicted_bytes, error.predicted_seconds) == (3_500_000, 28_000_000, 1.25)
    assert "3,500,000 table entries, 28.0 MB and 1.25 s" in str(error)


def test_nearest_names_disregard_case_and_spaces():
    assert nearest_names("Tremor at Rest", ["tremor_at_rest", "tremor"]) == ("tremor_at_rest", "tremor")
    assert nearest_names("SEX", ["Sex", "sex", "age"]) == ("Sex",)


def test_the_hint_for_an_unknown_name_falls_back_to_a_short_list():
    names = [f"variable_{number}" for number in range(10)]
    assert did_you_mean("xyz", names).endswith("'variable_7' and 2 more")
    assert did_you_mean("xyz", []) == "none is known"


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (Where(file="causes/a.yaml", line=12, path="findings[1].value"), "causes/a.yaml:12 (findings[1].value)"),
        (Where(file="survey.csv", row=3, column="sex", value="f"), "survey.csv, row 3, column 'sex', value 'f'"),
        (Where(line=4), "line 4"),
        (Where(path="age"), "age"),
        (Where(), ""),
    ],
)
def test_a_place_is_written_on_one_line(where, text):
    assert str(where) == text


def test_an_issue_is_plain_json_without_the_parts_that_do_not_apply():
    plain = ISSUE.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain == {
        "code": "bad_cell",
        "level": "warning",
        "where": {"row": 7, "column": "age", "value": "x"},
        "note": "this is no age",
        "hint": "write whole years",
    }


def test_an_issue_is_hashable_and_cannot_be_changed():
    same = Issue("bad_cell", "warning", Where(row=7, column="age", value="x"), "this is no age", "write whole years")
    assert len({ISSUE, same}) == 1
    with pytest.raises(AttributeError):
        ISSUE.code = "other"
