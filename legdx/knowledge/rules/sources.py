"""Rules about the bibliography: what is cited is there, what is there is cited, and a reader can find it."""

from __future__ import annotations

from collections.abc import Iterator

from legdx.errors import Issue, did_you_mean
from legdx.knowledge.nodes import Node
from legdx.knowledge.rules.figures import JUDGEMENT
from legdx.knowledge.rules.index import Index, error, warning

__all__ = ["source_rules"]


def source_rules(index: Index) -> Iterator[Issue]:
    """Every source is in the bibliography, and every entry is cited, can be found, and stands there once."""
    entries = index.tree.bibliography.fields()
    cited: set[str] = set()
    for node in index.tree.walk():
        source = node.text("source")
        if source is None:
            continue
        cited.add(source)
        if source not in entries and "bibliography" not in index.unread:
            hint = did_you_mean(source, entries)
            yield error("unknown_source", node.at("source"), f"the bibliography has no {source!r}", hint)
    yield from _entry_rules(index, entries, cited)


def _entry_rules(index: Index, entries: dict[str, Node], cited: set[str]) -> Iterator[Issue]:
    keys_by_doi: dict[str, str] = {}
    for key, node in entries.items():
        if key == JUDGEMENT or not isinstance(node.value, dict):
            continue
        if not any(node.get(name) for name in ("doi", "pmid", "url")):
            hint = "give a doi, a pmid or a url"
            yield error("reference_unfindable", node, f"nobody can find {key!r}", hint)
        if key not in cited and not index.tree.unread:
            yield warning("reference_unused", node, f"nothing cites {key!r}", "cite it, or take it out")
        doi = (node.text("doi") or "").lower()
        if doi and doi in keys_by_doi:
            hint = "cite one key, so that figures of one source are known to belong together"
            yield warning("reference_twice", node, f"{key!r} has the doi of {keys_by_doi[doi]!r}", hint)
        keys_by_doi.setdefault(doi, key)
