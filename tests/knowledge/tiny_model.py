"""A small, complete and valid model as a folder of files, and the means to break it in one place.

The numbers are made up: they serve the rules, not medicine.
"""

import typing
from pathlib import Path

from legdx.errors import Issue
from legdx.knowledge import check

JUDGED = "interval: judged, source: editorial_judgement, grade: D, opened: true, note: made up for the tests"
PUBLISHED = 'interval: wilson95, printed: "37/354", source: cohort_2020, locator: Table 2, grade: A, opened: true'

MODEL = {
    "model.yaml": f"""\
schema_version: "1.0"
id: tiny
version: 0.1.0
age_bands: [18, 50]
window_days: 28
population:
  - age: [18, 49]
    share: {{value: 0.55, low: 0.54, high: 0.56, {PUBLISHED}}}
    female: {{value: 0.5, low: 0.49, high: 0.51, {PUBLISHED}}}
  - age: [50, 120]
    share: {{value: 0.45, low: 0.44, high: 0.46, {PUBLISHED}}}
    female: {{value: 0.53, low: 0.52, high: 0.54, {PUBLISHED}}}
held_out: {{share: 0.1, seed: 1}}
draws: {{number: 200, seed: 2}}
urgency: {{self_care_below: 0.02}}
""",
    "factors.yaml": f"""\
- id: diuretic_use
  prevalence:
    - {{value: 0.1, low: 0.08, high: 0.12, population: {{age: [18, 49]}}, {PUBLISHED}}}
    - {{value: 0.3, low: 0.25, high: 0.35, population: {{age: [50, 120], sex: female}}, {PUBLISHED}}}
  codes: {{snomedct: "372695000"}}
  claims: [S0-26]
- id: pregnancy
  only: {{sex: female, age: [18, 54]}}
  prevalence:
    - {{value: 0.03, low: 0.02, high: 0.04, {JUDGED}}}
- id: smoking
  states: [never, former, current]
  prevalence:
    - {{state: former, value: 0.2, low: 0.18, high: 0.22, {PUBLISHED}}}
    - {{state: current, value: 0.15, low: 0.13, high: 0.17, {PUBLISHED}}}
""",
    "syndromes.yaml": f"""\
- id: parkinsonism
  background:
    - {{value: 0.001, low: 0.0005, high: 0.002, {JUDGED}}}
  findings:
    - {{finding: tremor, value: 0.6, low: 0.4, high: 0.8, contested: some doubt it, {JUDGED}}}
""",
    "checks.yaml": f"""\
- {{id: tremor_in_public, finding: tremor, value: 0.05, low: 0.04, high: 0.06, {PUBLISHED}}}
- {{id: dry_without_complaint, no_complaint_given: dehydration, value: 0.5, low: 0.3, high: 0.7, {JUDGED}}}
""",
    "claims.yaml": """\
- {id: S0-03, kind: cause-symptom, subject: electrolyte_imbalance, object: tremor, detail: potassium}
- {id: S0-26, kind: treatment, subject: dehydration, object: adequate_fluids}
- {id: S3-11, kind: cause-symptom, subject: electrolyte_imbalance, object: weakness}
- {id: S3-18, kind: red-flag, subject: weakness, object: sudden_onset}
""",
    "groups.yaml": """\
- id: electrolyte_imbalance
  members: [low_potassium]
""",
    "causes/dehydration.yaml": f"""\
id: dehydration
codes: {{icd10cm: E86.0}}
course: acute
seriousness: {{level: moderate}}
prevalence:
  - {{quantity: prevalence, value: 0.05, low: 0.02, high: 0.1, {JUDGED}}}
findings:
  - {{finding: weakness, value: 0.2, low: 0.1, high: 0.3, {JUDGED}}}
advice:
  - {{id: drink_fluids, kind: self_care, withheld_if: [diuretic_use], source: cohort_2020, locator: page 3}}
text:
  en:
    label: dehydration
    summary: The body has lost water. It makes muscles weak.
    advice.drink_fluids: Drink a glass of water every hour.
""",
    "causes/low_potassium.yaml": f"""\
id: low_potassium
codes: {{icd10cm: E87.6, mondo: "MONDO:0003019", snomedct: "43339004"}}
course: acute
seriousness: {{level: serious, urgent_above: 0.1}}
claims: [S0-03, S3-11]
prevalence:
  - quantity: incidence
    value: 0.0000141
    low: 1.0e-5
    high: 2e-5
    interval: ci95
    printed: "1.41 per 100,000"
    source: cohort_2020
    locator: Abstract
    grade: A
    opened: true
    duration: {{value: 60, low: 28, high: 180, {JUDGED}}}
risks:
  - {{from: diuretic_use, measure: odds_ratio, value: 3.0, low: 2.0, high: 4.5, {PUBLISHED}}}
  - {{from: dehydration, measure: probability, value: 0.1, low: 0.05, high: 0.2, {JUDGED}}}
  - {{from: smoking, state: current, measure: relative_risk, value: 0.9, low: 0.7, high: 1.2, {PUBLISHED}}}
findings:
  - {{finding: weakness, frame: current, value: 0.1045, low: 0.077, high: 0.141, {PUBLISHED}}}
  - {{finding: weakness, frame: current, value: 0.3, low: 0.1, high: 0.6, role: check, {JUDGED}}}
  - {{finding: weakness_onset, level: days, or_more: true, value: 0.4, low: 0.3, high: 0.5, {JUDGED}}}
  - finding: potassium_low
    level: mild
    or_more: true
    value: 0.95
    low: 0.9
    high: 0.99
    spectrum: {{value: 2.0, low: 1.2, high: 4.0, {JUDGED}}}
    {JUDGED.replace(", ", chr(10) + "    ")}
  - {{finding: brisk_reflexes, effect: suppresses, value: 0.01, low: 0.005, high: 0.02, {JUDGED}}}
""",
    "causes/parkinsons_disease.yaml": f"""\
id: parkinsons_disease
course: chronic
seriousness: {{level: serious, urgent_above: 0.5}}
prevalence:
  - {{quantity: prevalence, population: {{age: [50, 99]}}, value: 0.005, low: 0.004, high: 0.006, {PUBLISHED}}}
syndromes:
  - syndrome: parkinsonism
    value: 1
    low: 1
    high: 1
    interval: definition
    source: editorial_judgement
    grade: D
    opened: true
    note: The case definition requires it.
findings:
  - {{finding: slow_movement, via: parkinsonism, value: 0.8, low: 0.7, high: 0.9, {JUDGED}}}
  - {{finding: tremor, value: 0.7, low: 0.6, high: 0.8, {PUBLISHED}}}
""",
    "findings/complaints.yaml": f"""\
- id: tremor
  role: complaint
  codes: {{hpo: "HP:0001337"}}
  background:
    - {{value: 0.02, low: 0.01, high: 0.04, {JUDGED}}}
  cost: {{kind: question}}
- id: weakness
  role: complaint
  background:
    - {{value: 0.05, low: 0.03, high: 0.08, {JUDGED}}}
- id: weakness_onset
  role: attribute
  gate: weakness
  levels: [gradual, days, sudden]
  background:
    - {{level: days, or_more: true, value: 0.2, low: 0.1, high: 0.3, {JUDGED}}}
    - {{level: sudden, value: 0.05, low: 0.02, high: 0.1, {JUDGED}}}
""",
    "findings/examination.yaml": f"""\
- id: slow_movement
  role: associated
  background:
    - {{value: 0.03, low: 0.01, high: 0.05, population: {{sex: male}}, {JUDGED}}}
- id: brisk_reflexes
  role: sign
  cost: {{kind: examination}}
  background:
    - {{value: 0.03, low: 0.01, high: 0.05, {JUDGED}}}
- id: potassium_low
  role: test
  levels: [mild, moderate]
  measured: {{analyte: potassium, unit: mmol/L, cuts: [{{level: moderate, below: 3.0}}, {{level: mild, below: 3.5}}]}}
  cost: {{kind: blood_test}}
  background:
    - {{level: mild, or_more: true, value: 0.02, low: 0.01, high: 0.03, {JUDGED}}}
    - {{level: moderate, value: 0.004, low: 0.002, high: 0.008, {JUDGED}}}
""",
    "red_flags.yaml": """\
- id: sudden_weakness
  level: emergency
  all: [weakness, {finding: weakness_onset, at_least: sudden}]
  suggests: [low_potassium]
  source: cohort_2020
  locator: Table 4
  grade: B
  opened: true
  claims: [S3-18]
""",
    "bibliography.yaml": """\
cohort_2020:
  title: A cohort of legs
  authors: Doe J, Roe R
  year: 2020
  where: Journal of Examples 1:1-9
  doi: 10.1000/182
  pmid: 12345678
  why: every published figure of this model
editorial_judgement:
  title: Judgement of the editors
  why: figures that nobody has published
""",
    "renames.yaml": "hypokalaemia: low_potassium\n",
    "text/en.yaml": """\
cause.low_potassium.label: low potassium
cause.parkinsons_disease.label: "Parkinson's disease"
factor.diuretic_use.label: water tablets
factor.diuretic_use.question: Do you take water tablets?
factor.pregnancy.label: pregnancy
factor.pregnancy.question: Are you pregnant?
factor.smoking.label: smoking
factor.smoking.question: Do you smoke?
factor.smoking.state.never: never smoked
factor.smoking.state.former: used to smoke
factor.smoking.state.current: smokes
syndrome.parkinsonism.label: parkinsonism
group.electrolyte_imbalance.label: salts out of balance
finding.tremor.label: shaking
finding.tremor.question: Do your legs shake?
finding.weakness.label: weak legs
finding.weakness.question: Are your legs weak?
finding.weakness_onset.label: how the weakness began
finding.weakness_onset.question: How did the weakness begin?
finding.weakness_onset.level.gradual: over months
finding.weakness_onset.level.days: over days
finding.weakness_onset.level.sudden: at once
finding.slow_movement.label: slow movement
finding.slow_movement.question: Do you move more slowly?
finding.brisk_reflexes.label: brisk reflexes
finding.potassium_low.label: low potassium in blood
finding.potassium_low.level.mild: a little low
finding.potassium_low.level.moderate: low
red_flag.sudden_weakness: Call an ambulance, for this may be a stroke.
""",
}


class ModelFolder:
    """The folder of the valid model, and changes to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name, text in MODEL.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")

    def read(self, name: str) -> str:
        """Return the text of a file."""
        return (self.path / name).read_text(encoding="utf-8")

    def append(self, name: str, text: str) -> int:
        """Add text at the end of a file; return the line where it begins."""
        before = self.read(name)
        self.write(name, before + text)
        return before.count("\n") + 1

    def replace(self, name: str, old: str, new: str) -> int:
        """Replace the one occurrence of `old`; return its line."""
        before = self.read(name)
        assert before.count(old) == 1, f"{old!r} stands {before.count(old)} times in {name}"
        self.write(name, before.replace(old, new))
        return before[: before.index(old)].count("\n") + 1


def issues_of(folder: ModelFolder) -> list[Issue]:
    """Check a model; whatever is found must say where, what, and what to do."""
    issues = check(folder.path)
    for issue in issues:
        assert issue.where.file
        assert issue.note
        assert issue.hint
    return issues


def places(issues: list[Issue]) -> list[tuple[str, str | None, int | None]]:
    """Return (code, file, line) of each issue."""
    return [(issue.code, issue.where.file, issue.where.line) for issue in issues]


class Change(typing.NamedTuple):
    """One change to the valid model that makes one problem, `code`, in the line that holds the text `at`.

    That line is in `file`, or in `found_in`; without `at`, it is the first line of the new text.
    """

    code: str
    file: str
    old: str
    new: str
    at: str | None = None
    found_in: str | None = None


def assert_found(folder: ModelFolder, change: Change) -> None:
    """Make the change; exactly the one problem is found, in its line."""
    folder.replace(change.file, change.old, change.new)
    found = issues_of(folder)
    assert [issue.code for issue in found] == [change.code]
    where = found[0].where
    assert where.file == (change.found_in or change.file)
    line = folder.read(where.file).splitlines()[where.line - 1]
    assert (change.at or change.new.splitlines()[0]).strip() in line
