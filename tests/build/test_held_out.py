"""Held-out figures against what drawn networks imply, by hand on a network of a cause, a finding, age and sex."""

from __future__ import annotations

import math

import numpy as np
import pytest

from legdx.build import build, read_artefact
from legdx.build.between import KINDS, Between
from legdx.build.held_out import implied_by_each, range_of, ranges_of
from legdx.build.implied import Queries
from legdx.build.pipeline import build_network
from legdx.build.report import BuildReport, build_report
from legdx.build.targets import Target
from legdx.knowledge import Figure, load_knowledge
from legdx.network.records import Link, Network, NoisyMax, Table, Variable
from tests.knowledge.tiny_model import JUDGED, PUBLISHED, ModelFolder

BINARY = ("absent", "present")
DRAWS = 7
RATES = np.linspace(0.02, 0.2, DRAWS)
LINKS = np.linspace(0.3, 0.9, DRAWS)
LEAK = 0.1


def logit(p):
    return math.log(p / (1.0 - p))


@pytest.fixture
def drawn():
    """Two age bands, the cause twice as likely in the second; the finding by link and leak."""
    cause = np.stack([np.stack([1 - RATES, RATES], -1), np.stack([1 - 2 * RATES, 2 * RATES], -1)], axis=1)
    link = np.stack([np.stack([np.ones(DRAWS), np.zeros(DRAWS)], -1), np.stack([1 - LINKS, LINKS], -1)], axis=1)
    return Network(
        (
            Variable("age", ("young", "old"), "factor"),
            Variable("sex", ("female", "male"), "factor"),
            Variable("gout", BINARY, "cause"),
            Variable("limp", BINARY, "finding"),
        ),
        (
            Table((), np.array([[0.6, 0.4]])),
            Table((), np.array([[0.5, 0.5]])),
            Table((0,), cause),
            NoisyMax((), np.array([[1 - LEAK, LEAK]]), (Link(2, link),)),
        ),
    )


def target(event, given, *, contrast=None, measure="proportion", use="held_out", spread=(0.4, 0.1)):
    figure = Figure(
        id="gout.figure", value=0.5, low=0.4, high=0.6, unit="probability", interval="ci95", source="s", grade="A",
        opened=True, file="f.yaml", line=1,
    )  # fmt: skip
    below, above = spread
    return Target(
        figure, event=event, given=given, cells=np.ones((2, 2)), centre=0.0, below=below, above=above,
        parameter="limp: gout", shock="s", measure=measure, contrast=contrast, use=use,
    )  # fmt: skip


ALIKE = Between((), {}, DRAWS)
"""Studies that do not differ."""

GOUT, NO_GOUT, LIMP = (("gout", (1,)),), (("gout", (0,)),), (("limp", (1,)),)


@pytest.mark.parametrize("together", [1, 25, 1e6])
def test_a_rate_of_the_public_is_that_of_both_bands_in_each_network(drawn, together, monkeypatch):
    monkeypatch.setattr("legdx.build.held_out.TOGETHER", together)
    found = implied_by_each(Queries(drawn), target(GOUT, ()))
    assert found == pytest.approx([logit(0.6 * rate + 0.4 * 2 * rate) for rate in RATES], abs=1e-12)


def test_a_sensitivity_is_that_of_link_or_leak_in_each_network(drawn):
    found = implied_by_each(Queries(drawn), target(LIMP, GOUT))
    assert found == pytest.approx([logit(1.0 - (1.0 - LEAK) * (1.0 - link)) for link in LINKS], abs=1e-12)


def test_what_no_draw_changes_is_the_same_in_all_of_them(drawn):
    found = implied_by_each(Queries(drawn), target(LIMP, NO_GOUT))
    assert found == pytest.approx([logit(LEAK)] * DRAWS, abs=1e-12)


def test_a_ratio_is_that_of_both_risks_in_each_network(drawn):
    found = implied_by_each(Queries(drawn), target(LIMP, GOUT, contrast=NO_GOUT, measure="relative_risk"))
    risks = 1.0 - (1.0 - LEAK) * (1.0 - LINKS)
    assert found == pytest.approx(np.log(risks / LEAK), abs=1e-12)


def test_the_models_range_is_from_the_fifth_to_the_ninety_fifth_percentile():
    found = range_of(target(GOUT, ()), np.linspace(-1.0, 1.0, 201), np.zeros(201))
    assert (found.low, found.high) == pytest.approx((-0.9, 0.9))


def test_with_networks_that_agree_the_predictive_range_is_that_of_the_publications_error():
    # the truth may lie 0.4 below what was published: so what is published may lie 0.4 above the truth
    found = range_of(target(GOUT, (), spread=(0.4, 0.1)), np.full(50, 2.0), np.zeros(50))
    assert (found.low, found.high) == (2.0, 2.0)
    assert found.predictive_low == pytest.approx(2.0 - 0.1 * 1.645, abs=0.005)
    assert found.predictive_high == pytest.approx(2.0 + 0.4 * 1.645, abs=0.02)


def test_of_two_normal_uncertainties_the_predictive_range_has_the_variance_of_their_sum():
    rng = np.random.default_rng(5)
    found = range_of(target(GOUT, (), spread=(0.4, 0.4)), rng.normal(0.0, 0.3, 20_000), np.zeros(20_000))
    assert (found.predictive_low, found.predictive_high) == pytest.approx((-0.8224, 0.8224), abs=0.02)


def test_a_published_figure_with_an_error_of_its_own_is_expected_in_the_models_interval_less_often():
    # networks N(0, 0.3^2), published N(0, 0.5^2): inside 1.645 * 0.3 with 2 Phi(0.987) - 1 = 0.676; without error 0.9
    rng = np.random.default_rng(5)
    implied = rng.normal(0.0, 0.3, 20_000)
    erring, sure = (range_of(target(GOUT, (), spread=(e, e)), implied, np.zeros(20_000)) for e in (0.4, 1e-9))
    assert erring.expected_inside == pytest.approx(0.676, abs=0.01)
    assert sure.expected_inside == pytest.approx(0.9, abs=0.001)


def test_what_may_set_the_study_apart_widens_the_predictive_range_alone():
    found = range_of(target(GOUT, (), spread=(0.3, 0.3)), np.full(50, 2.0), np.full(50, 0.4))
    assert (found.low, found.high) == (2.0, 2.0)
    assert found.predictive_high == pytest.approx(2.0 + 0.5 * 1.645, abs=0.02)


def test_only_figures_held_out_have_a_range(drawn):
    assert ranges_of(drawn, [target(LIMP, GOUT, use="solve")], ALIKE) == {}
    assert list(ranges_of(drawn, [target(LIMP, GOUT)], ALIKE)) == ["gout.figure"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The small model with four published rates of tremor, of which some are held out."""
    folder = ModelFolder(tmp_path_factory.mktemp("held_out") / "tiny")
    folder.replace("model.yaml", "held_out: {share: 0.1", "held_out: {share: 0.5")
    judged = f"    - {{value: 0.02, low: 0.01, high: 0.04, {JUDGED}}}\n"
    folder.replace(
        "findings/complaints.yaml", judged, judged + f"    - {{value: 0.02, low: 0.01, high: 0.04, {PUBLISHED}}}\n" * 4
    )
    return folder


def test_the_report_has_the_range_of_each_held_out_figure_and_counts_those_inside(folder):
    knowledge = load_knowledge(folder.path)
    report = build_report(knowledge, build_network(knowledge, draws=20))
    held = report.of_use("held_out")
    assert held
    for line in report.lines:
        assert (line.model_low is not None) == (line.use == "held_out")
    for line in held:
        assert line.predictive_low < line.model_low < line.model_high < line.predictive_high
    inside = sum(line.model_low <= line.published <= line.model_high for line in held)
    assert report.held_out_in_model_interval() == (inside, len(held))
    assert BuildReport.from_json(report.to_json()) == report
    expected = report.held_out_expected()
    assert expected == pytest.approx(sum(line.expected_inside for line in held))
    assert (
        f"inside the model's 90 % interval: {inside} of {len(held)}, {expected:.0f} to be expected;"
        in report.to_markdown()
    )
    assert sum(report.held_out_in_model_interval(kind=kind)[1] for kind in KINDS) == len(held)


def test_without_drawn_networks_there_is_no_range_and_no_count(folder):
    knowledge = load_knowledge(folder.path)
    report = build_report(knowledge, build_network(knowledge, draws=0))
    assert report.held_out_in_model_interval() is None
    assert "model's 90 % interval:" not in report.to_markdown()


def test_a_model_that_was_built_before_gets_its_ranges_without_being_solved_again(folder, monkeypatch):
    path, report = build(folder.path, draws=20)
    bare = BuildReport.from_json(report.to_json()).with_ranges({})
    lines = [
        line.__class__(
            **{n: getattr(line, n) for n in line.__slots__ if not n.startswith(("model_", "predictive_", "expected_"))}
        )
        for line in bare.lines
    ]
    old = BuildReport(tuple(lines), report.disputes, report.conditions, report.grades, report.draws)
    assert old.held_out_in_model_interval() is None
    made = read_artefact(path)
    monkeypatch.setattr("legdx.build._solved_before", lambda *_: made.__class__(
        made.knowledge, made.network, made.digest, made.solved_for, old.to_json(), made.packed
    ))  # fmt: skip
    monkeypatch.setattr("legdx.build.pipeline.build_network", lambda *_, **__: pytest.fail("it was solved again"))
    _, again = build(folder.path, draws=20)
    assert again.held_out_in_model_interval() == report.held_out_in_model_interval()
    assert [line.model_low for line in again.of_use("held_out")] == pytest.approx(
        [line.model_low for line in report.of_use("held_out")], rel=1e-4
    )  # the drawn networks are kept in single precision
