"""Which published figures tie an answer to a cause."""

from __future__ import annotations

from legdx.explanation.records import Cited
from legdx.knowledge import Cause, Figure, Knowledge, Population
from legdx.network.structure import AGE, SEX

__all__ = ["cited_for", "short_reference"]

JUDGED = "editorial_judgement"
UNKNOWN = "not shown"
"""What the bibliography has in place of authors that its copy does not name."""

LONGEST_NAME, LONGEST_TITLE = 45, 60
EVERYONE = Population()
ABOUT_THAT_AGE = 25
"""Years that a band may span to be said of people of about an age."""


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
        for quantity in ("prevalence", "incidence"):
            figures = [p.figure for p in cause.prevalence if p.quantity == quantity and _tells(variable, p.figure)]
            if figures:
                figure = min(figures, key=lambda f: (f.role != "solve", not _fits(f, person), _width(f), f.grade))
                about = (
                    quantity if _fits(figure, person) and _width(figure) <= ABOUT_THAT_AGE else f"{quantity}_of_adults"
                )
                return _cite(knowledge, (variable, None, about), figure)
    if variable in knowledge.findings:
        return _finding(knowledge, cause, variable, state, person)
    found: tuple[Cited, ...] = ()
    risks = [r for r in cause.risks if r.from_id == variable and (state is None or state in {r.state, r.compared_with})]
    for measure in sorted({r.measure for r in risks}):
        about = "given" if measure == "probability" else measure
        found += _cite(
            knowledge, (variable, None, about), _best([r.figure for r in risks if r.measure == measure], person)
        )
    return found


def _tells(variable: str, figure: Figure) -> bool:
    """Say whether a rate says anything of age, or of sex: one of all adults ties neither to the cause."""
    who = figure.population
    if variable == SEX:
        return who.sex is not None
    return (who.age_low, who.age_high) != (EVERYONE.age_low, EVERYONE.age_high)


def short_reference(knowledge: Knowledge, figure: Figure) -> str:
    """Name a source in a few words: first author or title, year, and place in it."""
    entry = knowledge.bibliography[figure.source]
    name = (entry.authors or "").partition(",")[0].partition(" et al")[0].strip()
    known = name[:1].isupper() and len(name) <= LONGEST_NAME and UNKNOWN not in name.lower()
    who = name if known else _short(entry.title)
    return f"{who} {entry.year}" if entry.year else who


def _short(title: str) -> str:
    """Return a title's first clause, cut at a word where that is still long."""
    clause = title.partition(": ")[0].partition(" (")[0]
    return clause if len(clause) <= LONGEST_TITLE else clause[:LONGEST_TITLE].rsplit(" ", 1)[0] + " ..."


def _finding(
    knowledge: Knowledge, cause: Cause, variable: str, state: str | None, person: Population
) -> tuple[Cited, ...]:
    levels = set(knowledge.findings[variable].levels)
    level = state if state in levels else None
    mine = [f for f in cause.findings if f.finding == variable]
    everywhere = list(knowledge.findings[variable].background)
    stated = sorted({(f.level or "", f.or_more) for f in mine} & {(f.level or "", f.or_more) for f in everywhere})
    chosen = next((s for s in stated if s[0] == (level or "")), next(iter(stated), None))
    if chosen is None:
        return ()
    own = [f for f in mine if (f.level or "", f.or_more) == chosen]
    background = [f for f in everywhere if (f.level or "", f.or_more) == chosen]
    level = f"{chosen[0]}_or_more" if chosen[1] else chosen[0] or None
    return (
        *_cite(knowledge, (variable, level, "in_cause"), _best([f.figure for f in own], person)),
        *_cite(knowledge, (variable, level, "background"), _best([f.figure for f in background], person)),
    )


def _best(figures: list[Figure], person: Population) -> Figure | None:
    """Prefer a figure that solves, about such a person, of the best grade, about the narrowest group."""

    def key(figure: Figure) -> tuple[bool, bool, str, int]:
        return figure.role != "solve", not _fits(figure, person), figure.grade, _width(figure)

    return min(figures, key=key, default=None)


def _fits(figure: Figure, person: Population) -> bool:
    who = figure.population
    return who.sex in {None, person.sex} and who.age_low <= person.age_high and who.age_high >= person.age_low


def _width(figure: Figure) -> int:
    return figure.population.age_high - figure.population.age_low


def _cite(knowledge: Knowledge, what: tuple[str, str | None, str], figure: Figure | None) -> tuple[Cited, ...]:
    if figure is None:
        return ()
    return (
        Cited(
            figure=figure.id,
            variable=what[0],
            level=what[1],
            about=what[2],
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
