"""Cells become answers as the mapping says; no kind of missing answer ever becomes "absent"."""

from dataclasses import replace

import pandas as pd
import pytest

from legdx.case import MISSING
from legdx.errors import MappingError
from legdx.knowledge import FrozenMap
from legdx.survey import CELL_KINDS, load_mapping, map_answers

YES_NO = """\
  - variable: tremor
    from: A
    values: {"1": present, "2": absent}
    missing: {"7": refused, "9": unknown, n/a: not_applicable}
"""


def table(**columns):
    return pd.DataFrame({name: list(cells) for name, cells in columns.items()}, dtype=object)


def answers(mapping, leg, **columns):
    """The answers of the mapping's first variable."""
    mapped = map_answers(table(**columns), mapping, leg)
    return mapped.answers[mapping.variables[0]].tolist()


def bad(mapping, leg, **columns):
    issues = map_answers(table(**columns), mapping, leg).issues
    return [(issue.code, issue.where.row, issue.where.column, issue.where.value) for issue in issues]


def test_every_kind_of_missing_answer_is_kept_apart(mapping_of, leg):
    cells = ["1", "2", "7", "9", "n/a", "", "  "]
    assert answers(mapping_of(YES_NO), leg, A=cells) == [
        "present",
        "absent",
        "refused",
        "unknown",
        "not_applicable",
        "not_asked",
        "not_asked",
    ]


@pytest.mark.parametrize("kind", MISSING)
def test_blank_is_what_the_mapping_says_it_is(mapping_of, leg, kind):
    assert answers(mapping_of(YES_NO + f"    blank: {kind}"), leg, A=["", "2"]) == [kind, "absent"]


def test_a_number_is_the_same_code_however_it_is_written(mapping_of, leg):
    assert answers(mapping_of(YES_NO), leg, A=["1.0", " 2 ", "9.00"]) == ["present", "absent", "unknown"]


def test_an_unknown_cell_is_an_issue_and_no_answer(mapping_of, leg):
    mapping = mapping_of(YES_NO)
    assert answers(mapping, leg, A=["3", "2", "yes", "3"]) == [None, "absent", None, None]
    assert bad(mapping, leg, A=["3", "2", "yes", "3"]) == [
        ("unknown_code", 1, "A", "3"),
        ("unknown_code", 3, "A", "yes"),
        ("unknown_code", 4, "A", "3"),
    ]


def test_a_box_that_is_not_ticked_is_no_answer(mapping_of, leg):
    box = "  - {variable: tremor_in_legs, from: A, values: {x: present}}"
    assert answers(mapping_of(box), leg, A=["x", ""]) == ["present", "not_asked"]
    coded = '  - {variable: tremor_in_legs, from: A, values: {"1": present}, missing: {"0": not_asked}}'
    assert answers(mapping_of(coded), leg, A=["1", "0", ""]) == ["present", "not_asked", "not_asked"]


def test_a_box_counts_as_absent_only_where_the_question_was_seen(mapping_of, leg):
    box = '  - {variable: tremor_in_legs, from: A, values: {"1": present, "0": absent}, when: {done: ["2"]}}'
    found = answers(mapping_of(box), leg, A=["1", "0", "0", "0"], done=["2", "2", "0", ""])
    assert found == ["present", "absent", "not_asked", "not_asked"]


def test_codes_hold_for_their_own_column_only(mapping_of, leg):
    both = (
        YES_NO
        + """\
  - variable: sleep_disruption
    from: B
    cuts: [{at_most: 6, value: present}, {above: 6, value: absent}]
"""
    )
    mapped = map_answers(table(A=["7", "9"], B=["7", "9"]), mapping_of(both), leg)
    assert mapped.answers.to_numpy().tolist() == [["refused", "absent"], ["unknown", "absent"]]


@pytest.mark.parametrize(
    ("cell", "answer"), [("2.9", "absent"), ("3", "present"), ("4", "refused"), ("4.5", "present"), ("", "not_asked")]
)
def test_the_first_cut_that_holds_counts(mapping_of, leg, cell, answer):
    mapping = mapping_of("""\
  - variable: tremor
    from: A
    cuts:
      - {below: 3, value: absent}
      - {at_least: 4, at_most: 4, missing: refused}
      - {at_least: 3, below: 5, value: present}
""")
    assert answers(mapping, leg, A=[cell]) == [answer]


def test_a_number_outside_all_cuts_and_a_text_are_issues(mapping_of, leg):
    mapping = mapping_of("  - {variable: tremor, from: A, cuts: [{below: 3, value: absent}]}")
    found = bad(mapping, leg, A=["1", "5", "many", "1,5"])
    assert [code for code, *_ in found] == ["outside_cuts", "not_a_number", "not_a_number"]
    hints = [issue.hint for issue in map_answers(table(A=["1,5"]), mapping, leg).issues]
    assert hints == ["write a decimal point, or `decimal: comma` where the whole column has commas"]


def test_codes_may_stand_beside_cuts(mapping_of, leg):
    entry = """\
  - variable: tremor
    from: A
    values: {never: absent}
    missing: {"99": unknown}
    cuts: [{above: 0, value: present}]
"""
    assert answers(mapping_of(entry), leg, A=["never", "99", "4"]) == ["absent", "unknown", "present"]


def test_ages_are_numbers_and_implausible_ones_are_issues(mapping_of, leg):
    entry = '  - {variable: age, from: A, number: {unit: years, plausible: [0, 120]}, missing: {"999": refused}}'
    mapping = mapping_of(entry)
    assert answers(mapping, leg, A=["67", "67.5", "999", "", "130", "17"]) == [
        67,
        67.5,
        "refused",
        "not_asked",
        None,
        17,
    ]
    assert bad(mapping, leg, A=["130", "x"]) == [("implausible", 1, "A", "130"), ("not_a_number", 2, "A", "x")]


def test_a_laboratory_value_settles_all_its_findings(mapping_of, leg):
    entry = '  - {variable: potassium, from: A, number: {unit: mmol/L, plausible: [1, 10]}, missing: {"777": refused}}'
    mapping = mapping_of(entry)
    mapped = map_answers(table(A=["2.4", "2.9", "3.4", "4", "5.6", "7", "777", "", "29"]), mapping, leg)
    assert mapping.variables == ("potassium_low", "potassium_high")
    assert mapped.answers["potassium_low"].tolist() == [
        "severe",
        "moderate",
        "mild",
        "none",
        "none",
        "none",
        "refused",
        "not_asked",
        None,
    ]
    assert mapped.answers["potassium_high"].tolist()[:6] == ["none", "none", "none", "none", "mild", "severe"]


ANY = """\
  - variable: recent_infection
    from: [A, B]
    combine: any
    values: {"1": present, "2": absent}
    missing: {"7": refused, "9": unknown, "8": not_applicable}
"""


@pytest.mark.parametrize(
    ("cells", "answer"),
    [
        ("11", "present"),
        ("12", "present"),
        ("19", "present"),
        ("1 ", "present"),
        ("22", "absent"),
        ("29", "unknown"),
        ("27", "refused"),
        ("2 ", "not_asked"),
        ("28", "not_applicable"),
        ("97", "unknown"),
        ("7 ", "refused"),
        ("8 ", "not_applicable"),
        ("  ", "not_asked"),
        ("25", None),
        ("15", "present"),
    ],
)
def test_any_is_absent_only_if_all_are(mapping_of, leg, cells, answer):
    mapping = mapping_of(ANY)
    first, second = cells
    assert answers(mapping, leg, A=[first], B=[second]) == [answer]
    assert answers(mapping, leg, A=[second], B=[first]) == [answer]


def test_a_bad_cell_is_an_issue_also_where_another_column_answers(mapping_of, leg):
    assert bad(mapping_of(ANY), leg, A=["1"], B=["5"]) == [("unknown_code", 1, "B", "5")]


def test_first_takes_the_first_answer(mapping_of, leg):
    mapping = mapping_of("""\
  - variable: weakness_onset
    combine: first
    from:
      - {from: A, values: {x: days}, missing: {"9": unknown}}
      - {from: B, values: {y: weeks}, missing: {"9": refused}}
""")
    found = answers(mapping, leg, A=["x", "9", "", "9", "?"], B=["y", "y", "9", "9", "y"])
    assert found == ["days", "weeks", "refused", "unknown", "weeks"]


PRODUCT = """\
  - variable: heavy_alcohol_use
    combine: first
    from:
      - combine: product
        from:
          - {from: often, numbers: {daily: 7, weekly: 1, never: 0}, missing: {"9": unknown}}
          - {from: glasses, missing: {"99": refused}}
        cuts: [{at_most: 14, value: absent}, {above: 14, value: present}]
        when: {sex: [m]}
      - combine: product
        from: [{from: often, numbers: {daily: 7, weekly: 1, never: 0}, missing: {"9": unknown}}, glasses]
        cuts: [{at_most: 7, value: absent}, {above: 7, value: present}]
        when: {sex: [w]}
"""


@pytest.mark.parametrize(
    ("sex", "often", "glasses", "answer"),
    [
        ("m", "daily", "2", "absent"),
        ("m", "daily", "3", "present"),
        ("w", "daily", "2", "present"),
        ("w", "weekly", "7", "absent"),
        ("m", "never", "", "absent"),
        ("m", "never", "99", "absent"),
        ("m", "weekly", "99", "refused"),
        ("m", "9", "3", "unknown"),
        ("m", "daily", "", "not_asked"),
        ("", "daily", "9", "not_asked"),
        ("m", "daily", "some", None),
    ],
)
def test_a_product_is_cut_and_depends_on_conditions(mapping_of, leg, sex, often, glasses, answer):
    assert answers(mapping_of(PRODUCT), leg, sex=[sex], often=[often], glasses=[glasses]) == [answer]


def test_a_product_without_a_cut_is_an_issue(mapping_of, leg):
    entry = "  - {variable: tremor, from: [A, B], combine: product, cuts: [{below: 3, value: absent}]}"
    assert bad(mapping_of(entry), leg, A=["2"], B=["2"]) == [("outside_cuts", 1, "A x B", "4")]


def test_a_known_diagnosis_is_an_answer(mapping_of, leg):
    entry = '  - {variable: parkinsons_disease, from: A, values: {"1": present, "2": absent}}'
    assert answers(mapping_of(entry), leg, A=["1", "2", ""]) == ["present", "absent", "not_asked"]


def test_counts_are_those_of_the_cells(mapping_of, leg):
    mapped = map_answers(table(A=["1", "2", "7", "9", "n/a", "", "x"]), mapping_of(YES_NO), leg)
    assert dict(mapped.counts["tremor"]) == {
        "answered": 2,
        "unknown": 1,
        "refused": 1,
        "not_asked": 1,
        "not_applicable": 1,
        "bad": 1,
    }
    assert tuple(mapped.counts["tremor"]) == CELL_KINDS


def test_the_index_and_the_numbers_of_rows_are_those_of_the_table(mapping_of, leg):
    frame = table(A=["1", "x"])
    frame.index = pd.RangeIndex(40, 42)
    mapped = map_answers(frame, mapping_of(YES_NO), leg, first_row=41)
    assert mapped.answers.index.equals(frame.index)
    assert [issue.where.row for issue in mapped.issues] == [42]


def test_a_table_without_rows_has_no_answers(mapping_of, leg):
    mapped = map_answers(table(A=[]), mapping_of(YES_NO), leg)
    assert mapped.answers.shape == (0, 1)
    assert set(mapped.counts["tremor"].values()) == {0}


def test_a_column_that_is_named_nowhere_is_a_warning(mapping_of, leg):
    mapping = mapping_of(YES_NO, more="unused: [{column: C, reason: none}]\n")
    issues = map_answers(table(A=["1"], B=["1"], C=["1"]), mapping, leg).issues
    assert [(issue.code, issue.level, issue.where.column) for issue in issues] == [
        ("column_not_mapped", "warning", "B")
    ]


def test_columns_that_the_table_lacks_are_errors_all_at_once(mapping_of, leg):
    mapping = mapping_of(YES_NO + '    when: {Seen: ["1"]}\n', more="id_column: Nr\n")
    with pytest.raises(MappingError) as caught:
        map_answers(table(A=["1"]), mapping, leg)
    assert {issue.where.column for issue in caught.value.issues} == {"Nr", "Seen"}
    assert {issue.code for issue in caught.value.issues} == {"column_missing"}


def test_an_old_name_of_a_variable_is_understood(leg, tmp_path):
    old = replace(leg.knowledge, renames=FrozenMap({"shaking": "tremor"}))
    holder = type(leg)(old)
    path = tmp_path / "old.yaml"
    text = 'schema_version: "1.0"\nname: old\ncolumns:\n  - {variable: shaking, from: A, values: {"1": present}}\n'
    path.write_text(text, encoding="utf-8")
    assert load_mapping(path, holder).variables == ("tremor",)
