"""A mapping file in YAML to the records of a mapping, checked against its schema and a model."""

from __future__ import annotations

import hashlib
import typing
from pathlib import Path

from legdx.case import MISSING, Missing
from legdx.errors import Issue, MappingError
from legdx.knowledge import FrozenMap
from legdx.knowledge.nodes import Node
from legdx.knowledge.yaml_text import read_yaml
from legdx.survey.cells import Key, cell_key, column_name
from legdx.survey.dialect import TableFormat
from legdx.survey.mapping import (
    Certainty,
    Combination,
    Conditions,
    Cut,
    Entry,
    How,
    MultiSelect,
    NumberRule,
    Part,
    Reading,
    RepeatedIds,
    Skipped,
    Soft,
    SurveyMapping,
    Target,
)
from legdx.survey.mapping_rules import rule_issues
from legdx.survey.mapping_schema import schema_issues
from legdx.survey.vocabulary import AGE, PLAUSIBLE_AGE, Askable, Holder, Vocabulary

__all__ = ["load_mapping", "parse_mapping"]


def load_mapping(path: str | Path, model: Holder, *, draft: bool = False) -> SurveyMapping:
    """Return the mapping in a YAML file, checked against its schema and against the variables of the model.

    Raises MappingError, with every problem found and its line, when any rule is broken; also where an entry is still
    marked `unsure`, unless it may be a `draft`.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"the mapping file {path} cannot be read: {error.strerror}"
        raise MappingError(message, hint="name the YAML file that maps the survey's columns") from error
    return parse_mapping(content, path.name, model, draft=draft)


def parse_mapping(content: bytes, name: str, model: Holder, *, draft: bool = False) -> SurveyMapping:
    """Return the mapping in the bytes of a YAML file called `name`; raises as `load_mapping` does."""
    vocabulary = Vocabulary.of(model.knowledge)
    node, issues = read_yaml(content, name)
    if node is not None:
        issues += schema_issues(node)
        issues += rule_issues(node, vocabulary, draft=draft)
    if node is None or issues:
        issues.sort(key=lambda issue: issue.where.line or 0)
        _refuse(name, list(dict.fromkeys(issues)))
    digest = hashlib.sha256(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).hexdigest()
    return _assemble(node, vocabulary, digest)


def _refuse(name: str, issues: list[Issue]) -> typing.NoReturn:
    message = f"the mapping file {name} has {'one error' if len(issues) == 1 else f'{len(issues)} errors'}"
    raise MappingError(message, issues, hint="docs/mapping.md shows what may stand in a mapping file")


def _assemble(node: Node, vocabulary: Vocabulary, digest: str) -> SurveyMapping:
    weight = node.text("weight_column")
    lists = _inner(node, "code_lists")
    return SurveyMapping(
        name=node.text("name") or "",
        source=node.text("source"),
        file=node.file,
        digest=digest,
        entries=tuple(_entry(item, vocabulary, lists) for item in node.items("columns")),
        questions=tuple(_question(item, vocabulary) for item in node.items("multi_select")),
        unused=FrozenMap(
            (column_name(item.text("column") or ""), item.text("reason") or "") for item in node.items("unused")
        ),
        id_columns=_columns(node, "id_column"),
        repeated_ids=typing.cast("RepeatedIds", node.text("repeated_ids") or "refuse"),
        weight_column=None if weight is None else column_name(weight),
        strata_columns=_columns(node, "strata_columns"),
        only_rows=_conditions(node, "only_rows"),
        table=_table(node.get("table")),
    )


def _table(node: Node | None) -> TableFormat:
    if node is None:
        return TableFormat()
    rows = node.number("header_rows")
    html = node.get("html_entities")
    return TableFormat(
        encoding=node.text("encoding"),
        delimiter=node.text("delimiter"),
        header_rows=None if rows is None else int(rows),
        repeated_headers="number" if node.text("repeated_headers") == "number" else "refuse",
        html_entities=html is not None and html.value is True,
    )


def _columns(node: Node, key: str) -> tuple[str, ...]:
    one = node.text(key)
    return tuple(column_name(text) for text in ([one] if one is not None else node.texts(key)))


def _entry(node: Node, vocabulary: Vocabulary, lists: dict[str, Node]) -> Entry:
    askable = vocabulary.get(node.text("variable") or "")
    assert askable is not None  # noqa: S101 - the rules have refused unknown variables
    return Entry(askable, _Assembler(vocabulary, askable, lists).part(node, node), node.where(), node.text("unsure"))


class _Assembler:
    """Makes the parts of one entry."""

    def __init__(self, vocabulary: Vocabulary, askable: Askable, lists: dict[str, Node]) -> None:
        self._vocabulary = vocabulary
        self._askable = askable
        self._lists = lists

    def part(self, node: Node, reader: Node) -> Part:
        """Return the part that `node` describes; column names in a list are read as `reader`, its owner, says."""
        column = node.text("from")
        when = _conditions(node, "when")
        if column is not None:
            return self._reading(column_name(column), reader, when)
        parts = [
            self._reading(column_name(text), node, ()) if (text := item.text()) is not None else self.part(item, item)
            for item in node.items("from")
        ]
        how = typing.cast("How", node.text("combine") or "first")
        return Combination(how, tuple(parts), _cuts(node) if how == "product" else (), when)

    def _reading(self, column: str, node: Node, when: Conditions) -> Reading:
        shared = self._lists.get(node.text("codes") or "")
        owners = [owner for owner in (shared, node) if owner is not None]
        ignore_case = any(_true(owner, "ignore_case") for owner in owners)
        known: dict[Key, str | float | Soft] = {}
        missing: dict[Key, Missing] = {}
        codes: dict[str, None] = {}
        for owner in owners:  # what the entry says itself comes last, and wins
            found: dict[str, str | float | Soft] = {c: _answer(item) for c, item in _inner(owner, "values").items()}
            found |= {code: item.number() or 0.0 for code, item in _inner(owner, "numbers").items()}
            found |= {code: self._years(item) for code, item in _inner(owner, "ranges").items()}
            kinds = {code: _kind(item.text()) for code, item in _inner(owner, "missing").items()}
            for code, value in found.items():
                known[cell_key(code, ignore_case=ignore_case)] = value
                missing.pop(cell_key(code, ignore_case=ignore_case), None)
            for code, kind in kinds.items():
                missing[cell_key(code, ignore_case=ignore_case)] = kind
                known.pop(cell_key(code, ignore_case=ignore_case), None)
            codes |= dict.fromkeys((*found, *kinds))
        blank = next((text for owner in reversed(owners) if (text := owner.text("blank")) is not None), None)
        return Reading(
            column=column,
            known=known,
            missing=missing,
            blank=_kind(blank),
            cuts=() if node.text("combine") == "product" else _cuts(node),
            number=self._number(node),
            codes=tuple(codes),
            when=when,
            skipped=_skipped(node),
            certainty=_certainty(node.get("certainty"), ignore_case=ignore_case),
            states=self._askable.answers,
            comma=node.text("decimal") == "comma",
            ignore_case=ignore_case,
        )

    def _number(self, node: Node) -> NumberRule | None:
        rule = node.get("number")
        if rule is None and self._askable.unit is None:
            return None
        default = PLAUSIBLE_AGE if self._askable.name == AGE else self._askable.plausible
        low, high = [item.number() for item in (rule or node).items("plausible")] or default
        unit = (rule and rule.text("unit")) or self._askable.unit or ""
        times = (rule and rule.number("times")) or 1.0
        return NumberRule(unit, (default[0] if low is None else low, default[1] if high is None else high), times)

    def _years(self, node: Node) -> str | float | Soft:
        """Return what an age between two years says of each age band: the share of the band that lies between them.

        A class that begins under the youngest age is returned as its first year, for a child could be meant.
        """
        low, high = [item.number() or 0.0 for item in node.items()]
        shares = {}
        if low < self._vocabulary.age_bands[0][1]:
            return low
        for name, first, last in self._vocabulary.age_bands:
            inside = min(high + 1, last) - max(low, first)
            if inside > 0:
                shares[name] = inside / (last - first)
        if len(shares) == 1:
            return next(iter(shares))
        return Soft(shares)


def _question(node: Node, vocabulary: Vocabulary) -> MultiSelect:
    boxes = _inner(node, "boxes")
    column = node.text("from")
    ignore_case = _true(node, "ignore_case")
    given = {column_name(name): item for name, item in boxes.items()} or _inner(node, "options")
    targets = {name: _target(item, vocabulary) for name, item in given.items()}
    askables = [vocabulary.get(target.variable) for target in targets.values() if target.kind == "answer"]

    def keys(name: str) -> frozenset[Key]:
        return frozenset(cell_key(text, ignore_case=ignore_case) for text in node.texts(name))

    return MultiSelect(
        question=node.text("question") or "",
        targets=targets,
        askables=tuple(dict.fromkeys(askable for askable in askables if askable is not None)),
        where=node.where(),
        column=None if column is None else column_name(column),
        separator=node.text("separator") or "",
        other_is_bad=node.text("other") != "ignored",
        ticked=None if node.text("ticked") == "nonblank" else keys("ticked"),
        unticked=keys("unticked"),
        missing={
            cell_key(code, ignore_case=ignore_case): _kind(item.text())
            for code, item in _inner(node, "missing").items()
        },
        blank=_kind(node.text("blank")),
        unticked_is_absent=node.text("unticked_is") == "absent",
        shown_when=_conditions(node, "shown_when"),
        skipped=_skipped(node),
        ignore_case=ignore_case,
        unsure=node.text("unsure"),
    )


def _target(node: Node, vocabulary: Vocabulary) -> Target:
    text = node.text()
    if text == "none":
        return Target("none")
    if text == "ignored":
        return Target("ignored")
    if text in MISSING:
        return Target("missing", missing=_kind(text))
    askable = vocabulary.get(text or node.text("variable") or "")
    assert askable is not None  # noqa: S101 - the rules have refused unknown variables
    return Target("answer", askable.name, node.text("value") or "present")


def _certainty(node: Node | None, *, ignore_case: bool) -> Certainty | None:
    if node is None:
        return None
    points = [tuple(item.number() or 0.0 for item in pair.items()) for pair in node.items("scale")]
    blank = node.number("blank")
    return Certainty(
        column=column_name(node.text("from") or ""),
        known={
            cell_key(code, ignore_case=ignore_case): item.number() or 0.0
            for code, item in _inner(node, "values").items()
        },
        points=tuple(sorted((pair[0], pair[1]) for pair in points)),
        blank=1.0 if blank is None else blank,
    )


def _skipped(node: Node) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(
            _conditions(item, "when"), item.text("value"), None if item.text("value") else _kind(item.text("missing"))
        )
        for item in node.items("skipped")
    )


def _answer(node: Node) -> str | Soft:
    if isinstance(node.value, dict):
        return Soft({state: item.number() or 0.0 for state, item in node.fields().items()})
    return node.text() or ""


def _inner(node: Node, key: str) -> dict[str, Node]:
    inner = node.get(key)
    return {} if inner is None else inner.fields()


def _true(node: Node, key: str) -> bool:
    inner = node.get(key)
    return inner is not None and inner.value is True


def _kind(text: str | None) -> Missing:
    return next((kind for kind in MISSING if kind == text), "not_asked")


def _conditions(node: Node, key: str) -> Conditions:
    return tuple(
        (column_name(column), frozenset(cell_key(text) for item in cells.items() if (text := item.text()) is not None))
        for column, cells in _inner(node, key).items()
    )


def _cuts(node: Node) -> tuple[Cut, ...]:
    cuts = []
    for item in node.items("cuts"):
        low, low_in = _bound(item, "at_least", "above", float("-inf"))
        high, high_in = _bound(item, "at_most", "below", float("inf"))
        value = item.text("value")
        cuts.append(Cut(value, None if value is not None else _kind(item.text("missing")), low, high, low_in, high_in))
    return tuple(cuts)


def _bound(node: Node, inside: str, outside: str, default: float) -> tuple[float, bool]:
    closed, opened = node.number(inside), node.number(outside)
    if closed is not None:
        return closed, True
    return (default, True) if opened is None else (opened, False)
