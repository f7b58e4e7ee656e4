"""What a model says about one case: posteriors, urgency and reasons, as a value that can be stored and read back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from legdx.errors import FormatError, LegdxError, UnknownNameError
from legdx.knowledge import FrozenMap
from legdx.urgency import Urgency

if TYPE_CHECKING:
    from legdx.explanation import Explanation
    from legdx.inquiry import NextQuestions

__all__ = ["ASSESSMENT_SCHEMA_VERSION", "Assessment", "Counts", "Engine", "Stamp"]

ASSESSMENT_SCHEMA_VERSION = "1.0"

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
class Engine:
    """What an assessment asks of its model later, when somebody wants to know: explanations, intervals and more."""

    explain: Callable[[str, str], Explanation]
    intervals: Callable[[], Mapping[str, Interval]]
    next_questions: Callable[[int], NextQuestions]


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
    known_intervals: FrozenMap[Interval] | None = field(default=None, compare=False)  # follow from stamp and case
    engine: Engine | None = field(default=None, repr=False, compare=False)

    def explain(self, cause: str, language: str = "en") -> Explanation:
        """Return why this cause is as likely as it is.

        Raises:
            UnknownNameError: the model has no such cause.
            LegdxError: the assessment was read from a file and has no model at hand.

        """
        return self._model().explain(cause, language)

    def interval(self, cause: str) -> Interval:
        """Return the 90 % interval of a posterior over the drawn networks: the uncertainty of the numbers only.

        Raises:
            UnknownNameError: the model has no such cause.
            LegdxError: no drawn networks are at hand.

        """
        intervals = self.intervals()
        if cause not in intervals:
            raise UnknownNameError(cause, intervals, kind="cause")
        return intervals[cause]

    def intervals(self) -> Mapping[str, Interval]:
        """Return the 90 % interval of every cause; raises as ``interval`` does."""
        return self.known_intervals if self.known_intervals is not None else self._model().intervals()

    def next_questions(self, k: int = 5) -> NextQuestions:
        """Return the k questions most worth asking next, and whether to go on at all (``Model.next_questions``).

        Raises:
            LegdxError: the assessment was read from a file and has no model at hand.

        """
        return self._model().next_questions(k)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON under the schema ``assessment-1.json``; intervals are null where no networks were drawn."""
        try:
            intervals: dict[str, list[float]] | None = {c: list(i) for c, i in self.intervals().items()}
        except LegdxError:
            intervals = None
        return {
            "schema_version": ASSESSMENT_SCHEMA_VERSION,
            "disclaimer": self.disclaimer,
            "stamp": {name: getattr(self.stamp, name) for name in Stamp.__slots__},
            "case": dict(self.case),
            "counts": {name: getattr(self.counts, name) for name in Counts.__slots__},
            "urgency": self.urgency.to_dict(),
            "posterior": dict(self.posterior),
            "prior": dict(self.prior),
            "interval_90": intervals,
            "groups": dict(self.groups),
            "syndromes": dict(self.syndromes),
            "background": dict(self.background),
            "log_evidence": self.log_evidence,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Assessment:
        """Read back what ``to_dict`` wrote; explanations then need the model again (``Model.assess`` on ``case``).

        Raises:
            FormatError: another schema version, or keys missing.

        """
        try:
            version = str(data["schema_version"])
            if version.split(".", maxsplit=1)[0] != ASSESSMENT_SCHEMA_VERSION.split(".", maxsplit=1)[0]:
                message = f"the assessment has schema version {version}"
                raise FormatError(message, hint=f"this version of legdx reads {ASSESSMENT_SCHEMA_VERSION}")
            intervals = data["interval_90"]
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
                known_intervals=None
                if intervals is None
                else FrozenMap({cause: (float(low), float(high)) for cause, (low, high) in intervals.items()}),
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
        try:
            intervals: FrozenMap[Interval] | None = FrozenMap(self.intervals())
        except LegdxError:
            intervals = None
        return {**self.__dict__, "known_intervals": intervals, "engine": None}

    def _model(self) -> Engine:
        if self.engine is None:
            message = "this assessment has no model at hand"
            raise LegdxError(message, hint="assess its case again: model.assess(assessment.case)")
        return self.engine
