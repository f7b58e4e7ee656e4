"""Rules that every number keeps, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator

from legdx.errors import Issue
from legdx.knowledge.nodes import Node
from legdx.knowledge.records import AGE_LIMITS
from legdx.knowledge.rules.index import error
from legdx.knowledge.tree import Tree

__all__ = ["JUDGEMENT", "age_rules", "figure_nodes", "figure_rules", "grade_rules"]

JUDGEMENT = "editorial_judgement"
"""The key that a judgement cites as its source."""

_RATIOS = frozenset({"relative_risk", "odds_ratio", "hazard_ratio", "rate_ratio"})
_NOUNS = {"ratio": "a ratio", "per_person_year": "an incidence", "days": "a duration"}


def figure_nodes(tree: Tree) -> Iterator[tuple[Node, str | None]]:
    """Iterate over every figure of a tree with its unit, which is None where a broken file does not tell it."""
    for band in tree.model.items("population"):
        yield from ((band.at(key), "probability") for key in ("share", "female") if band.get(key))
    for factor in tree.factors:
        yield from ((node, "probability") for node in factor.items("prevalence"))
        yield from _figures_of_risks(factor)
    for cause in tree.causes:
        yield from _figures_of_cause(cause)
    for background in (*tree.syndromes, *tree.findings):
        yield from ((node, "probability") for node in background.items("background"))
    yield from ((node, "probability") for node in tree.checks)
    for syndrome in tree.syndromes:
        for node in syndrome.items("findings"):
            yield node, "probability"
            yield from _beside(node, "spectrum", "ratio")


def _figures_of_cause(cause: Node) -> Iterator[tuple[Node, str | None]]:
    for node in cause.items("prevalence"):
        units = {"prevalence": "probability", "incidence": "per_person_year"}
        yield node, units.get(node.text("quantity") or "")
        yield from _beside(node, "duration", "days")
    yield from _figures_of_risks(cause)
    for node in (*cause.items("syndromes"), *cause.items("findings")):
        yield node, "probability"
        yield from _beside(node, "spectrum", "ratio")


def _figures_of_risks(owner: Node) -> Iterator[tuple[Node, str | None]]:
    for node in owner.items("risks"):
        measure = node.text("measure")
        yield node, "ratio" if measure in _RATIOS else "probability" if measure == "probability" else None


def _beside(node: Node, key: str, unit: str) -> Iterator[tuple[Node, str]]:
    inner = node.get(key)
    if inner is not None:
        yield inner, unit


def figure_rules(tree: Tree) -> Iterator[Issue]:
    """Interval around the value, value possible in its unit, and a grade that the evidence bears."""
    for node, unit in figure_nodes(tree):
        yield from _interval_rules(node)
        yield from _unit_rules(node, unit)
        yield from grade_rules(node, needs_print=True)


def _interval_rules(node: Node) -> Iterator[Issue]:
    value, low, high = node.number("value"), node.number("low"), node.number("high")
    if value is None or low is None or high is None:
        return
    if not low <= value <= high:
        note = f"low {low:g}, value {value:g} and high {high:g} do not rise"
        yield error("figure_order", node.at("value"), note, "low <= value <= high must hold")
    if node.text("interval") == "definition" and not (low == value == high and value in (0, 1)):
        note = f"the interval is `definition`, and the figure is {value:g} ({low:g} to {high:g})"
        yield error("definition_range", node.at("interval"), note, "by definition means value = low = high, 0 or 1")


def _unit_rules(node: Node, unit: str | None) -> Iterator[Issue]:
    for key in ("value", "low", "high"):
        number = node.number(key)
        if number is None or unit is None:
            continue
        if unit == "probability":
            if not 0 <= number <= 1:
                hint = "write 5.3 % as 0.053"
                yield error("probability_range", node.at(key), f"{key} {number:g} is no probability", hint)
            elif key == "value" and number in (0, 1) and node.text("interval") != "definition":
                hint = "for 0 of n write 0.5 / (n + 1) with a note; if the case definition says so, `definition`"
                yield error("probability_extreme", node.at(key), f"the probability is exactly {number:g}", hint)
        elif number <= 0:
            note = f"{key} of {_NOUNS[unit]} is {number:g}"
            yield error("not_positive", node.at(key), note, "it must be above 0, and so must its interval")


def grade_rules(node: Node, *, needs_print: bool) -> Iterator[Issue]:
    """A grade needs its proof: A and B as printed, A to C a locator, D a note; unread sources and judgements are D."""
    grade = node.text("grade")
    place = node.at("grade")
    if needs_print and grade in {"A", "B"} and node.get("printed") is None:
        hint = "copy the figure as the source prints it, or grade it lower"
        yield error("printed_missing", place, f"grade {grade} without `printed`", hint)
    if grade in {"A", "B", "C"}:
        if node.get("locator") is None:
            hint = "name the table, page or section"
            yield error("locator_missing", place, f"grade {grade} without `locator`", hint)
        opened = node.get("opened")
        if opened is not None and opened.value is False:
            hint = "a number from a source that was not read has grade D"
            yield error("not_opened", opened, f"grade {grade}, and the source was not opened", hint)
        if node.text("source") == JUDGEMENT:
            yield error("judgement_grade", place, f"grade {grade} for a judgement", "a judgement has grade D")
    if grade == "D" and node.get("note") is None:
        yield error("note_missing", place, "grade D without `note`", "say how the number came about")


def age_rules(tree: Tree) -> Iterator[Issue]:
    """Ages lie inside the limits and in order, wherever a population stands."""
    lowest, highest = AGE_LIMITS
    for node in tree.walk():
        age = node.get("age")
        bounds = [] if age is None else [number for item in age.items() if (number := item.number()) is not None]
        if age is None or len(bounds) != 2:  # noqa: PLR2004 - a lower and an upper bound
            continue
        low, high = bounds
        if not lowest <= low <= high <= highest:
            hint = f"both ends in whole years, from {lowest} to {highest}, the lower first"
            yield error("age_range", age, f"the ages {low:g} to {high:g} are no ages of this model", hint)
