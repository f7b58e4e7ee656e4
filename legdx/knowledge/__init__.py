"""What legdx believes and why: figures with sources, as records.

`load_knowledge` reads a folder of knowledge files, `check` lists everything that is wrong with one, and
`knowledge_digest` gives its fingerprint. YAML and schemas are imported only when one of the first two is called:
a built model carries its knowledge as plain types and reads it with `Knowledge.from_dict`.
"""

from __future__ import annotations

import typing

from legdx.knowledge.digest import knowledge_digest
from legdx.knowledge.frozenmap import FrozenMap
from legdx.knowledge.records import (
    Advice,
    BackgroundFigure,
    Cause,
    CheckFigure,
    Claim,
    Cut,
    Factor,
    Figure,
    Finding,
    FindingFigure,
    Group,
    Knowledge,
    Literal,
    Measured,
    ModelInfo,
    Population,
    PopulationShare,
    Prevalence,
    RedFlag,
    Reference,
    Risk,
    Seriousness,
    Syndrome,
    SyndromeFigure,
    Verified,
)

if typing.TYPE_CHECKING:
    from pathlib import Path

    from legdx.errors import Issue

__all__ = [
    "Advice",
    "BackgroundFigure",
    "Cause",
    "CheckFigure",
    "Claim",
    "Cut",
    "Factor",
    "Figure",
    "Finding",
    "FindingFigure",
    "FrozenMap",
    "Group",
    "Knowledge",
    "Literal",
    "Measured",
    "ModelInfo",
    "Population",
    "PopulationShare",
    "Prevalence",
    "RedFlag",
    "Reference",
    "Risk",
    "Seriousness",
    "Syndrome",
    "SyndromeFigure",
    "Verified",
    "check",
    "knowledge_digest",
    "load_knowledge",
]


def load_knowledge(path: str | Path) -> Knowledge:
    """Return the knowledge in the folder `path`.

    Raises KnowledgeError, with all issues, when any rule is broken; warnings alone do not stop it (see `check`).
    """
    from legdx.knowledge import loader

    return loader.load_knowledge(path)


def check(path: str | Path) -> list[Issue]:
    """Return every problem in the knowledge files under `path`, errors and warnings, in the order of file and line."""
    from legdx.knowledge import loader

    return loader.check(path)
