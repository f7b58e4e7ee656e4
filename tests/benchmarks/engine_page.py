"""The page docs/benchmarks/README.md, from what is in latest.json and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine_words import bounds, peers_in_words, tail

Found = Mapping[str, Any]

TARGETS = (
    ("rows_per_second_6", "at most 6 findings present", 40_000, "rows a second", True),
    ("rows_per_second_10", "at most 10 findings present", 25_000, "rows a second", True),
    ("rows_per_second_all", "all rows", 8_000, "rows a second", True),
    ("p99_ms", "99 rows of 100 take less than", 1.5, "ms", False),
    ("flagged", "rows without a posterior, whole questionnaire", 0, "rows", False),
    ("ratio_pyagrum_median", "times as fast as pyAgrum on reduced rows, medians", 300, "times", True),
    ("first_batch_s", "first scored row after a fresh installation", 3, "s", False),
    ("engine_us_single", "a warm single case in the engine", 100, "µs", False),
    ("assess_ms", "a warm `model.assess` of it", 3, "ms", False),
)
"""Key, what it is, target, unit, and whether more is better."""


def number(value: float | None) -> str:
    """Return a number with three digits that count, or a dash."""
    if value is None:
        return "-"
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.3g}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    names = list(head)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (names, ["---"] * len(names), *rows))


def page(found: Found) -> str:
    """Return the whole page."""
    parts = [opening(found), targets(found)]
    patterns = found["patterns"]
    if patterns:
        parts += [rates(patterns), percentiles(patterns), costs(found), dear(patterns), rest(found)]
    if any("peers" in one for one in patterns.values()):
        parts.append(peers(found))
    parts.append(method(found))
    return "\n\n".join(parts) + "\n"


def opening(found: Found) -> str:
    """Say what this is, and where and when it was measured."""
    machine, made, model = found["machine"], found["made"], found["model"]
    libraries = ", ".join(f"{name} {number}" for name, number in machine["libraries"].items())
    quick = "\n\n**A smoke test of the script: these figures mean nothing.**" if made["quick"] else ""
    return f"""\
# How fast the engine is

Written on {made["date"]} by `make bench`, as a command of its own

    {made["command"]}

on {machine["cores"]} cores ({machine["processor"]}, {machine["system"]}, {machine["memory_gib"]} GiB), Python
{machine["python"]}, {libraries}; kernels: {machine["kernels"]}. Model {model["id"]} {model["version"]},
`{model["digest"][:16]}`. All figures are in [latest.json](latest.json).{quick}"""


def targets(found: Found) -> str:
    """Set targets beside figures."""
    rows = []
    for key, what, target, unit, more in TARGETS:
        value = found[key]
        sign = "at least" if more else "at most"
        reached = "not measured" if value is None else "yes" if (value >= target if more else value <= target) else "no"
        rows.append((what, f"{sign} {number(target)} {unit}", number(value), reached))
    head = ("whole questionnaire, one thread", "target", "measured", "reached")
    every = sum(one["flagged"]["rows"] for one in found["patterns"].values())
    count = sum(one["rows"] for one in found["patterns"].values())
    note = f"Of all {count:,} rows of all patterns {every:,} have no posterior; the target is none."
    return "## Targets\n\n" + table(head, rows) + f"\n\n{note}\n\n" + bounds(found)


def rates(patterns: Found) -> str:
    """Return rows a second by number of present findings."""
    names = list(next(iter(patterns.values()))["by_present"])
    head = ["findings present"]
    for one in patterns.values():
        head += [f"{one['title']}: rows", "rows a second"]
    rows = []
    for name in names:
        cells = [name]
        for one in patterns.values():
            group = one["by_present"][name]
            cells += [number(group["rows"]), number(group["rows_per_second"])]
        rows.append(cells)
    asked = "\n".join(
        f"- **{one['title']}**: {one['description']}. {number(one['answered'])} answers a row on average."
        for one in patterns.values()
    )
    return f"## Rows a second\n\n{asked}\n\n{table(head, rows)}"


def percentiles(patterns: Found) -> str:
    """Return what one row takes."""
    head = ("one row, µs", "p50", "p90", "p99", "max", "mean", "share of the time in the slowest 1 %")
    rows = [
        (
            one["title"],
            *(number(one["row_us"][name]) for name in ("p50", "p90", "p99", "max", "mean")),
            f"{one['slowest_hundredth_share']:.0%}",
        )
        for one in patterns.values()
    ]
    return f"## One row\n\n{table(head, rows)}\n\n{tail(patterns)}"


def costs(found: Found) -> str:
    """Return the distribution of table entries, and the cost model with its residuals."""
    patterns = found["patterns"]
    head = ("table entries of a row", "p50", "p90", "p99", "max", "mean of scored rows")
    rows = [
        (one["title"], *(number(one["entries"][name]) for name in ("p50", "p90", "p99", "max", "mean")))
        for one in patterns.values()
    ]
    fit_head = ("fitted", "rows", "µs a row", "ns a step", "ns an entry", "the median row is missed by")
    fits, residuals = [], []
    for one in patterns.values():
        model = one["cost_model"]
        fits.append(
            (
                one["title"],
                number(model["rows"]),
                *(number(model[name]) for name in ("us_a_row", "ns_a_step", "ns_an_entry")),
                f"{model['median_error']:.0%}" if "median_error" in model else "-",
            )
        )
        for band in model["residuals"]:
            ratio = band["measured_over_fitted"]
            quantiles = [number(ratio[name]) for name in ("p10", "p50", "p90")]
            numbers = [number(band[name]) for name in ("rows", "us", "ns_an_entry")]
            over = number(band["measured_over_predicted"])
            residuals.append((one["title"], f"{band['entries_from']:,.0f}", *numbers, *quantiles, over))
    residual_head = (
        "pattern",
        "entries from",
        "rows",
        "median µs",
        "ns an entry, all in",
        "measured over fitted, p10",
        "p50",
        "p90",
        "over what the planner predicts",
    )
    return f"""\
## What a row costs

Before a table is made, the planner knows how many products of table entries a row takes, forward and back. That depends
on the network, the answers and the order of elimination, and on nothing else.

{table(head, rows)}

Time is then (a row) + (a step) × steps + (an entry) × entries, fitted by least squares of relative errors:

{table(fit_head, fits)}

{table(residual_head, residuals)}

The last column is the median of the time measured over the seconds that the budget is held against."""


def dear(patterns: Found) -> str:
    """List the rows without a posterior."""
    lines = ["## Rows without a posterior"]
    for one in patterns.values():
        flagged = one["flagged"]
        kinds = ", ".join(f"{flagged[kind]} {kind}" for kind in ("costly", "unsure", "impossible"))
        lines.append(f"{one['title'].capitalize()}: {flagged['rows']} of {one['rows']:,} ({kinds}).")
        if flagged["first"]:
            head = ("row", "why", "findings present", "predicted entries", "predicted s", "predicted GB")
            rows = [
                (
                    str(row["row"]),
                    row["status"],
                    str(row["present"]),
                    number(row["entries"]),
                    number(row["seconds"]),
                    "-" if row["bytes"] is None else number(row["bytes"] / 1e9),
                )
                for row in flagged["first"]
            ]
            more = flagged["rows"] - len(rows)
            lines.append(table(head, rows) + (f"\n\nand {more} more." if more else ""))
    return "\n\n".join(lines)


def rest(found: Found) -> str:
    """Return threads, memory, a fresh installation and the single case."""
    head = (
        "",
        "rows a second, two threads",
        "times one thread",
        "MB, model loaded",
        "MB, at most",
        "planning, µs a row",
    )
    rows = [
        (
            one["title"],
            number(one["two_threads"]["rows_per_second"]),
            number(one["two_threads"]["speed_up"]),
            *(number(one["memory_mb"][name]) for name in ("loaded", "peak")),
            f"{number(one['planning_us'])} ({(one['planning_share'] or 0):.0%} of all)",
        )
        for one in found["patterns"].values()
    ]
    lines = ["## Threads, memory, start", table(head, rows)]
    if case := found["single_case"]:
        lines.append(
            f"A single case of {case['answers']} answers, {case['present']} findings present, "
            f"{number(case['entries'])} table entries, warm: {number(case['engine_us'])} µs for `run_rows` of its "
            f"packed row, {number(case['prepare_and_posterior_us'])} µs for `prepare` and `posterior`, "
            f"{number(case['assess_ms'])} ms for `model.assess`, which asks the engine several times."
        )
    if installed := found["installation"]:
        first, later = installed["first_process"], installed["later_processes"]
        lines.append(
            "The wheel in an empty environment: the first process has its first row scored "
            f"{number(first['first_row_s'])} s after its start, {installed['rows']} rows after "
            f"{number(first['all_rows_s'])} s; later processes after {number(later['first_row_s'])} s and "
            f"{number(later['all_rows_s'])} s (import and loading of the model in)."
        )
    return "\n\n".join(lines)


def peers(found: Found) -> str:
    """Return the other programs, pattern by pattern."""
    lines = ["## Other programs on the same rows", peers_in_words(found)]
    head = (
        "program",
        "rows done",
        "did not finish",
        "inference, median ms",
        "mean",
        "max",
        "reducing and building, median ms",
        "we take, median µs",
        "ratio",
        "with building",
        "worst difference",
    )
    for one in found["patterns"].values():
        if "peers" not in one:
            continue
        rows = []
        for name, peer in one["peers"].items():
            inference = peer["ms"].get("inference", {})
            building = [peer["ms"][part]["median"] for part in ("reduction", "building") if part in peer["ms"]]
            failures = "; ".join(f"{count}: {reason}" for reason, count in peer["failures"].items())
            rows.append(
                (
                    name,
                    str(peer["rows_done"]),
                    failures or "-",
                    *(number(inference.get(key)) for key in ("median", "mean", "max")),
                    " + ".join(map(number, building)) or "-",
                    number(peer["own_median_us"]),
                    number(peer["ratio_median"]),
                    number(peer["ratio_median_with_building"]),
                    "-" if peer["worst_difference"] is None else f"{peer['worst_difference']:.1e}",
                )
            )
        lines += [f"### {one['title'].capitalize()}", table(head, rows)]
    return "\n\n".join(lines)


def method(found: Found) -> str:
    """Say how it was measured."""
    made = found["made"]
    overhead = ", ".join(number(one["call_overhead_us"]) for one in found["patterns"].values()) or "-"
    ratio = ", ".join(number(one["one_by_one_over_batch"]) for one in found["patterns"].values()) or "-"
    return f"""\
## How it was measured

- People are drawn from the model's own network (seed {made["seed"]}, {made["rows"]:,} a pattern). An attribute whose
  complaint the person does not have is not asked. *Present* counts the findings answered present, at any level.
- Asked of every row: the marginals of all causes and backgrounds, and P(answers), as a scored table needs them. Budget
  of a row: {made["budget_seconds"]:g} s as predicted, 2 GB. One thread, `legdx.engine.run_rows`, arithmetic as in
  every other use.
- Rows a second: all rows of a pattern, or of a group, in one call; rows without a posterior cost time and count as
  nothing done. Groups are timed in calls of their own, so that their times need not sum to that of all rows.
- One row: every row in a call of its own, less what a call without rows takes ({overhead} µs, in the order of the
  patterns); rows under 50 ms twice, the lesser taken. A call starts with empty memory, a batch does not: the rows one
  by one take {ratio} times what they take in one call.
- Memory: the most that a process has held that loads the model and scores all rows of the pattern at once, results
  included.
- Two threads must give the same bits as one, or the measurement stops. Posteriors of every row that another program
  finished must agree to 1e-9, or the command fails."""
