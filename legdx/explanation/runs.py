"""Many related questions about one person's answers, asked of the engine in as few passes as possible.

This is the one place where explanations call the engine for more than one question at a time.  Answers left out are
rows of one batch for the compiled kernels: a row with fewer answers has a smaller problem.  For the NumPy twin, which
plans in Python, they are lanes: one plan, and numbers that make an answer say nothing.  Other numbers (a table's range,
a link fired alone) are lanes for both.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from legdx.engine import Budget, Evidence, Prepared, certain_state, prepare, run_rows
from legdx.engine.compiled import Compiled, Packed, Status, compiled, pack
from legdx.engine.inference import TOLERANCE
from legdx.engine.planner import UNLIMITED, Predicted
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.explanation.lanes import Lane, LaneNodes, neutral, shut
from legdx.network.records import Array, Network, Node, NoisyMax, Table

__all__ = ["GENEROUS", "Found", "Runs", "decibans", "log_evidences"]

LANE_ENTRIES = 4e6
"""Table entries that the twin's lanes may have in one pass: more leave the processor's cache, and then the memory."""

LANES = 256
"""Lanes of one pass of the compiled kernels, which go through them one by one: their numbers take 130 kB each."""

FORWARD_ALONE = 0.5
"""Share of the time of a posterior that a forward pass alone takes: 446 of 950 ms, 27 lanes of 900,000 entries."""

GENEROUS = Budget(seconds=1.0, memory=2e9)
"""What one quantity of an explanation may cost; past it the quantity is missing, with the reason."""

BINARY = 2
Job = list[tuple[float, Lane]]
"""Lanes whose probabilities, each times e to a number, sum to the one asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """One row a question.

    Attributes:
        log_evidence: natural log of P(answers of the question), (n,); -inf where they exclude each other.
        marginals: variable -> P(state | answers), (n, states); NaN where they exclude each other.

    """

    log_evidence: Array
    marginals: Mapping[int, Array]

    def decibans(self, variable: int) -> Array:
        """Return 10 log10 of the odds of a binary variable, (n,)."""
        return decibans(self.marginals[variable])


def decibans(marginal: Array) -> Array:
    """Return 10 log10 of P(1) / P(0) for marginals (..., 2), from both sides, without a subtraction."""
    with np.errstate(divide="ignore"):
        result: Array = 10.0 * (np.log10(marginal[..., 1]) - np.log10(marginal[..., 0]))
    return result


class Runs:
    """One person's answers, and variations of them.

    Args:
        network: one network (not several draws).
        evidence: variable index -> likelihood of each state.
        queries: variables whose marginals are wanted.
        budget: what all variations of one call may cost together; default ``GENEROUS``.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: the answers as they are cost more than the budget.

    """

    def __init__(
        self, network: Network, evidence: Evidence, queries: Iterable[int] = (), budget: Budget | None = None
    ) -> None:
        self.network = network
        self.evidence = {i: np.asarray(v, dtype=np.float64) / (np.max(v) or 1.0) for i, v in evidence.items()}
        self.budget = budget or GENEROUS
        asked = tuple(queries)
        self._single = len(asked) == 1  # one variable stays to the end of a forward pass, and needs none back
        self.prepared: Prepared = prepare(network, self.evidence, asked, keep_joint=self._single, budget=self.budget)
        self._kernels = compiled(network)
        self.settled = self.prepared.evidence
        self._observed = {i: s for i, v in self.settled.items() if (s := certain_state(v)) is not None}
        self._asked = frozenset(self.prepared.queries) & self.settled.keys()
        self._read: set[int] = set()
        self._attributes: dict[int, list[int]] = {}
        for i, node in enumerate(network.nodes):
            gate = node.gate if isinstance(node, NoisyMax) else None
            self._read.update(p for p in network.parents[i] if p != gate)
            if gate is not None and i in self.settled:
                self._attributes.setdefault(gate, []).append(i)

    @property
    def affordable(self) -> float:
        """How many lanes of a forward pass the budget allows."""
        return self.budget.seconds / max(1e-9, FORWARD_ALONE * self.prepared.plan.seconds())

    def run(self, lanes: Sequence[Lane], *, base: Sequence[Node] | None = None, marginals: bool = True) -> Found:
        """Run lanes of the present answers, one row a lane; raises TooCostlyError when they are too many.

        ``base`` are nodes of the same structure that the lanes have where they have nothing else.
        """
        share = FORWARD_ALONE if self._single or not marginals else 1.0
        self.prepared.plan.require(Budget(self.budget.seconds / share, np.inf), len(lanes))
        asked = self.prepared.queries if marginals else ()
        step = len(lanes) if self._kernels is None else LANES
        logs: list[Array] = [np.zeros(0)]
        parts: dict[int, list[Array]] = {q: [] for q in asked}
        for start in range(0, len(lanes), max(1, step)):
            for count, one in self._run(lanes[start : start + step], base, asked):
                logs.append(np.broadcast_to(one.log_evidence, (count,)))
                for q in asked:
                    parts[q].append(np.broadcast_to(one.marginals[q], (count, one.marginals[q].shape[1])))
        return Found(np.concatenate(logs), {q: np.concatenate(rows) for q, rows in parts.items() if rows})

    def _run(
        self, lanes: Sequence[Lane], base: Sequence[Node] | None, asked: Sequence[int]
    ) -> Iterator[tuple[int, Found]]:
        """Yield results with the number of lanes that each is for."""
        same = base is None and not any(lane.nodes or lane.states for lane in lanes)
        found = self._by_kernels(None if same else LaneNodes(self.network, self._observed, lanes, base), asked)
        if found is not None:
            yield len(lanes), found
            return
        plan = self.prepared.twin.plan
        step = max(1, int(LANE_ENTRIES / max(1.0, plan.entries)))
        plan.require(Budget(self.budget.seconds / FORWARD_ALONE, np.inf), len(lanes))
        plan.require(Budget(np.inf, self.budget.memory), min(step, len(lanes)))
        for start in range(0, len(lanes), step):
            some = lanes[start : start + step]
            yield len(some), self._by_twin(LaneNodes(self.network, self._observed, some, base), asked)

    def _by_twin(self, nodes: Sequence[Node], asked: Sequence[int]) -> Found:
        twin = self.prepared.twin
        try:
            if not asked:
                return Found(twin.log_evidence(nodes), {})
            if self._single:
                log_scale, table = twin.joint(nodes)
                total = table.sum(axis=1)
                with np.errstate(divide="ignore", invalid="ignore"):
                    return Found(log_scale + np.log(total), {asked[0]: table / total[:, np.newaxis]})
            return Found(*twin.posterior(nodes))
        except ImpossibleEvidenceError:
            nothing = {q: np.full((1, self.network.variables[q].size), np.nan) for q in asked}
            return Found(np.full(1, -np.inf), nothing)

    def _by_kernels(self, nodes: Sequence[Node] | None, asked: Sequence[int]) -> Found | None:
        """Run lanes by the compiled kernels; None where there are none, or they cannot prove an answer.

        Another order of elimination, which might prove it, may cost what is left of the budget, and no more.
        """
        if self._kernels is None:
            return None
        kernels = self._kernels if nodes is None else Compiled(self.network, nodes)
        once = self.prepared.plan.seconds()
        run = kernels.run(
            pack(self.settled),
            asked,
            budget=Budget(max(1.01 * once, self.budget.seconds / kernels.draws), np.inf),
            tolerance=TOLERANCE,
        )
        if run.status[0] != Status.DONE:
            return None
        parts = np.split(run.marginals[0], np.cumsum(self.network.sizes(asked), dtype=np.intp)[:-1], axis=1)
        return Found(run.log_evidence[0] + self.prepared.log_constant, dict(zip(asked, parts, strict=False)))

    def without(self, sets: Iterable[Collection[int]], *, marginals: bool = True) -> Found:
        """Return the questions with these answers left out, one row a set: exact, as if they had never been given.

        An answer's likelihood counts with its largest entry set to 1.

        Raises:
            TooCostlyError: a question is too costly, or all of them together.
            ImpossibleEvidenceError: nothing is left out, and the answers exclude each other.

        """
        left_out = [frozenset(out) & self.evidence.keys() for out in sets]
        ask = self._as_lanes if self._kernels is None else self._as_rows
        found = ask(left_out, self.prepared.queries if marginals else ())
        if any(not out and not np.isfinite(log) for out, log in zip(left_out, found.log_evidence, strict=True)):
            message = "these answers cannot occur together in the model"
            raise ImpossibleEvidenceError(message, "check the answers against each other, the most unusual one first")
        return found

    def _as_rows(self, left_out: Sequence[Collection[int]], asked: Sequence[int]) -> Found:
        """Ask the compiled kernels, one row a question."""
        rows = pack(*({i: v for i, v in self.evidence.items() if i not in out} for out in left_out))
        if len(left_out) * self.prepared.plan.seconds() > self.budget.seconds:  # most rows are cheaper than all answers
            self._require_cheap(rows, asked)
        found = run_rows(self.network, rows, asked, budget=self.budget)
        lost = np.isin(found.status, (Status.COSTLY, Status.UNSURE))
        if np.any(lost):
            entries, memory, seconds, _, _ = found.costs[lost].max(axis=0).tolist()
            raise TooCostlyError(int(entries), int(memory), seconds, hint="raise the budget")
        logs = np.where(found.status == Status.IMPOSSIBLE, -np.inf, found.log_evidence[:, 0])
        parts = np.split(found.marginals[:, 0], np.cumsum(self.network.sizes(asked), dtype=np.intp)[:-1], axis=1)
        return Found(logs, dict(zip(asked, parts, strict=False)))

    def _require_cheap(self, rows: Packed, asked: Sequence[int]) -> None:
        if self._kernels is not None:
            planned = self._kernels.run(rows, asked, budget=UNLIMITED, tolerance=TOLERANCE, only_cost=True).costs
            entries, _, seconds, _, _ = planned.sum(axis=0).tolist()
            _, memory, _, largest, _ = planned.max(axis=0).tolist()
            Predicted(entries, largest, seconds, memory).require(self.budget)

    def _as_lanes(self, left_out: Sequence[Collection[int]], asked: Sequence[int]) -> Found:
        """Ask the NumPy twin, one plan for most questions."""
        jobs = [self.job(out) for out in left_out]
        lanes = [lane for job in jobs if job is not None for _, lane in job]
        found = self.run(lanes, marginals=bool(asked))
        rows: list[Found] = []
        at = 0
        for out, job in zip(left_out, jobs, strict=True):
            if job is None:
                rows.append(self._anew(out, marginals=bool(asked)))
                continue
            rows.append(_mixed(found, at, np.array([weight for weight, _ in job])))
            at += len(job)
        return Found(
            np.array([row.log_evidence[0] for row in rows]),
            {q: np.stack([row.marginals[q][0] for row in rows]) for q in asked if rows},
        )

    def _anew(self, out: Collection[int], *, marginals: bool) -> Found:
        """Ask the engine afresh, for what no lane can say."""
        rest = {i: v for i, v in self.evidence.items() if i not in out}
        other = prepare(self.network, rest, self.prepared.queries, budget=self.budget)
        if not marginals:
            return Found(other.log_evidence(), {})
        found = other.posterior()
        return Found(found.log_evidence, found.marginals)

    def job(self, out: Collection[int]) -> Job | None:
        """Return lanes that leave these answers out; None where their numbers alone cannot.

        - an observed table (age, sex, history): a lane for each of its states, which add up;
        - a finding: a node that is what was said with probability 1;
        - a complaint with all its attributes, or an attribute that alone says that its complaint is there: all of them;
        - a complaint whose attributes stay: a lane in which it is there, and one in which it is not.

        What other variables read other than as a gate, what is soft and a gate, and an attribute whose gate is known
        through soft answers are asked anew.
        """
        nodes: dict[int, NoisyMax] = {}
        tables: list[int] = []
        freed: list[int] = []
        gone = set(out)
        for i in sorted(out):
            node = self.network.nodes[i]
            if i not in self.settled:
                if np.ptp(self.evidence[i]) == 0.0:
                    continue
                return None
            if not np.array_equal(self.settled[i], self.evidence[i]) or i in self._asked:
                return None
            if isinstance(node, Table):
                if i not in self._observed:
                    return None
                tables.append(i)
            elif not self._leaves(i, node, gone, freed):
                return None
            elif i not in freed:
                nodes[i] = neutral(node, int(np.argmax(self.settled[i])))
        choices = [self._gate_lanes(gate, gone) for gate in dict.fromkeys(freed)]
        if any(choice is None for choice in choices):
            return None
        return [
            (
                sum(weight for weight, _ in parts),
                Lane(nodes | _merged(edits for _, edits in parts), dict(zip(tables, states, strict=True))),
            )
            for states in itertools.product(*(range(self.network.variables[i].size) for i in tables))
            for parts in itertools.product(*(choice for choice in choices if choice is not None))
        ]

    def _leaves(self, i: int, node: NoisyMax, gone: set[int], freed: list[int]) -> bool:
        """Say whether a finding can be left out by numbers; note the gates that become open questions."""
        if i in self._read:
            return False
        attributes = self._attributes.get(i, [])
        if attributes and self._observed.get(i) == 0:  # below an absent complaint nothing was said that counts
            return all(a in gone or a not in self.evidence for a in attributes)
        if attributes:
            freed.append(i)
            return i in self._observed and node.gate is None
        return node.gate is None or self._leaves_its_gate(i, node.gate, freed)

    def _leaves_its_gate(self, i: int, gate: int, freed: list[int]) -> bool:
        if self._observed.get(gate) == 0:
            return gate in self.evidence and certain_state(self.evidence[gate]) == 0  # else this answer said so
        if gate not in self.settled:
            return i in self._observed
        if gate in self.evidence:
            return bool(self.evidence[gate][0] == 0.0)
        if self.settled[i][0] == 0.0:
            freed.append(gate)
        return True

    def _gate_lanes(self, gate: int, gone: set[int]) -> list[tuple[float, dict[int, NoisyMax]]] | None:
        """Return what a gate may be that was known to be there and is not any more, as edits with log weights."""
        node = self.network.nodes[gate]
        attributes = self._attributes.get(gate, [])
        staying = [a for a in attributes if a not in gone]
        if any(self.settled[a][0] == 0.0 for a in staying):
            return [(0.0, {})]  # they say that it is there
        usable = (
            isinstance(node, NoisyMax)
            and gate not in self._read | self._asked
            and node.gate is None
            and not node.inhibitors
        )
        if not usable or not isinstance(node, NoisyMax) or self.network.variables[gate].size != BINARY:
            return None
        free = {a: self._free(a) for a in attributes}
        if not staying:
            return [(0.0, {gate: neutral(node, 1), **free})]
        weight = float(sum(np.log(self.settled[a][0]) for a in staying))
        return [(0.0, {}), (weight, {gate: shut(node, 1), **free})]

    def _free(self, i: int) -> NoisyMax:
        node = self.network.nodes[i]
        if not isinstance(node, NoisyMax):
            message = f"{self.network.variables[i].name} has a gate and no noisy-MAX"
            raise TypeError(message)
        return neutral(node, int(np.argmax(self.settled[i])))


def log_evidences(network: Network, cases: Iterable[Evidence], budget: Budget | None = None) -> Array:
    """Return log P(answers) of many cases, (n,); -inf where they exclude each other, NaN where too costly."""
    return np.array(list(_each_log_evidence(network, cases, budget)))


def _each_log_evidence(network: Network, cases: Iterable[Evidence], budget: Budget | None) -> Iterator[float]:
    for evidence in cases:
        try:
            yield float(prepare(network, evidence, budget=budget).log_evidence()[0])
        except ImpossibleEvidenceError:
            yield -np.inf
        except TooCostlyError:
            yield np.nan


def _mixed(found: Found, at: int, weights: Array) -> Found:
    """Sum lanes, each times e to its weight."""
    rows = slice(at, at + len(weights))
    logs = weights + found.log_evidence[rows]
    top = float(logs.max())
    if not np.isfinite(top):
        return Found(np.array([-np.inf]), {q: np.full((1, m.shape[1]), np.nan) for q, m in found.marginals.items()})
    shares = np.exp(logs - top)
    possible = shares > 0.0
    total = shares.sum()
    return Found(
        np.array([top + np.log(total)]),
        {q: (shares[possible] @ m[rows][possible] / total)[np.newaxis] for q, m in found.marginals.items()},
    )


def _merged(parts: Iterable[Mapping[int, NoisyMax]]) -> dict[int, NoisyMax]:
    result: dict[int, NoisyMax] = {}
    for part in parts:
        result |= part
    return result
