"""The exceptions of legdx and the record that describes one problem in somebody's data.

Exceptions are for programmers: one base class, each with a hint that says what to do next.
Problems in data (knowledge files, survey cells, cases) are `Issue` records, collected to the end and then
carried, all of them, by the one exception that ends the work.

This module imports nothing of legdx, so that every other module may import it.
"""

from __future__ import annotations

import dataclasses
import difflib
import typing
from collections.abc import Iterable, Mapping

__all__ = [
    "CaseError",
    "FormatError",
    "ImpossibleEvidenceError",
    "Issue",
    "KnowledgeError",
    "LegdxError",
    "MappingError",
    "StaleArtefactError",
    "SurveyError",
    "TooCostlyError",
    "UnderAgeError",
    "UnknownNameError",
    "UnknownValueError",
    "Where",
    "did_you_mean",
    "nearest_names",
]

MINIMUM_AGE = 18
"""Youngest age, in whole years, for which legdx answers."""

_LISTED_NAMES = 8
_CANDIDATES = 3
_LIKENESS = 0.6


@dataclasses.dataclass(frozen=True, slots=True)
class Where:
    """The place of a problem: in a file, in a table, or in a case; what does not apply is None.

    Lines and rows count from 1. `path` is the place inside the file (`findings[3].value`); `column` and `value` are
    the header and the content of a table cell, as written.
    """

    file: str | None = None
    line: int | None = None
    path: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def to_dict(self) -> dict[str, str | int]:
        """Return the known parts as plain JSON types.

        >>> Where(file="factors.yaml", line=3).to_dict()
        {'file': 'factors.yaml', 'line': 3}
        """
        parts = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: part for name, part in parts.items() if part is not None}

    def __str__(self) -> str:
        """Write the place on one line, as compilers do: `file:line (path)` or `row 3, column 'age'`."""
        spot = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        if self.file is None and self.line is not None:
            spot = f"line {self.line}"
        cell = ", ".join(
            text
            for text, part in (
                (f"row {self.row}", self.row),
                (f"column {self.column!r}", self.column),
                (f"value {self.value!r}", self.value),
            )
            if part is not None
        )
        main = ", ".join(part for part in (spot, cell) if part)
        if self.path is None:
            return main
        return f"{main} ({self.path})" if main else self.path


@dataclasses.dataclass(frozen=True, slots=True)
class Issue:
    """One problem in somebody's data: a stable code, how bad it is, where it is, what it is, and what to do.

    `code` is snake_case and stays the same from version to version; `note` and `hint` are for people and may change.
    """

    code: str
    level: typing.Literal["error", "warning"]
    where: Where
    note: str
    hint: str | None = None

    def to_dict(self) -> dict[str, typing.Any]:
        """Return the issue as plain JSON types.

        >>> Issue("unknown_id", "error", Where(row=2, column="sex"), "no such value").to_dict()["where"]
        {'row': 2, 'column': 'sex'}
        """
        return {
            "code": self.code,
            "level": self.level,
            "where": self.where.to_dict(),
            "note": self.note,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        """Write the issue on one line: place, level, code, note, hint."""
        place = str(self.where)
        start = f"{place}: " if place else ""
        end = f" Hint: {self.hint}" if self.hint else ""
        return f"{start}{self.level}: {self.code}: {self.note}{end}"


def nearest_names(name: object, known: Iterable[str], number: int = _CANDIDATES) -> tuple[str, ...]:
    """Return up to `number` of the known names that look most like `name`, best first.

    >>> nearest_names("tremour", ["tremor", "weakness"])
    ('tremor',)
    """
    lowered: dict[str, str] = {}
    for candidate in sorted(set(known)):
        lowered.setdefault(candidate.lower(), candidate)
    found = difflib.get_close_matches(str(name).strip().lower().replace(" ", "_"), lowered, n=number, cutoff=_LIKENESS)
    return tuple(lowered[key] for key in found)


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return a hint for an unknown name: the nearest known names, or the known names if these are few.

    >>> did_you_mean("tremour", ["tremor", "weakness"])
    "did you mean 'tremor'?"
    >>> did_you_mean("age", ["tremor", "weakness"])
    "known: 'tremor', 'weakness'"
    """
    names = sorted(set(known))
    nearest = nearest_names(name, names)
    if nearest:
        return f"did you mean {' or '.join(repr(candidate) for candidate in nearest)}?"
    if not names:
        return "none is known"
    shown = ", ".join(repr(candidate) for candidate in names[:_LISTED_NAMES])
    left = len(names) - _LISTED_NAMES
    return f"known: {shown} and {left} more" if left > 0 else f"known: {shown}"


class LegdxError(Exception):
    """Base of every exception that legdx raises on purpose.

    `message` says what is wrong, `hint` what to do about it; `str()` shows both.

    >>> print(LegdxError("the file is empty", hint="export it again"))
    the file is empty
    Hint: export it again
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        """Keep the message and the hint."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return the message, and the hint on a line of its own."""
        return f"{self.message}\nHint: {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[typing.Any, ...]:
        """Make every subclass picklable, whatever its constructor takes, so that errors cross processes."""
        return _rebuild, (type(self), self.args, dict(self.__dict__))


def _rebuild(kind: type[LegdxError], args: tuple[typing.Any, ...], state: Mapping[str, typing.Any]) -> LegdxError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class _IssuesError(LegdxError):
    """An error that ends a piece of work after all its issues were collected; `str()` lists them all."""

    def __init__(self, message: str, issues: Iterable[Issue] = (), hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.issues = tuple(issues)

    def __str__(self) -> str:
        lines = [self.message, *(f"  {issue}" for issue in self.issues)]
        if self.hint:
            lines.append(f"Hint: {self.hint}")
        return "\n".join(lines)


class KnowledgeError(_IssuesError):
    """The knowledge files break a rule; `issues` holds every problem found, not only the first."""


class CaseError(_IssuesError):
    """A case cannot be read as answers to this model; `issues` holds every problem found."""


class MappingError(_IssuesError):
    """A survey mapping file cannot be used; `issues` holds every problem found."""


class UnderAgeError(CaseError):
    """The person is younger than the model's population; there is no answer for children."""

    def __init__(self, minimum_age: int = MINIMUM_AGE, issues: Iterable[Issue] = ()) -> None:
        """Refuse, naming the youngest age in whole years; the person's own age is not repeated."""
        note = f"the model is for people of {minimum_age} years and over"
        listed = tuple(issues) or (Issue("under_age", "error", Where(path="age"), note),)
        super().__init__(
            f"no answer is given: {note}",
            listed,
            hint="a child with these complaints should be seen by a doctor",
        )
        self.minimum_age = minimum_age


class StaleArtefactError(LegdxError):
    """A built model does not belong to the knowledge files beside it, or to this version of legdx."""

    def __init__(self, message: str, hint: str | None = "run `legdx build` to build it again") -> None:
        """Keep the message; the hint names the command that mends it."""
        super().__init__(message, hint)


class UnknownNameError(LegdxError):
    """A name is not one of those that are known; the hint gives the nearest.

    >>> print(UnknownNameError("tremour", ["tremor", "weakness"], kind="finding"))
    unknown finding 'tremour'
    Hint: did you mean 'tremor'?
    """

    def __init__(self, name: str, known: Iterable[str] = (), kind: str = "name") -> None:
        """Keep the name, the kind of thing it should name, and the nearest known names as `candidates`."""
        names = tuple(known)
        super().__init__(f"unknown {kind} {name!r}", did_you_mean(name, names) if names else None)
        self.name = name
        self.kind = kind
        self.candidates = nearest_names(name, names)


class UnknownValueError(LegdxError):
    """A value is not one of those that a variable can take.

    >>> print(UnknownValueError("sex", "woman", ["female", "male"]))
    'woman' is not a value of sex
    Hint: use one of 'female', 'male'
    """

    def __init__(self, name: str, value: object, allowed: Iterable[str] = (), hint: str | None = None) -> None:
        """Keep the variable's name, the value as given, and the values allowed, in the variable's order."""
        values = tuple(allowed)
        if hint is None and values:
            hint = f"use one of {', '.join(repr(choice) for choice in values)}"
        super().__init__(f"{value!r} is not a value of {name}", hint)
        self.name = name
        self.value = value
        self.allowed = values


class ImpossibleEvidenceError(LegdxError):
    """The answers have probability zero under the model, so that no posterior exists.

    ``urgency``, where a person's answers were assessed, is what the red-flag rules say without any posterior.
    """

    urgency: typing.Any = None

    def __init__(
        self,
        message: str = "these answers cannot all be true under the model",
        hint: str | None = "look for a contradiction among the answers",
        names: Iterable[str] = (),
    ) -> None:
        """Keep the message, the hint, and the names of the variables in conflict where these are known."""
        super().__init__(message, hint)
        self.names = tuple(names)


class TooCostlyError(LegdxError):
    """An exact answer would take more memory or time than the budget allows; known before any of it is taken.

    ``urgency``, where a person's answers were assessed, is what the red-flag rules say without any posterior.
    """

    urgency: typing.Any = None

    def __init__(
        self,
        predicted_entries: int,
        predicted_bytes: int,
        predicted_seconds: float,
        hint: str | None = "answer more of the questions that are still open, or raise the budget",
    ) -> None:
        """Keep the predicted table entries (a count), memory (bytes) and time (seconds)."""
        super().__init__(
            f"an exact answer would take about {predicted_entries:,} table entries, "
            f"{predicted_bytes / 1e6:,.1f} MB and {predicted_seconds:,.2f} s, more than the budget allows",
            hint,
        )
        self.predicted_entries = predicted_entries
        self.predicted_bytes = predicted_bytes
        self.predicted_seconds = predicted_seconds


class SurveyError(LegdxError):
    """A survey table cannot be read at all; problems in single cells and rows are issues, not errors."""


class FormatError(LegdxError):
    """Text or bytes are not in the format that they should be in."""
