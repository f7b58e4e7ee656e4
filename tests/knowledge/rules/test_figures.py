"""Every number lies in its interval, is possible in its unit, and has the grade that its evidence bears."""

import pytest

from tests.knowledge.tiny_model import Change, assert_found, issues_of

LOW, PD = "causes/low_potassium.yaml", "causes/parkinsons_disease.yaml"

CHANGES = {
    "a value below its interval": Change(
        "figure_order", "factors.yaml", "value: 0.03, low: 0.02", "value: 0.01, low: 0.02"
    ),
    "a value above its interval": Change(
        "figure_order", "factors.yaml", "value: 0.03, low: 0.02", "value: 0.05, low: 0.02"
    ),
    "a duration outside its interval": Change("figure_order", LOW, "value: 60, low: 28", "value: 6, low: 28"),
    "a spectrum factor outside its interval": Change("figure_order", LOW, "value: 2.0, low", "value: 9.0, low"),
    "a share outside its interval": Change("figure_order", "model.yaml", "value: 0.53, low", "value: 0.59, low"),
    "a probability above 1": Change("probability_range", "factors.yaml", "high: 0.04", "high: 1.04"),
    "a probability below 0": Change("probability_range", "syndromes.yaml", "low: 0.0005", "low: -0.0005"),
    "a share in percent": Change("probability_range", "model.yaml", "high: 0.51", "high: 51"),
    "a background in percent": Change("probability_range", "findings/complaints.yaml", "high: 0.04", "high: 4"),
    "a link in percent": Change("probability_range", LOW, "high: 0.141", "high: 14.1"),
    "a risk in percent": Change("probability_range", LOW, "low: 0.05, high: 0.2", "low: 0.05, high: 20"),
    "a ratio of 0": Change("not_positive", LOW, "low: 0.7, high: 1.2", "low: 0, high: 1.2"),
    "a negative spectrum factor": Change("not_positive", LOW, "value: 2.0, low: 1.2", "value: 2.0, low: -1.2"),
    "an incidence of 0": Change("not_positive", LOW, "low: 1.0e-5", "low: 0"),
    "a duration of 0": Change("not_positive", LOW, "low: 28", "low: 0"),
    "a 1 that is not by definition": Change(
        "probability_extreme", PD, "interval: definition", "interval: judged", at="value: 1"
    ),
    "a 0 that is not by definition": Change(
        "probability_extreme", "syndromes.yaml", "value: 0.001, low: 0.0005", "value: 0, low: 0"
    ),
    "a definition with an interval": Change(
        "definition_range", PD, "low: 1\n", "low: 0.9\n", at="interval: definition"
    ),
    "a definition of another value": Change(
        "definition_range", "factors.yaml", "high: 0.04, interval: judged", "high: 0.04, interval: definition"
    ),
    "grade A not as printed": Change("printed_missing", LOW, '    printed: "1.41 per 100,000"\n', "", at="grade: A"),
    "grade B not as printed": Change(
        "printed_missing",
        LOW,
        '    printed: "1.41 per 100,000"\n    source: cohort_2020\n    locator: Abstract\n    grade: A\n',
        "    source: cohort_2020\n    locator: Abstract\n    grade: B\n",
        at="grade: B",
    ),
    "grade A without a locator": Change("locator_missing", LOW, "    locator: Abstract\n", "", at="grade: A"),
    "grade B without a locator": Change(
        "locator_missing", LOW, "    locator: Abstract\n    grade: A\n", "    grade: B\n"
    ),
    "grade C without a locator": Change(
        "locator_missing", LOW, "    locator: Abstract\n    grade: A\n", "    grade: C\n"
    ),
    "grade D without a note": Change(
        "note_missing", PD, "    note: The case definition requires it.\n", "", at="grade: D"
    ),
    "grade A unopened": Change(
        "not_opened", LOW, "opened: true\n    duration", "opened: false\n    duration", at="opened: false"
    ),
    "a red flag without a locator": Change(
        "locator_missing", "red_flags.yaml", "  locator: Table 4\n", "", at="grade: B"
    ),
    "a red flag of grade D without a note": Change("note_missing", "red_flags.yaml", "grade: B", "grade: D"),
    "a red flag unopened": Change("not_opened", "red_flags.yaml", "opened: true", "opened: false"),
    "a judgement above grade D": Change(
        "judgement_grade",
        LOW,
        "    source: cohort_2020\n    locator: Abstract",
        "    source: editorial_judgement\n    locator: Abstract",
        at="grade: A",
    ),
    "a child": Change("age_range", "factors.yaml", "age: [18, 54]", "age: [16, 54]"),
    "an age beyond all people": Change("age_range", PD, "age: [50, 99]", "age: [50, 121]"),
    "ages the wrong way round": Change("age_range", "factors.yaml", "age: [18, 49]", "age: [49, 18]"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_broken_rule_about_figures_is_found(model, name):
    assert_found(model, CHANGES[name])


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("factors.yaml", "low: 0.02, high: 0.04", "low: 0, high: 1"),
        ("factors.yaml", "low: 0.02, high: 0.04", "low: 0.03, high: 0.03"),
        ("factors.yaml", "age: [18, 54]", "age: [18, 120]"),
        ("factors.yaml", "age: [18, 54]", "age: [54, 54]"),
        (LOW, "value: 60, low: 28, high: 180", "value: 60, low: 28, high: 5000"),
        (PD, "value: 1\n    low: 1\n    high: 1\n", "value: 0\n    low: 0\n    high: 0\n"),
    ],
)
def test_the_ends_of_what_is_allowed_are_allowed(model, file, old, new):
    model.replace(file, old, new)
    assert issues_of(model) == []
