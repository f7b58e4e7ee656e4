"""A factor that depends on other factors is solved so that all their prevalences and its arrows hold."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from legdx.build.pipeline import Built, build_network
from legdx.engine import observe, posterior
from legdx.knowledge import load_knowledge
from legdx.network.records import Network, Table
from legdx.network.structure import AGE, SEX
from tests.build.test_solver import BELIEF_PULL, first_part, odds, probability
from tests.knowledge.tiny_model import JUDGED, ModelFolder

FACTORS = f"""\
- id: insulin
  prevalence:
    - {{value: 0.02, low: 0.018, high: 0.022, population: {{age: [18, 49]}}, {JUDGED}}}
    - {{value: 0.09, low: 0.08, high: 0.1, population: {{age: [50, 120]}}, {JUDGED}}}
  risks:
    - {{from: diabetes, state: absent, measure: probability, value: 0.0001, low: 0.00008, high: 0.00013, {JUDGED}}}
- id: diabetes
  prevalence:
    - {{value: 0.04, low: 0.036, high: 0.044, population: {{age: [18, 49]}}, {JUDGED}}}
    - {{value: 0.2, low: 0.18, high: 0.22, population: {{age: [50, 120]}}, {JUDGED}}}
- id: drinking
  states: [none, some, much]
  prevalence:
    - {{state: some, value: 0.4, low: 0.36, high: 0.44, {JUDGED}}}
    - {{state: much, value: 0.1, low: 0.09, high: 0.11, {JUDGED}}}
  risks:
    - {{from: tobacco, state: current, measure: odds_ratio, value: 3.0, low: 2.6, high: 3.4, {JUDGED}}}
    - {{from: tobacco, state: former, measure: odds_ratio, value: 0.5, low: 0.4, high: 0.6, {JUDGED}}}
    - {{from: diabetes, measure: relative_risk, value: 0.8, low: 0.75, high: 0.85, {JUDGED}}}
    - {{from: heat, measure: odds_ratio, value: 2.0, low: 1.5, high: 2.5, role: check, {JUDGED}}}
- id: tobacco
  states: [never, former, current]
  prevalence:
    - {{state: former, value: 0.2, low: 0.18, high: 0.22, {JUDGED}}}
    - {{state: current, value: 0.15, low: 0.13, high: 0.17, {JUDGED}}}
- id: heat
  prevalence:
    - {{value: 0.3, low: 0.27, high: 0.33, {JUDGED}}}
- id: tea
  prevalence:
    - {{value: 0.5, low: 0.4, high: 0.6, {JUDGED}}}
  risks:
    - {{from: heat, measure: odds_ratio, value: 0.0005, low: 0.0004, high: 0.0006, {JUDGED}}}
    - {{from: heat, measure: odds_ratio, value: 0.005, low: 0.004, high: 0.006, {JUDGED}}}
- id: clot_in_pregnancy
  only: {{sex: female, age: [18, 49]}}
  prevalence:
    - {{value: 0.01, low: 0.008, high: 0.012, population: {{sex: female, age: [18, 49]}}, {JUDGED}}}
  risks:
    - {{from: diabetes, measure: odds_ratio, value: 4.0, low: 3.5, high: 4.5, {JUDGED}}}
"""


@pytest.fixture(scope="module")
def together(tmp_path_factory) -> Built:
    folder = ModelFolder(Path(tmp_path_factory.mktemp("factors")) / "tiny")
    folder.append("factors.yaml", FACTORS)
    return build_network(load_knowledge(folder.path), draws=100, workers=1)


def table_of(network: Network, name: str) -> np.ndarray:
    """P(name | age, sex, other factors), axes in the order of the parents."""
    node = network.nodes[network.index[name]]
    assert isinstance(node, Table)
    assert [network.variables[p].name for p in node.parents[:2]] == [AGE, SEX]
    return node.values[0]


def test_a_factor_is_a_table_over_age_sex_and_the_factors_that_it_depends_on(together):
    assert table_of(together.network, "insulin").shape == (2, 2, 2, 2)
    assert table_of(together.network, "drinking").shape == (2, 2, 3, 2, 3)
    assert table_of(together.network, "heat").shape == (2, 2, 2)


@pytest.mark.parametrize(
    ("factor", "state", "age", "published"),
    [
        ("diabetes", "present", "age_18_49", 0.04),
        ("diabetes", "present", "age_50_plus", 0.2),
        ("insulin", "present", "age_18_49", 0.02),
        ("insulin", "present", "age_50_plus", 0.09),
        ("drinking", "some", None, 0.4),
        ("drinking", "much", None, 0.1),
        ("tobacco", "current", None, 0.15),
    ],
)
def test_the_prevalence_of_both_factors_is_as_published(together, factor, state, age, published):
    given = {} if age is None else {"age": age}
    implied = probability(first_part(together.network, factor), (factor, state), given)
    assert odds(implied) == pytest.approx(odds(published), rel=BELIEF_PULL)


def test_a_probability_without_the_other_factor_is_met_though_it_is_tiny(together):
    implied = probability(first_part(together.network, "insulin"), ("insulin", "present"), {"diabetes": "absent"})
    assert odds(implied) == pytest.approx(odds(0.0001), rel=BELIEF_PULL)


def test_an_odds_ratio_of_another_factor_is_the_same_in_every_cell(together):
    table = table_of(together.network, "drinking")  # age, sex, tobacco, diabetes, state
    other = (1.0 - table[..., 0]) / table[..., 0]
    for state, published in ((1, 0.5), (2, 3.0)):
        ratio = other[:, :, state] / other[:, :, 0]
        assert np.ptp(ratio) < 1e-9 * ratio.mean()
        assert ratio.mean() == pytest.approx(published, rel=0.05)


def test_an_arrow_moves_the_odds_of_any_level_and_not_how_the_levels_share_it(together):
    table = table_of(together.network, "drinking")
    much = table[..., 2] / (table[..., 1] + table[..., 2])
    assert np.ptp(much, axis=(2, 3)).max() < 1e-12


def test_a_relative_risk_between_factors_holds_for_the_public(together):
    settled = next(s for s in together.settled if s.target.figure.id == "drinking.risks.diabetes.1")
    assert math.exp(settled.implied) == pytest.approx(0.8, rel=BELIEF_PULL)


def test_a_factor_that_is_impossible_somewhere_stays_so_whatever_it_depends_on(together):
    table = table_of(together.network, "clot_in_pregnancy")
    assert (table[:, 1, :, 1] == 0.0).all()
    assert (table[1, :, :, 1] == 0.0).all()
    assert (table[0, 0, :, 1] > 0.0).all()


def test_what_a_factor_is_only_compared_with_is_no_parent_and_yet_asked(together):
    network = together.network
    assert network.index["heat"] not in network.parents[network.index["drinking"]]
    settled = next(s for s in together.settled if s.target.figure.id == "drinking.risks.heat.1")
    assert settled.target.use == "check"
    assert settled.implied == pytest.approx(0.0, abs=1e-12)


def test_sources_that_contradict_each_other_are_not_called_clipped(together):
    # an odds ratio has no bound that keeps the network from following: the two are met half-way
    rivals = [s for s in together.settled if s.target.figure.id.startswith("tea.risks.")]
    assert [s.residual > 1.0 for s in rivals] == [True, False]
    assert rivals[1].residual < -1.0
    assert not any(s.clipped for s in rivals)


def test_drawn_networks_scatter_an_arrow_as_wide_as_its_interval(together):
    assert together.drawn is not None
    i, absent = observe(together.drawn, "diabetes", "absent")
    insulin = together.drawn.index["insulin"]
    low, high = np.percentile(posterior(together.drawn, {i: absent}, [insulin]).marginals[insulin][:, 1], [5, 95])
    assert low == pytest.approx(0.00008, rel=0.1)
    assert high == pytest.approx(0.00013, rel=0.1)


def test_the_medicine_tells_of_the_disease_and_the_disease_of_the_medicine(together):
    small = first_part(together.network, "insulin")
    assert probability(small, ("diabetes", "present"), {"insulin": "present"}) > 0.99
    assert 0.4 < probability(small, ("insulin", "present"), {"diabetes": "present"}) < 0.6
