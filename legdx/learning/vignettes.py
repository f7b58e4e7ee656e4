"""Published cases as answers to a model's questions: one JSON object a line, read strictly (`schemas/`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from legdx.case import Questionnaire
from legdx.errors import CaseError, FormatError, Issue, UnderAgeError, Where, did_you_mean
from legdx.knowledge import FrozenMap
from legdx.urgency.records import Level

__all__ = ["Fact", "Gold", "Unmapped", "Vignette", "read_schema", "read_vignettes", "vignette_issues"]

Facts = Literal["all", "survey"]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """What of a fact is no answer: `why` is no_variable, other_threshold or not_specific; `what` is lacking, or why."""

    why: str
    what: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a case, and the answers that follow from it; `kind` is survey (the person knows it) or clinic."""

    fact: str
    status: str
    kind: str
    answers: FrozenMap[Any]
    unmapped: Unmapped | None = None


@dataclass(frozen=True, slots=True)
class Gold:
    """What is held to be the cause: `primary` ids, `acceptable` ids, and how sure that is (high, medium, low)."""

    name: str
    primary: tuple[str, ...]
    acceptable: tuple[str, ...]
    confidence: str
    note: str | None = None

    @property
    def accepted(self) -> tuple[str, ...]:
        """All ids that count as right."""
        return self.primary + self.acceptable


@dataclass(frozen=True, slots=True)
class Vignette:
    """One published case."""

    id: str
    title: str
    where: str
    under_18: bool
    person: FrozenMap[Any]
    facts: tuple[Fact, ...]
    gold: Gold
    urgency: Level
    urgency_reason: str
    leg_relevance: str

    def answers(self, which: Facts = "all") -> dict[str, Any]:
        """Return the answers of all facts, or of those that the person knows ("survey"), with age and sex."""
        result = dict(self.person)
        for fact in self.facts:
            if which in {"all", fact.kind}:
                result |= fact.answers
        return result


def read_schema() -> dict[str, Any]:
    """Return the JSON schema of one line, as published."""
    text = (resources.files("legdx.learning") / "schemas" / "vignette-1.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def read_vignettes(path: str | Path, questionnaire: Questionnaire) -> tuple[Vignette, ...]:
    """Read a file of vignettes, every name and value checked against the model.

    Args:
        path: JSON lines.
        questionnaire: of the model that the cases were mapped to (``Model.questionnaire``).

    Raises:
        FormatError: a line is no JSON, or the file cannot be read as text.
        CaseError: lines break the schema or name what the model does not have: all of it, by line.

    """
    place = Path(path)
    rows = list(_rows(place))
    issues = [issue for line, row in rows for issue in vignette_issues(row, questionnaire, place.name, line)]
    seen: set[str] = set()
    for line, row in rows:
        name = str(row.get("id"))
        if name in seen:
            issues.append(_issue("answered_twice", place.name, line, "id", f"{name!r} stands twice"))
        seen.add(name)
    if issues:
        message = f"{place.name} has {len(issues)} problem(s)"
        raise CaseError(message, issues)
    return tuple(_vignette(row) for _, row in rows)


def vignette_issues(row: Any, questionnaire: Questionnaire, file: str, line: int) -> Iterator[Issue]:  # noqa: ANN401
    """Yield everything wrong with one line: its shape first, and only in a sound one names and values."""
    from jsonschema import Draft202012Validator

    broken = list(Draft202012Validator(read_schema()).iter_errors(row))
    for error in broken:
        yield _issue("wrong_value", file, line, error.json_path, error.message[:200])
    if broken:
        return
    answers: dict[str, Any] = dict(row["person"])
    for fact in row["facts"]:
        if not fact["answers"] and "unmapped" not in fact:
            yield _issue("key_missing", file, line, fact["fact"], "the fact is neither mapped nor said to be unmapped")
        for name, value in fact["answers"].items():
            if answers.setdefault(name, value) != value:
                yield _issue("answered_twice", file, line, name, f"{name} has two answers")
    yield from _answer_issues(answers, questionnaire, file, line, under_18=row["under_18"])
    known = questionnaire.knowledge.causes
    for name in (*row["gold"]["primary"], *row["gold"]["acceptable"]):
        if name not in known:
            yield _issue("unknown_name", file, line, "gold", f"no cause {name!r}: {did_you_mean(name, known)}")


def _answer_issues(
    answers: Mapping[str, Any], questionnaire: Questionnaire, file: str, line: int, *, under_18: bool
) -> Iterator[Issue]:
    try:
        questionnaire.read(answers)
    except UnderAgeError:
        if not under_18:
            yield _issue("under_age", file, line, "under_18", "the age is under 18, and under_18 is false")
    except CaseError as error:
        for issue in error.issues:
            yield _issue(issue.code, file, line, issue.where.path or "facts", issue.note)


def _rows(place: Path) -> Iterator[tuple[int, Any]]:
    try:
        lines = place.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        message = f"{place.name} is not UTF-8 text"
        raise FormatError(message, hint="save it as UTF-8") from error
    for number, text in enumerate(lines, start=1):
        if text.strip():
            try:
                row = json.loads(text)
            except json.JSONDecodeError as error:
                message = f"{place.name}, line {number}: this is not JSON: {error.msg}"
                raise FormatError(message, hint="one JSON object a line") from error
            if not isinstance(row, dict):
                message = f"{place.name}, line {number}: this is no JSON object"
                raise FormatError(message, hint="one JSON object a line")
            yield number, row


def _vignette(row: Mapping[str, Any]) -> Vignette:
    gold = row["gold"]
    return Vignette(
        id=row["id"],
        title=row["source"]["title"],
        where=row["source"]["where"],
        under_18=row["under_18"],
        person=FrozenMap(row["person"]),
        facts=tuple(_fact(fact) for fact in row["facts"]),
        gold=Gold(
            gold["name"], tuple(gold["primary"]), tuple(gold["acceptable"]), gold["confidence"], gold.get("note")
        ),
        urgency=row["urgency"]["level"],
        urgency_reason=row["urgency"]["reason"],
        leg_relevance=row["leg_relevance"],
    )


def _fact(fact: Mapping[str, Any]) -> Fact:
    rest = fact.get("unmapped")
    unmapped = None if rest is None else Unmapped(rest["why"], rest.get("lacks") or rest.get("note", ""))
    return Fact(fact["fact"], fact["status"], fact["kind"], FrozenMap(fact["answers"]), unmapped)


def _issue(code: str, file: str, line: int, path: str, note: str) -> Issue:
    return Issue(code, "error", Where(file=file, line=line, path=path), note)
