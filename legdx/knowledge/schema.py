"""The shape of the knowledge files: closed JSON schemas, and what a breach of one means in words.

The schemas lie beside this module, one folder a version.
"""

from __future__ import annotations

import functools
import json
import re
import typing
from collections.abc import Iterator
from importlib import resources

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from legdx.errors import Issue, did_you_mean
from legdx.knowledge.nodes import Node
from legdx.knowledge.tree import Tree

__all__ = ["SCHEMA_VERSION", "read_schemas", "schema_issues"]

SCHEMA_VERSION = "1.0"
"""The version of the schemas that this legdx reads."""

_MAY_BE_EMPTY = frozenset(
    {"syndromes", "groups", "red_flags", "renames", "claims", "checks", "text", "findings", "factors", "verified"}
)
_TYPE_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}
_REQUIRED_HINTS = {
    "source": "every number needs a source, and a judgement cites editorial_judgement",
    "low": "every number needs an interval: low, high and its kind",
    "high": "every number needs an interval: low, high and its kind",
    "interval": "say what low and high are, for instance wilson95 or judged",
    "grade": "A, B, C or D",
    "opened": "true only if the text that the number stands in was read",
}


@functools.cache
def read_schemas() -> dict[str, dict[str, typing.Any]]:
    """Return name -> JSON schema, as published; `common` holds the parts that the others share."""
    folder = resources.files("legdx.knowledge") / "schemas" / SCHEMA_VERSION
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    return {file.name.removesuffix(".json"): json.loads(file.read_text(encoding="utf-8")) for file in files}


def schema_issues(tree: Tree) -> list[Issue]:
    """Return one issue for each place in `tree` where a file breaks its schema."""
    issues: list[Issue] = []
    for schema, nodes in tree.files.items():
        validator = _validator(schema)
        for node in nodes.values():
            if node.value is None and schema in _MAY_BE_EMPTY:
                continue
            for error in validator.iter_errors(node.plain()):
                issues.extend(_issues(error, node, schema))
    return list(dict.fromkeys(issues))


@functools.cache
def _validator(schema: str) -> Draft202012Validator:
    """Return the validator of one schema, with the shared parts copied into it: looking them up by URN is slow."""
    common = read_schemas()["common"]
    own = {**read_schemas()[schema], "$defs": common["$defs"]}
    return Draft202012Validator(json.loads(json.dumps(own).replace(f"{common['$id']}#", "#")))


def _issues(error: ValidationError, root: Node, schema: str) -> Iterator[Issue]:
    """Translate one error of jsonschema; unknown and missing keys become one issue each."""
    node = _follow(root, error.absolute_path)
    rules = typing.cast("dict[str, typing.Any]", error.schema)
    about = str(rules.get("description") or f"the schema {schema}.json says what may stand here")
    if "propertyNames" in error.absolute_schema_path:
        key = str(error.instance)
        yield _issue("key_form", node.at(key), f"{key!r} is no key of this mapping", about)
    elif error.validator == "additionalProperties":
        yield from _unknown_keys(error.instance, rules, node)
    elif error.validator == "required":
        yield from _missing_keys(error.instance, rules, node)
    else:
        yield _value_issue(error, node, about)


def _unknown_keys(instance: typing.Any, rules: dict[str, typing.Any], node: Node) -> Iterator[Issue]:  # noqa: ANN401 - JSON
    known = rules.get("properties", {})
    patterns = rules.get("patternProperties", {})
    for key in instance:
        if key not in known and not any(re.search(pattern, key) for pattern in patterns):
            yield _issue("unknown_key", node.at(key), f"the key {key!r} is not known here", did_you_mean(key, known))


def _missing_keys(instance: typing.Any, rules: dict[str, typing.Any], node: Node) -> Iterator[Issue]:  # noqa: ANN401 - JSON
    for key in rules["required"]:
        if key not in instance:
            about = _REQUIRED_HINTS.get(key) or rules["properties"][key].get("description")
            hint = f"add `{key}:`; {about}" if about else f"add `{key}:`"
            code = "source_missing" if key == "source" else "key_missing"
            yield _issue(code, node, f"the key {key!r} is missing", hint)


def _value_issue(error: ValidationError, node: Node, about: str) -> Issue:
    name = node.path.rpartition(".")[2] or "the file"
    instance: typing.Any = error.instance
    wanted: typing.Any = error.validator_value
    match error.validator:
        case "type":
            types = wanted if isinstance(wanted, list) else [wanted]
            words = " or ".join(_TYPE_WORDS[word] for word in types)
            hint = "put it in quotes" if "string" in types and isinstance(instance, int | float) else about
            return _issue("wrong_type", node, f"{name} should be {words}, and is {_type_word(instance)}", hint)
        case "enum":
            hint = did_you_mean(str(instance), map(str, wanted))
            return _issue("unknown_word", node, f"{instance!r} is no {name.partition('[')[0]}", hint)
        case "pattern":
            return _issue("wrong_form", node, f"{name}: {instance!r} is not of the right form", about)
        case "oneOf" | "not":
            return _issue("wrong_value", node, f"{name}: this cannot stand here", about)
        case _:
            return _issue("wrong_value", node, f"{name}: {error.message}", about)


def _issue(code: str, node: Node, note: str, hint: str) -> Issue:
    return Issue(code, "error", node.where(), note, hint)


def _follow(root: Node, path: typing.Iterable[str | int]) -> Node:
    node = root
    for part in path:
        node = node.items()[part] if isinstance(part, int) else node.at(part)
    return node


def _type_word(instance: object) -> str:
    if instance is None:
        return "empty"
    if isinstance(instance, bool):
        return "true or false"
    kinds: dict[type, str] = {dict: "object", list: "array", str: "string", int: "number", float: "number"}
    return _TYPE_WORDS[kinds[type(instance)]]
