"""Which advice of the probable causes may be given, and which is withheld, with the contraindication that does it.

A contraindication is a factor or a cause that `withheld_if` of the advice names:

- a factor that was answered withholds by its answer: present, or left possible at more than `PROBABLE`;
- a factor without an answer, or with one that finds every state as likely as the others, withholds: it is probable, or
  it is not known.  Only where age, sex or another answer makes it impossible (pregnancy in a man) the advice is given;
- a cause, which nobody can be asked for, withholds from `PROBABLE` on;
- a condition that the model does not hold cannot be asked for.  Self-care with one is withheld: nobody stands between
  the person and the harm.  A test or a treatment, which a clinician orders, is given, and the condition stands
  among its cautions, for the reader to print.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from legdx.engine import Evidence
from legdx.engine import posterior as engine_posterior
from legdx.knowledge import Advice, Knowledge
from legdx.knowledge.plain import from_plain
from legdx.network.records import Network
from legdx.urgency.answers import Answers

__all__ = ["PROBABLE", "AdviceGiven", "Contraindication", "advice"]

PROBABLE = 0.05
"""A contraindication more probable than this withholds advice."""

IMPOSSIBLE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Contraindication:
    """A condition that speaks against an advice.

    `state` is `present`, `probable` (more probable than `PROBABLE`), `unknown` (no answer) or `not_in_model`.
    `probability` is that of the condition given the answers, in [0, 1]; None where the model does not hold it.
    """

    id: str
    state: typing.Literal["present", "probable", "unknown", "not_in_model"]
    label: str
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceGiven:
    """One piece of advice for one person, given or withheld.

    Attributes:
        id: of the advice; causes: for which of the causes it is given, in their order.
        kind: self_care, work_up or treatment.
        text: its words; to be shown only when it is not withheld.
        source: key in the bibliography, with `locator`.
        withheld_by: what withholds it; empty for advice that may be given.
        cautions: conditions that the model cannot ask for, to be shown beside advice that is given.

    """

    id: str
    causes: tuple[str, ...]
    kind: typing.Literal["self_care", "work_up", "treatment"]
    text: str
    source: str
    locator: str | None = None
    claims: tuple[str, ...] = ()
    withheld_by: tuple[Contraindication, ...] = ()
    cautions: tuple[Contraindication, ...] = ()

    @property
    def withheld(self) -> bool:
        """Whether the advice must not be given."""
        return bool(self.withheld_by)

    def to_dict(self) -> dict[str, typing.Any]:
        """Return the advice as plain JSON types, `withheld` included."""
        plain: dict[str, typing.Any] = dataclasses.asdict(self)
        lists = {name: list(value) for name, value in plain.items() if isinstance(value, tuple)}
        return plain | lists | {"withheld": self.withheld}

    @classmethod
    def from_dict(cls, data: Mapping[str, typing.Any]) -> AdviceGiven:
        """Return the advice that `to_dict` wrote; raises FormatError when `data` has another shape."""
        return from_plain(cls, {key: value for key, value in data.items() if key != "withheld"})


def advice(
    knowledge: Knowledge,
    network: Network,
    evidence: Evidence,
    posterior: Mapping[str, float],
    ranked_causes: Iterable[str],
    *,
    language: str = "en",
) -> tuple[AdviceGiven, ...]:
    """Return the advice for the causes, in their order, each piece once; what is withheld says why.

    Args:
        knowledge: the model's knowledge.
        network: the solved network; of several draws, the first is used.
        evidence: variable index -> likelihood of each state.
        posterior: cause -> P(active | evidence), of every cause that contraindicates.
        ranked_causes: ids of the causes to give advice for, first ones first.
        language: of the texts.

    Raises:
        ImpossibleEvidenceError: P(evidence) is 0.
        TooCostlyError: the probability of a factor costs more than the engine's budget.

    """
    entries: dict[str, tuple[Advice, list[str]]] = {}
    conditions: dict[str, None] = {}
    for cause in dict.fromkeys(ranked_causes):
        for one in knowledge.causes[cause].advice:
            first, causes = entries.setdefault(one.id, (one, []))
            causes.append(cause)
            conditions |= dict.fromkeys((*first.withheld_if, *one.withheld_if))
    factors = [condition for condition in conditions if condition in knowledge.factors]
    marginals = engine_posterior(network, evidence, [network.index[f] for f in factors]).marginals if factors else {}
    known = {f: 1.0 - float(marginals[network.index[f]][0, 0]) for f in factors}
    settled = Answers.read(network, evidence).settled
    answered = {f for f in factors if network.index[f] in settled}
    against: dict[str, Contraindication | None] = {}
    for condition in conditions:
        label = knowledge.label(condition, language)
        if condition in known:
            against[condition] = _contraindication(condition, label, known[condition], answered=condition in answered)
        elif condition in knowledge.causes:
            against[condition] = _contraindication(condition, label, posterior[condition], answered=True)
        else:
            against[condition] = Contraindication(id=condition, state="not_in_model", label=label)
    return tuple(_given(knowledge, one, tuple(causes), against, language) for one, causes in entries.values())


def _given(
    knowledge: Knowledge,
    one: Advice,
    causes: tuple[str, ...],
    against: Mapping[str, Contraindication | None],
    language: str,
) -> AdviceGiven:
    same = [other for cause in causes for other in knowledge.causes[cause].advice if other.id == one.id]
    named = dict.fromkeys(condition for other in same for condition in other.withheld_if)
    found = [contraindication for condition in named if (contraindication := against[condition]) is not None]
    cautions = tuple(c for c in found if c.state == "not_in_model" and one.kind != "self_care")
    return AdviceGiven(
        id=one.id,
        causes=causes,
        kind=one.kind,
        text=knowledge.text_of(f"advice.{one.id}", language) or one.id.replace("_", " "),
        source=one.source,
        locator=one.locator,
        claims=one.claims,
        withheld_by=tuple(c for c in found if c not in cautions),
        cautions=cautions,
    )


def _contraindication(name: str, label: str, probability: float, *, answered: bool) -> Contraindication | None:
    """Return what a condition of this probability is to the advice; None where nothing speaks for it."""
    if probability >= 1.0 - IMPOSSIBLE:
        return Contraindication(id=name, state="present", label=label, probability=probability)
    if probability > PROBABLE:
        return Contraindication(id=name, state="probable", label=label, probability=probability)
    if answered or probability < IMPOSSIBLE:
        return None
    return Contraindication(id=name, state="unknown", label=label, probability=probability)
