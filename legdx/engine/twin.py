"""The NumPy twin: carry out a plan forward and, for marginals, backward.

Every array has a leading draw axis.  A finished factor that has become small is divided by its largest
entry and the logarithm kept, so that probabilities of 1e-300 and less do no harm.  Only sums and products of
non-negative numbers occur: nothing is subtracted, so nothing cancels.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from legdx.engine.planner import Combine, Finish, Plan
from legdx.engine.problem import Nodes, Problem, Seed
from legdx.errors import LegdxError
from legdx.network.records import Array

RESCALE_BELOW = 1e-2
"""A factor whose largest entry is under this is divided by it; few of those that hold no evidence are."""

SAFE = 1e-120
"""Above this the largest entry of a factor that is not yet divided says that no entry that matters was lost."""


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


def forward(problem: Problem, plan: Plan, nodes: Nodes, *, careful: bool = True) -> Forward:
    """Run the plan; log of the total is ``log_scale + log(result.sum())`` for each draw.

    Without ``careful``, a pass that would have to be repeated with care raises LegdxError.
    """
    quick = _Pass(problem, plan, nodes)
    run = quick.run(careful=False)
    if quick.lowest >= SAFE:
        return run
    if not careful:
        raise _out_of_range()
    try:
        with np.errstate(under="raise"):
            return _Pass(problem, plan, nodes).run(careful=True)
    except FloatingPointError as error:
        raise _out_of_range() from error


def _out_of_range() -> LegdxError:
    message = "the answers speak so strongly for and against a cause that the numbers leave the computer's range"
    return LegdxError(message, hint="leave out answers that say the same thing many times over")


class _Pass:
    """A forward pass under way.

    Scaling takes time, so that it is done where a variable has been taken out; only when some factor has become so
    small there that digits may be lost is the pass repeated with care: every product scaled, and in the widest floats
    that the machine has (where these are ordinary ones, a spread past 1e308 within a factor is an error, never a 0).
    """

    def __init__(self, problem: Problem, plan: Plan, nodes: Nodes) -> None:
        self.problem = problem
        self.plan = plan
        self.nodes = nodes
        self.log_scale: Array = np.zeros(1)
        self.lowest = 1.0

    def run(self, *, careful: bool) -> Forward:
        plan, problem = self.plan, self.problem
        axes = [*plan.seed_axes, *[step.axes for step in plan.steps]]
        factors = [
            _turned(self._build(seed, careful=careful), seed.axes, own)
            for seed, own in zip(problem.seeds, plan.seed_axes, strict=True)
        ]
        scales: dict[int, Array] = {}
        for step in plan.steps:
            if isinstance(step, Combine):
                left, right = _terms(problem, step, axes, factors)
                value = left * right
                for v in step.merged:
                    value = _collect(value, step.axes.index(v) + 1)
            else:
                value = _finish(problem, step, factors[step.factor], axes[step.factor])
            if careful or isinstance(step, Finish):
                value, divided = self._scaled(value)
                if divided is not None:
                    scales[len(factors)] = divided
            factors.append(value)
        self.lowest = min(self.lowest, float(_tops(factors[-1]).min()))
        return Forward(factors, self.log_scale, scales)

    def _build(self, seed: Seed, *, careful: bool) -> Array:
        value = seed.build(self.nodes)
        if not careful:
            for guest in seed.guests:
                value = value * guest(self.nodes)
            return value
        value, _ = self._scaled(value.astype(np.longdouble))
        for guest in seed.guests:
            other, _ = self._scaled(guest(self.nodes))
            value, _ = self._scaled(value * other)
        return value

    def _scaled(self, value: Array) -> tuple[Array, Array | None]:
        """Divide a factor that has become small by its largest entry; return it and what it was divided by."""
        tops = _tops(value)
        least = tops.min()
        if least >= RESCALE_BELOW:
            return value, None
        self.lowest = min(self.lowest, float(least))
        safe = np.where(tops > 0.0, tops, 1.0)
        self.log_scale = self.log_scale + np.log(safe).astype(np.float64)
        return value / _as_column(safe, value.ndim), safe


def beliefs(
    problem: Problem, plan: Plan, run: Forward, wanted: Collection[int], *, by_cell: bool = False
) -> dict[int, Array]:
    """Return for each wanted ordinary variable its unnormalised marginal, (b, states).

    With ``by_cell``, for a run of one network, the marginal is apart for each cell of what the plan keeps,
    (cells, states): the cells take the place of the draws, so that all of them go back in one pass.
    Only factors that a wanted variable went into get an adjoint.
    """
    return _back(problem, plan, run, _lead_to(plan, wanted), wanted, _root(run.result, by_cell=by_cell))[0]


def seed_adjoints(problem: Problem, plan: Plan, run: Forward) -> list[Array]:
    """Return for each initial factor the derivative of ``run.result``'s sum by its entries, in the axes of the plan.

    An axis along which it is constant may have length 1.
    """
    leads = [True] * (plan.seeds + len(plan.steps))
    adjoint = _back(problem, plan, run, leads, (), _root(run.result, by_cell=False))[1]
    return [adjoint[seed] for seed in range(plan.seeds)]


def _back(
    problem: Problem, plan: Plan, run: Forward, leads: list[bool], wanted: Collection[int], root: Array
) -> tuple[dict[int, Array], dict[int, Array]]:
    """Return the unnormalised marginals of what is wanted, and the adjoints of the initial factors that lead there.

    Reverse accumulation over the plan: the adjoint of a factor is the total of everything that it
    is multiplied with, so factor times adjoint, summed over the other variables, is the marginal.
    """
    axes = [*plan.seed_axes, *[step.axes for step in plan.steps]]
    adjoint: dict[int, Array] = {len(run.factors) - 1: root}
    found: dict[int, Array] = {}
    for place in range(len(axes) - 1, plan.seeds - 1, -1):
        if not leads[place]:
            continue
        step = plan.steps[place - plan.seeds]
        received = adjoint.pop(place)
        if place in run.scales:
            received = received / _as_column(run.scales[place], received.ndim)
        if isinstance(step, Combine):
            left, right = _terms(problem, step, axes, run.factors)
            for v in step.merged:
                received = _collect_adjoint(received, step.axes.index(v) + 1)
            if leads[step.left]:
                adjoint[step.left] = _left_adjoint(step, axes[step.left], received * right)
            if leads[step.right]:
                adjoint[step.right] = _right_adjoint(problem, step, axes[step.right], received * left)
            continue
        back = _finish_adjoint(problem, step, axes[step.factor], received)
        if step.variable in wanted:
            belief = run.factors[step.factor] * back  # the variable that goes next is the first axis
            found[step.variable] = np.add.reduce(belief.reshape(*belief.shape[:2], -1), axis=2)
        if leads[step.factor]:
            adjoint[step.factor] = back
    return found, adjoint


def _root(result: Array, *, by_cell: bool) -> Array:
    if not by_cell:
        return np.ones_like(result)
    return np.eye(result.size, dtype=result.dtype).reshape(-1, *result.shape[1:])


def _lead_to(plan: Plan, wanted: Collection[int]) -> list[bool]:
    """Say for every factor whether a wanted variable was taken out on the way to it."""
    leads = [False] * plan.seeds
    for step in plan.steps:
        if isinstance(step, Combine):
            leads.append(leads[step.left] or leads[step.right])
        else:
            leads.append(leads[step.factor] or step.variable in wanted)
    return leads


def _turned(array: Array, axes: tuple[int, ...], wanted: tuple[int, ...]) -> Array:
    """Put the axes into another order, in memory too."""
    if axes == wanted:
        return array
    return np.ascontiguousarray(array.transpose(0, *[axes.index(v) + 1 for v in wanted]))


def _tops(factor: Array) -> Array:
    """Return the largest entry of each draw."""
    return np.asarray(np.maximum.reduce(factor.reshape(len(factor), -1), axis=1))


def _as_column(vector: Array, ndim: int) -> Array:
    return vector.reshape(-1, *([1] * (ndim - 1)))


def _spread(array: Array, own: tuple[int, ...], axes: tuple[int, ...]) -> Array:
    """Insert axes of length 1 so that the factor broadcasts over ``axes``."""
    if len(own) == len(axes):
        return array
    sizes = iter(array.shape)
    return array.reshape(next(sizes), *[next(sizes) if v in own else 1 for v in axes])


def _reduce(array: Array, own: tuple[int, ...], axes: tuple[int, ...]) -> Array:
    """Sum out the axes that the factor does not have: the transpose of ``_spread``."""
    if len(own) == len(axes):
        return array
    at = 1
    for v in axes:  # one axis after the other, the outermost first: each halves what is left
        if v in own:
            at += 1
        else:
            array = np.add.reduce(array, axis=at)
    return array


def _terms(problem: Problem, step: Combine, axes: list[tuple[int, ...]], factors: list[Array]) -> tuple[Array, Array]:
    """Return both sides of the product, over the axes of the step.

    Along merged axes the level of the product is the higher of the two levels,
    P(max = m) = a[m] (b[0] + .. + b[m]) + (a[0] + .. + a[m-1]) b[m]: both terms, one after the other.
    """
    left = _spread(factors[step.left], axes[step.left], step.axes)
    right = factors[step.right]
    for v in step.weighed:
        right = _weigh(right, axes[step.right].index(v) + 1, problem.weights[v])
    right = _spread(right, axes[step.right], step.axes)
    for v in step.merged:
        at = step.axes.index(v) + 1
        left, right = _left_terms(left, at), _right_terms(right, at)
    return left, right


def _left_adjoint(step: Combine, own: tuple[int, ...], terms: Array) -> Array:
    result = _reduce(terms, own, step.axes)
    for v in step.merged:
        result = _left_terms_adjoint(result, own.index(v) + 1)
    return result


def _right_adjoint(problem: Problem, step: Combine, own: tuple[int, ...], terms: Array) -> Array:
    result = _reduce(terms, own, step.axes)
    for v in step.merged:
        result = _right_terms_adjoint(result, own.index(v) + 1)
    for v in step.weighed:
        result = _weigh(result, own.index(v) + 1, problem.weights[v])
    return result


def _weigh(array: Array, at: int, weights: Array) -> Array:
    """Return sum over j of weights[max(i, j)] array[j] for every level i; its own transpose."""
    column = weights.reshape(-1, *([1] * (array.ndim - at - 1)))
    result = _up_to(array, at) * column
    _part(result, at, 0, -1)[...] += _from_above(_part(array * column, at, 1, None), at)
    return result


def _left_terms(array: Array, at: int) -> Array:
    return np.concatenate([array, _up_to(_part(array, at, 0, -1), at)], axis=at)


def _right_terms(array: Array, at: int) -> Array:
    return np.concatenate([_up_to(array, at), _part(array, at, 1, None)], axis=at)


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
    result = _from_above(_part(received, at, 0, size), at)
    if size > 1:
        _part(result, at, 1, None)[...] += _part(received, at, size, None)
    return result


def _collect_adjoint(received: Array, at: int) -> Array:
    return np.concatenate([received, _part(received, at, 1, None)], axis=at)


def _up_to(array: Array, at: int) -> Array:
    """Return for every level the sum over it and the levels below, as whole slices: faster than a running sum."""
    size = array.shape[at]
    if size == 1:
        return array
    result = array.copy()
    for level in range(1, size):
        _part(result, at, level, level + 1)[...] += _part(result, at, level - 1, level)
    return result


def _from_above(array: Array, at: int) -> Array:
    """Return for every level the sum over it and the levels above."""
    size = array.shape[at]
    if size == 1:
        return array
    result = array.copy()
    for level in range(size - 1, 0, -1):
        _part(result, at, level - 1, level)[...] += _part(result, at, level, level + 1)
    return result


def _part(array: Array, at: int, start: int, stop: int | None) -> Array:
    return array[(slice(None),) * at + (slice(start, stop),)]


def _finish(problem: Problem, step: Finish, factor: Array, axes: tuple[int, ...]) -> Array:
    if step.how == "close":
        return _close(problem, step, factor, axes)
    at = axes.index(step.variable) + 1
    result: Array
    if step.how == "sum":
        result = np.add.reduce(factor, axis=at)
    else:
        result = np.tensordot(factor, problem.weights[step.variable], axes=(at, 0))
    return result


def _finish_adjoint(problem: Problem, step: Finish, axes: tuple[int, ...], received: Array) -> Array:
    if step.how == "close":
        return _close_adjoint(problem, step, axes, received)
    at = axes.index(step.variable) + 1
    wide = received.reshape(*received.shape[:at], 1, *received.shape[at:])
    if step.how == "sum":
        return wide
    return wide * problem.weights[step.variable].reshape(-1, *([1] * (wide.ndim - at - 1)))


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
    return _turned(factor, tuple(named), step.axes)


def _close_adjoint(problem: Problem, step: Finish, axes: tuple[int, ...], received: Array) -> Array:
    target = problem.closes[step.variable]
    if target not in axes:
        named = [step.variable if v == target else v for v in step.axes]
        return _turned(received, tuple(named), axes)
    wide = np.expand_dims(received, axes.index(step.variable) + 1)
    agree = np.eye(problem.sizes[target]).reshape(
        1, *(problem.sizes[v] if v in {step.variable, target} else 1 for v in axes)
    )
    return wide * agree
