"""What would follow from an answer: the first cause and the urgency, exact, for each answer that is possible."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from legdx.engine import Budget, Evidence, certain_state, observe
from legdx.errors import TooCostlyError
from legdx.inquiry.information import answer_table, information_bits
from legdx.knowledge import Knowledge
from legdx.network.records import Array, Network
from legdx.urgency import Urgency, assess_urgency
from legdx.urgency.records import Level, height

__all__ = ["Evaluation", "Outlook", "Person", "evaluate", "first_cause_of", "level_of", "unsettled"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """The outcome that a result is read for: a question is worth asking when its answer may change it."""

    first_cause: int | None
    level: Level


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person, and what is asked of it.

    ``causes`` are all causes of the network, ``among`` those that no answer settles.
    """

    knowledge: Knowledge
    network: Network
    evidence: Evidence
    unsure: Collection[str]
    causes: tuple[int, ...]
    among: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a question would bring, all of it exact.

    Attributes:
        answers: P(answer | e), (a,).
        joint: P(answer, cause = x | e), (cause, a, x).
        bits: mutual information with each cause, (cause,).
        urgency_change: expected number of levels by which the urgency moves.
        rises, falls: probability that it rises, falls.
        outcome_change: probability that the first cause or the urgency changes.

    """

    question: int
    answers: Array
    joint: Array
    bits: Array
    urgency_change: float
    rises: float
    falls: float
    outcome_change: float


def evaluate(person: Person, now: Outlook, question: int, budget: Budget | None = None) -> Evaluation:
    """Work out what a question would bring.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: it would cost more than the budget.

    """
    network = person.network
    answers, joint = answer_table(network, person.evidence, question, person.causes, budget)
    change = rises = falls = different = 0.0
    for state in np.flatnonzero(answers):
        chance = float(answers[state])
        then = _after(person, question, int(state), joint[:, state, 1] / chance)
        step = height(then.level) - height(now.level)
        change += chance * abs(step)
        rises += chance * (step > 0)
        falls += chance * (step < 0)
        different += chance * (then != now)
    return Evaluation(question, answers, joint, information_bits(joint), change, rises, falls, different)


def _after(person: Person, question: int, state: int, present: Array) -> Outlook:
    network = person.network
    by_index = dict(zip(person.causes, present.tolist(), strict=True))
    posterior = {network.variables[c].name: p for c, p in by_index.items()}
    evidence = dict([*person.evidence.items(), observe(network, question, state)])
    level = level_of(person.knowledge, network, evidence, person.unsure, posterior).level
    return Outlook(first_cause_of(by_index, person.among), level)


def unsettled(evidence: Evidence, causes: Sequence[int]) -> tuple[int, ...]:
    """Return the causes that no answer settles: a diagnosis that is known is no longer a question."""
    return tuple(c for c in causes if c not in evidence or certain_state(np.asarray(evidence[c])) is None)


def first_cause_of(present: Mapping[int, float], among: Sequence[int]) -> int | None:
    """Return the most probable of the causes, of equals the one that stands first; None where there is none."""
    return max(among, key=lambda c: present[c], default=None)


def level_of(
    knowledge: Knowledge,
    network: Network,
    evidence: Evidence,
    unsure: Collection[str],
    posterior: Mapping[str, float] | None,
) -> Urgency:
    """Return the urgency; where the rules alone make it urgent or more, without a look at the posteriors.

    No posterior lowers a level or raises it above urgent, so that the level is the same.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: a posterior that matters would cost more than the engine's budget.

    """
    by_rules = assess_urgency(knowledge, network, evidence, unsure, None)
    if posterior is None or height(by_rules.level) >= height("urgent"):
        return by_rules
    return assess_urgency(knowledge, network, evidence, unsure, posterior)


def level_at_any_cost(person: Person, posterior: Mapping[str, float] | None) -> Urgency:
    """Return the urgency, by the rules alone where the posteriors' part would cost more than the budget."""
    try:
        return level_of(person.knowledge, person.network, person.evidence, person.unsure, posterior)
    except TooCostlyError:
        return level_of(person.knowledge, person.network, person.evidence, person.unsure, None)
