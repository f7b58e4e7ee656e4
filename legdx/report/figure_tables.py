"""Figures as rows of a table: the number, its interval, the source with its place, the grade, and what was derived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from legdx.explanation.sources import short_reference
from legdx.knowledge import Figure, Knowledge, Population, Risk
from legdx.report.markdown import cell, number, table

__all__ = ["HEADS", "INTERVALS", "Links", "figure_cells", "figure_table", "people", "risk_table"]

HEADS = ("value", "interval", "as printed", "source", "grade", "note", "figure")
INTERVALS = {
    "ci95": "95 % interval",
    "ci90": "90 % interval",
    "wilson95": "95 % interval, Wilson",
    "range": "range",
    "class": "class",
    "judged": "judged",
    "definition": "by definition",
}
MEASURES = {
    "relative_risk": "relative risk",
    "odds_ratio": "odds ratio",
    "hazard_ratio": "hazard ratio",
    "rate_ratio": "rate ratio",
    "probability": "probability",
}
UNITS = {"probability": "", "ratio": "", "per_person_year": " a year", "days": " days"}


@dataclass(frozen=True, slots=True)
class Links:
    """Where pages stand, seen from one of them: `up` leads to the folder of all pages ("", or "../")."""

    knowledge: Knowledge
    up: str = "../"

    def to(self, name: str) -> str:
        """Return a link to the page of a cause or finding, or to the entry of a factor, syndrome or group."""
        label = cell(self.knowledge.label(name))
        match self.knowledge.kind_of(name):
            case "cause":
                return f"[{label}]({self.up}causes/{name}.md)"
            case "finding":
                return f"[{label}]({self.up}findings/{name}.md)"
            case "factor":
                return f"[{label}]({self.up}factors.md#{name})"
            case "syndrome":
                return f"[{label}]({self.up}syndromes.md#{name})"
            case "group":
                return f"[{label}]({self.up}README.md#groups)"
            case _:
                return label

    def source(self, key: str) -> str:
        """Return a link to the entry of a source."""
        return f"[{cell(key)}]({self.up}sources.md#{key})"


def figure_table(first: Sequence[str], rows: Iterable[tuple[Sequence[str], Figure]], links: Links) -> list[str]:
    """Return a table with some columns of its own and then those of the figures; empty without a row.

    Args:
        first: heads of the own columns.
        rows: the own cells, as Markdown, and the figure.
        links: for the sources.

    """
    lines = [[*own, *figure_cells(figure, links)] for own, figure in rows]
    return [*table([*first, *HEADS], lines), ""] if lines else []


def figure_cells(figure: Figure, links: Links) -> list[str]:
    """Return the cells under ``HEADS``."""
    unit = UNITS[figure.unit]
    source = links.source(figure.source)
    if figure.source in links.knowledge.bibliography:
        source += f" ({cell(short_reference(links.knowledge, figure))})"
    if figure.locator:
        source += f", {cell(figure.locator)}"
    notes = [
        "for comparison only" if figure.role == "check" else "",
        f"contested: {figure.contested}" if figure.contested else "",
        "" if figure.opened else "the text with the number was not opened",
        figure.note or "",
    ]
    return [
        f"{number(figure.value)}{unit}",
        f"{number(figure.low)} to {number(figure.high)} ({INTERVALS.get(figure.interval, figure.interval)})",
        cell(figure.printed) if figure.printed else "-",
        source,
        figure.grade,
        cell("; ".join(note for note in notes if note)) or "-",
        f"`{figure.id}`",
    ]


def risk_table(risks: Iterable[Risk], links: Links) -> list[str]:
    """Return the arrows into a cause or factor as a table; empty without one."""
    rows = [
        (
            (
                links.to(risk.from_id),
                MEASURES[risk.measure],
                cell(risk.state)
                if risk.measure == "probability"
                else f"{cell(risk.state)} against {cell(risk.compared_with)}",
                people(risk.figure.population),
            ),
            risk.figure,
        )
        for risk in risks
    ]
    return figure_table(("from", "measure", "state", "who"), rows, links)


def people(population: Population) -> str:
    """Return whom a figure is about.

    >>> people(Population(40, 99, "female")), people(Population())
    ('women, 40 to 99', 'adults')
    """
    who = {"female": "women", "male": "men", None: "adults"}[population.sex]
    everybody = Population()
    if (population.age_low, population.age_high) == (everybody.age_low, everybody.age_high):
        return who
    return f"{who}, {population.age_low} to {population.age_high}"
