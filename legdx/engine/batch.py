"""Many rows at once: packed answers in, posteriors out, one row independent of all others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from legdx.engine.compiled import COST_FIELDS, UNOBSERVED, BatchResult, Packed, Status, compiled
from legdx.engine.inference import TOLERANCE, prepare
from legdx.engine.planner import Budget
from legdx.errors import ImpossibleEvidenceError, LegdxError, TooCostlyError
from legdx.network.records import Array, Network

__all__ = ["run_distinct_rows", "run_rows"]


def run_rows(
    network: Network,
    rows: Packed,
    queries: Sequence[int],
    *,
    budget: Budget | None = None,
    threads: int = 1,
    with_evidence: bool = True,
) -> BatchResult:
    """Return the exact posterior of every row; the same bits whatever the order of rows or the number of threads.

    Args:
        network: the network, or networks side by side.
        rows: the answers.
        queries: variables whose marginals are wanted.
        budget: what one row may cost; a row over it is flagged ``Status.COSTLY`` and has no posterior.
        threads: how many threads share the rows; the interpreter's lock is free meanwhile.
        with_evidence: whether the log evidence is wanted too. Without it a row is answered from what is coupled with
            the queries alone, faster, and answers elsewhere that exclude each other are not noticed.

    Returns:
        Results in the order of the rows. A row whose answers exclude each other is ``Status.IMPOSSIBLE``; one for which
        neither the kernels can prove their answer nor the twin is within the budget is ``Status.UNSURE``. Neither has
        a posterior.

    Raises:
        ValueError: a variable that is not there, a code that is no state of its variable, a likelihood that is none,
            or nothing is asked for.

    """
    if rows.soft:
        _require_sound_likelihoods(network, rows)
    if not queries and not with_evidence:
        message = "neither a posterior nor the evidence is asked for"
        raise ValueError(message)
    allowed = budget or Budget()
    kernels = compiled(network)
    if kernels is None:
        _require_sound(network, rows, queries)
        result = _empty(network, len(rows.codes), queries)
        left = np.arange(len(rows.codes))
    else:
        result = kernels.run(
            rows,
            queries,
            budget=allowed,
            tolerance=TOLERANCE,
            threads=threads,
            with_evidence=with_evidence,
        )
        if np.count_nonzero(result.status) == 0:
            left = np.empty(0, dtype=np.intp)
        else:
            left = np.flatnonzero(result.status == int(Status.UNSURE))
    for row in left:
        _by_twin(network, rows, int(row), queries, allowed, result)
    if len(left) > 0:  # one that is still unsure has what the kernels computed
        without = result.status != 0
        result.log_evidence[without] = np.nan
        result.marginals[without] = np.nan
    if not with_evidence:
        result.log_evidence[:] = np.nan
    return result


def run_distinct_rows(
    network: Network,
    rows: Packed,
    queries: Sequence[int],
    *,
    budget: Budget | None = None,
    threads: int = 1,
    with_evidence: bool = True,
) -> BatchResult:
    """Return what ``run_rows`` does, running rows with the same answers once: surveys repeat themselves.

    Rows with soft answers are each run.
    """
    soft = rows.soft or [{}] * len(rows.codes)
    alone = np.array([bool(row) for row in soft], dtype=np.int64) * (1 + np.arange(len(rows.codes)))
    keys = np.concatenate([rows.codes, alone.view(np.uint8).reshape(len(alone), alone.itemsize)], axis=1)
    whole = np.ascontiguousarray(keys).view(np.dtype((np.void, keys.shape[1]))).ravel()
    _, first, place = np.unique(whole, return_index=True, return_inverse=True)
    chosen = Packed(rows.variables, rows.codes[first], [soft[k] for k in first] if rows.soft else ())
    found = run_rows(network, chosen, queries, budget=budget, threads=threads, with_evidence=with_evidence)
    return BatchResult(found.status[place], found.log_evidence[place], found.marginals[place], found.costs[place])


def _require_sound(network: Network, rows: Packed, queries: Sequence[int]) -> None:
    codes, sizes = np.asarray(rows.codes), network.all_sizes
    if codes.shape[1:] != (len(rows.variables),) or (rows.soft and len(rows.soft) != len(codes)):
        message = f"codes {codes.shape}, {len(rows.variables)} variables and {len(rows.soft)} soft rows do not fit"
        raise ValueError(message)
    columns = np.asarray(rows.variables, dtype=np.int64)
    for named in (columns.tolist(), queries):
        _require_variables(named, len(sizes))
    if ((codes < 0) | ((codes >= sizes[columns]) & (codes != UNOBSERVED))).any():
        message = f"a code that is neither a state of its variable nor {UNOBSERVED}"
        raise ValueError(message)


def _require_variables(named: Sequence[int], count: int) -> None:
    if len(named) > 0 and not (min(named) >= 0 and max(named) < count):
        message = f"a variable that is not among the {count} of the network"
        raise ValueError(message)


def _require_sound_likelihoods(network: Network, rows: Packed) -> None:
    for row in rows.soft:
        _require_variables(list(row), len(network.variables))
        for variable, likelihood in row.items():
            given, size = np.asarray(likelihood, dtype=np.float64), network.variables[variable].size
            if given.shape != (size,) or not np.all(np.isfinite(given)) or given.min() < 0:
                message = (
                    f"likelihood of {network.variables[variable].name} must be {size} finite numbers of at least 0"
                )
                raise ValueError(message)


def _empty(network: Network, count: int, queries: Sequence[int]) -> BatchResult:
    width = sum(network.sizes(queries))
    return BatchResult(
        np.full(count, Status.COSTLY, dtype=np.int32),
        np.full((count, network.draws), np.nan),
        np.full((count, network.draws, width), np.nan),
        np.zeros((count, len(COST_FIELDS))),
    )


def _by_twin(
    network: Network, rows: Packed, row: int, queries: Sequence[int], budget: Budget, result: BatchResult
) -> None:
    try:
        query = prepare(network, _evidence(network, rows, row), queries, budget=budget, which="numpy")
        found = query.posterior()
    except ImpossibleEvidenceError:
        result.status[row] = Status.IMPOSSIBLE
        return
    except TooCostlyError as error:  # an answer that the kernels could not prove stays unsure
        if result.status[row] != Status.UNSURE:
            result.status[row] = Status.COSTLY
            result.costs[row, :3] = error.predicted_entries, error.predicted_bytes, error.predicted_seconds
        return
    except LegdxError:  # the numbers leave the computer's range, for the twin too
        result.status[row] = Status.UNSURE
        return
    result.status[row] = Status.DONE
    result.log_evidence[row] = found.log_evidence
    result.marginals[row] = np.concatenate([found.marginals[q] for q in queries], axis=1) if queries else 0.0
    result.costs[row] = query.plan.entries, query.plan.memory(), query.plan.seconds(), query.plan.largest, 0.0


def _evidence(network: Network, rows: Packed, row: int) -> dict[int, Array]:
    evidence = {
        int(variable): np.eye(network.variables[variable].size)[code]
        for variable, code in zip(rows.variables, rows.codes[row], strict=True)
        if code != UNOBSERVED
    }
    return evidence | dict(rows.soft[row] if rows.soft else {})
