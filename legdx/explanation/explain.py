"""Put an explanation together: weights from the engine, figures from the knowledge, sentences from the narrator."""

from __future__ import annotations

from collections.abc import Mapping

from legdx.engine import Evidence, certain_state
from legdx.errors import UnknownNameError
from legdx.explanation.narrative import Narrator
from legdx.explanation.records import Explanation, Row
from legdx.explanation.sources import cited_for
from legdx.explanation.weights import Weights, weights_of
from legdx.knowledge import Knowledge, Population
from legdx.network.records import Network
from legdx.network.structure import AGE, SEX

__all__ = ["explain"]


def explain(
    knowledge: Knowledge,
    network: Network,
    evidence: Evidence,
    cause: str,
    given: Mapping[str, object],
    language: str = "en",
) -> Explanation:
    """Explain one cause for one person.

    Args:
        knowledge: the model's knowledge, for figures and texts.
        network: the solved network.
        evidence: the person's answers.
        cause: id of a cause.
        given: variable -> what was said, for the sentences.
        language: of the sentences.

    Raises:
        UnknownNameError: no cause has this id.
        ImpossibleEvidenceError: the answers exclude each other.

    """
    if cause not in knowledge.causes:
        raise UnknownNameError(cause, knowledge.causes, kind="cause")
    narrator = Narrator(knowledge, language)
    i = network.index[cause]
    weights = weights_of(network, evidence, i)
    prior, background, posterior = (
        _probability(d) for d in (weights.prior_decibans, weights.background_decibans, weights.posterior_decibans)
    )
    if i in evidence and certain_state(evidence[i]) is not None:
        rows: tuple[Row, ...] = ()
        summary = narrator.phrase("known", cause=narrator.label(cause))
    else:
        rows = _rows(knowledge, network, evidence, cause, given, weights, narrator)
        summary = narrator.summary(cause, prior, background, posterior)
    return Explanation(
        cause,
        narrator.label(cause),
        prior,
        background,
        posterior,
        weights.prior_decibans,
        weights.background_decibans,
        weights.posterior_decibans,
        rows,
        summary,
    )


def _rows(
    knowledge: Knowledge,
    network: Network,
    evidence: Evidence,
    cause: str,
    given: Mapping[str, object],
    weights: Weights,
    narrator: Narrator,
) -> tuple[Row, ...]:
    person = _person(network, evidence, given)
    rows = []
    for weight in weights.answers:
        states = {name: _state(network, evidence, name) for name in weight.answers}
        spoken = narrator.answers([narrator.answer(n, s, given.get(n)) for n, s in states.items()])
        cited = tuple(
            figure
            for name, state in states.items()
            for figure in cited_for(knowledge, knowledge.causes[cause], name, state, person)
        )
        rows.append(
            Row(
                answers=weight.answers,
                given=spoken,
                weight_decibans=weight.weight_decibans,
                step_decibans=weight.step_decibans,
                direction=weight.direction,
                strength=weight.strength,
                cited=cited,
                sentence=narrator.row(cause, spoken, weight, cited, absent=states[weight.answers[0]] == "absent"),
            )
        )
    return tuple(sorted(rows, key=lambda row: -abs(row.weight_decibans)))


def _state(network: Network, evidence: Evidence, name: str) -> str | None:
    i = network.index[name]
    state = certain_state(evidence[i])
    return None if state is None else network.variables[i].states[state]


def _person(network: Network, evidence: Evidence, given: Mapping[str, object]) -> Population:
    sex = _state(network, evidence, SEX) if network.index[SEX] in evidence else None
    who = Population(sex="female" if sex == "female" else "male" if sex == "male" else None)
    if network.index[AGE] in evidence:
        try:
            years = int(float(str(given.get(AGE))))
        except ValueError:
            return who
        return Population(years, years, who.sex)
    return who


def _probability(decibans: float) -> float:
    odds = 10.0 ** (-abs(decibans) / 10.0)  # of the less likely side, so that nothing overflows
    return float((odds if decibans < 0.0 else 1.0) / (1.0 + odds))
