"""Paths run along arrows that are there, with the numbers that stand on them."""

from __future__ import annotations

import numpy as np
import pytest

from legdx.engine import observe
from legdx.explanation.paths import LONGEST, paths_through
from legdx.network import Link, Network, NoisyMax, Table, Variable
from tests.explanation.people import person
from tests.network.hand_made import BINARY, leaking, raising


def test_a_factor_that_is_there_leads_through_the_cause_to_what_is_there():
    network, evidence = person({"age": "old", "sex": "male", "alcohol": "present", "weakness": "present"})
    (path,) = paths_through(network, evidence, network.index["neuropathy"])
    assert path.variables == ("alcohol", "neuropathy", "weakness")
    assert path.links == pytest.approx((0.25, 0.35))
    assert path.strength == pytest.approx(0.25 * 0.35)


def test_without_the_factor_or_the_finding_there_is_no_path_with_something_between():
    for answers in (
        {"age": "old", "alcohol": "absent", "weakness": "present"},
        {"age": "old", "alcohol": "present", "weakness": "absent"},
        {"weakness": "present"},
    ):
        network, evidence = person(answers)
        assert paths_through(network, evidence, network.index["neuropathy"]) == ()


def test_a_strength_that_varies_with_what_is_not_known_is_its_mean():
    network, evidence = person({"alcohol": "present", "weakness": "present"})
    (path,) = paths_through(network, evidence, network.index["neuropathy"])
    assert path.links == pytest.approx(((0.1 + 0.25) / 2, 0.35))


def test_paths_of_the_packaged_model_go_by_way_of_causes_and_syndromes(leg):
    person = {"age": 70, "diabetes": "present", "numbness_or_tingling": "present", "slow_movement": "present"}
    evidence = leg.case(person).evidence(leg.network)
    (path,) = paths_through(leg.network, evidence, leg.network.index["peripheral_neuropathy"])
    assert path.variables == ("diabetes", "peripheral_neuropathy", "numbness_or_tingling")
    (path,) = paths_through(leg.network, evidence, leg.network.index["parkinsons_disease"])
    assert path.variables == ("parkinsons_disease", "parkinsonism", "slow_movement")
    known = leg.case({**person, "vitamin_b12_deficiency": "absent"}).evidence(leg.network)
    paths = paths_through(leg.network, known, leg.network.index["nitrous_oxide_toxicity"])
    assert not any("vitamin_b12_deficiency" in path.variables for path in paths)


def chain(*strengths):
    """A cause, further causes or a syndrome, and a finding, each from the one before."""
    names = [f"step_{k}" for k in range(len(strengths) + 1)]
    kinds = ["cause"] * len(strengths) + ["finding"]
    nodes = [Table((), np.array([[0.9, 0.1]]))]
    nodes += [NoisyMax((), leaking(0.01), (raising(k, strength),)) for k, strength in enumerate(strengths)]
    network = Network(tuple(Variable(n, BINARY, k) for n, k in zip(names, kinds, strict=True)), tuple(nodes))
    return network, dict([observe(network, names[-1], "present")])


def test_a_chain_is_followed_to_the_stated_length_and_no_further():
    network, evidence = chain(*[0.9] * LONGEST)
    (path,) = paths_through(network, evidence, 0)
    assert len(path.links) == LONGEST
    network, evidence = chain(*[0.9] * (LONGEST + 1))
    assert paths_through(network, evidence, 0) == ()


def test_the_strongest_paths_come_first_and_no_more_than_asked_for():
    names = ("habit", "cause", "little", "much", "more")
    kinds = ("factor", "cause", "finding", "finding", "finding")
    nodes = (
        Table((), np.array([[0.7, 0.3]])),
        NoisyMax((), leaking(0.01), (raising(0, 0.5),)),
        *(NoisyMax((), leaking(0.1), (raising(1, strength),)) for strength in (0.2, 0.6, 0.9)),
    )
    network = Network(tuple(Variable(n, BINARY, k) for n, k in zip(names, kinds, strict=True)), nodes)
    evidence = dict(observe(network, name, "present") for name in names if name != "cause")
    assert [path.variables[-1] for path in paths_through(network, evidence, 1)] == ["more", "much", "little"]
    assert [path.variables[-1] for path in paths_through(network, evidence, 1, most=1)] == ["more"]
    assert [path.variables[-1] for path in paths_through(network, evidence, 1, weakest=0.6)] == ["more", "much"]


@pytest.mark.parametrize(("said", "link"), [("former", 0.1), ("current", 0.3)])
def test_of_a_parent_with_levels_the_link_of_what_was_said_counts(said, link):
    values = np.array([[[1.0, 0.0], [0.9, 0.1], [0.7, 0.3]]])
    network = Network(
        (
            Variable("smoking", ("never", "former", "current"), "factor"),
            Variable("cause", BINARY, "cause"),
            Variable("ache", BINARY, "finding"),
        ),
        (
            Table((), np.array([[0.5, 0.3, 0.2]])),
            NoisyMax((), leaking(0.01), (Link(0, values),)),
            NoisyMax((), leaking(0.1), (raising(1, 0.8),)),
        ),
    )
    evidence = dict([observe(network, "smoking", said), observe(network, "ache", "present")])
    (path,) = paths_through(network, evidence, 1)
    assert path.links == pytest.approx((link, 0.8))
