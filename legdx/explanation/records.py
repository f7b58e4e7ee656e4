"""An explanation as rows and statements, each with the numbers and figures that it rests on."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, get_args

from legdx.errors import FormatError
from legdx.explanation.missing import Missing
from legdx.explanation.paths import Path
from legdx.explanation.uncertainty import Swing
from legdx.explanation.weights import Direction, Strength
from legdx.knowledge.plain import from_plain

__all__ = ["EXPLANATION_SCHEMA_VERSION", "Cited", "Explanation", "Part", "Row", "Statement", "Unavailable", "Value"]

EXPLANATION_SCHEMA_VERSION = "1.0"
Level = Literal["line", "paragraph", "all"]
LEVELS: tuple[Level, ...] = get_args(Level)
ENDLESS = sys.float_info.max
"""Stands in JSON for an infinite number of decibans: an answer that decides alone."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A published figure behind a statement: the number, its interval, and where it stands.

    ``variable`` is the answer it speaks of, at ``level`` where that has levels.  ``about`` says what it is:
    ``in_cause`` (share of people with the cause), ``background`` (share of people without any modelled cause),
    ``given`` (share with the cause among people with the answer), ``prevalence``, ``incidence`` (a year), or the kind
    of ratio.
    """

    figure: str
    variable: str
    level: str | None
    about: str
    value: float
    low: float
    high: float
    source: str
    reference: str
    grade: str
    printed: str | None
    locator: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """An attribute within a row, and its weight of evidence when it alone is left out, in decibans."""

    answer: str
    weight_decibans: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer's part in an explanation, in decibans; see ``legdx.explanation.weights`` and ``.split``.

    Attributes:
        answers: the variable, with the present attributes of a complaint.
        given: the answer in words.
        weight_decibans: leave-one-out weight of evidence.
        share_decibans: part in the additive split; None where the split was not asked for, or too costly.
        share_error_decibans: its standard error; 0 where the split is exact, None like the share.
        probability: P(this answer | all others).
        direction, strength: words for the weight.
        parts: the attributes, each alone.
        cited: the figures that tie the answer to the cause.
        sentence: all of it in words.

    """

    answers: tuple[str, ...]
    given: str
    weight_decibans: float
    share_decibans: float | None = None
    share_error_decibans: float | None = None
    probability: float | None = None
    direction: Direction
    strength: Strength
    parts: tuple[Part, ...] = ()
    cited: tuple[Cited, ...] = ()
    sentence: str = ""

    @property
    def step_decibans(self) -> float:
        """The share under its former name; NaN where there is none."""
        return math.nan if self.share_decibans is None else self.share_decibans


@dataclass(frozen=True, slots=True)
class Value:
    """A number in a statement: what it is, its size, and its unit (probability, decibans, or none)."""

    name: str
    value: float
    unit: Literal["probability", "decibans", "count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A sentence with the computed numbers and the published figures that it rests on."""

    kind: str
    text: str
    values: tuple[Value, ...] = ()
    cited: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A quantity that was left out, and why: never an approximation in its place."""

    quantity: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a cause is as likely as it is.

    At level ``line`` and ``paragraph`` there are rows and statements; at ``all`` also what ``None`` or an empty tuple
    stands for here.  With a split, ``prior_decibans`` and the rows' ``share_decibans`` sum to ``posterior_decibans``.
    A cause that is itself a certain answer has no rows: there is nothing to weigh.
    """

    cause: str
    label: str
    level: Level
    prior: float
    background: float
    posterior: float
    prior_decibans: float
    background_decibans: float
    posterior_decibans: float
    rows: tuple[Row, ...] = ()
    statements: tuple[Statement, ...] = ()
    explains: float | None = None
    would_go: float | None = None
    missing: tuple[Missing, ...] = ()
    paths: tuple[Path, ...] = ()
    interval: tuple[float, float] | None = None
    first_three: float | None = None
    tornado: tuple[Swing, ...] = ()
    split_orders: int | None = None
    split_seed: int | None = None
    unavailable: tuple[Unavailable, ...] = ()

    @property
    def line(self) -> str:
        """The explanation in one line."""
        return self.statements[0].text if self.statements else ""

    @property
    def summary(self) -> str:
        """The line, under its former name."""
        return self.line

    @property
    def paragraph(self) -> str:
        """The explanation as a paragraph; at level ``line`` the line."""
        return " ".join(one.text for one in self.statements if one.kind in PARAGRAPH)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every statement's text, in order."""
        return tuple(one.text for one in self.statements)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON under the schema ``explanation-1.json``: numbers, with ``ENDLESS`` for infinite ones."""
        plain: dict[str, Any] = to_json({one.name: getattr(self, one.name) for one in fields(self)})
        return {"schema_version": EXPLANATION_SCHEMA_VERSION, **plain}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Explanation:
        """Return the explanation that ``to_dict`` wrote; raises FormatError when ``data`` has another shape."""
        if data.get("schema_version") != EXPLANATION_SCHEMA_VERSION:
            message = f"this is not an explanation of schema version {EXPLANATION_SCHEMA_VERSION}"
            raise FormatError(message, hint="give what Explanation.to_dict returned")
        return from_plain(cls, from_json({key: value for key, value in data.items() if key != "schema_version"}))


PARAGRAPH = frozenset({"line", "start", "for", "against", "rest", "surprise", "figures", "explains"})


def to_json(value: Any) -> Any:  # noqa: ANN401
    """Write records as mappings, tuples as lists, and infinite numbers as the largest that JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return to_json({one.name: getattr(value, one.name) for one in fields(value)})
    if isinstance(value, Mapping):
        return {key: to_json(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(inner) for inner in value]
    if isinstance(value, float) and math.isinf(value):
        return math.copysign(ENDLESS, value)
    return value


def from_json(value: Any) -> Any:  # noqa: ANN401
    """Read infinite numbers back."""
    if isinstance(value, Mapping):
        return {key: from_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [from_json(inner) for inner in value]
    if isinstance(value, float) and abs(value) == ENDLESS:
        return math.copysign(math.inf, value)
    return value
