"""Rules about what a cause, factor, syndrome or finding must say of itself, and how its parts fit together."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from legdx.errors import Issue, did_you_mean
from legdx.knowledge.nodes import Node
from legdx.knowledge.records import AGE_LIMITS
from legdx.knowledge.rules.figures import grade_rules
from legdx.knowledge.rules.index import Index, error

__all__ = ["cause_rules", "factor_rules", "finding_rules", "model_rules", "red_flag_rules", "syndrome_rules"]

_ALARMING = frozenset({"critical", "serious"})
_UNGATED = frozenset({"complaint", "associated", "sign", "test"})
_SHARE_TOLERANCE = 0.02


def _solved(node: Node, key: str) -> list[Node]:
    """Return the figures under `key` that the solver uses, those with `role: check` left out."""
    return [figure for figure in node.items(key) if figure.text("role") != "check"]


def _is_empty(node: Node, key: str) -> bool:
    """Say whether no figure for the solver stands under `key`; a value that is no list is the schema's to report."""
    inner = node.get(key)
    return inner is None or (isinstance(inner.value, list) and not _solved(node, key))


def cause_rules(index: Index) -> Iterator[Issue]:
    """A cause has a prevalence, incidences have durations, syndromes stand before their findings, levels fit."""
    for cause in index.tree.causes:
        name = cause.text("id") or "the cause"
        if _is_empty(cause, "prevalence"):
            hint = "give a prevalence, or an incidence with its duration; figures with `role: check` do not count"
            yield error("prevalence_missing", cause.at("prevalence"), f"{name} has no prevalence figure", hint)
        yield from _seriousness_rules(cause)
        for figure in cause.items("prevalence"):
            yield from _duration_rules(figure)
        for risk in cause.items("risks"):
            yield from _state_rules(risk, index)
        raised = cause.items("syndromes")
        for link in cause.items("findings"):
            finding = index.find("finding", link.text("finding"))
            if finding is not None:
                yield from _level_rules(link, finding)
            via = link.text("via")
            if index.find("syndrome", via) is not None and via not in [node.text("syndrome") for node in raised]:
                note = f"the arrow runs via {via!r}, which {name} does not raise"
                yield error("via_not_raised", link.at("via"), note, f"add {via} to the cause's `syndromes`")


def _seriousness_rules(cause: Node) -> Iterator[Issue]:
    seriousness = cause.get("seriousness")
    level = None if seriousness is None else seriousness.text("level")
    if seriousness is None or level is None:
        return
    threshold = seriousness.get("urgent_above")
    if level in _ALARMING and threshold is None:
        hint = "say from which posterior probability the case is urgent"
        yield error("urgent_above_missing", seriousness, f"a {level} cause without `urgent_above`", hint)
    if level not in _ALARMING and threshold is not None:
        hint = "only critical and serious causes make a case urgent"
        yield error("urgent_above_unused", threshold, f"a {level} cause with `urgent_above`", hint)


def _duration_rules(figure: Node) -> Iterator[Issue]:
    quantity, duration = figure.text("quantity"), figure.get("duration")
    if quantity == "incidence" and duration is None:
        hint = "give the days with symptoms as `duration`, itself a figure: active = incidence x (window + duration)"
        yield error("duration_missing", figure, "an incidence without a duration", hint)
    if quantity == "prevalence" and duration is not None:
        yield error("duration_unused", duration, "a prevalence with a duration", "is this an incidence?")


def _state_rules(risk: Node, index: Index, *, compares: bool = True) -> Iterator[Issue]:
    """The states of an arrow are those of the variable that it comes from, and differ where it `compares` them."""
    from_id = risk.text("from")
    if index.find("factor", from_id) is None and index.find("cause", from_id) is None:
        return
    states = index.states(from_id or "")
    state, reference = risk.text("state") or "present", risk.text("compared_with") or states[0]
    for key, given in (("state", state), ("compared_with", reference)):
        if given not in states:
            note = f"{from_id} has no state {given!r}"
            yield error("unknown_state", risk.at(key), note, f"set `{key}:`; {did_you_mean(given, states)}")
    if compares and state == reference:
        yield error("state_same", risk.at("state"), f"the state {state!r} is compared with itself", "change one")


def _level_rules(figure: Node, finding: Node) -> Iterator[Issue]:
    """A figure for a graded finding names one of its levels; one for another finding names none."""
    name, levels, level = finding.text("id"), finding.texts("levels"), figure.text("level")
    or_more = figure.get("or_more")
    if level is not None and level not in levels:
        hint = did_you_mean(level, levels) if levels else "leave the level out, or declare the finding's levels"
        yield error("unknown_level", figure.at("level"), f"{name} has no level {level!r}", hint)
    elif level is None and (levels or (or_more is not None and or_more.value is True)):
        first = levels[0] if levels else None
        hint = f"name a level; `level: {first}` with `or_more: true` for any" if first else "leave `or_more` out"
        yield error("level_missing", figure, f"the figure for {name} names no level", hint)


def factor_rules(index: Index) -> Iterator[Issue]:
    """A factor has a prevalence for each of its states but the reference, and its arrows use states as declared."""
    for factor in index.tree.factors:
        name = factor.text("id") or "the factor"
        states = index.states(name)
        for risk in factor.items("risks"):
            yield from _state_rules(risk, index, compares=risk.text("measure") != "probability")
            yield from _never_rules(risk)
        for figure in factor.items("prevalence"):
            state = figure.text("state") or "present"
            if state not in states:
                note = f"{name} has no state {state!r}"
                hint = f"set `state:`; {did_you_mean(state, states)}"
                yield error("unknown_state", figure.at("state"), note, hint)
        if _is_empty(factor, "prevalence"):
            hint = "how common it is must be known; figures with `role: check` do not count"
            yield error("prevalence_missing", factor.at("prevalence"), f"{name} has no prevalence figure", hint)
            continue
        given = {figure.text("state") or "present" for figure in _solved(factor, "prevalence")}
        missing = [state for state in states[1:] if state not in given]
        if missing and isinstance(factor.at("prevalence").value, list):
            note = f"{name} has no prevalence figure for {', '.join(missing)}"
            hint = "every state but the first needs one"
            yield error("prevalence_missing", factor.at("prevalence"), note, hint)


def _never_rules(risk: Node) -> Iterator[Issue]:
    """No pair of answers is impossible: somebody who gives both would get no result, and no level of urgency."""
    if risk.text("interval") == "definition":
        note = "the arrow makes a pair of answers impossible, and people give such answers"
        hint = "write a small probability (0.0001), with an interval and a note"
        yield error("definition_of_factor", risk.at("interval"), note, hint)


def syndrome_rules(index: Index) -> Iterator[Issue]:
    """A syndrome has a background, and the levels of its findings fit."""
    for syndrome in index.tree.syndromes:
        for link in syndrome.items("findings"):
            finding = index.find("finding", link.text("finding"))
            if finding is not None:
                yield from _level_rules(link, finding)
        if _is_empty(syndrome, "background"):
            note = f"{syndrome.text('id') or 'the syndrome'} has no background figure"
            hint = "give P(syndrome | no modelled cause)"
            yield error("background_missing", syndrome.at("background"), note, hint)


def finding_rules(index: Index) -> Iterator[Issue]:
    """A finding has a background, an attribute a gate, and levels are used as declared."""
    for finding in index.tree.findings:
        name = finding.text("id") or "the finding"
        gate, role = finding.get("gate"), finding.text("role")
        if role == "attribute" and gate is None:
            hint = "name the finding that must be present for it to be"
            yield error("gate_missing", finding.at("role"), f"{name} is an attribute without a gate", hint)
        if gate is not None and role in _UNGATED:
            note = f"{name} has a gate and the role {role!r}"
            yield error("gate_unused", gate, note, "only attributes have gates")
        if _is_empty(finding, "background"):
            hint = "give P(finding | no modelled cause), for an attribute given its gate too"
            yield error("background_missing", finding.at("background"), f"{name} has no background figure", hint)
        for figure in finding.items("background"):
            yield from _level_rules(figure, finding)
        yield from _background_level_rules(finding)
        yield from _measured_rules(finding)


def _background_level_rules(finding: Node) -> Iterator[Issue]:
    """A graded attribute has a background for each level above the lowest, since its levels share one gate."""
    figures = _solved(finding, "background")
    if finding.get("gate") is None or not figures:
        return
    given = {figure.text("level") for figure in figures}
    missing = [level for level in finding.texts("levels")[1:] if level not in given]
    if missing:
        note = f"{finding.text('id')} has no background figure for {', '.join(missing)}"
        hint = "every level above the lowest needs one"
        yield error("background_missing", finding.at("background"), note, hint)


def _measured_rules(finding: Node) -> Iterator[Issue]:
    """Cuts use the finding's levels, each once, and run from the most extreme value inwards."""
    measured = finding.get("measured")
    cuts = [] if measured is None else measured.items("cuts")
    levels = finding.texts("levels") or ["present"]
    unknown = [cut.at("level") for cut in cuts if cut.text("level") not in [None, *levels]]
    for node in unknown:
        note = f"{finding.text('id')} has no level {node.text()!r}"
        yield error("unknown_level", node, note, did_you_mean(node.text() or "", levels))
    below = [number for cut in cuts if (number := cut.number("below")) is not None]
    above = [number for cut in cuts if (number := cut.number("above")) is not None]
    if measured is None or unknown or not cuts or len(below) + len(above) != len(cuts):
        return
    limits = below or [-number for number in above]
    rising = all(left < right for left, right in itertools.pairwise(limits))
    if (below and above) or not rising or [cut.text("level") for cut in cuts] != levels[::-1]:
        note = f"the cuts of {finding.text('id')} do not run from the highest level to the lowest"
        hint = f"one cut a level, in the order {', '.join(levels[::-1])}; `below` rising, or `above` falling"
        yield error("cuts_order", measured.at("cuts"), note, hint)


def red_flag_rules(index: Index) -> Iterator[Issue]:
    """The literals of a red flag use levels as declared, one must be answered, and its grade has its proof."""
    for red_flag in index.tree.red_flags:
        yield from grade_rules(red_flag, needs_print=False)
        for literal in red_flag.items("all"):
            finding = index.find("finding", literal.text("finding") or literal.text())
            if finding is None:
                continue
            name, levels, level = finding.text("id"), finding.texts("levels"), literal.text("at_least")
            if level is not None and level not in levels:
                hint = did_you_mean(level, levels) if levels else "leave `at_least` out"
                yield error("unknown_level", literal.at("at_least"), f"{name} has no level {level!r}", hint)
            elif level is None and levels and finding.get("gate") is not None:
                note = f"{name} has a level whenever its gate is present, so that this says nothing"
                yield error("level_missing", literal, note, f"write {{finding: {name}, at_least: ...}}")
        literals = red_flag.items("all")
        if literals and all((own := one.get("unless_denied")) is not None and own.value is True for one in literals):
            note = f"{red_flag.text('id')} would fire for everybody who has answered nothing"
            yield error("rule_without_answer", red_flag.at("all"), note, "name one finding that must be there")


def model_rules(index: Index) -> Iterator[Issue]:
    """Age bands rise from the lowest age, and the population covers them without gap, its shares adding up to 1."""
    model = index.tree.model
    bands = [number for item in model.items("age_bands") if (number := item.number()) is not None]
    lowest, highest = AGE_LIMITS
    if bands and (
        bands[0] != lowest or bands[-1] > highest or any(left >= right for left, right in itertools.pairwise(bands))
    ):
        hint = f"first {lowest}, each higher than the one before, none above {highest}"
        yield error("age_bands", model.at("age_bands"), "the age bands are not in order", hint)
    yield from _population_rules(model, bands)


def _population_rules(model: Node, bands: list[float]) -> Iterator[Issue]:
    strata = model.items("population")
    ages = [[number for item in node.items("age") if (number := item.number()) is not None] for node in strata]
    shares = [share.number("value") for node in strata if (share := node.get("share")) is not None]
    if strata and all(len(pair) == 2 for pair in ages):  # noqa: PLR2004 - a lower and an upper bound
        starts = [pair[0] for pair in ages]
        gap = any(left[1] + 1 != right[0] for left, right in itertools.pairwise(ages))
        if gap or (bands and (starts[0] != bands[0] or not set(bands) <= set(starts))):
            hint = "start with the first age band, leave no year out, and start a new entry with each age band"
            yield error("population_gap", model.at("population"), "the population does not fit the age bands", hint)
    known = [share for share in shares if share is not None]
    if strata and len(known) == len(strata) and abs(sum(known) - 1) > _SHARE_TOLERANCE:
        note = f"the shares of the population add up to {sum(known):.3f}"
        yield error("population_shares", model.at("population"), note, "they are shares of all adults, together 1")
