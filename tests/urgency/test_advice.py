"""Advice is withheld where what speaks against it is there, probable or not known."""

import dataclasses

import numpy as np
import pytest

from legdx.network.records import Network, Table
from legdx.urgency import advice
from legdx.urgency.advice import AdviceGiven
from tests.urgency.people import one_hot

NO_CAUSE = {"bad": 0.0, "worse": 0.0, "mild": 1.0}


def given(small, answers, posterior=NO_CAUSE, causes=("mild",)):
    knowledge, network = small
    evidence = {network.index[name]: np.array(one_hot(network, name, state)) for name, state in answers.items()}
    return {one.id: one for one in advice(knowledge, network, evidence, posterior, causes)}


@pytest.mark.parametrize(("answer", "state"), [("absent", None), ("present", "present")])
def test_a_factor_that_was_answered_decides(small, answer, state):
    drink = given(small, {"old_kidneys": answer})["drink"]
    assert drink.withheld == (state is not None)
    assert [one.state for one in drink.withheld_by] == [state] * drink.withheld
    assert drink.text == "Drink."


def test_a_factor_without_an_answer_withholds(small):
    (reason,) = given(small, {})["drink"].withheld_by
    assert reason.id == "old_kidneys"
    assert reason.state in {"probable", "unknown"}
    assert 0.0 < reason.probability < 1.0


@pytest.mark.parametrize(
    ("answer", "state"), [(None, "unknown"), ([1.0, 1.0], "unknown"), ([1.0, 0.9], None), ([0.1, 1.0], "probable")]
)
def test_an_improbable_factor_withholds_unless_it_was_asked_for(small, answer, state):
    knowledge, network = small
    kidneys = network.index["old_kidneys"]
    nodes = list(network.nodes)
    assert isinstance(nodes[kidneys], Table)
    nodes[kidneys] = dataclasses.replace(
        nodes[kidneys], values=np.broadcast_to([0.97, 0.03], nodes[kidneys].values.shape)
    )
    rare = Network(network.variables, tuple(nodes))
    evidence = {} if answer is None else {kidneys: np.array(answer)}
    found = {one.id: one for one in advice(knowledge, rare, evidence, NO_CAUSE, ("mild",))}
    assert [one.state for one in found["drink"].withheld_by] == [state] * (state is not None)


def test_advice_survives_being_written_and_read(small):
    for one in given(small, {}).values():
        assert AdviceGiven.from_dict(one.to_dict()) == one


@pytest.mark.parametrize(("probability", "states"), [(0.0, []), (0.05, []), (0.06, ["probable"]), (1.0, ["present"])])
def test_a_cause_withholds_when_it_is_probable(small, probability, states):
    pill = given(small, {"expecting": "absent"}, NO_CAUSE | {"worse": probability})["pill"]
    assert [one.state for one in pill.withheld_by] == states


def test_what_cannot_be_asked_withholds_self_care_and_is_a_caution_elsewhere(small):
    found = given(small, {})
    assert [one.state for one in found["salt"].withheld_by] == ["not_in_model"]
    assert not found["tablet"].withheld
    assert [one.id for one in found["tablet"].cautions] == ["weak_heart"]


def test_advice_without_contraindication_is_given_in_the_order_of_the_causes_once(small):
    found = given(small, {}, causes=("bad", "mild", "mild"))
    assert list(found) == ["drink", "stretch", "pill", "salt", "tablet"]
    assert not found["stretch"].withheld
    assert found["stretch"].to_dict()["withheld"] is False
    assert found["stretch"].causes == ("mild",)


def test_packaged_advice_on_fluids_and_potassium_needs_healthy_kidneys(leg):
    knowledge, network = leg
    nothing = dict.fromkeys(knowledge.causes, 0.0)
    causes = ("dehydration", "low_potassium")
    unasked = {one.id: one for one in advice(knowledge, network, {}, nothing, causes)}
    for name in ("drink_fluids", "rehydration_sachets", "potassium_rich_food", "potassium_replacement"):
        assert unasked[name].withheld
    healthy = {network.index[name]: np.array([1.0, 0.0]) for name in ("kidney_disease", "potassium_raising_medication")}
    assert not any(one.withheld for one in advice(knowledge, network, healthy, nothing, causes))
