"""A table goes in and the same kind comes out: one row a person, in order, with the numbers of ``Model.assess``."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from legdx import LegdxError, UnknownNameError
from legdx.engine import Budget
from legdx.table import COUNTS, TEXTS, output_columns, score_rows

try:
    import polars as pl
except ImportError:  # an extra
    pl = None

POTASSIUM = {"value": 2.9, "unit": "mmol/L"}

PEOPLE = {
    "person": ["a", "b", "c", "d", "e", "f"],
    "age": [67.0, 30.0, None, 12.0, 45.0, 50.0],
    "sex": ["male", "female", "refused", "female", "male", "femal"],
    "pregnancy": [None, "unknown", "not_asked", None, "present", ""],
    "tremor": ["present", "absent", "unknown", "present", None, "yes"],
    "weakness": ["absent", "present", "present", None, None, None],
    "weakness_onset": [None, "days", "sudden", None, None, None],
}
STATUS = ["scored", "scored", "scored", "rejected", "impossible", "rejected"]
KINDS = ["pandas", "arrow", pytest.param("polars", marks=pytest.mark.skipif(pl is None, reason="polars is an extra"))]


def frame_of(kind, columns):
    if kind == "polars":
        return pl.DataFrame(columns)
    return pd.DataFrame(columns) if kind == "pandas" else pa.table(columns)


def columns_of(frame):
    """The columns of any kind of frame as lists, with None for nothing."""
    if isinstance(frame, pa.Table):
        return frame.to_pydict()
    if isinstance(frame, pd.DataFrame):
        return {name: [None if pd.isna(value) else value for value in frame[name]] for name in frame.columns}
    return frame.to_dict(as_series=False)


def answers_of(row):
    return {name: PEOPLE[name][row] for name in PEOPLE if name != "person"}


# ---------------------------------------------------------------------------------------- what comes out


def test_the_output_columns_stand_in_the_published_order(tiny):
    names = output_columns(["b", "a"])
    assert names == (
        *("status", "reason", "answered", "unknown", "refused", "not_asked", "not_applicable"),
        *("urgency", "urgency_rules", "first_cause", "first_probability", "log_evidence", "flags"),
        *("posterior_b", "posterior_a"),
    )
    scored = tiny.score_table(pd.DataFrame({"tremor": ["present"]}))
    assert tuple(scored.columns) == output_columns(tiny.knowledge.causes)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_kind_of_frame_comes_back_with_the_same_values(tiny, kind):
    frame = frame_of(kind, PEOPLE)
    scored = tiny.score_table(frame, keep=["person"])
    assert type(scored) is type(frame)
    found = columns_of(scored)
    assert list(found) == ["person", *output_columns(tiny.knowledge.causes)]
    assert found == columns_of(tiny.score_table(pd.DataFrame(PEOPLE), keep=["person"]))
    assert found["person"] == PEOPLE["person"]
    assert found["status"] == STATUS


def test_every_scored_row_has_the_numbers_of_assess(tiny):
    found = columns_of(tiny.score_table(pd.DataFrame(PEOPLE).drop(columns="person")))
    for row, status in enumerate(STATUS):
        if status != "scored":
            continue
        line = {name: values[row] for name, values in found.items()}
        result = tiny.assess(answers_of(row))
        first, probability = next(iter(result.posterior.items()))
        assert line["reason"] is None
        assert [line[name] for name in COUNTS] == [getattr(result.counts, name) for name in COUNTS]
        assert line["urgency"] == result.urgency.level
        assert line["urgency_rules"].split(";") == [reason.id for reason in result.urgency.reasons]
        assert (line["first_cause"], line["first_probability"]) == (first, probability)
        assert line["log_evidence"] == result.log_evidence
        for cause, expected in result.posterior.items():
            assert line[f"posterior_{cause}"] == expected


def test_a_row_that_is_not_scored_says_why_and_has_nothing_else(tiny):
    found = columns_of(tiny.score_table(pd.DataFrame(PEOPLE).drop(columns="person")))
    reasons = {3: ["18"], 4: ["cannot", "together"], 5: ["sex", "'femal'", "tremor", "'yes'"]}
    for row, words in reasons.items():
        assert all(word in found["reason"][row] for word in words)
        rules = {"urgency", "urgency_rules"} if found["status"][row] == "impossible" else set()
        assert {name for name, values in found.items() if values[row] is not None} == {"status", "reason"} | rules


def test_no_row_of_many_is_lost_and_no_number_is_missing(leg):
    people = leg.simulate(60, seed=2).drop(columns=list(leg.knowledge.causes))
    hidden = np.random.default_rng(3).random(people.shape) < 0.9
    hidden[:, [people.columns.get_loc(name) for name in ("age", "sex")]] = False
    people = people.mask(hidden, None)
    people.index = people.index[::-1]
    scored = leg.score_table(people)
    assert scored.index.equals(people.index)
    assert set(scored["status"]) == {"scored"}
    numbers = scored.select_dtypes("number")
    assert set(numbers.columns) == set(scored.columns) - TEXTS
    assert not numbers.isna().to_numpy().any()
    posteriors = scored.filter(like="posterior_").to_numpy()
    assert posteriors.min() >= 0.0
    assert posteriors.max() <= 1.0
    answered = people.notna().sum(axis="columns")
    assert (scored["answered"] == answered).all()


def test_a_row_over_the_budget_is_marked_as_too_costly(tiny):
    frame = pd.DataFrame({"tremor": ["present", "present"], "age": [40, 12]})
    scored = tiny.score_table(frame, budget=Budget(memory=0.0))
    assert list(scored["status"]) == ["too_costly", "rejected"]
    assert scored["urgency"].iloc[0] == "routine"
    assert "budget" in scored["reason"].iloc[0]


def test_a_row_over_the_budget_still_has_its_red_flags(leg):
    frame = pd.DataFrame({"weakness": ["present"], "weakness_onset": ["sudden"], "facial_weakness": ["present"]})
    scored = leg.score_table(frame, budget=Budget(memory=0.0))
    assert list(scored["status"]) == ["too_costly"]
    assert list(scored["urgency"]) == ["emergency"]
    assert "sudden_weakness" in scored["urgency_rules"].iloc[0].split(";")
    assert scored["first_cause"].isna().all()
    assert "emergency" in scored["reason"].iloc[0]


def test_no_persons_answers_end_the_table(tiny):
    def assess(rows):
        problem = LegdxError("the numbers leave the computer's range")
        return [problem if row["tremor"] is None else tiny.assess(row) for row in rows]

    causes = list(tiny.knowledge.causes)
    one, two = score_rows([{"tremor": None}, {"tremor": "present"}], assess, causes)
    assert one[:2] == ("rejected", "the numbers leave the computer's range")
    assert set(one[2:]) == {None}
    assert two[0] == "scored"
    assert len(one) == len(two) == len(output_columns(causes))


def test_a_contradiction_hides_no_emergency(leg):
    person = {"age": 60, "sex": "male", "pregnancy": "present", "weakness": "present", "weakness_onset": "sudden"}
    (row,) = leg.score_table(pd.DataFrame([person]), outputs=["status", "triage"]).to_dict("records")
    assert (row["status"], row["urgency"]) == ("impossible", "emergency")
    assert "sudden_weakness" in row["urgency_rules"].split(";")
    assert leg.reasons_of_many([person]).urgency[0] == "emergency"


# ---------------------------------------------------------------------------------------- pandas


@pytest.mark.parametrize(
    "index",
    [
        [7, 7, 3, 7, 1, 0],
        list("fedcba"),
        pd.MultiIndex.from_product([["x", "y"], [1, 2, 3]], names=["site", "visit"]),
        pd.date_range("2026-01-01", periods=6),
    ],
    ids=["repeated", "texts", "two levels", "dates"],
)
def test_a_pandas_index_is_kept(tiny, index):
    frame = pd.DataFrame(PEOPLE, index=index)
    scored = tiny.score_table(frame, keep=["person"])
    assert scored.index.equals(frame.index)
    assert scored.index.names == frame.index.names
    assert list(scored["person"]) == PEOPLE["person"]
    assert list(scored["status"]) == STATUS
    pd.testing.assert_index_equal(tiny.score_table(frame.drop(columns="person")).index, frame.index)


NOTHING = {
    "None": pd.Series([None, "present"], dtype=object),
    "NaN": pd.Series([math.nan, "present"], dtype=object),
    "NA of texts": pd.Series([pd.NA, "present"], dtype="string"),
    "NA of booleans": pd.Series([pd.NA, True], dtype="boolean"),
    "NA of categories": pd.Series([None, "present"], dtype="category"),
    "NA of Arrow": pd.Series([None, "present"], dtype=pd.ArrowDtype(pa.string())),
    "NaT": pd.Series([pd.NaT, "present"], dtype=object),
    "blank": pd.Series(["  ", "present"], dtype=object),
}


@pytest.mark.parametrize("kind", NOTHING)
def test_every_kind_of_nothing_is_not_asked(tiny, kind):
    scored = tiny.score_table(pd.DataFrame({"tremor": NOTHING[kind]}))
    asked = len(tiny.questionnaire.asked)
    assert list(scored["status"]) == ["scored", "scored"]
    assert list(scored["answered"]) == [0, 1]
    assert list(scored["not_asked"]) == [asked, asked - 1]
    assert scored["posterior_parkinsons_disease"].iloc[0] == tiny.assess({}).posterior["parkinsons_disease"]
    assert (
        scored["posterior_parkinsons_disease"].iloc[1]
        == tiny.assess({"tremor": "present"}).posterior["parkinsons_disease"]
    )


@pytest.mark.parametrize("dtype", ["float64", "float32", "Int64", "object", pd.ArrowDtype(pa.int16())], ids=str)
def test_ages_of_every_number_type_are_read(tiny, dtype):
    scored = tiny.score_table(pd.DataFrame({"age": pd.Series([None, 67, 30], dtype=dtype)}))
    expected = [tiny.assess(case).posterior["parkinsons_disease"] for case in ({}, {"age": 67}, {"age": 30})]
    assert list(scored["posterior_parkinsons_disease"]) == expected


def test_the_types_of_the_columns_do_not_depend_on_the_rows(tiny):
    frame = pd.DataFrame(PEOPLE).drop(columns="person")
    whole = tiny.score_table(frame)
    for part in (frame.head(0), frame.iloc[[0]], frame.iloc[[3]]):
        assert (tiny.score_table(part).dtypes == whole.dtypes).all()
    assert {str(whole[name].dtype) for name in COUNTS} == {"Int64"}
    assert str(whole["first_probability"].dtype) == "float64"


# ---------------------------------------------------------------------------------------- other kinds


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_without_rows_gives_one_with_all_columns(tiny, kind):
    empty = frame_of(kind, {name: values[:0] for name, values in PEOPLE.items()})
    if kind == "arrow":
        empty = pa.table(PEOPLE).slice(0, 0)
    scored = tiny.score_table(empty, keep=["person"])
    assert type(scored) is type(empty)
    assert columns_of(scored) == {name: [] for name in ("person", *output_columns(tiny.knowledge.causes))}


def test_an_arrow_table_keeps_its_types_whatever_its_rows(tiny):
    table = pa.table({name: values for name, values in PEOPLE.items() if name != "person"})
    schema = tiny.score_table(table).schema
    assert tiny.score_table(table.slice(0, 0)).schema == schema
    assert tiny.score_table(table.slice(3, 1)).schema == schema
    assert pa.types.is_integer(schema.field("answered").type)
    assert pa.types.is_float64(schema.field("log_evidence").type)


def test_an_arrow_table_in_pieces_is_one_table(tiny):
    table = pa.table({name: values for name, values in PEOPLE.items() if name != "person"})
    pieces = pa.concat_tables([table.slice(0, 2), table.slice(2)])
    assert tiny.score_table(pieces).to_pydict() == tiny.score_table(table).to_pydict()


@pytest.mark.skipif(pl is None, reason="polars is an extra")
def test_polars_categories_booleans_and_structures_are_read(tiny):
    frame = pl.DataFrame(
        {"sex": ["male", None], "tremor": [True, None], "potassium": [POTASSIUM, None]},
        schema_overrides={"sex": pl.Categorical},
    )
    scored = tiny.score_table(frame)
    expected = tiny.assess({"sex": "male", "tremor": "present", "potassium": POTASSIUM}).posterior["low_potassium"]
    assert scored["posterior_low_potassium"].to_list() == [expected, tiny.assess({}).posterior["low_potassium"]]


@pytest.mark.skipif(pl is None, reason="polars is an extra")
def test_polars_types_do_not_depend_on_the_rows(tiny):
    frame = pl.DataFrame(PEOPLE).drop("person")
    schema = tiny.score_table(frame).schema
    assert tiny.score_table(frame.head(0)).schema == schema
    assert tiny.score_table(frame.slice(3, 1)).schema == schema


# ---------------------------------------------------------------------------------------- what is asked for


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_wanted_outputs_come_back_in_the_wanted_order(tiny, kind):
    frame = frame_of(kind, PEOPLE)
    wanted = ["posterior_dehydration", "status"]
    found = columns_of(tiny.score_table(frame, wanted, keep=["person"]))
    assert list(found) == ["person", *wanted]
    everything = columns_of(tiny.score_table(frame, keep=["person"]))
    assert found == {name: everything[name] for name in found}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kept_column_is_copied_and_changes_no_answer(tiny, kind):
    people = {name: values for name, values in PEOPLE.items() if name != "person"}
    plain = columns_of(tiny.score_table(frame_of(kind, people)))
    kept = columns_of(tiny.score_table(frame_of(kind, PEOPLE), keep=["person", "age"]))
    assert kept == {"person": PEOPLE["person"], "age": PEOPLE["age"], **plain}


@pytest.mark.parametrize("kind", KINDS)
def test_people_of_whom_nothing_is_asked_stay_in_the_table(tiny, kind):
    scored = columns_of(tiny.score_table(frame_of(kind, {"person": ["a", "b"]}), keep=["person"]))
    assert scored["person"] == ["a", "b"]
    assert scored["status"] == ["scored", "scored"]
    assert scored["posterior_dehydration"] == [tiny.assess({}).posterior["dehydration"]] * 2


def test_a_frame_with_an_index_alone_has_a_row_for_each(tiny):
    assert list(tiny.score_table(pd.DataFrame(index=[4, 2]))["answered"]) == [0, 0]


def test_columns_may_have_old_names_and_names_of_tests(tiny):
    frame = pd.DataFrame({"hypokalaemia": ["present", None], "potassium": [None, POTASSIUM]})
    scored = tiny.score_table(frame)
    assert list(scored["status"]) == ["scored", "scored"]
    assert scored["posterior_low_potassium"].iloc[0] == 1.0
    assert scored["answered"].tolist() == [1, 1]


def test_a_test_by_value_and_by_level_goes_together_where_only_one_is_given(tiny):
    frame = pd.DataFrame({"potassium": [POTASSIUM, None, POTASSIUM], "potassium_low": [None, "moderate", "moderate"]})
    scored = tiny.score_table(frame)
    assert list(scored["status"]) == ["scored", "scored", "rejected"]
    assert scored["log_evidence"].iloc[0] == scored["log_evidence"].iloc[1]
    assert "twice" in scored["reason"].iloc[2]


# ---------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("columns", "asked", "named", "hint"),
    [
        ({"tremour": ["present"]}, {}, "tremour", "'tremor'"),
        ({"tremor": ["present"], "id": [1]}, {}, "id", "known"),
        ({"tremor": ["present"]}, {"keep": ["trmor"]}, "trmor", "'tremor'"),
        (
            {"tremor": ["present"]},
            {"outputs": ["postrior_dehydration"]},
            "postrior_dehydration",
            "'posterior_dehydration'",
        ),
    ],
)
def test_an_unknown_column_is_an_error_that_names_the_nearest(tiny, kind, columns, asked, named, hint):
    with pytest.raises(UnknownNameError) as caught:
        tiny.score_table(frame_of(kind, columns), **asked)
    assert caught.value.name == named
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", [0, None, ("a", "b"), 1.5])
def test_a_column_name_that_is_no_text_is_unknown(tiny, name):
    with pytest.raises(UnknownNameError):
        tiny.score_table(pd.DataFrame([["present"]], columns=pd.Index([name], dtype=object, tupleize_cols=False)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("keep", "outputs", "twice"),
    [
        (["person", "status"], None, "status"),
        (["person", "status", "person"], ["reason"], "person"),
        (["person", "status"], ["reason", "reason"], "reason"),
    ],
)
def test_a_column_that_would_stand_twice_is_refused(tiny, kind, keep, outputs, twice):
    frame = frame_of(kind, {"person": ["a"], "status": ["b"], "tremor": ["present"]})
    with pytest.raises(LegdxError, match=f"'{twice}' would stand twice"):
        tiny.score_table(frame, outputs, keep=keep)


def test_two_columns_of_one_name_are_refused(tiny):
    with pytest.raises(LegdxError, match="tremor"):
        tiny.score_table(pd.DataFrame([["present", "absent"]], columns=["tremor", "tremor"]))


@pytest.mark.parametrize(
    "frame", [None, {"tremor": ["present"]}, [{"tremor": "present"}], np.zeros((2, 2)), pd.Series([1])]
)
def test_what_is_no_table_is_refused(tiny, frame):
    with pytest.raises(LegdxError) as caught:
        tiny.score_table(frame)
    assert "pandas" in caught.value.hint


@pytest.mark.parametrize(
    "cell",
    [
        1,
        2.5,
        "Present",
        "present ",
        ["present"],
        np.array([1, 2]),
        object(),
        pd.Timestamp("2026-01-01"),
        b"present",
        10**400,
    ],
    ids=lambda cell: type(cell).__name__,
)
def test_a_cell_that_cannot_be_read_rejects_its_row_alone(tiny, cell):
    scored = tiny.score_table(pd.DataFrame({"tremor": pd.Series([cell, "present"], dtype=object)}))
    assert list(scored["status"]) == ["rejected", "scored"]
    assert "tremor" in scored["reason"].iloc[0]
