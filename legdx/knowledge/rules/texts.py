"""Rules about the words that people read: each has one place, and belongs to something."""

from __future__ import annotations

from collections.abc import Iterator

from legdx.errors import Issue, did_you_mean
from legdx.knowledge.nodes import Node
from legdx.knowledge.rules.index import Index, error, warning
from legdx.knowledge.tree import text_nodes

__all__ = ["text_rules"]

_BASE_LANGUAGE = "en"
_PHRASES = "phrase."
"""Texts that belong to no variable: the sentences of explanations are made of them."""


def text_rules(index: Index) -> Iterator[Issue]:
    """No text is given twice or to nothing, and in English what a person meets has its words."""
    found: dict[tuple[str, str], Node] = {}
    for language, text_id, node in text_nodes(index.tree):
        if (language, text_id) in found:
            first = found[language, text_id]
            note = f"the text {text_id!r} is given again; first in {first.file}, line {first.line}"
            yield error("duplicate_text", node, note, "keep one of the two")
        found.setdefault((language, text_id), node)
    wanted, allowed = _text_ids(index)
    if "text" not in index.unread:
        for text_id, node in wanted.items():
            if (_BASE_LANGUAGE, text_id) not in found and node.value is not None:
                falls_back = text_id.endswith(".label")
                note = f"there is no text {text_id!r}" + (": its id is shown with spaces" if falls_back else "")
                yield warning("text_missing", node, note, f"add it to text/{_BASE_LANGUAGE}.yaml")
    if not index.tree.unread:
        for (_, text_id), node in found.items():
            if text_id not in allowed and not text_id.startswith(_PHRASES):
                yield warning("text_unused", node, f"nothing uses the text {text_id!r}", did_you_mean(text_id, allowed))


def _text_ids(index: Index) -> tuple[dict[str, Node], set[str]]:
    """Return the text ids that are wanted, with what wants them, and all those that have a use."""
    wanted: dict[str, Node] = {}
    optional: set[str] = set()
    for kind, members in index.variables.items():
        wanted.update({f"{kind}.{name}.label": node for name, node in members.items()})
    for name, factor in index.variables["factor"].items():
        wanted[f"factor.{name}.question"] = factor
        wanted.update({f"factor.{name}.state.{state}": factor for state in factor.texts("states")})
    for name, finding in index.variables["finding"].items():
        cost = finding.get("cost")
        asked = cost is None or cost.text("kind") == "question"
        optional |= {f"finding.{name}.question", f"finding.{name}.threshold"}
        if asked:
            wanted[f"finding.{name}.question"] = finding
        wanted.update({f"finding.{name}.level.{level}": finding for level in finding.texts("levels")})
    for name, cause in index.variables["cause"].items():
        optional |= {f"cause.{name}.summary", f"cause.{name}.definition"}
        for advice in cause.items("advice"):
            if advice.text("id") is not None:
                wanted.setdefault(f"advice.{advice.text('id')}", advice)
    for red_flag in index.tree.red_flags:
        if red_flag.text("id") is not None:
            wanted[f"red_flag.{red_flag.text('id')}"] = red_flag
    return wanted, optional | set(wanted)
