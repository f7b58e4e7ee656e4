"""The pages that hold many entries: the index, factors, syndromes, sources."""

from __future__ import annotations

from collections.abc import Iterator

from legdx.knowledge import Cause, Factor, Figure, Knowledge, Reference
from legdx.report.cause_page import FRAMES, NOTICE, about_finding
from legdx.report.figure_tables import Links, figure_table, people, risk_table
from legdx.report.markdown import cell, table

__all__ = ["factors_page", "index_page", "sources_page", "syndromes_page"]

GRADES = {
    "A": "cohort, meta-analysis, registry",
    "B": "review, reference work",
    "C": "weak: another threshold, another group, a class midpoint",
    "D": "judgement, or a source that was not opened",
}


def index_page(knowledge: Knowledge) -> str:
    """Return the page that leads to all others."""
    links = Links(knowledge, "")
    provisional = sum(knowledge.is_provisional(cause) for cause in knowledge.causes)
    lines = [
        f"# What the model {knowledge.model.id} {knowledge.model.version} believes, and why",
        "",
        "Written by `legdx report` from the knowledge files; every number stands with its interval, its source and the",
        "figure as the source prints it.",
        "",
        f"{len(knowledge.causes)} causes ({provisional} provisional: encoded once),",
        f"{len(knowledge.findings)} findings, {len(knowledge.factors)} factors, {len(knowledge.bibliography)} sources.",
        "[Factors](factors.md) · [states between causes and findings](syndromes.md) · [sources](sources.md)",
        "",
        *table(["grade", "what a number rests on"], [[grade, words] for grade, words in GRADES.items()]),
        "",
        "## Causes",
        "",
    ]
    rows = [
        [
            links.to(cause.id),
            f"`{cause.id}`",
            cause.course,
            cause.seriousness.level,
            _status(knowledge, cause.id),
            _grades(cause.figures()),
        ]
        for cause in knowledge.causes.values()
    ]
    lines += [
        *table(["cause", "id", "course", "to miss it is", "numbers", "figures by grade"], rows),
        "",
        "## Groups",
        "",
    ]
    rows = [
        [cell(knowledge.label(group.id)), f"`{group.id}`", ", ".join(links.to(member) for member in group.members)]
        for group in knowledge.groups.values()
    ]
    lines += [*table(["group", "id", "members"], rows), "", "## Findings", ""]
    rows = [
        [links.to(finding.id), f"`{finding.id}`", finding.role, finding.cost.replace("_", " ")]
        for finding in knowledge.findings.values()
    ]
    return "\n".join([*lines, *table(["finding", "id", "role", "known by"], rows), "", NOTICE, ""])


def factors_page(knowledge: Knowledge) -> str:
    """Return the page of all factors; each is a heading of its own."""
    links = Links(knowledge, "")
    lines = ["# Factors: exposures, medicines, history", ""]
    for factor in knowledge.factors.values():
        asked = knowledge.text_of(f"factor.{factor.id}.question")
        lines += [f"## {factor.id}", "", f"{cell(knowledge.label(factor.id))}. {cell(asked or '')}", ""]
        if factor.only is not None:
            lines += [f"Only in {people(factor.only)}.", ""]
        rows = [
            ((cell(entry.state), people(figure.population)), figure)
            for entry in factor.prevalence
            for figure in entry.figures()
        ]
        lines += figure_table(("state", "who"), rows, links)
        if factor.risks:
            lines += ["Goes with, at the same age and sex:", "", *risk_table(factor.risks, links)]
        owners: list[Factor | Cause] = [*knowledge.factors.values(), *knowledge.causes.values()]
        moved = [owner.id for owner in owners if any(risk.from_id == factor.id for risk in owner.risks)]
        if moved:
            lines += [f"Bears on: {', '.join(links.to(cause) for cause in moved)}.", ""]
    return "\n".join([*lines, NOTICE, ""])


def syndromes_page(knowledge: Knowledge) -> str:
    """Return the page of all syndromes; each is a heading of its own."""
    links = Links(knowledge, "")
    lines = [
        "# States between causes and findings",
        "",
        "They make findings go together; nobody is asked for them.",
        "",
    ]
    for syndrome in knowledge.syndromes.values():
        lines += [
            f"## {syndrome.id}",
            "",
            f"{cell(knowledge.label(syndrome.id))}.",
            "",
            "Without any cause of the model:",
            "",
        ]
        background = [((people(figure.population),), figure) for figure in syndrome.background]
        lines += figure_table(("who",), background, links) or ["No figure.", ""]
        rows: list[tuple[tuple[str, ...], Figure]] = []
        for link in syndrome.findings:
            own = (links.to(link.finding), about_finding(link, knowledge), FRAMES[link.frame])
            rows.append((own, link.figure))
            if link.spectrum is not None:
                rows.append(((f"{own[0]}: odds overstated by", "-", "-"), link.spectrum))
        if rows:
            lines += ["What comes with it:", "", *figure_table(("finding", "how", "when"), rows, links)]
        causes = [c.id for c in knowledge.causes.values() if any(link.syndrome == syndrome.id for link in c.syndromes)]
        if causes:
            lines += [f"Brought by: {', '.join(links.to(cause) for cause in causes)}.", ""]
    return "\n".join([*lines, NOTICE, ""])


def sources_page(knowledge: Knowledge) -> str:
    """Return the bibliography; each entry is a heading of its own."""
    lines = ["# Sources", ""]
    for key in sorted(knowledge.bibliography):
        lines += [f"## {key}", "", *_entry(knowledge.bibliography[key]), ""]
    return "\n".join([*lines, NOTICE, ""])


def _entry(entry: Reference) -> Iterator[str]:
    parts = [entry.authors, f"{entry.title}", entry.where, str(entry.year) if entry.year else None]
    yield ". ".join(cell(part).rstrip(".") for part in parts if part) + "."
    links = []
    if entry.doi:
        links.append(f"[doi:{cell(entry.doi)}](https://doi.org/{_address(entry.doi)})")
    if entry.pmid:
        links.append(f"[PubMed {entry.pmid}](https://pubmed.ncbi.nlm.nih.gov/{entry.pmid}/)")
    if entry.url:
        links.append(f"<{_address(entry.url)}>" if "://" in entry.url else cell(entry.url))
    if links:
        yield " · ".join(links)
    yield ""
    yield f"Cited for: {cell(entry.why)}."


def _address(text: str) -> str:
    return text.replace(" ", "%20").replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")


def _status(knowledge: Knowledge, cause: str) -> str:
    return "provisional" if knowledge.is_provisional(cause) else "encoded twice"


def _grades(figures: Iterator[Figure]) -> str:
    found = [figure.grade for figure in figures]
    return ", ".join(f"{grade} {found.count(grade)}" for grade in GRADES if grade in found)
