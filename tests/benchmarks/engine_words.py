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
    lines += [_of_flagged(whole), _of_ratio(whole), *_of_case(found["single_case"])]
    return "\n".join([opening, "", *filter(None, lines)])


def _of_flagged(whole: Found) -> str:
    """Say what the rows without a posterior would have taken."""
    flagged = whole["flagged"]
    if not flagged["rows"]:
        return ""
    said = [f"- No row without a posterior: {flagged['rows']} of {whole['rows']:,} have none."]
    if flagged["costly"]:
        said.append(
            f"{flagged['costly']} are predicted to take over a second{_range(flagged['first'], 'costly')}; in a second "
            f"these kernels do {1e3 / whole['cost_model']['ns_an_entry']:,.0f} million entries."
        )
    if flagged["unsure"]:
        said.append(
            f"{flagged['unsure']} lose more digits to cancellation than pairs of doubles have, along the best and "
            f"three more{_range(flagged['first'], 'unsure')}; the twin, which subtracts nothing, is over a second."
        )
    return " ".join(said)


def _range(rows: list[Found], status: str) -> str:
    entries = sorted(one["entries"] / 1e6 for one in rows if one["status"] == status)
    return f" ({entries[0]:,.0f} to {entries[-1]:,.0f} million entries, of those listed below)" if entries else ""


def _of_ratio(whole: Found) -> str:
    """Say what pyAgrum's fastest engine leaves for a row, and how far its others are."""
    reduced = {name.split()[-1]: peer for name, peer in whole.get("peers", {}).items() if name.startswith("reduced")}
    peers = {name: peer for name, peer in reduced.items() if peer["ratio_median"] is not None}
    if not peers:
        return ""
    fastest = min(peers, key=lambda name: peers[name]["ratio_median"])
    peer = peers[fastest]
    own, entries = peer["own_median_us"], peer["own_median_entries"]
    others = "".join(
        f"; {name} {one['ratio_median']:,.3g} ({one['rows_compared']} rows)"
        for name, one in peers.items()
        if one is not peer
    )
    return (
        f"- 300 times pyAgrum on reduced rows: measured {peer['ratio_median']:,.3g} on the {peer['rows_compared']} "
        f"that its fastest engine, {fastest}, did, small ones of {entries:,.0f} entries{others}. "
        f"Its time is inference alone; ours, {own:,.0f} µs, includes reading and reducing the answers, and 300 times "
        f"the fastest leaves {own * peer['ratio_median'] / 300:,.3g} µs."
    )


def _of_case(case: Found | None) -> list[str]:
    """Say where the time of the single case goes."""
    if case is None or case["engine_us"] is None or case["reducing_us"] is None:
        return []
    asks, steps = case["assess_asks"], case["steps"]
    single = (
        f"- 100 µs for a warm single case: measured {case['engine_us']:,.3g} µs for {case['present']} findings present "
        f"of {case['answers']} answers. The call from Python takes {case['call_us']:,.3g} µs of it, reading and "
        f"reducing the answers and finding the schedule {case['reducing_us'] - case['call_us']:,.3g} µs, and "
        f"{steps} steps over {case['entries']:,.0f} entries, forward and back, "
        f"{case['engine_us'] - case['reducing_us']:,.3g} µs."
    )
    assess = (
        f"- 3 ms for a warm `model.assess` of it: measured {case['assess_ms']:,.3g} ms. It asks the kernels "
        f"{asks['calls']} times, about {asks['rows']} sets of answers (the posterior, and what each alarm would do to "
        f"it were it answered otherwise), which takes {asks['ms']:,.3g} ms."
    )
    return [single, assess]


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
