"""Knowledge in, solved network and its drawn companions out: variable by variable, parents first."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from itertools import groupby

from legdx.build.drawing import Uncertainty, uncertainty_of
from legdx.build.implied import Queries
from legdx.build.targets import Target, check_targets, hold_out, targets_of
from legdx.build.variable import Problem, Settled, Solved
from legdx.knowledge import Knowledge
from legdx.network.records import Network
from legdx.network.structure import Shape, network_shape

__all__ = ["Built", "Settled", "all_targets", "build_network", "solver_digest"]

FEWEST_LEFT = 1
"""Figures of one number that must stay with the solver when others are held out."""

FIRM = frozenset("AB")
"""Grades of which some are held out."""

SOLVER = "6"
"""Raised when the solver changes, so that nothing solved by an older one is kept."""


@dataclass(frozen=True, slots=True)
class Built:
    """A solved network, its draws (None when none were asked for), and how it was reached."""

    network: Network
    drawn: Network | None
    settled: tuple[Settled, ...]
    conditions: Mapping[str, float]
    seconds: float
    uncertainty: Uncertainty


def build_network(
    knowledge: Knowledge,
    *,
    draws: int | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    workers: int | None = None,
) -> Built:
    """Solve every number of the network from the figures.

    Args:
        knowledge: validated knowledge.
        draws: how many networks to draw and re-solve; default what the model file says; 0 for none.
        progress: called with each variable's name, its place and the number of variables.
        workers: processes that solve findings side by side; default one a processor. The numbers do not depend on it.

    """
    began = time.perf_counter()
    number = knowledge.model.draws_number if draws is None else draws
    shapes = network_shape(knowledge)
    targets, seed = all_targets(knowledge, shapes), knowledge.model.draws_seed
    uncertainty = uncertainty_of(shapes, targets, draws=number, seed=seed)
    problem = Problem(knowledge, shapes, targets, number, seed, uncertainty)
    found: dict[int, Solved] = {}

    def keep(place: int, solved: Solved) -> None:
        found[place] = solved
        progress(shapes[place].variable.name, len(found) - 1, len(shapes))

    findings = [place for place, shape in enumerate(shapes) if shape.variable.kind == "finding"]
    for place in sorted(set(range(len(shapes))) - set(findings)):
        keep(place, _solve_one(problem, found, place))
    for gated in (False, True):
        for place, solved in _in_processes(
            problem, found, [p for p in findings if (shapes[p].gate is not None) == gated], workers
        ):
            keep(place, solved)
    built = _built(problem, [found[place] for place in range(len(shapes))])
    return replace(built, seconds=time.perf_counter() - began)


def _built(problem: Problem, solved: list[Solved]) -> Built:
    knowledge, shapes, draws = problem.knowledge, problem.shapes, problem.draws
    network = Network(tuple(s.variable for s in shapes), tuple(s.node for s in solved))
    queries = Queries(network)
    settled = [s for one in solved for s in one.settled]
    for target in check_targets(knowledge):
        implied = float(queries.implied(target, network.nodes, {})[0])
        away = implied - target.centre
        settled.append(Settled(target, implied, away / (target.below if away < 0.0 else target.above), clipped=False))
    drawn = network.with_nodes([s.drawn for s in solved]) if draws else None
    conditions = {
        shape.variable.name: one.condition
        for shape, one in zip(shapes, solved, strict=True)
        if one.condition is not None
    }
    return Built(network, drawn, tuple(settled), conditions, 0.0, problem.uncertainty)


def _in_processes(
    problem: Problem, found: dict[int, Solved], places: list[int], workers: int | None
) -> Iterator[tuple[int, Solved]]:
    """Solve findings none of which depends on another, those with the most parents first."""
    places = sorted(places, key=lambda place: -problem.shapes[place].variable.size * len(problem.shapes[place].parents))
    number = min(workers or os.cpu_count() or 1, len(places))
    before = dict(found)
    if number <= 1:
        yield from ((place, _solve_one(problem, before, place)) for place in places)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(number, mp_context=spawn, initializer=_receive, initargs=(problem, before)) as pool:
        waiting = {pool.submit(_solve_received, place): place for place in places}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


_RECEIVED: dict[str, tuple[Problem, dict[int, Solved]]] = {}


def _receive(problem: Problem, found: dict[int, Solved]) -> None:
    _RECEIVED["all"] = (problem, found)


def _solve_received(place: int) -> Solved:
    return _solve_one(*_RECEIVED["all"], place)


def _solve_one(problem: Problem, found: dict[int, Solved], place: int) -> Solved:
    """Solve one variable; those before it that are not solved yet, on which it does not depend, stand in untouched."""
    before = [found[p] if p in found else Solved(node := problem.untouched(p), node) for p in range(place)]
    return problem.solve(place, [s.node for s in before], [s.drawn for s in before])


def solver_digest(knowledge: Knowledge, draws: int) -> str:
    """Return a digest of all that the solution depends on: the shape, the targets, the seeds, and the solver's version.

    Texts, codes, locators and notes may change without it.
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
            study = (t.figure.source, t.figure.grade, t.figure.population)
            total.update(repr((*parts, t.cells.tolist(), t.figure.interval, *study)).encode())
    return total.hexdigest()


def all_targets(knowledge: Knowledge, shapes: Sequence[Shape]) -> dict[str, tuple[Target, ...]]:
    """Return the figures of every variable as targets, those marked that are kept from the solver."""
    by_name = {shape.variable.name: shape for shape in shapes}
    every = {name: targets_of(knowledge, by_name, name) for name in by_name}
    chosen = _held_out(knowledge, [t for targets in every.values() for t in targets])
    return {name: hold_out(mine, chosen) for name, mine in every.items()}


def _held_out(knowledge: Knowledge, targets: list[Target]) -> frozenset[str]:
    """Choose the stated share of the A and B figures, by seed, where another figure stands for the same number."""
    model = knowledge.model
    solved = sorted(
        (t for t in targets if t.use == "solve" and not t.definition and not t.assumed),
        key=lambda t: (t.parameter, t.figure.id),
    )
    candidates: list[str] = []
    for _, members in groupby(solved, key=lambda t: t.parameter):
        group = list(members)
        firm = [t.figure.id for t in group if t.figure.grade in FIRM]
        firm.sort(key=lambda figure: _draw_key(model.held_out_seed, figure))
        candidates += firm[: max(0, len(group) - FEWEST_LEFT)]
    candidates.sort(key=lambda figure: _draw_key(model.held_out_seed, figure))
    number = sum(t.figure.grade in FIRM for t in solved)
    return frozenset(candidates[: round(model.held_out_share * number)])


def _draw_key(seed: int, figure: str) -> str:
    return hashlib.sha256(f"{seed}:{figure}".encode()).hexdigest()
