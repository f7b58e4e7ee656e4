"""What each part of an entry in a mapping file must keep: answers, codes, skip rules, certainty, classes of age."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from legdx.case import MISSING
from legdx.errors import Issue, did_you_mean
from legdx.knowledge.nodes import Node
from legdx.survey.vocabulary import AGE, Askable

__all__ = ["answer_issues", "error", "falls", "listed", "part_issues"]


def part_issues(node: Node, askable: Askable, root: Node) -> Iterator[Issue]:
    """Return every breach of a rule in what any part of an entry may have; `root` holds the named lists of codes."""
    yield from _codes(node, askable, root)
    for rule in node.items("skipped"):
        if (rule.get("value") is None) == (rule.get("missing") is None):
            yield error("skip_answer", rule, "a skip rule needs `value:` or `missing:`", "say what blank means then")
        if rule.get("value") is not None:
            yield from answer_issues(rule.at("value"), askable)
    yield from _certainty(node.get("certainty"), askable)
    yield from _ranges(node.get("ranges"), askable)


def answer_issues(node: Node, askable: Askable, owner: Node | None = None) -> Iterator[Issue]:
    """Return what is wrong with one answer, or several with their likelihoods.

    `owner` is the place to point at, where it is another one.
    """
    place = owner or node
    text = node.text()
    for answer in node.fields() or (() if text is None else (text,)):
        if answer in askable.answers:
            continue
        if answer in MISSING:
            yield error(
                "missing_as_value", place, f"{answer!r} is a kind of missing answer", "move it under `missing:`"
            )
            continue
        note = f"{answer!r} is not a value of {askable.name}"
        yield error("unknown_value", place, note, did_you_mean(answer, askable.answers))
    if isinstance(node.value, dict) and not any(item.number() for item in node.fields().values()):
        yield error("no_likelihood", node, "every likelihood is 0", "give the answers that fit a number above 0")


def falls(bounds: list[float | None]) -> bool:
    """Say whether some number is not above the one before it; false where one is no number."""
    pair = [number for number in bounds if number is not None]
    return len(pair) == len(bounds) and any(low >= high for low, high in itertools.pairwise(pair))


def listed(askable: Askable) -> str:
    """Return the answers to a variable in one line."""
    return ", ".join(repr(answer) for answer in askable.answers)


def error(code: str, node: Node, note: str, hint: str) -> Issue:
    """Return a breach of a rule at a place of the file."""
    return Issue(code, "error", node.where(), note, hint)


def _codes(node: Node, askable: Askable, root: Node) -> Iterator[Issue]:
    name = node.text("codes")
    if name is None:
        return
    lists = root.get("code_lists")
    known = {} if lists is None else lists.fields()
    if name not in known:
        yield error("unknown_list", node.at("codes"), f"there is no list {name!r}", did_you_mean(name, known))
    elif (values := known[name].get("values")) is not None and askable.unit is None:
        for item in values.fields().values():
            yield from answer_issues(item, askable, owner=node.at("codes"))


def _certainty(node: Node | None, askable: Askable) -> Iterator[Issue]:
    if node is None:
        return
    if askable.unit is not None:
        yield error("key_misplaced", node, f"{askable.name} is a number", "take `certainty:` out")
    if node.get("values") is None and node.get("scale") is None:
        hint = 'write `scale: [[0, 0.5], [10, 0.99]]`, or `values: {"very": 0.95}`'
        yield error("reading_missing", node, "nothing says how sure a cell of this column is", hint)
    for pair in node.items("scale"):
        chance = pair.items()[1].number() if len(pair.items()) > 1 else None
        if chance is not None and not 0 <= chance <= 1:
            yield error("no_probability", pair, f"{chance:g} is no probability", "write a number from 0 to 1")


def _ranges(node: Node | None, askable: Askable) -> Iterator[Issue]:
    if node is None:
        return
    if askable.name != AGE:
        yield error("key_misplaced", node, "`ranges:` is for classes of age", "use `values:` or `cuts:`")
    for pair in node.fields().values():
        if falls([item.number() for item in pair.items()]):
            yield error("range_order", pair, "the first year is not below the second", "swap them")
