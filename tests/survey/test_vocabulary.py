"""A mapping can fill what a case can answer, with the same answers."""

import pytest

from legdx.case import Questionnaire
from legdx.network import network_shape
from legdx.network.records import Network
from legdx.survey.vocabulary import Vocabulary, level_of


@pytest.fixture(scope="module")
def vocabulary(leg):
    return Vocabulary.of(leg.knowledge)


def test_the_names_and_answers_are_those_of_a_case(leg, vocabulary):
    states = {shape.variable.name: shape.variable for shape in network_shape(leg.knowledge)}
    asked = {name: one for name, one in vocabulary.names.items() if one.unit is None}
    kinds = {"factor", "finding", "cause"}
    assert set(asked) == {name for name, one in states.items() if one.kind in kinds} - {"age"}
    assert all(set(one.answers) == set(states[name].states) for name, one in asked.items())


def test_groups_and_syndromes_cannot_be_answered(leg, vocabulary):
    assert vocabulary.closed == set(leg.knowledge.groups) | set(leg.knowledge.syndromes)
    assert not vocabulary.closed & set(vocabulary.names)


@pytest.mark.parametrize("value", [1.0, 2.4, 2.5, 2.9, 3.0, 3.4, 3.5, 4.2, 5.5, 5.6, 6.5, 6.6])
def test_a_laboratory_value_has_the_level_that_it_has_in_a_case(leg, vocabulary, value):
    analyte = vocabulary.get("potassium")
    variables = tuple(shape.variable for shape in network_shape(leg.knowledge))
    holder = object.__new__(Network)
    object.__setattr__(holder, "variables", variables)
    object.__setattr__(holder, "index", {variable.name: i for i, variable in enumerate(variables)})
    case = Questionnaire(leg.knowledge, holder).read({"potassium": {"value": value, "unit": analyte.unit}})
    for finding, measured in analyte.findings:
        assert level_of(vocabulary.names[finding], measured, value) == case.answers[finding].state
