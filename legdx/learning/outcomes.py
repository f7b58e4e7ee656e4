"""Vignettes scored by a model: one outcome a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from legdx.assessment import Assessment
from legdx.engine import Budget
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.learning.vignettes import Facts, Vignette
from legdx.model import Model
from legdx.urgency.records import Level

__all__ = ["FIRST", "Outcome", "Ranker", "by_ranking", "score_vignettes"]

FIRST = 5
"""How many causes an outcome keeps."""

Status = Literal["scored", "under_18", "too_costly", "impossible"]
Ranker = Callable[[Assessment], Sequence[str]]
"""From a result to causes, the one that explains the complaints best first; it may leave causes out."""


def by_ranking(result: Assessment) -> tuple[str, ...]:
    """Return the causes that explain the complaints, best first; where that was too costly, the likeliest."""
    ranking = result.ranking
    return tuple(result.posterior) if ranking.note == "too_costly" else tuple(one.cause for one in ranking.explains)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the model made of one case.

    Attributes:
        id: of the vignette.
        facts: which of its facts were answered: "all", or "survey" (what the person knows).
        status: scored; under_18; too_costly for the budget; impossible under the model.
        confidence: of the gold name: high, medium, low.
        leg_relevance: direct or indirect.
        wanted: the urgency held to be right.
        given: the model's urgency; by the rules alone where the case was too costly.
        answers: how many variables were answered.
        slow: whether the exact answer is predicted to cost more than the default budget.
        best: the accepted cause that stands highest.
        rank: its place by posterior, from 1, among the causes that were not themselves answered.
        primary_rank: the best place of a primary cause.
        probability: posterior of ``best``, in [0, 1].
        first: the highest causes with their posteriors.
        ranking: the best place of an accepted cause by the ranker; None without one, or where it leaves them out.
        ranked: whether a ranker was asked.

    """

    id: str
    facts: Facts
    status: Status
    confidence: str
    leg_relevance: str
    wanted: Level
    given: Level | None = None
    answers: int = 0
    slow: bool = False
    best: str | None = None
    rank: int | None = None
    primary_rank: int | None = None
    probability: float | None = None
    first: tuple[tuple[str, float], ...] = ()
    ranking: int | None = None
    ranked: bool = False

    def hit(self, k: int, by: Literal["posterior", "primary", "ranking"] = "posterior") -> bool:
        """Whether a right cause is among the first k; a case without a result is a miss."""
        place = {"posterior": self.rank, "primary": self.primary_rank, "ranking": self.ranking}[by]
        return place is not None and place <= k


def score_vignettes(
    model: Model, cases: Iterable[Vignette], budget: Budget, facts: Facts = "all", ranker: Ranker | None = None
) -> tuple[Outcome, ...]:
    """Score every case; a case that cannot be scored becomes an outcome that says why, never an error.

    Args:
        model: the model.
        cases: vignettes that were read for this model.
        budget: what one exact answer may cost.
        facts: "all", or "survey": only what the person knows.
        ranker: a second order of the causes, such as one that asks what explains the complaints.

    """
    return tuple(_score(model, case, budget, facts, ranker) for case in cases)


def _score(model: Model, vignette: Vignette, budget: Budget, facts: Facts, ranker: Ranker | None) -> Outcome:
    told = (vignette.gold.confidence, vignette.leg_relevance, vignette.urgency)
    if vignette.under_18:
        return Outcome(vignette.id, facts, "under_18", *told)
    case = model.case(vignette.answers(facts))
    answers = len(case.answered)
    slow = False
    try:
        try:
            result = model.assess(case)
        except TooCostlyError:
            slow = True
            result = model.assess(case, budget=budget)
    except TooCostlyError as error:
        return Outcome(vignette.id, facts, "too_costly", *told, error.urgency.level, answers, slow=True)
    except ImpossibleEvidenceError:
        return Outcome(vignette.id, facts, "impossible", *told, answers=answers, slow=slow)
    open_causes = [cause for cause in result.posterior if cause not in case.answers]
    place = {cause: number for number, cause in enumerate(open_causes, start=1)}
    accepted = sorted((c for c in vignette.gold.accepted if c in place), key=place.__getitem__)
    primary = [place[c] for c in vignette.gold.primary if c in place]
    order = [] if ranker is None else [cause for cause in ranker(result) if cause not in case.answers]
    ranks = [order.index(cause) + 1 for cause in vignette.gold.accepted if cause in order]
    best = accepted[0] if accepted else None
    return Outcome(
        vignette.id,
        facts,
        "scored",
        *told,
        given=result.urgency.level,
        answers=answers,
        slow=slow,
        best=best,
        rank=None if best is None else place[best],
        primary_rank=min(primary, default=None),
        probability=None if best is None else result.posterior[best],
        first=tuple((cause, result.posterior[cause]) for cause in open_causes[:FIRST]),
        ranking=min(ranks, default=None),
        ranked=ranker is not None,
    )
