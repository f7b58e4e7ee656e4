"""Causes, factors, syndromes, findings, red flags and the model say all that they must, and their parts fit."""

import pytest

from tests.knowledge.tiny_model import JUDGED, Change, assert_found, issues_of

LOW, DRY, PD = "causes/low_potassium.yaml", "causes/dehydration.yaml", "causes/parkinsons_disease.yaml"
COMPLAINTS, EXAMINATION = "findings/complaints.yaml", "findings/examination.yaml"
FACTORS = "factors.yaml"
NEW_FIGURE = f"value: 0.1, low: 0.1, high: 0.2, {JUDGED}"


def with_risk(states, measure="odds_ratio, value: 0.1, low: 0.1, high: 0.2, interval: judged"):
    """The change that makes pregnancy depend on smoking."""
    here = "  only: {sex: female, age: [18, 54]}\n"
    judged = "source: editorial_judgement, grade: D, opened: true, note: made up for the tests"
    return here, f"  risks: [{{from: smoking, {states}measure: {measure}, {judged}}}]\n{here}"


CHANGES = {
    "an incidence without duration": Change(
        "duration_missing", LOW, "    duration: {value: 60", "    # {value: 60", at="quantity: incidence"
    ),
    "a prevalence with duration": Change(
        "duration_unused", DRY, "quantity: prevalence,", f"quantity: prevalence, duration: {{{NEW_FIGURE}}},"
    ),
    "a serious cause that is never urgent": Change(
        "urgent_above_missing", LOW, ", urgent_above: 0.1}", "}", at="seriousness:"
    ),
    "a moderate cause that is urgent": Change(
        "urgent_above_unused", DRY, "{level: moderate}", "{level: moderate, urgent_above: 0.5}"
    ),
    "a path through a syndrome that is not raised": Change(
        "via_not_raised", LOW, "{finding: brisk_reflexes, ", "{finding: brisk_reflexes, via: parkinsonism, "
    ),
    "a state that the factor has not": Change("unknown_state", LOW, "state: current", "state: heavy"),
    "a state that must be named": Change("unknown_state", LOW, "state: current, ", "", at="from: smoking"),
    "a reference that the factor has not": Change(
        "unknown_state", LOW, "state: current", "state: current, compared_with: absent"
    ),
    "a comparison with itself": Change("state_same", LOW, "state: current", "state: current, compared_with: current"),
    "a cause in an unknown state": Change(
        "unknown_state", LOW, "from: dehydration,", "from: dehydration, state: mild,"
    ),
    "a factor with a state that the other has not": Change("unknown_state", FACTORS, *with_risk("state: heavy, ")),
    "a factor with a state that must be named": Change("unknown_state", FACTORS, *with_risk("")),
    "a factor with a ratio of a state to itself": Change(
        "state_same", FACTORS, *with_risk("state: never, compared_with: never, ")
    ),
    "a factor with an impossible pair": Change(
        "definition_of_factor",
        FACTORS,
        *with_risk("state: current, ", "probability, value: 0, low: 0, high: 0, interval: definition"),
    ),
    "a factor with a ratio of new cases": Change(
        "unknown_word",
        FACTORS,
        *with_risk("state: current, ", "hazard_ratio, value: 2, low: 1, high: 3, interval: judged"),
    ),
    "a factor with a probability of nobody": Change(
        "probability_extreme",
        FACTORS,
        *with_risk("state: current, ", "probability, value: 0, low: 0, high: 0.1, interval: judged"),
    ),
    "a prevalence of an unknown state": Change(
        "unknown_state", "factors.yaml", "- {value: 0.03", f"- {{state: pregnant, {NEW_FIGURE}}}\n    - {{value: 0.03"
    ),
    "a state without prevalence": Change(
        "prevalence_missing", "factors.yaml", "- {state: former", "- {state: never", at="prevalence:"
    ),
    "a cause with a prevalence for comparison only": Change(
        "prevalence_missing", PD, "quantity: prevalence,", "quantity: prevalence, role: check,", at="prevalence:"
    ),
    "an attribute without a gate": Change("gate_missing", COMPLAINTS, "  gate: weakness\n", "", at="role: attribute"),
    "a gate of what is no attribute": Change(
        "gate_unused", EXAMINATION, "role: associated\n", "role: associated\n  gate: tremor\n", at="gate: tremor"
    ),
    "a finding with an empty background": Change(
        "background_missing",
        EXAMINATION,
        f"  background:\n    - {{value: 0.03, low: 0.01, high: 0.05, {JUDGED}}}\n",
        "  background: []\n",
    ),
    "a finding with a background for comparison only": Change(
        "background_missing", COMPLAINTS, "{value: 0.02,", "{role: check, value: 0.02,", at="background:"
    ),
    "a syndrome with a background for comparison only": Change(
        "background_missing", "syndromes.yaml", "{value: 0.001,", "{role: check, value: 0.001,", at="background:"
    ),
    "a level of an attribute without background": Change(
        "background_missing", COMPLAINTS, "{level: sudden,", "{level: days,", at="background:"
    ),
    "a level that the finding has not": Change("unknown_level", LOW, "level: days, or_more", "level: day, or_more"),
    "a level of a finding that has none": Change(
        "unknown_level", DRY, "{finding: weakness, ", "{finding: weakness, level: mild, "
    ),
    "a graded finding without a level": Change(
        "level_missing", LOW, "level: days, or_more: true, ", "", at="finding: weakness_onset"
    ),
    "or more of a finding without levels": Change(
        "level_missing", DRY, "{finding: weakness, ", "{finding: weakness, or_more: true, "
    ),
    "a background for an unknown level": Change(
        "unknown_level", EXAMINATION, "- {level: moderate, value", "- {level: modest, value"
    ),
    "a graded background without a level": Change(
        "level_missing", EXAMINATION, "{level: mild, or_more: true, value", "{value", at="value: 0.02,"
    ),
    "a cut for an unknown level": Change(
        "unknown_level", EXAMINATION, "{level: mild, below: 3.5}", "{level: mil, below: 3.5}"
    ),
    "cuts that begin with the mildest": Change("cuts_order", EXAMINATION, "below: 3.0", "below: 3.9"),
    "cuts of which two are the same": Change("cuts_order", EXAMINATION, "below: 3.0", "below: 3.5"),
    "cuts in both directions": Change("cuts_order", EXAMINATION, "below: 3.0", "above: 3.0"),
    "cuts above that rise": Change(
        "cuts_order",
        EXAMINATION,
        "[{level: moderate, below: 3.0}, {level: mild, below: 3.5}]",
        "[{level: moderate, above: 5.5}, {level: mild, above: 6.5}]",
    ),
    "a level without a cut": Change("cuts_order", EXAMINATION, "[{level: moderate, below: 3.0}, ", "["),
    "a red flag for an unknown level": Change("unknown_level", "red_flags.yaml", "at_least: sudden", "at_least: fast"),
    "a red flag for a level of a finding that has none": Change(
        "unknown_level", "red_flags.yaml", "[weakness, ", "[{finding: weakness, at_least: mild}, "
    ),
    "a red flag for any level of an attribute": Change(
        "level_missing", "red_flags.yaml", "{finding: weakness_onset, at_least: sudden}", "weakness_onset", at="all:"
    ),
    "a red flag that needs no answer": Change(
        "rule_without_answer",
        "red_flags.yaml",
        "[weakness, {finding: weakness_onset, at_least: sudden}]",
        "[{finding: weakness, unless_denied: true}]",
        at="all:",
    ),
    "age bands that begin late": Change("age_bands", "model.yaml", "[18, 50]", "[20, 50]"),
    "age bands that do not rise": Change("age_bands", "model.yaml", "[18, 50]", "[18, 50, 50]"),
    "an age band beyond all people": Change("age_bands", "model.yaml", "[18, 50]", "[18, 50, 130]"),
    "a year of age left out": Change(
        "population_gap", "model.yaml", "age: [18, 49]", "age: [18, 48]", at="population:"
    ),
    "an age band that no entry begins": Change(
        "population_gap", "model.yaml", "[18, 50]", "[18, 40, 50]", at="population:"
    ),
    "shares that are not everybody": Change(
        "population_shares", "model.yaml", "value: 0.45, low: 0.44", "value: 0.4, low: 0.3", at="population:"
    ),
}
GAPS_TOO = {"age bands that begin late", "an age band beyond all people"}
"""Changes after which the population does not fit the age bands either."""


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in GAPS_TOO])
def test_a_broken_rule_about_variables_is_found(model, name):
    assert_found(model, CHANGES[name])


@pytest.mark.parametrize("name", sorted(GAPS_TOO))
def test_wrong_age_bands_are_found_beside_the_population_that_does_not_fit_them(model, name):
    change = CHANGES[name]
    model.replace(change.file, change.old, change.new)
    assert [issue.code for issue in issues_of(model)] == ["age_bands", "population_gap"]


@pytest.mark.parametrize(
    ("file", "entry", "code"),
    [
        ("factors.yaml", "- id: rest\n", "prevalence_missing"),
        ("factors.yaml", "- id: rest\n  prevalence: []\n", "prevalence_missing"),
        ("syndromes.yaml", "- id: stiffness\n", "background_missing"),
        (EXAMINATION, "- id: stiffness\n  role: sign\n", "background_missing"),
    ],
)
def test_a_variable_without_any_figure_is_found_where_it_begins(model, file, entry, code):
    line = model.append(file, entry)
    found = [issue for issue in issues_of(model) if issue.code != "text_missing"]
    assert [issue.code for issue in found] == [code]
    assert found[0].where.line in {line, line + 1}


def test_a_cause_without_any_prevalence_is_found(model):
    text = model.read(DRY)
    start, end = text.index("prevalence:\n"), text.index("findings:\n")
    model.write(DRY, text[:start] + text[end:])
    assert [(issue.code, issue.where.line) for issue in issues_of(model)] == [("prevalence_missing", 1)]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (LOW, "state: current", "state: current, compared_with: former"),
        (LOW, "from: dehydration,", "from: dehydration, state: absent, compared_with: present,"),
        (FACTORS, *with_risk("state: current, ")),
        (FACTORS, *with_risk("state: never, ", "probability, value: 0.1, low: 0.1, high: 0.2, interval: judged")),
        (EXAMINATION, "below: 3.0}, {level: mild, below: 3.5}", "above: 6.5}, {level: mild, above: 5.5}"),
        ("red_flags.yaml", "[weakness, ", "[{finding: weakness}, potassium_low, "),
        ("model.yaml", "urgency: {self_care_below: 0.02}\n", ""),
        (DRY, "{level: moderate}", "{level: critical, urgent_above: 0.2}"),
    ],
)
def test_other_ways_to_write_a_right_model_are_right(model, file, old, new):
    model.replace(file, old, new)
    assert issues_of(model) == []


def test_a_binary_test_is_measured_with_the_level_present(model):
    model.append(
        EXAMINATION,
        "- id: potassium_lack\n  role: test\n  cost: {kind: blood_test}\n"
        "  measured: {analyte: potassium, unit: mmol/L, cuts: [{level: present, below: 3.5}]}\n"
        f"  background: [{{{NEW_FIGURE}}}]\n",
    )
    assert [issue.code for issue in issues_of(model)] == ["text_missing"]


@pytest.mark.parametrize(
    ("name", "note", "hint"),
    [
        ("a cause with a prevalence for comparison only", "parkinsons_disease has no prevalence figure", "incidence"),
        ("a state without prevalence", "smoking has no prevalence figure for former", "every state but the first"),
        ("a finding with an empty background", "brisk_reflexes has no background figure", "no modelled cause"),
        ("a syndrome with a background for comparison only", "parkinsonism has no background figure", "no modelled"),
        ("a level of an attribute without background", "weakness_onset has no background figure for sudden", "level"),
        ("a cut for an unknown level", "potassium_low has no level 'mil'", "did you mean 'mild'?"),
        ("a state that must be named", "smoking has no state 'present'", "known: 'current', 'former', 'never'"),
        ("a factor with an impossible pair", "makes a pair of answers impossible", "a small probability"),
        ("a graded finding without a level", "weakness_onset names no level", "`level: gradual` with `or_more: true`"),
        ("cuts that begin with the mildest", "the cuts of potassium_low", "in the order moderate, mild"),
        ("shares that are not everybody", "add up to 0.950", "together 1"),
    ],
)
def test_a_note_names_what_is_wrong_and_the_hint_what_would_be_right(model, name, note, hint):
    change = CHANGES[name]
    model.replace(change.file, change.old, change.new)
    issue = issues_of(model)[0]
    assert note in issue.note
    assert hint in issue.hint
