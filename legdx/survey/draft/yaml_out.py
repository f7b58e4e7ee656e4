"""A draft as the text of a mapping file, with remarks for the person who corrects it."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterator, Mapping

from legdx.survey.draft.entries import DraftEntry
from legdx.survey.draft.selects import DraftSelect

if typing.TYPE_CHECKING:
    from legdx.survey.draft.draft import Draft

__all__ = ["mapping_text"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*( [A-Za-z0-9_]+)*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off"}
_HEAD = """\
# A draft by `legdx map`. Every entry with `unsure:` is a question to you: correct the entry, then take that line out.
# "?" stands for an answer that you have to decide on: present, absent, or move the code under `missing:`
# (unknown, refused, not_asked, not_applicable). `legdx map SURVEY --check THIS_FILE` shows what becomes of the cells.
"""


def mapping_text(draft: Draft) -> str:
    """Return the mapping file of a draft."""
    return "\n".join((_HEAD.rstrip("\n"), *_lines(draft))) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    yield from _settings(draft)
    if draft.entries:
        yield "columns:"
        for entry in draft.entries:
            yield from _entry(entry)
    if draft.selects:
        yield "multi_select:"
        for select in draft.selects:
            yield from _select(select)
    if draft.left_out:
        yield "unused:"
        for column, reason in draft.left_out.items():
            yield f"  - {{column: {_text(column)}, reason: {_text(reason)}}}"


def _settings(draft: Draft) -> Iterator[str]:
    yield 'schema_version: "1.1"'
    yield f"name: {_text(draft.name)}"
    table = [("repeated_headers: number", draft.repeated_headers), ("html_entities: true", draft.html_entities)]
    if any(holds for _, holds in table):
        yield f"table: {{{', '.join(words for words, holds in table if holds)}}}"
    ids = [_text(name) for name in draft.id_columns]
    if ids:
        yield f"id_column: {ids[0]}" if len(ids) == 1 else f"id_column: [{', '.join(ids)}]"
    if draft.weight_column is not None:
        yield f"weight_column: {_text(draft.weight_column)}"
    if draft.strata_columns:
        yield f"strata_columns: [{', '.join(map(_text, draft.strata_columns))}]"


def _entry(entry: DraftEntry) -> Iterator[str]:
    yield f"  - variable: {entry.variable}"
    if entry.unsure is not None:
        yield f"    unsure: {_text(entry.unsure)}"
    if entry.others:
        yield "    combine: first"
        yield "    from:"
        for one in (entry, *entry.others):
            yield f"      - from: {_columns(one)}"
            if len(one.columns) > 1:
                yield "        combine: any"
            yield from _reading(one, "        ")
        return
    yield f"    from: {_columns(entry)}"
    if len(entry.columns) > 1:
        yield "    combine: any"
    yield from _reading(entry, "    ")


def _columns(entry: DraftEntry) -> str:
    return _text(entry.columns[0]) if len(entry.columns) == 1 else f"[{', '.join(map(_text, entry.columns))}]"


def _reading(entry: DraftEntry, indent: str) -> Iterator[str]:
    if entry.ranges:
        spans = ", ".join(
            f"{_text(cell, quoted=True)}: [{low:g}, {high:g}]" for cell, (low, high) in entry.ranges.items()
        )
        yield f"{indent}ranges: {{{spans}}}"
    elif entry.number is not None:
        yield f"{indent}number: {{unit: {_text(entry.number)}}}"
    if entry.comma:
        yield f"{indent}decimal: comma"
    if entry.cuts is not None:
        low, high = entry.cuts
        yield f'{indent}cuts: [{{at_least: {low:g}, at_most: {high:g}, value: "?"}}]'
    if entry.values:
        yield f"{indent}values: {_mapping(entry.values)}"
    if entry.missing:
        yield f"{indent}missing: {_mapping(entry.missing)}"
    if entry.note:
        yield f"{indent}note: {_text(entry.note)}"


def _select(select: DraftSelect) -> Iterator[str]:
    yield f"  - question: {_text(select.question)}"
    yield f"    unsure: {_text(select.unsure)}"
    if select.column is not None:
        yield f"    from: {_text(select.column)}"
        yield f"    separator: {_text(select.separator)}"
        yield "    options:"
    else:
        yield f"    ticked: {'nonblank' if select.ticked is None else _list(select.ticked)}"
        if select.unticked:
            yield f"    unticked: {_list(select.unticked)}"
        if select.missing:
            yield f"    missing: {_mapping(select.missing)}"
        yield "    boxes:"
    for name, target in select.targets.items():
        yield f"      {_text(name)}: {target}"


def _mapping(codes: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{_text(code, quoted=True)}: {_text(value)}' for code, value in codes.items())}}}"


def _list(texts: list[str]) -> str:
    return f"[{', '.join(_text(text, quoted=True) for text in texts)}]"


def _text(text: str, *, quoted: bool = False) -> str:
    """Return text as YAML: as it is where that is safe, else in double quotes, which YAML reads as JSON does."""
    plain = _PLAIN.fullmatch(text) is not None and text.casefold() not in _WORDS
    return text if plain and not quoted else json.dumps(text, ensure_ascii=False)
