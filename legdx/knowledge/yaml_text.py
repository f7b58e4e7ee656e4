"""YAML text to a tree of values that know their file and line.

Only plain data is read: mappings with text keys, sequences, and scalars of the YAML 1.2 core schema (so `no` is text
and `1e-5` a number). Tags, aliases and doubled keys are problems; all of them are collected and reading goes on.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import yaml

from legdx.errors import Issue, Where
from legdx.knowledge.nodes import Node, Scalar

__all__ = ["read_yaml"]

_DEPTH = 32
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(content: bytes, file: str) -> tuple[Node | None, list[Issue]]:
    """Return the tree of the one document in `content`, and the problems found on the way.

    The tree is None when the text is no YAML; an empty document is a node with the value None. `file` is the name to
    give to the places.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = Where(file=file, line=content.count(b"\n", 0, error.start) + 1)
        return None, [Issue("not_utf8", "error", where, "this is not UTF-8 text", "save the file as UTF-8")]
    # Events, not composed nodes: libyaml composes by recursion in C, and text nested deeply enough crashes it.
    reader = _Reader(yaml.parse(text, Loader=_PARSER), file)
    try:
        return reader.read_document(), reader.issues
    except yaml.YAMLError as error:
        return None, [*reader.issues, _syntax_issue(error, file)]
    except _TooDeepError:
        return None, reader.issues


def _syntax_issue(error: yaml.YAMLError, file: str) -> Issue:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    where = Where(file=file, line=1 if mark is None else int(mark.line) + 1)
    if "maximum nesting depth" in problem:  # PyYAML 6.0.4 and newer give up before _DEPTH counts
        return Issue("yaml_depth", "error", where, f"this is nested too deep: {problem}", "flatten it")
    hint = "check the indentation, and quote text that holds `: `, ` #`, or starts with a sign"
    return Issue("yaml_syntax", "error", where, f"this is not YAML: {problem}", hint)


class _TooDeepError(Exception):
    """The text nests deeper than any knowledge file; reading stops there."""


class _Reader:
    """Makes nodes from the events of PyYAML, collecting issues."""

    def __init__(self, events: Iterator[yaml.Event], file: str) -> None:
        self.issues: list[Issue] = []
        self._events = events
        self._file = file

    def read_document(self) -> Node:
        """Return the first document; any further one is an issue."""
        documents: list[Node] = []
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if documents:
                    self._refuse("yaml_documents", _line(event), "", "a second document begins here", "use two files")
                documents.append(self._read(next(self._events), "", 0))
        return documents[0] if documents else Node(None, self._file, 1)

    def _read(self, event: yaml.Event, path: str, depth: int, line: int | None = None) -> Node:
        """Return the value that begins with `event`, at `path`; `line` is that of its key, else its own."""
        line = _line(event) if line is None else line
        if depth > _DEPTH:
            self._refuse("yaml_depth", line, path, f"this is nested more than {_DEPTH} deep", "flatten it")
            raise _TooDeepError
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse("yaml_tag", line, path, f"the tag {tag!r} is used", "write plain data, without tags")
        if isinstance(event, yaml.AliasEvent):
            self._refuse("yaml_alias", line, path, f"the alias *{event.anchor} is used", "write the value out")
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self._read_mapping(path, depth), self._file, line, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(self._read_sequence(path, depth), self._file, line, path)
        return Node(_scalar(event) if isinstance(event, yaml.ScalarEvent) else None, self._file, line, path)

    def _read_sequence(self, path: str, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._read(event, f"{path}[{len(items)}]", depth + 1))
        return items

    def _read_mapping(self, path: str, depth: int) -> dict[str, Node]:
        fields: dict[str, Node] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line, key = _line(event), event.value if isinstance(event, yaml.ScalarEvent) else None
            if key is None or key == "<<":
                note = "a merge key (<<) is used" if key else "a key is not plain text"
                self._refuse("yaml_key", line, path, note, "write each key out as text")
                if key is None:
                    self._read(event, path, depth + 1)
                self._read(next(self._events), path, depth + 1)
                continue
            inner = f"{path}.{key}" if path else key
            value = self._read(next(self._events), inner, depth + 1, line)
            if key in fields:
                note = f"the key {key!r} stands here again; first in line {fields[key].line}"
                self._refuse("duplicate_key", line, inner, note, "keep one of the two")
            fields.setdefault(key, value)
        return fields

    def _refuse(self, code: str, line: int, path: str, note: str, hint: str) -> None:
        where = Where(file=self._file, line=line, path=path or None)
        self.issues.append(Issue(code, "error", where, note, hint))


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return 1 if mark is None else int(mark.line) + 1


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    text = event.value
    if event.style:  # quoted or block text
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
