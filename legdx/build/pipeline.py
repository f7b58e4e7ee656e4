"""Knowledge in, solved network and its drawn companions out: variable by variable, parents first."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from legdx.build.parameters import Parameters, parameters_of
from legdx.build.solver import Solution, Solver
from legdx.build.targets import Target, cell_weights, hold_out, targets_of
from legdx.knowledge import Knowledge
from legdx.network.records import Array, Network, Node, Table
from legdx.network.structure import AGE, SEX, Shape, background_of, network_shape

__all__ = ["Built", "Settled", "build_network", "solver_digest"]

FEWEST_LEFT = 2
"""Figures of one quantity that must stay with the solver when others are held out."""

SOLVER = "2"
"""Raised when the solver changes, so that nothing solved by an older one is kept."""


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
class Built:
    """A solved network, its draws (None when none were asked for), and how it was reached."""

    network: Network
    drawn: Network | None
    settled: tuple[Settled, ...]
    conditions: Mapping[str, float]
    seconds: float


def build_network(
    knowledge: Knowledge,
    *,
    draws: int | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Built:
    """Solve every number of the network from the figures.

    Args:
        knowledge: validated knowledge.
        draws: how many networks to draw and re-solve; default what the model file says; 0 for none.
        progress: called with each variable's name, its place and the number of variables.

    """
    began = time.perf_counter()
    number = knowledge.model.draws_number if draws is None else draws
    shapes = network_shape(knowledge)
    by_name = {shape.variable.name: shape for shape in shapes}
    every = {name: targets_of(knowledge, by_name, name) for name in by_name}
    chosen = _held_out(knowledge, [t for targets in every.values() for t in targets])
    shocks = _Shocks(knowledge.model.draws_seed, number)
    state = _State(knowledge, shapes)
    for place, shape in enumerate(shapes):
        name = shape.variable.name
        progress(name, place, len(shapes))
        state.add(shape, hold_out(every[name], chosen), shocks)
    network = Network(tuple(s.variable for s in shapes), tuple(state.nodes))
    drawn = network.with_nodes(state.drawn) if number else None
    return Built(network, drawn, tuple(state.settled), state.conditions, time.perf_counter() - began)


def solver_digest(knowledge: Knowledge, draws: int) -> str:
    """Return a digest of all that the solution depends on: the shape, the targets, the seeds, and the solver's version.

    Texts, codes, sources and notes may change without it.
    """
    model = knowledge.model
    total = hashlib.sha256(repr((SOLVER, draws, model.draws_seed, model.held_out_seed, model.held_out_share)).encode())
    shapes = {shape.variable.name: shape for shape in network_shape(knowledge)}
    total.update(repr([(band.share.value, band.female.value) for band in model.population]).encode())
    total.update(repr([factor.only for factor in knowledge.factors.values()]).encode())
    for name, shape in shapes.items():
        total.update(repr(shape).encode())
        for t in targets_of(knowledge, shapes, name):
            parts = (t.figure.id, t.event, t.given, t.contrast, t.measure, t.use, t.centre, t.below, t.above, t.shock)
            total.update(repr((*parts, t.cells.tolist(), t.figure.interval)).encode())
    return total.hexdigest()


class _State:
    def __init__(self, knowledge: Knowledge, shapes: Iterable[Shape]) -> None:
        self.knowledge = knowledge
        self.shapes = tuple(shapes)
        self.index = {shape.variable.name: i for i, shape in enumerate(self.shapes)}
        self.sizes = {shape.variable.name: shape.variable.size for shape in self.shapes}
        self.nodes: list[Node] = []
        self.drawn: list[Node] = []
        self.settled: list[Settled] = []
        self.conditions: dict[str, float] = {}

    def add(self, shape: Shape, targets: tuple[Target, ...], shocks: _Shocks) -> None:
        name = shape.variable.name
        if name in {AGE, SEX}:
            table = _population_table(self.knowledge, name)
            self.nodes.append(table)
            self.drawn.append(table)
            return
        parameters = self._parameters(shape, targets)
        variables = [s.variable for s in self.shapes[: len(self.nodes)]]
        solver = Solver(variables, self.nodes, parameters, targets)
        solution = solver.solve()
        node = parameters.node(solution.theta)
        self.settled += [_settle(solver, t, node, parameters, solution) for t in targets]
        self.conditions[name] = solution.condition
        self.nodes.append(node)
        if shocks.number:
            centres = shocks.centres(solver.targets)
            theta = solver.solve_drawn(solution.theta, self.drawn, centres)
            self.drawn.append(parameters.node(theta) if parameters.count else node)

    def _parameters(self, shape: Shape, targets: tuple[Target, ...]) -> Parameters:
        name = shape.variable.name
        ratios: dict[str, dict[int, list[float]]] = {}
        fixed: dict[str, float] = {}
        for target in targets:
            if target.contrast is not None:
                (parent, (state, *_)), *_ = target.given
                ratios.setdefault(parent, {}).setdefault(state, []).append(target.centre)
            if target.definition and target.use != "check":
                fixed[_parent_of(target)] = target.figure.value
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
            self.index,
            self.sizes,
            proportional=frozenset(ratios),
            protective={
                parent: {state for state, logs in by_state.items() if np.mean(logs) < 0.0}
                for parent, by_state in ratios.items()
            },
            fixed=fixed,
            possible=possible,
        )


def _parent_of(target: Target) -> str:
    """Return the parent that a definition fixes, or "leak"."""
    return target.parameter.split(": ", 1)[1].split(" ")[0]


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
    parent = _parent_of(target)
    clipped = False
    names = ("leak", *parameters.shape.raised_by, *parameters.shape.suppressed_by)
    for block, owner in zip(parameters.blocks, names, strict=True):
        if owner == parent and owner != "leak" and block.count:
            own = solution.theta[0, block.start : block.start + block.count]
            clipped = bool(abs(residual) > 1.0 and np.any(own < -CLIPPED_AT))
    return Settled(target, implied, residual, clipped)


CLIPPED_AT = 6.0
"""A link below the logit of 0.25 % does nothing that a figure could be met by."""


def _held_out(knowledge: Knowledge, targets: list[Target]) -> frozenset[str]:
    """Choose the stated share of figures, by seed, where another figure stands for the same number."""
    model = knowledge.model
    solved = sorted(
        (t for t in targets if t.use == "solve" and not t.definition), key=lambda t: (t.parameter, t.figure.id)
    )
    candidates: list[str] = []
    for _, members in groupby(solved, key=lambda t: t.parameter):
        group = sorted((t.figure.id for t in members), key=lambda figure: _draw_key(model.held_out_seed, figure))
        candidates += group[: max(0, len(group) - FEWEST_LEFT)]
    candidates.sort(key=lambda figure: _draw_key(model.held_out_seed, figure))
    return frozenset(candidates[: round(model.held_out_share * len(solved))])


def _draw_key(seed: int, figure: str) -> str:
    return hashlib.sha256(f"{seed}:{figure}".encode()).hexdigest()


class _Shocks:
    """Standard normal shocks by name; figures that share a name (bands of one source) share the shock."""

    def __init__(self, seed: int, number: int) -> None:
        self.seed = seed
        self.number = number

    def centres(self, targets: list[Target]) -> Array:
        """Return drawn centres, (number, targets): each side of a figure with its own standard error."""
        columns = []
        for target in targets:
            key = hashlib.sha256(f"{self.seed}:{target.shock}".encode()).digest()
            shock = np.random.default_rng(int.from_bytes(key[:8], "big")).standard_normal(self.number)
            columns.append(target.centre + shock * np.where(shock < 0.0, target.below, target.above))
        return np.stack(columns, axis=1) if columns else np.zeros((self.number, 0))
