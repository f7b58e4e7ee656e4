"""One query as the NumPy twin does it: reduced, planned, run on any numbers of the same structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from legdx.engine import twin
from legdx.engine.evidence import Likelihood, certain_state
from legdx.engine.planner import Plan, make_plan
from legdx.engine.problem import Nodes, Problem
from legdx.engine.reduction import reduce_query
from legdx.errors import ImpossibleEvidenceError
from legdx.network.records import Array, Network

__all__ = ["TwinQuery"]


@dataclass(frozen=True)
class TwinQuery:
    """Settled evidence and what is asked; see ``legdx.engine.inference.Prepared`` for what the results are."""

    network: Network
    evidence: Mapping[int, Likelihood]
    queries: tuple[int, ...]
    log_constant: float
    kept: tuple[int, ...] = ()
    keep_joint: bool = False

    @cached_property
    def problem(self) -> Problem:
        """The hidden variables and initial factors."""
        return reduce_query(self.network, self.evidence, (*self.queries, *self.kept))

    @cached_property
    def plan(self) -> Plan:
        """The order and its cost."""
        ordinary = self.problem.ordinary
        together = (*(self.queries if self.keep_joint else ()), *self.kept)
        return make_plan(self.problem, [ordinary[q] for q in together if q in ordinary])

    def posterior(self, nodes: Nodes | None = None) -> tuple[Array, dict[int, Array]]:
        """Return log P(evidence), (b,), and the marginals of the queries."""
        run = twin.forward(self.problem, self.plan, self.network.nodes if nodes is None else nodes)
        log_evidence = self._log_evidence(run)
        places = {self.problem.ordinary[q]: q for q in self.queries if q in self.problem.ordinary}
        marginals: dict[int, Array] = {}
        if places:
            for place, belief in twin.beliefs(self.problem, self.plan, run, places).items():
                with np.errstate(invalid="ignore"):
                    share = belief / belief.sum(axis=1, keepdims=True)
                marginals[places[place]] = share.astype(np.float64)
        for q in self.queries:
            if q not in marginals:
                marginals[q] = self._observed(q, len(log_evidence))
        return log_evidence, marginals

    def log_evidence(self, nodes: Nodes | None = None) -> Array:
        """Return log P(evidence), (b,), by a forward pass alone."""
        run = twin.forward(self.problem, self.plan, self.network.nodes if nodes is None else nodes)
        return self._log_evidence(run)

    def joint(self, nodes: Nodes | None = None) -> tuple[Array, Array]:
        """Return (log scale (b,), table (b, *sizes of the queries)) of P(evidence, queries).

        The query must have been prepared with ``keep_joint``; observed queries have their observed
        state only.
        """
        run = twin.forward(self.problem, self.plan, self.network.nodes if nodes is None else nodes)
        hidden = [q for q in self.queries if q in self.problem.ordinary]
        places = sorted(self.problem.ordinary[q] for q in hidden)
        turn = (0, *(places.index(self.problem.ordinary[q]) + 1 for q in hidden))
        table = run.result.astype(np.float64).transpose(turn)
        for at, q in enumerate(self.queries):
            if q not in self.problem.ordinary:
                state = certain_state(self.evidence[q])
                wide = np.zeros((*table.shape[: at + 1], self.network.variables[q].size, *table.shape[at + 1 :]))
                wide[(slice(None),) * (at + 1) + (state,)] = table
                table = wide
        return run.log_scale + self.log_constant, table

    def by_cell(self) -> tuple[float, dict[int, Array]]:
        """Return (s, tables): P(evidence, kept, query) = exp(s) x table of the query, (*sizes of kept, states).

        The query must have been prepared with ``kept``, of which nothing was answered, and the network hold one draw.
        Everything is read from one forward and one backward pass.
        """
        run = twin.forward(self.problem, self.plan, self.network.nodes)
        places = {self.problem.ordinary[q]: q for q in self.queries if q in self.problem.ordinary}
        found = twin.beliefs(self.problem, self.plan, run, places, by_cell=True) if places else {}
        cells = self._all_cells(run.result.astype(np.float64)[0, ..., np.newaxis])
        tables = {q: cells * (self.evidence[q] / self.evidence[q].sum()) for q in self.queries if q in self.evidence}
        sizes = run.result.shape[1:]
        for place, belief in found.items():
            tables[places[place]] = self._all_cells(belief.astype(np.float64).reshape(*sizes, -1))
        return float(run.log_scale[0]) + self.log_constant, tables

    def _all_cells(self, table: Array) -> Array:
        """Order the axes of a table over the hidden of the kept variables as these, (*sizes of kept, last axis).

        Where a kept variable follows from the answers, all that is not its state is 0.
        """
        hidden = [k for k in self.kept if k in self.problem.ordinary]
        order = sorted(hidden, key=self.problem.ordinary.__getitem__)
        table = table.transpose((*(order.index(k) for k in hidden), len(hidden)))
        for at, k in enumerate(self.kept):
            if k not in self.problem.ordinary:
                wide = np.zeros((*table.shape[:at], self.network.variables[k].size, *table.shape[at:]))
                wide[(slice(None),) * at + (certain_state(self.evidence[k]),)] = table
                table = wide
        return table

    def total(self, run: twin.Forward) -> Array:
        """Return P(evidence), (b,), without the scale of the run; raises where it is 0 in every draw."""
        total: Array = run.result.reshape(len(run.result), -1).sum(axis=1)
        if not np.any(total > 0.0):
            message = "these answers cannot occur together in the model"
            raise ImpossibleEvidenceError(message, "check the answers against each other, the most unusual one first")
        return total

    def _log_evidence(self, run: twin.Forward) -> Array:
        total = self.total(run)
        with np.errstate(divide="ignore"):
            result: Array = (run.log_scale + np.log(total) + self.log_constant).astype(np.float64)
        return result

    def _observed(self, q: int, draws: int) -> Array:
        row = self.evidence[q] / self.evidence[q].sum()
        return np.repeat(row[np.newaxis], draws, axis=0)
