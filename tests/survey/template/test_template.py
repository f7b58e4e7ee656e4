"""The model's questionnaire is valid for every form tool, and what is filled into it is scored without a mapping."""

import csv
import io
import json
import re

import pytest

from legdx.batch import score_file
from legdx.errors import LegdxError, SurveyError, UnknownNameError
from legdx.survey import map_answers, open_table, read_table
from legdx.survey.own import field_of, own_mapping
from legdx.survey.template import FORMATS, questions, write_template
from legdx.survey.vocabulary import Vocabulary
from tests.batch.fake_model import FakeModel

PEOPLE = [
    {"id": "a", "age": "67", "sex": "male", "weakness": "present", "weakness_onset": "days", "tremor": "absent"},
    {"id": "b", "age": "33", "sex": "female", "weakness": "absent", "pregnancy": "present", "tremor": "unknown"},
    {"id": "c", "age": "51", "sex": "refused", "weakness": "refused", "potassium_in_mmol_per_l": "2.9"},
]
FILLED = ["age", "sex", "weakness", "weakness_onset", "tremor", "pregnancy", "potassium_in_mmol_per_l"]
EXPECTED = {
    "age": [67, 33, 51],
    "sex": ["male", "female", "refused"],
    "weakness": ["present", "absent", "refused"],
    "weakness_onset": ["days", "not_applicable", "not_asked"],
    "tremor": ["absent", "unknown", "not_asked"],
    "pregnancy": ["not_applicable", "present", "not_asked"],
    "potassium_low": ["not_asked", "not_asked", "moderate"],
}


@pytest.fixture(scope="module")
def whole(leg):
    return questions(leg.knowledge)


def template(tmp_path, form, asked):
    path = tmp_path / {"csv": "t.csv", "redcap": "d.csv", "xlsform": "f.xlsx", "fhir": "q.json"}[form]
    write_template(asked, form, path, model="leg", version="1.2.3")
    return path


def answers(path, leg):
    table = open_table(path)
    mapping = own_mapping(table, leg)
    return mapping, map_answers(read_table(path), mapping, leg)


def table_text(columns, delimiter=",", *, quoted=False):
    """The people as an export with these columns: name in the file -> field."""
    stream = io.StringIO()
    rows = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    rows.writerow(columns)
    rows.writerows([[person.get(field, "") for field in columns.values()] for person in PEOPLE])
    return stream.getvalue()


def check(path, leg):
    mapping, mapped = answers(path, leg)
    assert [issue for issue in mapped.issues if issue.where.row] == []
    assert {name: mapped.answers[name].tolist() for name in EXPECTED} == EXPECTED
    return mapping


def test_the_whole_questionnaire_asks_every_question_once(whole, leg):
    fields = [question.field for question in whole]
    assert len(set(fields)) == len(fields)
    vocabulary = Vocabulary.of(leg.knowledge)
    asked = {variable for a in vocabulary.names.values() if field_of(a) in fields for variable in a.variables}
    assert asked == {"age", "sex", *leg.knowledge.factors, *leg.knowledge.findings}


def test_gates_come_before_what_they_open(whole):
    place = {question.field: number for number, question in enumerate(whole)}
    gated = [question for question in whole if question.shown_if is not None]
    assert len(gated) > 40
    assert all(place[question.shown_if[0]] < place[question.field] for question in gated)


def test_the_best_questions_are_those_of_the_order_with_their_gates(leg):
    asked = questions(leg.knowledge, ["weakness_onset", "fever", "tremor"], 2)
    assert [question.field for question in asked] == ["age", "sex", "weakness", "weakness_onset", "fever"]
    assert len(questions(leg.knowledge, most=5)) >= 7


def test_an_order_with_an_unknown_question_and_no_question_are_refused(leg):
    with pytest.raises(UnknownNameError, match="tremour"):
        questions(leg.knowledge, ["tremour"])
    with pytest.raises(LegdxError, match="at least one question"):
        questions(leg.knowledge, most=0)


def test_a_csv_header_that_is_filled_in_needs_no_mapping(tmp_path, leg, whole):
    path = template(tmp_path, "csv", whole)
    (header,) = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert header == ["id", *(question.field for question in whole)]
    path.write_text(table_text({name: name for name in header}), encoding="utf-8")
    assert check(path, leg).id_columns == ("id",)


def test_a_redcap_dictionary_has_its_18_columns_and_its_raw_export_needs_no_mapping(tmp_path, leg, whole):
    path = template(tmp_path, "redcap", whole)
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows[0]) == 18
    assert [row["Variable / Field Name"] for row in rows] == ["record_id", *(question.field for question in whole)]
    by_name = {row["Variable / Field Name"]: row for row in rows}
    assert by_name["weakness_onset"]["Branching Logic (Show field only if...)"] == "[weakness] = 'present'"
    assert by_name["pregnancy"]["Branching Logic (Show field only if...)"] == "[sex] = 'female'"
    assert all(name == name.lower() and len(name) <= 100 for name in by_name)
    for row in rows[1:]:
        choices = row["Choices, Calculations, OR Slider Labels"]
        assert (row["Field Type"] == "radio") == bool(choices)
    columns = {"record_id": "id", **{name: name for name in by_name if name != "record_id"}, "legdx_complete": "none"}
    export = tmp_path / "export.csv"
    export.write_text(table_text(columns), encoding="utf-8")
    mapping = check(export, leg)
    assert mapping.id_columns == ("record_id",)
    assert "legdx_complete" in mapping.unused


def test_an_xlsform_is_valid_and_its_kobo_export_needs_no_mapping(tmp_path, leg, whole):
    xls2xform = pytest.importorskip("pyxform.xls2xform")
    path = template(tmp_path, "xlsform", whole)
    result = xls2xform.convert(str(path))
    assert result.warnings == []
    assert all(f'/{question.field}"' in result.xform for question in whole)
    assert re.search(r"nodeset=\"/\w+/weakness_onset\"[^>]*relevant=\"\s*/\w+/weakness\s+= 'present'\"", result.xform)
    columns = {"start": "none", "_uuid": "id", **{f"legs/{name}": name for name in FILLED}, "_submission_time": "none"}
    export = tmp_path / "kobo.csv"
    export.write_text(table_text(columns, ";", quoted=True), encoding="utf-8")
    assert check(export, leg).id_columns == ("_uuid",)


def test_a_fhir_questionnaire_is_valid_and_its_responses_need_no_mapping(tmp_path, leg, whole):
    fhir = pytest.importorskip("fhir.resources.R4B.questionnaire")
    responses = pytest.importorskip("fhir.resources.R4B.questionnaireresponse")
    path = template(tmp_path, "fhir", whole)
    form = json.loads(path.read_text(encoding="utf-8"))
    fhir.Questionnaire.model_validate(form)
    items = {item["linkId"]: item for item in form["item"]}
    assert items["weakness_onset"]["enableWhen"][0]["question"] == "weakness"

    def answer(field, text):
        kind = {"choice": "valueCoding", "integer": "valueInteger", "decimal": "valueDecimal"}[items[field]["type"]]
        return {kind: {"code": text} if kind == "valueCoding" else json.loads(text)}

    filled = [
        {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": form["url"],
            "status": "completed",
            "subject": {"reference": f"Patient/{person['id']}"},
            "item": [
                {"linkId": field, "answer": [answer(field, text)]} for field, text in person.items() if field != "id"
            ],
        }
        for person in PEOPLE
    ]
    for response in filled:
        responses.QuestionnaireResponse.model_validate(response)
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in filled]}
    for name, text in (
        ("bundle.json", json.dumps(bundle, indent=1)),
        ("lines.ndjson", "\n".join(map(json.dumps, filled))),
    ):
        export = tmp_path / name
        export.write_text(text, encoding="utf-8")
        assert check(export, leg).id_columns == ("id",)
        assert read_table(export)["id"].tolist() == ["Patient/a", "Patient/b", "Patient/c"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_written_for_the_first_questions_too(tmp_path, leg, form):
    assert template(tmp_path, form, questions(leg.knowledge, most=3)).stat().st_size > 20


def test_labels_in_place_of_codes_are_refused(tmp_path, leg):
    path = tmp_path / "labels.csv"
    path.write_text("id,age,sex,tremor,weakness\na,40,Male,Yes,No\nb,50,Female,No,No\n", encoding="utf-8")
    with pytest.raises(SurveyError, match="other ones, such as"):
        score_file(path, None, FakeModel(leg.knowledge), tmp_path / "o.csv")
    assert not (tmp_path / "o.csv").exists()


def test_a_laboratory_value_without_its_unit_in_the_name_is_not_taken(tmp_path, leg):
    path = tmp_path / "lab.csv"
    path.write_text("id,tremor,potassium\na,absent,2.9\n", encoding="utf-8")
    assert own_mapping(open_table(path), leg).variables == ("tremor",)
