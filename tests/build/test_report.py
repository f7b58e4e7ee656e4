"""The report names every figure once, what gave way, and what was kept from the solver."""

from __future__ import annotations

import csv
import io

import pytest

from legdx.build.pipeline import build_network
from legdx.build.report import BuildReport, build_report
from legdx.knowledge import load_knowledge
from tests.knowledge.tiny_model import JUDGED, PUBLISHED, ModelFolder


def test_every_figure_of_a_cause_factor_or_finding_is_a_line(knowledge, built):
    report = build_report(knowledge, built)
    expected = {f.id for f in knowledge.figures()}
    checks = {check.figure.id for check in knowledge.checks.values()}
    aside = {f for f in expected if f.startswith("model.") or f.endswith(("duration", "spectrum"))}
    assert {line.figure for line in report.lines if not line.assumed} == (expected - aside) | checks


def test_the_report_survives_json(knowledge, built):
    report = build_report(knowledge, built)
    assert BuildReport.from_json(report.to_json()) == report


def test_the_csv_has_a_row_a_line_and_the_page_names_the_counts(knowledge, built):
    report = build_report(knowledge, built)
    rows = list(csv.DictReader(io.StringIO(report.to_csv())))
    assert [row["figure"] for row in rows] == [line.figure for line in report.lines]
    inside, of = report.inside("solve")
    assert f"figures solved for: {inside} of {of}." in report.to_markdown()


def test_of_two_sources_that_cannot_both_hold_the_one_further_from_the_solution_gave_way(tmp_path):
    folder = ModelFolder(tmp_path / "tiny")
    tight = f"{{value: 0.4, low: 0.39, high: 0.41, {JUDGED}}}"
    folder.replace(
        "findings/complaints.yaml",
        f"    - {{value: 0.02, low: 0.01, high: 0.04, {JUDGED}}}\n",
        f"    - {{value: 0.02, low: 0.01, high: 0.04, {JUDGED}}}\n    - {tight}\n",
    )
    knowledge = load_knowledge(folder.path)
    report = build_report(knowledge, build_network(knowledge, draws=0))
    assert ("tremor.background.2", "tremor.background.1") in {(d.kept, d.gave_way) for d in report.disputes}


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_the_held_out_share_is_taken_only_where_two_figures_remain(tmp_path, share):
    folder = ModelFolder(tmp_path / "tiny")
    folder.replace("model.yaml", "held_out: {share: 0.1", f"held_out: {{share: {share}")
    judged = f"    - {{value: 0.02, low: 0.01, high: 0.04, {JUDGED}}}\n"
    published = f"    - {{value: 0.02, low: 0.01, high: 0.04, {PUBLISHED}}}\n"
    folder.replace("findings/complaints.yaml", judged, judged + published * 4)
    knowledge = load_knowledge(folder.path)
    report = build_report(knowledge, build_network(knowledge, draws=0))
    held = [line.figure for line in report.of_use("held_out")]
    assert len(held) == (5 if share else 0)
    solved = {line.figure for line in report.of_use("solve")}
    assert {"tremor.background.1", "diuretic_use.prevalence.2", "smoking.prevalence.current.1"} <= solved
