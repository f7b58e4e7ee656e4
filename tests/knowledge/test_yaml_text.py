"""YAML becomes plain data with line numbers, and nothing but plain data is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legdx.knowledge.yaml_text import read_yaml


def read(text):
    node, issues = read_yaml(text.encode(), "file.yaml")
    return node, [(issue.code, issue.where.line) for issue in issues]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("0.5", 0.5),
        (".5", 0.5),
        ("1e-5", 1e-5),
        ("2.", 2.0),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("no", "no"),
        ("on", "on"),
        ("E87.6", "E87.6"),
        ("2020-01-31", "2020-01-31"),
        ("12:30", "12:30"),
        ("0x1F", "0x1F"),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("9" * 30, float("9" * 30)),
        ('"12"', "12"),
        ("'true'", "true"),
        ("|\n  12", "12"),
    ],
)
def test_scalars_are_those_of_the_core_schema(text, value):
    node, issues = read(f"key: {text}")
    assert issues == []
    found = node.get("key").value
    assert found == value
    assert type(found) is type(value)


def test_every_value_knows_its_line_and_its_place():
    node, issues = read("a: 1\nb:\n  - x: 2\n    y:\n      3\n  - z: 4\n")
    assert issues == []
    lines = {inner.path: inner.line for inner in node.walk()}
    assert lines == {"": 1, "a": 1, "b": 2, "b[0]": 3, "b[0].x": 3, "b[0].y": 4, "b[1]": 6, "b[1].z": 6}


def test_keys_are_text_whatever_they_look_like():
    node, issues = read("on: 1\n2: 3\nnull: 4\n")
    assert issues == []
    assert node.plain() == {"on": 1, "2": 3, "null": 4}


def test_a_doubled_key_is_refused_where_it_stands_again():
    node, issues = read("a: 1\nb: 2\na: 3\n")
    assert issues == [("duplicate_key", 3)]
    assert node.plain() == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: !!python/object/apply:os.system [ls]\n", [("yaml_tag", 1)]),
        ("a: 1\nb: !custom 2\n", [("yaml_tag", 2)]),
        ("a: !!binary aGk=\n", [("yaml_tag", 1)]),
        ("a: !!set {b}\n", [("yaml_tag", 1)]),
        ("a: &x [1]\nb: *x\n", [("yaml_alias", 2)]),
        ("&x [*x]\n", [("yaml_alias", 1)]),
        ("a: 1\n---\nb: 2\n", [("yaml_documents", 2)]),
        ("a: !!str 5\n", [("yaml_tag", 1)]),
        ("a: {b: 1}\nc:\n  <<: {d: 1}\n", [("yaml_key", 3)]),
        ("? [a, b]\n: 1\n", [("yaml_key", 1)]),
        ("[" * 40 + "]" * 40, [("yaml_depth", 1)]),
    ],
)
def test_what_is_not_plain_data_is_refused(text, expected):
    assert read(text)[1] == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\n b: 2\n", 2),
        ("a: [1, 2\n", 2),
        ("a: 1\nb: @x\n", 2),
        ("a: 5 % of: these\n", 1),
    ],
)
def test_a_text_that_is_no_yaml_is_one_issue_with_its_line(text, line):
    node, issues = read(text)
    assert node is None
    assert issues == [("yaml_syntax", line)]


def test_nesting_without_end_is_an_issue_and_no_crash():
    node, issues = read("[" * 100_000)
    assert node is None
    assert issues == [("yaml_depth", 1)]


def test_bytes_that_are_not_utf8_are_an_issue_with_their_line():
    node, issues = read_yaml(b"a: 1\nb: caf\xe9\n", "file.yaml")
    assert node is None
    assert [(issue.code, issue.where.line) for issue in issues] == [("not_utf8", 2)]


def test_a_byte_order_mark_and_windows_line_ends_change_nothing():
    plain, _ = read_yaml(b"a: 1\nb: x\n", "file.yaml")
    other, issues = read_yaml(b"\xef\xbb\xbfa: 1\r\nb: x\r\n", "file.yaml")
    assert issues == []
    assert other == plain


def test_an_empty_file_is_nothing():
    node, issues = read("# only a comment\n")
    assert issues == []
    assert node.value is None


def test_reading_what_is_not_there_gives_nothing():
    node, _ = read("a: 1\nb: [x, 2]\nc: true\n")
    assert node.get("z") is None
    assert node.at("z") is node
    assert node.number("c") is None
    assert node.number("b") is None
    assert node.text("a") is None
    assert node.texts("b") == ["x"]
    assert node.items("a") == []
    assert node.get("a").fields() == {}
    assert node.get("a").get("b") is None


@given(st.text(alphabet=st.sampled_from(list("ab:-[]{}&*!|>'\"#%@,? \n\t<~1.e")), max_size=60))
def test_any_text_is_read_or_refused_but_never_raises(text):
    node, issues = read(text)
    assert (node is None) <= bool(issues)
    assert all(line >= 1 for _, line in issues)


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused_but_never_raise(content):
    node, issues = read_yaml(content, "file.yaml")
    assert (node is None) <= bool(issues)
