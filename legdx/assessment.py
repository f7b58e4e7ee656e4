"""What a model says about one case: posteriors, urgency and reasons, as a value that can be stored and read back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from legdx.errors import FormatError, LegdxError, TooCostlyError, UnknownNameError
from legdx.explanation import (
    CauseSet,
    Conflict,
    Contrast,
    Explanation,
    FindingTable,
    Flip,
    Outside,
    Ranking,
    Reasons,
    Swing,
    Told,
    tell,
)
from legdx.explanation.records import Level, from_json, to_json
from legdx.knowledge import FrozenMap
from legdx.knowledge.plain import from_plain
from legdx.urgency import AdviceGiven, Urgency

if TYPE_CHECKING:
    from legdx.inquiry import NextQuestions

__all__ = ["ASSESSMENT_SCHEMA_VERSION", "Assessment", "Counts", "Stamp"]

ASSESSMENT_SCHEMA_VERSION = "1.1"

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which model an output came from: id, semantic version, digest of the built model, version of legdx."""

    model: str
    version: str
    digest: str
    legdx: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How the variables of the questionnaire were answered, and those that were answered beside it.

    ``not_asked`` counts every question without an answer; tests and diagnoses count only where something was said of
    them.  A laboratory value counts for each finding that it settles.
    """

    answered: int
    unknown: int
    refused: int
    not_asked: int
    not_applicable: int


@dataclass(frozen=True, slots=True)
class Known:
    """What was worked out before an assessment left its model; None what was not."""

    intervals: FrozenMap[Interval] | None = None
    first_three: FrozenMap[float] | None = None
    ranking: Ranking | None = None
    advice: tuple[AdviceGiven, ...] | None = None
    told: Told | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Known:
        """Return what stands in an assessment as JSON, of this version or an older one."""
        newer = (
            dict.fromkeys(("among_first_three", "ranking", "advice", "reasons"))
            if data["schema_version"] == "1.0"
            else {}
        )
        intervals, first_three, ranking, given, told = (
            {**newer, **data}[key] for key in ("interval_90", "among_first_three", "ranking", "advice", "reasons")
        )
        return cls(
            None
            if intervals is None
            else FrozenMap({c: (float(low), float(high)) for c, (low, high) in intervals.items()}),
            None if first_three is None else FrozenMap(first_three),
            None if ranking is None else from_plain(Ranking, from_json(ranking)),
            None if given is None else tuple(map(AdviceGiven.from_dict, given)),
            None if told is None else Told.from_dict(told),
        )


@dataclass(frozen=True)
class Assessment:
    """The result of one case; made by ``Model.assess``.

    Attributes:
        stamp: the model that it came from.
        case: the answers, as JSON (``Case.to_dict``).
        counts: how many questions were answered, and how not.
        prior: cause -> P(active) in the model's population, without any answer.
        posterior: cause -> P(active | answers), highest first.  Causes coexist: these do not sum to 1.
        groups: group -> P(any member active | answers).
        syndromes: syndrome -> P(present | answers).
        background: complaint -> P(it comes from a cause outside the model | answers), for the complaints with
            attributes.
        log_evidence: natural log of P(answers).
        urgency: level with its reasons.
        disclaimer: what every output says.

    """

    stamp: Stamp
    case: FrozenMap[Any]
    counts: Counts
    prior: FrozenMap[float]
    posterior: FrozenMap[float]
    groups: FrozenMap[float]
    syndromes: FrozenMap[float]
    background: FrozenMap[float]
    log_evidence: float
    urgency: Urgency
    disclaimer: str
    known: Known = field(default_factory=Known, compare=False)  # follows from stamp and case
    reasons: Reasons | None = field(default=None, repr=False, compare=False)
    asking: Callable[[int], NextQuestions] | None = field(default=None, repr=False, compare=False)

    @property
    def ranking(self) -> Ranking:
        """What explains the complaints, what is probably there but idle, what must be ruled out."""
        return self._reasons().ranking if self.known.ranking is None else self.known.ranking

    @property
    def advice(self) -> tuple[AdviceGiven, ...]:
        """What may be advised for the first causes and those to rule out; what could harm is withheld, and says why."""
        return self._reasons().advice() if self.known.advice is None else self.known.advice

    def explain(self, cause: str, language: str = "en", level: Level = "all") -> Explanation:
        """Return why this cause is as likely as it is.

        Args:
            cause: its id.
            language: of the sentences.
            level: "line", "paragraph", or "all": with the additive split, missing answers, paths and uncertainty.

        Raises:
            UnknownNameError: the model has no such cause.
            TooCostlyError: even the weights of evidence cost too much.
            LegdxError: the assessment was read from a file and has no model at hand.

        """
        return self._reasons().explain(cause, language, level)

    def interval(self, cause: str) -> Interval:
        """Return the 90 % interval of a posterior over the drawn networks: the uncertainty of the numbers only.

        Raises:
            UnknownNameError: the model has no such cause.
            LegdxError: no drawn networks are at hand.

        """
        return _of(cause, self.intervals())

    def intervals(self) -> Mapping[str, Interval]:
        """Return the 90 % interval of every cause; raises as ``interval`` does."""
        return self._reasons().intervals if self.known.intervals is None else self.known.intervals

    def next_questions(self, k: int = 5) -> NextQuestions:
        """Return the k questions most worth asking next, and whether to go on at all (``Model.next_questions``).

        Raises:
            LegdxError: the assessment was read from a file and has no model at hand.

        """
        self._reasons()
        asking = cast("Callable[[int], NextQuestions]", self.asking)
        return asking(k)

    def among_first_three(self) -> Mapping[str, float]:
        """Return the share of the drawn networks in which a cause is among the three likeliest that may explain."""
        return self._reasons().first_three if self.known.first_three is None else self.known.first_three

    def table(self) -> FindingTable:
        """Return what explains what: findings by causes, with the leak's and the shared part."""
        return self._reasons().table()

    def contrast(self, first: str, second: str) -> Contrast:
        """Return why one cause rather than another."""
        return self._reasons().contrast(first, second)

    def flips(self, effect: Literal["first_cause", "urgency"] = "first_cause") -> tuple[Flip, ...]:
        """Return the smallest changes of at most three answers with another first cause, or another urgency."""
        return self._reasons().flips(effect)

    def sets(self) -> tuple[CauseSet, ...]:
        """Return the one, two and three causes that explain best together."""
        return self._reasons().sets()

    @property
    def conflict(self) -> Conflict:
        """How well the answers fit together, and each answer's probability given the rest."""
        return self._reasons().conflict()

    def conflict_p_value(self, simulations: int = 99) -> tuple[float, int]:
        """Return (p, n): the share of n simulated people with the first cause whose answers conflict as much."""
        return self._reasons().conflict_p_value(simulations)

    def outside(self) -> Outside:
        """Return whether the reason may be outside the model."""
        return self._reasons().outside()

    def doubts(self) -> tuple[str, ...]:
        """Return why the answers are not enough; empty where they are."""
        return self._reasons().doubts()

    def tornado(self, cause: str) -> tuple[Swing, ...]:
        """Return which numbers of the model move a cause's posterior most."""
        return self._reasons().tornado(cause)

    def tell(self, language: str = "en") -> Told:
        """Work out all reasons at once; what would be too costly is named."""
        return tell(self._reasons(), language) if self.known.told is None else self.known.told

    def to_dict(self, *, reasons: bool = False) -> dict[str, Any]:
        """Return JSON under the schema ``assessment-1.json``; intervals are null where no networks were drawn.

        With ``reasons`` everything that can be told stands in it, explanations and all (``tell``).
        """
        known = self._worked_out()
        told = self.tell() if reasons else self.known.told
        return {
            "schema_version": ASSESSMENT_SCHEMA_VERSION,
            "disclaimer": self.disclaimer,
            "stamp": {name: getattr(self.stamp, name) for name in Stamp.__slots__},
            "case": dict(self.case),
            "counts": {name: getattr(self.counts, name) for name in Counts.__slots__},
            "urgency": self.urgency.to_dict(),
            "posterior": dict(self.posterior),
            "prior": dict(self.prior),
            "interval_90": None if known.intervals is None else {c: list(i) for c, i in known.intervals.items()},
            "among_first_three": None if known.first_three is None else dict(known.first_three),
            "ranking": to_json(known.ranking),
            "advice": None if known.advice is None else [one.to_dict() for one in known.advice],
            "groups": dict(self.groups),
            "syndromes": dict(self.syndromes),
            "background": dict(self.background),
            "log_evidence": self.log_evidence,
            "reasons": None if told is None else told.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Assessment:
        """Read back what ``to_dict`` wrote; what is not in it then needs the model (``Model.assess`` on ``case``).

        Raises:
            FormatError: another schema version, or keys missing.

        """
        try:
            version = str(data["schema_version"])
            if version.split(".", maxsplit=1)[0] != ASSESSMENT_SCHEMA_VERSION.split(".", maxsplit=1)[0]:
                message = f"the assessment has schema version {version}"
                raise FormatError(message, hint=f"this version of legdx reads {ASSESSMENT_SCHEMA_VERSION}")
            return cls(
                stamp=Stamp(**data["stamp"]),
                case=FrozenMap(data["case"]),
                counts=Counts(**data["counts"]),
                prior=FrozenMap(data["prior"]),
                posterior=FrozenMap(data["posterior"]),
                groups=FrozenMap(data["groups"]),
                syndromes=FrozenMap(data["syndromes"]),
                background=FrozenMap(data["background"]),
                log_evidence=float(data["log_evidence"]),
                urgency=Urgency.from_dict(data["urgency"]),
                disclaimer=str(data["disclaimer"]),
                known=Known.read(data),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = "this is not an assessment"
            raise FormatError(message, hint="give what Assessment.to_dict returned") from error

    @property
    def probability_of_evidence(self) -> float:
        """P(answers) under the model, in [0, 1]; may underflow to 0 where ``log_evidence`` does not."""
        return math.exp(self.log_evidence)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the numbers alone, intervals among them: a result sent elsewhere leaves its model behind."""
        return {**self.__dict__, "known": self._worked_out(), "reasons": None}

    def _worked_out(self) -> Known:
        """Return what was known with what the model can add; what it cannot is None."""
        if self.reasons is None:
            return self.known
        try:
            intervals, first_three = FrozenMap(self.intervals()), FrozenMap(self.among_first_three())
        except LegdxError:
            intervals, first_three = None, None
        try:
            given: tuple[AdviceGiven, ...] | None = self.advice
        except TooCostlyError:
            given = None
        return Known(intervals, first_three, self.ranking, given, self.known.told)

    def _reasons(self) -> Reasons:
        if self.reasons is None:
            message = "this assessment has no model at hand"
            raise LegdxError(message, hint="assess its case again: model.assess(assessment.case)")
        return self.reasons


def _of(cause: str, numbers: Mapping[str, Interval]) -> Interval:
    if cause not in numbers:
        raise UnknownNameError(cause, numbers, kind="cause")
    return numbers[cause]
