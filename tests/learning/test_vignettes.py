"""The file of vignettes is sound against the model, and a broken one says where."""

import json
from pathlib import Path

import pytest

import legdx
from legdx.learning.vignettes import read_vignettes, vignette_issues

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "data" / "vignettes.jsonl"


@pytest.fixture(scope="module")
def rows():
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def test_every_case_is_readable_with_known_names_and_legal_values(leg):
    cases = read_vignettes(FILE, leg.questionnaire)
    assert len(cases) == 58
    assert len({case.id for case in cases}) == 58
    for case in cases:
        if not case.under_18:
            assert leg.case(case.answers("survey")).answers.keys() <= leg.case(case.answers()).answers.keys()


def test_every_fact_is_mapped_or_listed_with_a_reason(rows):
    for row in rows:
        for fact in row["facts"]:
            assert fact["answers"] or fact["unmapped"]


def test_an_attribute_that_is_answered_has_its_gate_present(leg, rows):
    for row in rows:
        answers = {name: value for fact in row["facts"] for name, value in fact["answers"].items()}
        for name, value in answers.items():
            finding = leg.knowledge.findings.get(name)
            if finding is not None and finding.gate is not None and value != "absent":
                assert answers.get(finding.gate) == "present", (row["id"], name)


def test_a_person_under_18_is_said_to_be_so(rows):
    young = {row["id"] for row in rows if row["under_18"]}
    assert young == {"HO078", "HO105", "HO115", "HO116"}
    assert all(row["person"].get("age", 17) < 18 for row in rows if row["under_18"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda row: row["gold"].update(primary=["parkinsons"]), "unknown_name"),
        (lambda row: row["facts"][0]["answers"].update(no_such_finding="present"), "unknown_name"),
        (lambda row: row["facts"][0]["answers"].update(tremor="perhaps"), "answered_twice"),
        (lambda row: row["facts"][0].update(answers={}), "key_missing"),
        (lambda row: row["person"].update(age=15), "under_age"),
        (lambda row: row.update(comment="none"), "wrong_value"),
    ],
)
def test_a_broken_line_is_reported_with_its_number(leg, rows, change, code):
    row = json.loads(json.dumps(rows[0]))
    assert list(vignette_issues(row, leg.questionnaire, "cases.jsonl", 7)) == []
    change(row)
    issues = list(vignette_issues(row, leg.questionnaire, "cases.jsonl", 7))
    assert code in {issue.code for issue in issues}
    assert all(issue.where.line == 7 for issue in issues)


def test_all_problems_of_a_file_come_at_once(leg, rows, tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in (rows[0], rows[0], {"id": "x"})), encoding="utf-8")
    with pytest.raises(legdx.CaseError) as caught:
        read_vignettes(path, leg.questionnaire)
    assert {issue.where.line for issue in caught.value.issues} == {2, 3}


@pytest.mark.parametrize("text", ["{", "[1]", "\ufeff\n{}"])
def test_text_that_is_no_json_object_is_a_format_error(leg, tmp_path, text):
    path = tmp_path / "cases.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(legdx.FormatError):
        read_vignettes(path, leg.questionnaire)
