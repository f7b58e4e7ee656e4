"""What a mapping file must keep beyond its shape: names and answers of the model, and readings that make sense."""

from __future__ import annotations

import math
from collections.abc import Iterator

from legdx.errors import Issue, did_you_mean
from legdx.knowledge.nodes import Node
from legdx.survey.cells import Key, cell_key, column_name
from legdx.survey.multi_select_rules import multi_select_issues
from legdx.survey.part_rules import answer_issues, error, falls, listed, part_issues
from legdx.survey.vocabulary import Askable, Vocabulary

__all__ = ["UNDECIDED", "rule_issues"]

UNDECIDED = "?"
"""Stands for an answer in a draft; a person has to put the right one there."""

_READINGS = ("values", "cuts", "numbers")
_BOUNDS = ("below", "at_most", "above", "at_least")


def rule_issues(root: Node, vocabulary: Vocabulary, *, draft: bool = False) -> list[Issue]:
    """Return every breach of a rule; what has the wrong shape is left to the schema.

    In a `draft`, entries may be marked `unsure`, and those may have answers that nobody decided on yet.
    """
    return [*_entries(root, vocabulary, draft=draft), *_unused(root)]


def _entries(root: Node, vocabulary: Vocabulary, *, draft: bool) -> Iterator[Issue]:
    filled: dict[str, int] = {}
    for entry in root.items("columns"):
        if entry.get("unsure") is not None and not draft:
            yield _unsure(entry)
        name = entry.text("variable")
        if name is None:
            continue
        askable = vocabulary.get(name)
        if askable is None:
            yield _unknown(entry.at("variable"), name, vocabulary)
            continue
        yield from _once(askable, entry.at("variable"), filled)
        yield from _entry(entry, askable, root, draft=draft)
    for question in root.items("multi_select"):
        if question.get("unsure") is not None and not draft:
            yield _unsure(question)
        yield from multi_select_issues(question, vocabulary)
        for name, item in _targets(question).items():
            askable = vocabulary.get(name)
            if askable is not None:
                yield from _once(askable, item, filled)


def _entry(entry: Node, askable: Askable, root: Node, *, draft: bool) -> Iterator[Issue]:
    if entry.get("unsure") is not None and UNDECIDED in _said(entry):
        if not draft:
            hint = f"put one of {listed(askable)} there, or move the code under `missing:`"
            yield error("undecided", entry, f"{UNDECIDED!r} stands for an answer that nobody decided on", hint)
        return
    for node in (entry, *_parts(entry)):
        yield from part_issues(node, askable, root)
    if askable.unit is not None:
        yield from _number(entry, askable)
    else:
        yield from _part(entry, askable)


def _targets(question: Node) -> dict[str, Node]:
    """Return what the options of a question say, each once."""
    targets = question.get("boxes") or question.get("options")
    found: dict[str, Node] = {}
    for item in ({} if targets is None else targets.fields()).values():
        found.setdefault(item.text() or item.text("variable") or "", item)
    return found


def _once(askable: Askable, node: Node, filled: dict[str, int]) -> Iterator[Issue]:
    for variable in askable.variables:
        if variable in filled:
            note = f"{variable!r} is mapped here again; first in line {filled[variable]}"
            yield error("variable_twice", node, note, "put the columns into one `from:` list")
        filled.setdefault(variable, node.line)


def _unsure(node: Node) -> Issue:
    note = f"this was drafted and nobody has looked at it yet: {node.text('unsure')}"
    return error("unsure", node.at("unsure"), note, "correct the entry, then take out its `unsure:` line")


def _said(entry: Node) -> set[str]:
    """Return every answer that the entry gives to a code."""
    nodes = (entry, *_parts(entry))
    values = [item for node in nodes if (inner := node.get("values")) is not None for item in inner.fields().values()]
    values += [cut.at("value") for node in nodes for cut in node.items("cuts")]
    return {text for item in values if (text := item.text())}


def _parts(node: Node) -> Iterator[Node]:
    for item in node.items("from"):
        if item.text() is None:
            yield item
            yield from _parts(item)


def _unknown(node: Node, name: str, vocabulary: Vocabulary) -> Issue:
    if name in vocabulary.closed:
        note = f"{name!r} is worked out by the model and cannot be answered"
        return error("variable_closed", node, note, "map the findings and causes that belong to it")
    return error("unknown_variable", node, f"unknown variable {name!r}", did_you_mean(name, vocabulary.names))


def _number(entry: Node, askable: Askable) -> Iterator[Issue]:
    """An age or a laboratory value: one column, or the first of several, read as a number."""
    name = askable.name
    hint = f"write `number: {{unit: {askable.unit}}}`"
    rule = entry.get("number")
    if rule is None and entry.get("ranges") is None:
        yield error("reading_missing", entry, f"{name} is a number and needs `number:`", hint)
    if rule is not None:
        unit = rule.text("unit")
        if unit is not None and unit != askable.unit:
            hint = f"{hint}; `times:` turns the column's numbers into it"
            yield error("wrong_unit", rule.at("unit"), f"{name} is read in {askable.unit}, not in {unit}", hint)
        yield from _plausible(rule)
    yield from _forbid(entry, _READINGS, f"{name} is a number, and is not read by codes")
    if entry.text("combine") in {"any", "product"}:
        yield error("wrong_combine", entry.at("combine"), f"{name} is one number", "use `combine: first`")
    yield from _list_shape(entry)
    for item in entry.items("from"):
        if item.text() is None:
            yield error("wrong_part", item, f"{name} is read from plain columns", "name the column here")
    yield from _codes_once(entry)


def _plausible(rule: Node) -> Iterator[Issue]:
    bounds = [item.number() for item in rule.items("plausible")]
    if any(number is not None and not math.isfinite(number) for number in bounds) or falls(bounds):
        yield error("plausible_order", rule.at("plausible"), "the first number is not below the second", "swap them")


def _part(node: Node, askable: Askable) -> Iterator[Issue]:
    """One column or a combination that gives an answer to `askable`."""
    how, parts = node.text("combine"), node.items("from")
    if how == "product":
        yield from _product(node, askable)
        return
    yield from _forbid(node, ("numbers",), "`numbers:` belongs to a part of a product")
    rule = node.get("number")
    if rule is not None:
        yield from _plausible(rule)
        if node.get("cuts") is None:
            yield from _forbid(node, ("number",), f"{askable.name} takes {listed(askable)}, not a number")
    yield from _answers(node, askable)
    yield from _codes_once(node)
    yield from _list_shape(node)
    if how == "any" and not askable.is_yes_no:
        note = f"{askable.name} takes {listed(askable)}; `any` is for what is present or absent"
        yield error("wrong_combine", node.at("combine"), note, "use `combine: first`")
    inner = [item for item in parts if item.text() is None]
    for item in inner:
        yield from _part(item, askable)
    if node.text("from") is not None or len(inner) < len(parts):
        if not any(node.get(key) for key in (*_READINGS[:2], "codes")):
            hint = (
                "say what its cells mean: `values:`, and `missing:` for don't know and refused; or `cuts:` for numbers"
            )
            yield error("reading_missing", node, f"nothing says how the column for {askable.name} is read", hint)
    elif any(node.get(key) for key in (*_READINGS, "missing", "blank", "codes", "skipped", "certainty")):
        yield error("reading_unused", node, "no plain column is left that this would read", "move it into the parts")


def _product(node: Node, askable: Askable) -> Iterator[Issue]:
    yield from _list_shape(node)
    alone = ("values", "numbers", "missing", "blank", "codes", "skipped", "certainty", "decimal")
    yield from _forbid(node, alone, "a product is read by `cuts:` alone")
    yield from _answers(node, askable)
    if node.get("cuts") is None:
        yield error("reading_missing", node, "a product needs `cuts:`", "say from which number on it means what")
    for item in node.items("from"):
        if item.text() is None:
            if item.text("from") is None:
                yield error("wrong_part", item, "each part of a product is one column", "name one column in `from:`")
            yield from _forbid(item, ("values", "cuts", "combine"), "a part of a product is a number")
            yield from _codes_once(item)


def _list_shape(node: Node) -> Iterator[Issue]:
    how = node.text("combine")
    if how is None and len(node.items("from")) > 1:
        hint = "add `combine: any` (present if any is) or `combine: first` (the first that gives an answer)"
        yield error("combine_missing", node, "several columns, and nothing says how they become one answer", hint)
    if how is not None and node.text("from") is not None:
        yield error("combine_unused", node.at("combine"), "one column needs no `combine:`", "take it out")


def _answers(node: Node, askable: Askable) -> Iterator[Issue]:
    values = node.get("values")
    for item in ({} if values is None else values.fields()).values():
        yield from answer_issues(item, askable)
    for cut in node.items("cuts"):
        given = [key for key in ("value", "missing") if cut.get(key) is not None]
        if len(given) != 1:
            yield error("cut_answer", cut, "a cut needs either `value:` or `missing:`", "say what the range means")
        if cut.get("value") is not None:
            yield from answer_issues(cut.at("value"), askable)
        yield from _cut_bounds(cut)


def _cut_bounds(cut: Node) -> Iterator[Issue]:
    found = {key: number for key in _BOUNDS if (number := cut.number(key)) is not None}
    if not found:
        yield error("cut_bound", cut, "a cut needs a bound", f"one or two of {', '.join(_BOUNDS)}")
    elif {"below", "at_most"} <= set(found) or {"above", "at_least"} <= set(found):
        yield error("cut_bound", cut, "the cut has two bounds on one side", "keep one of them")
    else:
        low = next((found[key] for key in ("above", "at_least") if key in found), -math.inf)
        high = next((found[key] for key in ("below", "at_most") if key in found), math.inf)
        both_in = "at_least" in found and "at_most" in found
        if low > high or (low == high and not both_in):
            yield error("cut_bound", cut, "no number is in this range", "the lower bound must be below the upper one")


def _codes_once(node: Node) -> Iterator[Issue]:
    """A cell means one thing: `7` and `7.0` are the same cell."""
    seen: dict[Key, str] = {}
    for key in ("values", "numbers", "missing"):
        inner = node.get(key)
        for code, item in ({} if inner is None else inner.fields()).items():
            if not code.strip():
                yield error("blank_code", item, "a blank cell has no code", "say what blank means with `blank:`")
                continue
            same = cell_key(code)
            if same in seen:
                yield error(
                    "code_twice", item, f"the cell {code!r} has two meanings; see also {seen[same]}", "keep one"
                )
            seen.setdefault(same, f"`{key}`, line {item.line}")


def _forbid(node: Node, keys: tuple[str, ...], note: str) -> Iterator[Issue]:
    for key in keys:
        if node.get(key) is not None:
            yield error("key_misplaced", node.at(key), f"`{key}:` cannot stand here: {note}", f"take `{key}:` out")


def _unused(root: Node) -> Iterator[Issue]:
    used = {column_name(text) for text in _columns(root)}
    seen: set[str] = set()
    for item in root.items("unused"):
        column = column_name(item.text("column") or "")
        if column in used:
            yield error("used_and_unused", item, f"the column {column!r} is used above", "take it out of one place")
        if column in seen:
            yield error("unused_twice", item, f"the column {column!r} stands here twice", "keep one entry")
        seen.add(column)


def _columns(root: Node) -> Iterator[str]:
    for key in ("id_column", "weight_column"):
        yield root.text(key) or ""
    for key in ("id_column", "strata_columns"):
        yield from root.texts(key)
    yield from _conditions(root, "only_rows")
    stack = [*root.items("columns"), *root.items("multi_select")]
    while stack:
        node = stack.pop()
        for key in ("when", "shown_when", "boxes"):
            yield from _conditions(node, key)
        for rule in node.items("skipped"):
            yield from _conditions(rule, "when")
        if (certainty := node.get("certainty")) is not None:
            yield certainty.text("from") or ""
        if (text := node.text("from")) is not None:
            yield text
        for item in node.items("from"):
            if (text := item.text()) is not None:
                yield text
            else:
                stack.append(item)


def _conditions(node: Node, key: str) -> Iterator[str]:
    inner = node.get(key)
    yield from ({} if inner is None else inner.fields())
