"""The questionnaire as a file: CSV header, REDCap dictionary, XLSForm, FHIR R4 Questionnaire."""

from __future__ import annotations

import csv
import io
import json
import typing
from collections.abc import Sequence
from pathlib import Path

from legdx.errors import LegdxError
from legdx.model import DISCLAIMER
from legdx.survey.template.questions import Question

__all__ = ["FORMATS", "Format", "write_template"]

Format = typing.Literal["csv", "redcap", "xlsform", "fhir"]
FORMATS: tuple[Format, ...] = ("csv", "redcap", "xlsform", "fhir")

_REDCAP = (
    *("Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label"),
    *("Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number"),
    *("Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)"),
    *("Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name"),
    *("Matrix Ranking?", "Field Annotation"),
)
_TITLE = "Tremor, twitching and weakness of the legs"


def write_template(questions: Sequence[Question], form: Format, path: str | Path, *, model: str, version: str) -> None:
    """Write a questionnaire to a file.

    Args:
        questions: from `questions`.
        form: `csv` (a header row), `redcap` (a data dictionary in CSV), `xlsform` (.xlsx) or `fhir` (JSON, R4).
        path: where to; a file that is there is replaced.
        model: the model's id, for the form's own name.
        version: the model's version.

    Raises LegdxError where an XLSForm is wanted and openpyxl is not installed.

    """
    path = Path(path)
    if form == "xlsform":
        _write_xlsform(questions, path, model, version)
        return
    text = (
        {"csv": _csv_header, "redcap": _redcap}[form](questions) if form != "fhir" else _fhir(questions, model, version)
    )
    path.write_text(text, encoding="utf-8", newline="")


def _csv_header(questions: Sequence[Question]) -> str:
    """One row of names; the cells below hold the codes of the answers."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerow(["id", *(question.field for question in questions)])
    return stream.getvalue()


def _redcap(questions: Sequence[Question]) -> str:
    stream = io.StringIO(newline="")
    rows = csv.DictWriter(stream, _REDCAP, restval="", lineterminator="\n")
    rows.writeheader()
    form = {"Form Name": "legdx"}
    rows.writerow({"Variable / Field Name": "record_id", "Field Type": "text", "Field Label": "Record ID", **form})
    for question in questions:
        row = {"Variable / Field Name": question.field, "Field Label": question.text, **form}
        if question.choices:
            row["Field Type"] = "radio"
            row["Choices, Calculations, OR Slider Labels"] = " | ".join(
                f"{choice.code}, {choice.words}" for choice in question.choices
            )
        else:
            row["Field Type"] = "text"
            row["Text Validation Type OR Show Slider Number"] = "integer" if question.whole else "number"
            row["Text Validation Min"] = _number(question.low)
            row["Text Validation Max"] = _number(question.high)
        if question.shown_if is not None:
            row["Branching Logic (Show field only if...)"] = f"[{question.shown_if[0]}] = '{question.shown_if[1]}'"
        rows.writerow(row)
    return stream.getvalue()


def _write_xlsform(questions: Sequence[Question], path: Path, model: str, version: str) -> None:
    try:
        from openpyxl import Workbook
    except ImportError as error:
        message = "an XLSForm is a workbook, and openpyxl is not installed"
        raise LegdxError(message, hint="pip install 'legdx[xlsform]'") from error
    book = Workbook()
    survey = book.active
    survey.title = "survey"
    survey.append(["type", "name", "label", "relevant", "constraint", "constraint_message"])
    survey.append(["note", "note_disclaimer", DISCLAIMER])
    lists: dict[tuple[tuple[str, str], ...], str] = {}
    for question in questions:
        relevant = "" if question.shown_if is None else f"${{{question.shown_if[0]}}} = '{question.shown_if[1]}'"
        if question.choices:
            own = tuple((choice.code, choice.words) for choice in question.choices)
            name = lists.setdefault(own, f"answers_{len(lists) + 1}")
            survey.append([f"select_one {name}", question.field, question.text, relevant])
        else:
            bounds = [f". >= {_number(question.low)}"] if question.low is not None else []
            bounds += [f". <= {_number(question.high)}"] if question.high is not None else []
            kind = "integer" if question.whole else "decimal"
            said = f"from {_number(question.low)} to {_number(question.high)}" if len(bounds) > 1 else ""
            survey.append([kind, question.field, question.text, relevant, " and ".join(bounds), said])
    choices = book.create_sheet("choices")
    choices.append(["list_name", "name", "label"])
    for own, name in lists.items():
        for code, words in own:
            choices.append([name, code, words])
    settings = book.create_sheet("settings")
    settings.append(["form_title", "form_id", "version"])
    settings.append([_TITLE, f"legdx_{model}", version])
    book.save(path)


def _fhir(questions: Sequence[Question], model: str, version: str) -> str:
    system = f"urn:legdx:{model}:answer"
    form = {
        "resourceType": "Questionnaire",
        "url": f"urn:legdx:{model}:questionnaire",
        "version": version,
        "name": f"Legdx{model.title().replace('_', '')}",
        "title": _TITLE,
        "status": "active",
        "subjectType": ["Patient"],
        "description": DISCLAIMER,
        "item": [_item(question, system) for question in questions],
    }
    return json.dumps(form, indent=2, ensure_ascii=False) + "\n"


def _item(question: Question, system: str) -> dict[str, typing.Any]:
    kind = "choice" if question.choices else "integer" if question.whole else "decimal"
    item: dict[str, typing.Any] = {"linkId": question.field, "text": question.text, "type": kind}
    if question.shown_if is not None:
        gate, code = question.shown_if
        coding = {"system": system, "code": code}
        item["enableWhen"] = [{"question": gate, "operator": "=", "answerCoding": coding}]
    if question.choices:
        item["answerOption"] = [
            {"valueCoding": {"system": system, "code": choice.code, "display": choice.words}}
            for choice in question.choices
        ]
        return item
    bounds = (("minValue", question.low), ("maxValue", question.high))
    value = "valueInteger" if question.whole else "valueDecimal"
    extensions = [
        {
            "url": f"http://hl7.org/fhir/StructureDefinition/{name}",
            value: int(bound) if question.whole else bound,
        }
        for name, bound in bounds
        if bound is not None
    ]
    return {"extension": extensions, **item} if extensions else item


def _number(number: float | None) -> str:
    return "" if number is None else f"{number:g}"
