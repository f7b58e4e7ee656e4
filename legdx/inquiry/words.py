"""What inquiry says to people, made in this one place.

A model's text ``phrase.inquiry.<key>`` goes before the words here, so that a translation is one more text file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from legdx.explanation.narrative import share
from legdx.inquiry.records import CauseGain, RedFlagRank
from legdx.knowledge import FrozenMap, Knowledge
from legdx.network.records import Variable
from legdx.network.structure import AGE, SEX

__all__ = ["Words"]

ENGLISH: FrozenMap[str] = FrozenMap(
    {
        f"question.{AGE}": "How old are you, in years?",
        f"question.{SEX}": "Which sex were you registered with at birth? The published figures are by that.",
        "question": "{label}?",
        "answer.present": "yes",
        "answer.absent": "no",
        "answer.none": "none of it",
        "why.completes_emergency": "It is asked first: one of its answers would by itself call for emergency help.",
        "why.emergency": "It is asked first: together with other answers it may call for emergency help.",
        "why.completes_urgent": "It is asked early: one of its answers would by itself mean being seen soon.",
        "why.urgent": "It is asked early: together with other answers it may mean being seen soon.",
        "why.clears_self_care": "Nothing calls for a doctor yet, and only open questions like this one stand in the "
        "way of saying so.",
        "why.may_lower": "It is asked now: without an answer the worse one is assumed, and “no” may make it less "
        "urgent.",
        "why.rule": "The rule: {text}",
        "why.answers": "With the answers so far, the expected answers are: {answers}.",
        "why.cause": "It says most about {cause}: {now} now, and {after}.",
        "why.cause_after": "{share} after “{answer}”",
        "why.outcome": "The probability that its answer changes the first cause or the urgency is {share}.",
        "why.no_outcome": "Its answer alone changes neither the first cause nor the urgency.",
        "why.bits": "It is expected to bring {bits} bits about all causes, at a cost of {cost} (asking a question: 1).",
        "why.not_evaluated": "What its answer would bring was not worked out: {reason}.",
        "why.screened_out": "other questions promise more, by a quick guess",
        "why.over_budget": "with these answers the exact numbers would take too long",
        "why.out_of_time": "that would have kept you waiting",
        "dialogue.welcome": "legdx informs. It is not a medical device and replaces no clinician. With sudden "
        "weakness, a drooping face, bad trouble breathing, or new loss of control of bladder or bowel with weak or "
        "numb legs, call an emergency number now, whatever a program says.",
        "dialogue.resumed": "Going on after {number} answers.",
        "dialogue.keys": "   ? why · b back · d don't know · r rather not say · s skip · q result",
        "dialogue.number": "type a number",
        "dialogue.help": "Type the number of an answer, or its first letters. ? says why the question is asked. "
        "b takes back the last answer. d is for “don't know”, r for “rather not say”, s leaves the question out; none "
        "of the three counts as “no”. q ends the questions and shows the result.",
        "dialogue.unclear": "That is none of the answers. Type one of the numbers, or h for help.",
        "dialogue.refused": "That cannot be taken: {notes}.",
        "dialogue.impossible": "That answer cannot be true together with the others. Give another one, or take back "
        "an earlier one with b.",
        "dialogue.first": "This is the first question.",
        "dialogue.back": "Back to: {label}. Your answer was: {answer}.",
        "dialogue.settled": "   The answers so far leave little to ask here; it is one of the first questions in every "
        "interview.",
        "dialogue.nothing_left": "There is nothing left to ask. Press Enter for the result, or b to go back.",
        "dialogue.offer": "The urgency is {level} so far. No single further answer has a chance of {limit} or more to "
        "change it or the most probable cause. Press Enter for the result, type more to go on, or b to go back.",
        "dialogue.undecided": "Whether further answers still matter was not worked out: it would have kept you "
        "waiting. q shows the result with the answers so far.",
        "dialogue.offer_again": "Press Enter for the result, more to go on, or b to go back.",
        "missing.unknown": "don't know",
        "missing.refused": "rather not say",
        "missing.not_asked": "skipped",
        "missing.not_applicable": "does not apply",
    }
)


class Words:
    """The words of one model in one language."""

    def __init__(self, knowledge: Knowledge, language: str = "en") -> None:
        self.knowledge = knowledge
        self.language = language

    def say(self, key: str, **parts: str) -> str:
        """Return a phrase with its places filled; parts that it has no place for are left out."""
        text = self.knowledge.text_of(f"phrase.inquiry.{key}", self.language)
        return (text if text is not None else ENGLISH[key]).format(**parts)

    def has(self, key: str) -> bool:
        """Say whether there are words for it."""
        return key in ENGLISH

    def label(self, name: str) -> str:
        """Return a variable's name for people."""
        return self.knowledge.label(name, self.language)

    def question(self, name: str) -> str:
        """Return the question that is put to a person."""
        text = self.knowledge.text_of(f"{self.knowledge.kind_of(name)}.{name}.question", self.language)
        if text is None and f"question.{name}" in ENGLISH:
            return self.say(f"question.{name}")
        return self.say("question", label=_capital(self.label(name))) if text is None else text

    def answer(self, variable: Variable, state: str) -> str:
        """Return an answer as a person would give it."""
        kind = self.knowledge.kind_of(variable.name)
        part = "state" if kind == "factor" else "level"
        text = self.knowledge.text_of(f"{kind}.{variable.name}.{part}.{state}", self.language)
        if text is None and f"answer.{state}" in ENGLISH:
            return self.say(f"answer.{state}")
        return text or state.removeprefix("age_").replace("_plus", " and over").replace("_", " ")

    def why(
        self, variable: Variable, red_flag: RedFlagRank | None, rules: Sequence[str], answers: Mapping[str, float]
    ) -> tuple[str, ...]:
        """Say why a question is a red flag, and which answers are expected."""
        said = [] if red_flag is None else [self.say(f"why.{red_flag}")]
        texts = dict.fromkeys(self.knowledge.text_of(f"red_flag.{rule}", self.language) for rule in rules)
        said += [self.say("why.rule", text=text) for text in texts if text]
        if answers:
            shares = [f"{self.answer(variable, a)} {share(p)}" for a, p in answers.items() if p > 0.0]
            said.append(self.say("why.answers", answers=", ".join(shares)))
        return tuple(said)

    def gain(self, variable: Variable, gain: CauseGain) -> str:
        """Say what a question tells of one cause."""
        after = [
            self.say("why.cause_after", share=share(p), answer=self.answer(variable, a)) for a, p in gain.after.items()
        ]
        return self.say("why.cause", cause=self.label(gain.cause), now=share(gain.now), after=", ".join(after))

    def numbers(self, bits: float, cost: float, outcome_change: float) -> tuple[str, str]:
        """Say what a question is expected to bring in all."""
        outcome = "why.outcome" if outcome_change > 0.0 else "why.no_outcome"
        return (
            self.say("why.bits", bits=f"{bits:.2f}", cost=f"{cost:g}"),
            self.say(outcome, share=share(outcome_change)),
        )

    def not_evaluated(self, reason: str) -> str:
        """Say why a question has no numbers."""
        return self.say("why.not_evaluated", reason=self.say(f"why.{reason}"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
