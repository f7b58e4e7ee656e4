"""The model's own questionnaire: data filled into it says by its column names what it answers.

A column is called as its variable; a laboratory value has its unit in the name, `potassium_in_mmol_per_l`. Cells are
the model's answers (`present`, `absent`, a level, `unknown`, `refused`), or numbers. Group names before a slash, as ODK
and Kobo put them, do not count.
"""

from __future__ import annotations

import hashlib
import re

from legdx.case import MISSING
from legdx.errors import SurveyError, Where
from legdx.knowledge import FrozenMap, Knowledge
from legdx.survey.cells import cell_key, listed_codes
from legdx.survey.mapping import Entry, NumberRule, Reading, Skipped, SurveyMapping
from legdx.survey.table import SurveyTable
from legdx.survey.vocabulary import AGE, PLAUSIBLE_AGE, Askable, Holder, Vocabulary

__all__ = ["ID_FIELDS", "REPEATS", "field_of", "is_machinery", "own_mapping"]

NAME = "own_questionnaire"
ID_FIELDS = ("id", "record_id", "_uuid", "instanceID", "respondent_id", "KEY")
"""Columns that name a person, the first that is there."""

REPEATS = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
"""Columns by which REDCap tells the rows of one record apart."""
_MACHINERY = re.compile(
    r"(_.*|meta|meta/.*|formhub/.*|__version__|start|end|today|deviceid|username|simserial|subscriberid|phonenumber|"
    r"instanceID|KEY|SubmissionDate|SubmitterI[Dd]|SubmitterName|DeviceID|Edits|FormVersion|Status|ReviewState|"
    r"redcap_.*|.*_complete|.*_timestamp|note_.*)"
)
_BACKGROUND = frozenset({"age", "sex"})


def field_of(askable: Askable) -> str:
    """Return the name of the column that answers a variable; a laboratory value's has the unit in it.

    >>> field_of(Askable("potassium", unit="mmol/L", findings=(("potassium_low", None),)))
    'potassium_in_mmol_per_l'
    """
    if not askable.findings:
        return askable.name
    unit = (askable.unit or "").casefold().replace("/", "_per_").replace("µ", "u")
    return f"{askable.name}_in_{re.sub('[^a-z0-9_]+', '_', unit)}"


def is_machinery(column: str) -> bool:
    """Say whether a column is one that form tools add by themselves."""
    return _MACHINERY.fullmatch(column) is not None or _MACHINERY.fullmatch(column.rpartition("/")[2]) is not None


def own_mapping(table: SurveyTable, model: Holder) -> SurveyMapping:
    """Return the mapping of a table whose columns have the names of the model's own questionnaire.

    Raises SurveyError where no column is recognised.
    """
    vocabulary = Vocabulary.of(model.knowledge)
    fields = {field_of(askable): askable for askable in vocabulary.names.values()}
    fields |= {old: vocabulary.names[new] for old, new in vocabulary.renames.items() if new in vocabulary.names}
    found: dict[str, Askable] = {}
    taken: set[str] = set()
    for column in table.columns:
        askable = fields.get(column.rpartition("/")[2])
        if askable is None or taken & set(askable.variables):
            continue
        found[column] = askable
        taken |= set(askable.variables)
    if not taken - _BACKGROUND:
        message = (
            f"no column of {table.path.name} is recognised as a question of the model {model.knowledge.model.id!r}"
        )
        hint = f"it has {listed_codes(table.columns, 5)}: give a mapping with --mapping; `legdx map` drafts one"
        raise SurveyError(message, hint)
    columns = {askable.name: column for column, askable in found.items()}
    entries = tuple(_entry(column, askable, columns, model.knowledge) for column, askable in found.items())
    tail = {column.rpartition("/")[2]: column for column in reversed(table.columns)}
    ids = next(((tail[name],) for name in ID_FIELDS if name in tail), ())
    repeats = tuple(name for name in REPEATS if name in table.columns) if ids else ()
    others = [column for column in table.columns if column not in found and column not in ids and is_machinery(column)]
    return SurveyMapping(
        name=NAME,
        source=None,
        file="",
        digest=hashlib.sha256(f"{NAME} {model.knowledge.digest}".encode()).hexdigest(),
        entries=entries,
        questions=(),
        unused=FrozenMap((column, "added by the tool") for column in others if column not in repeats),
        id_columns=(*ids, *repeats),
    )


def _entry(column: str, askable: Askable, columns: dict[str, str], knowledge: Knowledge) -> Entry:
    rule = None
    if askable.unit is not None:
        rule = NumberRule(askable.unit, PLAUSIBLE_AGE if askable.name == AGE else askable.plausible)
    finding = knowledge.findings.get(askable.name)
    gate = None if finding is None or finding.gate is None else columns.get(finding.gate)
    factor = knowledge.factors.get(askable.name)
    skipped = [] if gate is None else [Skipped(((gate, frozenset({cell_key("absent")})),), None, "not_applicable")]
    if factor is not None and factor.only is not None and factor.only.sex is not None and "sex" in columns:
        other = "male" if factor.only.sex == "female" else "female"
        skipped.append(Skipped(((columns["sex"], frozenset({cell_key(other)})),), None, "not_applicable"))
    reading = Reading(
        column=column,
        known={cell_key(answer): answer for answer in askable.answers},
        missing={cell_key(kind): kind for kind in MISSING},
        blank="not_asked",
        cuts=(),
        number=rule,
        codes=(*askable.answers, *MISSING),
        skipped=tuple(skipped),
        states=askable.answers,
    )
    return Entry(askable, reading, Where(column=column))
