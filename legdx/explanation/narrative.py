"""Sentences, made in this one place from rows and the model's texts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from legdx.explanation.phrases import Phrases
from legdx.explanation.records import Cited
from legdx.explanation.sources import JUDGED
from legdx.explanation.weights import Weight
from legdx.knowledge import Knowledge

__all__ = ["Narrator", "share", "times"]

_ONE_PERCENT, _TENTH_PERCENT, _NEARLY_ALL, _NEARLY_NONE = 0.01, 0.001, 0.995, 1e-9
_TEN = 10.0


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


def times(decibans: float) -> str:
    """Write by how much a weight multiplies (or, below 0, divides) odds.

    >>> times(20.6), times(-4.1), times(60.0), times(90.0)
    ('110', '2.6', '1,000,000', 'over 1,000,000')
    """
    if abs(decibans) > 60.0:  # noqa: PLR2004 - a million
        return "over 1,000,000"
    factor = 10.0 ** (abs(decibans) / 10.0)
    if factor < _TEN:
        return f"{factor:.1f}"
    digits = 1 - math.floor(math.log10(factor))
    return f"{round(factor, digits):,.0f}"


class Narrator(Phrases):
    """Writes the sentences of one model in one language."""

    def __init__(self, knowledge: Knowledge, language: str = "en") -> None:
        super().__init__(knowledge, language)

    def label(self, name: str) -> str:
        """Return the reader's name of a variable."""
        gate = name.removeprefix("other_")
        if self.knowledge.kind_of(name) is None and gate in self.knowledge.findings:
            return self.phrase("other", finding=self.label(gate))
        return self.knowledge.label(name, self.language)

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

    def short(self, name: str) -> str:
        """Return the reader's name of a variable without what stands in brackets at its end: for a second mention."""
        label = self.label(name)
        start = label.rfind(" (")
        return label[:start] if label.endswith(")") and start > 0 else label

    def answers(self, spoken: Sequence[str]) -> str:
        """Say a complaint together with its attributes, without the words that these begin with like it.

        "shaking or trembling" with "shaking of the hands" and "shaking at rest" is "shaking or trembling (of the
        hands; at rest)".
        """
        if len(spoken) == 1:
            return spoken[0]
        first, *details = spoken
        told = [_without_start(one, first) for one in details]
        return self.phrase("detail", answer=first, details=self.phrase("detail.joint").join(told))

    def listed(self, items: Sequence[str]) -> str:
        """Say a list: "a, b and c"."""
        if not items:
            return ""
        text = items[0]
        for place, item in enumerate(items[1:], start=2):
            key = "list.two" if place == len(items) else "list.more"
            text = self.phrase(key, first=text, last=item)
        return text

    def item(self, spoken: str, decibans: float) -> str:
        """Say an answer with what it does to the odds."""
        if math.isinf(decibans):
            return self.phrase("item.alone", answer=spoken)
        return self.inside("item.for" if decibans > 0.0 else "item.against", spoken, factor=times(decibans))

    def inside(self, key: str, spoken: str, **parts: str) -> str:
        """Say an answer with something in brackets: in its own where it has one, for two in a row read badly."""
        if spoken.endswith(")"):
            key, spoken = f"{key}_in", spoken[:-1]
        return self.phrase(key, answer=spoken, **parts)

    def row(
        self,
        cause: str,
        spoken: str,
        weight: Weight,
        cited: tuple[Cited, ...],
        *,
        absent: bool,
        between: Sequence[str] = (),
    ) -> str:
        """Return the sentence of one row: what it does, and the figures behind it, or what it works by way of."""
        alone = "alone_" if math.isinf(weight.weight_decibans) else ""
        direction = self.phrase(
            f"row.{alone}{weight.direction}",
            answer=spoken,
            cause=self.short(cause),
            strength=self.phrase(f"strength.{weight.strength}"),
            factor=times(weight.weight_decibans),
            decibans=f"{weight.weight_decibans:+.1f}".replace("inf", "\N{INFINITY}"),
        )
        figures = list(self.figures(cause, cited))
        if not figures and between:
            figures = [self.phrase("row.by_way_of", between=self.listed([self.short(name) for name in between]))]
        figures = figures or [self.phrase("indirect", cause=self.short(cause))]
        if self.against_its_figures(weight, cited, absent=absent):
            figures.append(self.phrase("by_way_of_others"))
        return " ".join(map(capital, [direction, *figures]))

    def figures(self, cause: str, cited: Iterable[Cited]) -> Iterator[str]:
        """Yield a sentence for every figure that ties an answer to the cause."""
        background = {(one.variable, one.level): one for one in cited if one.about == "background"}
        for one in cited:
            if one.about == "in_cause":
                yield self._shares(cause, one, background[one.variable, one.level])
            elif one.about != "background":
                of_a_sex = f"about.{one.about}.{one.variable}"
                yield self.phrase(
                    f"about.{one.about}" if self.template(of_a_sex) is None else of_a_sex,
                    subject=self.label(one.variable),
                    cause=self.short(cause),
                    share=share(one.value),
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
            has_own = self.template(own) is not None
            subject = self.phrase(own if has_own else "or_more", subject=subject)
        parts = {
            "subject": subject,
            "share": share(one.value),
            "cause": self.short(cause),
            "reference": self._reference(one),
            "other_share": share(other.value),
            "other_reference": self._reference(other),
        }
        if finding.gate is None:
            return self.phrase("share_of_cause", **parts)
        return self.phrase("share_of_cause_with", **parts, gate=self.short(finding.gate))

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


def _without_start(label: str, other: str) -> str:
    """Return a label without the words that it begins with like another one, but never nothing.

    >>> _without_start("urge to move the legs that eases", "urge to move the legs")
    'that eases'
    """
    words, others = label.split(" "), other.split(" ")
    same = 0
    while same < min(len(words) - 1, len(others)) and words[same] == others[same]:
        same += 1
    return " ".join(words[same:])


def capital(sentence: str) -> str:
    """Return the sentence with a capital letter first."""
    return sentence[:1].upper() + sentence[1:]
