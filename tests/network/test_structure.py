"""The shape of the network follows from who has a figure about whom."""

from __future__ import annotations

import pytest

from legdx.knowledge import load_knowledge
from legdx.network.structure import Shape, network_shape
from tests.knowledge.tiny_model import JUDGED, ModelFolder

PREGNANCY = "  only: {sex: female, age: [18, 54]}\n"


SOLVED, COMPARED = "", "role: check, "


def arrow(name: str, role: str = SOLVED) -> str:
    return f"{{from: {name}, measure: odds_ratio, value: 2.0, low: 1.5, high: 2.5, {role}{JUDGED}}}"


def shapes_with(tmp_path, *arrows: str) -> dict[str, Shape]:
    """The shapes, in order, of the small model whose factor pregnancy has these arrows."""
    folder = ModelFolder(tmp_path / "tiny")
    folder.append("factors.yaml", f"- id: heat\n  prevalence: [{{value: 0.3, low: 0.2, high: 0.4, {JUDGED}}}]\n")
    folder.replace("factors.yaml", PREGNANCY, f"{PREGNANCY}  risks: [{', '.join(arrows)}]\n")
    return {shape.variable.name: shape for shape in network_shape(load_knowledge(folder.path))}


def test_a_factor_has_an_arrow_from_each_factor_that_a_figure_of_it_names_once(tmp_path):
    shapes = shapes_with(tmp_path, arrow("heat"), arrow("heat"))
    assert shapes["pregnancy"].parents == ("age", "sex", "heat")
    assert shapes["heat"].parents == ("age", "sex")


@pytest.mark.parametrize("role", [SOLVED, COMPARED])
def test_a_factor_stands_after_what_it_depends_on_or_is_compared_with_wherever_they_are_written(tmp_path, role):
    order = list(shapes_with(tmp_path, arrow("heat", role)))
    assert order.index("heat") < order.index("pregnancy")


def test_a_figure_for_comparison_makes_no_arrow(tmp_path):
    assert shapes_with(tmp_path, arrow("heat", COMPARED))["pregnancy"].parents == ("age", "sex")
