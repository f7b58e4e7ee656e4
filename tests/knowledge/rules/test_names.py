"""Ids are declared once, names lead to what they should, and nothing depends on itself."""

import pytest

from tests.knowledge.tiny_model import JUDGED, Change, assert_found, issues_of, places

LOW, DRY = "causes/low_potassium.yaml", "causes/dehydration.yaml"
FACTORS = "factors.yaml"
NUMBERS = "value: 0.1, low: 0.1, high: 0.2"


def with_risk(name, state="present"):
    """The change that makes pregnancy depend on something."""
    here = "  only: {sex: female, age: [18, 54]}\n"
    risk = f"{{from: {name}, state: {state}, measure: odds_ratio, {NUMBERS}, {JUDGED}}}"
    return here, f"  risks: [{risk}]\n{here}"


CHANGES = {
    "a risk from nowhere": Change("unknown_id", LOW, "from: diuretic_use", "from: diuretics"),
    "a risk from a finding": Change("wrong_kind", LOW, "from: dehydration", "from: tremor"),
    "a finding that is not there": Change("unknown_id", DRY, "finding: weakness,", "finding: weekness,"),
    "a syndrome that is not there": Change(
        "unknown_id",
        DRY,
        "advice:\n",
        f"syndromes:\n  - {{syndrome: parkinson, {NUMBERS}, {JUDGED}}}\nadvice:\n",
        at="syndrome: parkinson,",
    ),
    "a path through no syndrome": Change("unknown_id", LOW, "effect: suppresses", "via: stiffness"),
    "a gate that is not there": Change("unknown_id", "findings/complaints.yaml", "gate: weakness", "gate: weaknes"),
    "a gate that is a factor": Change("wrong_kind", "findings/complaints.yaml", "gate: weakness", "gate: smoking"),
    "a member that is not there": Change("unknown_id", "groups.yaml", "[low_potassium]", "[low_potasium]"),
    "a member that is a finding": Change("wrong_kind", "groups.yaml", "[low_potassium]", "[low_potassium, tremor]"),
    "a literal that is not there": Change("unknown_id", "red_flags.yaml", "[weakness, ", "[weaknes, "),
    "a literal that is a cause": Change("wrong_kind", "red_flags.yaml", "[weakness, ", "[dehydration, "),
    "a graded literal that is not there": Change(
        "unknown_id", "red_flags.yaml", "finding: weakness_onset", "finding: onset"
    ),
    "a suggestion that is not there": Change("unknown_id", "red_flags.yaml", "[low_potassium]", "[low_potasium]"),
    "an id twice": Change(
        "duplicate_id",
        "findings/examination.yaml",
        "- id: slow_movement\n",
        f"- id: tremor\n  role: sign\n  background: [{{{NUMBERS}, {JUDGED}}}]\n- id: slow_movement\n",
    ),
    "a red flag twice": Change(
        "duplicate_id",
        "red_flags.yaml",
        "claims: [S3-18]\n",
        "claims: [S3-18]\n- {id: sudden_weakness, level: routine, all: [tremor], source: cohort_2020, grade: B, "
        "locator: Table 4, opened: true}\n",
        at="level: routine",
    ),
    "an advice twice in one cause": Change(
        "duplicate_id",
        DRY,
        "locator: page 3}\n",
        "locator: page 3}\n  - {id: drink_fluids, kind: treatment, source: cohort_2020}\n",
        at="kind: treatment",
    ),
    "a file of another name": Change("id_not_file_name", LOW, "id: low_potassium\n", "id: potassium_lack\n"),
    "a syndrome's finding that is not there": Change(
        "unknown_id", "syndromes.yaml", "finding: tremor", "finding: tremr"
    ),
    "a check of a finding that is not there": Change("unknown_id", "checks.yaml", "finding: tremor", "finding: tremr"),
    "a check of a cause that is none": Change(
        "wrong_kind", "checks.yaml", "no_complaint_given: dehydration", "no_complaint_given: tremor"
    ),
    "a check twice": Change(
        "duplicate_id", "checks.yaml", "id: dry_without_complaint", "id: tremor_in_public", at="no_complaint_given"
    ),
    "a claim that is not there": Change("unknown_claim", LOW, "S3-11]", "S3-11, S3-12]", at="S3-12"),
    "a claim that nothing answers": Change(
        "claim_unanswered",
        "claims.yaml",
        "- {id: S3-18,",
        "- {id: S4-01, kind: work-up, subject: any, object: blood_test}\n- {id: S3-18,",
        at="S4-01",
    ),
    "a claim listed twice": Change(
        "duplicate_id",
        "claims.yaml",
        "- {id: S3-18,",
        "- {id: S3-11, kind: work-up, subject: any, object: again}\n- {id: S3-18,",
        at="again",
    ),
    "a rename to nothing": Change("rename_target", "renames.yaml", ": low_potassium", ": low_potasium"),
    "a rename of a name in use": Change("rename_in_use", "renames.yaml", "hypokalaemia:", "dehydration:"),
    "a cause of itself": Change("cycle", LOW, "from: dehydration", "from: low_potassium"),
    "a factor with an unknown factor": Change("unknown_id", FACTORS, *with_risk("smokng")),
    "a factor with a cause": Change("wrong_kind", FACTORS, *with_risk("dehydration")),
    "a factor with a finding": Change("wrong_kind", FACTORS, *with_risk("tremor")),
    "a factor of itself": Change("cycle", FACTORS, *with_risk("pregnancy")),
    "a finding that gates itself": Change(
        "cycle", "findings/complaints.yaml", "gate: weakness", "gate: weakness_onset"
    ),
}
FOLLOWED = {"a file of another name"}
"""Changes that make names unknown elsewhere, too."""


@pytest.mark.parametrize("name", sorted(CHANGES.keys() - FOLLOWED))
def test_a_broken_rule_about_names_is_found(model, name):
    assert_found(model, CHANGES[name])


def test_a_cause_whose_id_differs_from_its_file_name_is_found(model):
    model.replace(LOW, "id: low_potassium\n", "id: potassium_lack\n")
    assert ("id_not_file_name", LOW, 1) in places(issues_of(model))


def test_an_unknown_name_gets_the_nearest_known_one_as_hint(model):
    model.replace(LOW, "from: diuretic_use", "from: diuretics")
    assert issues_of(model)[0].hint == "did you mean 'diuretic_use'?"


def test_an_old_name_gets_the_new_one_as_hint(model):
    model.replace("groups.yaml", "[low_potassium]", "[low_potassium, hypokalaemia]")
    assert [issue.hint for issue in issues_of(model)] == ["it is now called 'low_potassium'"]


@pytest.mark.parametrize("name", ["tremor", "smoking", "dehydration", "parkinsonism", "electrolyte_imbalance"])
def test_an_id_is_unique_over_all_kinds(model, name):
    line = model.append("groups.yaml", f"- id: {name}\n  members: [low_potassium]\n")
    found = [issue for issue in issues_of(model) if issue.code == "duplicate_id"]
    assert [issue.where.line for issue in found if issue.where.file == "groups.yaml"] in ([line], [])
    assert len(found) == 1


@pytest.mark.parametrize("name", ["age", "sex", "model"])
def test_words_of_legdx_are_no_ids(model, name):
    line = model.append("groups.yaml", f"- id: {name}\n  members: [low_potassium]\n")
    assert ("reserved_id", "groups.yaml", line) in places(issues_of(model))


def test_what_withholds_an_advice_may_be_unknown_but_is_told(model):
    line = model.replace(DRY, "[diuretic_use]", "[diuretic_use, heart_failure, tremor]")
    assert [(issue.code, issue.level, issue.where.line) for issue in issues_of(model)] == [
        ("unknown_id", "warning", line),
        ("wrong_kind", "warning", line),
    ]


def test_a_cycle_of_causes_is_named_once_in_the_direction_of_its_arrows(model):
    risk = f"{{from: low_potassium, measure: probability, {NUMBERS}, {JUDGED}}}"
    model.replace(DRY, "findings:\n", f"risks:\n  - {risk}\nfindings:\n")
    found = issues_of(model)
    assert [issue.code for issue in found] == ["cycle"]
    assert found[0].note.endswith("dehydration -> low_potassium -> dehydration")


def test_an_unknown_factor_gets_the_nearest_factor_as_hint(model):
    model.replace(FACTORS, *with_risk("diuretic"))
    assert issues_of(model)[0].hint == "did you mean 'diuretic_use'?"


@pytest.mark.parametrize("cause", ["dehydration", "parkinsons_disease"])
def test_a_factor_that_depends_on_a_cause_is_told_that_it_may_not(model, cause):
    model.replace(FACTORS, *with_risk(cause))
    assert [issue.note for issue in issues_of(model)] == [f"'{cause}' is a cause, and this place takes a factor"]


def test_a_cycle_of_factors_is_named(model):
    model.replace(FACTORS, *with_risk("smoking", state="current"))
    model.append(FACTORS, f"  risks: [{{from: pregnancy, measure: odds_ratio, {NUMBERS}, {JUDGED}}}]\n")
    found = issues_of(model)
    assert [issue.code for issue in found] == ["cycle"]
    assert found[0].note.endswith(("pregnancy -> smoking -> pregnancy", "smoking -> pregnancy -> smoking"))


def test_a_cycle_of_gates_is_named(model):
    model.replace(
        "findings/complaints.yaml",
        "- id: weakness\n  role: complaint",
        "- id: weakness\n  role: attribute\n  gate: weakness_onset",
    )
    found = issues_of(model)
    assert [issue.code for issue in found] == ["cycle"]
    assert found[0].note.endswith(("weakness -> weakness_onset -> weakness", "onset -> weakness -> weakness_onset"))


@pytest.mark.parametrize(
    ("file", "old", "new", "route"),
    [
        (LOW, "from: dehydration", "from: weakness", "low_potassium -> weakness -> low_potassium"),
        (
            "causes/parkinsons_disease.yaml",
            "findings:\n",
            f"risks:\n  - {{from: slow_movement, measure: probability, {NUMBERS}, {JUDGED}}}\nfindings:\n",
            "parkinsons_disease -> parkinsonism -> slow_movement -> parkinsons_disease",
        ),
    ],
)
def test_a_cycle_through_findings_and_syndromes_is_named(model, file, old, new, route):
    model.replace(file, old, new)
    found = {issue.code: issue.note for issue in issues_of(model)}
    assert found.keys() == {"wrong_kind", "cycle"}
    start = route.split(" -> ")[:-1]
    turns = [" -> ".join([*start[turn:], *start[:turn], start[turn]]) for turn in range(len(start))]
    assert any(found["cycle"].endswith(f": {turn}") for turn in turns)


def test_a_diamond_is_no_cycle(model):
    risk = f"measure: probability, {NUMBERS}, {JUDGED}"
    model.append(
        "causes/parkinsons_disease.yaml",
        f"risks:\n  - {{from: low_potassium, {risk}}}\n  - {{from: dehydration, {risk}}}\n",
    )
    assert issues_of(model) == []
