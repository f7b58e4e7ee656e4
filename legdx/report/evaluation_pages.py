"""The pages of an evaluation, from its stored records; every number stands in the record already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from legdx.report.markdown import cell, percent, table

__all__ = ["evaluation_page", "misses_page", "rate_cell", "standard_rows"]

LEVELS = ("emergency", "urgent", "routine", "self_care")
WAYS = {
    "posterior": "posterior; the primary name or an acceptable one counts",
    "primary": "posterior; the primary name alone counts",
    "ranking": "ranking; the primary name or an acceptable one counts",
}
STANDARDS = (
    ("top-3 at least 80 %", ("top", "posterior", "3")),
    ("top-1 at least 55 %", ("top", "posterior", "1")),
    ("no emergency below urgent", ("emergency_below_urgent",)),
    ("routine and self-care at urgent or above at most 30 %", ("calm_at_urgent_or_above",)),
)
"""What the first section is held to, and where its rate stands."""

STATUS = {
    "under_18": "under 18, not scored",
    "too_costly": "too costly",
    "impossible": "impossible under the model",
    "scored": "",
}

Record = Mapping[str, Any]


def evaluation_page(first: Record, last: Record | None, command: str) -> str:
    """Return the page: the first evaluation, and the last one beside it where there is one.

    Args:
        first: ``Evaluation.to_dict`` of the first run.
        last: of the last run; None while there is only one.
        command: what writes the page.

    """
    shown = first if last is None else last
    runs = [("first", first)] if last is None else [("first", first), ("last", last)]
    lines = [
        "# How the model does on published cases",
        "",
        f"Written by `{command}`.",
        "The cases stand in [data/vignettes.jsonl](../../data/vignettes.jsonl);",
        "[data/README.md](../../data/README.md) says how they were mapped. Nothing in the model was fitted to them.",
        "",
        *table(
            ["run", "model", "digest", "legdx"],
            [
                [name, f"{r['stamp']['model']} {r['stamp']['version']}", r["stamp"]["digest"], r["stamp"]["legdx"]]
                for name, r in runs
            ],
        ),
        "",
        f"Intervals hold 95 %: percentile bootstrap over cases, {shown['bootstrap']['resamples']:,} resamples, seed",
        f"{shown['bootstrap']['seed']}; where all cases agree, Clopper and Pearson. Causes that were part of the",
        "answers, as a known diagnosis, have no place among the suggestions. The mix of causes here is not that of the",
        "public. Urgency is held against a cautious reading of each case, not against a statement of its source.",
        "",
        *_headline(runs),
        *_sections(shown),
        *_without(shown),
        *_urgency(shown),
        *_cases(shown),
        *_lacks(shown),
        "legdx informs. It is not a medical device and replaces no clinician.",
        "",
    ]
    return "\n".join(lines)


def standard_rows(section: Record) -> list[list[str]]:
    """Return what a section is held to, and what was found, as rows."""
    return [[what, rate_cell(_at(section, path))] for what, path in STANDARDS]


def _headline(runs: Sequence[tuple[str, Record]]) -> list[str]:
    name = runs[0][1]["sections"][0]["name"]
    sections = [(run, r["sections"][0]) for run, r in runs]
    found = [[cells[1] for cells in standard_rows(section)] for _, section in sections]
    rows = [[what, *cells] for (what, _), *cells in zip(STANDARDS, *found, strict=True)]
    return [
        f"## What it is held to: {name}",
        "",
        *table(["standard", *(f"{run} ({section['cases']} cases)" for run, section in sections)], rows),
        "",
    ]


def _at(record: Record, path: Sequence[str]) -> Record:
    for name in path:
        record = record[name]
    return record


def _sections(record: Record) -> list[str]:
    lines = ["## Right causes among the first", "", "A case without a result is a miss.", ""]
    for way, words in WAYS.items():
        sections = [s for s in record["sections"] if way in s["top"]]
        if sections:
            rows = [
                [s["name"], str(s["cases"]), *(rate_cell(s["top"][way][k]) for k in ("1", "3", "5"))] for s in sections
            ]
            lines += [f"By {words}:", "", *table(["cases", "number", "top-1", "top-3", "top-5"], rows), ""]
    return lines


def _without(record: Record) -> list[str]:
    whole = next(s for s in record["sections"] if s["name"] == "all adults")
    missing = whole["cases"] - whole["scored"]
    slow = sum(o["slow"] for o in record["outcomes"] if o["facts"] == "all")
    lines = [
        f"Adults: {whole['cases']} cases, {whole['scored']} scored, {missing} without a result.",
        f"Rows that need more than the default budget of one predicted second: {slow}; the budget here was",
        f"{record['budget_seconds']:g} s.",
        "",
    ]
    if missing:
        tops = whole["top_scored"]["posterior"]
        shares = ", ".join(f"top-{k} {rate_cell(tops[k])}" for k in ("1", "3", "5"))
        lines += [f"Without those, by posterior, of all adults: {shares}.", ""]
    return lines


def _urgency(record: Record) -> list[str]:
    lines = ["## Urgency", ""]
    heads = ["wanted", *(f"given {level.replace('_', '-')}" for level in LEVELS), "none"]
    for name, wanted in record["urgency"].items():
        rows = [
            [level.replace("_", "-"), *(str(wanted[level][given]) for given in (*LEVELS, "none"))] for level in LEVELS
        ]
        lines += [f"Cases, {name}:", "", *table(heads, rows), ""]
    rows = [
        [
            s["name"],
            *(
                rate_cell(s[what])
                for what in ("under_triaged", "over_triaged", "emergency_below_urgent", "calm_at_urgent_or_above")
            ),
        ]
        for s in record["sections"]
    ]
    heads = [
        "cases",
        "lower than wanted",
        "higher",
        "emergencies below urgent",
        "routine or self-care at urgent or above",
    ]
    return [*lines, *table(heads, rows), ""]


def _cases(record: Record) -> list[str]:
    rows = [
        [
            o["id"],
            o["confidence"],
            o["leg_relevance"],
            str(o["answers"]),
            STATUS[o["status"]] or f"`{o['best']}`",
            str(o["rank"] or "-"),
            "-" if o["probability"] is None else percent(o["probability"]),
            ", ".join(f"`{cause}` {percent(p)}" for cause, p in o["first"][:3]),
            o["wanted"].replace("_", "-"),
            (o["given"] or "-").replace("_", "-"),
        ]
        for o in record["outcomes"]
        if o["facts"] == "all"
    ]
    heads = ["case", "gold", "legs", "answers", "right cause", "rank", "posterior", "first three", "wanted", "given"]
    return [
        "## Case by case",
        "",
        "With all facts. Those that were missed are taken apart in [misses.md](misses.md).",
        "",
        *table(heads, rows),
        "",
    ]


def _lacks(record: Record) -> list[str]:
    facts = record["facts"]
    rows = [[cell(lack["what"]), str(len(lack["cases"])), ", ".join(lack["cases"])] for lack in record["lacks"]]
    return [
        "## What the model lacks",
        "",
        f"Of {facts['told']} facts {facts['mapped']} became answers, whole or in part. For {facts['no_variable']},",
        f"or for a part of them, the model has no variable; {facts['other_threshold']} are asked for in another way,",
        f"and {facts['not_specific']} are too vague for any answer.",
        "",
        *table(["what cases tell", "cases", "which"], rows),
        "",
    ]


def misses_page(record: Record, command: str) -> str:
    """Return the page of the missed cases: rank, posterior, and what each answer did.

    Args:
        record: ``Evaluation.to_dict`` of a run.
        command: what writes the page.

    """
    outcomes = {o["id"]: o for o in record["outcomes"] if o["facts"] == "all"}
    ranked, low = ([miss["id"] for miss in record["misses"] if miss[name]] for name in ("rank_missed", "under_triaged"))
    lines = [
        "# The cases that the model missed",
        "",
        f"Written by `{command}`;",
        f"model {record['stamp']['version']}, digest {record['stamp']['digest']}.",
        "",
        f"No right cause among the first three: {len(ranked)} ({', '.join(ranked) or 'none'}).",
        "",
        f"Put at a lower urgency than wanted: {len(low)} ({', '.join(low) or 'none'}).",
        "",
        "Weights of evidence are in decibans (10 log10 of odds), leave-one-out: what the odds would lose without the",
        "answer; +10 makes them ten times as high. What speaks against the right cause stands first.",
        "",
    ]
    for miss in record["misses"]:
        lines += _miss(miss, outcomes[miss["id"]])
    return "\n".join(lines)


def _miss(miss: Record, outcome: Record) -> list[str]:
    firsts = ", ".join(f"`{cause}` {percent(p)}" for cause, p in outcome["first"][:3]) or "-"
    lines = [f"## {miss['id']}", ""]
    if miss["under_triaged"]:
        lines += [f"Urgency: {outcome['given']} given, {outcome['wanted']} wanted.", ""]
    if outcome["status"] != "scored":
        return [*lines, f"No result: {STATUS[outcome['status']]}.", ""]
    right = f"Right: `{outcome['best']}`, rank {outcome['rank']}, posterior {percent(outcome['probability'])}."
    lines += [f"{right} First: {firsts}.", ""]
    if miss["rank_missed"] and miss["weighed"]:
        rows = [[cell(w["given"]), _decibans(w["right"]), _decibans(w["first"])] for w in miss["weighed"]]
        lines += [*table(["answer", f"`{miss['right']}`", f"`{miss['first']}`"], rows), ""]
    elif miss["rank_missed"]:
        lines += ["The answers were too costly to weigh.", ""]
    return lines


def _decibans(weight: float | None) -> str:
    return "-" if weight is None else f"{weight:+.1f}"


def rate_cell(rate: Record) -> str:
    """Return hits, number, share and interval of a stored rate."""
    if rate["share"] is None:
        return "-"
    return f"{rate['hits']}/{rate['of']} = {percent(rate['share'])} ({percent(rate['low'])} to {percent(rate['high'])})"
