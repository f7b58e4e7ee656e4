"""Score a table: one row a person in, one row a person out, in the same kind of dataframe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from legdx.assessment import Assessment
from legdx.errors import CaseError, ImpossibleEvidenceError, TooCostlyError, UnderAgeError, UnknownNameError

__all__ = ["output_columns", "score_rows", "score_table"]

COUNTS = ("answered", "unknown", "refused", "not_asked")


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
        keep: columns that are copied to the output, first.
        outputs: which output columns are wanted; default all.

    Returns:
        A dataframe of the same kind, with the same rows in the same order (and the same index, where there is one).

    Raises:
        UnknownNameError: a column is neither a variable nor kept, or an output is not known.

    """
    import narwhals.stable.v2 as nw

    table = nw.from_native(frame, eager_only=True)
    known = output_columns(causes)
    wanted = tuple(known if outputs is None else outputs)
    for column in table.columns:
        if column not in keep and column not in variables:
            raise UnknownNameError(column, variables, kind="variable (column)")
    for column in (*keep, *wanted):
        if column not in (table.columns if column in keep else known):
            raise UnknownNameError(column, known if column not in keep else table.columns, kind="column")
    asked = [column for column in table.columns if column not in keep]
    rows = score_rows(table.select(asked).rows(named=True), assess, causes)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(known)
    scored = dict(zip(known, columns, strict=True))
    types = _types(nw, known)
    new = [
        nw.new_series(name, list(scored[name]), dtype=types[name], backend=nw.get_native_namespace(table))
        for name in wanted
    ]
    if not wanted:
        return table.select(list(keep)).to_native()
    result = nw.from_native(_like(nw, table, new), eager_only=True)
    return result.select([*keep, *wanted]).to_native()


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
    except UnderAgeError as error:
        return _not_scored("rejected", error.message, causes)
    except CaseError as error:
        return _not_scored("rejected", "; ".join(f"{i.where}: {i.note}" for i in error.issues), causes)
    except ImpossibleEvidenceError as error:
        return _not_scored("impossible", error.message, causes)
    except TooCostlyError as error:
        return _not_scored("too_costly", error.message, causes)
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


def _not_scored(status: str, reason: str, causes: Sequence[str]) -> tuple[Any, ...]:
    return (status, reason, *([None] * (len(output_columns(causes)) - 2)))


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Turn what a dataframe puts for "nothing" (None, NaN, NA, NaT) into None, and its numbers into Python's."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if value != value or type(value).__name__ in {"NAType", "NaTType"}:  # noqa: PLR0124 (NaN is not itself)
        return None
    return value.item() if hasattr(value, "item") else value


def _types(nw: Any, known: Sequence[str]) -> dict[str, Any]:  # noqa: ANN401
    texts = {"status", "reason", "urgency", "urgency_rules", "first_cause"}
    return {n: nw.String() if n in texts else nw.Int64() if n in COUNTS else nw.Float64() for n in known}


def _like(nw: Any, table: Any, new: list[Any]) -> Any:  # noqa: ANN401
    """Return the table's rows with the new columns beside them, keeping a pandas index."""
    if nw.dependencies.is_pandas_dataframe(table.to_native()):
        native = table.to_native().copy()
        for series in new:
            values = series.to_native()
            values.index = native.index
            native[series.name] = values
        return native
    return table.with_columns(*new).to_native()
