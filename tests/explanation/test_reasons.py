"""What an assessment tells hangs together, and what is too costly is named and never made up."""

from __future__ import annotations

import pytest

import legdx.explanation.runs as runs_module
from legdx.engine import Budget
from legdx.errors import LegdxError, UnknownNameError
from legdx.explanation import Reasons

PERSON = {
    "age": 64, "sex": "male", "diabetes": "present", "numbness_or_tingling": "present",
    "pain_in_legs_or_feet": "present", "reduced_reflexes": "present", "weakness": "absent",
}  # fmt: skip


@pytest.fixture(scope="module")
def result(leg):
    return leg.assess(PERSON)


def test_the_table_says_what_explains_what_and_its_parts_sum(result):
    table = result.table()
    assert set(table.findings) == {"reduced_reflexes", "numbness_or_tingling", "pain_in_legs_or_feet"}
    assert [one.finding for one in table.attributions] == list(table.findings)
    for one in table.attributions:
        assert one.leak + one.shared + sum(share for _, share in one.alone) == pytest.approx(1.0)
    totals = [sum(column) for column in zip(*table.gone, strict=True)]
    assert totals == sorted(totals, reverse=True)
    assert table.causes[0] == "peripheral_neuropathy"
    complaints = [table.findings.index(name) for name in result.ranking.complaints]
    for one in result.ranking.explains:
        column = table.causes.index(one.cause)
        assert sum(table.gone[f][column] for f in complaints) == pytest.approx(one.would_go, abs=1e-9)


def test_level_all_has_everything_and_its_numbers_are_those_of_the_parts(leg, result):
    found = result.explain("peripheral_neuropathy")
    entry = next(one for one in result.ranking.explains if one.cause == found.cause)
    assert (found.explains, found.would_go) == (entry.explains, entry.would_go)
    assert found.interval == result.interval(found.cause)
    assert found.first_three == result.among_first_three()[found.cause]
    assert found.tornado == result.tornado(found.cause)
    assert found.unavailable == ()
    assert found.paths[0].variables[:2] == ("diabetes", "peripheral_neuropathy")
    assert found.prior_decibans + sum(r.share_decibans for r in found.rows) == pytest.approx(found.posterior_decibans)
    swing = found.tornado[0]
    assert min(swing.low, swing.high) < found.posterior < max(swing.low, swing.high)
    assert leg.explain(PERSON, "peripheral_neuropathy", level="paragraph").rows[0].share_decibans is None
    by_way = leg.explain({"potassium": {"value": 2.4, "unit": "mmol/L"}}, "dehydration", level="paragraph")
    assert any("by way of low potassium in the blood" in row.sentence for row in by_way.rows)


def test_what_is_too_costly_is_named_and_left_out(leg, monkeypatch):
    person = {**PERSON, "back_pain": "present", "muscle_cramps": "present"}
    case = leg.case(person)
    posterior = leg.assess(person).posterior
    base = runs_module.Runs(leg.network, case.evidence(leg.network), ())
    alone = base.prepared.plan.seconds()
    tight = Budget(seconds=12 * alone)
    for module in ("runs", "split", "missing", "uncertainty", "ranking", "levelled"):
        monkeypatch.setattr(f"legdx.explanation.{module}.GENEROUS", tight, raising=False)
    found = Reasons(leg, case.evidence(leg.network), {}, case.unsure, posterior).explain("peripheral_neuropathy")
    named = {one.quantity for one in found.unavailable}
    assert {"missing", "tornado"} <= named
    assert {one.reason for one in found.unavailable} == {"too_costly"}
    assert found.missing == found.tornado == ()
    assert found.rows
    assert "Not worked out here" in found.sentences[-1]


def test_doubts_say_why_the_answers_are_not_enough(leg):
    assert leg.assess({}).doubts() == ("no_complaint", "age_missing", "sex_missing")
    assert leg.assess({"age": 60, "sex": "male", "tremor": "present"}).doubts() == (
        "complaint_without_details",
        "undecided",
    )
    sure = {"age": 60, "sex": "male", "tremor": "present", "tremor_on_action": "present", "essential_tremor": "present"}
    assert leg.assess(sure).doubts() == ()


def test_an_alarm_is_raised_where_the_model_explains_nothing(leg):
    causes = dict.fromkeys(leg.knowledge.causes, "absent")
    found = leg.assess({"age": 40, "sex": "male", "weakness": "present", **causes}).outside()
    assert found.none_present == pytest.approx(1.0)
    assert found.unexplained == pytest.approx(1.0)
    assert "complaints_unexplained" in found.alarms
    usual = leg.assess(PERSON).outside()
    assert usual.alarms == ()
    assert usual.none_present < 0.1
    assert usual.unexplained < 0.1


def test_answers_that_speak_against_each_other_raise_an_alarm(leg):
    strange = {"age": 25, "sex": "male", "parkinsons_disease": "present", "slow_movement": "absent", "tremor": "absent"}
    result = leg.assess(strange)
    assert result.conflict.log_ratio > 0.0
    assert "answers_conflict" in result.outside().alarms


def test_a_contrast_of_what_is_no_cause_names_the_nearest(result):
    with pytest.raises(UnknownNameError, match="fibromyalgya"):
        result.contrast("peripheral_neuropathy", "fibromyalgya")
    assert result.contrast("peripheral_neuropathy", "spinal_stenosis").rows[0].answers == ("reduced_reflexes",)


def test_advice_comes_with_the_result_and_says_what_withholds_it(leg, result):
    given = {one.id: one for one in result.advice}
    assert given
    causes = {cause for one in result.advice for cause in one.causes}
    assert causes <= {one.cause for one in (*result.ranking.explains[:3], *result.ranking.rule_out)}
    unasked = leg.assess(
        {"age": 70, "marked_thirst": "present", "weakness": "present", "vomiting_or_diarrhoea": "present"}
    )
    drink = next(one for one in unasked.advice if one.id == "drink_fluids")
    assert drink.withheld
    assert {one.id for one in drink.withheld_by} >= {"kidney_disease"}


def test_a_model_without_drawn_networks_has_no_swings(leg):
    class Bare:
        knowledge, network, prior, drawn, spread = leg.knowledge, leg.network, leg.prior, None, None

    case = leg.case(PERSON)
    reasons = Reasons(Bare, case.evidence(leg.network), {}, case.unsure, leg.assess(PERSON).posterior)
    with pytest.raises(LegdxError, match="without drawn networks"):
        reasons.tornado("peripheral_neuropathy")
    found = reasons.explain("peripheral_neuropathy")
    assert (found.interval, found.tornado, found.first_three) == (None, (), None)


def test_flips_are_of_the_effect_that_was_asked_for(leg):
    result = leg.assess(
        {"age": 36, "sex": "female", "tremor": "present", "weight_loss": "present", "tsh_low": "present"}
    )
    for effect in ("first_cause", "urgency"):
        found = result.flips(effect)
        assert {flip.effect for flip in found} <= {effect}
        assert found or effect == "urgency"


def test_a_level_that_there_is_not_is_refused_with_a_hint(leg):
    with pytest.raises(LegdxError, match="did you mean 'paragraph'"):
        leg.explain(PERSON, "peripheral_neuropathy", level="paragraf")
    with pytest.raises(LegdxError, match="known: 'all', 'line', 'paragraph'"):
        leg.explain(PERSON, "peripheral_neuropathy", level="zzz")
