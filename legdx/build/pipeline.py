"""Knowledge in, solved network and its drawn companions out: variable by variable, parents first."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import groupby

from legdx.build.targets import Target, hold_out, targets_of
from legdx.build.variable import Problem, Settled, Solved
from legdx.knowledge import Knowledge
from legdx.network.records import Network
from legdx.network.structure import Shape, network_shape

__all__ = ["Built", "Settled", "build_network", "solver_digest"]

FEWEST_LEFT = 2
"""Figures of one quantity that must stay with the solver when others are held out."""

SOLVER = "3"
"""Raised when the solver changes, so that nothing solved by an older one is kept."""


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
    by_name = {shape.variable.name: shape for shape in shapes}
    every = {name: targets_of(knowledge, by_name, name) for name in by_name}
    chosen = _held_out(knowledge, [t for targets in every.values() for t in targets])
    targets = {name: hold_out(mine, chosen) for name, mine in every.items()}
    problem = Problem(knowledge, shapes, targets, number, knowledge.model.draws_seed)
    solved: list[Solved] = []
    families = _families(shapes)
    first = min((family[0] for family in families), default=len(shapes))
    for place in range(first):
        progress(shapes[place].variable.name, place, len(shapes))
        solved.append(problem.solve(place, [s.node for s in solved], [s.drawn for s in solved]))
    found = dict(enumerate(solved))
    for family, results in _in_processes(problem, solved, families, workers):
        for place, result in zip(family, results, strict=True):
            found[place] = result
            progress(shapes[place].variable.name, len(found) - 1, len(shapes))
    return _built(shapes, [found[place] for place in range(len(shapes))], number, time.perf_counter() - began)


def _built(shapes: tuple[Shape, ...], solved: list[Solved], draws: int, seconds: float) -> Built:
    network = Network(tuple(s.variable for s in shapes), tuple(s.node for s in solved))
    drawn = network.with_nodes([s.drawn for s in solved]) if draws else None
    conditions = {
        shape.variable.name: one.condition
        for shape, one in zip(shapes, solved, strict=True)
        if one.condition is not None
    }
    return Built(network, drawn, tuple(s for one in solved for s in one.settled), conditions, seconds)


Family = tuple[int, ...]
"""Places of findings that are solved together: a gate before its attributes."""


def _families(shapes: tuple[Shape, ...]) -> list[Family]:
    """Return the findings apart by gate; no finding depends on one of another family. The largest come first."""
    families: dict[str, list[int]] = {}
    for place, shape in enumerate(shapes):
        if shape.variable.kind == "finding":
            families.setdefault(shape.gate or shape.variable.name, []).append(place)
    return sorted((tuple(f) for f in families.values()), key=lambda f: -sum(len(shapes[p].raised_by) for p in f))


def _in_processes(
    problem: Problem, solved: list[Solved], families: list[Family], workers: int | None
) -> Iterator[tuple[Family, list[Solved]]]:
    number = min(workers or os.cpu_count() or 1, len(families))
    if number <= 1:
        yield from ((family, _solve_family(problem, solved, family)) for family in families)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(number, mp_context=spawn, initializer=_receive, initargs=(problem, solved)) as pool:
        waiting = {pool.submit(_solve_received, family): family for family in families}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


_RECEIVED: dict[str, tuple[Problem, list[Solved]]] = {}


def _receive(problem: Problem, solved: list[Solved]) -> None:
    _RECEIVED["all"] = (problem, solved)


def _solve_received(family: Family) -> list[Solved]:
    return _solve_family(*_RECEIVED["all"], family)


def _solve_family(problem: Problem, solved: list[Solved], family: Family) -> list[Solved]:
    """Solve some findings; those of other families, on which nothing here depends, stand in untouched."""
    nodes, drawn = [s.node for s in solved], [s.drawn for s in solved]
    results: list[Solved] = []
    for place in range(len(solved), family[-1] + 1):
        if place in family:
            result = problem.solve(place, nodes, drawn)
            results.append(result)
            nodes.append(result.node)
            drawn.append(result.drawn)
        else:
            stand_in = problem.untouched(place)
            nodes.append(stand_in)
            drawn.append(stand_in)
    return results


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
