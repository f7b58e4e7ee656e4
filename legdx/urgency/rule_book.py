"""The red-flag rules laid out for one network, and how one person's answers stand to all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from legdx.knowledge import Knowledge, Literal, RedFlag
from legdx.knowledge.identity import remembered
from legdx.network.records import Network
from legdx.urgency.answers import Answers, gate_of, threshold_of
from legdx.urgency.records import height

__all__ = ["Place", "RuleBook", "Standing", "rule_book"]


@dataclass(frozen=True, slots=True)
class Place:
    """A literal in the network: met when variable ``index`` is, or for ``unless_denied`` may be, at ``at`` or above."""

    literal: Literal
    index: int
    at: int
    is_question: bool


class RuleBook:
    """All rules of a model; made once.

    Attributes:
        rules: in the knowledge's order.
        places: every literal that stands in a rule, once.
        lowest: alarm (a finding of any rule, or a gate above one) -> its lowest threshold, rising by alarm.
        members: which literals a rule has, (rules, places), 1 or 0.
        heights: of the rules' levels, (rules,).
        by_height: the rules' numbers, the highest level first, (rules,).
        asked: the lowest literal of every finding of an emergency rule.
        limits: serious cause -> the posterior from which on it is urgent.

    """

    def __init__(self, knowledge: Knowledge, network: Network) -> None:
        self.rules: tuple[RedFlag, ...] = tuple(knowledge.red_flags.values())
        numbers: dict[tuple[int, int, bool], int] = {}
        places: list[Place] = []
        self._own: list[list[int]] = []
        for rule in self.rules:
            own = []
            for literal in rule.literals:
                index, at = network.index[literal.finding], threshold_of(network, literal)
                key = (index, at, literal.unless_denied)
                if key not in numbers:
                    numbers[key] = len(places)
                    is_question = knowledge.findings[literal.finding].cost == "question"
                    places.append(Place(literal, index, at, is_question))
                own.append(numbers[key])
            self._own.append(own)
        self.places = tuple(places)
        self.members = np.zeros((len(self.rules), len(places)), dtype=np.int16)
        for row, own in enumerate(self._own):
            self.members[row, own] = 1
        self.heights = np.array([height(rule.level) for rule in self.rules], dtype=np.int16)
        self.by_height = np.argsort(-self.heights, kind="stable")
        self.lowest = _lowest(network, self.places)
        self.asked = self._asked()
        self.limits: dict[str, float] = {
            cause.id: cause.seriousness.urgent_above
            for cause in knowledge.causes.values()
            if cause.seriousness.urgent_above is not None
        }
        self._labels: dict[tuple[str, str], str] = {}
        self._knowledge = knowledge

    def _asked(self) -> tuple[Place, ...]:
        found: dict[int, Place] = {}
        emergencies = (own for rule, own in zip(self.rules, self._own, strict=True) if rule.level == "emergency")
        for place in (self.places[number] for own in emergencies for number in own):
            if place.at < found.setdefault(place.index, place).at:
                found[place.index] = place
        return tuple(found.values())

    def literal(self, rule: int, place: int) -> Literal:
        """Return the literal of a rule, by number, that stands at a place."""
        return self.rules[rule].literals[self._own[rule].index(place)]

    def label(self, name: str, language: str) -> str:
        """Return what people read of a finding or cause."""
        key = (name, language)
        if key not in self._labels:
            self._labels[key] = self._knowledge.label(name, language)
        return self._labels[key]

    def standing(self, answers: Answers) -> Standing:
        """Return how one person's answers stand to the rules."""
        held = np.array(
            [answers.met_at(one.index, one.at, unless_denied=one.literal.unless_denied) for one in self.places],
            dtype=np.int16,
        )
        return Standing(self, answers, held)


@dataclass(frozen=True)
class Standing:
    """One person's answers against all rules; ``held`` says of each literal whether it is met, (places,)."""

    book: RuleBook
    answers: Answers
    held: NDArray[np.int16]

    @cached_property
    def _lacking(self) -> NDArray[np.int16]:
        """How many literals of each rule are not met."""
        found: NDArray[np.int16] = self.book.members @ (1 - self.held)
        return found

    @cached_property
    def fired(self) -> tuple[RedFlag, ...]:
        """The rules all of whose literals are met."""
        return tuple(self.book.rules[at] for at in np.flatnonzero(self._lacking == 0))

    def completed_by(self, above: int) -> list[tuple[RedFlag, Literal]]:
        """Return the rules higher than a height that one literal keeps from firing, if it has no answer; highest first.

        Beside each stands that literal.
        """
        book, found = self.book, []
        alone = (self._lacking == 1) & (book.heights > above)
        for number in book.by_height[alone[book.by_height]].tolist():
            place = int(np.argmax(book.members[number] * (1 - self.held)))
            if self.answers.unanswered_at(book.places[place].index):
                found.append((book.rules[number], book.literal(number, place)))
        return found

    @cached_property
    def not_ruled_out(self) -> tuple[Place, ...]:
        """The lowest literal of every question of the emergency rules that is not ruled out, in order.

        A finding that takes an examination or a test is no question: it counts only once there is an answer.
        """
        answers = self.answers
        return tuple(
            place
            for place in self.book.asked
            if not answers.ruled_out_at(place.index, place.at)
            and (place.is_question or not answers.unanswered_at(place.index))
        )


def _lowest(network: Network, places: Iterable[Place]) -> dict[int, int]:
    lowest: dict[int, int] = {}
    for place in places:
        lowest[place.index] = min(place.at, lowest.get(place.index, place.at))
        gate = gate_of(network, place.index)
        while gate is not None:
            lowest[gate] = 1
            gate = gate_of(network, gate)
    return dict(sorted(lowest.items()))


rule_book = remembered(RuleBook)
