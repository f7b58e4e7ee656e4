"""The NumPy twin: carry out a plan forward and, for marginals, backward.

Every array has a leading draw axis.  Each finished factor is divided by its largest entry and the
logarithm kept, so that probabilities of 1e-300 and less do no harm.  Only sums and products of
non-negative numbers occur: nothing is subtracted, so nothing cancels.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from legdx.engine.planner import Combine, Finish, Plan
from legdx.engine.reduction import Nodes, Problem
from legdx.network.records import Array


@dataclass(frozen=True, slots=True)
class Forward:
    """Result of a forward pass: every factor, the log of what was divided out, what to keep."""

    factors: list[Array]
    log_scale: Array
    scales: dict[int, Array]

    @property
    def result(self) -> Array:
        """The last factor, (b, *kept sizes)."""
        return self.factors[-1]


def forward(problem: Problem, plan: Plan, nodes: Nodes) -> Forward:
    """Run the plan; log of the total is ``log_scale + log(result.sum())`` for each draw."""
    axes = [seed.axes for seed in problem.seeds] + [step.axes for step in plan.steps]
    factors: list[Array] = [seed.build(nodes) for seed in problem.seeds]
    log_scale: Array = np.zeros(1)
    scales: dict[int, Array] = {}
    for step in plan.steps:
        if isinstance(step, Combine):
            left = _spread(factors[step.left], axes[step.left], step.axes)
            right = _spread(factors[step.right], axes[step.right], step.axes)
            factors.append(_merge(left, right, step))
            continue
        value = _finish(problem, step, factors[step.factor], axes[step.factor])
        top = value.max(axis=tuple(range(1, value.ndim))) if value.ndim > 1 else value
        safe = np.where(top > 0.0, top, 1.0)
        scales[len(factors)] = safe
        log_scale = log_scale + np.log(safe)
        factors.append(value / _as_column(safe, value.ndim))
    return Forward(factors, log_scale, scales)


def beliefs(
    problem: Problem, plan: Plan, run: Forward, wanted: Collection[int]
) -> dict[int, Array]:
    """Return for each wanted ordinary variable its unnormalised marginal, (b, states).

    Reverse accumulation over the plan: the adjoint of a factor is the total of everything that it
    is multiplied with, so factor times adjoint, summed over the other variables, is the marginal.
    """
    axes = [seed.axes for seed in problem.seeds] + [step.axes for step in plan.steps]
    adjoint: dict[int, Array] = {len(run.factors) - 1: np.ones_like(run.result)}
    found: dict[int, Array] = {}
    offset = plan.seeds
    for number in range(len(plan.steps) - 1, -1, -1):
        step, place = plan.steps[number], offset + number
        received = adjoint.pop(place)
        if isinstance(step, Combine):
            needed = [f for f in (step.left, step.right) if f >= offset]
            if needed:
                left, right = _merge_adjoint(run, axes, step, received)
                adjoint[step.left], adjoint[step.right] = left, right
            continue
        received = received / _as_column(run.scales[place], received.ndim)
        back = _finish_adjoint(problem, step, axes[step.factor], received)
        if step.variable in wanted:
            belief = run.factors[step.factor] * back
            at = axes[step.factor].index(step.variable) + 1
            others = tuple(i for i in range(1, belief.ndim) if i != at)
            found[step.variable] = belief.sum(axis=others)
        adjoint[step.factor] = back
    return found


def _as_column(vector: Array, ndim: int) -> Array:
    return vector.reshape(-1, *([1] * (ndim - 1)))


def _spread(array: Array, own: tuple[int, ...], axes: tuple[int, ...]) -> Array:
    """Insert axes of length 1 so that the factor broadcasts over ``axes``."""
    if own == axes:
        return array
    sizes = dict(zip(own, array.shape[1:], strict=True))
    return array.reshape(len(array), *(sizes.get(v, 1) for v in axes))


def _reduce(array: Array, own: tuple[int, ...], axes: tuple[int, ...]) -> Array:
    """Sum out the axes that the factor does not have: the transpose of ``_spread``."""
    extra = tuple(i + 1 for i, v in enumerate(axes) if v not in own)
    return array.sum(axis=extra) if extra else array


def _merge(left: Array, right: Array, step: Combine) -> Array:
    """Multiply; along merged axes the level of the product is the higher of the two levels.

    P(max = m) = a[m] (b[0] + .. + b[m]) + (a[0] + .. + a[m-1]) b[m], term by term.
    """
    places = [step.axes.index(v) + 1 for v in step.merged]
    for at in places:
        left, right = _left_terms(left, at), _right_terms(right, at)
    product = left * right
    for at in places:
        product = _collect(product, at)
    return product


def _merge_adjoint(
    run: Forward, axes: list[tuple[int, ...]], step: Combine, received: Array
) -> tuple[Array, Array]:
    places = [step.axes.index(v) + 1 for v in step.merged]
    left = _spread(run.factors[step.left], axes[step.left], step.axes)
    right = _spread(run.factors[step.right], axes[step.right], step.axes)
    for at in places:
        left, right = _left_terms(left, at), _right_terms(right, at)
        received = _collect_adjoint(received, at)
    to_left = _reduce(received * right, axes[step.left], step.axes)
    to_right = _reduce(received * left, axes[step.right], step.axes)
    for v in step.merged:
        to_left = _left_terms_adjoint(to_left, axes[step.left].index(v) + 1)
        to_right = _right_terms_adjoint(to_right, axes[step.right].index(v) + 1)
    return to_left, to_right


def _left_terms(array: Array, at: int) -> Array:
    below = np.cumsum(_part(array, at, 0, -1), axis=at)
    return np.concatenate([array, below], axis=at)


def _right_terms(array: Array, at: int) -> Array:
    return np.concatenate([np.cumsum(array, axis=at), _part(array, at, 1, None)], axis=at)


def _collect(terms: Array, at: int) -> Array:
    size = (terms.shape[at] + 1) // 2
    result = _part(terms, at, 0, size).copy()
    _part(result, at, 1, None)[...] += _part(terms, at, size, None)
    return result


def _left_terms_adjoint(received: Array, at: int) -> Array:
    size = (received.shape[at] + 1) // 2
    result = _part(received, at, 0, size).copy()
    _part(result, at, 0, -1)[...] += _from_above(_part(received, at, size, None), at)
    return result


def _right_terms_adjoint(received: Array, at: int) -> Array:
    size = (received.shape[at] + 1) // 2
    result = _from_above(_part(received, at, 0, size), at).copy()
    _part(result, at, 1, None)[...] += _part(received, at, size, None)
    return result


def _collect_adjoint(received: Array, at: int) -> Array:
    return np.concatenate([received, _part(received, at, 1, None)], axis=at)


def _from_above(array: Array, at: int) -> Array:
    return np.flip(np.cumsum(np.flip(array, at), axis=at), at)


def _part(array: Array, at: int, start: int, stop: int | None) -> Array:
    return array[(slice(None),) * at + (slice(start, stop),)]


def _finish(problem: Problem, step: Finish, factor: Array, axes: tuple[int, ...]) -> Array:
    if step.variable in problem.closes:
        return _close(problem, step, factor, axes)
    at = axes.index(step.variable) + 1
    weights = problem.weights.get(step.variable)
    if weights is None:
        return factor.sum(axis=at)
    return np.tensordot(factor, weights, axes=(at, 0))


def _finish_adjoint(
    problem: Problem, step: Finish, axes: tuple[int, ...], received: Array
) -> Array:
    if step.variable in problem.closes:
        return _close_adjoint(problem, step, axes, received)
    at = axes.index(step.variable) + 1
    weights = problem.weights.get(step.variable)
    wide = np.expand_dims(received, at)
    if weights is None:
        shape = list(wide.shape)
        shape[at] = problem.sizes[step.variable]
        return np.broadcast_to(wide, shape)
    column = weights.reshape(-1, *([1] * (wide.ndim - at - 1)))
    return wide * column


def _close(problem: Problem, step: Finish, factor: Array, axes: tuple[int, ...]) -> Array:
    """Rename the open axis to its ordinary variable; where both are present they must agree."""
    target = problem.closes[step.variable]
    at = axes.index(step.variable) + 1
    named = [v for v in axes if v != target]
    if target in axes:
        factor = np.diagonal(factor, axis1=at, axis2=axes.index(target) + 1)
        named = [v for v in named if v != step.variable] + [target]
    else:
        named[at - 1] = target
    return factor.transpose(0, *(named.index(v) + 1 for v in step.axes))


def _close_adjoint(
    problem: Problem, step: Finish, axes: tuple[int, ...], received: Array
) -> Array:
    target = problem.closes[step.variable]
    if target not in axes:
        named = [step.variable if v == target else v for v in step.axes]
        return received.transpose(0, *(named.index(v) + 1 for v in axes))
    wide = np.expand_dims(received, axes.index(step.variable) + 1)
    agree = np.eye(problem.sizes[target]).reshape(
        1, *(problem.sizes[v] if v in {step.variable, target} else 1 for v in axes)
    )
    return wide * agree
