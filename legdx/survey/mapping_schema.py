"""The shape of a mapping file: a closed JSON schema, and what a breach of it means in words."""

from __future__ import annotations

import functools
import json
import typing
from collections.abc import Iterable
from importlib import resources

from legdx.errors import Issue, did_you_mean
from legdx.knowledge.nodes import Node

if typing.TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

__all__ = ["read_schema", "schema_issues"]

_WORDS = {"object": "a mapping", "array": "a list", "string": "text", "number": "a number"}
_KINDS = {dict: "object", list: "array", str: "string", int: "number", float: "number"}


def read_schema() -> dict[str, typing.Any]:
    """Return the JSON schema of mapping files, as published."""
    text = (resources.files("legdx.survey") / "schemas" / "mapping-1.json").read_text(encoding="utf-8")
    schema: dict[str, typing.Any] = json.loads(text)
    return schema


def schema_issues(root: Node) -> list[Issue]:
    """Return one issue for each place where the file breaks the schema."""
    return [issue for error in _validator().iter_errors(root.plain()) for issue in _issues(error, root)]


@functools.cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(read_schema())


def _issues(error: ValidationError, root: Node) -> Iterable[Issue]:  # noqa: C901 - one case a keyword of JSON schema
    """Translate one error of jsonschema; unknown and missing keys become one issue each."""
    rules = typing.cast("dict[str, typing.Any]", error.schema)
    node = _follow(root, error.absolute_path)
    name = node.path.rpartition(".")[2] or "the file"
    about = str(rules.get("description", "docs/mapping.md shows what may stand here"))
    wanted, instance = typing.cast("typing.Any", error.validator_value), typing.cast("typing.Any", error.instance)
    match error.validator:
        case "additionalProperties":
            known = list(rules["properties"])
            for key in instance:
                if key not in known:
                    yield _issue(
                        "unknown_key", node.at(key), f"the key {key!r} is not known here", did_you_mean(key, known)
                    )
        case "required":
            for key in wanted:
                if key not in instance:
                    hint = str(rules["properties"][key].get("description", ""))
                    yield _issue("key_missing", node, f"the key {key!r} is missing", f"add `{key}:` {hint}".strip())
        case "type":
            found = "empty" if instance is None else _WORDS.get(_KINDS.get(type(instance), ""), "true or false")
            hint = "put it in quotes" if wanted == "string" and isinstance(instance, bool | int | float) else about
            yield _issue("wrong_type", node, f"{name} should be {_WORDS[wanted]}, and is {found}", hint)
        case "enum" if name == "schema_version":
            yield _issue(
                "schema_version", node, f"{instance!r} is no version that is read here", f"write {wanted[0]!r}"
            )
        case "enum":
            yield _issue("unknown_word", node, f"{instance!r} cannot stand here", did_you_mean(str(instance), wanted))
        case "const":
            yield _issue("schema_version", node, f"{instance!r} is no version that is read here", f"write {wanted!r}")
        case _:
            yield _issue("wrong_value", node, f"{name}: {error.message}", about)


def _issue(code: str, node: Node, note: str, hint: str) -> Issue:
    return Issue(code, "error", node.where(), note, hint)


def _follow(root: Node, path: Iterable[str | int]) -> Node:
    node = root
    for part in path:
        node = node.items()[part] if isinstance(part, int) else node.at(part)
    return node
