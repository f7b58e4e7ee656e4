"""An explanation as rows and sentences, each with the figures that it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from legdx.explanation.weights import Direction, Strength

__all__ = ["Cited", "Explanation", "Row"]


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
class Row:
    """One answer's part in an explanation, in decibans; see ``legdx.explanation.weights``."""

    answers: tuple[str, ...]
    given: str
    weight_decibans: float
    step_decibans: float
    direction: Direction
    strength: Strength
    cited: tuple[Cited, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a cause is as likely as it is: prior, background and one row an answer, the heaviest first.

    ``prior_decibans + sum(row.step_decibans) == posterior_decibans`` up to rounding.  A cause that is itself a certain
    answer has no rows: there is nothing to weigh.
    """

    cause: str
    label: str
    prior: float
    background: float
    posterior: float
    prior_decibans: float
    background_decibans: float
    posterior_decibans: float
    rows: tuple[Row, ...]
    summary: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """The summary and a sentence for every row that says something, the heaviest first."""
        return (self.summary, *(row.sentence for row in self.rows if row.direction != "neutral"))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON; an infinite number of decibans is null."""
        result: dict[str, Any] = _finite(asdict(self))
        return result


def _finite(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
