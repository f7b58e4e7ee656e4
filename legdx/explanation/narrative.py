"""Sentences, made in this one place from rows and the model's texts."""

from __future__ import annotations

import math

from legdx.explanation.records import Cited
from legdx.explanation.sources import JUDGED
from legdx.explanation.weights import Weight
from legdx.knowledge import Knowledge

__all__ = ["Narrator", "share"]

_ONE_PERCENT, _TENTH_PERCENT, _NEARLY_ALL = 0.01, 0.001, 0.995


def share(probability: float) -> str:
    """Write a probability for people: per cent, or one in so many where it is small.

    >>> share(0.634), share(0.0042), share(0.00002), share(0.9999)
    ('63 %', '0.4 %', '1 in 50,000', 'over 99 %')
    """
    if probability <= 0.0:
        return "0 %"
    if probability >= 1.0:
        return "100 %"
    if probability > _NEARLY_ALL:
        return "over 99 %"
    if probability >= _ONE_PERCENT:
        return f"{100 * probability:.0f} %"
    if probability >= _TENTH_PERCENT:
        return f"{100 * probability:.1f} %"
    one_in = 1.0 / probability
    digits = 1 - math.floor(math.log10(one_in))
    return f"1 in {round(one_in, digits):,.0f}"


class Narrator:
    """Writes the sentences of one model in one language."""

    def __init__(self, knowledge: Knowledge, language: str = "en") -> None:
        self.knowledge = knowledge
        self.language = language

    def label(self, name: str) -> str:
        """Return the reader's name of a variable."""
        gate = name.removeprefix("other_")
        if self.knowledge.kind_of(name) is None and gate in self.knowledge.findings:
            return self.phrase("other", finding=self.label(gate))
        return self.knowledge.label(name, self.language)

    def phrase(self, key: str, **parts: str) -> str:
        """Return a phrase of the model's texts with its places filled; without a text, the parts alone."""
        template = self.knowledge.text_of(f"phrase.{key}", self.language)
        return template.format(**parts) if template is not None else " ".join(parts.values())

    def answer(self, name: str, state: str | None, given: object) -> str:
        """Say an answer: "shaking at rest", "no numbness", "age 67"."""
        label = self.label(name)
        if name == "age":
            return self.phrase("answer.age", value=str(given))
        if name == "sex":
            return self.phrase("answer.sex", value=str(state or given))
        if state is None:
            return self.phrase("answer.unsure", label=label)
        if state in {"absent", "none"}:
            return self.phrase("answer.absent", label=label)
        if state == "present":
            return self.phrase("answer.present", label=label)
        kind = self.knowledge.kind_of(name)
        level = self.knowledge.text_of(f"{kind}.{name}.level.{state}", self.language)
        return self.phrase("answer.level", label=label, level=level or state.replace("_", " "))

    def answers(self, spoken: list[str]) -> str:
        """Say a complaint together with its attributes."""
        if len(spoken) == 1:
            return spoken[0]
        return self.phrase("answer.with", answer=spoken[0], details=", ".join(spoken[1:]))

    def row(self, cause: str, spoken: str, weight: Weight, cited: tuple[Cited, ...]) -> str:
        """Return the sentence of one row: what it does, and the figures behind it."""
        direction = self.phrase(
            weight.direction,
            answer=spoken,
            cause=self.label(cause),
            strength=self.phrase(f"strength.{weight.strength}"),
            decibans=f"{weight.weight_decibans:+.1f}",
        )
        figures = [self._figure(cause, one) for one in cited] or [self.phrase("indirect", cause=self.label(cause))]
        return " ".join([direction[:1].upper() + direction[1:], *figures])

    def summary(self, cause: str, prior: float, background: float, posterior: float) -> str:
        """Return the sentence that sums an explanation up."""
        label = self.label(cause)
        return self.phrase(
            "summary",
            cause=label[:1].upper() + label[1:],
            posterior=share(posterior),
            background=share(background),
            prior=share(prior),
        )

    def _figure(self, cause: str, one: Cited) -> str:
        reference = (
            self.phrase("judgement")
            if one.source == JUDGED
            else self.phrase("cited", reference=one.reference, grade=one.grade)
        )
        label = self.label(cause)
        if one.about == "in_cause":
            return self.phrase("share_in_cause", cause=label, share=share(one.value), reference=reference)
        if one.about == "background":
            return self.phrase("share_in_background", share=share(one.value), reference=reference)
        if one.about == "given":
            return self.phrase("share_given", cause=label, share=share(one.value), reference=reference)
        if one.about == "prevalence":
            return self.phrase("prevalence", cause=label, share=share(one.value), reference=reference)
        return self.phrase(
            "ratio",
            measure=self.phrase(f"measure.{one.about}"),
            value=f"{one.value:g}",
            low=f"{one.low:g}",
            high=f"{one.high:g}",
            reference=reference,
        )
