"""Which published figures tie an answer to a cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from legdx.explanation.records import Cited
from legdx.knowledge import BackgroundFigure, Cause, Figure, FindingFigure, Knowledge, Population
from legdx.network.structure import AGE, SEX

__all__ = ["cited_for", "short_reference"]

JUDGED = "editorial_judgement"
_GRADES = "ABCD"


def cited_for(
    knowledge: Knowledge, cause: Cause, variable: str, state: str | None, person: Population
) -> tuple[Cited, ...]:
    """Return the best figure of each kind that ties the variable to the cause; empty when nothing does directly.

    Args:
        knowledge: the model's knowledge.
        cause: the cause explained.
        variable: the answered variable.
        state: its state, None where the answer is soft.
        person: age and sex so far as known, to choose among figures by band.

    """
    if variable in {AGE, SEX}:
        figures = [p.figure for p in cause.prevalence if p.quantity == "prevalence"]
        return _cite(knowledge, "prevalence", _best(figures, person))
    if variable in knowledge.findings:
        return _finding(knowledge, cause, variable, state, person)
    found: tuple[Cited, ...] = ()
    risks = [r for r in cause.risks if r.from_id == variable]
    for measure in sorted({r.measure for r in risks}):
        about = "given" if measure == "probability" else measure
        found += _cite(knowledge, about, _best([r.figure for r in risks if r.measure == measure], person))
    return found


def short_reference(knowledge: Knowledge, figure: Figure) -> str:
    """Name a source in a few words: first author or title, year, and place in it."""
    entry = knowledge.bibliography[figure.source]
    authors = entry.authors or ""
    name = authors.split(",")[0].split(" et al")[0].strip()
    known = name and name[0].isupper() and len(name) <= len(_LONGEST_NAME)
    who = name if known else entry.title
    year = f" {entry.year}" if entry.year else ""
    return f"{who}{year}"


_LONGEST_NAME = "Institute for Health Metrics and Evaluation"


def _finding(
    knowledge: Knowledge, cause: Cause, variable: str, state: str | None, person: Population
) -> tuple[Cited, ...]:
    levels = set(knowledge.findings[variable].levels)
    level = state if state in levels else None
    own = list(_matching((f for f in cause.findings if f.finding == variable), level))
    background = list(_matching(knowledge.findings[variable].background, level))
    if not own:
        return ()
    return (
        *_cite(knowledge, "in_cause", _best([f.figure for f in own], person)),
        *_cite(knowledge, "background", _best([f.figure for f in background], person)),
    )


def _matching(
    figures: Iterable[FindingFigure] | Iterable[BackgroundFigure], level: str | None
) -> Iterator[FindingFigure | BackgroundFigure]:
    return (f for f in figures if f.level == level)


def _best(figures: list[Figure], person: Population) -> Figure | None:
    """Prefer a figure that solves, about such a person, of the best grade, about the narrowest group."""

    def key(figure: Figure) -> tuple[bool, bool, int, int]:
        who = figure.population
        fits = who.sex in {None, person.sex} and who.age_low <= person.age_high and who.age_high >= person.age_low
        return figure.role != "solve", not fits, _GRADES.index(figure.grade), who.age_high - who.age_low

    return min(figures, key=key, default=None)


def _cite(knowledge: Knowledge, about: str, figure: Figure | None) -> tuple[Cited, ...]:
    if figure is None:
        return ()
    return (
        Cited(
            figure=figure.id,
            about=about,
            value=figure.value,
            low=figure.low,
            high=figure.high,
            source=figure.source,
            reference=short_reference(knowledge, figure),
            grade=figure.grade,
            printed=figure.printed,
            locator=figure.locator,
        ),
    )
