"""How far studies differ is found again in simulated figures; the oracles are closed forms and a density of SciPy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from legdx.build.between import (
    TAUS,
    Question,
    basis_of,
    between_studies,
    kind_of,
    questions_of,
    restricted_likelihood,
    study_of,
)
from legdx.build.targets import Target
from legdx.knowledge import Figure

FIGURE = Figure(
    id="f", value=0.5, low=0.4, high=0.6, unit="probability", interval="wilson95", source="s", grade="A", opened=True,
    file="f.yaml", line=1,
)  # fmt: skip


def target(centre, error, *, question=0, source="s", interval="wilson95", grade="A", use="solve", **more):
    name = f"finding_{question}"
    figure = replace(FIGURE, id=f"{name}.{source}.{centre}", source=source, interval=interval, grade=grade)
    given = (("gout", (1,)),)
    return Target(
        figure, event=((name, (1,)),), given=given, cells=np.ones((2, 2)), centre=centre, below=error, above=error,
        parameter=f"{name}: gout ", shock=figure.id, use=use, **more,
    )  # fmt: skip


def simulated(rng, questions, tau, *, interval="wilson95", first=0):
    """Questions with two to four sources that differ by tau beyond their own errors."""
    found = []
    for question in range(first, first + questions):
        theta = rng.normal(-1.0, 1.5)
        for source in range(rng.integers(2, 5)):
            error = rng.uniform(0.1, 0.5)
            value = theta + rng.normal(0.0, tau) + rng.normal(0.0, error)
            found.append(target(value, error, question=question, source=f"s{source}", interval=interval))
    return found


def line(found, kind, basis):
    return next(one for one in found.lines if (one.kind, one.basis) == (kind, basis))


@pytest.mark.parametrize("tau", [0.2, 0.4, 0.8])
def test_tau_is_found_again_and_its_interval_holds_it(tau):
    found = line(between_studies(simulated(np.random.default_rng(3), 150, tau), 10, 1), "given a cause", "sampling")
    # 300 differences, own errors of 0.3 on average: tau^2 has a standard error of 0.012, 0.02 and 0.06
    assert found.median == pytest.approx(tau, abs=0.08)
    assert found.low <= tau <= found.high
    assert found.reml == pytest.approx(found.median, abs=0.06)


def test_the_95_percent_interval_holds_the_truth_about_as_often_as_it_says():
    held = 0
    for seed in range(40):
        figures = simulated(np.random.default_rng(seed), 20, 0.3)
        found = line(between_studies(figures, 1, 1), "given a cause", "sampling")
        held += found.low <= 0.3 <= found.high
    assert held >= 34  # of 40, fewer has a chance of 1 % when each is held with 95 %


def test_bases_of_intervals_have_a_tau_each():
    rng = np.random.default_rng(8)
    figures = simulated(rng, 100, 0.6) + simulated(rng, 100, 0.0, interval="judged", first=100)
    found = between_studies(figures, 10, 1)
    assert line(found, "given a cause", "sampling").median == pytest.approx(0.6, abs=0.12)
    assert line(found, "given a cause", "widened").median < 0.15


def test_the_restricted_likelihood_is_that_of_differences_from_one_source():
    """Harville 1974: REML is the likelihood of contrasts, whichever are taken."""
    values, variances = np.array([0.3, -0.4, 1.1]), np.array([0.04, 0.09, 0.2])
    question = Question("given a cause", values, variances, np.array([False, True, False]), 3)
    contrasts = np.array([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]])
    taus = [(0.0, 0.0), (0.5, 0.1), (0.2, 0.9)]
    oracle = []
    for sampling, widened in taus:
        covariance = np.diag(variances + np.array([sampling, widened, sampling]) ** 2)
        oracle.append(multivariate_normal.logpdf(contrasts @ values, np.zeros(2), contrasts @ covariance @ contrasts.T))
    found = restricted_likelihood(question, *np.array(taus).T)
    assert found - found[0] == pytest.approx(np.array(oracle) - oracle[0], abs=1e-12)


def test_figures_held_out_checks_and_judgements_have_no_part():
    figures = simulated(np.random.default_rng(4), 40, 0.3)
    known = between_studies(figures, 20, 1)
    for more in ({"use": "held_out"}, {"use": "check"}, {"grade": "D"}, {"assumed": True}):
        wild = [target(9.0, 0.1, question=q, source="wild", **more) for q in range(40)]
        found = between_studies([*figures, *wild], 20, 1)
        assert found.lines == known.lines
        np.testing.assert_array_equal(found.of(figures[0]), known.of(figures[0]))


def test_figures_of_one_source_are_no_comparison():
    assert questions_of([target(0.1, 0.2), target(0.9, 0.2)]) == ()


def test_figures_of_one_source_beside_another_count_as_their_mean():
    (found,) = questions_of([target(0.0, 0.1), target(0.3, 0.2), target(2.0, 0.3, source="other")])
    assert found.values == pytest.approx([(0.0 * 100 + 0.3 * 25) / 125, 2.0])
    assert found.variances == pytest.approx([1.0 / 125, 0.09])
    assert found.figures == 3


def test_a_kind_without_comparisons_borrows_from_the_others():
    rng = np.random.default_rng(6)
    small, large = (line(between_studies(simulated(rng, 100, tau), 10, 1), "ratio", "sampling") for tau in (0.02, 0.7))
    assert 0.0 < small.median < large.median
    assert large.high > small.high


def test_the_same_seed_gives_the_same_taus_and_another_seed_others():
    figures = simulated(np.random.default_rng(4), 40, 0.3)
    one, same, other = (between_studies(figures, 200, seed).of(figures[0]) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    assert len(one) == 200


def test_the_first_draws_stay_when_more_are_drawn():
    figures = simulated(np.random.default_rng(4), 40, 0.3)
    few, many = (between_studies(figures, number, 1).of(figures[0]) for number in (5, 50))
    np.testing.assert_array_equal(few, many[:5])


def test_drawn_taus_are_those_of_the_posterior():
    figures = simulated(np.random.default_rng(4), 40, 0.3)
    found = between_studies(figures, 4000, 1)
    drawn, told = found.of(figures[0]), line(found, "given a cause", "sampling")
    step = TAUS[1] - TAUS[0]
    assert np.percentile(drawn, [2.5, 50, 97.5]) == pytest.approx([told.low, told.median, told.high], abs=1.5 * step)


def test_a_judgement_and_a_definition_get_nothing_added():
    found = between_studies(simulated(np.random.default_rng(4), 40, 0.3), 5, 1)
    assert found.of(target(0.0, 0.1)).min() > 0.0
    assert found.of(target(0.0, 0.1, grade="D")).max() == 0.0
    assert found.of(target(0.0, 0.1, interval="definition")).max() == 0.0


def test_kind_basis_and_study_of_a_figure():
    rate = replace(target(0.0, 0.1), parameter="gout: leak present", given=(), shock="gout: s")
    assert (kind_of(rate), study_of(rate)) == ("prevalence", "gout: s")
    assert kind_of(replace(rate, given=(("gout", (0,)),))) == "background"
    assert kind_of(replace(target(0.0, 0.1), contrast=(("gout", (0,)),))) == "ratio"
    assert study_of(target(0.0, 0.1)) == "finding_0: gout : s"
    assert [basis_of(target(0.0, 0.1, interval=i)) for i in ("ci95", "ci90", "judged", "range", "class")] == [
        "sampling", "sampling", "widened", "widened", "widened",
    ]  # fmt: skip
