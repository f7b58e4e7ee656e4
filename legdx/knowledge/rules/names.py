"""Rules about ids: each is declared once, and every place that names one names a variable of the right kind."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from legdx.errors import Issue, did_you_mean
from legdx.knowledge.nodes import Node
from legdx.knowledge.rules.index import Index, error
from legdx.knowledge.tree import Tree

__all__ = ["claim_rules", "cycle_rules", "id_rules", "reference_rules", "rename_rules"]

_CLAIM = re.compile(r"S[0-9]+-[0-9]{2,}")
_RESERVED = frozenset({"age", "sex", "model"})


def id_rules(index: Index) -> Iterator[Issue]:
    """Ids are unique, over all variables, among red flags and within a cause's advice; a cause names its file."""
    tree = index.tree
    variables = (*tree.factors, *tree.causes, *tree.syndromes, *tree.groups, *tree.findings)
    yield from _duplicates(variables)
    yield from _duplicates(tree.red_flags)
    yield from _duplicates(tree.checks)
    for cause in tree.causes:
        yield from _duplicates(cause.items("advice"))
        name, stem = cause.text("id"), PurePosixPath(cause.file).stem
        if name is not None and name != stem:
            note = f"the id {name!r} differs from the file's name {stem!r}"
            yield error("id_not_file_name", cause.at("id"), note, f"call the file causes/{name}.yaml, or change the id")
    for node in variables:
        if node.text("id") in _RESERVED:
            note = f"{node.text('id')!r} cannot be an id: it is a word of legdx"
            yield error("reserved_id", node.at("id"), note, "choose a longer name")


def _duplicates(nodes: Iterable[Node]) -> Iterator[Issue]:
    first: dict[str, Node] = {}
    for node in nodes:
        name = node.text("id")
        if name is None:
            continue
        if name in first:
            place = first[name].at("id")
            note = f"the id {name!r} is declared again; first in {place.file}, line {place.line}"
            yield error("duplicate_id", node.at("id"), note, "ids are unique over all kinds: choose another")
        first.setdefault(name, node)


def reference_rules(index: Index) -> Iterator[Issue]:
    """Every id that one part of a file uses of another is declared, as the kind that the place takes."""
    tree = index.tree
    for node, kinds in itertools.chain(_names_in_causes(tree), _names_elsewhere(tree)):
        yield from index.refer(node, *kinds)
    for cause in tree.causes:
        for advice in cause.items("advice"):
            for node in advice.items("withheld_if"):  # conditions that the model does not hold yet may stand here
                yield from index.refer(node, "factor", "cause", strict=False)


def _names_in_causes(tree: Tree) -> Iterator[tuple[Node | None, tuple[str, ...]]]:
    for cause in tree.causes:
        for risk in cause.items("risks"):
            yield risk.get("from"), ("factor", "cause")
        for link in cause.items("syndromes"):
            yield link.get("syndrome"), ("syndrome",)
        for link in cause.items("findings"):
            yield link.get("finding"), ("finding",)
            yield link.get("via"), ("syndrome",)


def _names_elsewhere(tree: Tree) -> Iterator[tuple[Node | None, tuple[str, ...]]]:
    for factor in tree.factors:
        yield from ((risk.get("from"), ("factor",)) for risk in factor.items("risks"))
    for check in tree.checks:
        yield check.get("finding"), ("finding",)
        yield check.get("no_complaint_given"), ("cause",)
    for group in tree.groups:
        yield from ((node, ("cause",)) for node in group.items("members"))
    yield from ((node, ("cause",)) for node in tree.verified.items("causes"))
    for syndrome in tree.syndromes:
        yield from ((link.get("finding"), ("finding",)) for link in syndrome.items("findings"))
    for finding in tree.findings:
        yield finding.get("gate"), ("finding",)
    for red_flag in tree.red_flags:
        yield from ((literal.get("finding") or literal, ("finding",)) for literal in red_flag.items("all"))
        yield from ((node, ("cause",)) for node in red_flag.items("suggests"))


def claim_rules(index: Index) -> Iterator[Issue]:
    """Where the claims are listed, every claim that is named is one of them, and every one of them is named."""
    tree = index.tree
    listed = {name: node for node in tree.claims if (name := node.text("id")) is not None}
    if not listed:
        return
    yield from _duplicates(tree.claims)
    named: set[str] = set()
    for node in tree.walk():
        for claim in node.items("claims"):
            name = claim.text()
            if name is not None:
                named.add(name)
                if name not in listed and _CLAIM.fullmatch(name):  # another form is the schema's to report
                    yield error("unknown_claim", claim, f"there is no claim {name!r}", did_you_mean(name, listed))
    for name, node in listed.items():
        if name not in named and not index.unread:
            note = f"nothing answers the claim {name!r}"
            yield error("claim_unanswered", node, note, "name it where it is answered, or mark a figure contested")


def rename_rules(index: Index) -> Iterator[Issue]:
    """An old id leads to one that is used now, and is itself free."""
    known = [name for members in index.variables.values() for name in members]
    for old, node in index.tree.renames.fields().items():
        target = node.text()
        if index.kind_of(old) is not None:
            note = f"the old id {old!r} is in use"
            yield error("rename_in_use", node, note, "take the entry out, or call the variable otherwise")
        if target is not None and index.kind_of(target) is None and not index.unread:
            note = f"{old!r} is renamed to {target!r}, which nothing has as its id"
            yield error("rename_target", node, note, did_you_mean(target, known))


def cycle_rules(index: Index) -> Iterator[Issue]:
    """No variable depends on itself, over factors, causes, syndromes, findings and gates; a cycle is named once."""
    arrows = _arrows(index)
    done: set[str] = set()
    for start in arrows:
        yield from _cycles_from(start, arrows, done)


def _arrows(index: Index) -> dict[str, dict[str, Node]]:
    """Return child -> parent -> the place where the arrow is written."""
    arrows: dict[str, dict[str, Node]] = {}

    def add(child: str | None, parent: str | None, node: Node) -> None:
        if child is not None and parent is not None:
            arrows.setdefault(child, {}).setdefault(parent, node)

    for name, owner in (*index.variables["factor"].items(), *index.variables["cause"].items()):
        for risk in owner.items("risks"):
            add(name, risk.text("from"), risk.at("from"))
        for link in owner.items("syndromes"):
            add(link.text("syndrome"), name, link)
        for link in owner.items("findings"):
            add(link.text("finding"), link.text("via") or name, link)
    for name, syndrome in index.variables["syndrome"].items():
        for link in syndrome.items("findings"):
            add(link.text("finding"), name, link)
    for name, finding in index.variables["finding"].items():
        add(name, finding.text("gate"), finding.at("gate"))
    return arrows


def _cycles_from(start: str, arrows: Mapping[str, Mapping[str, Node]], done: set[str]) -> Iterator[Issue]:
    """Search the ancestors of `start` in depth, without recursion; `done` holds what needs no second visit."""
    path: list[str] = []
    stack: list[tuple[str, Iterator[str]]] = []

    def enter(name: str) -> None:
        path.append(name)
        stack.append((name, iter(arrows.get(name, {}))))

    if start not in done:
        enter(start)
    while stack:
        name, parents = stack[-1]
        parent = next(parents, None)
        if parent is None:
            done.add(name)
            path.pop()
            stack.pop()
        elif parent in path:
            cycle = path[path.index(parent) :]
            route = " -> ".join([parent, *reversed(cycle)])
            hint = "take one of these arrows out"
            yield error("cycle", arrows[name][parent], f"these depend on each other: {route}", hint)
        elif parent not in done:
            enter(parent)
