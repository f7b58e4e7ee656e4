"""The page docs/width.md: what was measured, in tables and in words."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from planned_size import DESCRIPTION, STRUCTURES

__all__ = ["DRAWS", "Curated", "Fit", "Line", "Measured", "Row", "page", "table_line"]

DRAWS = 200
"""Networks that are run side by side for an interval."""

KEPT = ("clustered", "four hubs")
"""The structures that keep to the width budget."""


@dataclass(frozen=True)
class Row:
    """One query: what it is predicted to cost, and what it took (None where it was not run)."""

    entries: float
    width: float
    steps: int
    predicted: float
    over: bool
    over_drawn: bool
    planning: float
    measured: float | None


@dataclass(frozen=True)
class Line:
    """All rows of one line of a table."""

    structure: str
    factors: str
    present: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Fit:
    """The planner's constants as these rows give them."""

    entry: float
    step: float
    error: float
    count: int


@dataclass(frozen=True)
class Curated:
    """What was measured on the packaged model."""

    name: str
    counts: Mapping[str, int]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Measured:
    """Everything that the page tells."""

    plain: list[Line]
    absent: list[Line]
    missing: list[Line]
    curated: Curated | None
    fit: Fit
    set_to: tuple[float, float]
    command: str


HEAD = """\
| structure | factors answered | present | entries, median | p90 | max | largest table, median | max \
| predicted ms, median | p90 | over budget | run ms, median (rows) | planning ms |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


def table_line(line: Line) -> str:
    """Return one line of a Markdown table."""
    entries = np.array([log2(max(row.entries, 1.0)) for row in line.rows])
    width = [row.width for row in line.rows]
    predicted = [row.predicted for row in line.rows]
    run = [row.measured for row in line.rows if row.measured is not None]
    cells = [
        line.structure,
        line.factors,
        str(line.present),
        *(f"2^{value:.1f}" for value in (np.median(entries), np.quantile(entries, 0.9), entries.max())),
        *(f"2^{value:.1f}" for value in (np.median(width), np.max(width))),
        *(f"{1e3 * value:,.0f}" for value in (np.median(predicted), np.quantile(predicted, 0.9))),
        f"{np.mean([row.over for row in line.rows]):.0%}",
        f"{1e3 * np.median(run):,.0f} ({len(run)})" if run else "-",
        f"{1e3 * np.median([row.planning for row in line.rows]):,.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def table(lines: Iterable[Line]) -> str:
    """Return a Markdown table."""
    return "\n".join([HEAD, *(table_line(line) for line in lines)])


def machine() -> str:
    """Describe the machine without naming it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB of memory, "
        f"Python {platform.python_version()}, NumPy {np.__version__}"
    )


def pick(lines: Iterable[Line], structure: str, factors: str, present: int) -> Line | None:
    """Return one line, None where it was not measured."""
    return next((x for x in lines if (x.structure, x.factors, x.present) == (structure, factors, present)), None)


PROTOTYPE = {("clustered", 1): 1_192, ("clustered", 5): 2_929, ("clustered", 12): 127_152} | {
    ("four hubs", 1): 2_176,
    ("four hubs", 5): 9_075,
    ("four hubs", 12): 685_559,
}
"""Median table entries with no factor answered, of the prototype that the width budget was set with."""


def comparison(lines: list[Line]) -> str:
    """Set the medians beside those of the prototype that the budget was set with."""
    out = ["| structure | present | prototype | here | ratio |", "| --- | --- | --- | --- | --- |"]
    for (structure, present), before in PROTOTYPE.items():
        line = pick(lines, structure, "none", present)
        if line is not None:
            now = float(np.median([row.entries for row in line.rows]))
            out.append(f"| {structure} | {present} | {before:,} | {now:,.0f} | {now / before:,.0f} |")
    return "\n".join(out)


def over(lines: Iterable[Line], structures: Sequence[str], factors: str, most: int) -> str:
    """Return the share of rows over the budget, of those with at most so many present findings."""
    rows = [
        row
        for line in lines
        if line.structure in structures and line.factors == factors and line.present <= most
        for row in line.rows
    ]
    return f"{np.mean([row.over for row in rows]):.0%}" if rows else "-"


def page(measured: Measured) -> str:
    """Return the whole page."""
    every = [
        row for lines in (measured.plain, measured.absent, measured.missing) for line in lines for row in line.rows
    ]
    run = sum(row.measured is not None for row in every)
    return f"""\
# What exact inference costs at the planned size

Written by `{measured.command}` on {dt.datetime.now(dt.UTC).date().isoformat()};
{machine()}.
Times are processor times of one process; the table entries depend on nothing but the seed.

Every line is {len(measured.plain[0].rows)} rows of answers, over several random networks. Age and sex are answered
unless the heading says otherwise, and so are the findings counted under *present*. The marginals of all causes, groups
and syndromes are asked for. *Entries* are the table entries that all products of a forward pass take together; *largest
table* is the largest of these products. A row is *over budget* when it is predicted to take more than 1 s or 2 GB.
Some of the rows under 2^22 entries were run, {run:,} of {len(every):,}; *planning* is the time of `prepare`, which
comes on top.

## The networks

{DESCRIPTION}

## What this says

{_findings(measured)}

{_twin(measured)}

{_against_prototype(measured)}

## Nothing else answered

{table(measured.plain)}

## 60 % of the absent findings answered absent

{table(measured.absent)}

## Age and sex missing as well, nothing else answered

{table(measured.missing)}
{_curated(measured.curated)}"""


def _findings(measured: Measured) -> str:
    plain, absent, missing = measured.plain, measured.absent, measured.missing
    few = ", ".join(f"{over(plain, (name,), 'none', 5)} ({name})" for name in STRUCTURES)
    many = ", ".join(f"{over(plain, (name,), 'none', 12)} ({name})" for name in STRUCTURES)
    answered = over(plain, tuple(STRUCTURES), "all", 12)
    return f"""\
Shares of rows over the budget:

- No factor answered, 1 to 5 present: {few}.
- No factor answered, 1 to 12 present: {many}.
- All factors answered, 1 to 12 present: {answered} of the rows of the three structures together. Then the structure of
  the factors does not matter: answered factors couple nothing.
- Absent answers, no factor answered, 1 to 12 present: {over(absent, KEPT, "none", 12)} of the rows of the two
  structures that keep to the budget, against {over(plain, KEPT, "none", 12)} without them. An absent answer is a
  product of one vector a cause and widens nothing, with one exception: a finding with inhibitors, answered absent, ties
  all its parents together. Inhibitors are to be rare.
- Age and sex missing too, no factor answered, 1 to 12 present: {over(missing, KEPT, "none", 12)} of the rows of these
  two structures; they touch every cause and every factor, so that tables are multiplied by up to 14.

The width budget on factors does what it is there for. It is a budget for people who answer little, and it does not
make every row affordable: many present findings with no factor answered stay dear, and come back flagged."""


def _twin(measured: Measured) -> str:
    found, (entry, step) = measured.fit, measured.set_to
    crossover = log2(max(300.0 * found.step / found.entry, 1.0))
    return f"""\
The NumPy twin takes about {1e6 * found.step:.0f} microseconds a step and {1e9 * found.entry:.0f} nanoseconds an entry,
forward and backward together (fitted to {found.count} rows, half of which it meets within {found.error:.0%}; the
planner reckons with {1e6 * step:.0f} and {1e9 * entry:.0f}). A row has some 300 steps: under about 2^{crossover:.0f}
entries the interpreter is the cost and not the arithmetic, and planning takes as long as running. The twin suits single
cases and files of some thousand rows; more want compiled kernels."""


def _against_prototype(measured: Measured) -> str:
    return f"""\
The width budget was set with a prototype. Its medians of entries, no factor answered and nothing absent, beside these:

{comparison(measured.plain)}

The two are not one quantity on one kind of network; the ratio says how far the old figures carry, and no more. The
prototype had 55 causes and 90 findings without syndromes, groups, gates, hidden backgrounds or graded answers (60 % of
the findings that were not present were absent in its rows, which widens nothing where there are no inhibitors). Here an
attribute has all parents of its complaint, so that a present attribute spans as many causes as a present complaint;
the marginals of syndromes and groups are asked for, which keeps them in the tables to the end; hubs, a fifth of the
arrows and 30 % of the findings' links tie clusters together; and every pairwise product is counted."""


def _curated(found: Curated | None) -> str:
    if found is None:
        return ""
    rows = [row for line in found.lines for row in line.rows]
    over_one, over_drawn = np.mean([row.over for row in rows]), np.mean([row.over_drawn for row in rows])
    return f"""
## The packaged model

{found.name}: {", ".join(f"{count} {kind}" for kind, count in found.counts.items())}; age and sex count as factors. Of
the {len(rows)} rows {over_one:.0%} are over the budget with one network, {over_drawn:.0%} with the {DRAWS} drawn
networks of the intervals run side by side.

{table(found.lines)}
"""
