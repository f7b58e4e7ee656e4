"""Why a case was missed: its rank, and what each answer did to the right cause and to the one that came first."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from legdx.engine import Evidence
from legdx.errors import TooCostlyError
from legdx.explanation.weights import weights_of
from legdx.learning.outcomes import Outcome
from legdx.learning.vignettes import Vignette
from legdx.model import Model
from legdx.urgency.records import height

__all__ = ["AMONG", "Miss", "WeighedAnswer", "misses_of"]

AMONG = 3
"""A case is missed when no right cause is among so many."""


@dataclass(frozen=True, slots=True)
class WeighedAnswer:
    """Weights of evidence of one answer, leave-one-out, in decibans, for the right cause and the first cause.

    A gate stands with the attributes that hang on it.  An answer without which the rest is too costly has none.
    """

    answers: tuple[str, ...]
    given: str
    for_right: float | None
    for_first: float | None


@dataclass(frozen=True, slots=True)
class Miss:
    """One missed case: not among the first three, or put at a lower urgency than it should have."""

    outcome: Outcome
    rank_missed: bool
    under_triaged: bool
    weighed: tuple[WeighedAnswer, ...]
    first_cause: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "id": self.outcome.id,
            "rank_missed": self.rank_missed,
            "under_triaged": self.under_triaged,
            "right": self.outcome.best,
            "first": self.first_cause,
            "weighed": [
                {"answers": list(w.answers), "given": w.given, "right": w.for_right, "first": w.for_first}
                for w in self.weighed
            ],
        }


def misses_of(model: Model, cases: Iterable[Vignette], outcomes: Iterable[Outcome]) -> tuple[Miss, ...]:
    """Return the missed cases, in the order of the outcomes; those of people under 18 are none."""
    by_id = {case.id: case for case in cases}
    found = []
    for outcome in outcomes:
        if outcome.status == "under_18":
            continue
        rank_missed = not outcome.hit(AMONG)
        low = outcome.given is not None and height(outcome.given) < height(outcome.wanted)
        if rank_missed or low:
            found.append(_miss(model, by_id[outcome.id], outcome, rank_missed=rank_missed, low=low))
    return tuple(found)


def _miss(model: Model, vignette: Vignette, outcome: Outcome, *, rank_missed: bool, low: bool) -> Miss:
    first = next((cause for cause, _ in outcome.first if cause not in vignette.gold.accepted), None)
    weighed: tuple[WeighedAnswer, ...] = ()
    if rank_missed and outcome.best is not None and first is not None:
        case = model.case(vignette.answers(outcome.facts))
        evidence = case.evidence(model.network)
        said = {name: _plain(answer.given) for name, answer in case.answers.items()}
        right, other = (_weights(model, evidence, cause) for cause in (outcome.best, first))
        weighed = tuple(
            WeighedAnswer(
                names,
                ", ".join(f"{name} {said[name]}" for name in names),
                weight,
                other.get(names),
            )
            for names, weight in sorted(right.items(), key=lambda item: math.inf if item[1] is None else item[1])
        )
    return Miss(outcome, rank_missed, low, weighed, first)


def _weights(model: Model, evidence: Evidence, cause: str) -> dict[tuple[str, ...], float | None]:
    try:
        found = weights_of(model.network, evidence, model.network.index[cause])
    except TooCostlyError:
        return {}
    return {w.answers: round(w.weight_decibans, 1) if math.isfinite(w.weight_decibans) else None for w in found.answers}


def _plain(given: Any) -> str:  # noqa: ANN401 - what a case can hold
    return f"{given['value']:g} {given['unit']}" if isinstance(given, dict) and "value" in given else str(given)
