"""What is drawn beside the figures' own errors: studies set apart, and steps no figure speaks of; points stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from legdx.build import pipeline
from legdx.build.between import Between
from legdx.build.drawing import Uncertainty, drawn_beliefs, drawn_centres, uncertainty_of
from legdx.build.pipeline import all_targets, build_network
from legdx.build.steps import StepLine, Steps
from legdx.build.variable import Problem
from legdx.knowledge import load_knowledge
from legdx.model import packaged_folder
from legdx.network.records import arrays_of
from legdx.network.structure import network_shape
from tests.knowledge.tiny_model import ModelFolder

DRAWS = 4000
TAU = 0.4
ALIKE = Between((), {}, DRAWS)
NO_STEPS = Steps(())
STEPS = Steps((StepLine("causes", "age", 9, 0.3), StepLine("causes", "sex", 9, 0.5)))
KINDS = [
    (kind, basis)
    for kind in ("prevalence", "background", "given a cause", "ratio")
    for basis in ("sampling", "widened")
]
APART = Between((), {key: np.full(DRAWS, TAU) for key in KINDS}, DRAWS)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The small model: nearly all its numbers have one source."""
    folder = ModelFolder(tmp_path_factory.mktemp("drawing") / "tiny")
    return load_knowledge(folder.path)


@pytest.fixture(scope="module")
def shapes(small):
    return network_shape(small)


@pytest.fixture(scope="module")
def targets(small, shapes):
    return [t for mine in all_targets(small, shapes).values() for t in mine if t.use == "solve" and not t.definition]


def test_a_number_of_one_source_is_drawn_wider_than_its_own_error(targets):
    published = [t for t in targets if t.figure.interval == "wilson95" and not t.assumed]
    alike, apart = (drawn_centres(5, DRAWS, published, between) for between in (ALIKE, APART))
    for i, t in enumerate(published):
        # normal about the error on each side, widened by tau: variances add; 4,000 draws give 2 % of error, five of it
        own = 0.5 * (t.below**2 + t.above**2)
        assert np.mean((alike[:, i] - t.centre) ** 2) == pytest.approx(own, rel=0.12)
        assert np.mean((apart[:, i] - t.centre) ** 2) == pytest.approx(own + TAU**2, rel=0.12)


def test_a_judgement_is_drawn_as_wide_as_it_was_judged(targets):
    judged = [t for t in targets if t.figure.grade == "D"]
    assert judged
    np.testing.assert_array_equal(*(drawn_centres(5, DRAWS, judged, between) for between in (ALIKE, APART)))


def test_bands_of_one_study_are_set_apart_together_and_studies_each_by_itself(targets):
    rate = next(t for t in targets if t.parameter == "diuretic_use: leak present")
    other = replace(rate, figure=replace(rate.figure, source="another"), shock="diuretic_use: another")
    sure = [replace(t, below=1e-9, above=1e-9) for t in (rate, replace(rate, centre=0.0), other)]
    moved = drawn_centres(5, DRAWS, sure, APART) - [t.centre for t in sure]
    np.testing.assert_allclose(moved[:, 0], moved[:, 1], atol=1e-6)
    assert abs(np.corrcoef(moved[:, 0], moved[:, 2])[0, 1]) < 0.1


def test_a_background_that_stands_in_moves_with_the_background(targets):
    stand_in = next(t for t in targets if t.assumed)
    figure = stand_in.figure.id.split(".as_background.")[0]
    own = next(t for t in targets if t.figure.id == figure)
    both = [replace(t, figure=replace(t.figure, grade="A")) for t in (own, stand_in)]
    first, second = (drawn_centres(5, DRAWS, both, APART) - [t.centre for t in both]).T
    np.testing.assert_allclose(first, second, atol=1e-12)


def test_the_same_seed_draws_the_same_whatever_stands_beside_it(targets):
    few, many = drawn_centres(5, DRAWS, targets[:3], APART), drawn_centres(5, DRAWS, targets, APART)
    np.testing.assert_array_equal(few, many[:, :3])
    assert (few != drawn_centres(6, DRAWS, targets[:3], APART)).any()


@pytest.fixture(scope="module")
def parameters(small, shapes):
    problem = Problem(small, shapes, all_targets(small, shapes), 5, 1, Uncertainty(ALIKE, STEPS))
    return problem.parameters(next(s for s in shapes if s.variable.name == "dehydration"))


def test_steps_are_drawn_alike_for_women_and_men_and_other_beliefs_stay(parameters):
    drawn = drawn_beliefs(5, DRAWS, parameters, STEPS) * parameters.belief_spreads
    stays = parameters.belief_centre * parameters.belief_spreads
    ages = [i for i, step in enumerate(parameters.belief_steps) if step is not None and step[0] == "age"]
    sexes = [i for i, step in enumerate(parameters.belief_steps) if step is not None and step[0] == "sex"]
    assert len(ages) == len(sexes) == 2  # two bands, two sexes: a square
    for i, step in enumerate(parameters.belief_steps):
        if step is None:
            np.testing.assert_allclose(drawn[:, i], stays[i])
    for pair, spread in ((ages, 0.3), (sexes, 0.5)):
        np.testing.assert_array_equal(drawn[:, pair[0]], drawn[:, pair[1]])
        assert drawn[:, pair[0]].std() == pytest.approx(spread, rel=0.06)
    assert abs(np.corrcoef(drawn[:, ages[0]], drawn[:, sexes[0]])[0, 1]) < 0.1


def build(small, monkeypatch, between, steps, draws=200):
    known = Uncertainty(Between((), {k: t[:draws] for k, t in between.taus.items()}, draws), steps)
    monkeypatch.setattr(pipeline, "uncertainty_of", lambda *_, **__: known)
    return build_network(small, draws=draws, workers=1)


def test_the_solved_network_is_the_same_whatever_is_drawn(small, monkeypatch):
    bare = build(small, monkeypatch, ALIKE, NO_STEPS)
    full = build(small, monkeypatch, APART, STEPS)
    for one, other in zip(bare.network.nodes, full.network.nodes, strict=True):
        for a, b in zip(arrays_of(one), arrays_of(other), strict=True):
            np.testing.assert_array_equal(a, b)
    assert [s.implied for s in bare.settled] == [s.implied for s in full.settled]


def logits(node):
    p = node.leak[..., 1]
    return np.log(p) - np.log1p(-p)


def test_where_no_figure_tells_women_from_men_the_drawn_networks_let_them_differ(small, monkeypatch):
    place = build_place(small, "dehydration")
    for steps, spread in ((NO_STEPS, 0.0), (STEPS, 0.5)):
        leak = logits(build(small, monkeypatch, ALIKE, steps).drawn.nodes[place])
        assert np.std(leak[..., 0] - leak[..., 1], axis=0).max() == pytest.approx(spread, rel=0.15, abs=0.02)


def build_place(knowledge, name):
    return [s.variable.name for s in network_shape(knowledge)].index(name)


def test_a_drawn_network_has_a_wider_rate_where_one_study_stands_behind_it(small, monkeypatch):
    place = build_place(small, "diuretic_use")
    widths = []
    for between in (ALIKE, APART):
        p = build(small, monkeypatch, between, NO_STEPS).drawn.nodes[place].values[..., 1, 0, 1]  # old women
        widths.append(np.std(np.log(p) - np.log1p(-p)))
    assert widths[1] == pytest.approx(np.hypot(widths[0], TAU), rel=0.15)


def test_figures_held_out_and_checks_of_the_packaged_model_have_no_part():
    knowledge = load_knowledge(packaged_folder())
    shapes = network_shape(knowledge)
    every = all_targets(knowledge, shapes)
    known = uncertainty_of(shapes, every, draws=20, seed=1)
    moved = {
        name: [t if t.use == "solve" else replace(t, centre=t.centre + 5.0) for t in mine]
        for name, mine in every.items()
    }
    again = uncertainty_of(shapes, moved, draws=20, seed=1)
    assert again.between.lines == known.between.lines
    assert again.steps == known.steps
    assert sum(line.questions for line in known.between.lines) > 100
