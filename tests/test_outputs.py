"""Each group of columns says of a person what its name promises."""

import math

import pytest

from legdx import UnknownNameError, load_model
from legdx.outputs import expand, groups, kinds_of, output_columns
from legdx.table import score_rows, to_long


@pytest.fixture(scope="module")
def model():
    return load_model()


CASE = {"age": 67, "sex": "male", "tremor": "present", "tremor_at_rest": "present", "weakness": "absent"}


def columns(model, case, *wanted):
    causes = tuple(model.knowledge.causes)
    names = expand(wanted, causes)
    (row,) = score_rows([case], lambda rows: [model.assess(row) for row in rows], causes, ("status", *names))
    assert row[0] == "scored"
    return dict(zip(names, row[1:], strict=True))


def test_ranks_are_those_of_the_posteriors(model):
    found = columns(model, CASE, "ranks", "posteriors", "first")
    causes = tuple(model.knowledge.causes)
    ranked = sorted(causes, key=lambda cause: -found[f"posterior_{cause}"])
    assert [found[f"rank_{cause}"] for cause in ranked][:5] == [1, 2, 3, 4, 5]
    assert found["first_cause"] == ranked[0]


def test_the_weight_of_evidence_is_the_change_of_the_log_odds(model):
    found = columns(model, CASE, "first", "weight")
    after, before = found["first_probability"], model.prior[found["first_cause"]]
    change = 10 * math.log10(after / (1 - after)) - 10 * math.log10(before / (1 - before))
    assert found["first_weight_decibans"] == pytest.approx(change, rel=1e-9)  # the same sum in another order
    sure = columns(model, {"parkinsons_disease": "present"}, "weight")
    assert sure["first_weight_decibans"] is None


def test_the_reasons_are_those_of_the_explanation(model):
    found = columns(model, CASE, "first", "reasons")
    rows = model.assess(CASE).explain(found["first_cause"]).rows
    best = max(rows, key=lambda row: row.weight_decibans)
    assert (
        found["first_reasons_for"].split(";")[0] == f"{'+'.join(best.answers)}={best.given}:{best.weight_decibans:+.1f}"
    )


def test_the_ranking_is_that_of_the_case(model):
    case = {"age": 67, "sex": "male", "tremor": "present", "tremor_at_rest": "present", "diabetes": "present",
            "peripheral_neuropathy": "present", "stroke": "present"}  # fmt: skip
    found, ranking = columns(model, case, "ranking"), model.assess(case).ranking
    assert found["explains_first"] == ranking.first
    assert found["explains_first_probability"] == pytest.approx(ranking.explains[0].explains, rel=1e-9)
    named = {name: [one.split(":")[0] for one in found[name].split(";") if one] for name in ("idle", "rule_out")}
    assert sorted(named["idle"]) == sorted(one.cause for one in ranking.idle)
    assert named["rule_out"] == [one.cause for one in ranking.rule_out]
    assert named["idle"]
    assert named["rule_out"]
    assert columns(model, {"age": 67}, "ranking")["explains_first"] is None


def test_interval_next_question_and_doubts_are_those_of_the_case(model):
    found, result = columns(model, CASE, "first", "interval", "outside", "doubts", "next"), model.assess(CASE)
    assert (found["first_low_90"], found["first_high_90"]) == result.interval(found["first_cause"])
    assert found["first_low_90"] < found["first_probability"] < found["first_high_90"]
    assert found["none_present"] == result.outside().none_present
    assert found["unexplained"] == result.ranking.unexplained
    assert found["doubts"].split(";") == list(result.doubts())
    assert found["next_question"] == result.next_questions(1).questions[0].name


@pytest.mark.parametrize(
    ("case", "flags"),
    [
        ({}, {"no_answers", "no_age", "no_sex"}),
        ({"age": 40, "sex": "male"}, {"only_age_and_sex"}),
        ({"sex": "male"}, {"only_age_and_sex", "no_age"}),
        ({"age": 40, "sex": "refused", "tremor": "present"}, {"no_sex"}),
        ({"age": 40, "sex": "male", "tremor": "present"}, set()),
    ],
)
def test_flags_say_what_to_know_of_a_row(model, case, flags):
    found = set(columns(model, case, "flags")["flags"].split(";")) - {"", "red_flags_not_asked"}
    assert found == flags


def test_groups_and_columns_can_be_mixed_and_no_name_means_two_things():
    assert expand(["first", "posterior_a", "counts"], ["a"])[:3] == ("first_cause", "first_probability", "posterior_a")
    both = set(groups()) & set(kinds_of(["a"]))
    assert all(set(groups()[name].columns(["a"])) == {name} for name in both)
    with pytest.raises(UnknownNameError):
        expand(["rankings"], ["a"])


def test_what_a_table_has_by_default_is_cheap():
    names = set(output_columns(["a"]))
    assert {"posterior_a", "flags", "urgency"} <= names
    assert not names & {"rank_a", "first_weight_decibans", "first_reasons_for"}


def test_a_scored_dataframe_can_be_made_long(model):
    import pandas as pd

    scored = model.score_table(pd.DataFrame({"age": [40, 12], "id": ["a", "b"]}, index=[7, 9]), keep=["id"])
    long = to_long(scored, tuple(model.knowledge.causes))
    assert len(long) == len(model.knowledge.causes) + 1
    assert long.index.unique().tolist() == [7, 9]
    assert pd.isna(long.loc[9, "cause"])
    assert long["posterior"].iloc[0] == scored[f"posterior_{long['cause'].iloc[0]}"].iloc[0]


def test_the_attribution_is_that_of_the_table_of_findings(model):
    found = columns(model, CASE, "first", "attribution")
    table = model.assess(CASE).table()
    column = table.causes.index(found["first_cause"])
    best = max(range(len(table.findings)), key=lambda row: table.gone[row][column])
    assert found["first_attribution"].split(";")[0] == f"{table.findings[best]}:{table.gone[best][column]:.2f}"


def test_the_conflict_is_that_of_the_assessment(model):
    assert columns(model, CASE, "conflict")["conflict"] == model.assess(CASE).conflict.log_ratio
