"""The best next questions for one person, and whether to go on asking at all."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from legdx.engine import Evidence, posterior
from legdx.errors import TooCostlyError
from legdx.inquiry.outlook import Evaluation, Outlook, Person, evaluate, first_cause_of, level_at_any_cost, unsettled
from legdx.inquiry.questions import RANKS, RedFlagQuestion, kind_of, open_questions, red_flag_questions
from legdx.inquiry.records import CauseGain, NextQuestion, NextQuestions, NotEvaluated, Settings, Stop, Unevaluated
from legdx.inquiry.screening import guessed_information, guessed_marginals
from legdx.inquiry.words import Words
from legdx.knowledge import FrozenMap, Knowledge
from legdx.network.records import Array, Network
from legdx.urgency.answers import Answers

__all__ = ["Said", "next_questions"]

SHOWN_CAUSES = 3
"""Of how many causes a question says what it would do to them."""

SHOWN_RULES = 2
"""Of how many rules a red-flag question tells the words."""

DEFAULT = Settings()


@dataclass(frozen=True, slots=True)
class Said:
    """What was said so far.

    Attributes:
        evidence: variable index -> likelihood of each state, of the answers that say something.
        closed: ids of variables that were answered in any way, "don't know" and "refused" included.
        unsure: ids of those answered "don't know".

    """

    evidence: Evidence
    closed: Collection[str] = ()
    unsure: Collection[str] = ()


def next_questions(
    knowledge: Knowledge,
    network: Network,
    said: Said,
    number: int = 5,
    *,
    among: Collection[str] | None = None,
    settings: Settings = DEFAULT,
    language: str = "en",
) -> NextQuestions:
    """Return the questions that are most worth asking next.

    Red flags come first, by rank, then by the probability that the answer raises the urgency, then by how probable the
    rules are that they belong to.  The others follow by ``NextQuestion.worth``.  All numbers are exact; a quick guess
    decides which questions are looked at (``Settings.candidates``), and the others are listed without numbers.

    Args:
        knowledge: the model's knowledge.
        network: the solved network, of one draw.
        said: the answers so far.
        number: how many questions, at least 1.
        among: ids of the only questions to be considered; None for all.
        settings: costs, limits, budget.
        language: of labels, questions and sentences.

    Raises:
        ValueError: ``number`` is under 1.
        ImpossibleEvidenceError: the answers exclude each other.

    """
    if number < 1:
        message = f"cannot choose {number} questions"
        raise ValueError(message)
    causes = network.of_kind("cause")
    person = Person(knowledge, network, said.evidence, said.unsure, causes, unsettled(said.evidence, causes))
    return _Inquiry(person, settings, Words(knowledge, language), among).run(number, said.closed)


@dataclass(slots=True)
class _Inquiry:
    person: Person
    settings: Settings
    words: Words
    among: Collection[str] | None = None
    order: list[int] = field(default_factory=list)
    flags: Mapping[int, RedFlagQuestion] = field(default_factory=dict)
    guesses: Mapping[int, float] = field(default_factory=dict)
    marginals: Sequence[Array] = ()
    found: dict[int, Evaluation] = field(default_factory=dict)
    over_budget: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    is_late: bool = False

    def run(self, number: int, closed: Collection[str]) -> NextQuestions:
        person, settings = self.person, self.settings
        known, first = self._first_cause()
        answers = Answers.read(person.network, person.evidence, person.unsure)
        questions = open_questions(person.knowledge, answers, closed, settings.costs)
        urgency = level_at_any_cost(person, None if known is None else self._by_name(known))
        now = Outlook(first, urgency.level)
        self.marginals = guessed_marginals(person.network, answers.settled, known or {})
        self.guesses = guessed_information(person.network, answers.settled, self.marginals, questions)
        self.flags = red_flag_questions(person.knowledge, answers, urgency, questions)
        considered = [q for q in questions if self.among is None or self._name(q) in self.among]
        self.order = sorted(considered, key=self._guessed_place)
        if known is None:
            self.over_budget.update(self.order)
        else:
            self._evaluate(now, self._chosen(number))
            if settings.decide_stop and not self.flags:
                self._decide(now)
        ranked = sorted(self.found, key=self._place)
        open_now = [q for q in self.order if q not in self.settled]
        return NextQuestions(
            questions=tuple(self._question(self.found[q]) for q in ranked[:number]),
            level=now.level,
            first_cause=None if first is None else self._name(first),
            stop=self._stop(open_now),
            not_evaluated=tuple(self._not_evaluated(q) for q in open_now if q not in self.found),
        )

    def _first_cause(self) -> tuple[dict[int, Array] | None, int | None]:
        """Return the marginals of causes and backgrounds, and the first cause; None where they cost too much."""
        person = self.person
        wanted = (*person.causes, *person.network.of_kind("background"))
        try:
            marginals = posterior(person.network, person.evidence, wanted, self.settings.budget).marginals
        except TooCostlyError:
            return None, None
        known = {i: row[0] for i, row in marginals.items()}
        return known, first_cause_of({c: float(known[c][1]) for c in person.causes}, person.among)

    def _by_name(self, known: Mapping[int, Array]) -> dict[str, float]:
        return {self._name(c): float(known[c][1]) for c in self.person.causes}

    def _chosen(self, number: int) -> list[int]:
        """Return the questions to be looked at: what may complete a rule, what fills the list, the best of the rest."""
        most = len(self.order) if self.settings.candidates is None else max(self.settings.candidates, number)
        red = [q for q in self.order if q in self.flags]
        if self.settings.candidates is None:
            return self.order
        sharp = sum(self.flags[q].rank.startswith("completes") for q in red)
        rest = [q for q in self.order if q not in self.flags] if len(red) < number else []
        return [*red[: min(most, max(sharp, number))], *rest[:most]]

    def _evaluate(self, now: Outlook, questions: Iterable[int]) -> None:
        for q in questions:
            try:
                found = evaluate(self.person, now, q, self.settings.budget)
            except TooCostlyError:
                self.over_budget.add(q)
                continue
            if np.count_nonzero(found.answers) > 1:
                self.found[q] = found
            else:  # the answers so far leave one answer only: there is nothing to ask
                self.settled.add(q)

    def _decide(self, now: Outlook) -> None:
        most = self.settings.decide_seconds
        end = math.inf if most is None else perf_counter() + most
        for q in self.order:
            if any(one.outcome_change >= self.settings.stop_below for one in self.found.values()):
                return
            if q not in self.found and q not in self.over_budget and q not in self.settled:
                if perf_counter() > end:
                    self.is_late = True
                    return
                self._evaluate(now, (q,))

    def _alarm(self, q: int) -> float:
        """Guess how probable the rules are that a red flag belongs to, its own answer included."""
        return sum(self._chance(rule, lacking) for rule, lacking in self.flags[q].rules.items())

    def _chance(self, rule: str, lacking: Iterable[int]) -> float:
        """Guess how probable it is that all hold which a rule still lacks."""
        thresholds = {literal.finding: literal.at_least for literal in self.person.knowledge.red_flags[rule].literals}
        chance = 1.0
        for i in lacking:
            at_least = thresholds[self._name(i)]
            at = 1 if at_least is None else self.person.network.variables[i].states.index(at_least)
            chance *= float(self.marginals[i][at:].sum())
        return chance

    def _guessed_place(self, q: int) -> tuple[int, float]:
        if q in self.flags:
            return RANKS.index(self.flags[q].rank), -self._alarm(q)
        return len(RANKS), -self.guesses[q] / self._cost(q)

    def _place(self, q: int) -> tuple[int, float, float]:
        rank, guess = self._guessed_place(q)
        return (rank, -self.found[q].rises, guess) if q in self.flags else (rank, -self._worth(self.found[q]), guess)

    def _worth(self, found: Evaluation) -> float:
        value = float(found.bits.sum()) + self.settings.urgency_bits * found.urgency_change
        return value / self._cost(found.question)

    def _name(self, i: int) -> str:
        return self.person.network.variables[i].name

    def _cost(self, q: int) -> float:
        return self.settings.costs[kind_of(self.person.knowledge, self._name(q))]

    def _question(self, found: Evaluation) -> NextQuestion:
        q, words = found.question, self.words
        variable = self.person.network.variables[q]
        flag = self.flags.get(q)
        rules = () if flag is None else tuple(flag.rules)
        rank = None if flag is None else flag.rank
        bits = float(found.bits.sum())
        answers = FrozenMap(dict(zip(variable.states, found.answers.tolist(), strict=True)))
        gains = self._gains(found)
        return NextQuestion(
            name=variable.name,
            label=words.label(variable.name),
            text=words.question(variable.name),
            kind=kind_of(self.person.knowledge, variable.name),
            cost=self._cost(q),
            red_flag=rank,
            rules=rules,
            answers=answers,
            information_bits=bits,
            gains=gains,
            urgency_change=found.urgency_change,
            rises=found.rises,
            falls=found.falls,
            outcome_change=found.outcome_change,
            worth=self._worth(found),
            why=(
                *words.why(variable, rank, self._telling(q), answers),
                *(words.gain(variable, gain) for gain in gains[:1]),
                *words.numbers(bits, self._cost(q), found.outcome_change),
            ),
        )

    def _telling(self, q: int) -> list[str]:
        """Return the rules that make a question the red flag that it is, the most probable ones first."""
        if q not in self.flags:
            return []
        flag, rules = self.flags[q], self.person.knowledge.red_flags
        level = "emergency" if flag.rank.endswith("emergency") else "urgent"
        telling = [r for r in flag.rules if rules[r].level == level]
        if flag.rank.startswith("completes"):
            telling = [r for r in telling if flag.rules[r] == (q,)]
        return sorted(telling, key=lambda r: -self._chance(r, flag.rules[r]))[:SHOWN_RULES]

    def _gains(self, found: Evaluation) -> tuple[CauseGain, ...]:
        states = self.person.network.variables[found.question].states
        best = np.argsort(-found.bits, kind="stable")[:SHOWN_CAUSES]
        return tuple(
            CauseGain(
                cause=self._name(self.person.causes[c]),
                bits=float(found.bits[c]),
                now=float(found.joint[c, :, 1].sum()),
                after=FrozenMap(
                    {states[a]: float(found.joint[c, a, 1] / found.answers[a]) for a in np.flatnonzero(found.answers)}
                ),
            )
            for c in best
            if found.bits[c] > 0.0
        )

    def _not_evaluated(self, q: int) -> NotEvaluated:
        name = self._name(q)
        reason: Unevaluated = "out_of_time" if self.is_late else "screened_out"
        return NotEvaluated(
            name=name,
            label=self.words.label(name),
            text=self.words.question(name),
            kind=kind_of(self.person.knowledge, name),
            red_flag=self.flags[q].rank if q in self.flags else None,
            reason="over_budget" if q in self.over_budget else reason,
        )

    def _stop(self, open_now: Sequence[int]) -> Stop:
        changes = {q: one.outcome_change for q, one in self.found.items()}
        best = max(changes, key=changes.__getitem__, default=None)
        left_out = len(open_now) - len(changes)
        red_flags = sum(q in self.flags for q in open_now)
        largest = None if best is None else changes[best]
        quiet = largest is None or largest < self.settings.stop_below
        return Stop(
            stop=quiet and not left_out and not red_flags,
            largest=largest,
            question=None if best is None else self._name(best),
            at_most=min(1.0, sum(changes.values())),
            limit=self.settings.stop_below,
            evaluated=len(changes),
            left_out=left_out,
            red_flags=red_flags,
        )
