"""Columns of a scored table that say why: what weighs most, what explains the complaints, and which finding."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from legdx.assessment import Assessment
from legdx.errors import LegdxError, TooCostlyError
from legdx.explanation import Narrator, Reasons
from legdx.explanation.explain import spoken_answer
from legdx.explanation.many import explaining_rows
from legdx.explanation.ranking import HARDLY, PROBABLY
from legdx.explanation.weight_rows import weigh_rows
from legdx.outputs import ColumnGroup, Kind, register

__all__: list[str] = []

Causes = Sequence[str]
NAMED = 3
LEAST_SHARE = 0.01
SHOWN_DECIBANS = 0.05


def _reasons_of(result: Assessment) -> Reasons:
    if result.reasons is None:
        message = "an assessment that left its model has no reasons"
        raise TypeError(message)
    return result.reasons


def _first(result: Assessment) -> str:
    return next(iter(result.posterior))


def _weights(results: Sequence[Assessment], causes: Causes) -> list[tuple[str | None, ...]]:  # noqa: ARG001
    """The answers that weigh most for and against the first cause: `answer=given:decibans`, three each."""
    if not results:
        return []
    reasons = [_reasons_of(result) for result in results]
    source = reasons[0].source
    firsts = [source.network.index[_first(result)] for result in results]
    weighed = weigh_rows(source.network, [one.evidence for one in reasons], firsts)
    narrator = Narrator(source.knowledge)
    found: list[tuple[str | None, ...]] = []
    for result, one, own in zip(results, reasons, weighed, strict=True):
        if own is None:
            found.append((_first(result), None, None))
            continue
        pairs = [(unit, w) for unit, w in zip(own.units, own.weights.tolist(), strict=True) if math.isfinite(w)]
        most = sorted(pairs, key=lambda pair: -abs(pair[1]))
        found.append((_first(result), _listed(narrator, one, most, 1.0), _listed(narrator, one, most, -1.0)))
    return found


def _listed(narrator: Narrator, reasons: Reasons, most: Sequence[tuple[tuple[int, ...], float]], sign: float) -> str:
    network = reasons.source.network
    chosen = [(unit, weight) for unit, weight in most if weight * sign >= SHOWN_DECIBANS][:NAMED]
    told = []
    for unit, weight in chosen:
        names = [network.variables[i].name for i in unit]
        given = spoken_answer(narrator, network, reasons.evidence, names, reasons.given)
        plain = given.replace(";", ",").replace(":", ",")
        told.append(f"{'+'.join(names)}={plain}:{weight:+.1f}")
    return ";".join(told)


RANKING: dict[str, Kind] = {
    "explains_first": "text",
    "explains_first_probability": "number",
    "idle": "text",
    "rule_out": "text",
}


def _ranking(results: Sequence[Assessment], causes: Causes) -> list[tuple[str | float | None, ...]]:  # noqa: ARG001
    """The three lists: the cause that explains the complaints best, what is there but idle, what must be ruled out."""
    if not results:
        return []
    reasons = [_reasons_of(result) for result in results]
    knowledge, network = reasons[0].source.knowledge, reasons[0].source.network
    indices = network.of_kind("cause")
    names = [network.variables[i].name for i in indices]
    posteriors = np.array([[result.posterior[name] for name in names] for result in results])
    logs = np.array([result.log_evidence for result in results])
    explained = explaining_rows(knowledge, network, [one.evidence for one in reasons], posteriors, logs)
    found: list[tuple[str | float | None, ...]] = []
    for result, own in zip(results, explained, strict=True):
        serious = (
            name
            for name, p in result.posterior.items()
            if (limit := knowledge.causes[name].seriousness.urgent_above) is not None and p >= limit
        )
        rule_out = ";".join(f"{name}:{result.posterior[name]:.2f}" for name in serious)
        if own is None:
            found.append((None, None, None, rule_out))
            continue
        reaching = {network.variables[i].name: p for i, p in own.explains.items()}
        idle = (
            name
            for name, p in result.posterior.items()
            if p - reaching.get(name, 0.0) >= PROBABLY and reaching.get(name, 0.0) < HARDLY
        )
        first = None if own.first is None else network.variables[own.first].name
        probability = None if first is None else reaching[first]
        found.append((first, probability, ";".join(f"{n}:{result.posterior[n]:.2f}" for n in idle), rule_out))
    return found


def _attribution(result: Assessment, causes: Causes) -> tuple[str | None]:  # noqa: ARG001 - all groups have one shape
    """What the first cause explains: `finding:P(it would go without the cause)`, the most first, of 1 % and more."""
    first = _first(result)
    try:
        table = result.table()
    except TooCostlyError:
        return (None,)
    if first not in table.causes:
        return ("",)
    column = table.causes.index(first)
    shares = sorted(zip(table.findings, (row[column] for row in table.gone), strict=True), key=lambda pair: -pair[1])
    return (";".join(f"{finding}:{share:.2f}" for finding, share in shares if share >= LEAST_SHARE),)


def _conflict(result: Assessment, causes: Causes) -> tuple[float | None]:  # noqa: ARG001 - all groups have one shape
    try:
        return (result.conflict.log_ratio,)
    except TooCostlyError:
        return (None,)


def _interval(result: Assessment, causes: Causes) -> tuple[float | None, float | None]:  # noqa: ARG001
    """The 90 % interval of the first cause's posterior; null where too costly, or no networks were drawn."""
    try:
        return result.interval(_first(result))
    except LegdxError:
        return (None, None)


def _outside(result: Assessment, causes: Causes) -> tuple[float | None, float | None, str | None]:  # noqa: ARG001
    try:
        found = result.outside()
    except TooCostlyError:
        return (None, None, None)
    return (found.none_present, found.unexplained, ";".join(found.alarms))


def _next_question(result: Assessment, causes: Causes) -> tuple[str | None]:  # noqa: ARG001 - all groups have one shape
    try:
        questions = result.next_questions(1).questions
    except TooCostlyError:
        return (None,)
    return (questions[0].name if questions else "",)


for _group in (
    ColumnGroup(
        "reasons",
        "the answers that weigh most for and against the first cause, with decibans; null where too costly",
        lambda _: {"reasons_cause": "text", "first_reasons_for": "text", "first_reasons_against": "text"},
        lambda result, causes: _weights([result], causes)[0],
        default=False,
        many=_weights,
    ),
    ColumnGroup(
        "ranking",
        "the cause that explains the complaints best, causes that are there but idle, causes to rule out",
        lambda _: RANKING,
        lambda result, causes: _ranking([result], causes)[0],
        default=False,
        many=_ranking,
    ),
    ColumnGroup(
        "attribution",
        "which reported findings would go without the first cause, and how probably (slow); null where too costly",
        lambda _: {"first_attribution": "text"},
        _attribution,
        default=False,
    ),
    ColumnGroup(
        "conflict",
        "log of the product of each answer's probability over that of all: above 0 they do not go together (slow)",
        lambda _: {"conflict": "number"},
        _conflict,
        default=False,
    ),
    ColumnGroup(
        "interval",
        "90 % interval of the first cause's posterior: the uncertainty of the model's numbers only (slow)",
        lambda _: {"first_low_90": "number", "first_high_90": "number"},
        _interval,
        default=False,
    ),
    ColumnGroup(
        "outside",
        "P(no modelled cause is present), P(none explains the complaints), and alarms that say so (slow)",
        lambda _: {"none_present": "number", "unexplained": "number", "outside_alarms": "text"},
        _outside,
        default=False,
    ),
    ColumnGroup(
        "doubts",
        "why the answers are not enough; empty where they are",
        lambda _: {"doubts": "text"},
        lambda result, _: (";".join(result.doubts()),),
        default=False,
    ),
    ColumnGroup(
        "next",
        "the question most worth asking next (slow)",
        lambda _: {"next_question": "text"},
        _next_question,
        default=False,
    ),
):
    register(_group)
