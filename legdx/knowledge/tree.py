"""A folder of knowledge files, read but not yet judged: which file holds what."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from legdx.errors import Issue, Where, did_you_mean
from legdx.knowledge.digest import knowledge_files
from legdx.knowledge.nodes import Node
from legdx.knowledge.yaml_text import read_yaml

__all__ = ["Tree", "read_tree", "text_nodes"]

_REQUIRED = ("model.yaml", "factors.yaml", "bibliography.yaml", "text/en.yaml")
_TOP = {
    "model.yaml": "model",
    "factors.yaml": "factors",
    "syndromes.yaml": "syndromes",
    "groups.yaml": "groups",
    "red_flags.yaml": "red_flags",
    "bibliography.yaml": "bibliography",
    "renames.yaml": "renames",
    "claims.yaml": "claims",
    "checks.yaml": "checks",
    "verified.yaml": "verified",
}
_FOLDERS = {"causes": "cause", "findings": "findings", "text": "text"}


@dataclasses.dataclass(frozen=True, slots=True)
class Tree:
    """The files of one model.

    `files` leads from the name of a schema to the trees of its files, by relative path; `unread` from the path of a
    file that is missing or no YAML to the name of its schema; `issues` are the problems met while reading.
    """

    files: dict[str, dict[str, Node]]
    unread: dict[str, str]
    issues: tuple[Issue, ...]

    def walk(self) -> Iterator[Node]:
        """Iterate over every node of every file."""
        for nodes in self.files.values():
            for node in nodes.values():
                yield from node.walk()

    def _one(self, schema: str, path: str) -> Node:
        return self.files.get(schema, {}).get(path) or Node(None, path, 1)

    def _listed(self, schema: str) -> list[Node]:
        return [item for node in self.files.get(schema, {}).values() for item in node.items()]

    @property
    def model(self) -> Node:
        """The settings of the model."""
        return self._one("model", "model.yaml")

    @property
    def bibliography(self) -> Node:
        """The mapping from key to reference."""
        return self._one("bibliography", "bibliography.yaml")

    @property
    def renames(self) -> Node:
        """The mapping from old id to the id used now."""
        return self._one("renames", "renames.yaml")

    @property
    def verified(self) -> Node:
        """What two independent encodings agree on."""
        return self._one("verified", "verified.yaml")

    @property
    def factors(self) -> list[Node]:
        """The factors."""
        return self._listed("factors")

    @property
    def syndromes(self) -> list[Node]:
        """The syndromes."""
        return self._listed("syndromes")

    @property
    def groups(self) -> list[Node]:
        """The groups."""
        return self._listed("groups")

    @property
    def red_flags(self) -> list[Node]:
        """The red flags."""
        return self._listed("red_flags")

    @property
    def claims(self) -> list[Node]:
        """The claims of the articles."""
        return self._listed("claims")

    @property
    def checks(self) -> list[Node]:
        """The rates that the finished network is compared with."""
        return self._listed("checks")

    @property
    def findings(self) -> list[Node]:
        """The findings of all topics, in the order of the files' names."""
        return self._listed("findings")

    @property
    def causes(self) -> list[Node]:
        """The causes, one a file, in the order of the files' names."""
        return list(self.files.get("cause", {}).values())

    @property
    def texts(self) -> dict[str, Node]:
        """Language -> mapping from text id to text."""
        return {Path(path).stem: node for path, node in self.files.get("text", {}).items()}


def read_tree(folder: str | Path) -> Tree:
    """Return the files under `folder` that stand where they should, and the problems with the others."""
    root = Path(folder)
    if not root.is_dir():
        hint = "name the folder that holds model.yaml"
        return Tree({}, {}, (_file_issue("folder_missing", str(folder), "there is no such folder", hint),))
    issues: list[Issue] = []
    files: dict[str, dict[str, Node]] = {}
    unread: dict[str, str] = {}
    found = knowledge_files(root)
    for relative, path in found.items():
        schema = _schema_of(relative)
        if schema is None:
            issues.append(
                _file_issue("file_unexpected", relative, "no file of a model has this place", _place(relative))
            )
            continue
        node, problems = read_yaml(path.read_bytes(), relative)
        issues.extend(problems)
        if node is None:
            unread[relative] = schema
        else:
            files.setdefault(schema, {})[relative] = node
    for path in sorted(root.rglob("*.yml")):
        relative = path.relative_to(root).as_posix()
        issues.append(
            _file_issue("file_unexpected", relative, "only files named *.yaml are read", "rename it to .yaml")
        )
    for relative in _missing(found):
        issues.append(_file_issue("file_missing", relative, "a model needs this file", f"add {relative}"))
        unread[relative] = _TOP.get(relative) or _FOLDERS[relative.partition("/")[0]]
    return Tree(files, unread, tuple(issues))


def _file_issue(code: str, file: str, note: str, hint: str) -> Issue:
    return Issue(code, "error", Where(file=file), note, hint)


def _schema_of(relative: str) -> str | None:
    folder, _, name = relative.rpartition("/")
    return _FOLDERS.get(folder) if folder else _TOP.get(name)


def _place(relative: str) -> str:
    """Return a hint for a file that stands where no file of a model does."""
    name = relative.rpartition("/")[2]
    return did_you_mean(relative, [*_TOP, *(f"{folder}/{name}" for folder in _FOLDERS)])


def _missing(found: dict[str, Path]) -> list[str]:
    folders = {relative.partition("/")[0] for relative in found if "/" in relative}
    missing = [name for name in _REQUIRED if name not in found]
    return missing + [f"{folder}/*.yaml" for folder in ("causes", "findings") if folder not in folders]


def text_nodes(tree: Tree) -> Iterator[tuple[str, str, Node]]:
    """Iterate over (language, text id, text), first those of the text files, then those in the causes' own files."""
    for language, node in tree.texts.items():
        for text_id, text in node.fields().items():
            yield language, text_id, text
    for cause in tree.causes:
        inline = cause.get("text")
        for language, node in ({} if inline is None else inline.fields()).items():
            for key, text in node.fields().items():
                yield language, key if "." in key else f"cause.{cause.text('id')}.{key}", text
