"""Names findings whose rate in people without a modelled cause is weak; writes docs/evaluation/thin_places.md.

Every finding has figures for how often it is there in people without any modelled cause.  Where none of those that the
network is solved from has grade A or B, that rate is weak or judged, and another search was made for a published one.
The table says what each search looked for and what it gave; the findings that got an A or B figure by it come after.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import yaml

from legdx.knowledge import load_knowledge
from legdx.knowledge.records import Finding, Knowledge

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "evaluation" / "thin_places.md"
SEARCHES = ROOT / "tests" / "qc" / "control_rate_searches.yaml"
USES = {
    "figure": "a figure of it stands in the knowledge",
    "check": "a check holds the model against it",
    "other_question": "a rate of something too different: another threshold, time, place or population",
    "modelled": "what is published is the work of a modelled cause, or a large part of it would have to be taken off",
    "nothing": "no rate was found",
}


def searches() -> dict[str, dict[str, str]]:
    """Return what was looked for, what was found and what became of it, by finding."""
    return yaml.safe_load(SEARCHES.read_text(encoding="utf-8"))


def grades(finding: Finding) -> str:
    """Return the grades of the background figures that the network is solved from, best first."""
    return "".join(sorted(item.figure.grade for item in finding.background if item.figure.role == "solve"))


def thin(knowledge: Knowledge) -> list[Finding]:
    """Return the findings without a background figure of grade A or B, in the order of the files."""
    return [finding for finding in knowledge.findings.values() if not set("AB") & set(grades(finding))]


def table(findings: list[Finding], found: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return one row a finding."""
    lines = ["| finding | grades | searched for | found | use |", "| --- | --- | --- | --- | --- |"]
    for finding in findings:
        entry = found.get(finding.id, {})
        told = " | ".join(entry.get(key, "").replace("_", " ") for key in ("searched", "found", "use"))
        lines.append(f"| {finding.id} | {' '.join(grades(finding))} | {told} |")
    return lines


def page(knowledge: Knowledge) -> str:
    """Return the page."""
    found, rows = searches(), thin(knowledge)
    weak = {finding.id for finding in rows}
    better = [finding for finding in knowledge.findings.values() if finding.id in found and finding.id not in weak]
    uses = Counter(found[name]["use"] for name in weak if name in found)
    attributes = sum(finding.gate is not None for finding in rows)
    lines = [
        "# Thin places: rates of findings in people without any modelled cause",
        "",
        "Written by `python tests/benchmarks/thin_places.py` (`make thin-places`) from the knowledge files and",
        "[tests/qc/control_rate_searches.yaml](../../tests/qc/control_rate_searches.yaml).",
        "",
        (__doc__ or "").split("\n\n", 1)[1].strip(),
        "",
        f"Thin: {len(rows)} of {len(knowledge.findings)} findings, {attributes} of them details of a complaint (where",
        "it is, when it comes).  Details are asked of people who have the complaint, and most of those have a modelled",
        "cause: few surveys part the others, so that these rates are the ones least likely to be found.",
        "",
        "| use | findings | meaning |",
        "| --- | --- | --- |",
        *(f"| {use.replace('_', ' ')} | {uses[use]} | {meaning} |" for use, meaning in USES.items()),
        "",
        "## Without a figure of grade A or B",
        "",
        *table(rows, found),
        "",
        "## With a figure of grade A or B since the search",
        "",
        *table(better, found),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "leg")
    parser.add_argument("--output", type=Path, default=PAGE)
    given = parser.parse_args()
    given.output.write_text(page(load_knowledge(given.model)), encoding="utf-8")


if __name__ == "__main__":
    main()
