"""The best few questions for a survey, by expected information over a simulated population.

Greedy: the next question is the one with the highest mean, over simulated people, of its exact information about the
causes given what each of them has answered to those already chosen (``legdx.inquiry.information``).  An attribute can
be chosen once its complaint is, and is put only to those who have it.  Greedy choice is not proven best here: two
questions can tell together what neither tells alone.  Several people with the same answers are worked out once.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from legdx.engine import Budget, Evidence, observe, posterior
from legdx.errors import TooCostlyError
from legdx.inquiry.information import answer_table, information_bits
from legdx.inquiry.questions import kind_of
from legdx.inquiry.screening import guessed_information, guessed_marginals
from legdx.knowledge import Knowledge
from legdx.network.records import Network
from legdx.network.sampling import States, simulate
from legdx.network.structure import AGE, SEX
from legdx.urgency.answers import gate_of

__all__ = ["Chosen", "ShortFormSettings", "answers_to", "choose", "emergency_questions", "questions_of"]

GIVEN = (AGE, SEX)
"""Every survey asks these; they are taken as answered and not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortFormSettings:
    """How a short form is made.

    Attributes:
        people, measured_on: how many simulated people the questions are chosen on, and how many others the loss is
            measured on.
        seed: of the first group; the second has the next one.
        looked_at: how many questions each step evaluates exactly, those that a quick guess puts first.
        budget: what one exact answer may cost; whoever is beyond it is left out and counted.

    """

    people: int = 100
    measured_on: int = 200
    seed: int = 1
    looked_at: int = 5
    budget: Budget = dataclasses.field(default_factory=lambda: Budget(seconds=0.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One question of a short form: its mean information at its place, in bits, and that mean's standard error.

    ``left_out`` counts the simulated people for whom it was too costly to work out.
    """

    name: str
    bits: float
    error: float
    left_out: int


def choose(knowledge: Knowledge, network: Network, number: int, settings: ShortFormSettings) -> tuple[Chosen, ...]:
    """Choose questions one after another; fewer than ``number`` where no more are left.

    Raises:
        ValueError: ``number`` or ``settings.people`` is under 1.

    """
    if number < 1 or settings.people < 1:
        message = f"cannot choose {number} questions on {settings.people} people"
        raise ValueError(message)
    people = simulate(network, settings.people, np.random.default_rng(settings.seed))
    chosen: list[Chosen] = []
    form: list[int] = []
    open_now = questions_of(knowledge, network)
    while len(chosen) < number:
        able = [q for q in open_now if q not in form and gate_of(network, q) in {None, *form}]
        if not able:
            break
        best = _best(network, people, form, able, settings)
        form.append(network.index[best.name])
        chosen.append(best)
    return tuple(chosen)


def questions_of(knowledge: Knowledge, network: Network) -> tuple[int, ...]:
    """Return what a questionnaire can ask, age and sex aside: no examination, no test."""
    return tuple(
        i
        for i in network.of_kind("factor", "finding")
        if network.variables[i].name not in GIVEN and kind_of(knowledge, network.variables[i].name) == "question"
    )


def emergency_questions(knowledge: Knowledge, network: Network) -> tuple[int, ...]:
    """Return the questions that emergency rules speak of, with the complaints that gate them, in order."""
    found: set[int] = set()
    asked = set(questions_of(knowledge, network))
    for rule in knowledge.red_flags.values():
        for literal in rule.literals if rule.level == "emergency" else ():
            index: int | None = network.index[literal.finding]
            while index in asked:
                found.add(index)
                index = gate_of(network, index)
    return tuple(sorted(found))


def answers_to(network: Network, person: Sequence[int], form: Sequence[int]) -> Mapping[int, int]:
    """Return what a simulated person answers to a form: variable -> state; no attributes of an absent complaint.

    Age and sex are answered in any case.
    """
    given = [network.index[name] for name in GIVEN if name in network.index]
    shown = [q for q in form if (gate := gate_of(network, q)) is None or person[gate] > 0]
    return {q: int(person[q]) for q in (*given, *shown)}


def evidence_of(network: Network, answers: Mapping[int, int]) -> Evidence:
    """Return answers as evidence."""
    return dict(observe(network, q, state) for q, state in answers.items())


Group = tuple[Mapping[int, int], int]
"""The answers of people who answered alike, and how many they are."""


def _best(
    network: Network, people: States, form: Sequence[int], able: Sequence[int], settings: ShortFormSettings
) -> Chosen:
    patterns = Counter(tuple(sorted(answers_to(network, person, form).items())) for person in people.tolist())
    groups: list[Group] = [(dict(pattern), count) for pattern, count in patterns.items()]
    guesses = dict.fromkeys(able, 0.0)
    for answers, count in groups:
        for q, bits in _guessed(network, answers, able, settings.budget).items():
            guesses[q] += count * bits
    looked_at = sorted(able, key=lambda q: -guesses[q])[: settings.looked_at]
    return max((_evaluated(network, groups, q, settings.budget) for q in looked_at), key=lambda one: one.bits)


def _shown(network: Network, answers: Mapping[int, int], q: int) -> bool:
    gate = gate_of(network, q)
    return gate is None or answers[gate] > 0


def _guessed(network: Network, answers: Mapping[int, int], able: Sequence[int], budget: Budget) -> dict[int, float]:
    evidence = evidence_of(network, answers)
    try:
        exact = posterior(network, evidence, network.of_kind("cause", "background"), budget).marginals
    except TooCostlyError:
        return {}
    known = {i: row[0] for i, row in exact.items()}
    shown = [q for q in able if _shown(network, answers, q)]
    return guessed_information(network, evidence, guessed_marginals(network, evidence, known), shown)


def _evaluated(network: Network, groups: Sequence[Group], q: int, budget: Budget) -> Chosen:
    bits: list[float] = []
    weights: list[int] = []
    left_out = 0
    for answers, count in groups:
        one = _information(network, answers, q, budget) if _shown(network, answers, q) else 0.0
        if one is None:
            left_out += count
        else:
            bits.append(one)
            weights.append(count)
    mean, error = weighted_mean(bits, weights)
    return Chosen(name=network.variables[q].name, bits=mean, error=error, left_out=left_out)


def _information(network: Network, answers: Mapping[int, int], q: int, budget: Budget) -> float | None:
    try:
        _, joint = answer_table(network, evidence_of(network, answers), q, network.of_kind("cause"), budget)
    except TooCostlyError:
        return None
    return float(information_bits(joint).sum())


def weighted_mean(values: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """Return the mean of values that stand for so many people each, and its standard error.

    >>> weighted_mean([0.0, 1.0], [3, 1])
    (0.25, 0.25)
    """
    number = sum(weights)
    if not number:
        return 0.0, 0.0
    mean = float(np.average(values, weights=weights))
    spread = float(np.average((np.asarray(values) - mean) ** 2, weights=weights))
    return mean, float(np.sqrt(spread / max(number - 1, 1)))
