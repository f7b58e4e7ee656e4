"""Put an explanation together: weights from the engine, figures from the knowledge, sentences from the narrator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from legdx.engine import Evidence, certain_state
from legdx.errors import LegdxError, UnknownNameError, did_you_mean
from legdx.explanation.narrative import Narrator, capital
from legdx.explanation.paths import paths_through
from legdx.explanation.records import LEVELS, Explanation, Level, Part, Row, Statement
from legdx.explanation.sources import cited_for
from legdx.explanation.split import Split
from legdx.explanation.statements import Findings, all_statements, line, paragraph
from legdx.explanation.weights import Weights, weights_of
from legdx.knowledge import Knowledge, Population
from legdx.network.records import Network
from legdx.network.structure import AGE, SEX

__all__ = ["WorkedOut", "explain", "spoken_answer"]


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What an explanation is made of, as far as it is known: weights, the additive split, what level "all" adds."""

    weights: Weights | None = None
    split: Split | None = None
    further: Findings = field(default_factory=Findings)


def explain(  # noqa: PLR0913 - a person, a cause, and how it is told
    knowledge: Knowledge,
    network: Network,
    evidence: Evidence,
    cause: str,
    given: Mapping[str, object],
    language: str = "en",
    *,
    level: Level = "paragraph",
    worked_out: WorkedOut | None = None,
) -> Explanation:
    """Explain one cause for one person.

    Args:
        knowledge: the model's knowledge, for figures and texts.
        network: the solved network.
        evidence: the person's answers.
        cause: id of a cause.
        given: variable -> what was said, for the sentences.
        language: of the sentences.
        level: "line", "paragraph" or "all".
        worked_out: what is known already, and what level "all" tells beyond the weights.

    Raises:
        UnknownNameError: no cause has this id.
        LegdxError: there is no such level.
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: the weights cost more than an explanation may.

    """
    if cause not in knowledge.causes:
        raise UnknownNameError(cause, knowledge.causes, kind="cause")
    if level not in LEVELS:
        message = f"there is no level {level!r} of an explanation"
        raise LegdxError(message, hint=did_you_mean(level, LEVELS) or f"use one of {', '.join(LEVELS)}")
    narrator = Narrator(knowledge, language)
    i = network.index[cause]
    made = WorkedOut() if worked_out is None else worked_out
    found = weights_of(network, evidence, i) if made.weights is None else made.weights
    split, more = made.split, made.further
    chances = (
        probability_of(found.prior_decibans),
        probability_of(found.background_decibans),
        probability_of(found.posterior_decibans),
    )
    known = i in evidence and certain_state(evidence[i]) is not None
    rows = () if known else _rows(knowledge, network, evidence, cause, given, (found, split, narrator))
    return Explanation(
        cause=cause,
        label=narrator.label(cause),
        level=level,
        prior=chances[0],
        background=chances[1],
        posterior=chances[2],
        prior_decibans=found.prior_decibans,
        background_decibans=found.background_decibans,
        posterior_decibans=found.posterior_decibans,
        rows=rows,
        statements=tuple(_statements(narrator, cause, (level, chances, found), rows, more, known=known)),
        explains=more.explains,
        would_go=more.would_go,
        missing=more.missing,
        paths=more.paths,
        interval=more.interval,
        first_three=more.first_three,
        tornado=more.tornado,
        split_orders=None if split is None or known else split.orders,
        split_seed=None if split is None or known else split.seed,
        unavailable=more.unavailable,
    )


def _statements(
    narrator: Narrator,
    cause: str,
    told: tuple[Level, tuple[float, float, float], Weights],
    rows: Sequence[Row],
    more: Findings,
    *,
    known: bool,
) -> Iterator[Statement]:
    level, chances, weights = told
    if known:
        text = narrator.phrase("line.known", cause=capital(narrator.label(cause)))
        yield Statement(kind="line", text=text)
    elif level == "line":
        yield line(narrator, cause, chances, rows)
    else:
        brief = paragraph(narrator, cause, weights, chances, rows)
        if level == "paragraph":
            yield from brief
        else:
            yield from (one for one in brief if one.kind != "figures")  # they come with each answer
            yield from all_statements(narrator, rows, more)


def _rows(
    knowledge: Knowledge,
    network: Network,
    evidence: Evidence,
    cause: str,
    given: Mapping[str, object],
    made: tuple[Weights, Split | None, Narrator],
) -> tuple[Row, ...]:
    weights, split, narrator = made
    person = _person(network, evidence, given)
    shares = {} if split is None else {share.answers: share for share in split.shares}
    by_way_of = _by_way_of(network, evidence, cause)
    rows = []
    for weight in weights.answers:
        states = {name: _state(network, evidence, name) for name in weight.answers}
        spoken = narrator.answers([narrator.answer(n, s, given.get(n)) for n, s in states.items()])
        cited = tuple(
            figure
            for name, state in states.items()
            for figure in cited_for(knowledge, knowledge.causes[cause], name, state, person)
        )
        share = shares.get(weight.answers)
        rows.append(
            Row(
                answers=weight.answers,
                given=spoken,
                weight_decibans=weight.weight_decibans,
                share_decibans=None if share is None else share.decibans,
                share_error_decibans=None if share is None else share.error_decibans,
                probability=weight.probability,
                direction=weight.direction,
                strength=weight.strength,
                parts=tuple(Part(name, decibans) for name, decibans in weight.parts),
                cited=cited,
                sentence=narrator.row(
                    cause,
                    spoken,
                    weight,
                    cited,
                    absent=states[weight.answers[0]] == "absent",
                    between=by_way_of.get(weight.answers[0])
                    or _open_factors(knowledge, network, evidence, cause, weight.answers[0]),
                ),
            )
        )
    return tuple(sorted(rows, key=lambda row: -abs(row.weight_decibans)))


def _by_way_of(network: Network, evidence: Evidence, cause: str) -> dict[str, tuple[str, ...]]:
    """Return for each finding that is there what stands between the cause and it, on the strongest path."""
    found = {}
    for path in paths_through(network, evidence, network.index[cause], most=len(evidence), weakest=0.0):
        start = path.variables.index(cause) + 1
        found[path.variables[-1]] = path.variables[start:-1]
    return found


def _open_factors(
    knowledge: Knowledge, network: Network, evidence: Evidence, cause: str, answered: str
) -> tuple[str, ...]:
    """Return the unanswered factors that bear on the cause and go with the factor answered: insulin, of diabetes."""
    if answered not in knowledge.factors:
        return ()
    bearing = {risk.from_id for risk in knowledge.causes[cause].risks if risk.figure.role == "solve"}
    ends = {answered, *bearing}
    arrows = [
        {name, risk.from_id}
        for name, factor in knowledge.factors.items()
        for risk in factor.risks
        if risk.figure.role == "solve"
    ]
    found = {name for arrow in arrows if answered in arrow and arrow <= ends for name in arrow - {answered}}
    return tuple(name for name in knowledge.factors if name in found and network.index[name] not in evidence)


def spoken_answer(
    narrator: Narrator, network: Network, evidence: Evidence, answers: Sequence[str], given: Mapping[str, object]
) -> str:
    """Say answers that belong together: a complaint with its attributes."""
    return narrator.answers([narrator.answer(n, _state(network, evidence, n), given.get(n)) for n in answers])


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


def probability_of(decibans: float) -> float:
    """Return the probability of log-odds in decibans."""
    odds = 10.0 ** (-abs(decibans) / 10.0)  # of the less likely side, so that nothing overflows
    return float((odds if decibans < 0.0 else 1.0) / (1.0 + odds))
