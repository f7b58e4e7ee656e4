"""Trees of checked knowledge files to records.

Everything here relies on the rules having held: `load_knowledge` assembles only what `check` found no error in.
"""

from __future__ import annotations

import dataclasses
import typing
from collections import Counter
from collections.abc import Mapping

from legdx.knowledge.figures import Unit
from legdx.knowledge.frozenmap import FrozenMap
from legdx.knowledge.nodes import Node
from legdx.knowledge.records import (
    AGE_LIMITS,
    Advice,
    BackgroundFigure,
    Cause,
    CheckFigure,
    Claim,
    Cut,
    Factor,
    Figure,
    Finding,
    FindingFigure,
    Group,
    Knowledge,
    Literal,
    Measured,
    ModelInfo,
    Population,
    PopulationShare,
    Prevalence,
    RedFlag,
    Reference,
    Risk,
    Seriousness,
    Syndrome,
    SyndromeFigure,
)
from legdx.knowledge.tree import Tree, text_nodes
from legdx.knowledge.verified import read_verified

__all__ = ["assemble"]


def assemble(tree: Tree, digest: str) -> Knowledge:
    """Return the knowledge in `tree`, which must have passed every rule; `digest` is that of its files."""
    references = {_str(item, "id"): _states(item)[0] for item in tree.factors}
    return Knowledge(
        model=_model(tree.model),
        factors=FrozenMap((_str(item, "id"), _factor(item, references)) for item in tree.factors),
        causes=FrozenMap((_str(item, "id"), _cause(item, references)) for item in tree.causes),
        syndromes=FrozenMap((_str(item, "id"), _syndrome(item)) for item in tree.syndromes),
        groups=FrozenMap((_str(item, "id"), _group(item)) for item in tree.groups),
        findings=FrozenMap((_str(item, "id"), _finding(item)) for item in tree.findings),
        red_flags=FrozenMap((_str(item, "id"), _red_flag(item)) for item in tree.red_flags),
        bibliography=FrozenMap((key, _reference(key, item)) for key, item in tree.bibliography.fields().items()),
        renames=FrozenMap(tree.renames.plain() or {}),
        text=_texts(tree),
        digest=digest,
        claims=FrozenMap((_str(item, "id"), _claim(item)) for item in tree.claims),
        checks=FrozenMap((_str(item, "id"), _check(item)) for item in tree.checks),
        verified=read_verified(tree.verified),
    )


class _Counter:
    """Hands out the ids of one subject's figures: each place gets its own numbers, from 1."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._used: Counter[str] = Counter()

    def next_id(self, *parts: str | None) -> str:
        """Return `subject.part.part.number`; parts that are None are left out."""
        place = ".".join((self._subject, *(part for part in parts if part is not None)))
        self._used[place] += 1
        return f"{place}.{self._used[place]}"


def _str(node: Node, key: str) -> str:
    return typing.cast("str", node.text(key))


def _strings(node: Node, key: str) -> tuple[str, ...]:
    return tuple(node.texts(key))


def _float(node: Node, key: str) -> float:
    return typing.cast("float", node.number(key))


def _int(node: Node, key: str) -> int:
    return int(_float(node, key))


def _flag(node: Node, key: str) -> bool:
    inner = node.get(key)
    return inner is not None and inner.value is True


def _codes(node: Node) -> FrozenMap[str]:
    return FrozenMap(node.at("codes").plain() if node.get("codes") else {})


def _population(node: Node | None) -> Population:
    if node is None:
        return Population()
    low, high = _ages(node) if node.get("age") else AGE_LIMITS
    return Population(low, high, typing.cast("typing.Any", node.text("sex")))


def _ages(node: Node) -> tuple[int, int]:
    low, high = (int(typing.cast("float", age.number())) for age in node.items("age"))
    return low, high


def _figure(node: Node, figure_id: str, unit: Unit) -> Figure:
    return Figure(
        id=figure_id,
        value=_float(node, "value"),
        low=_float(node, "low"),
        high=_float(node, "high"),
        unit=unit,
        interval=_str(node, "interval"),
        source=_str(node, "source"),
        grade=typing.cast("typing.Any", node.text("grade")),
        opened=_flag(node, "opened"),
        file=node.file,
        line=node.line,
        locator=node.text("locator"),
        printed=node.text("printed"),
        note=node.text("note"),
        population=_population(node.get("population")),
        role="check" if node.text("role") == "check" else "solve",
        contested=node.text("contested"),
    )


def _beside(node: Node, key: str, figure_id: str, unit: Unit) -> Figure | None:
    """Return the figure that another figure carries under `key`, if it carries one."""
    inner = node.get(key)
    return None if inner is None else _figure(inner, f"{figure_id}.{key}", unit)


def _prevalence(node: Node, ids: _Counter) -> Prevalence:
    quantity = node.text("quantity") or "prevalence"
    state = node.text("state")
    figure_id = ids.next_id(quantity, state)
    return Prevalence(
        figure=_figure(node, figure_id, "per_person_year" if quantity == "incidence" else "probability"),
        quantity=typing.cast("typing.Any", quantity),
        state=state or "present",
        duration=_beside(node, "duration", figure_id, "days"),
    )


def _states(node: Node) -> tuple[str, ...]:
    return _strings(node, "states") or ("absent", "present")


def _factor(node: Node, references: Mapping[str, str]) -> Factor:
    ids = _Counter(_str(node, "id"))
    return Factor(
        id=_str(node, "id"),
        file=node.file,
        line=node.line,
        prevalence=tuple(_prevalence(item, ids) for item in node.items("prevalence")),
        states=_states(node),
        only=_population(node.get("only")) if node.get("only") else None,
        codes=_codes(node),
        claims=_strings(node, "claims"),
        risks=tuple(_risk(item, ids, references) for item in node.items("risks")),
    )


def _risk(node: Node, ids: _Counter, references: Mapping[str, str]) -> Risk:
    from_id, measure = _str(node, "from"), _str(node, "measure")
    state = node.text("state")
    figure_id = ids.next_id("risks", from_id, state)
    return Risk(
        figure=_figure(node, figure_id, "probability" if measure == "probability" else "ratio"),
        from_id=from_id,
        measure=typing.cast("typing.Any", measure),
        state=state or "present",
        compared_with=node.text("compared_with") or references.get(from_id, "absent"),
    )


def _syndrome_figure(node: Node, ids: _Counter) -> SyndromeFigure:
    syndrome = _str(node, "syndrome")
    figure_id = ids.next_id("syndromes", syndrome)
    return SyndromeFigure(
        figure=_figure(node, figure_id, "probability"),
        syndrome=syndrome,
        spectrum=_beside(node, "spectrum", figure_id, "ratio"),
    )


def _level_part(node: Node) -> str | None:
    level = node.text("level")
    return f"{level}_or_more" if level is not None and _flag(node, "or_more") else level


def _finding_figure(node: Node, ids: _Counter) -> FindingFigure:
    finding, frame = _str(node, "finding"), node.text("frame") or "current"
    figure_id = ids.next_id("findings", finding, _level_part(node), frame)
    return FindingFigure(
        figure=_figure(node, figure_id, "probability"),
        finding=finding,
        level=node.text("level"),
        or_more=_flag(node, "or_more"),
        frame=typing.cast("typing.Any", frame),
        via=node.text("via"),
        effect=typing.cast("typing.Any", node.text("effect") or "raises"),
        spectrum=_beside(node, "spectrum", figure_id, "ratio"),
    )


def _advice(node: Node) -> Advice:
    return Advice(
        id=_str(node, "id"),
        kind=typing.cast("typing.Any", node.text("kind")),
        source=_str(node, "source"),
        file=node.file,
        line=node.line,
        locator=node.text("locator"),
        note=node.text("note"),
        withheld_if=_strings(node, "withheld_if"),
        claims=_strings(node, "claims"),
    )


def _cause(node: Node, references: Mapping[str, str]) -> Cause:
    ids = _Counter(_str(node, "id"))
    seriousness = node.at("seriousness")
    return Cause(
        id=_str(node, "id"),
        course=typing.cast("typing.Any", node.text("course")),
        seriousness=Seriousness(
            level=typing.cast("typing.Any", seriousness.text("level")),
            urgent_above=seriousness.number("urgent_above"),
        ),
        file=node.file,
        line=node.line,
        codes=_codes(node),
        claims=_strings(node, "claims"),
        prevalence=tuple(_prevalence(item, ids) for item in node.items("prevalence")),
        risks=tuple(_risk(item, ids, references) for item in node.items("risks")),
        syndromes=tuple(_syndrome_figure(item, ids) for item in node.items("syndromes")),
        findings=tuple(_finding_figure(item, ids) for item in node.items("findings")),
        advice=tuple(_advice(item) for item in node.items("advice")),
    )


def _syndrome(node: Node) -> Syndrome:
    ids = _Counter(_str(node, "id"))
    return Syndrome(
        id=_str(node, "id"),
        file=node.file,
        line=node.line,
        background=tuple(_figure(item, ids.next_id("background"), "probability") for item in node.items("background")),
        findings=tuple(_finding_figure(item, ids) for item in node.items("findings")),
        codes=_codes(node),
        claims=_strings(node, "claims"),
    )


def _group(node: Node) -> Group:
    return Group(
        id=_str(node, "id"),
        members=_strings(node, "members"),
        file=node.file,
        line=node.line,
        claims=_strings(node, "claims"),
    )


def _measured(node: Node) -> Measured:
    cuts = (
        Cut(level=_str(cut, "level"), below=cut.number("below"), above=cut.number("above"))
        for cut in node.items("cuts")
    )
    limits = [limit for item in node.items("plausible") if (limit := item.number()) is not None]
    plausible = (limits[0], limits[1]) if limits else None
    return Measured(analyte=_str(node, "analyte"), unit=_str(node, "unit"), cuts=tuple(cuts), plausible=plausible)


def _background(node: Node, ids: _Counter) -> BackgroundFigure:
    return BackgroundFigure(
        figure=_figure(node, ids.next_id("background", _level_part(node)), "probability"),
        level=node.text("level"),
        or_more=_flag(node, "or_more"),
    )


def _finding(node: Node) -> Finding:
    ids = _Counter(_str(node, "id"))
    measured, cost = node.get("measured"), node.get("cost")
    return Finding(
        id=_str(node, "id"),
        role=typing.cast("typing.Any", node.text("role")),
        file=node.file,
        line=node.line,
        gate=node.text("gate"),
        levels=_strings(node, "levels"),
        measured=None if measured is None else _measured(measured),
        codes=_codes(node),
        background=tuple(_background(item, ids) for item in node.items("background")),
        cost=typing.cast("typing.Any", None if cost is None else cost.text("kind")) or "question",
        claims=_strings(node, "claims"),
    )


def _literal(node: Node) -> Literal:
    bare = node.text()
    if bare is not None:
        return Literal(finding=bare)
    denied = node.get("unless_denied")
    return Literal(
        finding=_str(node, "finding"),
        at_least=node.text("at_least"),
        unless_denied=denied is not None and denied.value is True,
    )


def _red_flag(node: Node) -> RedFlag:
    return RedFlag(
        id=_str(node, "id"),
        level=typing.cast("typing.Any", node.text("level")),
        literals=tuple(_literal(item) for item in node.items("all")),
        source=_str(node, "source"),
        grade=typing.cast("typing.Any", node.text("grade")),
        opened=_flag(node, "opened"),
        file=node.file,
        line=node.line,
        locator=node.text("locator"),
        printed=node.text("printed"),
        note=node.text("note"),
        suggests=_strings(node, "suggests"),
        claims=_strings(node, "claims"),
    )


def _reference(key: str, node: Node) -> Reference:
    pmid = node.get("pmid")
    year = node.number("year")
    authors = "; ".join(node.texts("authors")) or node.text("authors")
    return Reference(
        id=key,
        title=_str(node, "title"),
        why=_str(node, "why"),
        file=node.file,
        line=node.line,
        authors=authors,
        year=None if year is None else int(year),
        where=node.text("where"),
        doi=node.text("doi"),
        pmid=None if pmid is None or pmid.value is None else str(pmid.value),
        url=node.text("url"),
    )


def _check(node: Node) -> CheckFigure:
    name = _str(node, "id")
    return CheckFigure(
        id=name,
        figure=dataclasses.replace(_figure(node, f"checks.{name}", "probability"), role="check"),
        finding=node.text("finding"),
        no_complaint_given=node.text("no_complaint_given"),
    )


def _claim(node: Node) -> Claim:
    return Claim(
        id=_str(node, "id"),
        kind=_str(node, "kind"),
        subject=_str(node, "subject"),
        object=_str(node, "object"),
        detail=node.text("detail"),
    )


def _model(node: Node) -> ModelInfo:
    held_out, draws, urgency = node.at("held_out"), node.at("draws"), node.get("urgency")
    return ModelInfo(
        id=_str(node, "id"),
        version=_str(node, "version"),
        schema_version=_str(node, "schema_version"),
        age_bands=tuple(int(typing.cast("float", age.number())) for age in node.items("age_bands")),
        window_days=_int(node, "window_days"),
        population=tuple(_share(item) for item in node.items("population")),
        held_out_share=_float(held_out, "share"),
        held_out_seed=_int(held_out, "seed"),
        draws_number=_int(draws, "number"),
        draws_seed=_int(draws, "seed"),
        self_care_below=None if urgency is None else urgency.number("self_care_below"),
    )


def _share(node: Node) -> PopulationShare:
    low, high = _ages(node)
    place = f"model.population.{low}_{high}"
    return PopulationShare(
        age_low=low,
        age_high=high,
        share=_figure(node.at("share"), f"{place}.share", "probability"),
        female=_figure(node.at("female"), f"{place}.female", "probability"),
    )


def _texts(tree: Tree) -> FrozenMap[FrozenMap[str]]:
    texts: dict[str, dict[str, str]] = {}
    for language, text_id, node in text_nodes(tree):
        texts.setdefault(language, {})[text_id] = str(node.value)
    return FrozenMap({language: FrozenMap(content) for language, content in sorted(texts.items())})
