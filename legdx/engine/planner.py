"""The order in which hidden variables are eliminated, and what that will cost, before any number.

Sets of variables are Python integers used as bitmasks: they have no widest size, so no number of
variables can overflow them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from legdx.engine.reduction import Problem
from legdx.errors import TooCostlyError

MAX_AXES = 60
"""NumPy arrays have at most 64 axes; one is the draw axis."""

_SECONDS_PER_ENTRY = 1.2e-8
_SECONDS_PER_STEP = 4e-5
_BYTES_PER_ENTRY = 24


@dataclass(frozen=True, slots=True)
class Budget:
    """What one query may cost; past it the query is refused before memory is taken.

    Args:
        seconds: predicted seconds on the NumPy twin.
        memory: predicted bytes.

    """

    seconds: float = 1.0
    memory: float = 2e9


@dataclass(frozen=True, slots=True)
class Combine:
    """Multiply two factors, merging the open variables that they share."""

    left: int
    right: int
    axes: tuple[int, ...]
    merged: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Finish:
    """Take one variable out of a factor: sum it, weigh it, or close it into an ordinary one."""

    variable: int
    factor: int
    axes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps over numbered factors: the seeds first, then one result a step."""

    steps: tuple[Combine | Finish, ...]
    seeds: int
    entries: float
    largest: float

    def seconds(self, draws: int = 1) -> float:
        """Predict the time of a forward and a backward pass, in seconds."""
        return self.entries * draws * _SECONDS_PER_ENTRY + len(self.steps) * _SECONDS_PER_STEP

    def memory(self, draws: int = 1) -> float:
        """Predict the memory of a forward and a backward pass, in bytes."""
        return self.entries * draws * _BYTES_PER_ENTRY

    def require(self, budget: Budget, draws: int = 1) -> None:
        """Raise TooCostlyError when the prediction is over the budget."""
        seconds, memory = self.seconds(draws), self.memory(draws)
        too_wide = any(isinstance(s, Combine) and len(s.axes) > MAX_AXES for s in self.steps)
        if seconds > budget.seconds or memory > budget.memory or too_wide:
            raise TooCostlyError(
                int(self.entries * draws),
                int(memory),
                seconds,
                hint="answer more of the factors (age and sex first), or raise the budget",
            )


def make_plan(problem: Problem, keep: Iterable[int] = ()) -> Plan:
    """Choose a greedy minimum-weight order and lay out its steps; allocates no table.

    Args:
        problem: the reduced query.
        keep: hidden ordinary variables that stay as axes of the result.

    """
    return _Planner(problem, set(keep)).run()


class _Planner:
    def __init__(self, problem: Problem, keep: set[int]) -> None:
        self.problem = problem
        self.keep = keep
        self.log_size = [math.log2(size) if size > 0 else 0.0 for size in problem.sizes]
        self.axes: list[tuple[int, ...]] = [seed.axes for seed in problem.seeds]
        self.live: set[int] = set(range(len(self.axes)))
        self.holders: list[set[int]] = [set() for _ in problem.sizes]
        self.near = [0] * len(problem.sizes)
        self.waiting = set(problem.closes.values())
        self.steps: list[Combine | Finish] = []
        self.entries = 0.0
        self.largest = 1.0
        for number, axes in enumerate(self.axes):
            self._register(number, axes)

    def run(self) -> Plan:
        seeds = len(self.axes)
        remaining = set(range(len(self.problem.sizes))) - self.keep
        cost = {v: self._bucket_cost(v) for v in remaining}
        while remaining:
            ready = [v for v in remaining if v not in self.waiting]
            variable = min(ready, key=lambda v: (cost[v], v))
            remaining.discard(variable)
            touched = self._eliminate(variable)
            for v in _members(touched):
                if v in remaining:
                    cost[v] = self._bucket_cost(v)
        self._combine_all(sorted(self.live, key=self._weight))
        return Plan(tuple(self.steps), seeds, self.entries, self.largest)

    def _register(self, number: int, axes: tuple[int, ...]) -> None:
        mask = 0
        for v in axes:
            mask |= 1 << v
            self.holders[v].add(number)
        for v in axes:
            self.near[v] |= mask

    def _bucket_cost(self, variable: int) -> float:
        mask = self.near[variable]
        target = self.problem.closes.get(variable)
        if target is not None:
            mask |= 1 << target
        return sum(self.log_size[v] for v in _members(mask))

    def _weight(self, factor: int) -> tuple[float, int]:
        return sum(self.log_size[v] for v in self.axes[factor]), factor

    def _eliminate(self, variable: int) -> int:
        bucket = sorted(self.holders[variable], key=self._weight)
        product = self._combine_all(bucket)
        target = self.problem.closes.get(variable)
        axes = {v for v in self.axes[product] if v != variable}
        if target is not None:
            axes.add(target)
            self.waiting.discard(target)
        touched = self._drop(product) | self.near[variable]
        result = self._append(Finish(variable, product, tuple(sorted(axes))))
        gone = ~(1 << variable)
        for v in _members(touched):
            self.near[v] &= gone
        self._register(result, self.axes[result])
        for v in self.axes[result]:
            touched |= 1 << v
        return touched & gone

    def _combine_all(self, factors: list[int]) -> int:
        product = factors[0]
        for other in factors[1:]:
            left, right = self.axes[product], self.axes[other]
            shared = set(left) & set(right)
            merged = tuple(v for v in sorted(shared) if self.problem.is_open(v))
            axes = tuple(sorted({*left, *right}))
            self._drop(product)
            self._drop(other)
            product = self._append(Combine(product, other, axes, merged))
        return product

    def _append(self, step: Combine | Finish) -> int:
        number = len(self.axes)
        self.steps.append(step)
        self.axes.append(step.axes)
        self.live.add(number)
        if isinstance(step, Combine):
            entries = 2.0 ** min(1000.0, sum(self.log_size[v] for v in step.axes))
            for v in step.merged:
                entries *= (2 * self.problem.sizes[v] - 1) / self.problem.sizes[v]
            self.entries += entries
            self.largest = max(self.largest, entries)
            for v in step.axes:
                self.holders[v].add(number)
        return number

    def _drop(self, factor: int) -> int:
        self.live.discard(factor)
        mask = 0
        for v in self.axes[factor]:
            self.holders[v].discard(factor)
            mask |= 1 << v
        return mask


def _members(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
