"""What the questions with several ticks in a mapping file must keep beyond their shape."""

from __future__ import annotations

from collections.abc import Iterator

from legdx.case import MISSING
from legdx.errors import Issue, did_you_mean
from legdx.knowledge.nodes import Node
from legdx.survey.cells import cell_key
from legdx.survey.vocabulary import Askable, Vocabulary

__all__ = ["TICK_WORDS", "multi_select_issues"]

TICK_WORDS = ("none", "ignored", *MISSING)
"""What an option can say besides a variable: none of the others, nothing, or a kind of missing answer."""

_LIST_KEYS = ("separator", "options")
_BOX_KEYS = ("ticked", "unticked", "missing")


def multi_select_issues(node: Node, vocabulary: Vocabulary) -> Iterator[Issue]:
    """Return every breach of a rule in one question."""
    listed, boxes = node.get("from") is not None, node.get("boxes") is not None
    if listed == boxes:
        hint = "`from:`, `separator:` and `options:` for one column with a list; `boxes:` and `ticked:` for columns"
        yield _error("layout_unclear", node, "a question is either one column with a list, or a column a box", hint)
        return
    wanted, foreign = (_LIST_KEYS, _BOX_KEYS) if listed else (("boxes", "ticked"), (*_LIST_KEYS, "other"))
    for key in wanted:
        if node.get(key) is None:
            yield _error("key_missing", node, f"the key {key!r} is missing", f"add `{key}:`")
    for key in foreign:
        if node.get(key) is not None:
            yield _error("key_misplaced", node.at(key), f"`{key}:` belongs to the other layout", "take it out")
    targets = node.get("boxes") if boxes else node.get("options")
    for item in ({} if targets is None else targets.fields()).values():
        yield from _target(item, vocabulary)
    if node.text("unticked_is") == "absent" and node.get("shown_when") is None:
        hint = "add `shown_when:`, cells of a column that prove the question was on the person's screen"
        yield _error("unticked_is_no_answer", node.at("unticked_is"), "what is not ticked may not have been seen", hint)
    yield from _ticks_once(node)


def _target(node: Node, vocabulary: Vocabulary) -> Iterator[Issue]:
    name, value = node.text() or node.text("variable"), node.text("value")
    if name is None or (node.text() in TICK_WORDS):
        return
    askable = vocabulary.get(name)
    if askable is None:
        hint = did_you_mean(name, (*vocabulary.names, *TICK_WORDS))
        yield _error("unknown_variable", node, f"unknown variable {name!r}", hint)
    elif askable.unit is not None:
        yield _error("unknown_value", node, f"{name} is a number, and no box", "map its column under `columns:`")
    else:
        yield from _value(node, askable, value)


def _value(node: Node, askable: Askable, value: str | None) -> Iterator[Issue]:
    if value is None and not askable.is_yes_no:
        listed = ", ".join(repr(answer) for answer in askable.answers)
        hint = f"write {{variable: {askable.name}, value: ...}}"
        yield _error("value_missing", node, f"{askable.name} takes {listed}", hint)
    elif value is not None and value not in askable.answers:
        yield _error(
            "unknown_value", node, f"{value!r} is not a value of {askable.name}", did_you_mean(value, askable.answers)
        )


def _ticks_once(node: Node) -> Iterator[Issue]:
    seen: dict[object, str] = {}
    missing = node.get("missing")
    groups = {"ticked": node.texts("ticked"), "unticked": node.texts("unticked")}
    groups["missing"] = [] if missing is None else list(missing.fields())
    for key, texts in groups.items():
        for text in texts:
            same = cell_key(text)
            if seen.setdefault(same, key) != key:
                yield _error(
                    "code_twice", node.at(key), f"the cell {text!r} also stands under `{seen[same]}`", "keep one"
                )


def _error(code: str, node: Node, note: str, hint: str) -> Issue:
    return Issue(code, "error", node.where(), note, hint)
