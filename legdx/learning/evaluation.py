"""The evaluation of a model on vignettes, as one record that can be stored as JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from legdx import __version__
from legdx.engine import Budget
from legdx.learning.measures import RESAMPLES, SEED, Section, confusion, section
from legdx.learning.misses import Miss, misses_of
from legdx.learning.outcomes import Outcome, Ranker, score_vignettes
from legdx.learning.vignettes import Vignette
from legdx.model import Model

__all__ = ["EVALUATION_SCHEMA_VERSION", "HEADLINE", "SECTIONS", "Evaluation", "Lack", "evaluate"]

EVALUATION_SCHEMA_VERSION = "1.0"
HEADLINE = "legs direct, confidence high or medium"
SURE = frozenset({"high", "medium"})

SECTIONS: dict[str, Callable[[Outcome], bool]] = {
    HEADLINE: lambda o: o.leg_relevance == "direct" and o.confidence in SURE,
    "all adults": lambda _: True,
    "confidence high": lambda o: o.confidence == "high",
    "confidence medium": lambda o: o.confidence == "medium",
    "confidence low": lambda o: o.confidence == "low",
    "legs direct": lambda o: o.leg_relevance == "direct",
    "legs indirect": lambda o: o.leg_relevance == "indirect",
}
"""Name -> which cases.  The first is the one that is held to a standard."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that cases tell and the model has no variable for: in which cases."""

    what: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A model on vignettes: ``outcomes`` with all facts, ``survey`` with those alone that the person knows."""

    model: str
    version: str
    digest: str
    legdx: str
    seconds: float
    outcomes: tuple[Outcome, ...]
    survey: tuple[Outcome, ...]
    sections: tuple[Section, ...]
    survey_section: Section
    misses: tuple[Miss, ...]
    lacks: tuple[Lack, ...]
    facts: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON, stamped, without anything that differs from run to run."""
        return {
            "schema_version": EVALUATION_SCHEMA_VERSION,
            "stamp": {"model": self.model, "version": self.version, "digest": self.digest, "legdx": self.legdx},
            "budget_seconds": self.seconds,
            "bootstrap": {"seed": SEED, "resamples": RESAMPLES},
            "facts": self.facts,
            "sections": [found.to_dict() for found in (*self.sections, self.survey_section)],
            "urgency": {
                name: confusion([o for o in self.outcomes if SECTIONS[name](o)]) for name in (HEADLINE, "all adults")
            },
            "outcomes": [_outcome(o) for o in (*self.outcomes, *self.survey)],
            "misses": [miss.to_dict() for miss in self.misses],
            "lacks": [{"what": lack.what, "cases": list(lack.cases)} for lack in self.lacks],
        }


def evaluate(
    model: Model, cases: Sequence[Vignette], *, seconds: float = 60.0, ranker: Ranker | None = None
) -> Evaluation:
    """Score the cases, with all facts and with the person's alone, and measure.

    Args:
        model: the model.
        cases: as ``read_vignettes`` returned them for this model.
        seconds: predicted seconds that one exact answer may cost.
        ranker: a second order of the causes; without one, only posteriors are ranked.

    """
    budget = Budget(seconds=seconds)
    outcomes = score_vignettes(model, cases, budget, "all", ranker)
    survey = score_vignettes(model, cases, budget, "survey", ranker)
    return Evaluation(
        model=model.id,
        version=model.version,
        digest=model.digest,
        legdx=__version__,
        seconds=seconds,
        outcomes=outcomes,
        survey=survey,
        sections=tuple(section(name, [o for o in outcomes if which(o)]) for name, which in SECTIONS.items()),
        survey_section=section(f"{HEADLINE}, survey facts alone", [o for o in survey if SECTIONS[HEADLINE](o)]),
        misses=misses_of(model, cases, outcomes),
        lacks=_lacks(cases),
        facts=_facts(cases),
    )


def _lacks(cases: Sequence[Vignette]) -> tuple[Lack, ...]:
    found: dict[str, list[str]] = defaultdict(list)
    for case in cases:
        for fact in case.facts:
            if fact.unmapped is not None and fact.unmapped.why == "no_variable":
                found[fact.unmapped.what].append(case.id)
    lacks = [Lack(what, tuple(dict.fromkeys(ids))) for what, ids in found.items()]
    return tuple(sorted(lacks, key=lambda lack: (-len(lack.cases), lack.what)))


def _facts(cases: Sequence[Vignette]) -> dict[str, int]:
    facts = [fact for case in cases for fact in case.facts]
    counts = {"told": len(facts), "mapped": sum(bool(fact.answers) for fact in facts)}
    for why in ("no_variable", "other_threshold", "not_specific"):
        counts[why] = sum(fact.unmapped is not None and fact.unmapped.why == why for fact in facts)
    return counts


def _outcome(outcome: Outcome) -> dict[str, Any]:
    rounded = {
        "probability": None if outcome.probability is None else float(f"{outcome.probability:.4g}"),
        "first": [[cause, float(f"{p:.4g}")] for cause, p in outcome.first],
    }
    return {**asdict(outcome), **rounded}
