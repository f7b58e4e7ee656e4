"""What people read has one place, belongs to something, and is not missing without a warning."""

import pytest

from legdx.knowledge import load_knowledge
from tests.knowledge.tiny_model import Change, assert_found, issues_of

DRY, ENGLISH = "causes/dehydration.yaml", "text/en.yaml"

CHANGES = {
    "a text for nothing": Change(
        "text_unused", ENGLISH, "red_flag.", "cause.low_potasium.summary: It is low.\nred_flag."
    ),
    "a text for a level that is not there": Change(
        "text_unused", ENGLISH, "red_flag.", "finding.tremor.level.mild: a little\nred_flag."
    ),
    "a cause without label": Change(
        "text_missing",
        ENGLISH,
        "cause.low_potassium.label: low potassium\n",
        "",
        at="id: low_potassium",
        found_in="causes/low_potassium.yaml",
    ),
    "a syndrome without label": Change(
        "text_missing",
        ENGLISH,
        "syndrome.parkinsonism.label: parkinsonism\n",
        "",
        at="- id: parkinsonism",
        found_in="syndromes.yaml",
    ),
    "a factor without question": Change(
        "text_missing",
        ENGLISH,
        "factor.pregnancy.question: Are you pregnant?\n",
        "",
        at="- id: pregnancy",
        found_in="factors.yaml",
    ),
    "a state without words": Change(
        "text_missing",
        ENGLISH,
        "factor.smoking.state.former: used to smoke\n",
        "",
        at="- id: smoking",
        found_in="factors.yaml",
    ),
    "a level without words": Change(
        "text_missing",
        ENGLISH,
        "finding.potassium_low.level.mild: a little low\n",
        "",
        at="- id: potassium_low",
        found_in="findings/examination.yaml",
    ),
    "a question without words": Change(
        "text_missing",
        ENGLISH,
        "finding.tremor.question: Do your legs shake?\n",
        "",
        at="- id: tremor",
        found_in="findings/complaints.yaml",
    ),
    "a red flag without words": Change(
        "text_missing",
        ENGLISH,
        "red_flag.sudden_weakness: Call an ambulance, for this may be a stroke.\n",
        "",
        at="- id: sudden_weakness",
        found_in="red_flags.yaml",
    ),
    "an advice without words": Change("text_missing", DRY, "    advice.drink_fluids:", "    #", at="{id: drink_fluids"),
    "a text in two files": Change(
        "duplicate_text", ENGLISH, "red_flag.", "cause.dehydration.label: dry\nred_flag.", at="label:", found_in=DRY
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_broken_rule_about_texts_is_found(model, name):
    assert_found(model, CHANGES[name])


def test_a_text_twice_is_an_error_and_a_text_missing_a_warning(model):
    model.replace(ENGLISH, "finding.tremor.label: shaking", "cause.dehydration.label: dry")
    found = {issue.code: issue.level for issue in issues_of(model)}
    assert found == {"duplicate_text": "error", "text_missing": "warning"}


def test_a_phrase_belongs_to_no_variable(model):
    model.append(ENGLISH, "phrase.answer.present: yes\n")
    assert issues_of(model) == []
    assert load_knowledge(model.path).text_of("phrase.answer.present") == "yes"


def test_a_missing_label_falls_back_to_the_id_with_spaces(model):
    model.replace(ENGLISH, "cause.low_potassium.label: low potassium\n", "")
    assert load_knowledge(model.path).label("low_potassium") == "low potassium"


def test_a_translation_may_be_incomplete_and_falls_back_to_english(model):
    model.write("text/de.yaml", "finding.tremor.label: Zittern\n")
    assert issues_of(model) == []
    knowledge = load_knowledge(model.path)
    assert knowledge.label("tremor", "de") == "Zittern"
    assert knowledge.label("weakness", "de") == "weak legs"
    assert knowledge.text_of("finding.tremor.question", "fr") == "Do your legs shake?"


def test_a_cause_brings_its_own_words_in_any_language(model):
    model.replace(DRY, "text:\n  en:\n", "text:\n  de:\n    label: Austrocknung\n  en:\n")
    knowledge = load_knowledge(model.path)
    assert knowledge.label("dehydration", "de") == "Austrocknung"
    assert knowledge.label("dehydration") == "dehydration"
    assert knowledge.text_of("cause.dehydration.summary") == "The body has lost water. It makes muscles weak."
    assert knowledge.text_of("advice.drink_fluids") == "Drink a glass of water every hour."
