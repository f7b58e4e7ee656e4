"""Score a table: one row a person in, one row a person out, in the same kind of dataframe."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

import legdx.outputs_of_reasons  # noqa: F401 - it registers its columns
from legdx.assessment import Assessment
from legdx.errors import (
    CaseError,
    ImpossibleEvidenceError,
    LegdxError,
    TooCostlyError,
    UnderAgeError,
    UnknownNameError,
)
from legdx.outputs import COUNTS, STATUS, ColumnGroup, Kind, expand, groups, kinds_of, output_columns

__all__ = ["COUNTS", "TEXTS", "output_columns", "score_rows", "score_table", "to_long"]

AssessRows: TypeAlias = Callable[[Sequence[Mapping[str, Any]]], Sequence[Assessment | LegdxError]]
BLOCK = 500
"""Rows that are worked out together."""

TEXTS = frozenset(name for name, kind in kinds_of(()).items() if kind == "text")


def score_table(
    frame: Any,  # noqa: ANN401
    *,
    assess: AssessRows,
    variables: Sequence[str],
    causes: Sequence[str],
    keep: Sequence[str] = (),
    outputs: Sequence[str] | None = None,
) -> Any:  # noqa: ANN401
    """Score every row of a dataframe of canonical answers.

    Args:
        frame: any dataframe that narwhals knows (pandas, Polars, Arrow): a column a variable, one row a person.
        assess: scores some cases together; what cannot be scored is an error among the results.
        variables: the columns that may stand in the frame.
        causes: all causes, in the order of the output columns.
        keep: columns that are copied to the output, first; one that is a variable is an answer all the same.
        outputs: which output columns, or groups of them (`legdx.outputs`), are wanted; default those of
            ``output_columns``.

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
    for column in table.columns:
        if column not in keep and column not in variables:
            raise UnknownNameError(column, variables, kind="variable (column)")
    for column in keep:
        if column not in table.columns:
            raise UnknownNameError(column, table.columns, kind="column")
    wanted = output_columns(causes) if outputs is None else expand(outputs, causes)
    if len(set(keep) | set(wanted)) < len(keep) + len(wanted):
        twice = next(name for name in (*keep, *wanted) if (*keep, *wanted).count(name) > 1)
        message = f"the column {twice!r} would stand twice in the output"
        raise LegdxError(message, hint="rename the column that is kept, or name each one once")
    asked = [column for column in table.columns if column in variables]
    answers: Iterable[Mapping[str, Any]] = table.select(asked).rows(named=True) if asked else [{}] * len(table)
    rows = score_rows(answers, assess, causes, wanted)
    columns = zip(*rows, strict=True) if rows else ([] for _ in wanted)
    new = {name: list(values) for name, values in zip(wanted, columns, strict=True)}
    kinds = kinds_of(causes)
    native = table.select(list(keep)).to_native()
    if nw.dependencies.is_pandas_dataframe(native):
        return _beside_pandas(table.to_native().loc[:, list(keep)], new, kinds)
    types = {"text": nw.String(), "count": nw.Int64(), "number": nw.Float64()}
    schema = {name: types[kinds[name]] for name in wanted}
    beside = nw.from_dict(new, schema=schema, backend=nw.get_native_namespace(table))
    return nw.concat([table.select(list(keep)), beside], how="horizontal").to_native() if keep else beside.to_native()


def to_long(frame: Any, causes: Sequence[str]) -> Any:  # noqa: ANN401
    """Return a scored table with a row a person and cause, as the same kind of dataframe.

    The columns with one name a cause (`posterior_*`, `rank_*`) become `cause`, `posterior`, `rank`; all others are
    repeated. A person who was not scored keeps one row, without a cause. The index of pandas is repeated too.
    """
    import narwhals.stable.v2 as nw

    table = nw.from_native(frame, eager_only=True)
    prefixes = [
        group.by_cause
        for group in groups().values()
        if group.by_cause is not None and any(f"{group.by_cause}_{cause}" in table.columns for cause in causes)
    ]
    if not prefixes:
        message = "this table has no column a cause, so it has no long form"
        raise LegdxError(message, hint="ask for the posteriors or the ranks")
    kept = [cause for cause in causes if all(f"{prefix}_{cause}" in table.columns for prefix in prefixes)]
    single = [name for name in table.columns if name not in {f"{p}_{cause}" for p in prefixes for cause in causes}]
    scored = [value is not None for value in _plain_list(table[f"{prefixes[0]}_{kept[0]}"])]
    places = [row for row, has in enumerate(scored) for _ in range(len(kept) if has else 1)]
    names = [cause for has in scored for cause in (kept if has else [None])]
    long = table.select(single)[places]
    new: dict[str, list[Any]] = {"cause": names}
    for prefix in prefixes:
        columns = [_plain_list(table[f"{prefix}_{cause}"]) for cause in kept]
        new[prefix] = [v for row, has in enumerate(scored) for v in ([c[row] for c in columns] if has else [None])]
    known = kinds_of(kept)
    kinds: dict[str, Kind] = {"cause": "text"}
    kinds |= {prefix: known[f"{prefix}_{kept[0]}"] for prefix in prefixes}
    if nw.dependencies.is_pandas_dataframe(long.to_native()):
        return _beside_pandas(long.to_native(), new, kinds)
    types = {"text": nw.String(), "count": nw.Int64(), "number": nw.Float64()}
    schema = {name: types[kind] for name, kind in kinds.items()}
    beside = nw.from_dict(new, schema=schema, backend=nw.get_native_namespace(table))
    return nw.concat([long, beside], how="horizontal").to_native()


def _plain_list(series: Any) -> list[Any]:  # noqa: ANN401 - a column of any dataframe
    return [None if missing else value for value, missing in zip(series.to_list(), _is_null(series), strict=True)]


def _is_null(series: Any) -> list[bool]:  # noqa: ANN401 - a column of any dataframe
    found: list[bool] = series.is_null().to_list()
    return found


def _beside_pandas(kept: Any, new: Mapping[str, list[Any]], kinds: Mapping[str, Kind]) -> Any:  # noqa: ANN401
    """Return the kept columns and the new ones with the index of the kept."""
    import pandas as pd

    types = {"text": "object", "count": "Int64", "number": "float64"}
    columns = {name: pd.Series(values, index=kept.index, dtype=types[kinds[name]]) for name, values in new.items()}
    return pd.concat([kept, pd.DataFrame(columns, index=kept.index)], axis=1)


def score_rows(
    rows: Iterable[Mapping[str, Any]],
    assess: AssessRows,
    causes: Sequence[str],
    wanted: Sequence[str] | None = None,
) -> list[tuple[Any, ...]]:
    """Return one tuple a row, in the order of ``wanted``, by default ``output_columns``.

    What cannot be scored says why and is null.
    """
    columns = output_columns(causes) if wanted is None else tuple(wanted)
    needed = [group for group in groups().values() if not set(group.columns(causes)).isdisjoint(columns)]
    found: list[tuple[Any, ...]] = []
    waiting = iter(rows)
    while some := list(itertools.islice(waiting, BLOCK)):
        results = assess([{name: _plain(value) for name, value in row.items()} for row in some])
        found += (tuple(map(row.get, columns)) for row in _valued(results, needed, causes))
    return found


def _valued(
    results: Sequence[Assessment | LegdxError], needed: Sequence[ColumnGroup], causes: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the columns of each row by name."""
    scored = [result for result in results if isinstance(result, Assessment)]
    values: list[dict[str, Any]] = [{"status": "scored"} for _ in scored]
    for group in needed:
        names = tuple(group.columns(causes))
        for row, own in zip(values, group.values_of(scored, causes), strict=True):
            if isinstance(own, LegdxError):  # one person's answers must not end the table
                row.clear()
                row.update(_not_scored(own))
            elif row["status"] == "scored":
                row.update(zip(names, own, strict=True))
    placed = iter(values)
    return [next(placed) if isinstance(result, Assessment) else _not_scored(result) for result in results]


def _why(error: LegdxError) -> tuple[str, str]:
    """Return status and reason of a row that is not scored."""
    if isinstance(error, CaseError) and not isinstance(error, UnderAgeError):
        return "rejected", "; ".join(f"{issue.where}: {issue.note}" for issue in error.issues)
    status = {ImpossibleEvidenceError: "impossible", TooCostlyError: "too_costly"}.get(type(error), "rejected")
    return status, error.message


def _not_scored(error: LegdxError) -> dict[str, Any]:
    """Say why; what the red-flag rules say is kept: neither cost nor contradiction may hide an emergency."""
    row: dict[str, Any] = dict(zip(STATUS, _why(error), strict=True))
    if isinstance(error, TooCostlyError | ImpossibleEvidenceError) and error.urgency is not None:
        row["urgency"] = error.urgency.level
        row["urgency_rules"] = ";".join(reason.id for reason in error.urgency.reasons)
    return row


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Turn NumPy's numbers, booleans and missing dates into Python's."""
    return value.item() if isinstance(value, np.generic) else value
