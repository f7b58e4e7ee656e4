"""What a short form loses against the whole questionnaire, on simulated people that it was not chosen on.

Expected information is the sum over causes of H(cause | age, sex) - E H(cause | age, sex, answers), in bits: the
entropies of exact posteriors, averaged over people.  The people are the same for every form, so that the errors of
differences are smaller than those of the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from legdx.engine import Budget, posterior
from legdx.errors import TooCostlyError
from legdx.inquiry.information import entropy_bits
from legdx.inquiry.outlook import Outlook, first_cause_of, level_of
from legdx.inquiry.short_form import (
    Chosen,
    ShortFormSettings,
    answers_to,
    choose,
    emergency_questions,
    evidence_of,
    questions_of,
    weighted_mean,
)
from legdx.knowledge import Knowledge
from legdx.network.records import Network
from legdx.network.sampling import simulate
from legdx.urgency.records import height

__all__ = ["Loss", "ShortForm", "measure", "short_form"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What one form brings, beside the whole questionnaire, on the same people.

    Attributes:
        questions: how many of the chosen questions it has.
        red_flags: whether it has every red-flag question too.
        asked: how many questions it has in all.
        bits, bits_error: expected information and its standard error.
        same_first_cause: share of people whose most probable cause is the same; among those with a complaint,
            ``same_first_cause_ill``.
        same_level, lower_level, higher_level: share of people whose urgency is the same, lower, higher.
        emergencies, missed: how many people the whole questionnaire calls an emergency, and for how many of these the
            form does not.
        self_care: share of people for whom the form leads to self-care.

    """

    questions: int
    red_flags: bool
    asked: int
    bits: float
    bits_error: float
    same_first_cause: float
    same_first_cause_ill: float
    same_level: float
    lower_level: float
    higher_level: float
    emergencies: int
    missed: int
    self_care: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortForm:
    """The best questions for a survey, and what is lost by asking no others.

    Attributes:
        chosen: the questions, in the order in which they were chosen.
        losses: for each size asked for, the form alone and with all red-flag questions.
        whole: the whole questionnaire; ``questions`` is their number.
        red_flags_left_out: questions of emergency rules that ``chosen`` lacks, with the complaints that gate them.
        people, ill, left_out: people of the measurement, those of them with a complaint, and those who were left out
            because their exact answers cost more than the budget.
        seeds: of the people chosen on, and measured on.

    """

    chosen: tuple[Chosen, ...]
    losses: tuple[Loss, ...]
    whole: Loss
    red_flags_left_out: tuple[str, ...]
    people: int
    ill: int
    left_out: int
    seeds: tuple[int, int]

    @property
    def questions(self) -> tuple[str, ...]:
        """The ids of the chosen questions."""
        return tuple(one.name for one in self.chosen)


def short_form(
    knowledge: Knowledge,
    network: Network,
    number: int,
    settings: ShortFormSettings | None = None,
    sizes: Sequence[int] = (),
) -> ShortForm:
    """Choose the best questions and measure what they lose.

    Args:
        knowledge: the model's knowledge.
        network: the solved network, of one draw.
        number: how many questions, age and sex not counted.
        settings: how many simulated people, the seed, the budget.
        sizes: at which lengths the loss is measured; default ``number`` alone.

    Raises:
        ValueError: ``number`` is under 1.

    """
    settings = settings or ShortFormSettings()
    chosen = choose(knowledge, network, number, settings)
    return measure(knowledge, network, chosen, settings, sizes or (len(chosen),))


@dataclass(frozen=True, slots=True)
class _Result:
    """What a form says of one person."""

    bits: float
    outlook: Outlook


def measure(
    knowledge: Knowledge,
    network: Network,
    chosen: Sequence[Chosen],
    settings: ShortFormSettings,
    sizes: Sequence[int],
) -> ShortForm:
    """Measure what the first so many of the chosen questions lose, on new people."""
    order = [network.index[one.name] for one in chosen]
    red = emergency_questions(knowledge, network)
    everything = questions_of(knowledge, network)
    forms = [everything]
    kinds: list[tuple[int, bool]] = []
    for size in sizes:
        kinds += [(size, False), (size, True)]
        forms += [tuple(order[:size]), tuple(dict.fromkeys((*order[:size], *red)))]
    people = simulate(network, settings.measured_on, np.random.default_rng(settings.seed + 1)).tolist()
    results = [_results(knowledge, network, person, forms, settings.budget) for person in people]
    kept = [(person, row) for person, row in zip(people, results, strict=True) if row is not None]
    complaints = [network.index[f.id] for f in knowledge.findings.values() if f.role == "complaint"]
    ill = np.array([any(person[i] for i in complaints) for person, _ in kept], dtype=bool)
    columns: list[list[_Result]] = [[row[at] for _, row in kept] for at in range(len(forms))]
    whole = _loss((len(everything), True), everything, columns[0], columns[0], ill)
    losses = [
        _loss(kind, form, column, columns[0], ill)
        for kind, form, column in zip(kinds, forms[1:], columns[1:], strict=True)
    ]
    return ShortForm(
        chosen=tuple(chosen),
        losses=tuple(losses),
        whole=whole,
        red_flags_left_out=tuple(network.variables[i].name for i in red if i not in order),
        people=len(people),
        ill=int(ill.sum()),
        left_out=len(people) - len(kept),
        seeds=(settings.seed, settings.seed + 1),
    )


def _results(
    knowledge: Knowledge, network: Network, person: Sequence[int], forms: Sequence[Sequence[int]], budget: Budget
) -> list[_Result] | None:
    """Return what each form says of a person; None where one of them costs too much."""
    causes = network.of_kind("cause")
    found = []
    try:
        before = _entropy(network, person, (), budget)
        for form in forms:
            evidence = evidence_of(network, answers_to(network, person, form))
            marginals = posterior(network, evidence, causes, budget).marginals
            present = {c: float(marginals[c][0, 1]) for c in causes}
            by_name = {network.variables[c].name: p for c, p in present.items()}
            level = level_of(knowledge, network, evidence, (), by_name).level
            bits = before - sum(float(entropy_bits(marginals[c][0])) for c in causes)
            found.append(_Result(bits, Outlook(first_cause_of(present, causes), level)))
    except TooCostlyError:
        return None
    return found


def _entropy(network: Network, person: Sequence[int], form: Sequence[int], budget: Budget) -> float:
    causes = network.of_kind("cause")
    marginals = posterior(network, evidence_of(network, answers_to(network, person, form)), causes, budget).marginals
    return sum(float(entropy_bits(marginals[c][0])) for c in causes)


def _loss(
    kind: tuple[int, bool],
    form: Sequence[int],
    column: Sequence[_Result],
    whole: Sequence[_Result],
    ill: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Loss:
    questions, red_flags = kind
    bits, error = weighted_mean([one.bits for one in column], [1] * len(column))
    same = np.array([a.outlook.first_cause == b.outlook.first_cause for a, b in zip(column, whole, strict=True)])
    steps = np.array([height(a.outlook.level) - height(b.outlook.level) for a, b in zip(column, whole, strict=True)])
    emergencies = np.array([one.outlook.level == "emergency" for one in whole], dtype=bool)
    return Loss(
        questions=questions,
        red_flags=red_flags,
        asked=len(form),
        bits=bits,
        bits_error=error,
        same_first_cause=_share(same),
        same_first_cause_ill=_share(same[ill]),
        same_level=_share(steps == 0),
        lower_level=_share(steps < 0),
        higher_level=_share(steps > 0),
        emergencies=int(emergencies.sum()),
        missed=int((emergencies & (steps < 0)).sum()),
        self_care=_share(np.array([one.outlook.level == "self_care" for one in column])),
    )


def _share(true: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    return float(true.mean()) if len(true) else float("nan")
