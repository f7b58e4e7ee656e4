"""What is declared in a tree of knowledge files, and what a name in one of them leads to."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import PurePosixPath

from legdx.errors import Issue, did_you_mean
from legdx.knowledge.nodes import Node
from legdx.knowledge.tree import Tree

__all__ = ["Index", "error", "make_index", "warning"]

_KIND_IN_FILE = {"factors": "factor", "syndromes": "syndrome", "groups": "group", "findings": "finding"}


def error(code: str, node: Node, note: str, hint: str | None = None) -> Issue:
    """Return an error at the place of `node`."""
    return Issue(code, "error", node.where(), note, hint)


def warning(code: str, node: Node, note: str, hint: str | None = None) -> Issue:
    """Return a warning at the place of `node`."""
    return Issue(code, "warning", node.where(), note, hint)


@dataclasses.dataclass(frozen=True, slots=True)
class Index:
    """The variables of a tree by kind and id, in the order of the files; the first of a doubled id counts.

    `unread` names what may be declared in files that could not be read: these kinds, `bibliography` or `text`. A name
    of such a kind is not called unknown.
    """

    tree: Tree
    variables: dict[str, dict[str, Node]]
    unread: frozenset[str]

    def kind_of(self, name: str) -> str | None:
        """Return the kind of variable that has this id."""
        return next((kind for kind, members in self.variables.items() if name in members), None)

    def find(self, kind: str, name: str | None) -> Node | None:
        """Return the variable of this kind and id."""
        return None if name is None else self.variables[kind].get(name)

    def states(self, name: str) -> list[str]:
        """Return the states of a factor or cause, the reference first."""
        factor = self.variables["factor"].get(name)
        return (factor.texts("states") if factor is not None else []) or ["absent", "present"]

    def refer(self, node: Node | None, *kinds: str, strict: bool = True) -> Iterator[Issue]:
        """Yield an issue if the id in `node` is not that of a variable of one of `kinds`.

        With `strict` it is an error, else a warning.
        """
        name = None if node is None else node.text()
        if node is None or name is None:
            return
        report = error if strict else warning
        kind, wanted = self.kind_of(name), " or ".join(kinds)
        if kind in kinds:
            return
        if kind is not None:
            note = f"{name!r} is a {kind}, and this place takes a {wanted}"
            yield report("wrong_kind", node, note, did_you_mean(name, self._names(kinds)))
        elif not self.unread.intersection(kinds):
            target = self.tree.renames.text(name)
            hint = f"it is now called {target!r}" if target else did_you_mean(name, self._names(kinds))
            yield report("unknown_id", node, f"there is no {wanted} {name!r}", hint)

    def _names(self, kinds: tuple[str, ...]) -> list[str]:
        return [name for kind in kinds for name in self.variables[kind]]


def make_index(tree: Tree) -> Index:
    """Return the index of a tree."""
    variables: dict[str, dict[str, Node]] = {}
    for kind, nodes in (
        ("factor", tree.factors),
        ("cause", tree.causes),
        ("syndrome", tree.syndromes),
        ("group", tree.groups),
        ("finding", tree.findings),
    ):
        members = variables.setdefault(kind, {})
        for node in nodes:
            name = node.text("id")
            if name is not None:
                members.setdefault(name, node)
    unread: set[str] = set()
    for path, schema in tree.unread.items():
        stem = PurePosixPath(path).stem
        if schema == "cause" and stem != "*":  # one cause a file: its id is known all the same
            variables["cause"].setdefault(stem, Node(None, path, 1))
        else:
            unread.add(_KIND_IN_FILE.get(schema, schema))
    return Index(tree, variables, frozenset(unread))
