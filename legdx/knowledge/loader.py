"""A folder of knowledge files to records, or to a list of everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

from legdx.errors import Issue, KnowledgeError
from legdx.knowledge.assembly import assemble
from legdx.knowledge.digest import knowledge_digest
from legdx.knowledge.records import Knowledge
from legdx.knowledge.tree import read_tree
from legdx.knowledge.validator import validate
from legdx.knowledge.verified import verified_issues

__all__ = ["check", "load_knowledge"]


def check(path: str | Path) -> list[Issue]:
    """Return every problem in the knowledge files under `path`, errors and warnings, in the order of file and line."""
    tree = read_tree(path)
    issues = validate(tree)
    if tree.verified.get("figures") is None or any(issue.level == "error" for issue in issues):
        return issues
    return [*issues, *verified_issues(tree.verified, assemble(tree, "").figures())]


def load_knowledge(path: str | Path) -> Knowledge:
    """Return the knowledge in the folder `path`.

    Raises KnowledgeError, with all issues, when any rule is broken; warnings alone do not stop it (see `check`).
    """
    tree = read_tree(path)
    issues = validate(tree)
    errors = sum(issue.level == "error" for issue in issues)
    if errors:
        message = f"the knowledge files in {path} have {'one error' if errors == 1 else f'{errors} errors'}"
        raise KnowledgeError(message, issues, hint="mend the files, then see with `legdx check` that nothing is left")
    return assemble(tree, knowledge_digest(path))
