"""Sentences say numbers as people read them, with the answer, the cause and the source of every figure."""

from __future__ import annotations

import dataclasses
import math
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legdx.explanation import Cited, Narrator, Weight, share
from legdx.explanation.narrative import times
from legdx.knowledge import FrozenMap

PHRASES = {
    "phrase.answer.present": "{label}",
    "phrase.answer.absent": "no {label}",
    "phrase.answer.level": "{label}: {level}",
    "phrase.answer.unsure": "{label} (not sure)",
    "phrase.answer.age": "age {value}",
    "phrase.answer.sex": "{value} sex",
    "phrase.detail": "{answer} ({details})",
    "phrase.detail.joint": "; ",
    "phrase.row.for": "{answer}: {strength} for {cause} (x {factor}, {decibans}).",
    "phrase.row.against": "{answer}: {strength} against {cause} (/ {factor}, {decibans}).",
    "phrase.row.neutral": "{answer}: nothing ({decibans}).",
    "phrase.strength.strong": "strongly",
    "phrase.strength.negligible": "hardly",
    "phrase.share_of_cause": "{subject}: {share} in {cause} ({reference}), {other_share} else ({other_reference}).",
    "phrase.share_of_cause_with": "{subject}: {share} in {cause} with {gate} ({reference}), {other_share} else.",
    "phrase.about.odds_ratio": "With {subject} odds of {cause} x {value} ({low} to {high}; {reference}).",
    "phrase.about.given": "Of {subject}, {share} get {cause} ({reference}).",
    "phrase.about.prevalence": "{share} have {cause} ({reference}).",
    "phrase.about.incidence": "{share} a year get {cause} ({reference}).",
    "phrase.by_way_of_others": "Its own figures point the other way.",
    "phrase.or_more": "{subject} or faster",
    "phrase.indirect": "No figure ties it to {cause}.",
    "phrase.other": "{finding} from elsewhere",
    "phrase.judgement": "judged",
    "phrase.cited": "{reference}, {grade}",
}


@pytest.fixture(scope="module")
def narrator(tiny):
    english = FrozenMap({**tiny.knowledge.text["en"], **PHRASES})
    other = FrozenMap({"finding.tremor.label": "Zittern", "phrase.answer.absent": "kein {label}"})
    return Narrator(dataclasses.replace(tiny.knowledge, text=FrozenMap({"en": english, "de": other})))


def cited(about, value, variable="tremor", level=None, **parts):
    return Cited(
        figure="f",
        variable=variable,
        level=level,
        about=about,
        value=value,
        low=parts.get("low", value),
        high=parts.get("high", value),
        source=parts.get("source", "cohort_2020"),
        reference=parts.get("reference", "Doe J 2020"),
        grade="A",
        printed=None,
        locator=None,
    )


# ---------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "0 %"),
        (1e-320, "less than 1 in 1,000,000,000"),
        (1e-12, "less than 1 in 1,000,000,000"),
        (1e-9, "1 in 1,000,000,000"),
        (9.6e-6, "1 in 100,000"),
        (0.00002, "1 in 50,000"),
        (0.00095, "1 in 1,100"),
        (0.0009999, "1 in 1,000"),
        (0.001, "0.1 %"),
        (0.0042, "0.4 %"),
        (0.00999, "1.0 %"),
        (0.01, "1 %"),
        (0.634, "63 %"),
        (0.5, "50 %"),
        (0.9949, "99 %"),
        (0.995, "over 99 %"),
        (0.9999999, "over 99 %"),
        (1.0, "100 %"),
    ],
)
def test_a_probability_is_said_in_per_cent_or_as_one_in_so_many(probability, words):
    assert share(probability) == words


@given(st.floats(1e-9, 0.995, exclude_max=True))
def test_what_is_said_is_the_probability_to_its_last_digit(probability):
    words = share(probability)
    if words.startswith("1 in "):
        said = 1.0 / float(words.removeprefix("1 in ").replace(",", ""))
        assert said == pytest.approx(probability, rel=0.051)  # two digits: at worst 1.05 is said as 1.0 or 1.1
    else:
        last = 0.1 if "." in words else 1.0
        assert float(words.removesuffix(" %")) == pytest.approx(100.0 * probability, abs=last / 2 + 1e-9)


@given(st.floats(0.0, 1.0))
def test_only_what_is_certain_is_said_to_be(probability):
    assert (share(probability) == "0 %") == (probability == 0.0)
    assert (share(probability) == "100 %") == (probability == 1.0)


# ---------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("name", "state", "given", "words"),
    [
        ("tremor", "present", "present", "shaking"),
        ("tremor", "absent", "absent", "no shaking"),
        ("tremor", None, {"likelihood": {}}, "shaking (not sure)"),
        ("weakness_onset", "days", "days", "how the weakness began: over days"),
        ("weakness_onset", "none", "none", "no how the weakness began"),
        ("potassium_low", "moderate", {"value": 2.9, "unit": "mmol/L"}, "low potassium in blood: low"),
        ("smoking", "current", "current", "smoking: smokes"),
        ("age", "age_50_plus", 67, "age 67"),
        ("age", None, {"likelihood": {}}, "age (not sure)"),
        ("sex", "female", "female", "female sex"),
        ("sex", None, {"likelihood": {}}, "sex (not sure)"),
        ("dehydration", "absent", False, "no dehydration"),
    ],
)
def test_an_answer_is_said_with_the_readers_names(narrator, name, state, given, words):
    assert narrator.answer(name, state, given) == words


def test_a_complaint_is_said_with_its_attributes(narrator):
    assert narrator.answers(["weak legs"]) == "weak legs"
    assert narrator.answers(["weak legs", "over days", "severe"]) == "weak legs (over days; severe)"


def test_an_attribute_does_not_say_its_complaints_first_word_again(narrator):
    spoken = ["shaking or trembling", "shaking of the hands", "a shaking voice", "shaking at rest"]
    assert narrator.answers(spoken) == "shaking or trembling (of the hands; a shaking voice; at rest)"


def test_the_part_of_a_complaint_from_elsewhere_has_a_name(narrator):
    assert narrator.label("other_weakness") == "weak legs from elsewhere"
    assert narrator.label("something_else") == "something else"


def test_a_language_is_used_where_it_has_a_text_and_english_where_not(narrator):
    german = Narrator(narrator.knowledge, "de")
    assert german.answer("tremor", "absent", "absent") == "kein Zittern"
    assert german.answer("weakness", "present", "present") == "weak legs"
    assert Narrator(narrator.knowledge, "tlh").answer("tremor", "absent", None) == "no shaking"


def test_without_a_phrase_the_parts_are_said_alone(tiny):
    assert Narrator(tiny.knowledge).answer("tremor", "absent", "absent") == "shaking"


# ---------------------------------------------------------------------------------------- sentences

STRONG = Weight(("tremor",), 12.34)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ((), "No figure ties it to low potassium."),
        (
            (cited("in_cause", 0.7), cited("background", 0.02, source="editorial_judgement")),
            "Shaking: 70 % in low potassium (Doe J 2020, A), 2 % else (judged).",
        ),
        (
            (
                cited("in_cause", 0.4, "weakness_onset", "days_or_more", reference="Roe R"),
                cited("background", 0.2, "weakness_onset", "days_or_more"),
            ),
            "How the weakness began: over days or faster: 40 % in low potassium with weak legs (Roe R, A), 20 % else.",
        ),
        (
            (
                cited("in_cause", 0.4, "weakness_onset", "sudden_or_more"),
                cited("background", 0.05, "weakness_onset", "sudden_or_more"),
            ),
            "How the weakness began: at once: 40 % in low potassium with weak legs (Doe J 2020, A), 5 % else.",
        ),
        (
            (cited("odds_ratio", 3.0, low=2.0, high=4.5),),
            "With shaking odds of low potassium x 3 (2 to 4.5; Doe J 2020, A).",
        ),
        ((cited("given", 0.1),), "Of shaking, 10 % get low potassium (Doe J 2020, A)."),
        ((cited("prevalence", 0.05),), "5 % have low potassium (Doe J 2020, A)."),
        ((cited("incidence", 0.0000141),), "1 in 71,000 a year get low potassium (Doe J 2020, A)."),
    ],
)
def test_the_sentence_of_a_row_gives_the_weight_and_every_figure_with_its_source(narrator, figures, expected):
    sentence = narrator.row("low_potassium", "shaking", STRONG, figures, absent=False)
    assert sentence == f"Shaking: strongly for low potassium (x 17, +12.3). {expected}"


def test_the_sentence_of_an_answer_against_a_cause_says_so(narrator):
    weight = dataclasses.replace(STRONG, weight_decibans=-12.34)
    assert narrator.row("low_potassium", "shaking", weight, (), absent=False).startswith(
        "Shaking: strongly against low potassium (/ 17, -12.3)."
    )
    weight = dataclasses.replace(STRONG, weight_decibans=0.4)
    assert narrator.row("low_potassium", "shaking", weight, (), absent=False).startswith("Shaking: nothing (+0.4).")


def test_an_answer_that_decides_alone_says_so(tiny):
    narrator = Narrator(tiny.knowledge)
    for decibans, words in ((math.inf, "alone settles that"), (-math.inf, "alone rules")):
        weight = dataclasses.replace(STRONG, weight_decibans=decibans)
        sentence = narrator.row("low_potassium", "shaking", weight, (), absent=False)
        assert words in sentence
        assert "\N{INFINITY}" in sentence


@pytest.mark.parametrize(
    ("items", "words"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), (["a"] * 4, "a, a, a and a")],
)
def test_a_list_is_said_with_commas_and_one_and(narrator, items, words):
    assert narrator.listed(items) == words


@pytest.mark.parametrize(
    ("decibans", "words"),
    [
        (0.0, "1.0"),
        (3.0, "2.0"),
        (-3.0, "2.0"),
        (10.0, "10"),
        (20.6, "110"),
        (60.0, "1,000,000"),
        (61.0, "over 1,000,000"),
    ],
)
def test_a_weight_is_said_as_what_it_does_to_odds(decibans, words):
    assert times(decibans) == words


@pytest.mark.parametrize(
    ("decibans", "in_cause", "background", "absent", "against"),
    [
        (12.0, 0.7, 0.1, False, False),
        (-12.0, 0.7, 0.1, False, True),
        (12.0, 0.1, 0.7, False, True),
        (12.0, 0.7, 0.1, True, True),
        (-12.0, 0.7, 0.1, True, False),
        (-0.5, 0.7, 0.1, False, False),
    ],
)
def test_a_row_says_when_its_own_figures_point_the_other_way(narrator, decibans, in_cause, background, absent, against):
    figures = (cited("in_cause", in_cause), cited("background", background))
    weight = Weight(("tremor",), decibans)
    assert narrator.against_its_figures(weight, figures, absent=absent) == against
    sentence = narrator.row("low_potassium", "shaking", weight, figures, absent=absent)
    assert sentence.endswith("Its own figures point the other way.") == against
    together = Weight(("weakness", "weakness_onset"), decibans)
    assert not narrator.against_its_figures(together, figures, absent=absent)
    assert not narrator.against_its_figures(weight, figures[:1], absent=absent)


def places_of(phrase):
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}


def test_the_packaged_phrases_have_no_place_that_the_narrator_does_not_fill(leg):
    more = {
        "phrase.share_given": {"subject"},
        "phrase.row.neutral": {"cause", "strength", "factor"},
        "phrase.share_of_cause_with": {"other_reference"},
    }
    for key, ours in PHRASES.items():
        theirs = Narrator(leg.knowledge).template(key.removeprefix("phrase."))
        assert theirs, key
        assert places_of(theirs) <= places_of(ours) | more.get(key, set()), key


def test_what_an_answer_does_to_the_odds_stands_in_the_bracket_that_it_ends_with(leg):
    narrator = Narrator(leg.knowledge)
    assert narrator.item("shaking (at rest)", 20.0) == "shaking (at rest; odds times 100)"
    assert narrator.item("shaking (at rest)", -20.0) == "shaking (at rest; odds divided by 100)"
    assert narrator.item("shaking", 20.0) == "shaking (odds times 100)"


@pytest.mark.parametrize("about", ["given", "relative_risk", "odds_ratio", "hazard_ratio", "rate_ratio"])
def test_every_kind_of_risk_has_a_sentence_that_names_both_sides(leg, about):
    (told,) = Narrator(leg.knowledge).figures(
        "peripheral_neuropathy", [cited(about, 0.25, "diabetes", low=0.2, high=0.3)]
    )
    assert "diabetes" in told
    assert "peripheral neuropathy" in told
    assert "Doe J 2020" in told
    assert "25 %" in told if about == "given" else "0.25 times" in told


@pytest.mark.parametrize(
    ("variable", "said"), [("sex", "that sex and about that age"), ("age", "of people of about that age")]
)
@pytest.mark.parametrize("about", ["prevalence", "incidence"])
def test_a_rate_is_said_of_the_sex_where_it_is_cited_for_the_sex(leg, variable, said, about):
    (told,) = Narrator(leg.knowledge).figures("parkinsons_disease", [cited(about, 0.004, variable)])
    assert said in told.lower()
    assert "0.4 %" in told
