"""A mapping file that breaks a rule is refused, with every problem, its line, and what to do."""

import json

import pytest

from legdx.errors import MappingError
from legdx.survey import load_mapping
from legdx.survey.mapping_schema import read_schema

GOOD = """\
schema_version: "1.0"
name: good
id_column: Nr
columns:
  - variable: sex
    from: Sex
    values: {"1": male, "2": female}
  - variable: age
    from: Age
    number: {unit: years}
unused:
  - {column: Other, reason: "not asked for"}
"""


def write(tmp_path, text):
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(tmp_path, leg, text):
    """The codes and lines of everything wrong with a mapping."""
    with pytest.raises(MappingError) as caught:
        load_mapping(write(tmp_path, text), leg)
    assert all(issue.hint for issue in caught.value.issues)
    assert all(issue.where.file == "mapping.yaml" for issue in caught.value.issues)
    return {(issue.code, issue.where.line) for issue in caught.value.issues}


def entry(text):
    """A mapping file with one entry, whose first line is line 4."""
    lines = [f"    {line}" for line in text.strip().splitlines()]
    return 'schema_version: "1.0"\nname: one\ncolumns:\n  -\n' + "\n".join(lines) + "\n"


def test_a_good_mapping_says_what_it_uses(tmp_path, leg):
    mapping = load_mapping(write(tmp_path, GOOD), leg)
    assert mapping.variables == ("sex", "age")
    assert mapping.columns == ("Nr", "Sex", "Age")
    assert dict(mapping.unused) == {"Other": "not asked for"}


def test_the_digest_is_that_of_the_text_whatever_its_line_ends(tmp_path, leg):
    one = load_mapping(write(tmp_path, GOOD), leg).digest
    path = tmp_path / "mapping.yaml"
    path.write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert load_mapping(path, leg).digest == one
    assert load_mapping(write(tmp_path, GOOD.replace("good", "new")), leg).digest != one


def test_a_missing_file_is_refused(tmp_path, leg):
    with pytest.raises(MappingError, match="cannot be read"):
        load_mapping(tmp_path / "nothing.yaml", leg)


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        (("name: good", "name: good\ncolour: red"), "unknown_key", 3),
        (("name: good\n", ""), "key_missing", 1),
        (('"1.0"', '"7.0"'), "schema_version", 1),
        (('"1.0"', "1.0"), "schema_version", 1),
        (("    from: Sex\n", ""), "key_missing", 5),
        (("from: Sex", "from: Sex\n    frm: Sex"), "unknown_key", 7),
        (("from: Sex", "from: 5"), "wrong_type", 6),
        (("columns:\n", "columns: []\nunused2:\n"), "wrong_value", 4),
        (("name: good", "name: good: better"), "yaml_syntax", 2),
        (("name: good", "name: good\nname: better"), "duplicate_key", 3),
        (("variable: sex", "variable: sexx"), "unknown_variable", 5),
        (("variable: age", "variable: electrolyte_imbalance"), "variable_closed", 8),
        (("variable: age", "variable: parkinsonism"), "variable_closed", 8),
        (('"1": male', '"1": man'), "unknown_value", 7),
        (('"1": male', '"1": unknown'), "missing_as_value", 7),
        (('"1": male', '"2.0": male'), "code_twice", 7),
        (('"1": male', '" ": male'), "blank_code", 7),
        (("unit: years", "unit: months"), "wrong_unit", 10),
        (("unit: years", "unit: years, plausible: [9, 1]"), "plausible_order", 10),
        (("number: {unit: years}", 'values: {"1": present}'), "reading_missing", 8),
        (("column: Other", "column: Sex"), "used_and_unused", 12),
        (("column: Other", "column: Nr"), "used_and_unused", 12),
        (("unused:\n", "unused:\n  - {column: Other, reason: twice}\n"), "unused_twice", 13),
        ((', reason: "not asked for"', ""), "key_missing", 12),
    ],
)
def test_each_rule_names_its_line(tmp_path, leg, change, code, line):
    assert change[0] in GOOD
    found = problems(tmp_path, leg, GOOD.replace(*change))
    assert (code, line) in found


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("variable: tremor\nfrom: A", "reading_missing", 5),
        ("variable: tremor\nfrom: A\nnumber: {unit: years}\nvalues: {x: present}", "key_misplaced", 7),
        ("variable: tremor\nfrom: [A, B]\nvalues: {x: present}", "combine_missing", 5),
        ("variable: tremor\nfrom: A\ncombine: any\nvalues: {x: present}", "combine_unused", 7),
        ("variable: weakness_onset\nfrom: [A, B]\ncombine: any\nvalues: {x: days}", "wrong_combine", 7),
        ("variable: tremor\nfrom: A\nmissing: {x: absent}\nvalues: {y: present}", "unknown_word", 7),
        ("variable: tremor\nfrom: A\nblank: absent\nvalues: {y: present}", "unknown_word", 7),
        ("variable: tremor\nfrom: A\ncuts: [{value: present}]", "cut_bound", 7),
        ("variable: tremor\nfrom: A\ncuts: [{below: 3}]", "cut_answer", 7),
        ("variable: tremor\nfrom: A\ncuts: [{below: 3, value: present, missing: unknown}]", "cut_answer", 7),
        ("variable: tremor\nfrom: A\ncuts: [{below: 3, at_most: 2, value: present}]", "cut_bound", 7),
        ("variable: tremor\nfrom: A\ncuts: [{at_least: 3, below: 3, value: present}]", "cut_bound", 7),
        ("variable: tremor\nfrom: A\ncuts: [{below: 3, value: shaky}]", "unknown_value", 7),
        ("variable: tremor\nfrom: [A, B]\ncombine: product", "reading_missing", 5),
        (
            "variable: tremor\nfrom: [A, B]\ncombine: product\ncuts: [{below: 3, value: absent}]\nblank: refused",
            "key_misplaced",
            9,
        ),
        (
            "variable: tremor\nfrom: [{from: B, values: {x: y}}]\ncombine: product\ncuts: [{above: 3, value: absent}]",
            "key_misplaced",
            6,
        ),
        ("variable: tremor\nfrom: [{from: A, values: {x: present}}]\nvalues: {y: absent}", "reading_unused", 5),
        ("variable: tremor\nfrom: [{from: A}]", "reading_missing", 6),
        ("variable: tremor\nfrom: A\nnumbers: {x: 3}\nvalues: {y: present}", "key_misplaced", 7),
        ("variable: tremor\nfrom: A\nwhen: {B: []}\nvalues: {y: present}", "wrong_value", 7),
        ("variable: age\nfrom: [A, B]\ncombine: any\nnumber: {unit: years}", "wrong_combine", 7),
        ("variable: potassium\nfrom: A\nnumber: {unit: mg/dL}", "wrong_unit", 7),
    ],
)
def test_each_rule_of_reading_names_its_line(tmp_path, leg, text, code, line):
    assert (code, line) in problems(tmp_path, leg, entry(text))


def test_a_variable_is_filled_once_also_by_its_analyte(tmp_path, leg):
    text = """\
schema_version: "1.0"
name: twice
columns:
  - variable: potassium_low
    from: A
    values: {x: mild}
  - variable: potassium
    from: B
    number: {unit: mmol/L}
"""
    assert problems(tmp_path, leg, text) == {("variable_twice", 7)}


def test_all_problems_come_at_once_in_the_order_of_lines(tmp_path, leg):
    text = (
        GOOD.replace("name: good", "nam: good")
        .replace("variable: sex", "variable: sexx")
        .replace("unit: years", "unit: y")
    )
    with pytest.raises(MappingError) as caught:
        load_mapping(write(tmp_path, text), leg)
    codes = [issue.code for issue in caught.value.issues]
    assert set(codes) == {"unknown_key", "key_missing", "unknown_variable", "wrong_unit"}
    lines = [issue.where.line for issue in caught.value.issues]
    assert lines == sorted(lines)
    assert "did you mean 'sex'?" in str(caught.value)


def test_the_published_schema_is_closed_everywhere():
    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for key, inner in node.items():
                yield from () if key == "if" else objects(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from objects(inner)

    schema = read_schema()
    assert json.dumps(schema)
    assert all("additionalProperties" in node for node in objects(schema))
