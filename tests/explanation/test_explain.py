"""An explanation is the assessment's own numbers: one row an answer, with figures and a sentence that cites them."""

from __future__ import annotations

import dataclasses
import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from legdx.engine import observe
from legdx.errors import FormatError, ImpossibleEvidenceError, LegdxError, UnknownNameError
from legdx.explanation import Explanation, Row, explain, share
from legdx.explanation.records import ENDLESS
from tests.oracle.enumeration import enumerate_marginals

TOLERANCE = 1e-9
"""In decibans; see test_weights."""

QUICK = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

PERSON = {
    "age": 67,
    "sex": "male",
    "diuretic_use": "present",
    "pregnancy": "unknown",
    "smoking": "current",
    "tremor": {"likelihood": {"present": 0.8, "absent": 0.2}},
    "weakness": "present",
    "weakness_onset": "days",
    "slow_movement": "refused",
    "brisk_reflexes": "absent",
    "potassium": {"value": 2.9, "unit": "mmol/L"},
}
LEG_PEOPLE = (
    {
        "age": 67,
        "sex": "male",
        "tremor": "present",
        "tremor_at_rest": "present",
        "tremor_on_action": "absent",
        "slow_movement": "present",
        "constipation": "present",
        "family_history_of_parkinsons": "present",
        "weakness": "absent",
        "essential_tremor": "absent",
    },
    {
        "age": 35,
        "sex": "female",
        "recent_infection": "present",
        "diuretic_use": "present",
        "weakness": "present",
        "weakness_onset": "days",
        "weakness_ascending": "present",
        "reduced_reflexes": "present",
        "potassium": {"value": 2.4, "unit": "mmol/L"},
        "muscle_cramps": {"likelihood": {"present": 0.8, "absent": 0.2}},
    },
)


def all_explanations(tiny, leg):
    for model, people, step in ((tiny, (PERSON,), 1), (leg, LEG_PEOPLE, 7)):
        for person in people:
            for cause in list(model.knowledge.causes)[::step]:
                yield model, person, cause, model.explain(person, cause, level="paragraph")


def decibans(probability):
    return 10.0 * math.log10(probability / (1.0 - probability))


def row_of(explanation, *answers):
    (row,) = (row for row in explanation.rows if row.answers == answers)
    return row


# ---------------------------------------------------------------------------------------- the numbers


def test_prior_background_and_posterior_are_those_of_the_assessments(tiny, leg):
    for model, person, cause, found in all_explanations(tiny, leg):
        if cause in person:
            continue
        history = {
            name: value for name, value in person.items() if name in model.knowledge.factors or name in {"age", "sex"}
        }
        for probability, db, answers in (
            (found.prior, found.prior_decibans, {}),
            (found.background, found.background_decibans, history),
            (found.posterior, found.posterior_decibans, person),
        ):
            expected = model.assess(answers).posterior[cause]
            assert probability == pytest.approx(expected, rel=1e-9)
            assert db == pytest.approx(decibans(expected), abs=1e-7)
        assert (found.cause, found.label) == (cause, model.knowledge.label(cause))


def states_of(model):
    """A strategy of answers, certain and soft, to some of the model's questions."""
    variables = {n: v for n, v in model.questionnaire.variables.items() if v.kind != "cause"}

    def answer(variable):
        soft = st.lists(st.integers(0, 4), min_size=variable.size, max_size=variable.size).filter(any)
        return st.one_of(
            st.sampled_from(variable.states),
            soft.map(lambda weights: {"likelihood": dict(zip(variable.states, weights, strict=True))}),
            st.sampled_from(["unknown", "refused"]),
        )

    return st.lists(st.sampled_from(sorted(variables)), unique=True, max_size=8).flatmap(
        lambda names: st.fixed_dictionaries({name: answer(variables[name]) for name in names})
    )


@QUICK
@given(data=st.data())
def test_the_shares_add_up_and_every_answer_stands_in_one_row(tiny, data):
    answers = data.draw(states_of(tiny))
    cause = data.draw(st.sampled_from(sorted(tiny.knowledge.causes)))
    try:
        found = tiny.explain(answers, cause, level="all")
    except ImpossibleEvidenceError:
        assume(condition=False)
    told = [name for row in found.rows for name in row.answers]
    assert sorted(told) == sorted(tiny.case(answers).answered)
    shares = sum(row.share_decibans for row in found.rows)
    assert [row.step_decibans for row in found.rows] == [row.share_decibans for row in found.rows]
    assert found.prior_decibans + shares == pytest.approx(found.posterior_decibans, abs=TOLERANCE)
    weights = [abs(row.weight_decibans) for row in found.rows]
    assert weights == sorted(weights, reverse=True)
    json.dumps(found.to_dict(), allow_nan=False)


@QUICK
@given(data=st.data())
def test_a_lone_answer_speaks_for_a_cause_exactly_when_it_makes_it_likelier(tiny, data):
    variables = {n: v for n, v in tiny.questionnaire.variables.items() if v.kind != "cause"}
    name = data.draw(st.sampled_from(sorted(variables)))
    state = data.draw(st.sampled_from(variables[name].states))
    cause = data.draw(st.sampled_from(sorted(tiny.knowledge.causes)))
    (row,) = tiny.explain({name: state}, cause, level="paragraph").rows
    before, after = tiny.prior[cause], tiny.assess({name: state}).posterior[cause]
    change = decibans(after) - decibans(before)
    assert row.weight_decibans == pytest.approx(change, abs=TOLERANCE)
    assert row.direction == ("neutral" if abs(change) < 1.0 else "for" if change > 0.0 else "against")


def test_the_weights_of_a_whole_model_are_those_of_enumeration(tiny):
    """Nothing of the engine: fractions, the definition of noisy-MAX, every assignment; a few variables are hidden."""
    answers = {
        "age": "age_50_plus",
        "sex": "female",
        "diuretic_use": "present",
        "pregnancy": "absent",
        "smoking": "never",
        "tremor": "absent",
        "weakness": "present",
        "weakness_onset": "days",
        "slow_movement": "absent",
        "brisk_reflexes": "absent",
    }
    network, cause = tiny.network, tiny.network.index["low_potassium"]

    def odds_db(names):
        evidence = {}
        for name in names:
            i, likelihood = observe(network, name, answers[name])
            evidence[i] = [Fraction(x) for x in likelihood]
        _, joint = enumerate_marginals(network, evidence)
        absent, present = joint[cause]
        return 10.0 * math.log10(present / absent)

    found = tiny.explain(answers, "low_potassium", level="paragraph")
    everything = odds_db(answers)
    assert found.posterior_decibans == pytest.approx(everything, abs=TOLERANCE)
    for taken in (("weakness", "weakness_onset"), ("diuretic_use",), ("brisk_reflexes",)):
        row = row_of(found, *taken)
        without = odds_db([name for name in answers if name not in taken])
        assert row.weight_decibans == pytest.approx(everything - without, abs=TOLERANCE)


# ---------------------------------------------------------------------------------------- rows


def test_a_complaint_and_its_present_attributes_are_one_row(tiny):
    found = tiny.explain(PERSON, "low_potassium", level="paragraph")
    row = row_of(found, "weakness", "weakness_onset")
    knowledge = tiny.knowledge
    assert knowledge.label("weakness") in row.given
    assert knowledge.text_of("finding.weakness_onset.level.days") in row.given
    assert {one.variable for one in row.cited} == {"weakness", "weakness_onset"}
    alone = tiny.explain({"weakness_onset": "days"}, "low_potassium", level="paragraph")
    assert [one.answers for one in alone.rows] == [("weakness_onset",)]
    below = tiny.explain({"weakness": "absent", "weakness_onset": "none"}, "low_potassium", level="paragraph")
    assert sorted(one.answers for one in below.rows) == [("weakness",), ("weakness_onset",)]
    assert row_of(below, "weakness_onset").weight_decibans == pytest.approx(0.0, abs=TOLERANCE)


def test_missing_answers_have_no_row(tiny):
    found = tiny.explain({"tremor": "unknown", "weakness": "refused", "sex": None}, "dehydration", level="paragraph")
    assert found.rows == ()
    assert found.posterior == pytest.approx(found.prior, rel=1e-12)
    assert found.background == found.prior
    assert [one.kind for one in found.statements] == ["line", "start", "for", "against"]


def test_one_laboratory_value_is_a_row_for_each_finding_that_it_settles(leg):
    found = leg.explain({"potassium": {"value": 2.4, "unit": "mmol/L"}}, "low_potassium", level="paragraph")
    assert {row.answers for row in found.rows} == {("potassium_low",), ("potassium_high",)}
    assert row_of(found, "potassium_low").direction == "for"


def test_a_soft_answer_weighs_less_and_is_said_to_be_unsure(leg):
    sure, soft, void = (
        leg.explain({"tremor": answer}, "parkinsons_disease", level="paragraph")
        for answer in (
            "present",
            {"likelihood": {"present": 0.8, "absent": 0.2}},
            {"likelihood": {"present": 1, "absent": 1}},
        )
    )
    assert sure.rows[0].weight_decibans > soft.rows[0].weight_decibans > 1.0
    assert void.rows[0].weight_decibans == pytest.approx(0.0, abs=TOLERANCE)
    label = leg.knowledge.label("tremor")
    assert sure.rows[0].given == label
    assert soft.rows[0].given == leg.knowledge.text_of("phrase.answer.unsure").format(label=label)


# ---------------------------------------------------------------------------------------- a known diagnosis


@pytest.mark.parametrize(("state", "posterior"), [("present", 1.0), ("absent", 0.0)])
def test_a_known_diagnosis_has_nothing_to_weigh(leg, state, posterior):
    found = leg.explain(
        {"parkinsons_disease": state, "age": 67, "tremor": "present"}, "parkinsons_disease", level="paragraph"
    )
    assert found.posterior == posterior == leg.assess({"parkinsons_disease": state}).posterior["parkinsons_disease"]
    assert found.prior == pytest.approx(leg.prior["parkinsons_disease"], rel=1e-9)
    assert found.background == pytest.approx(leg.assess({"age": 67}).posterior["parkinsons_disease"], rel=1e-9)
    assert found.rows == ()
    assert found.sentences == (f"{found.label} is among the answers, so there is nothing to weigh.",)
    assert found.to_dict()["posterior_decibans"] == (ENDLESS if posterior else -ENDLESS)


def test_another_known_diagnosis_is_an_answer_like_others(tiny):
    found = tiny.explain({"dehydration": "present", "weakness": "present"}, "low_potassium", level="paragraph")
    row = row_of(found, "dehydration")
    assert [one.about for one in row.cited] == ["given"]
    assert row.cited[0].value == 0.1


def test_a_diagnosis_that_is_not_certain_is_weighed(tiny):
    answers = {"dehydration": {"likelihood": {"present": 0.8, "absent": 0.2}}, "weakness": "present"}
    found = tiny.explain(answers, "dehydration", level="paragraph")
    assert found.posterior == pytest.approx(tiny.assess(answers).posterior["dehydration"], rel=1e-9)
    assert row_of(found, "dehydration").weight_decibans == pytest.approx(10 * math.log10(4), abs=TOLERANCE)


# ---------------------------------------------------------------------------------------- sentences


def test_every_sentence_names_the_source_and_the_number_of_every_figure(tiny, leg):
    seen = set()
    for model, _, _, found in all_explanations(tiny, leg):
        assert found.sentences[0] == found.line == found.summary
        judged = model.knowledge.text_of("phrase.judgement")
        for row in found.rows:
            assert row.given[1:] in row.sentence
            for one in row.cited:
                number = f"{one.value:g}" if one.about.endswith(("ratio", "risk")) else share(one.value)
                assert number in row.sentence
                if one.source != "editorial_judgement":
                    assert one.reference in row.sentence
                elif judged is not None:
                    assert judged in row.sentence
                seen.add(one.about)
            if not row.cited and model is leg:
                indirect = leg.knowledge.text_of("phrase.indirect").split("{cause}")
                assert all(part in row.sentence for part in indirect) or "It counts by way of " in row.sentence
    assert {"in_cause", "background", "odds_ratio", "prevalence"} <= seen


def test_a_factor_that_counts_through_another_factor_names_it_while_that_is_open(leg):
    label = leg.knowledge.label("glucose_lowering_medication")
    said = {"age": 60, "sex": "male", "diabetes": "absent"}
    row = next(r for r in leg.explain(said, "hypoglycaemia", level="paragraph").rows if r.answers == ("diabetes",))
    assert row.direction == "against"
    assert row.sentence.endswith(f"It counts by way of {label}.")
    said["glucose_lowering_medication"] = "absent"
    row = next(r for r in leg.explain(said, "hypoglycaemia", level="paragraph").rows if r.answers == ("diabetes",))
    assert row.direction == "neutral"
    assert label not in row.sentence


def test_a_sentence_says_for_or_against_and_how_strongly(leg):
    for person in LEG_PEOPLE:
        for row in leg.explain(person, "parkinsons_disease", level="paragraph").rows:
            word = leg.knowledge.text_of(f"phrase.strength.{row.strength}")
            if row.direction != "neutral":
                assert f"speaks {word} {row.direction} " in row.sentence
            assert f"{row.weight_decibans:+.1f}" in row.sentence


def test_the_paragraph_says_the_three_probabilities(leg):
    for person in LEG_PEOPLE:
        found = leg.explain(person, "guillain_barre_syndrome", level="paragraph")
        for probability in (found.prior, found.background, found.posterior):
            assert share(probability) in found.paragraph
        assert found.paragraph.startswith(found.line)
        assert leg.explain(person, "guillain_barre_syndrome", level="line").paragraph == found.line


def test_every_number_of_a_statement_is_one_of_the_explanation(tiny, leg):
    for _, _, _, found in all_explanations(tiny, leg):
        rows = {"+".join(row.answers): row for row in found.rows}
        own = {"prior": found.prior, "background": found.background, "posterior": found.posterior}
        for one in found.statements:
            for value in one.values:
                if value.name in own:
                    assert value.value == own[value.name]
                elif value.unit == "decibans":
                    assert value.value == rows[value.name].weight_decibans
                elif value.unit == "probability":
                    assert value.value == rows[value.name].probability
                else:
                    assert value.value == sum(row.direction == "neutral" for row in found.rows)


def test_a_level_that_is_none_is_an_error_that_names_the_nearest(tiny):
    with pytest.raises(LegdxError, match="paragraf") as caught:
        tiny.explain({"tremor": "present"}, "dehydration", level="paragraf")
    assert "paragraph" in caught.value.hint


def test_figures_are_chosen_for_the_persons_age_and_sex(leg):
    cause = leg.knowledge.causes["parkinsons_disease"]
    figures = {p.figure.id: p.figure for p in cause.prevalence}
    for age in (45, 55, 65, 75, 85):
        row = row_of(leg.explain({"age": age, "sex": "male"}, "parkinsons_disease", level="paragraph"), "age")
        who = figures[row.cited[0].figure].population
        fitting = [f for f in figures.values() if f.population.age_low <= age <= f.population.age_high]
        if any(f.role == "solve" and f.population.sex in {None, "male"} for f in fitting):
            assert who.age_low <= age <= who.age_high
            assert who.sex in {None, "male"}


# ---------------------------------------------------------------------------------------- as JSON


def test_an_explanation_is_plain_json(tiny, leg):
    for _, _, _, found in all_explanations(tiny, leg):
        data = found.to_dict()
        assert json.loads(json.dumps(data, allow_nan=False)) == data
        assert [row["sentence"] for row in data["rows"]] == [row.sentence for row in found.rows]


def test_an_infinite_weight_is_the_largest_number_in_json_and_comes_back():
    row = Row(
        answers=("tremor",), given="shaking", weight_decibans=math.inf, share_decibans=-math.inf, direction="for",
        strength="decisive",
    )  # fmt: skip
    found = Explanation(
        cause="c", label="c", level="line", prior=0.1, background=0.1, posterior=1.0, prior_decibans=-9.5,
        background_decibans=-9.5, posterior_decibans=math.inf, rows=(row,),
    )  # fmt: skip
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["posterior_decibans"] == ENDLESS
    assert (data["rows"][0]["weight_decibans"], data["rows"][0]["share_decibans"]) == (ENDLESS, -ENDLESS)
    assert Explanation.from_dict(data) == found
    for broken in ({**data, "schema_version": "9"}, {**data, "more": 1}, {"schema_version": "1.0"}):
        with pytest.raises(FormatError):
            Explanation.from_dict(broken)


def test_odds_beyond_every_power_of_ten_are_still_probabilities(tiny):
    network, knowledge = tiny.network, tiny.knowledge
    i = network.index["dehydration"]
    for likelihood, posterior in (([1.0, 1e-320], 0.0), ([1e-320, 1.0], 1.0)):
        found = explain(knowledge, network, {i: np.array(likelihood)}, "dehydration", {})
        assert found.posterior == pytest.approx(posterior, abs=1e-300)
        assert math.isfinite(found.posterior_decibans)


def test_an_unknown_cause_names_the_nearest(leg):
    with pytest.raises(UnknownNameError) as caught:
        leg.explain({}, "parkinson_disease", level="paragraph")
    assert "'parkinsons_disease'" in caught.value.hint


def test_an_explanation_can_not_be_changed(tiny):
    found = tiny.explain(PERSON, "dehydration", level="paragraph")
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.posterior = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.rows[0].sentence = ""
