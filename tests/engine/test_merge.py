"""The kernels of the twin: merging by the maximum, weighing, closing, and the adjoint of each, against brute force.

An adjoint is held against the transpose of its kernel's matrix, which is read off one unit vector at a time.
"""

from __future__ import annotations

import itertools
import string

import numpy as np
import pytest

from legdx.engine.planner import Finish, make_plan
from legdx.engine.reduction import Problem
from legdx.engine.twin import (
    _collect,
    _collect_adjoint,
    _finish,
    _finish_adjoint,
    _from_above,
    _left_terms,
    _left_terms_adjoint,
    _reduce,
    _right_terms,
    _right_terms_adjoint,
    _spread,
    _weigh,
    beliefs,
    forward,
)

TOLERANCE = 1e-13
"""Sums of at most some thousand positive terms."""

ALONG = list(itertools.product((1, 2, 3), (1, 2, 3, 4)))
"""Axes after the draw axis along which a kernel may work, and numbers of levels."""


def random_array(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).uniform(0.1, 1.0, shape)


def shape_with(at, size):
    """A shape of one draw axis and three others, `size` of them at the place."""
    shape = [2, 3, 2, 3]
    shape[at] = size
    return tuple(shape)


def matrix_of(kernel, shape):
    """The matrix of a linear kernel on arrays of the shape, and the shape of its results."""
    columns = []
    for unit in np.eye(int(np.prod(shape))):
        column = kernel(unit.reshape(shape))
        columns.append(column.ravel())
    return np.array(columns).T, column.shape


def assert_transposed(kernel, adjoint, shape):
    """The adjoint's matrix is the transpose of the kernel's."""
    matrix, result_shape = matrix_of(kernel, shape)
    back, back_shape = matrix_of(adjoint, result_shape)
    assert back_shape == shape
    np.testing.assert_allclose(back, matrix.T, rtol=TOLERANCE, atol=0.0)


# ------------------------------------------------------------------------------------------ along one axis


@pytest.mark.parametrize(("at", "size"), ALONG)
def test_the_terms_of_both_sides_collect_to_the_distribution_of_the_higher_level(at, size):
    left, right = random_array(*shape_with(at, size)), random_array(*shape_with(at, size), seed=1)
    expected = np.zeros_like(left)
    for a, b in itertools.product(range(size), repeat=2):
        np.moveaxis(expected, at, 0)[max(a, b)] += np.moveaxis(left, at, 0)[a] * np.moveaxis(right, at, 0)[b]
    terms = _left_terms(left, at) * _right_terms(right, at)
    np.testing.assert_allclose(_collect(terms, at), expected, rtol=TOLERANCE)


@pytest.mark.parametrize(("at", "size"), ALONG)
def test_weighing_weighs_the_higher_of_two_levels(at, size):
    array, weights = random_array(*shape_with(at, size)), random_array(size, seed=2)
    expected = np.zeros_like(array)
    for a, b in itertools.product(range(size), repeat=2):
        np.moveaxis(expected, at, 0)[a] += weights[max(a, b)] * np.moveaxis(array, at, 0)[b]
    np.testing.assert_allclose(_weigh(array, at, weights), expected, rtol=TOLERANCE)


@pytest.mark.parametrize(("at", "size"), ALONG)
def test_from_above_sums_a_level_and_those_above_it(at, size):
    array = random_array(*shape_with(at, size))
    moved = np.moveaxis(array, at, 0)
    expected = np.moveaxis(np.array([sum(moved[k:]) for k in range(size)]), 0, at)
    np.testing.assert_allclose(_from_above(array, at), expected, rtol=TOLERANCE)


@pytest.mark.parametrize(("at", "size"), ALONG)
def test_the_adjoint_of_each_kernel_along_an_axis_is_its_transpose(at, size):
    shape, terms = shape_with(at, size), shape_with(at, 2 * size - 1)
    weights = random_array(size, seed=3)
    assert_transposed(lambda a: _left_terms(a, at), lambda a: _left_terms_adjoint(a, at), shape)
    assert_transposed(lambda a: _right_terms(a, at), lambda a: _right_terms_adjoint(a, at), shape)
    assert_transposed(lambda a: _collect(a, at), lambda a: _collect_adjoint(a, at), terms)
    assert_transposed(lambda a: _weigh(a, at, weights), lambda a: _weigh(a, at, weights), shape)


@pytest.mark.parametrize("own", [(), (1,), (4,), (1, 7), (4, 7), (1, 4, 7)])
def test_spreading_repeats_a_factor_and_reducing_is_its_transpose(own):
    axes, sizes = (1, 4, 7), {1: 2, 4: 3, 7: 4}
    shape = (2, *(sizes[v] for v in own))
    full = (2, *sizes.values())
    array = random_array(*shape)
    spread = np.broadcast_to(_spread(array, own, axes), full)
    for place in np.ndindex(full):
        assert spread[place] == array[(place[0], *(place[1 + axes.index(v)] for v in own))]
    assert_transposed(lambda a: np.broadcast_to(_spread(a, own, axes), full), lambda a: _reduce(a, own, axes), shape)


# ------------------------------------------------------------------------------------------ finishing a variable


def finishing(how, axes, target=None):
    """A problem of variables 0 .. 3 and the step that takes variable 1 out of a factor over `axes`."""
    problem = Problem(sizes=[2, 3, 2, 3])
    after = [v for v in axes if v != 1]
    if how == "weigh":
        problem.weights[1] = random_array(3, seed=4)
    if how == "close":
        problem.closes[1] = target
        after = sorted({*after, target})
    return problem, Finish(1, 0, tuple(after), how)


CASES = [
    ("sum", (0, 1, 2), None),
    ("sum", (1,), None),
    ("weigh", (0, 1, 2), None),
    ("weigh", (1,), None),
    ("close", (0, 1, 2), 3),
    ("close", (1,), 3),
    ("close", (0, 1, 2, 3), 3),
    ("close", (1, 3), 3),
]


@pytest.mark.parametrize(("how", "axes", "target"), CASES)
def test_finishing_sums_weighs_or_renames_entry_by_entry(how, axes, target):
    problem, step = finishing(how, axes, target)
    factor = random_array(2, *(problem.sizes[v] for v in axes))
    expected = np.zeros((2, *(problem.sizes[v] for v in step.axes)))
    for place in np.ndindex(factor.shape):
        states = dict(zip(axes, place[1:], strict=True))
        level = states.pop(1)
        if how == "close" and states.setdefault(target, level) != level:
            continue
        weight = problem.weights[1][level] if how == "weigh" else 1.0
        expected[(place[0], *(states[v] for v in step.axes))] += weight * factor[place]
    np.testing.assert_allclose(_finish(problem, step, factor, axes), expected, rtol=TOLERANCE)


@pytest.mark.parametrize(("how", "axes", "target"), CASES)
def test_the_adjoint_of_finishing_is_its_transpose(how, axes, target):
    problem, step = finishing(how, axes, target)
    shape = (2, *(problem.sizes[v] for v in axes))

    def back(received):  # an axis along which the adjoint is constant may come with length 1
        return np.broadcast_to(_finish_adjoint(problem, step, axes, received), shape)

    assert_transposed(lambda a: _finish(problem, step, a, axes), back, shape)


# ------------------------------------------------------------------------------------------ whole plans


def random_problem(seed):
    """Two or three ordinary variables, two weighed open ones, one that closes; factors over random subsets."""
    rng = np.random.default_rng(seed)
    problem = Problem()
    ordinary = [problem.new(int(size)) for size in rng.integers(2, 4, rng.integers(1, 3))]
    target = problem.new(int(rng.integers(2, 5)))
    closing = problem.new(problem.sizes[target])
    weighed = [problem.new(int(size)) for size in rng.integers(2, 5, 2)]
    problem.closes[closing] = target
    for v in weighed:
        problem.weights[v] = rng.uniform(0.1, 1.0, problem.sizes[v])
    problem.ordinary = {v: v for v in (*ordinary, target)}
    arrays = []
    for open_variable in (closing, *weighed):
        for _ in range(rng.integers(1, 4)):
            others = [v for v in (*ordinary, target) if rng.random() < 0.5 and (open_variable, v) != (closing, target)]
            arrays.append((*others, open_variable))
    arrays.append(tuple(weighed))  # one factor with two open variables
    arrays.append(tuple(ordinary))
    seeds = [(axes, rng.uniform(0.1, 1.0, (2, *(problem.sizes[v] for v in axes)))) for axes in arrays]
    for axes, values in seeds:
        problem.add(axes, lambda _, values=values: values)
    return problem, seeds


def brute_force(problem, seeds):
    """P over the ordinary variables, (b, *sizes): every factor has levels of its own, whose maximum is what counts."""
    names = iter(string.ascii_letters)
    draw = next(names)
    letter = {v: next(names) for v in problem.ordinary}
    copies = {v: [] for v in (*problem.closes, *problem.weights)}
    operands = []
    for axes, values in seeds:
        subscript = draw
        for v in axes:
            if v in copies:
                copies[v].append(next(names))
            subscript += letter[v] if v in letter else copies[v][-1]
        operands.append((subscript, values))
    for v, own in copies.items():
        size = problem.sizes[v]
        highest = np.max(np.indices([size] * len(own)), axis=0)
        if v in problem.weights:
            operands.append(("".join(own), problem.weights[v][highest]))
        else:
            operands.append(("".join(own) + letter[problem.closes[v]], np.eye(size)[highest]))
    subscripts = ",".join(subscript for subscript, _ in operands) + "->" + draw + "".join(letter.values())
    return np.einsum(subscripts, *(values for _, values in operands), optimize="greedy")


@pytest.mark.parametrize("seed", range(100))
def test_a_plan_over_random_factors_gives_the_brute_total_and_marginals(seed):
    problem, seeds = random_problem(seed)
    exact = brute_force(problem, seeds)
    plan = make_plan(problem)
    run = forward(problem, plan, ())
    total = run.result.reshape(2, -1).sum(axis=1) * np.exp(run.log_scale)
    np.testing.assert_allclose(total, exact.reshape(2, -1).sum(axis=1), rtol=TOLERANCE)
    found = beliefs(problem, plan, run, set(problem.ordinary))
    assert set(found) == set(problem.ordinary)
    for at, v in enumerate(problem.ordinary):
        marginal = exact.sum(axis=tuple(i for i in range(1, exact.ndim) if i != at + 1))
        scaled = found[v] / found[v].sum(axis=1, keepdims=True)
        np.testing.assert_allclose(scaled, marginal / marginal.sum(axis=1, keepdims=True), rtol=TOLERANCE)


@pytest.mark.parametrize("seed", range(30))
def test_a_plan_that_keeps_variables_leaves_their_brute_table(seed):
    problem, seeds = random_problem(seed)
    exact = brute_force(problem, seeds)
    run = forward(problem, make_plan(problem, problem.ordinary), ())
    table = run.result * np.exp(run.log_scale).reshape(-1, *[1] * (exact.ndim - 1))
    np.testing.assert_allclose(table, exact, rtol=TOLERANCE)
