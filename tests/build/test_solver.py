"""The solved network gives back the figures it was solved from; the oracle is enumeration or a closed form."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from legdx.build.pipeline import all_targets
from legdx.build.targets import cell_weights, targets_of
from legdx.engine import observe, posterior
from legdx.knowledge import Population
from legdx.network.records import Network, arrays_of, map_arrays
from legdx.network.structure import network_shape
from tests.oracle.enumeration import enumerate_marginals

BELIEF_PULL = 0.02
"""The weak beliefs of the solver (standard deviation 3 to 5 logits) move a figure by less than 2 % of its odds."""


def probability(network: Network, event: tuple[str, str], given: dict[str, str]) -> float:
    """P(event | given) by enumeration of the whole network in fractions."""
    evidence = {}
    for name, state in given.items():
        i, likelihood = observe(network, name, state)
        evidence[i] = [Fraction(int(x)) for x in likelihood]
    total, joint = enumerate_marginals(network, evidence)
    i = network.index[event[0]]
    return float(joint[i][network.variables[i].states.index(event[1])] / total)


def first_part(network: Network, name: str) -> Network:
    """The variables up to this one, so that enumeration stays small."""
    count = network.index[name] + 1
    return Network(network.variables[:count], network.nodes[:count])


def odds(p: float) -> float:
    return p / (1.0 - p)


def test_a_lone_sensitivity_is_met(built):
    # dehydration -> weakness 0.2, the only figure of that pair
    i, present = observe(built.network, "dehydration", "present")
    weakness = built.network.index["weakness"]
    implied = posterior(built.network, {i: present}, [weakness]).marginals[weakness][0, 1]
    assert odds(implied) == pytest.approx(odds(0.2), rel=BELIEF_PULL)


def test_the_background_of_a_complaint_is_its_rate_when_no_cause_is_active(built):
    evidence = dict(
        observe(built.network, cause, "absent") for cause in ("dehydration", "low_potassium", "parkinsons_disease")
    )
    weakness = built.network.index["weakness"]
    implied = posterior(built.network, evidence, [weakness]).marginals[weakness][0, 1]
    assert odds(implied) == pytest.approx(odds(0.05), rel=BELIEF_PULL)


def test_a_cause_that_says_nothing_of_an_attribute_shapes_it_as_the_background_does(built):
    said = {"dehydration": "present", "weakness": "present", "low_potassium": "absent", "other_weakness": "absent"}
    evidence = dict(observe(built.network, *answer) for answer in said.items())
    onset = built.network.index["weakness_onset"]
    implied = posterior(built.network, evidence, [onset]).marginals[onset][0]
    assert implied[2:].sum() == pytest.approx(0.2, abs=0.01)


def test_an_incidence_becomes_the_share_of_people_who_are_active(built):
    # 0.05 a person-year, 28 days of window and 60 days of symptoms; within half of its standard error (0.1), since the
    # arrow from dehydration, which is known less well, has a say too
    cause = built.network.index["low_potassium"]
    implied = posterior(built.network, {}, [cause]).marginals[cause][0, 1]
    assert odds(implied) == pytest.approx(odds(0.05 * (28 + 60) / 365.25), rel=0.05)


def test_an_odds_ratio_holds_standardised_over_age_and_sex(built):
    network, cause = built.network, built.network.index["low_potassium"]
    cells = [(band, sex) for band in network.variables[0].states for sex in network.variables[1].states]
    share = {}
    for band, sex in cells:
        where = dict([observe(network, "age", band)])
        age_share = posterior(network, {}, [0]).marginals[0][0, network.variables[0].states.index(band)]
        sex_share = posterior(network, where, [1]).marginals[1][0, network.variables[1].states.index(sex)]
        share[band, sex] = age_share * sex_share
    risk = {}
    for state in ("present", "absent"):
        risk[state] = 0.0
        for band, sex in cells:
            answers = (("age", band), ("sex", sex), ("diuretic_use", state))
            evidence = dict(observe(network, *answer) for answer in answers)
            risk[state] += share[band, sex] * posterior(network, evidence, [cause]).marginals[cause][0, 1]
    assert odds(risk["present"]) / odds(risk["absent"]) == pytest.approx(3.0, rel=BELIEF_PULL)


def test_a_definition_fixes_its_number_exactly(built):
    i, present = observe(built.network, "parkinsons_disease", "present")
    syndrome = built.network.index["parkinsonism"]
    assert posterior(built.network, {i: present}, [syndrome]).marginals[syndrome][0, 1] == pytest.approx(1.0, abs=1e-15)


def test_a_suppressed_sign_is_rarer_with_the_cause_than_without(built):
    i, present = observe(built.network, "low_potassium", "present")
    sign = built.network.index["brisk_reflexes"]
    implied = posterior(built.network, {i: present}, [sign]).marginals[sign][0, 1]
    # This figure and the background rate, both with wide intervals, share what the beliefs pull: 0.03 of 0.42 logits.
    assert odds(implied) == pytest.approx(odds(0.01), rel=0.05)


def test_a_factor_is_impossible_outside_the_people_who_can_have_it(built):
    answers = (("sex", "male"),)
    pregnancy = built.network.index["pregnancy"]
    evidence = dict(observe(built.network, *answer) for answer in answers)
    assert posterior(built.network, evidence, [pregnancy]).marginals[pregnancy][0, 1] == 0.0


def test_the_implied_number_is_what_enumeration_of_the_network_gives(built):
    small = first_part(built.network, "low_potassium")
    one = next(s for s in built.settled if s.target.figure.id == "low_potassium.risks.dehydration.1")
    exact = probability(small, ("low_potassium", "present"), {"dehydration": "present"})
    assert 1.0 / (1.0 + math.exp(-one.implied)) == pytest.approx(exact, rel=1e-10)


def test_drawn_networks_scatter_as_wide_as_the_interval(built):
    # dehydration 0.05 (0.02 to 0.1, judged: 90 %): the drawn prevalences must cover it, neither less nor much more
    assert built.drawn is not None
    cause = built.network.index["dehydration"]
    values = posterior(built.drawn, {}, [cause]).marginals[cause][:, 1]
    low, high = np.percentile(values, [5, 95])
    assert low == pytest.approx(0.02, rel=0.3)
    assert high == pytest.approx(0.1, rel=0.3)


def test_a_drawn_network_is_what_solving_its_own_figures_gives(knowledge, built):
    """Drawn networks follow in steps with an updated Jacobian; solved afresh, the drawn figures give the same link."""
    from legdx.build.drawing import drawn_beliefs, drawn_centres, uncertainty_of
    from legdx.build.solver import Solver
    from legdx.build.variable import Problem

    shapes = network_shape(knowledge)
    by_name = {shape.variable.name: shape for shape in shapes}
    targets = {name: targets_of(knowledge, by_name, name) for name in by_name}
    uncertainty = uncertainty_of(shapes, all_targets(knowledge, shapes), draws=100, seed=2)
    problem = Problem(knowledge, shapes, targets, 100, 2, uncertainty)
    parameters = problem.parameters(shapes[place := built.network.index["weakness"]])
    beliefs = drawn_beliefs(2, 100, parameters, uncertainty.steps)
    assert built.drawn is not None
    for lane in range(5):
        alone = [
            map_arrays(node, lambda a, lane=lane: a[lane : lane + 1] if len(a) > 1 else a) for node in built.drawn.nodes
        ]
        variables = [shape.variable for shape in shapes[:place]]
        own = replace(parameters, belief_centre=beliefs[lane])
        solver = Solver(variables, alone[:place], own, targets["weakness"])
        solver.centres = drawn_centres(2, 100, solver.targets, uncertainty.between)[lane]
        fresh = own.node(solver.solve().theta)
        for one, other in zip(arrays_of(fresh), arrays_of(alone[place]), strict=True):
            np.testing.assert_allclose(one, other, atol=0.01)


def test_findings_solved_in_processes_are_those_solved_in_turn(knowledge):
    from legdx.build.pipeline import build_network

    alone, together = (build_network(knowledge, draws=0, workers=workers) for workers in (1, 2))
    for one, other in zip(alone.network.nodes, together.network.nodes, strict=True):
        assert repr(one) == repr(other)


def test_an_attribute_is_solved_for_complaints_that_the_cause_made(built):
    # low_potassium: weakness came on within days or faster in 0.4, whatever else weakens people at the same time
    others = ("other_weakness", "dehydration", "parkinsons_disease")
    said = {"low_potassium": "present", "weakness": "present"} | {
        name: "absent" for name in others if name in built.network.index
    }
    evidence = dict(observe(built.network, *answer) for answer in said.items())
    onset = built.network.index["weakness_onset"]
    states = built.network.variables[onset].states
    marginal = posterior(built.network, evidence, [onset]).marginals[onset][0]
    implied = sum(p for p, state in zip(marginal, states, strict=True) if state in {"days", "sudden"})
    assert odds(implied) == pytest.approx(odds(0.4), rel=BELIEF_PULL)


def test_drawn_networks_are_the_same_every_time(knowledge, built):
    from legdx.build.pipeline import build_network

    again = build_network(knowledge, draws=100)
    assert again.drawn is not None
    assert built.drawn is not None
    for one, other in zip(again.drawn.nodes, built.drawn.nodes, strict=True):
        assert repr(one) == repr(other)


def test_population_cells_count_the_years_that_overlap():
    weights = cell_weights((18, 50), Population(40, 59, "female"))
    np.testing.assert_allclose(weights, [[10 / 32, 0.0], [10 / 50, 0.0]])
