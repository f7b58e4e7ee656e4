"""What the measured figures say, in words made from the figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Found = Mapping[str, Any]

RATES = (("at most 6", 40_000), ("at most 10", 25_000), ("all", 8_000))


def bounds(found: Found) -> str:
    """Say of each target rate whether table entries alone forbid it."""
    whole = found["patterns"].get("whole")
    if whole is None:
        return "The whole questionnaire was not measured."
    an_entry, product = whole["cost_model"]["ns_an_entry"], found["machine"]["product_ns"]
    if an_entry is None:
        return "Too few rows for a cost model."
    opening = (
        f"What the network allows: an entry takes {an_entry:.3g} ns with these kernels while tables fit the caches, "
        f"a bare product of two numbers in the first cache {product:.2g} ns (NumPy, doubles, nothing summed or proven)."
    )
    lines = [_of_rate(whole["by_present"][name], name, target, product) for name, target in RATES]
    entries = whole["entries"]["p99"]
    if entries:
        lines.append(
            f"- 1.5 ms for 99 rows of 100: measured {whole['row_us']['p99'] / 1e3:,.3g} ms; the row at that place "
            f"takes {entries:,.0f} entries, at least {1e-6 * entries * an_entry:,.3g} ms of arithmetic and "
            f"{1e-6 * entries * product:,.3g} ms as bare products."
        )
    return "\n".join([opening, "", *filter(None, lines)])


def _of_rate(group: Found, name: str, target: int, product: float) -> str:
    """Set one target rate beside what was measured and what the table entries allow."""
    entries, measured, most = group["mean_entries"], group["rows_per_second"], group["most_rows_per_second"]
    if not entries or measured is None or most is None:
        return ""
    allowed = 1e9 / (target * entries)
    if measured >= target:
        verdict = "reached"
    elif allowed < product:
        verdict = "with these orders of elimination the network forbids it, whatever the code"
    elif most < target:
        verdict = "the arithmetic of these kernels forbids it, planning and bookkeeping left out"
    else:
        verdict = "the arithmetic would allow it; planning and bookkeeping are what is too slow"
    return (
        f"- {target:,} rows a second for {_who(name)}: measured {measured:,.0f}; {verdict}. Such a row takes "
        f"{entries:,.0f} entries on average (half of them {group['median_entries']:,.0f} or fewer), which alone hold "
        f"these kernels under {most:,.0f} rows a second; the target leaves {allowed:.2g} ns an entry."
    )


def _who(name: str) -> str:
    return "all rows" if name == "all" else f"{name} findings present"


def tail(patterns: Found) -> str:
    """Say how much of the time the few dear rows take."""
    shares = ", ".join(f"{one['slowest_hundredth_share']:.0%} ({one['title']})" for one in patterns.values())
    return (
        f"The slowest hundredth of the rows takes {shares} of the time of all. A mean rate says little about a row: "
        "see the rates by number of present findings."
    )


def peers_in_words(found: Found) -> str:
    """Say what the other programs could do at all, and under which limits."""
    done: dict[str, int] = {}
    failed: dict[str, int] = {}
    for pattern in found["patterns"].values():
        for name, peer in pattern.get("peers", {}).items():
            done[name] = done.get(name, 0) + peer["rows_done"]
            failed[name] = failed.get(name, 0) + peer["rows_failed"]
    unassisted = {name: count for name, count in done.items() if not name.startswith("reduced")}
    nothing = [name for name, count in unassisted.items() if count == 0 and failed[name] > 0]
    some = [f"{name} {count} of {count + failed[name]}" for name, count in unassisted.items() if count > 0]
    lines = [f"Each program runs in a process of its own, on one thread, with limits: {found['made']['peer_limits']}."]
    if nothing:
        lines.append(f"On the whole network not one row was done by {_listed(nothing)}.")
    if some:
        lines.append(f"On the whole network, rows done of rows tried: {', '.join(some)}.")
    lines.append(
        "*Reduced* means that pyAgrum was handed our reduction of each row: observed variables absorbed, what cannot "
        "matter left out, and the merging of contributions unfolded in the order of our own plan. It chooses its own "
        "triangulation. Its time is that of making the engine, inference, and asking for all posteriors; reducing (our "
        "Python twin) and building its network stand apart. The ratio is its median over ours on the same rows; the "
        "target counts its fastest engine."
    )
    return " ".join(lines)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
