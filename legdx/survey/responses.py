"""Answers as FHIR QuestionnaireResponses: one, a bundle of them, or one a line (NDJSON); each becomes a row."""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator
from pathlib import Path

from legdx.errors import SurveyError
from legdx.survey.container import first_bytes, open_bytes, refuse_damage

__all__ = ["ID", "is_responses", "response_columns", "response_rows"]

ID = "id"
"""The column that holds who answered: the subject, else the id of the response."""

_HEAD = 1 << 16
_DEPTH = 20
Json = dict[str, typing.Any]


def is_responses(path: Path) -> bool:
    """Say whether a file begins as FHIR responses do."""
    head = first_bytes(path, _HEAD)
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")) and b"QuestionnaireResponse" in head


def response_columns(path: Path) -> tuple[str, ...]:
    """Return the id column and every question that somebody was shown, in the order met."""
    names: dict[str, None] = {ID: None}
    for row in _read(path):
        names |= dict.fromkeys(row)
    return tuple(names)


def response_rows(path: Path, columns: tuple[str, ...]) -> Iterator[list[str]]:
    """Iterate over the responses as rows of text."""
    for row in _read(path):
        yield [row.get(column, "") for column in columns]


def _read(path: Path) -> Iterator[dict[str, str]]:
    for resource in _resources(path):
        if not isinstance(resource, dict) or resource.get("resourceType") != "QuestionnaireResponse":
            message = f"{path.name} holds something else than QuestionnaireResponses"
            raise SurveyError(message, "export the responses alone, as a bundle or one a line")
        yield {ID: _who(resource)} | dict(_answers(resource, 0))


def _resources(path: Path) -> Iterator[typing.Any]:
    """Iterate over what the file holds; a file with one JSON text a line is read line by line."""
    try:
        with refuse_damage(path), open_bytes(path) as stream:
            first = stream.readline()
            try:
                one = json.loads(first)
            except json.JSONDecodeError:
                one = None
            if not isinstance(one, dict) or (one.get("resourceType") == "Bundle"):
                whole = json.loads(first + stream.read())
                yield from _unbundled(whole)
                return
            yield one
            for line in stream:
                if line.strip():
                    yield json.loads(line)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{path.name} is no JSON: {type(error).__name__}"
        raise SurveyError(message, "export the responses again") from error


def _unbundled(whole: typing.Any) -> Iterator[typing.Any]:  # noqa: ANN401 - any JSON
    if isinstance(whole, dict) and whole.get("resourceType") == "Bundle":
        entries = whole.get("entry")
        for entry in entries if isinstance(entries, list) else []:
            yield entry.get("resource") if isinstance(entry, dict) else entry
    elif isinstance(whole, list):
        yield from whole
    else:
        yield whole


def _who(resource: Json) -> str:
    subject = resource.get("subject")
    subject = subject if isinstance(subject, dict) else {}
    identifier = subject.get("identifier")
    value = identifier.get("value") if isinstance(identifier, dict) else None
    found = next((part for part in (subject.get("reference"), value, resource.get("id")) if part), "")
    return str(found)


def _answers(node: Json, depth: int) -> Iterator[tuple[str, str]]:
    items = node.get("item")
    if depth > _DEPTH or not isinstance(items, list):
        return
    for item in items:
        if not isinstance(item, dict):
            continue
        link, answers = item.get("linkId"), item.get("answer")
        if isinstance(link, str):
            given = [answer for answer in answers if isinstance(answer, dict)] if isinstance(answers, list) else []
            if given or "item" not in item:
                yield link, ";".join(_text(answer) for answer in given)
            for answer in given:
                yield from _answers(answer, depth + 1)
        yield from _answers(item, depth + 1)


def _text(answer: Json) -> str:
    """Return an answer as the text of a cell; a quantity has its unit, so that another unit is not read wrongly."""
    for key, value in answer.items():
        if key == "valueCoding" and isinstance(value, dict):
            return str(value.get("code", value.get("display", "")))
        if key == "valueQuantity" and isinstance(value, dict):
            return f"{value.get('value', '')} {value.get('unit') or value.get('code') or ''}".strip()
        if key == "valueBoolean":
            return "true" if value is True else "false"
        if key.startswith("value"):
            return str(value)
    return ""
