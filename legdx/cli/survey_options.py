"""Options of the verbs that read surveys, and how far a run has come."""

from __future__ import annotations

import contextlib
import sys
import typing
from collections.abc import Callable, Iterator
from pathlib import Path

import typer

if typing.TYPE_CHECKING:
    from legdx.survey import TableFormat

__all__ = [
    "BlockRowsOption",
    "DelimiterOption",
    "EncodingOption",
    "HeaderRowsOption",
    "LayoutOption",
    "MappingOption",
    "NumberHeadersOption",
    "OutputsOption",
    "PolicyOption",
    "RejectsOption",
    "output_names",
    "over",
    "shown_progress",
    "table_format",
]

MappingOption = typing.Annotated[
    Path | None, typer.Option("--mapping", "-m", help="What the columns mean; none for data of `legdx template`.")
]
RejectsOption = typing.Annotated[
    Path | None, typer.Option("--rejects", help="Where rejected rows and cells go; by default beside the output.")
]
PolicyOption = typing.Annotated[
    typing.Literal["lenient", "strict"],
    typer.Option("--policy", help="lenient leaves out cells that contradict or cannot be read, strict their rows."),
]
OutputsOption = typing.Annotated[
    list[str] | None,
    typer.Option(
        "--outputs",
        help="counts,triage,first,evidence,flags,posteriors,ranks,weight,reasons,attribution,conflict, or columns.",
    ),
]
LayoutOption = typing.Annotated[
    typing.Literal["wide", "long"], typer.Option("--layout", help="A row a person, or a row a person and cause.")
]
BlockRowsOption = typing.Annotated[int, typer.Option("--block-rows", min=1, help="Rows in memory at a time.")]
EncodingOption = typing.Annotated[
    str | None, typer.Option("--encoding", help="Of a text file, such as cp1252; by default it is detected.")
]
DelimiterOption = typing.Annotated[
    str | None, typer.Option("--delimiter", help="One of , ; | or tab; by default it is detected.")
]
HeaderRowsOption = typing.Annotated[
    int | None, typer.Option("--header-rows", min=1, max=3, help="How many rows are headers; by default detected.")
]
NumberHeadersOption = typing.Annotated[
    bool,
    typer.Option("--number-repeated-headers", help="Call a repeated header `name (2)` instead of refusing the file."),
]


def table_format(
    encoding: str | None, delimiter: str | None, header_rows: int | None, *, number_headers: bool
) -> TableFormat:
    """Return what the options say about a file."""
    from legdx.survey import TableFormat

    delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter)
    if delimiter is not None and delimiter not in {",", ";", "|", "\t"}:
        raise typer.BadParameter("use , ; | or tab", param_hint="--delimiter")  # noqa: EM101, TRY003
    return TableFormat(encoding, delimiter, header_rows, "number" if number_headers else "refuse")


def over(base: TableFormat, encoding: str | None, delimiter: str | None, header_rows: int | None) -> TableFormat:
    """Return a format with what the options say in place of what it says."""
    import dataclasses

    wanted = table_format(encoding, delimiter, header_rows, number_headers=False)
    said = {name: value for name in ("encoding", "delimiter", "header_rows") if (value := getattr(wanted, name))}
    return dataclasses.replace(base, **said)


def output_names(lists: list[str] | None) -> tuple[str, ...] | None:
    """Return the names in lists with commas, one after the other; None where nothing was said."""
    if not lists:
        return None
    return tuple(name.strip() for text in lists for name in text.split(",") if name.strip())


@contextlib.contextmanager
def shown_progress() -> Iterator[Callable[[int, int], None] | None]:
    """Give a function that shows rows done, rate and time left on standard error; None where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (MofNCompleteColumn(), BarColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None, rate="")

        def show(done: int, total: int) -> None:
            seconds = progress.tasks[0].elapsed or 0.0
            rate = f"{done / seconds:,.0f} rows/s" if seconds else ""
            progress.update(task, completed=done, total=total, rate=rate)

        yield show
