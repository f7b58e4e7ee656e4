"""A valid folder becomes records; a broken one becomes the list of everything that is wrong with it."""

import pytest

from legdx.errors import KnowledgeError
from legdx.knowledge import Literal, Population, check, knowledge_digest, load_knowledge
from tests.knowledge.tiny_model import issues_of, places

LOW, DRY, PD = "causes/low_potassium.yaml", "causes/dehydration.yaml", "causes/parkinsons_disease.yaml"


@pytest.fixture
def knowledge(model):
    return load_knowledge(model.path)


def test_a_valid_model_has_no_issue(model):
    assert check(model.path) == []


def test_everything_is_there_in_the_order_of_the_files(knowledge):
    assert list(knowledge.causes) == ["dehydration", "low_potassium", "parkinsons_disease"]
    assert list(knowledge.factors) == ["diuretic_use", "pregnancy", "smoking"]
    assert list(knowledge.findings) == [
        "tremor",
        "weakness",
        "weakness_onset",
        "slow_movement",
        "brisk_reflexes",
        "potassium_low",
    ]
    assert list(knowledge.syndromes) == ["parkinsonism"]
    assert knowledge.groups["electrolyte_imbalance"].members == ("low_potassium",)
    assert list(knowledge.bibliography) == ["cohort_2020", "editorial_judgement"]
    assert dict(knowledge.renames) == {"hypokalaemia": "low_potassium"}


def test_the_model_says_how_it_is_built(model, knowledge):
    info = knowledge.model
    assert (info.id, info.version, info.schema_version) == ("tiny", "0.1.0", "1.0")
    assert info.age_bands == (18, 50)
    assert info.window_days == 28
    assert (info.held_out_share, info.held_out_seed) == (0.1, 1)
    assert (info.draws_number, info.draws_seed) == (200, 2)
    assert info.self_care_below == 0.02
    assert [(band.age_low, band.age_high, band.share.value, band.female.value) for band in info.population] == [
        (18, 49, 0.55, 0.5),
        (50, 120, 0.45, 0.53),
    ]
    assert knowledge.digest == knowledge_digest(model.path)


def test_a_figure_keeps_everything_that_was_written_about_it(knowledge):
    figure = knowledge.causes["low_potassium"].findings[0].figure
    assert figure.id == "low_potassium.findings.weakness.current.1"
    assert (figure.value, figure.low, figure.high, figure.unit) == (0.1045, 0.077, 0.141, "probability")
    assert (figure.interval, figure.printed, figure.source, figure.locator) == (
        "wilson95",
        "37/354",
        "cohort_2020",
        "Table 2",
    )
    assert (figure.grade, figure.opened, figure.note, figure.role) == ("A", True, None, "solve")
    assert figure.population == Population(18, 120, None)


def test_every_figure_has_an_id_of_its_own_made_from_its_place(knowledge):
    ids = [figure.id for figure in knowledge.figures()]
    assert len(set(ids)) == len(ids)
    assert {
        "model.population.18_49.share",
        "model.population.50_120.female",
        "diuretic_use.prevalence.2",
        "smoking.prevalence.former.1",
        "low_potassium.incidence.1",
        "low_potassium.incidence.1.duration",
        "low_potassium.risks.diuretic_use.1",
        "low_potassium.risks.smoking.current.1",
        "low_potassium.findings.weakness.current.2",
        "low_potassium.findings.weakness_onset.days_or_more.current.1",
        "low_potassium.findings.potassium_low.mild_or_more.current.1.spectrum",
        "parkinsons_disease.syndromes.parkinsonism.1",
        "parkinsonism.background.1",
        "weakness_onset.background.sudden.1",
    } <= set(ids)


def test_no_figure_of_the_files_is_left_out(model, knowledge):
    written = sum(
        model.read(str(path.relative_to(model.path))).count("interval:") for path in model.path.rglob("*.yaml")
    )
    assert len(list(knowledge.figures())) == written - len(knowledge.checks)


def test_every_figure_knows_the_line_it_is_written_in(model, knowledge):
    for figure in knowledge.figures():
        below = model.read(figure.file).splitlines()[figure.line - 1 :]
        number = float(next(line for line in below if "value:" in line).partition("value: ")[2].partition(",")[0])
        assert number == figure.value or figure.id.endswith(".spectrum") or "potassium_low" in figure.id


def test_an_id_stays_when_figures_are_added_behind_it(model, knowledge):
    before = {figure.id: figure.value for figure in knowledge.figures()}
    text = model.read(LOW)
    line = next(line for line in text.splitlines() if "role: check" in line)
    model.write(LOW, text.replace(line, f"{line}\n{line.replace('value: 0.3', 'value: 0.4')}"))
    after = {figure.id: figure.value for figure in load_knowledge(model.path).figures()}
    assert before.items() <= after.items()
    assert after.keys() - before.keys() == {"low_potassium.findings.weakness.current.3"}


def test_an_incidence_carries_its_duration(knowledge):
    prevalence = knowledge.causes["low_potassium"].prevalence[0]
    assert (prevalence.quantity, prevalence.figure.unit, prevalence.figure.high) == (
        "incidence",
        "per_person_year",
        2e-5,
    )
    assert (prevalence.duration.value, prevalence.duration.unit) == (60, "days")


def test_risks_keep_measure_and_states(knowledge):
    risks = knowledge.causes["low_potassium"].risks
    assert [(risk.from_id, risk.measure, risk.state, risk.compared_with, risk.figure.unit) for risk in risks] == [
        ("diuretic_use", "odds_ratio", "present", "absent", "ratio"),
        ("dehydration", "probability", "present", "absent", "probability"),
        ("smoking", "relative_risk", "current", "never", "ratio"),
    ]


def test_findings_of_a_cause_keep_level_frame_path_effect_and_spectrum(knowledge):
    links = knowledge.causes["low_potassium"].findings
    assert [(link.finding, link.level, link.or_more, link.frame, link.effect) for link in links] == [
        ("weakness", None, False, "current", "raises"),
        ("weakness", None, False, "current", "raises"),
        ("weakness_onset", "days", True, "current", "raises"),
        ("potassium_low", "mild", True, "current", "raises"),
        ("brisk_reflexes", None, False, "current", "suppresses"),
    ]
    assert links[1].figure.role == "check"
    assert (links[3].spectrum.value, links[3].spectrum.unit) == (2.0, "ratio")
    assert knowledge.causes["parkinsons_disease"].findings[0].via == "parkinsonism"


def test_factors_keep_states_and_who_can_have_them(knowledge):
    assert knowledge.factors["smoking"].states == ("never", "former", "current")
    assert knowledge.factors["diuretic_use"].states == ("absent", "present")
    assert knowledge.factors["pregnancy"].only == Population(18, 54, "female")
    assert knowledge.factors["diuretic_use"].only is None
    assert knowledge.factors["diuretic_use"].prevalence[1].figure.population == Population(50, 120, "female")
    assert [item.state for item in knowledge.factors["smoking"].prevalence] == ["former", "current"]


def test_findings_keep_gate_levels_and_limits(knowledge):
    onset, potassium = knowledge.findings["weakness_onset"], knowledge.findings["potassium_low"]
    assert (onset.role, onset.gate, onset.levels, onset.cost) == (
        "attribute",
        "weakness",
        ("gradual", "days", "sudden"),
        "question",
    )
    assert [(cut.level, cut.below, cut.above) for cut in potassium.measured.cuts] == [
        ("moderate", 3.0, None),
        ("mild", 3.5, None),
    ]
    assert (potassium.measured.unit, potassium.cost) == ("mmol/L", "blood_test")


def test_red_flags_advice_and_references_are_kept(knowledge):
    red_flag = knowledge.red_flags["sudden_weakness"]
    assert red_flag.literals == (Literal(finding="weakness"), Literal(finding="weakness_onset", at_least="sudden"))
    assert (red_flag.level, red_flag.suggests, red_flag.claims) == ("emergency", ("low_potassium",), ("S3-18",))
    advice = knowledge.causes["dehydration"].advice[0]
    assert (advice.id, advice.kind, advice.withheld_if) == ("drink_fluids", "self_care", ("diuretic_use",))
    entry = knowledge.bibliography["cohort_2020"]
    assert (entry.year, entry.pmid, entry.doi, entry.authors) == (2020, "12345678", "10.1000/182", "Doe J, Roe R")


def test_a_condition_of_a_red_flag_may_hold_until_it_is_denied(model):
    model.replace("red_flags.yaml", "at_least: sudden}", "at_least: sudden, unless_denied: true}")
    literals = load_knowledge(model.path).red_flags["sudden_weakness"].literals
    assert [literal.unless_denied for literal in literals] == [False, True]


def test_authors_may_be_a_list(model):
    model.replace("bibliography.yaml", "authors: Doe J, Roe R", "authors: [Doe J, Roe R]")
    assert load_knowledge(model.path).bibliography["cohort_2020"].authors == "Doe J; Roe R"


def test_the_kind_of_an_id_is_known(knowledge):
    names = ["tremor", "smoking", "dehydration", "parkinsonism", "electrolyte_imbalance", "age"]
    assert [knowledge.kind_of(name) for name in names] == ["finding", "factor", "cause", "syndrome", "group", None]


def test_one_file_adds_a_cause(model):
    text = model.read(DRY).replace("id: dehydration", "id: overexertion").replace("drink_fluids", "rest")
    model.write("causes/overexertion.yaml", text.replace("label: dehydration", "label: overexertion"))
    assert check(model.path) == []
    knowledge = load_knowledge(model.path)
    assert knowledge.label("overexertion") == "overexertion"
    assert "overexertion.findings.weakness.current.1" in {figure.id for figure in knowledge.figures()}


def test_all_problems_of_all_files_come_at_once_each_with_its_line(model):
    expected = [
        ("reference_unfindable", "bibliography.yaml", 1),
        ("key_missing", DRY, 1),
        ("unknown_key", DRY, model.replace(DRY, "course: acute", "curse: acute")),
        ("unknown_id", DRY, model.replace(DRY, "finding: weakness,", "finding: weekness,")),
        ("figure_order", LOW, model.replace(LOW, "value: 60, low: 28", "value: 6, low: 28")),
        ("unknown_source", LOW, model.replace(LOW, "source: cohort_2020\n", "source: cohort_20\n")),
        ("cycle", LOW, model.replace(LOW, "from: dehydration", "from: low_potassium")),
        ("yaml_syntax", PD, model.append(PD, "]\n")),
        ("duplicate_key", "groups.yaml", model.append("groups.yaml", "  members: []\n")),
        ("age_range", "factors.yaml", model.replace("factors.yaml", "age: [18, 54]", "age: [8, 54]")),
        ("unknown_level", "red_flags.yaml", model.replace("red_flags.yaml", "at_least: sudden", "at_least: soon")),
    ]
    model.replace("bibliography.yaml", "  doi: 10.1000/182\n  pmid: 12345678\n", "")
    found = issues_of(model)
    assert sorted(places(found)) == sorted(expected)
    assert found == sorted(found, key=lambda issue: (issue.where.file, issue.where.line))
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(model.path)
    assert list(caught.value.issues) == found
    for issue in found:
        assert str(issue) in str(caught.value)
    assert "11 errors" in caught.value.message


def test_warnings_alone_do_not_stop_loading(model):
    model.replace(DRY, "[diuretic_use]", "[heart_failure]")
    assert [issue.level for issue in issues_of(model)] == ["warning"]
    assert load_knowledge(model.path).causes["dehydration"].advice[0].withheld_if == ("heart_failure",)


def test_a_file_that_cannot_be_read_makes_no_further_problems(model):
    model.write("findings/complaints.yaml", "[")
    model.write("bibliography.yaml", "{")
    model.write(LOW, "'")
    assert {issue.code for issue in issues_of(model)} == {"yaml_syntax"}


@pytest.mark.parametrize("file", ["model.yaml", "factors.yaml", "bibliography.yaml", "text/en.yaml"])
def test_a_file_that_a_model_needs_is_missed(model, file):
    (model.path / file).unlink()
    assert [(issue.code, issue.where.file) for issue in issues_of(model)] == [("file_missing", file)]


@pytest.mark.parametrize(("folder", "names"), [("causes", 3), ("findings", 2)])
def test_a_model_needs_causes_and_findings(model, folder, names):
    files = list((model.path / folder).iterdir())
    assert len(files) == names
    for file in files:
        file.unlink()
    assert ("file_missing", f"{folder}/*.yaml", None) in places(issues_of(model))


@pytest.mark.parametrize("file", ["findings.yaml", "causes/old/low_potassium.yaml", "notes/en.yaml"])
def test_a_file_in_no_place_of_a_model_is_refused(model, file):
    model.write(file, "[]\n")
    assert [(issue.code, issue.where.file) for issue in issues_of(model)] == [("file_unexpected", file)]


def test_files_that_are_hidden_or_no_yaml_are_not_read(model):
    model.write("README.md", "# A model\n")
    model.write(".cache/x.yaml", "[")
    model.write("causes/.low_potassium.yaml", "[")
    assert check(model.path) == []


def test_a_folder_that_is_not_there_is_an_issue_and_loading_it_an_error(tmp_path):
    assert [issue.code for issue in check(tmp_path / "none")] == ["folder_missing"]
    with pytest.raises(KnowledgeError, match="no such folder"):
        load_knowledge(tmp_path / "none")


def test_a_file_that_would_be_passed_over_for_its_ending_is_named(model):
    model.write("causes/functional_tremor.yml", "id: functional_tremor\n")
    assert ("file_unexpected", "causes/functional_tremor.yml", None) in places(issues_of(model))
