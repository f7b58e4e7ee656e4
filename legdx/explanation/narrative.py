"""Sentences, made in this one place from rows and the model's texts."""

from __future__ import annotations

import math
from collections.abc import Iterator

from legdx.explanation.records import Cited
from legdx.explanation.sources import JUDGED
from legdx.explanation.weights import Weight
from legdx.knowledge import Knowledge

__all__ = ["Narrator", "share"]

_ONE_PERCENT, _TENTH_PERCENT, _NEARLY_ALL, _NEARLY_NONE = 0.01, 0.001, 0.995, 1e-9


def share(probability: float) -> str:
    """Write a probability for people: per cent, or one in so many where it is small.

    >>> share(0.634), share(0.0042), share(0.00002), share(0.9999)
    ('63 %', '0.4 %', '1 in 50,000', 'over 99 %')
    """
    if probability <= 0.0 or probability >= 1.0:
        return "0 %" if probability <= 0.0 else "100 %"
    if probability >= _NEARLY_ALL:
        return "over 99 %"
    if probability >= _ONE_PERCENT:
        return f"{100 * probability:.0f} %"
    if probability >= _TENTH_PERCENT:
        return f"{100 * probability:.1f} %"
    if probability < _NEARLY_NONE:
        return "less than 1 in 1,000,000,000"
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
        if state is None:
            return self.phrase("answer.unsure", label=label)
        if name == "age":
            return self.phrase("answer.age", value=_age(str(given)))
        if name == "sex":
            return self.phrase("answer.sex", value=state)
        if state in {"absent", "none"}:
            return self.phrase("answer.absent", label=label)
        if state == "present":
            return self.phrase("answer.present", label=label)
        kind = self.knowledge.kind_of(name)
        part = "state" if kind == "factor" else "level"
        level = self.knowledge.text_of(f"{kind}.{name}.{part}.{state}", self.language)
        return self.phrase("answer.level", label=label, level=level or state.replace("_", " "))

    def answers(self, spoken: list[str]) -> str:
        """Say a complaint together with its attributes."""
        if len(spoken) == 1:
            return spoken[0]
        return self.phrase("answer.with", answer=spoken[0], details=", ".join(spoken[1:]))

    def row(self, cause: str, spoken: str, weight: Weight, cited: tuple[Cited, ...], *, absent: bool) -> str:
        """Return the sentence of one row: what it does, and the figures behind it."""
        direction = self.phrase(
            weight.direction,
            answer=spoken,
            cause=self.label(cause),
            strength=self.phrase(f"strength.{weight.strength}"),
            decibans=f"{weight.weight_decibans:+.1f}".replace("inf", "\N{INFINITY}"),
        )
        figures = list(self._figures(cause, cited)) or [self.phrase("indirect", cause=self.label(cause))]
        if self.against_its_figures(weight, cited, absent=absent):
            figures.append(self.phrase("by_way_of_others"))
        return " ".join(_capital(sentence) for sentence in [direction, *figures])

    def summary(self, cause: str, prior: float, background: float, posterior: float) -> str:
        """Return the sentence that sums an explanation up."""
        label = self.label(cause)
        return self.phrase(
            "summary",
            cause=_capital(label),
            posterior=share(posterior),
            background=share(background),
            prior=share(prior),
        )

    def _figures(self, cause: str, cited: tuple[Cited, ...]) -> Iterator[str]:
        background = {(one.variable, one.level): one for one in cited if one.about == "background"}
        for one in cited:
            if one.about == "in_cause":
                yield self._shares(cause, one, background[one.variable, one.level])
            elif one.about == "given" or one.about.startswith(("prevalence", "incidence")):
                yield self.phrase(
                    "share_given" if one.about == "given" else one.about,
                    subject=self.label(one.variable),
                    cause=self.label(cause),
                    share=share(one.value),
                    reference=self._reference(one),
                )
            elif one.about != "background":
                yield self.phrase(
                    "ratio",
                    measure=self.phrase(f"measure.{one.about}"),
                    value=f"{one.value:g}",
                    low=f"{one.low:g}",
                    high=f"{one.high:g}",
                    reference=self._reference(one),
                )

    def _shares(self, cause: str, one: Cited, other: Cited) -> str:
        finding = self.knowledge.findings[one.variable]
        state = (one.level or "present").removesuffix("_or_more")
        subject = self.answer(one.variable, state, None)
        if one.level is not None and one.level.endswith("_or_more") and state != finding.levels[-1]:
            own = f"or_more.{one.variable}"
            has_own = self.knowledge.text_of(f"phrase.{own}", self.language) is not None
            subject = self.phrase(own if has_own else "or_more", subject=subject)
        parts = {
            "subject": subject,
            "share": share(one.value),
            "cause": self.label(cause),
            "reference": self._reference(one),
            "other_share": share(other.value),
            "other_reference": self._reference(other),
        }
        if finding.gate is None:
            return self.phrase("share_of_cause", **parts)
        return self.phrase("share_of_cause_with", **parts, gate=self.label(finding.gate))

    def against_its_figures(self, weight: Weight, cited: tuple[Cited, ...], *, absent: bool) -> bool:
        """Say whether a lone yes-or-no answer moves the cause the other way than its own two figures would.

        An attribute given without its complaint is left out: it says that the complaint is there, too.
        """
        shares = {
            one.about: one.value for one in cited if one.level is None and one.about in {"in_cause", "background"}
        }
        name = weight.answers[0]
        lone = (
            len(weight.answers) == 1 and name in self.knowledge.findings and self.knowledge.findings[name].gate is None
        )
        if not lone or len(set(shares.values())) < len(("in_cause", "background")) or weight.direction == "neutral":
            return False
        raises = (shares["in_cause"] > shares["background"]) != absent
        return raises != (weight.direction == "for")

    def _reference(self, one: Cited) -> str:
        if one.source == JUDGED:
            return self.phrase("judgement")
        return self.phrase("cited", reference=one.reference, grade=one.grade)


def _age(given: str) -> str:
    """Say an age given as a band.

    >>> _age("67"), _age("age_60_69"), _age("age_80_plus")
    ('67', '60 to 69', '80 and over')
    """
    return given.removeprefix("age_").replace("_plus", " and over").replace("_", " to ")


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
