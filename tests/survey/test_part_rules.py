"""Certainty, skip rules, classes of age, named lists: read as they say, refused where they make no sense."""

import pandas as pd
import pytest

from legdx.errors import MappingError
from legdx.survey import map_answers

SURE = """\
  - variable: tremor
    from: A
    values: {"1": present, "2": absent}
    missing: {"9": unknown}
    certainty: {from: S, values: {very: 0.95}, scale: [[0, 0.5], [50, 0.6], [100, 1]], blank: 0.8}
"""


def answers(mapping, leg, **cells):
    frame = pd.DataFrame({name: [cell] for name, cell in cells.items()}, dtype=object)
    mapped = map_answers(frame, mapping, leg)
    return mapped.answers[mapping.variables[0]].iloc[0], [issue.code for issue in mapped.issues]


@pytest.mark.parametrize(
    ("answer", "sure", "present"),
    [("1", "very", 0.95), ("2", "very", 0.05), ("1", "0", 0.5), ("1", "25", 0.55), ("2", "75 %", 0.2), ("1", "", 0.8)],
)
def test_how_sure_a_person_is_becomes_the_likelihood(mapping_of, leg, answer, sure, present):
    found, codes = answers(mapping_of(SURE), leg, A=answer, S=sure)
    assert found["likelihood"]["present"] == pytest.approx(present, abs=1e-12)  # one line
    assert sum(found["likelihood"].values()) == pytest.approx(1.0, abs=1e-12)
    assert codes == []


def test_full_certainty_is_the_answer_itself_and_no_answer_stays_none(mapping_of, leg):
    assert answers(mapping_of(SURE), leg, A="1", S="100") == ("present", [])
    assert answers(mapping_of(SURE), leg, A="9", S="very") == ("unknown", [])
    assert answers(mapping_of(SURE), leg, A="", S="very") == ("not_asked", [])


@pytest.mark.parametrize("sure", ["somewhat", "101", "-1"])
def test_a_certainty_that_is_not_mapped_leaves_the_answer_out(mapping_of, leg, sure):
    assert answers(mapping_of(SURE), leg, A="1", S=sure) == (None, ["unknown_certainty"])


def test_certainty_of_a_graded_answer_is_spread_over_the_others(mapping_of, leg):
    mapping = mapping_of(
        "  - {variable: weakness_onset, from: A, values: {x: sudden}, certainty: {from: S, values: {s: 0.6}}}"
    )
    found, _ = answers(mapping, leg, A="x", S="s")
    assert found["likelihood"] == pytest.approx({"none": 0.1, "gradual": 0.1, "weeks": 0.1, "days": 0.1, "sudden": 0.6})


def test_soft_codes_are_likelihoods(mapping_of, leg):
    mapping = mapping_of("  - {variable: tremor, from: A, values: {maybe: {present: 3, absent: 1}, no: absent}}")
    assert answers(mapping, leg, A="maybe")[0] == {"likelihood": {"present": 3.0, "absent": 1.0}}


def test_a_blank_is_absent_only_where_the_skip_rule_says_so(mapping_of, leg):
    entry = """\
  - variable: tremor_at_rest
    from: A
    values: {"1": present}
    skipped: [{when: {Gate: ["2"]}, value: absent}, {when: {Gate: ["9"]}, missing: not_applicable}]
"""
    mapping = mapping_of(entry)
    cells = {"2": "absent", "9": "not_applicable", "1": "not_asked", "": "not_asked"}
    assert {gate: answers(mapping, leg, A="", Gate=gate)[0] for gate in cells} == cells
    assert answers(mapping, leg, A="1", Gate="2")[0] == "present"


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("18-29", "age_18_29"),
        ("30-44", {"likelihood": {"age_30_39": 1.0, "age_40_49": 0.5}}),
        ("60+", {"likelihood": {"age_60_69": 1.0, "age_70_79": 1.0, "age_80_plus": 1.0}}),
        ("15-24", 15),
    ],
)
def test_a_class_of_age_says_how_likely_each_band_is(mapping_of, leg, cell, answer):
    ranges = '{"18-29": [18, 29], "30-44": [30, 44], "60+": [60, 120], "15-24": [15, 24]}'
    found, _ = answers(mapping_of(f"  - {{variable: age, from: A, ranges: {ranges}}}"), leg, A=cell)
    if isinstance(answer, dict):
        assert set(found["likelihood"]) == set(answer["likelihood"])
        assert all(0 < weight <= 1.05 for weight in found["likelihood"].values())
    else:
        assert found == answer


def test_what_an_entry_says_itself_wins_over_its_list(mapping_of, leg):
    entry = '  - {variable: tremor, from: A, codes: yn, missing: {"2": refused}}\n'
    more = 'code_lists: {yn: {values: {"1": present, "2": absent}, missing: {"9": unknown}, blank: not_applicable}}\n'
    mapping = mapping_of(entry, more)
    found = {cell: answers(mapping, leg, A=cell)[0] for cell in ("1", "2", "9", "")}
    assert found == {"1": "present", "2": "refused", "9": "unknown", "": "not_applicable"}


@pytest.mark.parametrize(
    ("number", "cell", "answer"),
    [
        ("{unit: mmol/L, times: 0.1, plausible: [1, 10]}", "29", "moderate"),
        ("{unit: mmol/L, times: 0.1, plausible: [1, 10]}", "2.9", None),
        ("{unit: mmol/L}", "2.9", "moderate"),
        ("{unit: mmol/L}", "290", None),
    ],
)
def test_a_number_is_turned_into_the_unit_before_it_is_judged(mapping_of, leg, number, cell, answer):
    assert answers(mapping_of(f"  - {{variable: potassium, from: A, number: {number}}}"), leg, A=cell)[0] == answer


@pytest.mark.parametrize(("cell", "answer"), [("3,2", "mild"), ("3", "mild"), ("3.2", None), ("1.234,5", None)])
def test_a_decimal_comma_is_read_where_it_is_announced(mapping_of, leg, cell, answer):
    entry = "  - {variable: potassium, from: A, decimal: comma, number: {unit: mmol/L, plausible: [1, 10]}}"
    assert answers(mapping_of(entry), leg, A=cell)[0] == answer


def test_a_number_that_is_cut_can_be_implausible(mapping_of, leg):
    entry = """\
  - variable: short_sleep
    from: A
    number: {unit: hours, plausible: [0, 24]}
    cuts: [{below: 6, value: present}, {at_least: 6, value: absent}]
"""
    assert answers(mapping_of(entry), leg, A="5") == ("present", [])
    assert answers(mapping_of(entry), leg, A="99") == (None, ["implausible"])


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("{variable: tremor, from: A, codes: nothing}", "unknown_list"),
        ("{variable: weakness_onset, from: A, codes: yn}", "unknown_value"),
        ("{variable: tremor, from: A, codes: yn, skipped: [{when: {B: ['1']}}]}", "skip_answer"),
        ("{variable: tremor, from: A, codes: yn, skipped: [{when: {B: ['1']}, value: no}]}", "unknown_value"),
        ("{variable: tremor, from: A, codes: yn, certainty: {from: S}}", "reading_missing"),
        ("{variable: tremor, from: A, codes: yn, certainty: {from: S, scale: [[0, 0], [1, 2]]}}", "no_probability"),
        ("{variable: age, from: A, number: {unit: years}, certainty: {from: S, values: {a: 1}}}", "key_misplaced"),
        ("{variable: tremor, from: A, codes: yn, ranges: {a: [18, 29]}}", "key_misplaced"),
        ("{variable: age, from: A, ranges: {a: [29, 18]}}", "range_order"),
        ("{variable: tremor, from: A, values: {x: {present: 0, absent: 0}}}", "no_likelihood"),
        ("{variable: tremor, from: A, codes: yn, unsure: look at it}", "unsure"),
        ("{variable: tremor, from: A, values: {x: '?'}, unsure: look at it}", "undecided"),
    ],
)
def test_what_makes_no_sense_is_refused(mapping_of, entry, code):
    with pytest.raises(MappingError) as caught:
        mapping_of(f"  - {entry}", 'code_lists: {yn: {values: {"1": present, "2": absent}}}\n')
    assert code in {issue.code for issue in caught.value.issues}
    assert all(issue.hint for issue in caught.value.issues)
