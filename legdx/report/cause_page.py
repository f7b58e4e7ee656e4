"""The page of one cause: what it is, every figure about it with its source, the advice and the rules."""

from __future__ import annotations

from collections.abc import Iterator

from legdx.knowledge import Cause, Figure, FindingFigure, Knowledge, RedFlag
from legdx.report.figure_tables import Links, figure_table, people, risk_table
from legdx.report.markdown import cell, table

__all__ = ["NOTICE", "about_finding", "cause_page", "codes_line", "status_of", "when_fired"]

NOTICE = "legdx informs. It is not a medical device and replaces no clinician."
PROVISIONAL = "Provisional: its numbers were encoded once."
VERIFIED = "Encoded twice: a second reading of the sources, without looking at the first, agreed."
FRAMES = {
    "current": "now",
    "onset": "at the start",
    "ever": "ever",
    "lifetime_course": "over the whole course",
}
KINDS = {"self_care": "what one can do", "work_up": "what to have looked at", "treatment": "what doctors do"}


def cause_page(knowledge: Knowledge, name: str) -> str:
    """Return the page of the cause `name`, as Markdown."""
    cause, links = knowledge.causes[name], Links(knowledge)
    return "\n".join([*_opening(knowledge, cause, links), *_figures(cause, links), *_doing(knowledge, cause, links)])


def status_of(knowledge: Knowledge, name: str) -> str:
    """Return in a sentence whether the numbers of a cause are provisional."""
    return PROVISIONAL if knowledge.is_provisional(name) else VERIFIED


def codes_line(codes: dict[str, str]) -> list[str]:
    """Return a line with the codes, or nothing."""
    return (
        [f"Codes: {', '.join(f'{cell(system)} {cell(code)}' for system, code in codes.items())}.", ""] if codes else []
    )


def about_finding(link: FindingFigure, knowledge: Knowledge) -> str:
    """Return level, path and effect of a finding's figure in words."""
    words = []
    if link.level is not None:
        level = knowledge.text_of(f"finding.{link.finding}.level.{link.level}") or link.level.replace("_", " ")
        words.append(f"{level}, or more" if link.or_more else level)
    if link.via is not None:
        words.append(f"through {knowledge.label(link.via)}")
    if link.effect == "suppresses":
        words.append("makes it rarer")
    return cell("; ".join(words)) or "-"


def when_fired(rule: RedFlag, links: Links) -> str:
    """Return what makes a rule fire, with links; what only a denial ends stands last."""
    parts = [
        ("unless denied: " if literal.unless_denied else "")
        + links.to(literal.finding)
        + (f", {cell(literal.at_least)} or more" if literal.at_least else "")
        for literal in sorted(rule.literals, key=lambda literal: literal.unless_denied)
    ]
    return " and ".join(parts)


def _opening(knowledge: Knowledge, cause: Cause, links: Links) -> list[str]:
    text = knowledge.text_of
    groups = [group for group in knowledge.groups.values() if cause.id in group.members]
    lines = [
        f"# {cell(knowledge.label(cause.id))}",
        "",
        f"`{cause.id}` in the model {knowledge.model.id} {knowledge.model.version}. {status_of(knowledge, cause.id)}",
        "",
        cell(text(f"cause.{cause.id}.summary") or ""),
        "",
        f"**Counts when:** {cell(text(f'cause.{cause.id}.definition') or '-')}",
        "",
        f"Course: {cause.course}. To miss it is {cause.seriousness.level}.",
        "",
    ]
    if cause.seriousness.urgent_above is not None:
        lines[-2] += f" From a probability of {cause.seriousness.urgent_above:g} on it makes the case urgent."
    if groups:
        lines += [f"Belongs to: {', '.join(links.to(group.id) for group in groups)}.", ""]
    return [*lines, *codes_line(dict(cause.codes))]


def _figures(cause: Cause, links: Links) -> list[str]:
    knowledge = links.knowledge
    lines = ["## How common it is", ""]
    lines += figure_table(("what", "who"), _prevalence(cause), links) or ["No figure.", ""]
    if cause.risks:
        lines += ["## What makes it likelier or less likely", "", *risk_table(cause.risks, links)]
    if cause.syndromes:
        lines += ["## The states that it brings", ""]
        rows = [
            row
            for link in cause.syndromes
            for row in _with_spectrum(
                (links.to(link.syndrome), people(link.figure.population)), link.figure, link.spectrum
            )
        ]
        lines += figure_table(("state", "who"), rows, links)
    if cause.findings:
        lines += ["## What people with it have", ""]
        rows = [
            row
            for link in cause.findings
            for row in _with_spectrum(
                (
                    links.to(link.finding),
                    about_finding(link, knowledge),
                    FRAMES[link.frame],
                    people(link.figure.population),
                ),
                link.figure,
                link.spectrum,
            )
        ]
        lines += figure_table(("finding", "how", "when", "who"), rows, links)
    return lines


def _prevalence(cause: Cause) -> Iterator[tuple[tuple[str, ...], Figure]]:
    for entry in cause.prevalence:
        what = "new cases in a person-year" if entry.quantity == "incidence" else "share who have it now"
        yield (what, people(entry.figure.population)), entry.figure
        if entry.duration is not None:
            yield ("days with symptoms", people(entry.duration.population)), entry.duration


def _with_spectrum(
    own: tuple[str, ...], figure: Figure, spectrum: Figure | None
) -> Iterator[tuple[tuple[str, ...], Figure]]:
    yield own, figure
    if spectrum is not None:
        yield (f"{own[0]}: odds overstated by", *("-" for _ in own[1:])), spectrum


def _doing(knowledge: Knowledge, cause: Cause, links: Links) -> list[str]:
    lines: list[str] = []
    if cause.advice:
        rows = [
            [
                KINDS[advice.kind],
                cell(knowledge.text_of(f"advice.{advice.id}") or advice.id),
                links.source(advice.source) + (f", {cell(advice.locator)}" if advice.locator else ""),
                ", ".join(links.to(name) for name in advice.withheld_if) or "-",
            ]
            for advice in cause.advice
        ]
        lines += [
            "## Advice",
            "",
            *table(["kind", "advice", "source", "withheld where this is likely or not known"], rows),
            "",
        ]
    rules = [rule for rule in knowledge.red_flags.values() if cause.id in rule.suggests]
    if rules:
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
        lines += ["## Rules that think of it", "", *table(["level", "rule", "when", "source", "grade"], rows), ""]
    if cause.claims:
        lines += [f"Answers the claims {', '.join(cause.claims)} of the articles that the model began with.", ""]
    return [*lines, NOTICE, ""]
