"""Everything that is wrong with a tree of knowledge files, found in one pass over all rules."""

from __future__ import annotations

from legdx.errors import Issue
from legdx.knowledge.rules import figures, names, sources, texts, variables
from legdx.knowledge.rules.index import make_index
from legdx.knowledge.schema import schema_issues
from legdx.knowledge.tree import Tree

__all__ = ["validate"]


def validate(tree: Tree) -> list[Issue]:
    """Return every breach of a schema or rule in `tree`, sorted by file and line."""
    index = make_index(tree)
    issues = [
        *tree.issues,
        *schema_issues(tree),
        *names.id_rules(index),
        *names.reference_rules(index),
        *names.rename_rules(index),
        *names.claim_rules(index),
        *names.cycle_rules(index),
        *figures.figure_rules(tree),
        *figures.age_rules(tree),
        *variables.model_rules(index),
        *variables.factor_rules(index),
        *variables.cause_rules(index),
        *variables.syndrome_rules(index),
        *variables.finding_rules(index),
        *variables.red_flag_rules(index),
        *sources.source_rules(index),
        *texts.text_rules(index),
    ]
    return sorted(dict.fromkeys(issues), key=_order)


def _order(issue: Issue) -> tuple[str, int, str, str]:
    where = issue.where
    return where.file or "", where.line or 0, issue.level, issue.code
