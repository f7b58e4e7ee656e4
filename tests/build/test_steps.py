"""How far rates stray between bands is found again in simulated series, and nothing else counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from legdx.build.steps import Difference, Steps, largest_likelihood, steps_between
from legdx.build.targets import Target
from legdx.knowledge import Figure, Population

FIGURE = Figure(
    id="f", value=0.5, low=0.4, high=0.6, unit="probability", interval="wilson95", source="s", grade="A", opened=True,
    file="f.yaml", line=1,
)  # fmt: skip
KINDS = {"gout": "cause", "limp": "finding"}


def target(centre, low, high, *, sex=None, source="s", name="gout", use="solve", **figure):
    population = Population(age_low=low, age_high=high, sex=sex)
    told = replace(FIGURE, id=f"{name}.{source}.{low}.{sex}", source=source, population=population, **figure)
    return Target(
        told, event=((name, (1,)),), given=(), cells=np.ones((7, 2)), centre=centre, below=0.05, above=0.05,
        parameter=f"{name}: leak present", shock=f"{name}: {source}", use=use,
    )  # fmt: skip


def walks(rng, count, step, sexes=0.0):
    found = []
    for source in range(count):
        path = rng.normal(-3.0, 1.0) + np.cumsum(rng.normal(0.4, step, 7))
        apart = rng.normal(0.0, sexes)
        for sex, shift in (("female", -apart / 2), ("male", apart / 2)):
            for place, low in enumerate(range(20, 90, 10)):
                value = path[place] + shift + rng.normal(0.0, 0.05)
                found.append(target(value, low, low + 9, sex=sex, source=f"s{source}"))
    return found


def counts(steps):
    return {(one.group, one.axis): one.differences for one in steps.lines if one.differences}


@pytest.mark.parametrize("step", [0.1, 0.3, 0.6])
def test_a_step_along_age_is_found_again_whatever_the_trend(step):
    found = steps_between({"gout": walks(np.random.default_rng(2), 60, step)}, KINDS)
    assert found.of("cause", "age") == pytest.approx(step, rel=0.2)  # 300 walks' bends, women and men alike


def test_the_difference_of_the_sexes_is_found_again():
    found = steps_between({"gout": walks(np.random.default_rng(2), 100, 0.2, sexes=0.5)}, KINDS)
    assert found.of("cause", "sex") == pytest.approx(0.5, rel=0.2)


def test_what_sampling_alone_explains_is_no_step():
    rng = np.random.default_rng(5)
    few = [Difference(float(v), 0.5, 0.25) for v in rng.normal(0.0, 0.5, 200)]
    assert largest_likelihood(few) < 0.25
    assert largest_likelihood([]) == 0.0


def test_bands_on_a_straight_line_stray_by_nothing():
    bands = [target(0.1 * low, low, low + 9) for low in range(20, 90, 10)]
    assert steps_between({"gout": bands}, KINDS).of("cause", "age") == 0.0


def test_bands_of_other_sources_overlapping_bands_and_what_is_not_solved_for_are_no_series():
    three = [(18, 39), (40, 59), (60, 99)]
    good = [target(float(i % 2), low, high) for i, (low, high) in enumerate(three)]
    assert counts(steps_between({"gout": good}, KINDS)) == {("causes", "age"): 1}
    assert not counts(steps_between({"gout": [replace(t, use="held_out") for t in good]}, KINDS))
    assert not counts(steps_between({"gout": [replace(t, use="check") for t in good]}, KINDS))
    apart = [target(0.0, *ages, source=f"s{i}") for i, ages in enumerate(three)]
    assert not counts(steps_between({"gout": apart}, KINDS))
    assert not counts(steps_between({"gout": [*good[:2], target(0.0, 50, 99)]}, KINDS))
    assert not counts(steps_between({"gout": [*good[:2], target(0.0, 60, 99, grade="D")]}, KINDS))


def test_a_group_has_the_spread_of_its_own():
    limps = [target(float(i % 2), low, low + 9, name="limp") for i, low in enumerate(range(20, 90, 10))]
    found = steps_between({"limp": limps, "gout": []}, KINDS)
    assert found.of("finding", "age") == found.of("syndrome", "age") == found.of("background", "age") > 0.5
    assert found.of("cause", "age") == found.of("factor", "age") == 0.0
    assert Steps(()).of("cause", "age") == 0.0
