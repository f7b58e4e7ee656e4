"""Solve the numbers of one variable from its targets, its ancestors being solved already.

Penalised least squares on logits: each target adds (implied - published) / standard error, each weak belief its own
row.  The solved network is found by a trust-region method from a start that meets the figures one by one; networks
drawn from the figures' uncertainty follow by Gauss-Newton steps, all of them side by side.
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

__all__ = ["Solution", "Solver"]

STEP = 1e-4
NEWTON_STEPS = 8
SHRINKS = (1.0, 0.25, 0.05)
LONGEST_MOVE = 3.0
SETTLED = 1e-3
"""A drawn network is solved when the next step would move no logit by more than this."""

LANES = 4000
"""Networks run side by side at most, to bound memory."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The solved logits, (1, count), and how well determined they are.

    ``condition`` is the condition number of the weighted Jacobian (targets and beliefs); ``standard_errors`` are those
    of the logits.
    """

    theta: Array
    condition: float
    standard_errors: Array
    iterations: int


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
        if not self.parameters.count:
            return Solution(np.zeros((1, 0)), 1.0, np.zeros(0), 0)
        below: dict[Condition, Array] = {}
        start = self._start(below)
        found = least_squares(
            lambda theta: self._residuals(theta[np.newaxis], self.below_nodes, below, self.centres)[0],
            start[0],
            jac=lambda theta: self._jacobian(theta[np.newaxis], self.below_nodes, below, self.centres)[0],
            bounds=(-BOUND, BOUND),
            x_scale=1.0,
            xtol=1e-12,
            ftol=1e-12,
            gtol=1e-10,
        )
        jacobian = self._jacobian(found.x[np.newaxis], self.below_nodes, below, self.centres)[0]
        values = np.linalg.svd(jacobian, compute_uv=False)
        errors = np.sqrt(np.diag(np.linalg.pinv(jacobian.T @ jacobian)))
        return Solution(found.x[np.newaxis], float(values[0] / values[-1]), errors, int(found.nfev))

    def solve_drawn(self, start: Array, nodes: Sequence[Node], centres: Array) -> Array:
        """Return the logits for each drawn set of centres, (b, targets), on the drawn ancestors, (b, count)."""
        if not self.parameters.count or not self.targets:
            return np.repeat(start, len(centres), axis=0)
        lanes = max(1, LANES // (self.parameters.count + 1))
        parts = []
        for at in range(0, len(centres), lanes):
            part = slice(at, at + lanes)
            few = [map_arrays(node, lambda a, part=part: a[part] if len(a) > 1 else a) for node in nodes]  # type: ignore[misc]
            parts.append(self._newton(np.repeat(start, len(centres[part]), axis=0), few, centres[part]))
        return np.concatenate(parts)

    def implied(self, target: Target, node: Node) -> Array:
        """Return what the network with this node implies for a target, on its scale, (b,)."""
        return self.queries.implied(target, [*self.below_nodes, node], {})

    def _newton(self, theta: Array, nodes: list[Node], centres: Array) -> Array:
        count = self.parameters.count
        below: dict[Condition, Array] = {}
        wide_below: dict[Condition, Array] = {}
        wide_nodes = [map_arrays(n, lambda a: np.repeat(a, count + 1, axis=0) if len(a) > 1 else a) for n in nodes]
        wide_centres = np.repeat(centres, count + 1, axis=0)
        cost = self._cost(theta, nodes, below, centres)
        for _ in range(NEWTON_STEPS):
            wide = np.repeat(theta, count + 1, axis=0)
            wide.reshape(len(theta), count + 1, count)[:, 1:] += STEP * np.eye(count)
            rows = self._residuals(wide, wide_nodes, wide_below, wide_centres).reshape(len(theta), count + 1, -1)
            jacobian = (rows[:, 1:] - rows[:, :1]).transpose(0, 2, 1) / STEP
            slope = jacobian.transpose(0, 2, 1) @ rows[:, 0, :, np.newaxis]
            move = np.linalg.solve(jacobian.transpose(0, 2, 1) @ jacobian, slope)[..., 0]
            moved = np.zeros(len(theta), dtype=bool)
            for shrink in SHRINKS:
                trial = np.clip(theta - shrink * np.clip(move, -LONGEST_MOVE, LONGEST_MOVE), -BOUND, BOUND)
                trial = np.where(moved[:, np.newaxis], theta, trial)
                better = self._cost(trial, nodes, below, centres)
                accept = better < cost
                theta, cost = np.where(accept[:, np.newaxis], trial, theta), np.where(accept, better, cost)
                moved |= accept | (np.abs(move).max(axis=1) < SETTLED)
                if moved.all():
                    break
            if np.abs(move).max() < SETTLED:
                break
        return theta

    def _cost(self, theta: Array, nodes: list[Node], below: dict[Condition, Array], centres: Array) -> Array:
        total: Array = (self._residuals(theta, nodes, below, centres) ** 2).sum(axis=1)
        return total

    def _residuals(self, theta: Array, nodes: Sequence[Node], below: dict[Condition, Array], centres: Array) -> Array:
        """Return targets' and beliefs' residuals in standard errors, (n, targets + beliefs)."""
        beliefs = theta @ self.parameters.belief_matrix.T - self.parameters.belief_centre
        if not self.targets:
            return beliefs
        everything = [*nodes, self.parameters.node(theta)]
        implied = np.stack(
            [np.broadcast_to(self.queries.implied(t, everything, below), len(theta)) for t in self.targets], axis=1
        )
        away = implied - centres
        return np.concatenate([away / np.where(away < 0.0, self.low, self.high), beliefs], axis=1)

    def _jacobian(self, theta: Array, nodes: Sequence[Node], below: dict[Condition, Array], centres: Array) -> Array:
        """Return central differences of the residuals for one set of logits, (1, residuals, count)."""
        count = self.parameters.count
        moves = STEP * np.eye(count)
        rows = self._residuals(np.concatenate([theta + moves, theta - moves]), nodes, below, centres)
        return ((rows[:count] - rows[count:]) / (2.0 * STEP)).T[np.newaxis]

    def _start(self, below: dict[Condition, Array]) -> Array:
        """Meet each target by its own parameter in turn (Gauss-Seidel), twice over."""
        theta = self.parameters.start()
        spread = np.linspace(-8.0, 8.0, 33)
        for _ in range(2):
            for block in self.parameters.blocks:
                if block.role == "leak" or not block.count:
                    continue
                trial = np.repeat(theta, len(spread), axis=0)
                trial[:, block.start : block.start + block.count] = spread[:, np.newaxis]
                cost = self._cost(trial, self.below_nodes, below, self.centres)
                theta = trial[[int(np.argmin(cost))]]
        return theta
