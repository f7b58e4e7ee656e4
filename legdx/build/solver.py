"""Solve the numbers of one variable from its targets, its ancestors being solved already.

Penalised least squares on logits: each target adds (implied - published) / standard error, each weak belief its own
row.  The solved network is found by Levenberg and Marquardt's method from a start that meets the figures one by one;
networks drawn from the figures' uncertainty follow by Gauss-Newton steps with Broyden's update of the Jacobian, all of
them side by side: one pass of the engine a step and figure, whatever the number of parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from legdx.build.implied import Queries
from legdx.build.parameters import BOUND, Parameters
from legdx.build.targets import Condition, Target
from legdx.network.records import Array, Network, Node, Variable, map_arrays

__all__ = ["Solution", "Solver", "parent_of"]

STEP = 1e-5
DRAWN_STEPS = 12
SHORTER = 0.3
LONGEST_MOVE = 3.0
SETTLED = 0.01
"""A drawn network is solved when the next step would move no logit by more than this."""

GRID = np.linspace(-8.0, 8.0, 33)
NEAR_ZERO = 1e-9
"""Where no figure tells the logits of the grid apart, the one next to 0 is taken."""

LANES = 200
"""Networks run side by side at most, to bound memory."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The solved logits, (1, count), and how well determined they are.

    ``condition`` is the condition number of the weighted Jacobian (targets and beliefs); ``standard_errors`` are those
    of the logits; ``slopes`` are the derivatives of what is implied for each target, (targets, count).
    """

    theta: Array
    condition: float
    standard_errors: Array
    iterations: int
    slopes: Array


class Solver:
    """One variable's problem on top of its solved ancestors."""

    def __init__(
        self,
        variables: Sequence[Variable],
        nodes: Sequence[Node],
        parameters: Parameters,
        targets: Sequence[Target],
    ) -> None:
        self.parameters = parameters
        self.targets = [t for t in targets if t.use == "solve" and not t.definition]
        self.below_nodes = list(nodes)
        trial = parameters.node(parameters.start())
        self.queries = Queries(Network((*variables, parameters.shape.variable), (*nodes, trial)))
        self.centres = np.array([t.centre for t in self.targets])
        self.low = np.array([t.below for t in self.targets])
        self.high = np.array([t.above for t in self.targets])

    def solve(self) -> Solution:
        """Return the solution for the figures as published."""
        count = self.parameters.count
        if not count:
            return Solution(np.zeros((1, 0)), 1.0, np.zeros(0), 0, np.zeros((len(self.targets), 0)))
        below: dict[Condition, Array] = {}
        found = least_squares(
            lambda theta: self._residuals(self._implied(theta[np.newaxis], self.below_nodes, below), theta)[0],
            self._near(below),
            jac=lambda theta: self._jacobian(theta, below),
            method="lm",
            xtol=1e-5,
            ftol=1e-5,
            gtol=1e-8,
        )
        jacobian = found.jac
        values = np.linalg.svd(jacobian, compute_uv=False)
        errors = np.sqrt(np.diag(np.linalg.pinv(jacobian.T @ jacobian)))
        _, slopes = self._slopes(found.x, below)
        return Solution(found.x[np.newaxis], float(values[0] / values[-1]), errors, int(found.nfev), slopes)

    def solve_drawn(self, solution: Solution, nodes: Sequence[Node], centres: Array, beliefs: Array) -> Array:
        """Return the logits for each drawn set of centres, on the drawn ancestors, (b, count).

        Args:
            solution: where to start.
            nodes: the drawn ancestors.
            centres: of the targets, (b, targets).
            beliefs: centres of the weak beliefs, (b, beliefs).

        """
        if not self.parameters.count or not self.targets:
            return np.repeat(solution.theta, len(centres), axis=0)
        parts = []
        for at in range(0, len(centres), LANES):
            part = slice(at, at + LANES)
            few = [map_arrays(node, lambda a, part=part: a[part] if len(a) > 1 else a) for node in nodes]  # type: ignore[misc]
            start = np.repeat(solution.theta, len(centres[part]), axis=0)
            parts.append(self._follow(start, solution.slopes, few, centres[part], {}, beliefs[part]))
        return np.concatenate(parts)

    def implied(self, target: Target, node: Node) -> Array:
        """Return what the network with this node implies for a target, on its scale, (b,)."""
        return self.queries.implied(target, [*self.below_nodes, node], {})

    def _follow(
        self,
        theta: Array,
        first_slopes: Array,
        nodes: Sequence[Node],
        centres: Array,
        below: dict[Condition, Array],
        beliefs: Array | None = None,
    ) -> Array:
        """Take each lane from logits with known slopes to its own solution."""
        lanes = len(centres)
        slopes = np.repeat(first_slopes[np.newaxis], lanes, axis=0)
        implied = self._implied(theta, nodes, below)
        residuals = self._residuals(implied, theta, centres, beliefs)
        reach = np.ones(lanes)
        for _ in range(DRAWN_STEPS):
            jacobian = self._weighted(slopes, implied - centres)
            slope = jacobian.transpose(0, 2, 1) @ residuals[..., np.newaxis]
            normal = jacobian.transpose(0, 2, 1) @ jacobian
            move = np.clip(np.linalg.solve(normal, slope)[..., 0], -LONGEST_MOVE, LONGEST_MOVE)
            move *= reach[:, np.newaxis]
            waiting = np.abs(move).max(axis=1) >= SETTLED
            if not waiting.any():
                break
            trial = _choose(waiting, np.clip(theta - move, -BOUND, BOUND), theta)
            reached = self._implied(trial, nodes, below)
            slopes = _broyden(slopes, trial - theta, reached - implied)
            tried = self._residuals(reached, trial, centres, beliefs)
            better = waiting & ((tried**2).sum(axis=1) < (residuals**2).sum(axis=1))
            theta, implied = _choose(better, trial, theta), _choose(better, reached, implied)
            residuals = _choose(better, tried, residuals)
            reach = np.where(better, 1.0, reach * SHORTER)
        return theta

    def _implied(self, theta: Array, nodes: Sequence[Node], below: dict[Condition, Array], own: str = "") -> Array:
        """Return what the logits imply for every target (or those of one parent), (n, targets)."""
        everything = [*nodes, self.parameters.node(theta)]
        chosen = [t for t in self.targets if not own or parent_of(t) == own]
        if not chosen:
            return np.zeros((len(theta), 0))
        return np.stack(
            [np.broadcast_to(self.queries.implied(t, everything, below), len(theta)) for t in chosen], axis=1
        )

    def _residuals(
        self, implied: Array, theta: Array, centres: Array | None = None, drawn: Array | None = None
    ) -> Array:
        """Return targets' and beliefs' residuals in standard errors, (n, targets + beliefs)."""
        away = implied - (self.centres if centres is None else centres)
        theta = theta.reshape(len(implied), -1)
        believed = self.parameters.belief_centre if drawn is None else drawn
        beliefs = theta @ self.parameters.belief_matrix.T - believed
        return np.concatenate([away / np.where(away < 0.0, self.low, self.high), beliefs], axis=1)

    def _weighted(self, slopes: Array, away: Array) -> Array:
        """Return the Jacobian of the residuals from the slopes of the targets, (n, targets + beliefs, count)."""
        weighted = slopes / np.where(away < 0.0, self.low, self.high)[..., np.newaxis]
        beliefs = np.broadcast_to(self.parameters.belief_matrix, (len(slopes), *self.parameters.belief_matrix.shape))
        return np.concatenate([weighted, beliefs], axis=1)

    def _slopes(self, theta: Array, below: dict[Condition, Array]) -> tuple[Array, Array]:
        """Return what is implied, (targets,), and its forward differences, (targets, count)."""
        moves = STEP * np.eye(self.parameters.count)
        rows = self._implied(np.concatenate([theta[np.newaxis], theta + moves]), self.below_nodes, below)
        return rows[0], ((rows[1:] - rows[0]) / STEP).T

    def _jacobian(self, theta: Array, below: dict[Condition, Array]) -> Array:
        implied, slopes = self._slopes(theta, below)
        result: Array = self._weighted(slopes[np.newaxis], implied[np.newaxis] - self.centres)[0]
        return result

    def _near(self, below: dict[Condition, Array]) -> Array:
        """Return logits near the solution, reached with the slopes of the start: exact slopes are dear."""
        theta = self._start(below)
        if self.targets:
            _, slopes = self._slopes(theta[0], below)
            theta = self._follow(theta, slopes, self.below_nodes, self.centres[np.newaxis], below)
        result: Array = theta[0]
        return result

    def _start(self, below: dict[Condition, Array]) -> Array:
        """Set the leak to the mean of its figures, then meet each parent's own figures in turn (Gauss-Seidel)."""
        theta = self.parameters.start()
        leak = self.parameters.blocks[0]
        rates = [t.centre for t in self.targets if parent_of(t) == "leak"]
        if leak.count and leak.steps == 1 and rates:
            theta[:, : leak.count] = np.clip(np.mean(rates), -BOUND, BOUND)
        shape = self.parameters.shape
        owners = ("leak", *shape.raised_by, *shape.suppressed_by)
        for owner, block in zip(owners, self.parameters.blocks, strict=True):
            mine = np.array([parent_of(t) == owner for t in self.targets])
            if block.role == "leak" or not block.count or not mine.any():
                continue
            trial = np.repeat(theta, len(GRID), axis=0)
            trial[:, block.start : block.start + block.count] = GRID[:, np.newaxis]
            away = self._implied(trial, self.below_nodes, below, owner) - self.centres[mine]
            cost = ((away / np.where(away < 0.0, self.low[mine], self.high[mine])) ** 2).sum(axis=1)
            theta = trial[[int(np.argmin(cost + NEAR_ZERO * GRID**2))]]
        return theta


def parent_of(target: Target) -> str:
    """Return the parent whose number a target settles, or "leak"."""
    return target.parameter.split(": ", 1)[1].split(" ")[0]


def _choose(where: Array, yes: Array, no: Array) -> Array:
    return np.where(where[:, np.newaxis], yes, no)


def _broyden(slopes: Array, moved: Array, changed: Array) -> Array:
    """Update each lane's Jacobian so that it explains its last step (Broyden 1965)."""
    length = (moved**2).sum(axis=1)
    unexplained = changed - (slopes @ moved[..., np.newaxis])[..., 0]
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0.0)
    result: Array = slopes + unexplained[..., np.newaxis] * (moved * scale[:, np.newaxis])[:, np.newaxis, :]
    return result
