"""A draft of a mapping file: every column of a survey is in it, as an entry or with the reason why it is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from legdx.errors import SurveyError
from legdx.survey.draft.columns import Column, look_at
from legdx.survey.draft.dictionaries import Described
from legdx.survey.draft.entries import DraftEntry, coded_entry, entry_for
from legdx.survey.draft.phrases import Match, Matcher
from legdx.survey.draft.selects import DraftSelect, box_questions, list_question
from legdx.survey.draft.yaml_out import mapping_text
from legdx.survey.own import REPEATS, is_machinery
from legdx.survey.table import SurveyTable
from legdx.survey.vocabulary import Holder, Vocabulary

__all__ = ["Draft", "draft_mapping"]

_ID_NAMES = re.compile(
    r"(record|respondent|response|participant|subject|person|patient|case|study|survey)?[ _]?(id|nr|no|number|code)"
    r"|seqn|_uuid|respondent|uid|uuid|respondent sequence number",
    re.IGNORECASE,
)
_WEIGHT_NAMES = re.compile(
    r"wt(mec|int|sa|ss)\w*|.*survey.?weight.*|.*sampl\w+.?weight.*|_llcpwt|weight_?final", re.IGNORECASE
)
_STRATA_NAMES = re.compile(r"sdmv(psu|stra)|strata|stratum|_ststr|_psu|psu", re.IGNORECASE)


@dataclass
class Draft:
    """A draft: what it maps, what it leaves out and why, and its text as a mapping file."""

    name: str
    entries: list[DraftEntry] = field(default_factory=list)
    selects: list[DraftSelect] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    id_columns: list[str] = field(default_factory=list)
    weight_column: str | None = None
    strata_columns: list[str] = field(default_factory=list)
    repeated_headers: bool = False
    html_entities: bool = False

    @property
    def unsure(self) -> int:
        """How many entries a person has to look at."""
        return sum(entry.unsure is not None for entry in self.entries) + len(self.selects)

    @property
    def text(self) -> str:
        """The mapping file."""
        return mapping_text(self)


def draft_mapping(table: SurveyTable, model: Holder, dictionary: Mapping[str, Described] | None = None) -> Draft:
    """Return a draft of the mapping of a survey.

    Args:
        table: the survey, from `open_table`.
        model: whose variables are looked for.
        dictionary: what the survey's data dictionary says, from `read_dictionary`.

    What is certain has the model's own name and answers, or its own question word for word, or is a plain age or sex.
    Everything else is marked `unsure`, with the question to answer; `legdx score` refuses it until the mark is gone.

    Raises SurveyError where nothing of the model is found.

    """
    vocabulary = Vocabulary.of(model.knowledge)
    matcher = Matcher(model.knowledge)
    columns = look_at(table, dictionary or {})
    draft = Draft(table.path.stem)
    draft.repeated_headers = any(issue.code == "column_renamed" and "repeated" in issue.note for issue in table.issues)
    draft.html_entities = any("&amp;" in name or "</" in name for name in table.columns)
    used = _set_aside(draft, columns)
    draft.selects = box_questions([column for column in columns if column.name not in used], matcher, vocabulary)
    used |= {name for select in draft.selects for name in select.targets}
    boxed = {column.box_of for column in columns if column.box_of is not None}
    for column in columns:
        if column.name in used:
            continue
        if column.name in boxed:
            draft.left_out[column.name] = "The list of what its boxes say, one column each."
            continue
        select = list_question(column, matcher, vocabulary)
        if select is not None:
            draft.selects.append(select)
            continue
        _single(draft, column, matcher, vocabulary)
    _coded(draft, [column for column in columns if column.name in draft.left_out], matcher, vocabulary)
    _once(draft)
    if not draft.entries and not draft.selects:
        message = f"no column of {table.path.name} is like a question of the model {model.knowledge.model.id!r}"
        raise SurveyError(message, "give its data dictionary (--dictionary) if its columns have codes for names")
    return draft


def _set_aside(draft: Draft, columns: list[Column]) -> set[str]:
    """Find the columns that are no answers: ids, weights, strata, what tools add."""
    used: set[str] = set()
    repeats = [column.name for column in columns if column.name in REPEATS]
    for column in columns:
        names = (column.name, column.name.rpartition("/")[2], column.text)
        is_id = not draft.id_columns and (column.unique or bool(repeats))
        if column.name in repeats:
            pass
        elif is_id and any(_ID_NAMES.fullmatch(name) for name in names):
            draft.id_columns = [column.name, *repeats]
        elif draft.weight_column is None and column.numbers and _WEIGHT_NAMES.fullmatch(column.name):
            draft.weight_column = column.name
        elif _STRATA_NAMES.fullmatch(column.name):
            draft.strata_columns.append(column.name)
        elif is_machinery(column.name):
            draft.left_out[column.name] = "Added by the survey tool."
        elif not column.filled:
            draft.left_out[column.name] = "Blank in the rows that were looked at."
        else:
            continue
        used.add(column.name)
    for name in repeats if not draft.id_columns else ():
        draft.left_out[name] = "Added by the survey tool."
    return used


def _single(draft: Draft, column: Column, matcher: Matcher, vocabulary: Vocabulary) -> None:
    name = column.name.rpartition("/")[2]
    own = vocabulary.get(name)
    match = Match(own.name, 100.0, own.name) if own is not None else matcher.match(column.text, name)
    entry = None if match is None else entry_for(column, match, vocabulary)
    if entry is not None:
        draft.entries.append(entry)
    elif match is not None:
        draft.left_out[column.name] = f"Like {match.name}, but its cells are no answers to it."
    else:
        nearest = matcher.nearest(column.text or name)
        draft.left_out[column.name] = f"No question of the model was found in it{f' ({nearest})' if nearest else ''}."


def _coded(draft: Draft, columns: list[Column], matcher: Matcher, vocabulary: Vocabulary) -> None:
    """Look into the codes of columns that are left over: a list of conditions may name variables."""
    grouped: dict[tuple[str, ...], list[Column]] = {}
    for column in columns:
        if len(column.codes) > 4:  # noqa: PLR2004 - a list of conditions, and no scale
            grouped.setdefault((column.text, *column.codes.values()), []).append(column)
    for group in grouped.values():
        taken: set[str] = set()
        for code, words in group[0].codes.items():
            match = matcher.match(words)
            if match is None or match.score < 90 or match.name in taken:  # noqa: PLR2004 - nearly its own words
                continue
            entry = coded_entry(group, code, match, vocabulary)
            if entry is not None:
                draft.entries.append(entry)
                taken.add(match.name)
                for column in group:
                    draft.left_out.pop(column.name, None)


def _once(draft: Draft) -> None:
    """Join the entries of one variable into one, the nearest column first."""
    joined: dict[str, list[DraftEntry]] = {}
    for entry in draft.entries:
        joined.setdefault(entry.variable, []).append(entry)
    filled = {name for select in draft.selects for name in select.variables}
    draft.entries = []
    for variable, entries in joined.items():
        if variable in filled:
            for entry in entries:
                for column in entry.columns:
                    draft.left_out[column] = f"Like {variable}, which a question with several ticks asks already."
            continue
        entries.sort(key=lambda entry: (entry.unsure is not None, -entry.score))
        draft.entries.append(_joined(entries))


def _joined(entries: list[DraftEntry]) -> DraftEntry:
    first = entries[0]
    if len(entries) > 1:
        first.others = entries[1:]
        first.unsure = f"{first.unsure or 'the first column is sure'}; which of the {len(entries)} columns ask it?"
    return first
