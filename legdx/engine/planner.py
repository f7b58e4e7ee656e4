"""The order in which hidden variables are eliminated, and what that will cost, before any number.

Sets of variables are Python integers used as bitmasks: they have no widest size, so no number of
variables can overflow them.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from legdx.engine.problem import Problem
from legdx.errors import TooCostlyError

MAX_AXES = 60
"""NumPy arrays have at most 64 axes; one is the draw axis."""

_SECONDS_PER_ENTRY = 2.5e-8
_SECONDS_PER_STEP = 1.8e-5
_BYTES_PER_ENTRY = 20
"""Of a posterior on the NumPy twin, forward and backward; measured by tests/benchmarks/width.py --calibrate."""


_BINARY = 2
_UNCOUNTED = 1e300
"""Costs that have no number any more."""

_LOG_MERGE_BINARY = math.log2(3 / 2)

How = Literal["sum", "weigh", "close"]


@dataclass(frozen=True, slots=True)
class Budget:
    """What one query may cost; past it the query is refused before memory is taken.

    Args:
        seconds: predicted seconds on the NumPy twin.
        memory: predicted bytes.

    """

    seconds: float = 1.0
    memory: float = 2e9


UNLIMITED = Budget(math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a query will cost with the compiled kernels.

    Attributes:
        entries: multiplications of table entries, forward and back.
        largest: entries of the largest table.
        one_run: predicted seconds for one network.
        bytes: predicted memory, which networks side by side share.

    """

    entries: float
    largest: float
    one_run: float
    bytes: float

    def seconds(self, draws: int = 1) -> float:
        """Predict the time, in seconds."""
        return self.one_run * draws

    def memory(self, draws: int = 1) -> float:  # noqa: ARG002 - networks are run one after the other
        """Predict the memory, in bytes."""
        return self.bytes

    def require(self, budget: Budget, draws: int = 1) -> None:
        """Raise TooCostlyError when the prediction is over the budget."""
        if self.seconds(draws) > budget.seconds or self.memory(draws) > budget.memory:
            raise _too_costly(self.entries * draws, self.memory(draws), self.seconds(draws))


def _too_costly(entries: float, memory: float, seconds: float) -> TooCostlyError:
    return TooCostlyError(
        int(min(entries, _UNCOUNTED)),
        int(min(memory, _UNCOUNTED)),
        seconds,
        hint="answer more of the factors (age and sex first), or raise the budget",
    )


@dataclass(frozen=True, slots=True)
class Combine:
    """Multiply two factors, merging the open variables that they share.

    ``weighed`` are open variables that both have and no other factor: these need not be merged first and weighed then,
    but are weighed in the right factor and summed like an ordinary variable.
    """

    left: int
    right: int
    axes: tuple[int, ...]
    merged: tuple[int, ...]
    weighed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finish:
    """Take one variable out of a factor: sum it, weigh it, or close it into an ordinary one."""

    variable: int
    factor: int
    axes: tuple[int, ...]
    how: How


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps over numbered factors: the seeds first, then one result a step.

    Every factor has its axes in the order in which the variables are eliminated. What is summed or merged is then the
    outermost axis, and what most factors share lies innermost, in one piece.
    """

    steps: tuple[Combine | Finish, ...]
    seed_axes: tuple[tuple[int, ...], ...]
    entries: float
    largest: float

    @property
    def seeds(self) -> int:
        """Number of initial factors."""
        return len(self.seed_axes)

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
            raise _too_costly(self.entries * draws, memory, seconds)


def make_plan(problem: Problem, keep: Iterable[int] = ()) -> Plan:
    """Choose a greedy order and lay out its steps; allocates no table.

    The next variable is the one whose bucket has the fewest entries, then the one that newly ties the fewest pairs
    of variables together (minimum weight, minimum fill), then the one with the least to merge.

    Args:
        problem: the reduced query.
        keep: hidden ordinary variables that stay as axes of the result.

    """
    return _Planner(problem, set(keep)).run()


class _Planner:
    """State of a greedy elimination; factors are numbered as in ``Plan`` and held as masks of variables."""

    def __init__(self, problem: Problem, keep: set[int]) -> None:
        self.problem = problem
        self.keep = keep
        sizes = problem.sizes
        self.binary = _mask(v for v, size in enumerate(sizes) if size == _BINARY)
        self.log_size = [math.log2(size) if size > 0 else 0.0 for size in sizes]
        self.log_merge = [math.log2((2 * size - 1) / size) if size > 0 else 0.0 for size in sizes]
        self.weighed = _mask(problem.weights)
        self.open = self.weighed | _mask(problem.closes)
        self.masks: list[int] = []
        self.weights: list[float] = []
        self.holders: list[set[int]] = [set() for _ in sizes]
        self.near = [0] * len(sizes)
        self.steps: list[Combine | Finish] = []
        self.entries = 0.0
        self.largest = 1.0
        self.spent = 0
        self.remaining = set(range(len(sizes))) - keep
        self.waiting = set(problem.closes.values())
        self.live: set[int] = set()
        for seed in problem.seeds:
            self._register(_mask(seed.axes))

    def run(self) -> Plan:
        order: list[int] = []
        cost = {v: self._cost(v) for v in self.remaining}
        queue = [(cost[v], v) for v in self.remaining if v not in self.waiting]
        heapq.heapify(queue)
        while self.remaining:
            judged, variable = heapq.heappop(queue)
            if variable not in self.remaining or judged != cost[variable]:
                continue
            self.remaining.discard(variable)
            order.append(variable)
            for v in _members(self._eliminate(variable)):
                if v in self.remaining:
                    cost[v] = self._cost(v)
                    if v not in self.waiting:
                        heapq.heappush(queue, (cost[v], v))
        self._combine_all(self._sorted(self.live))
        return self._plan([*order, *sorted(self.keep)])

    def _plan(self, order: list[int]) -> Plan:
        rank = [0] * len(order)
        for place, v in enumerate(order):
            rank[v] = place

        def turned(axes: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(sorted(axes, key=rank.__getitem__))

        steps = tuple([replace(step, axes=turned(step.axes)) for step in self.steps])
        return Plan(steps, tuple([turned(seed.axes) for seed in self.problem.seeds]), self.entries, self.largest)

    def _cost(self, variable: int) -> tuple[float, int, float]:
        bucket = twice = 0
        for factor in self.holders[variable]:
            mask = self.masks[factor]
            twice |= bucket & mask
            bucket |= mask
        others = (bucket | self._target(variable)) & ~(1 << variable)
        fill = sum([(others & ~self.near[v]).bit_count() for v in _members(others)])
        return self._log_entries(bucket), fill, self._log_merge(twice & self.open)

    def _target(self, variable: int) -> int:
        target = self.problem.closes.get(variable)
        return 0 if target is None else 1 << target

    def _log_entries(self, mask: int) -> float:
        wide = mask & ~self.binary
        narrow = (mask & self.binary).bit_count()
        return narrow + sum([self.log_size[v] for v in _members(wide)]) if wide else narrow

    def _log_merge(self, mask: int) -> float:
        wide = mask & ~self.binary
        narrow = (mask & self.binary).bit_count() * _LOG_MERGE_BINARY
        return narrow + sum([self.log_merge[v] for v in _members(wide)]) if wide else narrow

    def _eliminate(self, variable: int) -> int:
        """Append the steps that take a variable out; return the variables whose surroundings changed."""
        product = self._combine_all(self._sorted(self.holders[variable]))
        before = self.masks[product]
        after = before & ~(1 << variable) | self._target(variable)
        self.waiting.discard(self.problem.closes.get(variable, -1))
        how: How = "sum"
        if variable in self.problem.closes:
            how = "close"
        elif self.weighed & ~self.spent & 1 << variable:
            how = "weigh"
        self._forget(product)
        self.steps.append(Finish(variable, product, _axes(after), how))
        touched = (before | after | self.near[variable]) & ~(1 << variable)
        for v in _members(touched):
            self.near[v] &= ~(1 << variable)
        self._register(after)
        return touched

    def _combine_all(self, factors: list[int]) -> int:
        product = factors[0]
        for other in factors[1:]:
            mask, merged, weighed = self._joined(self.masks[product], self.masks[other], {product, other})
            entries = 2.0 ** min(1000.0, self._log_entries(mask) + self._log_merge(merged))
            self.entries += entries
            self.largest = max(self.largest, entries)
            self.spent |= weighed
            self.steps.append(Combine(product, other, _axes(mask), _axes(merged), _axes(weighed)))
            self._forget(product)
            self._forget(other)
            product = self._register(mask)
        return product

    def _joined(self, left: int, right: int, used: set[int]) -> tuple[int, int, int]:
        """Return the variables of a product, the open ones to be merged, and those that only need to be weighed."""
        shared = left & right & self.open
        weighed = _mask(v for v in _members(shared & self.weighed) if self.holders[v] <= used)
        return left | right, shared & ~weighed, weighed

    def _sorted(self, factors: Iterable[int]) -> list[int]:
        return sorted(factors, key=lambda factor: (self.weights[factor], factor))

    def _register(self, mask: int) -> int:
        number = len(self.masks)
        self.masks.append(mask)
        self.weights.append(self._log_entries(mask))
        self.live.add(number)
        for v in _members(mask):
            self.holders[v].add(number)
            self.near[v] |= mask
        return number

    def _forget(self, factor: int) -> None:
        self.live.discard(factor)
        for v in _members(self.masks[factor]):
            self.holders[v].discard(factor)


def _mask(variables: Iterable[int]) -> int:
    mask = 0
    for v in variables:
        mask |= 1 << v
    return mask


def _axes(mask: int) -> tuple[int, ...]:
    return tuple(_members(mask))


def _members(mask: int) -> list[int]:
    found: list[int] = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
