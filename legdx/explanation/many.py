"""Reasons for many people at once, as arrays: the first cause and why, the urgency, each answer's weight.

The engine is asked about everybody in a few calls; people who gave the same answers are worked out once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from legdx.engine import Budget, Evidence, Status, pack, run_distinct_rows
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.explanation.ranking import LEAST, WORTH_LISTING, complaints_of, rank
from legdx.explanation.reach_rows import reach_of
from legdx.explanation.reasons import Source
from legdx.explanation.weight_rows import weigh_rows
from legdx.knowledge import Knowledge
from legdx.network.records import Array, Network
from legdx.urgency import assess_urgency
from legdx.urgency.records import Level

__all__ = ["ManyReasons", "explaining_rows", "reasons_of_many"]

Texts = NDArray[np.object_]
BLOCK = 5000
"""People who are worked out together: the more, the more answers are the same; some 100 MB for a long questionnaire."""


@dataclass(frozen=True, slots=True)
class ManyReasons:
    """One row a person; what could not be worked out is None or NaN, and ``status`` says why.

    Attributes:
        status: "scored", "impossible" or "too_costly", (n,).
        first: id of the cause that explains the complaints best, of the likeliest cause where none explains, (n,); it
            may differ from the likeliest, of which the columns of a scored table speak.
        explains: P(a cause is present and reaches a reported complaint | answers), (n, causes), in the network's order;
            NaN for causes under 1 % and for people without complaints.
        posterior: P(a cause is present | answers), (n, causes); also of a row that is too costly otherwise.
        urgency: the level, (n,); where there is no posterior, or the posterior's part costs too much, what the rules
            alone say, and None where one answer leaves nothing possible.
        variables: the columns of ``weights``.
        weights: each answer's leave-one-out weight of evidence for the first cause in decibans, (n, variables); NaN for
            what was not answered; attributes that go with their complaint's answer have its weight. A known diagnosis
            has an infinite one, beside which all others are 0.

    """

    status: Texts
    first: Texts
    explains: Array
    posterior: Array
    urgency: Texts
    variables: tuple[str, ...]
    weights: Array


def reasons_of_many(
    source: Source,
    cases: Iterable[Evidence],
    unsure: Sequence[Collection[str]] | None = None,
    budget: Budget | None = None,
) -> ManyReasons:
    """Work out the reasons of many people.

    Args:
        source: the model.
        cases: each person's answers, variable index -> likelihood of each state.
        unsure: each person's variables answered "don't know"; default none.
        budget: what one run for one person may cost; default the engine's.

    """
    people = list(cases)
    doubts: Sequence[Collection[str]] = [()] * len(people) if unsure is None else unsure
    network = source.network
    columns = [i for i, v in enumerate(network.variables) if v.kind in {"factor", "finding", "cause"}]
    n, causes = len(people), network.of_kind("cause")
    found = ManyReasons(
        status=np.full(n, None, dtype=object),
        first=np.full(n, None, dtype=object),
        explains=np.full((n, len(causes)), np.nan),
        posterior=np.full((n, len(causes)), np.nan),
        urgency=np.full(n, None, dtype=object),
        variables=tuple(network.variables[i].name for i in columns),
        weights=np.full((n, len(columns)), np.nan),
    )
    for start in range(0, n, BLOCK):
        rows = slice(start, start + BLOCK)
        _fill(source, people[rows], doubts[rows], _part(found, rows), budget)
    return found


def _part(found: ManyReasons, rows: slice) -> ManyReasons:
    """Return some rows, sharing their memory."""
    return ManyReasons(
        found.status[rows],
        found.first[rows],
        found.explains[rows],
        found.posterior[rows],
        found.urgency[rows],
        found.variables,
        found.weights[rows],
    )


def _fill(
    source: Source,
    people: Sequence[Evidence],
    doubts: Sequence[Collection[str]],
    found: ManyReasons,
    budget: Budget | None,
) -> None:
    """Work out one block of people."""
    network = source.network
    causes = network.of_kind("cause")
    names = [network.variables[cause].name for cause in causes]
    run = run_distinct_rows(network, pack(*people), causes, budget=budget)
    scored = np.flatnonzero(run.status == Status.DONE).tolist()
    found.status[:] = np.where(run.status == Status.IMPOSSIBLE, "impossible", "too_costly")
    asked = [people[row] for row in scored]
    posteriors = run.marginals[scored, 0, 1::2]
    explained = explaining_rows(source.knowledge, network, asked, posteriors, run.log_evidence[scored, 0], budget)
    firsts = [
        causes[int(np.argmax(own))] if known is None or known.first is None else known.first
        for own, known in zip(posteriors, explained, strict=True)
    ]
    weighed = weigh_rows(network, asked, firsts, budget)
    place = {network.index[name]: k for k, name in enumerate(found.variables)}
    for k, row in enumerate(scored):
        known, weight = explained[k], weighed[k]
        found.status[row], found.posterior[row] = "scored", posteriors[k]
        if known is None or weight is None:
            found.status[row] = "too_costly"
            continue
        found.first[row] = network.variables[firsts[k]].name
        for cause, probability in known.explains.items():
            found.explains[row, causes.index(cause)] = probability
        for unit, decibans in zip(weight.units, weight.weights, strict=True):
            found.weights[row, [place[i] for i in unit]] = decibans
    levels: dict[object, tuple[Level | None, bool]] = {}
    for row, evidence in enumerate(people):
        key = (tuple((i, evidence[i].tobytes()) for i in sorted(evidence)), frozenset(doubts[row]))
        if key not in levels:
            is_known = not np.isnan(found.posterior[row, 0])
            posterior = dict(zip(names, found.posterior[row].tolist(), strict=True)) if is_known else None
            level = _level(source, evidence, doubts[row], posterior)
            was_costly = posterior is not None and level is None
            levels[key] = (_level(source, evidence, doubts[row], None) if was_costly else level), was_costly
        found.urgency[row], was_costly = levels[key]
        if was_costly:
            found.status[row] = "too_costly"


def _level(
    source: Source, evidence: Evidence, unsure: Collection[str], posterior: Mapping[str, float] | None
) -> Level | None:
    """Return the level; None where the posterior's part in it costs too much, or an answer leaves nothing possible."""
    try:
        return assess_urgency(source.knowledge, source.network, evidence, unsure, posterior, level_only=True).level
    except (TooCostlyError, ImpossibleEvidenceError):
        return None


@dataclass(frozen=True, slots=True)
class Explained:
    """Which causes explain one person's complaints: index -> probability of causes of 1 % and more; the best of them.

    ``first`` is None where nobody complains, or nothing explains with 1 %.
    """

    explains: Mapping[int, float]
    first: int | None


def explaining_rows(
    knowledge: Knowledge,
    network: Network,
    people: Sequence[Evidence],
    posteriors: Array,
    log_evidence: Array,
    budget: Budget | None = None,
) -> list[Explained | None]:
    """Return what explains each person's complaints; the numbers are those of ``rank``.

    Args:
        knowledge: roles of findings.
        network: the solved network.
        people: each person's answers.
        posteriors: P(present | answers) of every cause in the network's order, (people, causes).
        log_evidence: natural log of P(answers), (people,).
        budget: what one run for one person may cost.

    Returns:
        One entry a person; None where it would be too costly.

    """
    reach = reach_of(knowledge, network)
    causes = network.of_kind("cause")
    complaints = [complaints_of(knowledge, network, evidence) for evidence in people]
    usual = [row for row, own in enumerate(complaints) if reach.complaints.issuperset(own)]
    asked = [
        [c for c, p in zip(causes, posteriors[row], strict=True) if p >= LEAST and reach.leads(c, complaints[row])]
        for row in usual
    ]
    found = reach.explains(
        [people[row] for row in usual], [complaints[row] for row in usual], asked, log_evidence[usual], budget
    )
    result: list[Explained | None] = [None] * len(people)
    for row in set(range(len(people))) - set(usual):
        result[row] = _one_by_one(knowledge, network, people[row], posteriors[row], budget)
    for row, own in zip(usual, found, strict=True):
        if own is not None:
            best = max(own, key=lambda cause: own[cause], default=None)
            result[row] = Explained(own, best if best is not None and own[best] >= WORTH_LISTING else None)
    return result


def _one_by_one(
    knowledge: Knowledge, network: Network, evidence: Evidence, posteriors: Array, budget: Budget | None
) -> Explained | None:
    """Rank one person's causes as a single case: who reports a complaint that has grades."""
    names = [network.variables[cause].name for cause in network.of_kind("cause")]
    ranking = rank(knowledge, network, evidence, dict(zip(names, posteriors.tolist(), strict=True)), budget)
    if ranking.note == "too_costly":
        return None
    explains = {network.index[one.cause]: one.explains for one in ranking.explains if one.explains is not None}
    return Explained(explains, None if ranking.first is None else network.index[ranking.first])
