"""Three lists of causes: what explains the complaints, what is there but idle, what must be ruled out.

Causes are ranked by P(c present and a chain of fired links from it reaches a reported complaint | answers): a cause
that is likely and has nothing to do with the complaints stands in the second list, not in the first.  Beside it stands
the *disablement*: how many complaints, on average, would go if the cause were switched off.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from legdx.engine import Budget, Evidence, posterior, prepare
from legdx.engine.evidence import normalise
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.explanation.levelled import Levelled
from legdx.knowledge import Knowledge
from legdx.knowledge.identity import remembered
from legdx.network.records import Array, Network

__all__ = ["CauseSet", "Ranked", "Ranking", "complaints_of", "explaining_sets", "first_explaining", "rank"]

LEAST = WORTH_LISTING = 0.01
"""A cause that explains with less is not listed; one less probable than this explains with less still, and is not
looked at further."""

HARDLY = 0.1
PROBABLY = 0.5
SET_CANDIDATES = 8
LARGEST_SET = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One cause in a list.

    Attributes:
        cause: its id.
        posterior: P(present | answers).
        explains: P(present, and a chain of fired links from it reaches a reported complaint | answers); None where it
            was not worked out, as the cause is less probable than ``LEAST`` or it would have been too costly.
        would_go: expected number of the reported complaints that would go if it were switched off; None where it
            explains with less than 1 % or was not looked at.
        threshold: of a cause to rule out: the posterior from which it stands in that list.

    """

    cause: str
    posterior: float
    explains: float | None = None
    would_go: float | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The three lists.

    Attributes:
        complaints: what was reported: the complaints that are there, or likelier there than not; where there is none,
            the other symptoms that are.
        explains: causes that explain a complaint with at least 1 %, the likeliest explanation first.
        idle: causes more likely than not present without reaching any complaint, likeliest first; one that explains
            with 10 % and more stands in ``explains`` alone.
        rule_out: serious and critical causes at or above their thresholds, likeliest first.
        unexplained: P(no modelled cause reaches any of the complaints | answers); None without complaints, or where it
            would have been too costly.
        note: why numbers are missing: ``no_complaint`` or ``too_costly``; None where all are there.

    """

    complaints: tuple[str, ...] = ()
    explains: tuple[Ranked, ...] = ()
    idle: tuple[Ranked, ...] = ()
    rule_out: tuple[Ranked, ...] = ()
    unexplained: float | None = None
    note: str | None = None

    @property
    def first(self) -> str | None:
        """The cause that explains best, if any does."""
        return self.explains[0].cause if self.explains else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseSet:
    """Causes that together explain best among sets of their number.

    ``would_go`` is the expected number of complaints that would go if all were switched off together, ``probability``
    P(all of them present | answers).
    """

    causes: tuple[str, ...]
    would_go: float
    probability: float


def complaints_of(knowledge: Knowledge, network: Network, evidence: Evidence) -> tuple[int, ...]:
    """Return what a person comes with: see ``Ranking.complaints``."""
    settled, _ = normalise(network, evidence)
    for group in _complaints(knowledge, network):
        found = tuple(
            i
            for i in group
            if i in settled
            and settled[i][1:].max() > settled[i][0]
            and (settled[i][0] == 0.0 or len(settled[i]) == len(("absent", "present")))
        )
        if found:
            return found
    return ()


@remembered
def _complaints(knowledge: Knowledge, network: Network) -> tuple[tuple[int, ...], ...]:
    """Return the complaints, and the other symptoms, that stand below no gate."""
    found: dict[str, list[int]] = {"complaint": [], "associated": []}
    for i in network.of_kind("finding"):
        finding = knowledge.findings.get(network.variables[i].name)
        if finding is not None and finding.role in found and finding.gate is None:
            found[finding.role].append(i)
    return tuple(map(tuple, found.values()))


def rank(
    knowledge: Knowledge,
    network: Network,
    evidence: Evidence,
    posteriors: Mapping[str, float],
    budget: Budget | None = None,
) -> Ranking:
    """Rank all causes of one person.

    Args:
        knowledge: the model's knowledge: roles of findings, seriousness of causes.
        network: the solved network.
        evidence: the answers.
        posteriors: cause -> P(present | answers).
        budget: what it may cost; past it the lists are by posterior alone, and say so.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.

    """
    complaints = complaints_of(knowledge, network, evidence)
    names = tuple(network.variables[i].name for i in complaints)
    serious = {
        cause.id: cause.seriousness.urgent_above
        for cause in knowledge.causes.values()
        if cause.seriousness.urgent_above is not None
    }
    numbers: dict[str, tuple[float, float | None]] = {}
    unexplained: float | None = None
    note = None if complaints else "no_complaint"
    if complaints:
        try:
            numbers, unexplained = _numbers(network, evidence, complaints, posteriors, budget)
        except TooCostlyError:
            note = "too_costly"

    def ranked(cause: str, threshold: float | None = None) -> Ranked:
        explains, would_go = numbers.get(cause, (None, None))
        return Ranked(
            cause=cause, posterior=posteriors[cause], explains=explains, would_go=would_go, threshold=threshold
        )

    explaining = sorted((c for c, (p, _) in numbers.items() if p >= WORTH_LISTING), key=lambda c: -numbers[c][0])
    reaching = {cause: numbers[cause][0] if cause in numbers else 0.0 for cause in posteriors}
    idle = [c for c, p in posteriors.items() if p - reaching[c] >= PROBABLY and reaching[c] < HARDLY]
    return Ranking(
        complaints=names,
        explains=tuple(map(ranked, explaining)),
        idle=()
        if note == "too_costly"
        else tuple(map(ranked, sorted(idle, key=lambda c: reaching[c] - posteriors[c]))),
        rule_out=tuple(
            ranked(c, limit)
            for c, limit in sorted(serious.items(), key=lambda item: -posteriors[item[0]])
            if posteriors[c] >= limit
        ),
        unexplained=unexplained,
        note=note,
    )


def _numbers(
    network: Network,
    evidence: Evidence,
    complaints: Sequence[int],
    posteriors: Mapping[str, float],
    budget: Budget | None,
) -> tuple[dict[str, tuple[float, float | None]], float]:
    """Return explains and would_go of every cause worth it, and what is left unexplained."""
    found = Levelled(network, evidence, complaints, budget=budget)
    causes = [c for c in found.sources if posteriors[network.variables[c].name] >= LEAST]
    missed = found.not_reached([*((c,) for c in causes), found.sources])
    explains = {c: float(1.0 - missed[at]) for at, c in enumerate(causes)}
    listed = [c for c in causes if explains[c] >= WORTH_LISTING]
    gone = would_go(network, evidence, complaints, [(c,) for c in listed], found=found, budget=budget)
    goes = dict(zip(listed, map(float, gone), strict=True))
    numbers = {network.variables[c].name: (explains[c], goes.get(c)) for c in causes}
    return numbers, float(missed[-1])


def first_explaining(
    knowledge: Knowledge,
    network: Network,
    evidence: Evidence,
    posteriors: Mapping[str, float],
    budget: Budget | None = None,
) -> tuple[str, float]:
    """Return the cause that explains the complaints best, with its probability of doing so: that of ``rank``, alone.

    Where nobody complains, or nothing explains with 1 %, the likeliest cause with NaN.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: it costs more than the budget.

    """
    complaints = complaints_of(knowledge, network, evidence)
    if complaints:
        found = Levelled(network, evidence, complaints, budget=budget)
        causes = [c for c in found.sources if posteriors[network.variables[c].name] >= LEAST]
        reached = 1.0 - found.not_reached([(c,) for c in causes])
        if causes and reached.max() >= WORTH_LISTING:
            best = int(reached.argmax())
            return network.variables[causes[best]].name, float(reached[best])
    return max(posteriors, key=lambda cause: posteriors[cause]), float("nan")


def would_go(
    network: Network,
    evidence: Evidence,
    complaints: Sequence[int],
    sets: Sequence[tuple[int, ...]],
    *,
    found: Levelled | None = None,
    budget: Budget | None = None,
) -> Array:
    """Return the expected number of complaints that would go if each set of causes were switched off, (sets,).

    A complaint with a soft answer counts with the probability that it is there.
    """
    found = Levelled(network, evidence, complaints, budget=budget) if found is None else found
    result = np.zeros(len(sets))
    certain = [f for f in complaints if f in found.certain]
    pairs = [(at, some, f) for at, some in enumerate(sets) for f in certain if not found.above[f].isdisjoint(some)]
    shares = found.gone([(some, f) for _, some, f in pairs])
    for (at, _, _), share in zip(pairs, shares, strict=True):
        result[at] += share
    for f in (f for f in complaints if f not in found.certain):
        there = float(posterior(network, evidence, (f,), budget).marginals[f][0, 1])
        if there == 0.0:
            continue
        sure = {**evidence, f: np.array([0.0, 1.0])}
        others = [other for other in complaints if other == f or other in found.certain]
        alone = Levelled(network, sure, others, budget=budget)
        result += there * alone.gone([(some, f) for some in sets])
    return result


def explaining_sets(
    network: Network, evidence: Evidence, ranking: Ranking, budget: Budget | None = None
) -> tuple[CauseSet, ...]:
    """Return the set of one, of two and of three causes that explain best, as far as a further cause adds something.

    Tried are all sets of the eight causes that would take the most complaints with them.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: it costs more than the budget.

    """
    complaints = [network.index[name] for name in ranking.complaints]
    candidates = sorted(ranking.explains, key=lambda one: -(one.would_go or 0.0))[:SET_CANDIDATES]
    causes = [network.index[one.cause] for one in candidates]
    sets = [s for size in range(1, LARGEST_SET + 1) for s in itertools.combinations(causes, size)]
    if not sets:
        return ()
    goes = would_go(network, evidence, complaints, sets, budget=budget)
    best: list[CauseSet] = []
    for size in range(1, LARGEST_SET + 1):
        value, members = max(
            ((value, s) for value, s in zip(goes, sets, strict=True) if len(s) == size),
            key=lambda one: one[0],
            default=(0.0, ()),
        )
        if not members or (best and value <= best[-1].would_go + WORTH_LISTING):
            break
        best.append(
            CauseSet(
                causes=tuple(network.variables[i].name for i in members),
                would_go=float(value),
                probability=all_present(network, evidence, members, budget),
            )
        )
    return tuple(best)


def all_present(network: Network, evidence: Evidence, causes: Iterable[int], budget: Budget | None = None) -> float:
    """Return P(all of the causes present | answers)."""
    return _ratio(network, evidence, dict.fromkeys(causes, np.array([0.0, 1.0])), budget)


def none_present(network: Network, evidence: Evidence, budget: Budget | None = None) -> float:
    """Return P(no modelled cause present | answers)."""
    return _ratio(network, evidence, dict.fromkeys(network.of_kind("cause"), np.array([1.0, 0.0])), budget)


def _ratio(network: Network, evidence: Evidence, further: Mapping[int, Array], budget: Budget | None) -> float:
    """Return P(further | evidence); what was said of the same variable, softly or for certain, still counts."""
    with_both = dict(evidence)
    for i, likelihood in further.items():
        with_both[i] = likelihood * evidence[i] if i in evidence else likelihood
        if not np.any(with_both[i]):
            return 0.0
    total = float(prepare(network, evidence, budget=budget).log_evidence()[0])
    try:
        part = float(prepare(network, with_both, budget=budget).log_evidence()[0])
    except ImpossibleEvidenceError:
        return 0.0
    return min(1.0, float(np.exp(part - total)))
