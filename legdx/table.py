"""Score a table: one row a person in, one row a person out, in the same kind of dataframe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from legdx.assessment import Assessment
from legdx.errors import (
    CaseError,
    ImpossibleEvidenceError,
    LegdxError,
    TooCostlyError,
    UnderAgeError,
    UnknownNameError,
)

__all__ = ["output_columns", "score_rows", "score_table"]

COUNTS = ("answered", "unknown", "refused", "not_asked")
TEXTS = frozenset({"status", "reason", "urgency", "urgency_rules", "first_cause"})


def output_columns(causes: Iterable[str]) -> tuple[str, ...]:
    """Return the names of all output columns, in order."""
    fixed = (
        "status",
        "reason",
        *COUNTS,
        "urgency",
        "urgency_rules",
        "first_cause",
        "first_probability",
        "log_evidence",
    )
    return (*fixed, *(f"posterior_{cause}" for cause in causes))


def score_table(
    frame: Any,  # noqa: ANN401
    *,
    assess: Callable[[Mapping[str, Any]], Assessment],
    variables: Sequence[str],
    causes: Sequence[str],
    keep: Sequence[str] = (),
    outputs: Sequence[str] | None = None,
) -> Any:  # noqa: ANN401
    """Score every row of a dataframe of canonical answers.

    Args:
        frame: any dataframe that narwhals knows (pandas, Polars, Arrow): a column a variable, one row a person.
        assess: scores one case.
        variables: the columns that may stand in the frame.
        causes: all causes, in the order of the output columns.
        keep: columns that are copied to the output, first; one that is a variable is an answer all the same.
        outputs: which output columns are wanted; default all.

    Returns:
        A dataframe of the same kind, with the same rows in the same order (and the same index, where there is one).

    Raises:
        UnknownNameError: a column is neither a variable nor kept, or an output is not known.
        LegdxError: this is no dataframe, or a column would stand twice in it or in the output.

    """
    import narwhals.stable.v2 as nw
    from narwhals.exceptions import DuplicateError

    try:
        table = nw.from_native(frame, eager_only=True)
    except (TypeError, DuplicateError) as error:
        message = f"this table cannot be scored: {error}"
        raise LegdxError(message, hint="give a pandas, Polars or Arrow table in memory, a column a variable") from error
    known = output_columns(causes)
    wanted = tuple(known if outputs is None else outputs)
    for column in table.columns:
        if column not in keep and column not in variables:
            raise UnknownNameError(column, variables, kind="variable (column)")
    for column in (*keep, *wanted):
        if column not in (table.columns if column in keep else known):
            raise UnknownNameError(column, known if column not in keep else table.columns, kind="column")
    if len(set(keep) | set(wanted)) < len(keep) + len(wanted):
        twice = next(name for name in (*keep, *wanted) if (*keep, *wanted).count(name) > 1)
        message = f"the column {twice!r} would stand twice in the output"
        raise LegdxError(message, hint="rename the column that is kept, or name each one once")
    asked = [column for column in table.columns if column in variables]
    answers: Iterable[Mapping[str, Any]] = table.select(asked).rows(named=True) if asked else [{}] * len(table)
    rows = score_rows(answers, assess, causes)
    columns = zip(*rows, strict=True) if rows else ([] for _ in known)
    scored = {name: list(values) for name, values in zip(known, columns, strict=True)}
    new = {name: scored[name] for name in wanted}
    native = table.select(list(keep)).to_native()
    if nw.dependencies.is_pandas_dataframe(native):
        return _beside_pandas(table.to_native().loc[:, list(keep)], new)
    schema = {name: _type(nw, name) for name in wanted}
    beside = nw.from_dict(new, schema=schema, backend=nw.get_native_namespace(table))
    return nw.concat([table.select(list(keep)), beside], how="horizontal").to_native() if keep else beside.to_native()


def _beside_pandas(kept: Any, new: Mapping[str, list[Any]]) -> Any:  # noqa: ANN401
    """Return the kept columns and the new ones with the index of the kept."""
    import pandas as pd

    types = {name: "object" if name in TEXTS else "Int64" if name in COUNTS else "float64" for name in new}
    columns = {name: pd.Series(values, index=kept.index, dtype=types[name]) for name, values in new.items()}
    return pd.concat([kept, pd.DataFrame(columns, index=kept.index)], axis=1)


def score_rows(
    rows: Iterable[Mapping[str, Any]], assess: Callable[[Mapping[str, Any]], Assessment], causes: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Return one tuple a row, in the order of ``output_columns``; what cannot be scored says why and is null."""
    return [_score(row, assess, causes) for row in rows]


def _score(
    row: Mapping[str, Any], assess: Callable[[Mapping[str, Any]], Assessment], causes: Sequence[str]
) -> tuple[Any, ...]:
    try:
        result = assess({name: _plain(value) for name, value in row.items()})
    except LegdxError as error:  # one person's answers must not end the table
        return _not_scored(error, causes)
    first, probability = next(iter(result.posterior.items()))
    return (
        "scored",
        None,
        *(getattr(result.counts, name) for name in COUNTS),
        result.urgency.level,
        ";".join(reason.id for reason in result.urgency.reasons),
        first,
        probability,
        result.log_evidence,
        *(result.posterior[cause] for cause in causes),
    )


def _why(error: LegdxError) -> tuple[str, str]:
    """Return status and reason of a row that is not scored."""
    if isinstance(error, CaseError) and not isinstance(error, UnderAgeError):
        return "rejected", "; ".join(f"{issue.where}: {issue.note}" for issue in error.issues)
    status = {ImpossibleEvidenceError: "impossible", TooCostlyError: "too_costly"}.get(type(error), "rejected")
    return status, error.message


def _not_scored(error: LegdxError, causes: Sequence[str]) -> tuple[Any, ...]:
    """Say why; of a row that is too costly, what the red-flag rules say is kept: no cost may hide an emergency."""
    names = output_columns(causes)
    row = dict.fromkeys(names)
    row["status"], row["reason"] = _why(error)
    if isinstance(error, TooCostlyError) and error.urgency is not None:
        row["urgency"] = error.urgency.level
        row["urgency_rules"] = ";".join(reason.id for reason in error.urgency.reasons)
    return tuple(row[name] for name in names)


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Turn NumPy's numbers, booleans and missing dates into Python's."""
    return value.item() if isinstance(value, np.generic) else value


def _type(nw: Any, name: str) -> Any:  # noqa: ANN401
    return nw.String() if name in TEXTS else nw.Int64() if name in COUNTS else nw.Float64()
