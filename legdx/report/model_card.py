"""The model card: purpose, population, making, performance and limits (`templates/model_card.md`).

The order follows TRIPOD+AI (Collins and others, BMJ 2024;385:e078378); the intended purpose, the guidance of the MHRA
on crafting one for software (structure and function, population, user, environment).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from string import Template
from typing import Any

from legdx.build.report import BuildReport
from legdx.model import DISCLAIMER, Model
from legdx.report.evaluation_pages import rate_cell, standard_rows
from legdx.report.list_pages import GRADES
from legdx.report.markdown import table

__all__ = ["model_card"]

USES = {"solve": "solved for", "check": "checks, never solved for", "held_out": "held out before solving"}
JUDGED = "editorial_judgement"


def model_card(model: Model, evaluation: Mapping[str, Any] | None = None) -> str:
    """Return the card, as Markdown.

    Args:
        model: the built model.
        evaluation: the record of an evaluation on published cases, as ``legdx evaluate`` stores it.

    """
    text = (resources.files("legdx.report") / "templates" / "model_card.md").read_text(encoding="utf-8")
    report = BuildReport.from_json(model.artefact.report)
    values = {**_of_knowledge(model), **_of_report(report), "performance": _performance(model, evaluation)}
    return Template(text).substitute(values)


def _of_knowledge(model: Model) -> dict[str, object]:
    knowledge = model.knowledge
    return {
        "id": model.id,
        "version": model.version,
        "digest": model.digest,
        "disclaimer": DISCLAIMER,
        "bands": ", ".join(map(str, knowledge.model.age_bands)),
        "window": knowledge.model.window_days,
        "causes": len(knowledge.causes),
        "provisional": sum(knowledge.is_provisional(cause) for cause in knowledge.causes),
        "findings": len(knowledge.findings),
        "factors": len(knowledge.factors),
        "judged": sum(figure.source == JUDGED for figure in knowledge.figures()),
        "sources": len(knowledge.bibliography),
    }


def _of_report(report: BuildReport) -> dict[str, object]:
    rows = []
    for use, words in USES.items():
        inside, of = report.inside(use)
        rows.append([words, str(of), str(inside), f"{inside / of:.0%}" if of else "-"])
    within, firm = report.reproduced()
    public = [line for line in report.of_use("check") if line.figure.startswith("checks.")]
    grades = [[grade, words, str(report.grades.get(grade, 0))] for grade, words in GRADES.items()]
    return {
        "draws": report.draws,
        "grades": "\n".join(table(["grade", "what a number rests on", "figures"], grades)),
        "inside": "\n".join([*table(["figures", "number", "inside", "share"], rows), *_held_out(report)]),
        "within": within,
        "firm": firm,
        "clipped": sum(line.clipped for line in report.lines),
        "disputes": len(report.disputes),
        "public": len(public),
        "above": sum(line.implied > line.high for line in public),
        "below": sum(line.implied < line.low for line in public),
    }


def _held_out(report: BuildReport) -> Iterator[str]:
    model, predictive = (report.held_out_in_model_interval(predictive=p) for p in (False, True))
    expected = report.held_out_expected()
    if model is None or predictive is None or expected is None or not model[1]:
        return
    yield ""
    yield (
        f"Of the {model[1]} figures held out, {model[0]} ({model[0] / model[1]:.0%}) lie inside the model's own 90 %"
        f" interval for them, and {predictive[0]} ({predictive[0] / predictive[1]:.0%}) once the publication's own"
        " error, and what may set its study apart from others, are folded in. The second should be 90 %. The first is"
        f" lower in any case, since a published figure is not the truth either: {expected:.0f}"
        f" ({expected / model[1]:.0%}) are to be expected if the intervals that people are shown are right."
    )


def _performance(model: Model, record: Mapping[str, Any] | None) -> str:
    if record is None:
        return "No evaluation was at hand when this card was written."
    other = record["stamp"]["digest"]
    section, whole = record["sections"][0], next(s for s in record["sections"] if s["name"] == "all adults")
    posterior, primary = whole["top"]["posterior"], whole["top"]["primary"]
    lines = [
        "" if other == model.digest else f"Measured on another build of this model, digest {other}.\n",
        "Reports, teaching cases, examination questions and expert answers, mapped by hand before any was scored.",
        f"Their mix is not that of the public. The standard is for {section['cases']} of them ({section['name']});",
        "intervals are 95 %.",
        "",
        *table(["standard", "found"], standard_rows(section)),
        "",
        f"Of all {whole['cases']} adults:",
        "",
        f"- right cause first: {rate_cell(posterior['1'])}; among the first three: {rate_cell(posterior['3'])}",
        f"- with the primary name alone, among the first three: {rate_cell(primary['3'])}",
        f"- urgency lower than wanted: {rate_cell(whole['under_triaged'])}",
        "",
        "Case by case, with what was missed: `docs/evaluation/README.md` and `docs/evaluation/misses.md`.",
        "What the model says of the public: `docs/evaluation/population.md`.",
    ]
    return "\n".join(lines[not lines[0] :])
