"""A survey that is a dataframe already: scored, the same kind out, every row in its place."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from legdx.batch.check import refuse_unreadable
from legdx.batch.ids import IdCheck
from legdx.batch.report import ScoreReport
from legdx.batch.run import ROW, Layout, Policy, Run, Scorer
from legdx.errors import LegdxError, SurveyError
from legdx.survey import Block, SurveyMapping, SurveyTable, column_issues, load_mapping, map_answers
from legdx.survey.own import own_mapping
from legdx.survey.typed import as_text
from legdx.table import to_long

__all__ = ["score_frame"]


def score_frame(
    frame: typing.Any,  # noqa: ANN401 - any dataframe
    mapping: SurveyMapping | str | Path | None,
    model: Scorer,
    *,
    policy: Policy = "lenient",
    outputs: Sequence[str] | None = None,
    layout: Layout = "wide",
) -> tuple[typing.Any, ScoreReport]:
    """Score a survey in a dataframe: pandas, Polars, or an Arrow table.

    Args:
        frame: a column a question, as the survey tool exports them; one row a person.
        mapping: a mapping, the file of one, or None for the model's own questionnaire.
        model: the model that scores.
        policy: as in `ScoreOptions`.
        outputs: as in `ScoreOptions`.
        layout: as in `ScoreOptions`.

    Returns:
        A dataframe of the same kind (and the same index, where there is one), a row for each row of `frame`: the id,
        weight and strata columns, then the scores. A row that was rejected or skipped says why in `status` and
        `reason`. Beside it, the report with all issues.

    Raises as `score_file` does, and LegdxError where this is no dataframe.

    """
    import narwhals.stable.v2 as nw
    from narwhals.exceptions import DuplicateError

    try:
        native = nw.from_native(frame, eager_only=True)
    except (TypeError, DuplicateError) as error:
        message = f"this survey cannot be scored: {error}"
        raise LegdxError(message, hint="give a pandas, Polars or Arrow table in memory, a column a question") from error
    columns = {str(name): [as_text(value) for value in native[name].to_list()] for name in native.columns}
    text = pd.DataFrame(columns, columns=list(columns), index=pd.RangeIndex(len(native)), dtype=object)
    table = SurveyTable(Path("the dataframe"), tuple(columns), (), None, ("",) * len(columns))
    if mapping is None:
        survey = own_mapping(table, model)
    else:
        survey = mapping if isinstance(mapping, SurveyMapping) else load_mapping(mapping, model)
    column_issues(survey, table.columns)
    refuse_unreadable(map_answers(text, survey, model), table.path.name, own=mapping is None)
    blank = tuple(
        int(row) for row, cells in enumerate(zip(*columns.values(), strict=True)) if not any(map(str.strip, cells))
    )
    block = Block(text, (), blank)
    run = Run(model, survey, policy, None if outputs is None else tuple(outputs))
    ids = IdCheck(survey.id_columns)
    ids.add(text, run.chosen(text, block))
    run = Run(model, survey, policy, run.outputs, ids.left_out(survey.repeated_ids, table.path.name))
    scored = run.score(block)
    result = scored.frame.drop(columns=ROW).reindex(text.index)
    for name, called in run.copied.items():
        if name != survey.weight_column:
            result[called] = text[name]
    for issue in scored.issues:
        row = (issue.where.row or 0) - 1
        if row + 1 in scored.rejected | scored.skipped and not isinstance(result.at[row, "status"], str):  # noqa: PD008
            result.loc[row, ["status", "reason"]] = [
                "skipped" if row + 1 in scored.skipped else "rejected",
                f"{issue.code}: {issue.note}",
            ]
    if layout == "long":
        if not any(name.startswith(("posterior_", "rank_")) for name in result.columns):
            message = "a long table needs a column a cause, and none was asked for"
            raise SurveyError(message, "ask for posteriors or ranks")
        result = to_long(result, tuple(model.knowledge.causes))
    report = run.tally.report(output="", rejects="", sidecar="", seconds=0.0)
    return _like(result, run, native, nw), report


def _like(result: pd.DataFrame, run: Run, native: typing.Any, nw: typing.Any) -> typing.Any:  # noqa: ANN401
    """Return the result as the kind of dataframe that came in; columns of the survey keep their own values."""
    places = result.index.tolist()
    kinds = {name: kind for name, kind in run.columns().items() if name in result}
    if nw.dependencies.is_pandas_dataframe(native.to_native()):
        for name, called in run.copied.items():
            result[called] = native.to_native()[name].to_numpy()[places]
        result.index = native.to_native().index[places]
        return result
    types = {"text": nw.String(), "count": nw.Int64(), "number": nw.Float64()}
    kinds |= {"cause": "text", "posterior": "number", "rank": "count"}
    data = {name: [None if pd.isna(value) else value for value in result[name]] for name in result.columns}
    schema = {name: types[kinds[name]] for name in result.columns}
    scores = nw.from_dict(data, schema=schema, backend=nw.get_native_namespace(native))
    copied = {called: native[name][places].alias(called) for name, called in run.copied.items()}
    return scores.with_columns(**copied).to_native() if copied else scores.to_native()
