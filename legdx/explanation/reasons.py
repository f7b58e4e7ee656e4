"""Everything that can be asked about one person's result, worked out when it is asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol, TypeVar

import numpy as np

from legdx.engine import Budget, Evidence, posterior
from legdx.errors import LegdxError, TooCostlyError, UnknownNameError
from legdx.explanation.attribution import Attribution, attributions
from legdx.explanation.conflict import Conflict, conflict_of, conflict_p_value
from legdx.explanation.contrast import Contrast, contrast
from legdx.explanation.explain import WorkedOut, explain
from legdx.explanation.flip import Flip, first_cause_flips, urgency_flips
from legdx.explanation.levelled import Levelled, present_findings
from legdx.explanation.missing import Missing, missing_answers
from legdx.explanation.paths import Path, paths_through
from legdx.explanation.ranking import LEAST, CauseSet, Ranking, explaining_sets, none_present, rank
from legdx.explanation.records import Explanation, Level, Unavailable
from legdx.explanation.split import split_of
from legdx.explanation.statements import Findings
from legdx.explanation.uncertainty import Spread, Swing, among_first, intervals_of, posterior_draws, tornado
from legdx.explanation.weights import weights_of
from legdx.knowledge import Knowledge
from legdx.network.records import Array, Network, NoisyMax
from legdx.urgency import AdviceGiven, advice, assess_urgency

__all__ = ["Doubt", "FindingTable", "Outside", "Reasons", "Source", "attempt"]

DRAWS_BUDGET = Budget(seconds=60.0, memory=4e9)
RANKING_BUDGET = Budget(seconds=2.0, memory=2e9)
"""The lists are what a result is for: they may cost more than a single quantity of an explanation."""

HALF = 0.5
CONFLICTING = math.log(10.0)
"""From here on answers are said to conflict: ten times less likely together than if they had nothing to do with each
other. A little above 0 many ordinary people are."""

ADVISED = 3
Made = TypeVar("Made")
Doubt = Literal["no_complaint", "age_missing", "sex_missing", "complaint_without_details", "undecided"]


class Source(Protocol):
    """What reasons are made from: a model."""

    @property
    def knowledge(self) -> Knowledge:
        """What is believed and why."""

    @property
    def network(self) -> Network:
        """The solved network."""

    @property
    def drawn(self) -> Network | None:
        """Networks drawn from the figures' uncertainty, side by side."""

    @property
    def spread(self) -> Spread | None:
        """The range of every number over these."""

    @property
    def prior(self) -> Mapping[str, float]:
        """Cause -> P(present) without any answer."""

    def answer_prior(self, variable: int) -> Array:
        """Return P(state) of a variable without any answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingTable:
    """What explains what: for every present finding and cause P(the finding would go without the cause | answers).

    Attributes:
        findings: ids, the rows; an attribute is asked about by its own links, its complaint being there.
        causes: ids, the columns: those at least as probable as ``LEAST``, most telling first.
        gone: (findings, causes), in [0, 1].
        attributions: for each finding what keeps it there by itself, with the leak's and the shared part.

    """

    findings: tuple[str, ...]
    causes: tuple[str, ...]
    gone: tuple[tuple[float, ...], ...]
    attributions: tuple[Attribution, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Whether the reason may be outside the model.

    Attributes:
        none_present: P(no modelled cause is present | answers).
        unexplained: P(no modelled cause reaches any reported complaint | answers); None without complaints.
        conflict: log of the product of P(e_i) over P(e).
        alarms: ``complaints_unexplained`` where ``unexplained`` is at least 1/2; ``answers_conflict`` where the
            answers together are over ten times less likely than if they had nothing to do with each other.

    """

    none_present: float
    unexplained: float | None
    conflict: float
    alarms: tuple[Literal["complaints_unexplained", "answers_conflict"], ...]


class Reasons:
    """One person's answers and the model that assessed them; every method works out what it returns.

    Args:
        source: the model.
        evidence: variable index -> likelihood of each state.
        given: variable -> what was said.
        unsure: variables answered "don't know".
        posteriors: cause -> P(present | answers).

    Every method raises TooCostlyError where an exact answer would cost more than its budget.

    """

    def __init__(
        self,
        source: Source,
        evidence: Evidence,
        given: Mapping[str, object],
        unsure: frozenset[str],
        posteriors: Mapping[str, float],
    ) -> None:
        self.source = source
        self.evidence = evidence
        self.given = given
        self.unsure = unsure
        self.posteriors = posteriors

    @cached_property
    def ranking(self) -> Ranking:
        """The three lists."""
        return rank(self.source.knowledge, self.source.network, self.evidence, self.posteriors, RANKING_BUDGET)

    @cached_property
    def draws(self) -> Array:
        """P(present | answers) of every cause in every drawn network, (draws, causes in the network's order)."""
        if self.source.drawn is None:
            message = "the model was built without drawn networks, so it has no intervals"
            raise LegdxError(message, hint="build it with `legdx build --draws 200`")
        return posterior_draws(self.source.drawn, self.evidence, self._causes, DRAWS_BUDGET)

    @cached_property
    def intervals(self) -> Mapping[str, tuple[float, float]]:
        """The 90 % interval of every cause's posterior over the drawn networks."""
        ends = intervals_of(self.draws)
        return {self._name(i): (float(ends[at, 0]), float(ends[at, 1])) for at, i in enumerate(self._causes)}

    @cached_property
    def first_three(self) -> Mapping[str, float]:
        """Share of the drawn networks in which a cause is among the three likeliest.

        Of the causes from which a chain of arrows leads to a reported complaint; without one, of all.
        """
        above = self._above_complaints()
        leading = [i for i in self._causes if not self._complaints or i in above]
        places = [self._causes.index(i) for i in leading]
        found = among_first(self.draws[:, places])
        return {self._name(i): float(p) for i, p in zip(leading, found, strict=True)}

    def advice(self, language: str = "en") -> tuple[AdviceGiven, ...]:
        """Return the advice for the first explaining causes and those to rule out, withheld where it could harm."""
        names = [one.cause for one in (*self.ranking.explains[:ADVISED], *self.ranking.rule_out)]
        causes = dict.fromkeys(names or list(self.posteriors)[:1])
        source = self.source
        return advice(source.knowledge, source.network, self.evidence, self.posteriors, causes, language=language)

    def explain(self, cause: str, language: str = "en", level: Level = "all") -> Explanation:
        """Explain one cause; at level "all" with everything that the budget allows, and what it does not, named."""
        source = self.source
        if cause not in source.knowledge.causes:
            raise UnknownNameError(cause, source.knowledge.causes, kind="cause")
        i = source.network.index[cause]
        prior = _decibans(source.prior[cause])
        weights = weights_of(source.network, self.evidence, i, prior_decibans=prior)
        split = None
        further = Findings()
        if level == "all":
            unavailable: list[Unavailable] = []
            split = attempt(
                "split", unavailable, lambda: split_of(source.network, self.evidence, i, prior_decibans=prior)
            )
            further = self._further(cause, unavailable)
        return explain(
            source.knowledge,
            source.network,
            self.evidence,
            cause,
            self.given,
            language,
            level=level,
            worked_out=WorkedOut(weights, split, further),
        )

    def _further(self, cause: str, unavailable: list[Unavailable]) -> Findings:
        ranking = self.ranking
        if ranking.note == "too_costly":
            unavailable.append(Unavailable("explains", ranking.note))
        listed = (*ranking.explains, *ranking.idle, *ranking.rule_out)
        entry = next((one for one in listed if one.cause == cause), None)
        missing = attempt("missing", unavailable, lambda: self.missing(cause))
        known = self.source.drawn is not None
        interval = attempt("interval", unavailable, lambda: self.intervals[cause]) if known else None
        swings = attempt("tornado", unavailable, lambda: self.tornado(cause)) if known else None
        return Findings(
            complaints=ranking.complaints,
            explains=None if entry is None else entry.explains,
            would_go=None if entry is None else entry.would_go,
            posterior=self.posteriors[cause],
            paths=self.paths(cause),
            missing=missing or (),
            interval=interval,
            first_three=None if interval is None else self.first_three.get(cause),
            draws=0 if interval is None else len(self.draws),
            tornado=swings or (),
            unavailable=tuple(unavailable),
        )

    def table(self) -> FindingTable:
        """Return what explains what."""
        network = self.source.network
        findings = present_findings(network, self.evidence)
        found = Levelled(network, self.evidence, findings)
        causes = [c for c in found.sources if self.posteriors[self._name(c)] >= LEAST]
        gone = np.zeros((len(findings), len(causes)))
        pairs = [
            (f, c) for f in range(len(findings)) for c in range(len(causes)) if causes[c] in found.above[findings[f]]
        ]
        if pairs:
            gone[tuple(np.array(pairs).T)] = found.gone([((causes[c],), findings[f]) for f, c in pairs])
        order = sorted(range(len(causes)), key=lambda c: -gone[:, c].sum())
        return FindingTable(
            findings=tuple(map(self._name, findings)),
            causes=tuple(self._name(causes[c]) for c in order),
            gone=tuple(tuple(float(gone[f, c]) for c in order) for f in range(len(findings))),
            attributions=attributions(network, self.evidence, findings),
        )

    def contrast(self, first: str, second: str) -> Contrast:
        """Return why one cause rather than another."""
        for cause in (first, second):
            if cause not in self.source.knowledge.causes:
                raise UnknownNameError(cause, self.source.knowledge.causes, kind="cause")
        index = self.source.network.index
        return contrast(self.source.network, self.evidence, index[first], index[second])

    def flips(self, effect: Literal["first_cause", "urgency"] = "first_cause") -> tuple[Flip, ...]:
        """Return the smallest changes of answers that would make another first cause, or another urgency."""
        network = self.source.network
        if effect == "first_cause":
            candidates = [one.cause for one in self.ranking.explains]
            return first_cause_flips(network, self.evidence, candidates, self._first_of)
        return urgency_flips(network, self.evidence, self._level_by_rules, self._level_in_full)

    def sets(self) -> tuple[CauseSet, ...]:
        """Return the set of one, of two and of three causes that together explain best."""
        return explaining_sets(self.source.network, self.evidence, self.ranking)

    def conflict(self) -> Conflict:
        """Return how well the answers fit together, and each answer's probability given the rest."""
        return conflict_of(self.source.network, self.evidence, self._answer_priors())

    def conflict_p_value(self, simulations: int = 99) -> tuple[float, int]:
        """Return (p, n): how many of n people with the first cause have answers that conflict as much."""
        first = self.ranking.first
        cause = None if first is None else self.source.network.index[first]
        return conflict_p_value(
            self.source.network, self.evidence, self._answer_priors(), cause, simulations=simulations
        )

    def outside(self) -> Outside:
        """Return whether the reason may be outside the model."""
        ranking = self.ranking
        conflict = self.conflict().log_ratio
        alarms: list[Literal["complaints_unexplained", "answers_conflict"]] = []
        if ranking.unexplained is not None and ranking.unexplained >= HALF:
            alarms.append("complaints_unexplained")
        if conflict > CONFLICTING:
            alarms.append("answers_conflict")
        return Outside(
            none_present=none_present(self.source.network, self.evidence),
            unexplained=ranking.unexplained,
            conflict=conflict,
            alarms=tuple(alarms),
        )

    def doubts(self) -> tuple[Doubt, ...]:
        """Return why the answers are not enough: empty where they are.

        No complaint is there; age or sex is not known; a complaint that is there has attributes, and none was answered;
        no cause explains the complaints with a probability of 1/2.
        """
        network, found = self.source.network, list[Doubt]()
        if not self._complaints:
            found.append("no_complaint")
        if network.index["age"] not in self.evidence:
            found.append("age_missing")
        if network.index["sex"] not in self.evidence:
            found.append("sex_missing")
        attributes: dict[int, list[bool]] = {}
        for i, node in enumerate(network.nodes):
            if isinstance(node, NoisyMax) and node.gate in self._complaints and node.gate is not None:
                attributes.setdefault(node.gate, []).append(i in self.evidence)
        if any(not any(answered) for answered in attributes.values()):
            found.append("complaint_without_details")
        explains = self.ranking.explains
        if self._complaints and (not explains or (explains[0].explains or 0.0) < HALF):
            found.append("undecided")
        return tuple(found)

    def missing(self, cause: str) -> tuple[Missing, ...]:
        """Return the missing answers that would tell most about a cause."""
        return missing_answers(self.source.network, self.evidence, self.source.network.index[cause])

    def paths(self, cause: str) -> tuple[Path, ...]:
        """Return how the cause comes about and works by way of others."""
        return paths_through(self.source.network, self.evidence, self.source.network.index[cause])

    def tornado(self, cause: str) -> tuple[Swing, ...]:
        """Return the numbers of the model that move the posterior most."""
        if self.source.spread is None:
            message = "the model was built without drawn networks, so the ranges of its numbers are not known"
            raise LegdxError(message, hint="build it with `legdx build --draws 200`")
        network = self.source.network
        return tornado(network, self.source.spread, self.evidence, network.index[cause], posteriors=self.posteriors)

    @cached_property
    def _causes(self) -> tuple[int, ...]:
        return self.source.network.of_kind("cause")

    @cached_property
    def _complaints(self) -> tuple[int, ...]:
        return tuple(self.source.network.index[name] for name in self.ranking.complaints)

    def _above_complaints(self) -> set[int]:
        """Return everything from which a chain of arrows leads to a complaint."""
        found: set[int] = set()
        waiting = list(self._complaints)
        while waiting:
            node = self.source.network.nodes[waiting.pop()]
            parents = {link.parent for link in node.links} if isinstance(node, NoisyMax) else set[int]()
            waiting.extend(parents - found)
            found |= parents
        return found

    def _answer_priors(self) -> Mapping[int, Array]:
        return {i: self.source.answer_prior(i) for i in self.evidence}

    def _name(self, i: int) -> str:
        return self.source.network.variables[i].name

    def _posteriors(self, evidence: Evidence) -> Mapping[str, float]:
        found = posterior(self.source.network, evidence, self._causes).marginals
        return {self._name(i): float(found[i][0, 1]) for i in self._causes}

    def _first_of(self, evidence: Evidence) -> str | None:
        return rank(self.source.knowledge, self.source.network, evidence, self._posteriors(evidence)).first

    def _level_by_rules(self, evidence: Evidence) -> str:
        return assess_urgency(self.source.knowledge, self.source.network, evidence, self.unsure, None).level

    def _level_in_full(self, evidence: Evidence) -> str:
        found = self._posteriors(evidence)
        return assess_urgency(self.source.knowledge, self.source.network, evidence, self.unsure, found).level


def attempt(quantity: str, unavailable: list[Unavailable], work: Callable[[], Made]) -> Made | None:
    """Work something out; past the budget it is named as unavailable."""
    try:
        return work()
    except TooCostlyError:
        unavailable.append(Unavailable(quantity, "too_costly"))
        return None


def _decibans(probability: float) -> float:
    with np.errstate(divide="ignore"):
        return float(10.0 * (np.log10(probability) - np.log10(1.0 - probability)))
