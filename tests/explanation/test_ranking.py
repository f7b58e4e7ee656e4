"""The three lists say what they say, and what would go without causes is what the coins say, soft answers included."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from legdx.engine import Budget, observe
from legdx.engine.evidence import normalise
from legdx.errors import TooCostlyError
from legdx.explanation.levelled import Levelled
from legdx.explanation.ranking import (
    Ranked,
    Ranking,
    all_present,
    complaints_of,
    explaining_sets,
    first_explaining,
    none_present,
    rank,
    would_go,
)
from legdx.network import Network, NoisyMax, Table, Variable
from tests.explanation.test_levelled import GENERATED, TOLERANCE, drawn
from tests.network.hand_made import BINARY, leaking, raising
from tests.oracle.noise import worlds


@GENERATED
@given(data=st.data())
def test_what_would_go_counts_a_soft_complaint_by_its_probability(data):
    network, evidence, targets = drawn(data)
    settled, _ = normalise(network, evidence)
    soft = [
        i for i in network.of_kind("finding") if i in settled and (settled[i] > 0).all() and not network.nodes[i].gate
    ]
    complaints = [*(f for f in targets if network.nodes[f].gate is None), *soft]
    causes = network.of_kind("cause")
    sets = [(c,) for c in causes] + [causes]
    if not complaints:
        return
    everything = worlds(network)
    weight = everything.given(evidence)
    found = would_go(network, evidence, complaints, sets)
    missed = Levelled(network, evidence, complaints).not_reached(sets)
    for at, some in enumerate(sets):
        gone = everything.on[:, complaints] & ~everything.without(some)[:, complaints]
        assert found[at] == pytest.approx(weight @ gone.sum(axis=1), abs=TOLERANCE)
        reached = everything.reached(set(some))[:, complaints].any(axis=1)
        assert missed[at] == pytest.approx(weight[~reached].sum(), abs=TOLERANCE)
    assert none_present(network, evidence) == pytest.approx(weight[~everything.on[:, causes].any(axis=1)].sum())
    assert all_present(network, evidence, causes[:2]) == pytest.approx(
        weight[everything.on[:, causes[:2]].all(axis=1)].sum()
    )


def test_a_soft_target_cannot_be_asked_about_alone():
    network, evidence, _ = hand()
    weakness = network.index["weakness"]
    found = Levelled(network, evidence, [weakness])
    with pytest.raises(ValueError, match="soft answer"):
        found.gone([((network.index["stroke"],), weakness)])


def hand():
    from tests.network.hand_made import hand_made_network

    network = hand_made_network()
    return network, {network.index["weakness"]: np.array([0.2, 0.8])}, None


PERSON = {
    "age": 60, "sex": "female", "tremor": "present", "tremor_on_action": "present", "tremor_at_rest": "absent",
    "family_history_of_tremor": "present", "slow_movement": "absent",
    "weakness": {"likelihood": {"present": 0.3, "absent": 1}},
}  # fmt: skip


def ranked(leg, person, budget=None):
    evidence = leg.case(person).evidence(leg.network)
    posteriors = dict(leg.assess(person).posterior)
    return rank(leg.knowledge, leg.network, evidence, posteriors, budget), posteriors, evidence


def test_causes_explain_with_less_than_their_posterior_and_are_listed_in_order(leg):
    found, posteriors, evidence = ranked(leg, PERSON)
    assert found.complaints == ("tremor",)
    assert found.first == "essential_tremor"
    values = [one.explains for one in found.explains]
    assert values == sorted(values, reverse=True)
    assert min(values) >= 0.01
    for one in (*found.explains, *found.idle, *found.rule_out):
        assert one.posterior == posteriors[one.cause]
        assert one.explains is None or one.explains <= one.posterior + 1e-12
        assert one.would_go is None or one.would_go <= one.explains + 1e-12
    assert found.unexplained + max(values) <= 1.0 + 1e-12
    assert found.note is None
    sets = explaining_sets(leg.network, evidence, found)
    assert [len(one.causes) for one in sets] == list(range(1, len(sets) + 1))
    gains = [one.would_go for one in sets]
    assert gains == sorted(gains)
    assert sets[0].would_go == pytest.approx(max(one.would_go for one in found.explains), rel=1e-9)


def test_a_cause_that_is_there_and_reaches_nothing_is_idle_and_a_serious_one_must_be_ruled_out(leg):
    known = {
        "peripheral_artery_disease": "present",
        "guillain_barre_syndrome": {"likelihood": {"present": 1, "absent": 1e-9}},
    }
    found, _, _ = ranked(leg, {**PERSON, **known})
    assert "peripheral_artery_disease" in {one.cause for one in found.idle}
    assert "peripheral_artery_disease" not in {one.cause for one in found.explains}
    (serious,) = [one for one in found.rule_out if one.cause == "guillain_barre_syndrome"]
    assert serious.posterior >= serious.threshold == leg.knowledge.causes[serious.cause].seriousness.urgent_above
    limits = {c.id: c.seriousness.urgent_above for c in leg.knowledge.causes.values()}
    assert all(limits[one.cause] is not None for one in found.rule_out)


def test_without_a_complaint_nothing_explains_and_past_the_budget_the_reason_is_stated(leg):
    found, _, _ = ranked(leg, {"age": 60, "tremor": "absent"})
    assert (found.note, found.explains, found.unexplained, found.complaints) == ("no_complaint", (), None, ())
    costly, _, evidence = ranked(leg, PERSON, Budget(seconds=1e-3))
    assert (costly.note, costly.explains, costly.idle, costly.unexplained) == ("too_costly", (), (), None)
    assert costly.complaints == ("tremor",)
    assert explaining_sets(leg.network, evidence, costly) == ()
    with pytest.raises(TooCostlyError):
        explaining_sets(leg.network, evidence, ranked(leg, PERSON)[0], Budget(seconds=1e-3))


@pytest.mark.parametrize(
    ("answers", "complaints"),
    [
        ({"tremor": "present", "constipation": "present"}, ("tremor",)),
        ({"tremor": "absent", "constipation": "present"}, ("constipation",)),
        ({"tremor_at_rest": "present"}, ("tremor",)),
        ({"tremor": {"likelihood": {"present": 0.6, "absent": 0.5}}}, ("tremor",)),
        ({"tremor": {"likelihood": {"present": 0.5, "absent": 0.6}}}, ()),
        ({"tremor": {"likelihood": {"present": 0.5, "absent": 0.5}}}, ()),
        ({}, ()),
    ],
)
def test_complaints_are_what_is_there_or_likelier_there_than_not(leg, answers, complaints):
    evidence = leg.case(answers).evidence(leg.network)
    found = complaints_of(leg.knowledge, leg.network, evidence)
    assert tuple(leg.network.variables[i].name for i in found) == complaints


def test_a_ranking_cannot_be_changed(leg):
    found, _, _ = ranked(leg, {"age": 60})
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.note = None


def disjoint(number, link=0.9, leak=0.01):
    """As many causes of 10 %, each with a complaint of its own."""
    names = [f"{kind}_{k}" for k in range(number) for kind in ("cause", "ache")]
    nodes = []
    for k in range(number):
        nodes += [Table((), np.array([[0.9, 0.1]])), NoisyMax((), leaking(leak), (raising(2 * k, link),))]
    variables = tuple(Variable(n, BINARY, "cause" if n.startswith("cause") else "finding") for n in names)
    return Network(variables, tuple(nodes))


def test_sets_have_at_most_three_causes_and_the_probability_that_all_are_there():
    network = disjoint(4)
    aches = tuple(f"ache_{k}" for k in range(4))
    evidence = dict(observe(network, name, "present") for name in aches)
    one = 0.1 * (1 - 0.1 * 0.99) / (0.1 * (1 - 0.1 * 0.99) + 0.9 * 0.01)
    goes = 0.1 * 0.9 * 0.99 / (0.1 * (1 - 0.1 * 0.99) + 0.9 * 0.01)
    explains = tuple(Ranked(cause=f"cause_{k}", posterior=one, explains=one, would_go=goes) for k in range(4))
    found = explaining_sets(network, evidence, Ranking(complaints=aches, explains=explains))
    assert [len(s.causes) for s in found] == [1, 2, 3]
    assert [s.probability for s in found] == pytest.approx([one, one**2, one**3])
    assert [s.would_go for s in found] == pytest.approx([goes, 2 * goes, 3 * goes])


def test_causes_that_the_answers_rule_out_are_present_with_probability_0():
    network = disjoint(1, link=1.0)
    absent = dict([observe(network, "ache_0", "absent")])
    assert all_present(network, absent, [0]) == 0.0
    assert none_present(network, absent) == pytest.approx(1.0)
    assert all_present(network, dict([observe(network, "cause_0", "absent")]), [0]) == 0.0


@pytest.mark.parametrize("likelihood", [[0.5, 1.0], [1.0, 0.5]])
def test_a_soft_complaint_goes_with_its_only_cause_as_far_as_it_is_there(likelihood):
    network = disjoint(1, leak=0.0)
    there = 0.09
    present = likelihood[1] * there / (likelihood[1] * there + likelihood[0] * (1 - there))
    assert would_go(network, {1: np.array(likelihood)}, [1], [(0,)]) == pytest.approx([present])


def test_a_soft_complaint_that_cannot_be_there_does_not_go():
    network = disjoint(1, link=0.0, leak=0.0)
    assert would_go(network, {1: np.array([0.5, 1.0])}, [1], [(0,)]).tolist() == [0.0]


def test_the_first_cause_alone_is_that_of_the_ranking(leg):
    for answers in (PERSON, {**PERSON, "weakness": "present"}, {"age": 40, "numbness_or_tingling": "present"}):
        found, posteriors, evidence = ranked(leg, answers)
        name, explains = first_explaining(leg.knowledge, leg.network, evidence, posteriors)
        assert name == found.first
        assert explains == pytest.approx(found.explains[0].explains)


def test_without_a_complaint_or_an_explanation_the_first_cause_is_the_likeliest(leg, monkeypatch):
    _, posteriors, evidence = ranked(leg, {"age": 60})
    name, explains = first_explaining(leg.knowledge, leg.network, evidence, posteriors)
    assert posteriors[name] == max(posteriors.values())
    assert np.isnan(explains)
    monkeypatch.setattr("legdx.explanation.ranking.WORTH_LISTING", 1.1)
    _, posteriors, evidence = ranked(leg, PERSON)
    name, explains = first_explaining(leg.knowledge, leg.network, evidence, posteriors)
    assert posteriors[name] == max(posteriors.values())
    assert np.isnan(explains)
