"""What is believed, and why: the knowledge files as frozen records, without any array.

Every number is a `Figure`: a value with an interval, a source and a grade. The records around it say what the number
is about: a `FindingFigure` is P(finding | cause), a `Risk` an arrow into a cause, and so on. All of it can be written
as plain JSON types (`Knowledge.to_dict`) and read back (`Knowledge.from_dict`) without YAML or a schema.
"""

from __future__ import annotations

import itertools
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from legdx.knowledge.figures import (
    AGE_LIMITS,
    BackgroundFigure,
    CheckFigure,
    Figure,
    FindingFigure,
    Population,
    Prevalence,
    Risk,
    SyndromeFigure,
)
from legdx.knowledge.frozenmap import FrozenMap
from legdx.knowledge.plain import from_plain, to_plain
from legdx.knowledge.verified import NOTHING_VERIFIED, Verified

__all__ = [
    "AGE_LIMITS",
    "Advice",
    "BackgroundFigure",
    "Cause",
    "CheckFigure",
    "Claim",
    "Cut",
    "Factor",
    "Figure",
    "Finding",
    "FindingFigure",
    "Group",
    "Knowledge",
    "Literal",
    "Measured",
    "ModelInfo",
    "Population",
    "PopulationShare",
    "Prevalence",
    "RedFlag",
    "Reference",
    "Risk",
    "Seriousness",
    "Syndrome",
    "SyndromeFigure",
    "Verified",
]

Codes = FrozenMap[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seriousness:
    """How bad it is to miss a cause: `critical`, `serious`, `moderate` or `mild`.

    `urgent_above` is the posterior probability from which a critical or serious cause makes the case urgent.
    """

    level: typing.Literal["critical", "serious", "moderate", "mild"]
    urgent_above: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One piece of advice, in the words of the text `advice.<id>`.

    It is withheld where one of `withheld_if`, ids of factors and causes, is likely or not known.
    """

    id: str
    kind: typing.Literal["self_care", "work_up", "treatment"]
    source: str
    file: str
    line: int
    locator: str | None = None
    note: str | None = None
    withheld_if: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A condition that can be active in the last four weeks, with everything that was published about it."""

    id: str
    course: typing.Literal["acute", "episodic", "chronic"]
    seriousness: Seriousness
    file: str
    line: int
    codes: Codes = FrozenMap()
    claims: tuple[str, ...] = ()
    prevalence: tuple[Prevalence, ...] = ()
    risks: tuple[Risk, ...] = ()
    syndromes: tuple[SyndromeFigure, ...] = ()
    findings: tuple[FindingFigure, ...] = ()
    advice: tuple[Advice, ...] = ()

    def figures(self) -> Iterator[Figure]:
        """Iterate over every figure of the cause, in the order of its sections."""
        for prevalence in self.prevalence:
            yield from prevalence.figures()
        yield from (risk.figure for risk in self.risks)
        for link in itertools.chain[SyndromeFigure | FindingFigure](self.syndromes, self.findings):
            yield link.figure
            if link.spectrum is not None:
                yield link.spectrum


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """An observable background: exposure, medication, history. The first of `states` is the reference.

    Outside the population `only` (pregnancy: women of some ages) it is impossible. `risks` say how it goes with other
    factors (a medicine with the disease that it is for), given age and sex.
    """

    id: str
    file: str
    line: int
    prevalence: tuple[Prevalence, ...] = ()
    states: tuple[str, ...] = ("absent", "present")
    only: Population | None = None
    codes: Codes = FrozenMap()
    claims: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()

    def figures(self) -> Iterator[Figure]:
        """Iterate over every figure of the factor."""
        for prevalence in self.prevalence:
            yield from prevalence.figures()
        yield from (risk.figure for risk in self.risks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Syndrome:
    """A hidden state between causes and findings; `background` is P(syndrome | no modelled cause).

    `findings` are P(finding | syndrome): a profile that all causes of the syndrome share.
    """

    id: str
    file: str
    line: int
    background: tuple[Figure, ...] = ()
    findings: tuple[FindingFigure, ...] = ()
    codes: Codes = FrozenMap()
    claims: tuple[str, ...] = ()

    def figures(self) -> Iterator[Figure]:
        """Iterate over every figure of the syndrome."""
        yield from self.background
        for link in self.findings:
            yield link.figure
            if link.spectrum is not None:
                yield link.spectrum


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A deterministic OR of causes."""

    id: str
    members: tuple[str, ...]
    file: str
    line: int
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A laboratory value `below` or `above` this limit (exactly one is set) has this level."""

    level: str
    below: float | None = None
    above: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How a laboratory value becomes a level: the first of `cuts` that holds, most extreme first; else none of them.

    A value outside `plausible` (lowest and highest, both included) is no result but a slip of the pen.
    """

    analyte: str
    unit: str
    cuts: tuple[Cut, ...]
    plausible: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What can be observed: a complaint, an attribute of one, an associated symptom, a sign, or a test result.

    A graded finding has `levels`, lowest first. With a `gate` it takes one of them whenever the gate is present;
    without a gate it can also be below all of them. A finding without levels is absent or present.
    """

    id: str
    role: typing.Literal["complaint", "attribute", "associated", "sign", "test"]
    file: str
    line: int
    gate: str | None = None
    levels: tuple[str, ...] = ()
    measured: Measured | None = None
    codes: Codes = FrozenMap()
    background: tuple[BackgroundFigure, ...] = ()
    cost: typing.Literal["question", "examination", "blood_test", "imaging", "electrical_test", "procedure"] = (
        "question"
    )
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """One positive condition of a red flag: the finding is present, or at the level `at_least` or a higher one.

    With `unless_denied` it holds without an answer as well, and to "don't know": only an answer that rules it out ends
    it.  It stands for what a guideline asks beside the alarming complaint (it is new, it is still there): blank is
    taken as the alarming answer, so that a rule is never quieter for a question that nobody asked.
    """

    finding: str
    at_least: str | None = None
    unless_denied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlag:
    """A rule: when all its literals hold, the urgency is at least `level`. Its words are the text `red_flag.<id>`."""

    id: str
    level: typing.Literal["emergency", "urgent", "routine"]
    literals: tuple[Literal, ...]
    source: str
    grade: typing.Literal["A", "B", "C", "D"]
    opened: bool
    file: str
    line: int
    locator: str | None = None
    printed: str | None = None
    note: str | None = None
    suggests: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One entry of the bibliography; `why` says in one line what it is cited for."""

    id: str
    title: str
    why: str
    file: str
    line: int
    authors: str | None = None
    year: int | None = None
    where: str | None = None
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationShare:
    """One age band of the model's population: its share of all adults, and the share of women in it."""

    age_low: int
    age_high: int
    share: Figure
    female: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """What the model is called, and the settings it is built with.

    `age_bands` are the bands' first years, rising, the last band open. `window_days` is the window of "active".
    `held_out_share` of the figures, drawn with `held_out_seed`, is kept from the solver; `draws_number` networks are
    drawn with `draws_seed`. Self-care needs every urgent posterior below `self_care_below`, where it is set.
    """

    id: str
    version: str
    schema_version: str
    age_bands: tuple[int, ...]
    window_days: int
    population: tuple[PopulationShare, ...]
    held_out_share: float
    held_out_seed: int
    draws_number: int
    draws_seed: int
    self_care_below: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one of the articles that the model began with says: an id that other records name in their `claims`."""

    id: str
    kind: str
    subject: str
    object: str
    detail: str | None = None


Kind = typing.Literal["factor", "cause", "syndrome", "group", "finding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """All knowledge of one model; the mappings run from id to record, in the order of the files.

    `renames` leads from an old id to the id used now; `text` from a language to its texts by id. `digest` is the
    SHA-256 of the files.
    """

    model: ModelInfo
    factors: FrozenMap[Factor]
    causes: FrozenMap[Cause]
    syndromes: FrozenMap[Syndrome]
    groups: FrozenMap[Group]
    findings: FrozenMap[Finding]
    red_flags: FrozenMap[RedFlag]
    bibliography: FrozenMap[Reference]
    renames: FrozenMap[str]
    text: FrozenMap[FrozenMap[str]] = field(repr=False)
    digest: str
    claims: FrozenMap[Claim] = FrozenMap()
    checks: FrozenMap[CheckFigure] = FrozenMap()
    verified: Verified = NOTHING_VERIFIED

    def answered_claims(self) -> frozenset[str]:
        """Return the ids of the claims that some cause, factor, finding, rule or piece of advice answers."""
        owners: tuple[Cause | Factor | Syndrome | Group | Finding | RedFlag | Advice, ...] = (
            *self.causes.values(),
            *self.factors.values(),
            *self.syndromes.values(),
            *self.groups.values(),
            *self.findings.values(),
            *self.red_flags.values(),
            *(advice for cause in self.causes.values() for advice in cause.advice),
        )
        return frozenset(claim for owner in owners for claim in owner.claims)

    def figures(self) -> Iterator[Figure]:
        """Iterate over every figure of the model, those of durations and spectrum factors included."""
        for band in self.model.population:
            yield from (band.share, band.female)
        for factor in self.factors.values():
            yield from factor.figures()
        for cause in self.causes.values():
            yield from cause.figures()
        for syndrome in self.syndromes.values():
            yield from syndrome.figures()
        for finding in self.findings.values():
            yield from (background.figure for background in finding.background)

    def is_provisional(self, cause: str) -> bool:
        """Return whether the numbers of a cause were encoded only once, or have changed since they were compared."""
        return cause not in self.verified.standing(self.figures()).causes

    def kind_of(self, name: str) -> Kind | None:
        """Return what kind of variable has this id, or None if none has; ids are unique over all kinds."""
        kinds: tuple[tuple[Kind, Mapping[str, object]], ...] = (
            ("finding", self.findings),
            ("factor", self.factors),
            ("cause", self.causes),
            ("syndrome", self.syndromes),
            ("group", self.groups),
        )
        return next((kind for kind, members in kinds if name in members), None)

    def text_of(self, text_id: str, language: str = "en") -> str | None:
        """Return a text in this language, else in English, else None."""
        for tongue in (language, "en"):
            texts = self.text.get(tongue)
            if texts is not None and text_id in texts:
                return texts[text_id]
        return None

    def label(self, name: str, language: str = "en") -> str:
        """Return the name that people read of a factor, cause, syndrome, group or finding.

        Without a text, it is the id with spaces.
        """
        return self.text_of(f"{self.kind_of(name)}.{name}.label", language) or name.replace("_", " ")

    def to_dict(self) -> dict[str, typing.Any]:
        """Return all of it as plain JSON types; what equals its default is left out."""
        return typing.cast("dict[str, typing.Any]", to_plain(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, typing.Any]) -> Knowledge:
        """Return the knowledge that `to_dict` wrote. Raises FormatError when `data` has another shape.

        The rules are not checked again: `data` is to come from `to_dict`, protected by a digest.
        """
        return from_plain(cls, data)
