"""Queries: posterior marginals, log evidence and small joint tables, exact for any evidence.

Compiled kernels do the work where they are there; the NumPy twin does where they are not, and where the kernels cannot
prove that rounding did no harm.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from legdx.engine.compiled import BatchResult, Compiled, Packed, Status, compiled, pack
from legdx.engine.evidence import Evidence, Likelihood, normalise
from legdx.engine.planner import UNLIMITED, Budget, Plan, Predicted
from legdx.engine.problem import Nodes
from legdx.engine.twin_query import TwinQuery
from legdx.errors import ImpossibleEvidenceError
from legdx.network.records import Array, Network

__all__ = ["Posterior", "Prepared", "Which", "log_evidence", "posterior", "prepare"]

Which = Literal["any", "numpy"]

TOLERANCE = 1e-9
"""Bound on the error of a posterior, proven for each answer; what is measured is some 1e-14 (docs/engine.md)."""

MOST_CELLS = 4096
"""Cells of what is kept together that the kernels go through one by one."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """Marginals given the evidence.

    Attributes:
        log_evidence: natural log of P(evidence), (b,).
        marginals: variable index -> P(state | evidence), (b, states); rows sum to 1.

    """

    log_evidence: Array
    marginals: Mapping[int, Array]


@dataclass(frozen=True)
class Prepared:
    """A query reduced and planned once, to be run on any numbers of the same structure."""

    network: Network
    evidence: Mapping[int, Likelihood]
    queries: tuple[int, ...]
    log_constant: float
    kept: tuple[int, ...] = ()
    keep_joint: bool = False
    budget: Budget = field(default_factory=Budget)
    which: Which = "any"

    @cached_property
    def twin(self) -> TwinQuery:
        """The same query for the NumPy twin."""
        return TwinQuery(self.network, self.evidence, self.queries, self.log_constant, self.kept, self.keep_joint)

    @cached_property
    def plan(self) -> Plan | Predicted:
        """What the query will cost."""
        if self._kernels is None:
            return self.twin.plan
        found = self._kernels.run(
            pack(self.evidence), self._asked, budget=UNLIMITED, tolerance=TOLERANCE, only_cost=True
        )
        entries, memory, seconds, largest, _ = found.costs[0].tolist()
        cells = float(np.prod(self.network.sizes(self._together), dtype=np.float64))
        return Predicted(entries * cells, largest, seconds * cells, memory)

    @cached_property
    def _kernels(self) -> Compiled | None:
        cells = np.prod(self.network.sizes(self._together), dtype=np.float64)
        return compiled(self.network) if self.which == "any" and cells <= MOST_CELLS else None

    @property
    def _together(self) -> tuple[int, ...]:
        """Variables that the kernels go through cell by cell: of a joint table all but the last."""
        return (*self.kept, *(self.queries[:-1] if self.keep_joint else ()))

    @property
    def _asked(self) -> tuple[int, ...]:
        return self.queries[-1:] if self.keep_joint else self.queries

    def posterior(self, nodes: Nodes | None = None) -> Posterior:
        """Return the marginals of the queries; all draws impossible raises."""
        kernels = self._kernels_for(nodes)
        if kernels is not None:
            run = kernels.run(pack(self.evidence), self.queries, budget=UNLIMITED, tolerance=TOLERANCE)
            self._require_possible(run.status[0])
            if run.status[0] == Status.DONE:
                parts = np.split(
                    run.marginals[0], np.cumsum(self.network.sizes(self.queries), dtype=np.intp)[:-1], axis=1
                )
                return Posterior(run.log_evidence[0] + self.log_constant, dict(zip(self.queries, parts, strict=False)))
            self.twin.plan.require(self.budget, kernels.draws)
        log_evidence, marginals = self.twin.posterior(nodes)
        return Posterior(log_evidence, marginals)

    def log_evidence(self, nodes: Nodes | None = None) -> Array:
        """Return log P(evidence), (b,), by a forward pass alone."""
        kernels = self._kernels_for(nodes)
        if kernels is not None:
            run = kernels.run(pack(self.evidence), (), budget=UNLIMITED, tolerance=TOLERANCE)
            self._require_possible(run.status[0])
            if run.status[0] == Status.DONE:
                found: Array = run.log_evidence[0] + self.log_constant
                return found
            self.twin.plan.require(self.budget, kernels.draws)
        return self.twin.log_evidence(nodes)

    def joint(self, nodes: Nodes | None = None) -> tuple[Array, Array]:
        """Return (log scale (b,), table (b, *sizes of the queries)) of P(evidence, queries).

        The query must have been prepared with ``keep_joint``; observed queries have their observed
        state only.
        """
        kernels = self._kernels_for(nodes)
        if kernels is None or not self.queries:
            return self.twin.joint(nodes)
        log_scale, tables = self._cells(kernels, nodes)
        return log_scale, tables[self.queries[-1]]

    def by_cell(self) -> tuple[float, dict[int, Array]]:
        """Return (s, tables): P(evidence, kept, query) = exp(s) x table of the query, (*sizes of kept, states).

        The query must have been prepared with ``kept``, of which nothing was answered, and the network hold one draw.
        """
        if self._kernels is None:
            return self.twin.by_cell()
        log_scale, tables = self._cells(self._kernels)
        return float(log_scale[0]), {q: table[0] for q, table in tables.items()}

    def _cells(self, kernels: Compiled, nodes: Nodes | None = None) -> tuple[Array, dict[int, Array]]:
        """Return (log scale (b,), query -> P(evidence, together, query) (b, *sizes of these, states)), both scaled."""
        sizes = self.network.sizes(self._together)
        cells = np.array(list(itertools.product(*map(range, sizes))), dtype=np.intp)
        rows, log_weights = self._clamped(cells)
        possible = np.flatnonzero(np.isfinite(log_weights))
        run = kernels.run(
            Packed(rows.variables, rows.codes[possible], [rows.soft[0]] * len(possible) if rows.soft else ()),
            self._asked,
            budget=UNLIMITED,
            tolerance=TOLERANCE,
        )
        for row in np.flatnonzero(run.status == Status.UNSURE).tolist():  # rounding may have done harm
            self._by_twin(cells[possible[row]], run, row, nodes)
        done = run.status[:, np.newaxis] == Status.DONE
        logs = np.full((len(log_weights), kernels.draws), -np.inf)
        logs[possible] = np.where(done, run.log_evidence + log_weights[possible, np.newaxis], -np.inf)
        log_scale = logs.max(axis=0)
        if not np.any(np.isfinite(log_scale)):
            raise _impossible()
        with np.errstate(invalid="ignore"):
            weights = np.exp(logs - log_scale)
        tables: dict[int, Array] = {}
        start = 0
        for q in self._asked:
            size = self.network.variables[q].size
            table = np.zeros((len(log_weights), kernels.draws, size))
            table[possible] = np.nan_to_num(run.marginals[..., start : start + size]) * weights[possible, :, np.newaxis]
            tables[q] = np.moveaxis(table, 1, 0).reshape(kernels.draws, *sizes, size)
            start += size
        return log_scale + self.log_constant, tables

    def _by_twin(self, cell: NDArray[np.intp], run: BatchResult, row: int, nodes: Nodes | None) -> None:
        """Work out one cell by the twin; raises TooCostlyError."""
        evidence = {i: v for i, v in self.evidence.items() if i not in self._together}
        evidence |= {i: np.eye(self.network.variables[i].size)[s] for i, s in zip(self._together, cell, strict=True)}
        try:
            query = prepare(self.network, evidence, self._asked, budget=self.budget, draws=run.draws, which="numpy")
            found = query.posterior(nodes)
        except ImpossibleEvidenceError:
            run.status[row] = Status.IMPOSSIBLE
            return
        run.status[row] = Status.DONE
        run.log_evidence[row] = found.log_evidence
        run.marginals[row] = np.concatenate([found.marginals[q] for q in self._asked], axis=1)

    def _clamped(self, cells: NDArray[np.intp]) -> tuple[Packed, Array]:
        """Return the evidence with what is kept together in the states of each cell, (cells, variables).

        Beside it the log of what the evidence already says of these states, (cells,); minus infinity where that is no.
        """
        log_weights = np.zeros(len(cells))
        with np.errstate(divide="ignore"):
            for column, variable in enumerate(self._together):
                if variable in self.evidence:
                    log_weights += np.log(self.evidence[variable])[cells[:, column]]
        base = pack({i: v for i, v in self.evidence.items() if i not in self._together})
        variables = np.concatenate([base.variables, np.array(self._together, dtype=np.int32)])
        codes = np.concatenate([np.repeat(base.codes, len(cells), axis=0), cells.astype(np.uint8)], axis=1)
        return Packed(variables, codes, base.soft), log_weights

    def _kernels_for(self, nodes: Nodes | None) -> Compiled | None:
        if self._kernels is None or nodes is None:
            return self._kernels
        return Compiled(self.network, nodes)

    def _require_possible(self, status: int) -> None:
        if status == Status.IMPOSSIBLE:
            raise _impossible()


def _impossible() -> ImpossibleEvidenceError:
    message = "these answers cannot occur together in the model"
    return ImpossibleEvidenceError(message, "check the answers against each other, the most unusual one first")


def prepare(  # noqa: PLR0913 - what is asked of a query, by name
    network: Network,
    evidence: Evidence,
    queries: Iterable[int] = (),
    *,
    keep_joint: bool = False,
    kept: Iterable[int] = (),
    budget: Budget | None = None,
    draws: int | None = None,
    which: Which = "any",
) -> Prepared:
    """Reduce and plan a query without computing anything.

    Args:
        network: the network.
        evidence: variable index -> likelihood of each state; empty gives the priors.
        queries: variables whose marginals (or joint table) are wanted.
        keep_joint: keep the queries together as one table instead of single marginals.
        kept: hidden variables that stay together while the queries are asked apart for each of their cells.
        budget: what the query may cost; default 1 s and 2 GB.
        draws: how many networks will be run side by side; default those of ``network``.
        which: "numpy" for the twin alone, whose bits do not depend on how legdx was installed.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other whatever the numbers.
        TooCostlyError: the predicted cost is over the budget.

    """
    settled, log_constant = normalise(network, evidence)
    allowed = budget or Budget()
    query = Prepared(network, settled, tuple(queries), log_constant, tuple(kept), keep_joint, allowed, which)
    by_twin = query._kernels is None  # noqa: SLF001 - two halves of one thing
    cells = int(np.prod(network.sizes(query.kept), dtype=np.int64)) if by_twin else 1
    query.plan.require(allowed, max(draws or network.draws, cells))
    return query


def posterior(
    network: Network,
    evidence: Evidence,
    queries: Iterable[int] | None = None,
    budget: Budget | None = None,
) -> Posterior:
    """Return exact marginals given the evidence; by default of every cause, group and syndrome.

    Raises:
        ImpossibleEvidenceError: P(evidence) is 0.
        TooCostlyError: the predicted cost is over the budget.

    """
    if queries is None:
        queries = network.of_kind("cause", "group", "syndrome")
    return prepare(network, evidence, queries, budget=budget).posterior()


def log_evidence(network: Network, evidence: Evidence, budget: Budget | None = None) -> Array:
    """Return log P(evidence), (b,); raises as ``posterior`` does."""
    return prepare(network, evidence, budget=budget).log_evidence()
