"""The questions of a model's questionnaire: words, answers, and when each is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from legdx.errors import MINIMUM_AGE, LegdxError, UnknownNameError
from legdx.knowledge import Knowledge
from legdx.survey.own import field_of
from legdx.survey.vocabulary import AGE, PLAUSIBLE_AGE, Askable, Vocabulary

__all__ = ["Choice", "Question", "questions"]

_MISSING = {"unknown": "Don't know", "refused": "Prefer not to say"}
_WORDS = {"present": "Yes", "absent": "No", "female": "Female", "male": "Male", "none": "No, or normal"}
_ASKED = {"age": "How old are you, in years?", "sex": "Are you female or male?"}
_BACKGROUND = (AGE, "sex")


@dataclass(frozen=True)
class Choice:
    """One answer: its code in the data, and its words."""

    code: str
    words: str


@dataclass(frozen=True)
class Question:
    """One question of the form.

    `field` is its name in the data. Without `choices` it asks for a number between `low` and `high`, `unit` said in
    its words. It is shown where the answer to the question `shown_if[0]` is `shown_if[1]`.
    """

    field: str
    text: str
    choices: tuple[Choice, ...] = ()
    whole: bool = False
    low: float | None = None
    high: float | None = None
    shown_if: tuple[str, str] | None = None


def questions(
    knowledge: Knowledge, order: Sequence[str] | None = None, most: int | None = None, language: str = "en"
) -> tuple[Question, ...]:
    """Return the questions of a form: age and sex, then variables in an order, each after its gate.

    Args:
        knowledge: of the model.
        order: ids of factors and findings, the most telling first; default the model's own order, complaints first.
        most: how many of them to take, from the front; a gate that is needed comes on top. Default all.
        language: of the words, where the model has it; else English.

    Raises UnknownNameError for an id that cannot be asked, LegdxError where `most` is under 1.

    """
    if most is not None and most < 1:
        message = f"a questionnaire needs at least one question, not {most}"
        raise LegdxError(message, hint="ask for one or more")
    vocabulary = Vocabulary.of(knowledge)
    known = {*knowledge.factors, *knowledge.findings}
    wanted = list(order) if order is not None else _own_order(knowledge)
    for name in wanted:
        if name not in known:
            raise UnknownNameError(name, known, kind="question")
    chosen = dict.fromkeys(name for name in wanted[:most] if name not in _BACKGROUND)
    analytes = {finding: a for a in vocabulary.names.values() for finding, _ in a.findings}
    asked: dict[str, Question] = {}
    for name in (*_BACKGROUND, *_with_gates(chosen, knowledge)):
        askable = analytes.get(name) or vocabulary.names[name]
        asked.setdefault(field_of(askable), _question(askable, knowledge, language))
    return tuple(asked.values())


def _own_order(knowledge: Knowledge) -> list[str]:
    """Return complaints first, each with its attributes, then the other findings, then factors."""
    findings = knowledge.findings.values()
    complaints = [finding for finding in findings if finding.role == "complaint"]
    ordered = [
        name.id for complaint in complaints for name in (complaint, *(f for f in findings if f.gate == complaint.id))
    ]
    ordered += [finding.id for finding in findings if finding.role not in {"sign", "test"}]
    ordered += list(knowledge.factors)
    ordered += [finding.id for finding in findings]
    return list(dict.fromkeys(ordered))


def _with_gates(names: Iterable[str], knowledge: Knowledge) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        chain = [name]
        while (finding := knowledge.findings.get(chain[0])) is not None and finding.gate is not None:
            chain.insert(0, finding.gate)
        found |= dict.fromkeys(chain)
    return tuple(found)


def _question(askable: Askable, knowledge: Knowledge, language: str) -> Question:
    name = askable.name
    if name == AGE:
        return Question(AGE, _ASKED[AGE], whole=True, low=float(MINIMUM_AGE), high=PLAUSIBLE_AGE[1])
    if askable.findings:
        label = knowledge.label(askable.findings[0][0], language)
        text = f"If it was measured in the last four weeks: {name.replace('_', ' ')} in {askable.unit} ({label} or not)"
        low, high = askable.plausible
        return Question(field_of(askable), text, low=low, high=high if high < float("inf") else None)
    kind = knowledge.kind_of(name)
    text = _ASKED.get(name) or knowledge.text_of(f"{kind}.{name}.question", language) or f"{knowledge.label(name)}?"
    finding, factor = knowledge.findings.get(name), knowledge.factors.get(name)
    shown_if = None
    answers = askable.answers
    if finding is not None and finding.gate is not None:
        shown_if = (finding.gate, "present")
        answers = tuple(answer for answer in answers if answer != "none")
    elif factor is not None and factor.only is not None and factor.only.sex is not None:
        shown_if = ("sex", factor.only.sex)
    if answers == ("absent", "present"):
        answers = ("present", "absent")
    words = {code: knowledge.text_of(f"{kind}.{name}.level.{code}", language) for code in answers}
    words |= {code: knowledge.text_of(f"{kind}.{name}.state.{code}", language) or words[code] for code in answers}
    choices = [Choice(code, words[code] or _WORDS.get(code) or code.replace("_", " ")) for code in answers]
    choices += [Choice(code, text) for code, text in _MISSING.items()]
    return Question(name, text, tuple(choices), shown_if=shown_if)
