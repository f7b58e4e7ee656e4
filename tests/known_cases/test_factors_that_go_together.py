"""What a disease says of its medicine, and a habit of another, when only one of the two was asked.

Without arrows between factors "no diabetes" left low sugar at 1.8 of 1.9 %, as if people without diabetes used
insulin.
"""

from __future__ import annotations

import pytest

from legdx.build.implied import Queries
from legdx.build.targets import cell_weights
from legdx.knowledge import Population

MEDICINE = "glucose_lowering_medication"


def posterior(leg, cause, **answers):
    return leg.assess(answers).posterior[cause]


def test_no_diabetes_takes_low_sugar_to_its_rate_in_people_without_such_medicine(leg):
    without = posterior(leg, "hypoglycaemia", **{MEDICINE: "absent"})
    assert 0.001 < without < 0.003
    assert posterior(leg, "hypoglycaemia", diabetes="absent") == pytest.approx(without, abs=0.0003)


def test_diabetes_makes_low_sugar_as_likely_as_the_share_who_use_such_medicine(leg):
    among_users = posterior(leg, "hypoglycaemia", **{MEDICINE: "present"})
    raised = posterior(leg, "hypoglycaemia", diabetes="present")
    assert raised > 5 * posterior(leg, "hypoglycaemia")
    assert 0.4 * among_users < raised < 0.6 * among_users


@pytest.mark.parametrize("medicine", ["absent", "present"])
def test_the_medicine_once_answered_makes_diabetes_irrelevant_to_low_sugar(leg, medicine):
    said = {"age": 60, "sex": "male", MEDICINE: medicine}
    known = [posterior(leg, "hypoglycaemia", **said, diabetes=answer) for answer in ("absent", "present")]
    assert known[0] == pytest.approx(known[1], rel=1e-9)
    assert posterior(leg, "hypoglycaemia", **said) == pytest.approx(known[0], rel=1e-9)


def test_the_medicine_tells_of_the_diabetes_and_so_of_nerves_and_vessels(leg):
    said = {"age": 60, "sex": "male"}
    for cause in ("peripheral_neuropathy", "peripheral_artery_disease"):
        known = posterior(leg, cause, **said, diabetes="present")
        assert posterior(leg, cause, **said, **{MEDICINE: "present"}) == pytest.approx(known, rel=0.01)


def test_somebody_who_answers_both_ways_still_gets_a_result(leg):
    result = leg.assess({"age": 60, "sex": "male", "diabetes": "absent", MEDICINE: "present"})
    assert result.posterior["hypoglycaemia"] > 0.2


@pytest.mark.parametrize(
    ("cause", "answered", "least"),
    [
        ("anxiety_or_stress", "short_sleep", 1.2),
        ("sleep_deprivation", "high_stress", 1.7),
    ],
)
def test_one_of_two_that_go_together_raises_what_the_other_causes(leg, cause, answered, least):
    said = {"age": 45, "sex": "male"}
    known = [posterior(leg, cause, **said, **{answered: answer}) for answer in ("absent", "present")]
    assert known[1] > least * known[0]


@pytest.mark.parametrize("name", ["diabetes", MEDICINE, "high_stress", "short_sleep"])
def test_the_prevalence_of_a_factor_with_an_arrow_is_still_within_what_was_published(leg, name):
    for one in leg.knowledge.factors[name].prevalence:
        assert one.figure.low <= share_of(leg, name, one.state, one.figure.population) <= one.figure.high, one.figure.id


def share_of(leg, name: str, state: str, who: Population) -> float:
    """The share of these people in a state of a factor."""
    network, queries = leg.network, Queries(leg.network)
    at = network.variables[network.index[name]].states.index(state)
    weights = cell_weights(leg.knowledge.model.age_bands, who)
    there = queries.table(((name, (at,)),), network.nodes)[0] * weights
    everybody = queries.table((), network.nodes)[0] * weights
    return float(there.sum() / everybody.sum())
