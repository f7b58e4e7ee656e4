"""Statements say what the numbers say: which way the line goes, what is named, what is left out."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from legdx.explanation import Cited, Missing, Narrator, Path, Row, Swing, Unavailable, Weights
from legdx.explanation.statements import Findings, all_statements, line, paragraph
from legdx.explanation.weights import direction_of, strength_of


@pytest.fixture
def narrator(leg):
    return Narrator(leg.knowledge)


def row(name, decibans, given=None, probability=0.5):
    return Row(
        answers=(name,), given=given or name, weight_decibans=decibans, probability=probability,
        direction=direction_of(decibans), strength=strength_of(decibans), sentence=f"{name}.",
    )  # fmt: skip


ROWS = [row("tremor", 12.0), row("slow_movement", 6.0), row("sex", 5.5), row("stiffness", 2.0), row("weakness", -7.0)]


def told(narrator, chances, rows):
    return line(narrator, "parkinsons_disease", chances, rows).text


def test_the_line_goes_up_down_or_stays_and_names_the_answers_that_do_it(narrator):
    up = told(narrator, (0.01, 0.02, 0.6), ROWS)
    assert up.startswith("Parkinson's disease: 60 %, up from 2 %")
    assert up.endswith("because of tremor and slow_movement.")  # the history is what the line compares with
    down = told(narrator, (0.01, 0.5, 0.1), ROWS)
    assert "down from 50 %" in down
    assert down.endswith("because of weakness.")
    same = told(narrator, (0.01, 0.02, 0.0205), ROWS)
    assert "about as likely" in same
    together = told(narrator, (0.01, 0.05, 0.77), [row("sex", 9.0), row("weakness", -6.0)])
    assert "77 %, up from 5 %" in together
    assert "no single one decides it" in together
    assert "down from 77 %" in told(narrator, (0.01, 0.77, 0.05), [row("weakness", 6.0)])


def test_where_nothing_is_telling_what_says_anything_is_named_and_no_more_than_three(narrator):
    weak = [row(name, 2.0) for name in ("tremor", "slow_movement", "stiffness", "weakness")]
    assert told(narrator, (0.01, 0.02, 0.2), weak).endswith("because of tremor, slow_movement and stiffness.")
    assert told(narrator, (0.01, 0.02, 0.2), [*weak, row("twitching", 5.0)]).endswith("because of twitching.")


def weights(prior=-20.0, background=-17.0):
    return Weights(prior, background, 0.0, ())


def kinds(statements):
    return {one.kind: one for one in statements}


def test_a_paragraph_names_both_sides_the_rest_and_what_is_hard_to_fit(narrator):
    rows = [
        *ROWS,
        row("twitching", 0.5),
        row("leg_swelling", -0.2, probability=0.01),
        row("fever", 3.0, probability=0.001),
    ]
    found = kinds(paragraph(narrator, "parkinsons_disease", weights(), (0.01, 0.02, 0.5), rows))
    assert found["start"].text == (
        "Of all adults, 1 % have it; of people with this age, sex and history, as far as given, 2 %."
    )
    assert (
        found["for"].text
        == "Most telling for it: tremor (odds times 16), slow_movement (odds times 4.0) and sex (odds times 3.5)."
    )
    assert found["against"].text == "Against it: weakness (odds divided by 5.0)."
    assert found["rest"].text == "2 further answers change little."
    assert found["surprise"].text == "Hard to fit with the other answers: leg_swelling (expected in 1 %)."
    assert [value.value for value in found["for"].values] == [12.0, 6.0, 5.5]
    alone = kinds(
        paragraph(narrator, "parkinsons_disease", weights(-20.0, -20.0), (0.01, 0.01, 0.01), [row("fever", 0.1)])
    )
    assert alone["start"].text == "Of all adults, 1 % have it."
    assert alone["rest"].text == "One further answer changes little."
    assert alone["for"].text == "Nothing that was answered speaks clearly for it."
    assert alone["against"].text == "Nothing that was answered speaks clearly against it."
    assert "surprise" not in alone
    assert "figures" not in alone


def test_answers_that_only_together_make_a_cause_likely_are_not_said_to_be_nothing(narrator):
    found = kinds(paragraph(narrator, "parkinsons_disease", weights(), (0.01, 0.05, 0.77), [row("tremor", 0.5)]))
    assert "the others still do" in found["for"].text


def test_an_answer_that_decides_is_said_to(narrator):
    found = kinds(paragraph(narrator, "parkinsons_disease", weights(), (0.01, 0.02, 1.0), [row("tremor", math.inf)]))
    assert found["for"].text == "Most telling for it: tremor (decides alone)."


def everything(narrator, **parts):
    return kinds(all_statements(narrator, ROWS, Findings(**parts)))


def test_what_a_cause_is_behind_is_said_by_the_number_of_complaints(narrator):
    one = everything(narrator, complaints=("tremor",), explains=0.8, would_go=0.7, posterior=0.9)["explains"]
    assert one.text == "It is behind the complaint (shaking or trembling) with a probability of 80 %."
    many = everything(narrator, complaints=("tremor", "weakness"), explains=0.8, would_go=1.26, posterior=0.9)[
        "explains"
    ]
    assert "at least one of the complaints" in many.text
    assert "1.3 of these 2" in many.text
    idle = everything(narrator, complaints=("tremor",), explains=0.05, posterior=0.9)["explains"]
    assert "hardly behind" in idle.text
    assert "explains" not in everything(narrator, explains=0.8)
    assert "explains" not in everything(narrator, complaints=("tremor",))


def test_paths_missing_answers_ranges_and_what_was_not_worked_out_are_said(narrator):
    found = everything(
        narrator,
        paths=(
            Path(variables=("diabetes", "peripheral_neuropathy", "numbness_or_tingling"), links=(0.12, 0.71)),
            Path(variables=("diabetes", "peripheral_neuropathy", "reduced_reflexes"), links=(0.12, 0.56)),
        ),
        missing=(Missing(variable="tremor_at_rest", kind="finding", probability=0.3, if_present_decibans=7.0,
                         if_absent_decibans=-3.0, bits=0.1),),
        interval=(0.2, 0.7), first_three=0.9, draws=200,
        tornado=(
            Swing(variable="tremor", parent="essential_tremor", low=0.5, high=0.3, swing_decibans=-3.7),
            Swing(variable="tremor", parent=None, low=0.3, high=0.35, swing_decibans=1.0),
            Swing(variable="weakness", parent=None, low=0.3, high=0.301, swing_decibans=0.1),
        ),
        unavailable=(Unavailable("split", "too_costly"), Unavailable("missing", "too_costly")),
    )  # fmt: skip
    numb, reflexes = map(narrator.label, ("numbness_or_tingling", "reduced_reflexes"))
    assert found["path"].text == (
        "Diabetes adds 12 % to the chance of peripheral neuropathy, which leads to "
        f"{numb} in 71 % and {reflexes} in 56 %."
    )
    assert [value.value for value in found["path"].values] == [0.12, 0.71, 0.56]
    chain = Path(variables=("parkinsons_disease", "parkinsonism", "slow_movement"), links=(1.0, 0.62))
    one = everything(narrator, paths=(chain,))["path"].text
    assert one == "Parkinson's disease leads to slow, stiff movement in 100 %, which leads to slow movement in 62 %."
    assert (
        found["missing"].text
        == "Not answered, and telling: shaking at rest (if yes, odds times 5.0; if no, divided by 2.0)."
    )
    assert "between 20 % and 70 %" in found["interval"].text
    assert found["first_three"].text.startswith("In 180 of 200 models")
    assert "the chance of shaking or trembling from essential tremor" in found["tornado"].text
    assert "(30 % to 50 %)" in found["tornado"].text
    assert "the rate of shaking or trembling without a modelled reason (30 % to 35 %)" in found["tornado"].text
    assert "weakness" not in found["tornado"].text
    assert "how the answers share the change and which missing answers" in found["unavailable"].text
    assert everything(narrator).keys() == {"answer"}


def test_a_number_that_moves_the_odds_of_what_is_nearly_sure_is_not_told(narrator):
    sure = Swing(variable="tremor", parent=None, low=0.99, high=0.998, swing_decibans=7.0)
    assert "tornado" not in everything(narrator, tornado=(sure,))
    rare = Swing(variable="tremor", parent=None, low=0.0003, high=0.0001, swing_decibans=-4.8)
    assert "(1 in 10,000 to 1 in 3,300)" in everything(narrator, tornado=(rare,))["tornado"].text
    still = Swing(variable="tremor", parent=None, low=0.5, high=0.55, swing_decibans=0.9)
    assert "tornado" not in everything(narrator, tornado=(still,))


def test_what_is_hard_to_fit_has_one_bracket(narrator):
    odd = row("weakness", -0.2, given="weakness (over days)", probability=0.03)
    found = kinds(paragraph(narrator, "parkinsons_disease", weights(), (0.01, 0.02, 0.5), [odd]))
    assert found["surprise"].text == "Hard to fit with the other answers: weakness (over days; expected in 3 %)."


def test_of_how_a_complaint_began_a_missing_answer_is_told_by_its_slowest_level_not_by_yes_and_no(narrator):
    question = Missing(
        variable="tremor_onset", kind="finding", probability=0.3, if_present_decibans=7.0, if_absent_decibans=-3.0,
        bits=0.1,
    )  # fmt: skip
    text = everything(narrator, missing=(question,))["missing"].text
    assert "start of the shaking (if slowly, over months" in text
    assert "odds divided by 2.0; if otherwise, times 5.0)" in text


@pytest.mark.parametrize(
    ("variable", "parent", "text"),
    [
        ("low_potassium", "dehydration", "the chance of low potassium in the blood from dehydration"),
        (
            "potassium_low",
            "low_potassium",
            "the chance of low potassium in a blood test from low potassium in the blood",
        ),
        ("tremor_at_rest", "parkinsons_disease", "how often it is shaking at rest, given Parkinson's disease"),
        ("tremor_onset", "parkinsons_disease", "how Parkinson's disease shapes the start of the shaking"),
        ("other_tremor", None, "the rate of shaking or trembling from a cause outside this model"),
    ],
)
def test_a_number_that_matters_is_said_by_what_it_stands_for(narrator, variable, parent, text):
    swing = Swing(variable=variable, parent=parent, low=0.2, high=0.5, swing_decibans=6.0)
    told = everything(narrator, tornado=(swing,))["tornado"].text
    assert told.endswith(f"{text} (20 % to 50 %).")


def test_a_change_is_counted_in_odds(narrator):
    assert "up from 50 %" in told(narrator, (0.01, 0.5, 0.6), ROWS)  # 1.8 decibans, and more than one
    assert "about as likely" in told(narrator, (0.01, 0.5, 0.55), ROWS)  # 0.9


def test_the_figures_of_a_paragraph_are_those_of_the_heaviest_answer_that_says_something(narrator):
    def cited(name, value):
        return Cited(
            figure=name, variable="diabetes", level=None, about="given", value=value, low=0.0, high=1.0, source="s",
            reference=f"{name} 2020", grade="A", printed=None, locator=None,
        )  # fmt: skip

    rows = [
        row("weakness", 9.0),
        replace(row("tremor", 0.3), cited=(cited("Neutral", 0.1),)),
        replace(row("stiffness", 4.0), cited=(cited("Heavy", 0.2),)),
        replace(row("twitching", 2.0), cited=(cited("Light", 0.3),)),
    ]
    found = kinds(paragraph(narrator, "parkinsons_disease", weights(), (0.01, 0.02, 0.5), rows))
    assert "Heavy 2020" in found["figures"].text
    assert [one.figure for one in found["figures"].cited] == ["Heavy"]


def test_a_long_path_is_told_step_by_step(narrator):
    names = ("diabetes", "kidney_disease", "low_sodium", "general_weakness", "weakness")
    path = Path(variables=names, links=(0.1, 0.2, 0.3, 0.4))
    text = everything(narrator, paths=(path,))["path"].text
    shares = [text.index(f"{percent} %") for percent in (10, 20, 30, 40)]
    assert shares == sorted(shares)
    assert text.count("which leads to") == 3
