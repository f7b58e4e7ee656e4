"""The statements of an explanation, level by level: one line, a paragraph, all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from legdx.explanation.missing import Missing
from legdx.explanation.narrative import Narrator, capital, share, times
from legdx.explanation.paths import Path
from legdx.explanation.records import Row, Statement, Unavailable, Value
from legdx.explanation.uncertainty import Swing
from legdx.explanation.weights import Weights

__all__ = ["Findings", "all_statements", "line", "paragraph"]

TELLING = 5.0
"""Decibans from which an answer is named; where none has as many, those from 1 deciban on are."""
CLEAR = 1.0
NAMED = 3
IDLE = 0.1
MOVES = 0.01
SURPRISING = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was worked out for level ``all``; None and empty where it was not."""

    complaints: tuple[str, ...] = ()
    explains: float | None = None
    would_go: float | None = None
    posterior: float = 1.0
    paths: tuple[Path, ...] = ()
    missing: tuple[Missing, ...] = ()
    interval: tuple[float, float] | None = None
    first_three: float | None = None
    draws: int = 0
    tornado: tuple[Swing, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()


def line(narrator: Narrator, cause: str, chances: tuple[float, float, float], rows: Sequence[Row]) -> Statement:
    """Return the one line: how likely, and mainly why.

    Args:
        narrator: of the language.
        cause: its id.
        chances: prior, background and posterior probability.
        rows: the heaviest first.

    """
    prior, background, posterior = chances
    values = (
        Value("posterior", posterior, "probability"),
        Value("background", background, "probability"),
        Value("prior", prior, "probability"),
    )
    change = _log_odds(posterior) - _log_odds(background)
    reasons = _named([row for row in _complaints(narrator, rows) if row.weight_decibans * change > 0.0])
    if abs(change) < CLEAR:
        key, reasons = "same", []
    else:
        key = ("up" if change > 0.0 else "down") + ("" if reasons else "_together")
    text = narrator.phrase(
        f"line.{key}",
        cause=capital(narrator.label(cause)),
        posterior=share(posterior),
        background=share(background),
        reasons=narrator.listed([row.given for row in reasons]),
    )
    weights = tuple(Value("+".join(row.answers), row.weight_decibans, "decibans") for row in reasons)
    cited = tuple(one for row in reasons for one in row.cited)
    return Statement(kind="line", text=text, values=(*values, *weights), cited=cited)


def paragraph(
    narrator: Narrator, cause: str, weights: Weights, chances: tuple[float, float, float], rows: Sequence[Row]
) -> Iterator[Statement]:
    """Yield the line and what makes a paragraph of it."""
    yield line(narrator, cause, chances, rows)
    prior, background, _ = chances
    history = weights.background_decibans != weights.prior_decibans
    yield Statement(
        kind="start",
        text=narrator.phrase(
            "paragraph.start" if history else "paragraph.start_alone", prior=share(prior), background=share(background)
        ),
        values=(Value("prior", prior, "probability"), Value("background", background, "probability")),
    )
    rises = _log_odds(chances[2]) - _log_odds(background) >= CLEAR
    for side in ("for", "against"):
        yield _side(narrator, rows, side, together=side == "for" and rises)
    rest = sum(row.direction == "neutral" for row in rows)
    if rest:
        yield Statement(
            kind="rest",
            text=narrator.phrase("paragraph.rest_one" if rest == 1 else "paragraph.rest", number=str(rest)),
            values=(Value("answers", float(rest), "count"),),
        )
    strange = [
        r
        for r in rows
        if r.probability is not None
        and r.probability < SURPRISING
        and narrator.knowledge.kind_of(r.answers[0]) == "finding"
    ]
    strange = sorted((r for r in strange if _is_odd(r)), key=lambda r: r.probability or 0.0)[:NAMED]
    if strange:
        spoken = [
            narrator.inside("paragraph.surprise_one", r.given, share=share(r.probability or 0.0)) for r in strange
        ]
        yield Statement(
            kind="surprise",
            text=narrator.phrase("paragraph.surprise", answers=narrator.listed(spoken)),
            values=tuple(Value("+".join(r.answers), r.probability or 0.0, "probability") for r in strange),
        )
    first = next((row for row in rows if row.cited and row.direction != "neutral"), None)
    if first is not None:
        figures = " ".join(map(capital, narrator.figures(cause, first.cited)))
        yield Statement(kind="figures", text=capital(figures), cited=first.cited)


def _is_odd(row: Row) -> bool:
    """Say whether an answer is rare given the rest because it does not fit, and not only because diseases are rare."""
    return row.direction != "for"


def _side(narrator: Narrator, rows: Sequence[Row], side: str, *, together: bool) -> Statement:
    named = _named([row for row in rows if row.direction == side])
    if not named:
        key = f"paragraph.together_{side}" if together else f"paragraph.nothing_{side}"
        return Statement(kind=side, text=narrator.phrase(key))
    spoken = narrator.listed([narrator.item(row.given, row.weight_decibans) for row in named])
    return Statement(
        kind=side,
        text=narrator.phrase(f"paragraph.{side}", answers=spoken),
        values=tuple(Value("+".join(row.answers), row.weight_decibans, "decibans") for row in named),
        cited=tuple(one for row in named for one in row.cited),
    )


def _named(rows: Sequence[Row]) -> list[Row]:
    """Return the rows to name, heaviest first: the telling ones, or else those that say anything."""
    heavy = [row for row in rows if abs(row.weight_decibans) >= TELLING]
    return (heavy or [row for row in rows if row.direction != "neutral"])[:NAMED]


def _complaints(narrator: Narrator, rows: Sequence[Row]) -> list[Row]:
    """Leave the history out: the line compares with it."""
    return [row for row in rows if narrator.knowledge.kind_of(row.answers[0]) == "finding"]


def all_statements(narrator: Narrator, rows: Sequence[Row], found: Findings) -> Iterator[Statement]:
    """Yield what level ``all`` says beyond the paragraph: what it explains, how, each answer, what is missing."""
    yield from _explains(narrator, found)
    yield from _paths(narrator, found.paths)
    for row in rows:
        if row.direction != "neutral":
            value = Value("+".join(row.answers), row.weight_decibans, "decibans")
            yield Statement(kind="answer", text=row.sentence, values=(value,), cited=row.cited)
    if found.missing:
        yield _missing(narrator, found.missing)
    if found.interval is not None:
        low, high = found.interval
        yield Statement(
            kind="interval",
            text=narrator.phrase("interval", low=share(low), high=share(high)),
            values=(Value("low", low, "probability"), Value("high", high, "probability")),
        )
    if found.first_three is not None:
        yield Statement(
            kind="first_three",
            text=narrator.phrase(
                "first_three", count=str(round(found.first_three * found.draws)), number=str(found.draws)
            ),
            values=(Value("among_first_three", found.first_three, "probability"),),
        )
    moving = [one for one in found.tornado if _is_telling(one)]
    if moving:
        yield _tornado(narrator, moving[:NAMED])
    if found.unavailable:
        named = [narrator.phrase(f"quantity.{one.quantity}") for one in found.unavailable]
        yield Statement(kind="unavailable", text=narrator.phrase("unavailable", quantities=narrator.listed(named)))


def _explains(narrator: Narrator, found: Findings) -> Iterator[Statement]:
    """Say which part of the complaints it is behind."""
    if found.explains is None or not found.complaints:
        return
    number = len(found.complaints)
    idle = found.explains < IDLE * found.posterior
    key = "explains.idle" if idle else "explains.one" if number == 1 else "explains.many"
    yield Statement(
        kind="explains",
        text=narrator.phrase(
            key,
            complaints=narrator.listed([narrator.label(name) for name in found.complaints]),
            explains=share(found.explains),
            would_go=f"{found.would_go or 0.0:.1f}",
            number=str(number),
        ),
        values=(
            Value("explains", found.explains, "probability"),
            *(() if found.would_go is None else (Value("would_go", found.would_go, "count"),)),
        ),
    )


def _paths(narrator: Narrator, paths: Sequence[Path]) -> Iterator[Statement]:
    """Say paths that differ in their last variable alone in one sentence."""
    together: dict[tuple[str, ...], list[Path]] = {}
    for path in paths:
        together.setdefault(path.variables[:-1], []).append(path)
    for start, some in together.items():
        steps = ""
        for at, (name, link) in enumerate(zip(start[1:], some[0].links[:-1], strict=True)):
            key = (
                "path.next"
                if at
                else "path.factor"
                if narrator.knowledge.kind_of(start[0]) == "factor"
                else "path.first"
            )
            before = {"before": steps} if at else {"first": narrator.short(start[0])}
            steps = narrator.phrase(key, name=narrator.short(name), share=share(link), **before)
        ends = [
            narrator.phrase("path.ends", name=narrator.short(path.variables[-1]), share=share(path.links[-1]))
            for path in some
        ]
        values = {
            f"{a}->{b}": Value(f"{a}->{b}", link, "probability")
            for path in some
            for a, b, link in zip(path.variables[:-1], path.variables[1:], path.links, strict=True)
        }
        text = narrator.phrase(
            "path", steps=capital(narrator.phrase("path.end", before=steps, ends=narrator.listed(ends)))
        )
        yield Statement(kind="path", text=text, values=tuple(values.values()))


def _missing(narrator: Narrator, missing: Sequence[Missing]) -> Statement:
    spoken = [_question(narrator, one) for one in missing]
    values = [
        Value(f"{one.variable}.{kind}", number, "decibans")
        for one in missing
        for kind, number in (("present", one.if_present_decibans), ("absent", one.if_absent_decibans))
    ]
    return Statement(
        kind="missing", text=narrator.phrase("missing", answers=narrator.listed(spoken)), values=tuple(values)
    )


def _question(narrator: Narrator, one: Missing) -> str:
    """Say what a missing answer would do; of how a complaint is, the lowest level against all others."""
    parts = {"present": _odds(narrator, one.if_present_decibans), "absent": _odds(narrator, one.if_absent_decibans)}
    if not _is_graded_attribute(narrator, one.variable):
        return narrator.phrase("missing.one", answer=narrator.label(one.variable), **parts)
    level = narrator.knowledge.findings[one.variable].levels[0]
    text = narrator.knowledge.text_of(f"finding.{one.variable}.level.{level}", narrator.language)
    return narrator.phrase("missing.graded", answer=narrator.label(one.variable), level=text or level, **parts)


def _is_graded_attribute(narrator: Narrator, name: str) -> bool:
    finding = narrator.knowledge.findings.get(name)
    return finding is not None and finding.gate is not None and bool(finding.levels)


def _odds(narrator: Narrator, decibans: float) -> str:
    return narrator.phrase("missing.times" if decibans >= 0.0 else "missing.divided", factor=times(decibans))


def _is_telling(one: Swing) -> bool:
    """Say whether a number moves the odds clearly and the probability by one part in a hundred: 99 % stays 99 %."""
    low, high = sorted((one.low, one.high))
    return abs(one.swing_decibans) >= CLEAR and high - low >= MOVES * high


def _tornado(narrator: Narrator, swings: Sequence[Swing]) -> Statement:
    spoken = [
        narrator.phrase(
            _moved(narrator, one),
            variable=narrator.short(one.variable),
            low=share(min(one.low, one.high)),
            high=share(max(one.low, one.high)),
            **({} if one.parent is None else {"parent": narrator.short(one.parent)}),
        )
        for one in swings
    ]
    values = [
        Value(f"{one.parent or 'leak'}->{one.variable}.{end}", number, "probability")
        for one in swings
        for end, number in (("low", one.low), ("high", one.high))
    ]
    return Statement(
        kind="tornado", text=narrator.phrase("tornado", numbers=narrator.listed(spoken)), values=tuple(values)
    )


def _moved(narrator: Narrator, one: Swing) -> str:
    if one.parent is not None:
        if _is_graded_attribute(narrator, one.variable):
            return "tornado.link_graded"
        finding = narrator.knowledge.findings.get(one.variable)
        return "tornado.link" if finding is None or finding.gate is None else "tornado.link_attribute"
    return "tornado.leak" if narrator.knowledge.kind_of(one.variable) is not None else "tornado.outside"


def _log_odds(probability: float) -> float:
    if probability <= 0.0 or probability >= 1.0:
        return math.copysign(math.inf, probability - 0.5)
    return 10.0 * math.log10(probability / (1.0 - probability))
