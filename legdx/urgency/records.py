"""The level of urgency and its reasons, as frozen values that can be written as JSON and read back."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass

from legdx.knowledge.plain import from_plain

__all__ = ["LEVELS", "Kind", "Level", "RaisedBy", "Reason", "Urgency", "height"]

Level = typing.Literal["emergency", "urgent", "routine", "self_care"]
Kind = typing.Literal["rule", "posterior", "not_asked"]

LEVELS: tuple[Level, ...] = ("emergency", "urgent", "routine", "self_care")
"""The levels, highest first."""

_HEIGHTS = {level: height for height, level in enumerate(reversed(LEVELS))}


def height(level: Level) -> int:
    """Return how high a level is, 0 (self_care) to 3 (emergency).

    >>> height("urgent") > height("routine")
    True
    """
    return _HEIGHTS[level]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why the level is at least `level`.

    Attributes:
        id: of the rule (`kind` "rule"), of the cause (`posterior`), or `red_flags_not_asked` (`not_asked`);
            `many_alarming_answers` and `unclear_alarming_answers` are the posterior reasons without a cause: more are
            there than are taken together, or more could be there than can be worked out.
        findings: the answers that it rests on, or for `not_asked` the questions that lack a clear answer.
        assumed: what the rule takes to be there because no answer rules it out; "no" to one of them ends the reason.
        source: key in the bibliography, with `locator`; None for what is computed.
        text: words for people, from the text files: of the rule, else the names of the cause or the findings.
        claims: the claims of the source articles that the rule answers.
        probability: of the cause, in [0, 1]: the highest over the ways in which the alarming answers could be less
            alarming (see `legdx.urgency.alarms`), or where these are too many a ceiling on it; so at least the cause's
            posterior.  None for a rule.
        threshold: from which probability on the reason stands; None for a rule.

    """

    id: str
    kind: Kind
    level: Level
    findings: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    source: str | None = None
    locator: str | None = None
    text: str = ""
    claims: tuple[str, ...] = ()
    probability: float | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedBy:
    """A rule above the present level of which one literal is missing: `finding`, present or `at_least` at a level."""

    id: str
    level: Level
    finding: str
    at_least: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgency:
    """One of `LEVELS`, why, and what would raise it.

    Attributes:
        level: the highest level of the reasons; self_care when there is none.
        reasons: every reason, highest level first; within a level rules, posteriors, what was not asked.
        raised_by: rules of which exactly one literal is missing and unanswered, highest level first.
        not_asked: questions of emergency rules without a clear answer, "don't know" included.

    """

    level: Level
    reasons: tuple[Reason, ...] = ()
    raised_by: tuple[RaisedBy, ...] = ()
    not_asked: tuple[str, ...] = ()

    @property
    def red_flags_not_asked(self) -> bool:
        """Whether self-care was ruled out by questions that lack a clear answer."""
        return any(reason.kind == "not_asked" for reason in self.reasons)

    def to_dict(self) -> dict[str, typing.Any]:
        """Return the urgency as plain JSON types.

        >>> Urgency(level="self_care").to_dict()
        {'level': 'self_care', 'reasons': [], 'raised_by': [], 'not_asked': []}
        """
        return {
            "level": self.level,
            "reasons": [_plain(reason) for reason in self.reasons],
            "raised_by": [_plain(one) for one in self.raised_by],
            "not_asked": list(self.not_asked),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, typing.Any]) -> Urgency:
        """Return the urgency that `to_dict` wrote; raises FormatError when `data` has another shape."""
        return from_plain(cls, data)


def _plain(record: Reason | RaisedBy) -> dict[str, typing.Any]:
    values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
