"""A value of a knowledge file that knows its file and line."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator

from legdx.errors import Where

__all__ = ["Node", "Scalar"]

Scalar = str | int | float | bool | None


@dataclasses.dataclass(frozen=True, slots=True)
class Node:
    """A value of a YAML file with its place: a mapping to nodes, a list of nodes, or a scalar.

    The readers below never fail: what is absent or of another type reads as nothing, for the schema reports it.
    """

    value: dict[str, Node] | list[Node] | Scalar
    file: str
    line: int
    path: str = ""

    def where(self) -> Where:
        """Return the place, for an issue."""
        return Where(file=self.file, line=self.line, path=self.path or None)

    def get(self, key: str) -> Node | None:
        """Return the value of `key`, or None."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def at(self, key: str) -> Node:
        """Return the value of `key`, or this node where it is absent: the nearest place to point at."""
        return self.get(key) or self

    def fields(self) -> dict[str, Node]:
        """Return key -> node of a mapping; nothing of anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def items(self, key: str | None = None) -> list[Node]:
        """Return the nodes of a list, or of the list under `key`; nothing of anything else."""
        node = self if key is None else self.get(key)
        return node.value if node is not None and isinstance(node.value, list) else []

    def text(self, key: str | None = None) -> str | None:
        """Return the text of this scalar, or of the one under `key`; None if it is no text."""
        node = self if key is None else self.get(key)
        return node.value if node is not None and isinstance(node.value, str) else None

    def texts(self, key: str) -> list[str]:
        """Return the texts of the list under `key`."""
        return [item.value for item in self.items(key) if isinstance(item.value, str)]

    def number(self, key: str | None = None) -> float | None:
        """Return the number in this scalar, or in the one under `key`; None if it is no number."""
        node = self if key is None else self.get(key)
        if node is None or isinstance(node.value, bool) or not isinstance(node.value, int | float):
            return None
        return float(node.value)

    def plain(self) -> typing.Any:  # noqa: ANN401 - as JSON
        """Return the value without its places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def walk(self) -> Iterator[Node]:
        """Iterate over this node and all below it."""
        yield self
        if isinstance(self.value, dict):
            for node in self.value.values():
                yield from node.walk()
        elif isinstance(self.value, list):
            for node in self.value:
                yield from node.walk()
