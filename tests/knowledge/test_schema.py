"""The published schemas are valid and closed, and a breach of one is told in words, with its line."""

import pytest
from jsonschema import Draft202012Validator

from legdx.knowledge.records import Figure
from legdx.knowledge.schema import SCHEMA_VERSION, read_schemas
from tests.knowledge.tiny_model import Change, assert_found, issues_of, places

LOW, DRY = "causes/low_potassium.yaml", "causes/dehydration.yaml"


def parts(schema):
    """Iterate over a schema and all schemas in it."""
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from parts(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from parts(part)


@pytest.mark.parametrize("name", read_schemas())
def test_a_schema_is_a_schema_and_says_its_version(name):
    schema = read_schemas()[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:legdx:knowledge:{SCHEMA_VERSION}:{name}"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", read_schemas())
def test_every_mapping_is_closed(name):
    mappings = [part for part in parts(read_schemas()[name]) if part.get("type") == "object" and "properties" in part]
    assert all("additionalProperties" in part for part in mappings)
    assert all(part["additionalProperties"] is False or "propertyNames" in part for part in mappings)


def test_every_reference_leads_to_a_shared_part():
    common = read_schemas()["common"]
    known = {f"{common['$id']}#/$defs/{name}" for name in common["$defs"]}
    used = {part["$ref"] for schema in read_schemas().values() for part in parts(schema) if "$ref" in part}
    assert used == known


def test_every_kind_of_figure_has_all_keys_of_a_figure_and_needs_the_same():
    figure = read_schemas()["common"]["$defs"]["figure"]
    kinds = [
        part
        for schema in read_schemas().values()
        for part in parts(schema)
        if isinstance(part.get("properties"), dict) and "interval" in part["properties"]
    ]
    # bare, prevalence and risks (of causes, of factors), syndromes, findings (of causes, of syndromes), background,
    # checks
    assert len(kinds) == 10
    for kind in kinds:
        owed = dict(figure["properties"])
        if "no_complaint_given" in kind["properties"]:
            owed.pop("role")  # a check is never solved for
        assert owed.items() <= kind["properties"].items()
        assert set(figure["required"]) <= set(kind["required"])


def test_a_record_of_a_figure_holds_every_key_of_the_schema():
    figure = read_schemas()["common"]["$defs"]["figure"]
    assert set(figure["properties"]) <= set(Figure.__dataclass_fields__)


CHANGES = {
    "a key that is not known": Change("unknown_key", DRY, "course: acute", "course: acute\ncurse: acute", at="curse:"),
    "a key of a figure that is not known": Change(
        "unknown_key", LOW, "    low: 1.0e-5", "    low: 1.0e-5\n    loww: 1", at="loww"
    ),
    "a key of an inline text that is not known": Change(
        "unknown_key", DRY, "    summary:", "    sumary: x\n    summary:"
    ),
    "a missing key": Change("key_missing", DRY, "course: acute\n", "", at="id: dehydration"),
    "a missing interval": Change("key_missing", LOW, "    interval: ci95\n", "", at="quantity: incidence"),
    "a missing grade": Change("key_missing", LOW, "    grade: A\n", "", at="quantity: incidence"),
    "a missing measure": Change("key_missing", LOW, "measure: odds_ratio, ", "", at="from: diuretic_use"),
    "text for a number": Change("wrong_type", LOW, "value: 0.0000141", "value: 14.1e-6 per year"),
    "a quoted number": Change("wrong_type", LOW, "value: 0.0000141", 'value: "0.0000141"'),
    "an unquoted code": Change("wrong_type", LOW, 'snomedct: "43339004"', "snomedct: 43339004"),
    "nothing for a number": Change("wrong_type", LOW, "    high: 2e-5", "    high:"),
    "a number for an id": Change("wrong_type", "groups.yaml", "[low_potassium]", "[low_potassium, 5]"),
    "one age for two": Change("wrong_value", "factors.yaml", "age: [18, 54]", "age: [18]"),
    "one age for two in the population": Change("wrong_value", "model.yaml", "age: [18, 49]", "age: [18]"),
    "a seriousness without level": Change("key_missing", DRY, "{level: moderate}", "{urgent_above: 0.5}"),
    "no for false": Change("wrong_type", LOW, "or_more: true, value", "or_more: no, value"),
    "one for a list": Change("wrong_type", "factors.yaml", "only: {sex: female, age: [18, 54]}", "claims: S0-03"),
    "a grade that there is not": Change("unknown_word", LOW, "    grade: A\n", "    grade: E\n"),
    "an interval that there is not": Change("unknown_word", LOW, "interval: ci95", "interval: ci99"),
    "a measure that there is not": Change("unknown_word", LOW, "measure: odds_ratio", "measure: odds"),
    "a role that there is not": Change(
        "unknown_word", "findings/complaints.yaml", "role: attribute", "role: attributes"
    ),
    "an id with a capital": Change("wrong_form", "groups.yaml", "- id: electrolyte_imbalance", "- id: Electrolytes"),
    "a code of another form": Change("wrong_form", LOW, "icd10cm: E87.6", "icd10cm: X-1"),
    "a version of another form": Change("wrong_form", "model.yaml", "version: 0.1.0", "version: v1"),
    "a claim of another form": Change("wrong_form", LOW, "[S0-03, S3-11]", "[S0-03, S3-11, S11]", at="S11"),
    "an address of another form": Change(
        "wrong_form", "bibliography.yaml", "  doi: 10", "  url: www.example.org\n  doi: 10", at="url:"
    ),
    "a schema version of the future": Change(
        "wrong_value", "model.yaml", 'schema_version: "1.0"', 'schema_version: "2.0"'
    ),
    "a level called none": Change("wrong_value", "findings/examination.yaml", "levels: [mild,", "levels: [none, mild,"),
    "a cut without a limit": Change(
        "wrong_value", "findings/examination.yaml", "{level: mild, below: 3.5}", "{level: mild}"
    ),
    "a certain threshold": Change("wrong_value", LOW, "urgent_above: 0.1", "urgent_above: 1"),
    "an empty rule": Change(
        "wrong_value", "red_flags.yaml", "all: [weakness, {finding: weakness_onset, at_least: sudden}]", "all: []"
    ),
    "a text id that there is not": Change("key_form", "text/en.yaml", "red_flag.", "cause.tremor.title: x\nred_flag."),
    "a language that there is not": Change(
        "key_form", DRY, "text:\n  en:\n", "text:\n  English: {label: x}\n  en:\n", at="English"
    ),
}


# Some of these take away what another rule reads; the codes found beside them are listed here.
BESIDE = {
    "an id with a capital": ["text_missing", "text_unused"],
    "a level called none": ["cuts_order", "text_missing"],
    "a key of an inline text that is not known": ["text_unused"],
    "a text id that there is not": ["text_unused"],
}


@pytest.mark.parametrize("name", sorted(CHANGES.keys() - BESIDE.keys()))
def test_a_breach_of_a_schema_is_found(model, name):
    assert_found(model, CHANGES[name])


@pytest.mark.parametrize("name", BESIDE)
def test_a_breach_of_a_schema_does_not_hide_the_other_rules(model, name):
    change = CHANGES[name]
    line = model.replace(change.file, change.old, change.new)
    found = issues_of(model)
    assert (change.code, change.file, line) in places(found)
    assert {issue.code for issue in found} == {change.code, *BESIDE[name]}


def test_an_unknown_key_and_an_unknown_word_get_the_nearest_known_ones(model):
    model.replace(LOW, "measure: odds_ratio", "measure: odd_ratio")
    model.replace(DRY, "course: acute\n", "course: acute\nfinding: []\n")
    assert [issue.hint for issue in issues_of(model)] == [
        "did you mean 'findings'?",
        "did you mean 'odds_ratio' or 'hazard_ratio' or 'rate_ratio'?",
    ]


@pytest.mark.parametrize(
    ("name", "note", "hint"),
    [
        ("an unquoted code", "snomedct should be text, and is a number", "put it in quotes"),
        ("one for a list", "claims should be a list, and is text", "Ids of the claims"),
        ("no for false", "or_more should be true or false, and is text", "With a level"),
        ("nothing for a number", "high should be a number, and is empty", "Upper end"),
        ("a version of another form", "version: 'v1' is not of the right form", "as in 0.1.0"),
        ("a missing key", "the key 'course' is missing", "add `course:`"),
        ("a missing interval", "the key 'interval' is missing", "add `interval:`; say what low and high are"),
        ("a schema version of the future", "'1.0' was expected", "Version of these schemas"),
        ("an empty rule", "all: [] should be non-empty", "Positive literals"),
        ("a grade that there is not", "'E' is no grade", "known: 'A', 'B', 'C', 'D'"),
        ("a cut without a limit", "cuts[1]: this cannot stand here", "either `below` or `above`"),
    ],
)
def test_a_breach_is_told_in_words_with_what_would_be_right(model, name, note, hint):
    change = CHANGES[name]
    model.replace(change.file, change.old, change.new)
    issue = next(issue for issue in issues_of(model) if issue.code == change.code)
    assert note in issue.note
    assert hint in issue.hint


def test_every_missing_key_is_told_once(model):
    line = model.append("groups.yaml", "- {}\n")
    assert places(issues_of(model)) == [("key_missing", "groups.yaml", line)] * 2
    assert {issue.note for issue in issues_of(model)} == {"the key 'id' is missing", "the key 'members' is missing"}


@pytest.mark.parametrize("file", ["syndromes.yaml", "groups.yaml", "red_flags.yaml", "renames.yaml"])
def test_a_file_that_may_be_empty_may_be_empty(model, file):
    model.write(file, "# nothing\n")
    assert not [issue for issue in issues_of(model) if issue.where.file == file]


@pytest.mark.parametrize("file", ["model.yaml", DRY])
def test_a_file_that_must_say_something_must_not_be_empty(model, file):
    model.write(file, "")
    found = issues_of(model)
    assert ("wrong_type", file, 1) in places(found)
    assert "the file should be a mapping, and is empty" in [issue.note for issue in found]
