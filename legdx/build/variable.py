"""One variable solved on top of those before it: its figures, its free numbers, its drawn companions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from legdx.build.drawing import Uncertainty, drawn_beliefs, drawn_centres
from legdx.build.parameters import Parameters, parameters_of
from legdx.build.solver import Solution, Solver, parent_of
from legdx.build.targets import Target, cell_weights
from legdx.knowledge import Knowledge
from legdx.network.records import Node, Table
from legdx.network.structure import AGE, SEX, Shape, background_of

__all__ = ["Problem", "Settled", "Solved"]

CLIPPED_AT = 6.0
"""A link below the logit of 0.25 % does nothing that a figure could be met by."""


@dataclass(frozen=True, slots=True)
class Settled:
    """One target after solving: what the network implies for it, on its logit or log scale.

    ``residual`` is (implied - published) / standard error on that side; ``clipped`` says that the number that should
    meet the figure stands at its bound, so that the network cannot follow.
    """

    target: Target
    implied: float
    residual: float
    clipped: bool


@dataclass(frozen=True, slots=True)
class Solved:
    """One variable's solved node, its drawn companions, and how each of its figures came out."""

    node: Node
    drawn: Node
    settled: tuple[Settled, ...] = ()
    condition: float | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """The whole network's shapes and figures: what any one variable's problem is cut from.

    It can be sent to another process.  ``draws`` networks are drawn with ``seed``, from the figures' own errors and
    from ``uncertainty``.
    """

    knowledge: Knowledge
    shapes: tuple[Shape, ...]
    targets: Mapping[str, tuple[Target, ...]]
    draws: int
    seed: int
    uncertainty: Uncertainty

    def solve(self, place: int, nodes: Sequence[Node], drawn: Sequence[Node]) -> Solved:
        """Solve the variable at ``place``; ``nodes`` and ``drawn`` are those of all variables before it."""
        shape = self.shapes[place]
        name = shape.variable.name
        if name in {AGE, SEX}:
            table = _population_table(self.knowledge, name)
            return Solved(table, table)
        targets = self.targets[name]
        parameters = self.parameters(shape)
        variables = [s.variable for s in self.shapes[:place]]
        solver = Solver(variables, nodes, parameters, targets)
        solution = solver.solve()
        node = parameters.node(solution.theta)
        settled = tuple([_settle(solver, t, node, parameters, solution) for t in targets])
        companion = node
        if self.draws and parameters.count:
            centres = drawn_centres(self.seed, self.draws, solver.targets, self.uncertainty.between)
            beliefs = drawn_beliefs(self.seed, self.draws, parameters, self.uncertainty.steps)
            companion = parameters.node(solver.solve_drawn(solution, drawn, centres, beliefs))
        return Solved(node, companion, settled, solution.condition)

    def untouched(self, place: int) -> Node:
        """Return a node of the right shape for a variable that is not solved yet and that nothing asked depends on."""
        parameters = self.parameters(self.shapes[place])
        return parameters.node(parameters.start())

    def parameters(self, shape: Shape) -> Parameters:
        """Lay out the free numbers of one variable."""
        name = shape.variable.name
        targets = self.targets[name]
        ratios: dict[str, dict[int, list[float]]] = {}
        fixed: dict[str, float] = {}
        for target in targets:
            if target.contrast is not None and shape.variable.kind != "factor":
                (parent, (state, *_)), *_ = target.given
                ratios.setdefault(parent, {}).setdefault(state, []).append(target.centre)
            if target.definition and target.use != "check":
                fixed[parent_of(target)] = target.figure.value
        if shape.variable.kind == "finding":
            own = background_of(name)
            if own in shape.raised_by:
                fixed |= {own: 1.0, "leak": 0.0}
            elif shape.gate is not None:
                fixed["leak"] = 0.0
        only = self.knowledge.factors[name].only if name in self.knowledge.factors else None
        possible = None if only is None else (cell_weights(self.knowledge.model.age_bands, only) > 0).astype(float)
        return parameters_of(
            shape,
            {s.variable.name: i for i, s in enumerate(self.shapes)},
            {s.variable.name: s.variable.size for s in self.shapes},
            proportional=frozenset(ratios),
            protective={
                parent: {state for state, logs in by_state.items() if np.mean(logs) < 0.0}
                for parent, by_state in ratios.items()
            },
            fixed=fixed,
            possible=possible,
        )


def _population_table(knowledge: Knowledge, name: str) -> Table:
    bands = knowledge.model.population
    shares = np.array([band.share.value for band in bands])
    if name == AGE:
        return Table((), (shares / shares.sum())[np.newaxis])
    women = np.array([band.female.value for band in bands])
    return Table((0,), np.stack([women, 1.0 - women], axis=-1)[np.newaxis])


def _settle(solver: Solver, target: Target, node: Node, parameters: Parameters, solution: Solution) -> Settled:
    implied = float(solver.implied(target, node)[0])
    away = implied - target.centre
    residual = away / (target.below if away < 0.0 else target.above)
    if target.definition and target.use != "check":
        residual = 0.0
    parent = parent_of(target)
    clipped = False
    names = ("leak", *parameters.shape.raised_by, *parameters.shape.suppressed_by)
    for block, owner in zip(parameters.blocks, names, strict=True):
        if owner == parent and block.role not in {"leak", "odds"} and block.count:
            own = solution.theta[0, block.start : block.start + block.count]
            clipped = bool(abs(residual) > 1.0 and np.any(own < -CLIPPED_AT))
    return Settled(target, implied, residual, clipped)
