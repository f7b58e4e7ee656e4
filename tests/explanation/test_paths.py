"""Paths run along arrows that are there, with the numbers that stand on them."""

from __future__ import annotations

import pytest

from legdx.explanation.paths import paths_through
from tests.explanation.people import person


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
