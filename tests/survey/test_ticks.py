"""Ticks say what is ticked; what is not ticked says nothing, unless somebody ticked "none of these"."""

import pytest

from legdx.errors import MappingError
from legdx.survey.outcome import Outcome
from legdx.survey.ticks import evaluate_ticks, split_options

LIST = """\
  - question: q
    from: A
    separator: ","
    options:
      {Weak legs: weakness, Shaking: tremor, None: none, Dunno: unknown,
       Fast: {variable: weakness_onset, value: sudden}, Slow: {variable: weakness_onset, value: gradual}}
"""
BOXES = """\
  - question: q
    boxes: {A: weakness, B: tremor, C: none}
    ticked: ["1"]
    unticked: ["0"]
    missing: {"9": refused}
"""


@pytest.fixture
def question_of(mapping_of):
    def make(text, more=""):
        head = "  - {variable: age, from: Age, number: {unit: years}}\nmulti_select:\n"
        return mapping_of(head + text + more).questions[0]

    return make


def said(outcome: Outcome):
    return "bad" if outcome.value is None and outcome.missing is None else outcome.value or outcome.missing


def result(question, **cells):
    return {name: said(outcome) for name, outcome in evaluate_ticks(question, cells).items()}


def weak_and_tremor(question, **cells):
    found = result(question, **cells)
    return found["weakness"], found["tremor"]


@pytest.mark.parametrize(
    ("cell", "weakness", "tremor", "onset"),
    [
        ("Weak legs", "present", "not_asked", "not_asked"),
        ("Shaking,Weak legs", "present", "present", "not_asked"),
        (" Shaking ,  Weak  legs ", "present", "present", "not_asked"),
        ("None", "absent", "absent", "not_asked"),
        ("Dunno", "unknown", "unknown", "unknown"),
        ("", "not_asked", "not_asked", "not_asked"),
        ("None,Shaking", "bad", "bad", "bad"),
        ("Weak legs,Fast", "present", "not_asked", "sudden"),
        ("Fast,Slow", "not_asked", "not_asked", "bad"),
        ("Weak legs,my knee", "bad", "bad", "bad"),
        ("weak legs", "bad", "bad", "bad"),
    ],
)
def test_a_list_says_what_is_in_it(question_of, cell, weakness, tremor, onset):
    assert result(question_of(LIST), A=cell) == {"weakness": weakness, "tremor": tremor, "weakness_onset": onset}


def test_other_options_can_be_ignored_and_letters_be_any(question_of):
    question = question_of(LIST, "    other: ignored\n    ignore_case: true\n")
    assert weak_and_tremor(question, A="WEAK LEGS,my knee, and foot") == ("present", "not_asked")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("100", ("present", "not_asked")),
        ("110", ("present", "present")),
        ("000", ("not_asked", "not_asked")),
        ("001", ("absent", "absent")),
        ("101", ("bad", "bad")),
        ("   ", ("not_asked", "not_asked")),
        ("9  ", ("refused", "refused")),
        ("91 ", ("refused", "present")),
        ("7  ", ("bad", "bad")),
    ],
)
def test_boxes_say_what_is_ticked(question_of, cells, expected):
    a, b, c = cells
    assert weak_and_tremor(question_of(BOXES), A=a, B=b, C=c) == expected


@pytest.mark.parametrize(
    ("done", "cells", "expected"),
    [
        ("2", "000", ("absent", "absent")),
        ("2", "100", ("present", "absent")),
        ("0", "000", ("not_asked", "not_asked")),
        ("", "100", ("present", "not_asked")),
    ],
)
def test_an_unticked_box_is_absent_only_where_it_was_shown(question_of, done, cells, expected):
    question = question_of(BOXES, '    unticked_is: absent\n    shown_when: {done: ["2"]}\n')
    a, b, c = cells
    assert weak_and_tremor(question, A=a, B=b, C=c, done=done) == expected


def test_a_blank_question_can_be_one_that_was_skipped(question_of):
    question = question_of(LIST, '    skipped: [{when: {gate: ["no"]}, value: absent}]\n    blank: refused\n')
    assert weak_and_tremor(question, A="", gate="no") == ("absent", "absent")
    assert weak_and_tremor(question, A="", gate="yes") == ("refused", "refused")
    assert weak_and_tremor(question, A="Shaking", gate="no") == ("not_asked", "present")


@pytest.mark.parametrize(
    ("text", "separator", "found", "left"),
    [
        ("a b c", " ", ["a", "b", "c"], []),
        ("a; b ;c", ";", ["a", "b", "c"], []),
        ("x, y, z", ",", ["x, y"], ["z"]),
        ("a|q|b|q", "|", ["a", "b"], ["q", "q"]),
        (",,a,", ",", ["a"], []),
        ("a,a", ",", ["a"], []),
    ],
)
def test_options_are_cut_out_longest_first(text, separator, found, left):
    assert split_options(text, ("a", "b", "c", "x", "x, y"), separator) == (found, left)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("    from: A\n", "", "layout_unclear"),
        ('    separator: ","\n', "", "key_missing"),
        ("Shaking: tremor", "Shaking: tremour", "unknown_variable"),
        ("Shaking: tremor", "Shaking: age", "unknown_value"),
        ("Shaking: tremor", "Shaking: weakness_onset", "value_missing"),
        ("value: sudden", "value: quick", "unknown_value"),
        ("  - question: q\n", "  - question: q\n    unticked_is: absent\n", "unticked_is_no_answer"),
        ("  - question: q\n", '  - question: q\n    ticked: ["1"]\n', "key_misplaced"),
        ("  - question: q\n", "  - question: q\n    unsure: look\n", "unsure"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(question_of, old, new, code):
    with pytest.raises(MappingError) as caught:
        question_of(LIST.replace(old, new))
    assert code in {issue.code for issue in caught.value.issues}


def test_one_cell_cannot_be_a_tick_and_none(question_of):
    with pytest.raises(MappingError) as caught:
        question_of(BOXES.replace('unticked: ["0"]', 'unticked: ["1.0"]'))
    assert {issue.code for issue in caught.value.issues} == {"code_twice"}
