"""The page of one finding: the question, how common it is without and with each cause, and the rules that use it."""

from __future__ import annotations

from collections.abc import Iterator

from legdx.knowledge import Figure, Finding, FindingFigure, Knowledge
from legdx.report.cause_page import FRAMES, NOTICE, about_finding, codes_line, when_fired
from legdx.report.figure_tables import Links, figure_table, people
from legdx.report.markdown import cell, number, table

__all__ = ["finding_page"]

ROLES = {
    "complaint": "a complaint",
    "attribute": "an attribute of a complaint",
    "associated": "a symptom beside it",
    "sign": "a sign",
    "test": "a test result",
}


def finding_page(knowledge: Knowledge, name: str) -> str:
    """Return the page of the finding `name`, as Markdown."""
    finding, links = knowledge.findings[name], Links(knowledge)
    lines = [*_opening(knowledge, finding, links), "## Without any cause of the model", ""]
    lines += figure_table(("level", "who"), _background(knowledge, finding), links) or ["No figure.", ""]
    rows = list(_with_causes(knowledge, name, links))
    if rows:
        heads = ("in people with", "how", "when", "who")
        lines += ["## With a cause or state of the model", "", *figure_table(heads, rows, links)]
    checks = [((people(c.figure.population),), c.figure) for c in knowledge.checks.values() if c.finding == name]
    if checks:
        lines += ["## In the public, whatever the cause", "", "For comparison only: nothing is solved for these.", ""]
        lines += figure_table(("who",), checks, links)
    return "\n".join([*lines, *_rules(knowledge, name, links), NOTICE, ""])


def _opening(knowledge: Knowledge, finding: Finding, links: Links) -> list[str]:
    text = knowledge.text_of
    asked = text(f"finding.{finding.id}.question")
    lines = [
        f"# {cell(knowledge.label(finding.id))}",
        "",
        f"`{finding.id}` in the model {knowledge.model.id} {knowledge.model.version}:",
        f"{ROLES[finding.role]}, known by {finding.cost.replace('_', ' ')}.",
        "",
    ]
    if asked:
        lines += [f"**Asked as:** {cell(asked)}", ""]
    lines += [f"**Counts when:** {cell(text(f'finding.{finding.id}.threshold') or '-')}", ""]
    if finding.gate is not None:
        lines += [f"Only with: {links.to(finding.gate)}.", ""]
    attributes = [other.id for other in knowledge.findings.values() if other.gate == finding.id]
    if attributes:
        lines += [f"Asked about it: {', '.join(links.to(other) for other in attributes)}.", ""]
    if finding.levels:
        rows = [
            [f"`{level}`", cell(text(f"finding.{finding.id}.level.{level}") or level.replace("_", " "))]
            for level in finding.levels
        ]
        lines += [*table(["level", "in words"], rows), ""]
    if finding.measured is not None:
        cuts = [
            f"{cut.level.replace('_', ' ')} "
            + (f"below {number(cut.below)}" if cut.below is not None else f"above {number(cut.above or 0.0)}")
            for cut in finding.measured.cuts
        ]
        lines += [
            f"Measured: {cell(finding.measured.analyte)} in {cell(finding.measured.unit)}; {', '.join(cuts)}.",
            "",
        ]
    return [*lines, *codes_line(dict(finding.codes))]


def _background(knowledge: Knowledge, finding: Finding) -> Iterator[tuple[tuple[str, ...], Figure]]:
    for entry in finding.background:
        level = "-"
        if entry.level is not None:
            level = cell(knowledge.text_of(f"finding.{finding.id}.level.{entry.level}") or entry.level)
            level += ", or more" if entry.or_more else ""
        yield (level, people(entry.figure.population)), entry.figure


def _with_causes(knowledge: Knowledge, name: str, links: Links) -> Iterator[tuple[tuple[str, ...], Figure]]:
    owners: list[tuple[str, tuple[FindingFigure, ...]]] = [
        *((cause.id, cause.findings) for cause in knowledge.causes.values()),
        *((syndrome.id, syndrome.findings) for syndrome in knowledge.syndromes.values()),
    ]
    for owner, findings in owners:
        for link in (link for link in findings if link.finding == name):
            own = (
                links.to(owner),
                about_finding(link, knowledge),
                FRAMES[link.frame],
                people(link.figure.population),
            )
            yield own, link.figure
            if link.spectrum is not None:
                yield (f"{own[0]}: odds overstated by", "-", "-", "-"), link.spectrum


def _rules(knowledge: Knowledge, name: str, links: Links) -> list[str]:
    rules = [rule for rule in knowledge.red_flags.values() if any(lit.finding == name for lit in rule.literals)]
    if not rules:
        return []
    rows = [
        [
            rule.level.replace("_", "-"),
            cell(knowledge.text_of(f"red_flag.{rule.id}") or rule.id),
            when_fired(rule, links),
            links.source(rule.source),
            rule.grade,
        ]
        for rule in rules
    ]
    return ["## Rules of urgency that use it", "", *table(["level", "rule", "when", "source", "grade"], rows), ""]
