"""A draft holds most of what a person would map, and marks whatever may be wrong; the person's mapping is the truth."""

import os
from pathlib import Path

import pytest

from legdx.errors import MappingError, SurveyError
from legdx.survey import TableFormat, load_mapping, map_answers, open_table, parse_mapping
from legdx.survey.draft import draft_mapping, read_dictionary

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "tests" / "survey" / "fixtures"
SHARED = Path(os.environ.get("LEGDX_SHARED") or ROOT.parent / "shared") / "surveys"

CASES = {
    "nhanes_2017_2018": (
        SHARED / "nhanes_2017_2018_1000.csv",
        ROOT / "data" / "dictionaries" / "nhanes_2017_2018.csv",
        ROOT / "data" / "mappings" / "nhanes_2017_2018.yaml",
    ),
    "example_survey": (
        ROOT / "data" / "example_survey.csv",
        None,
        ROOT / "data" / "mappings" / "example_survey.yaml",
    ),
    **{
        name: (
            FIXTURES / name / "data.csv",
            FIXTURES / name / "dictionary.csv" if (FIXTURES / name / "dictionary.csv").is_file() else None,
            FIXTURES / name / "mapping.yaml",
        )
        for name in ("redcap", "google_forms", "surveymonkey", "qualtrics")
    },
    "uci_early_diabetes": (
        SHARED / "uci_early_diabetes.csv",
        None,
        ROOT / "data" / "mappings" / "uci_early_diabetes.yaml",
    ),
}
LEAST = 0.8
SPEAKING = [name for name in CASES if name != "uci_early_diabetes"]
"""Surveys whose columns say what they are; one of the four that a person maps of the other is called `class`."""


def drafted(name, leg):
    source, dictionary, truth = CASES[name]
    if not source.is_file():
        pytest.skip(f"{source.name} is not here; set LEGDX_SHARED")
    table = open_table(source, TableFormat(repeated_headers="number"))
    draft = draft_mapping(table, leg, None if dictionary is None else read_dictionary(dictionary))
    return table, parse_mapping(draft.text.encode(), "draft.yaml", leg, draft=True), load_mapping(truth, leg)


def pairs(mapping):
    """Column -> the variables that it says something of; ids and the like say `(copied)`."""
    found = {column: {"(copied)"} for column in mapping.copied_columns}
    for entry in mapping.entries:
        for column in entry.columns:
            found.setdefault(column, set()).update(entry.askable.variables)
    for question in mapping.questions:
        own = {column: {target.variable} for column, target in question.targets.items() if target.kind == "answer"}
        if question.column is not None:
            own = {question.column: set().union(*own.values())}
        for column, variables in own.items():
            found.setdefault(column, set()).update(variables)
    return found


@pytest.mark.parametrize("name", SPEAKING)
def test_most_columns_that_a_person_maps_are_drafted(name, leg):
    _, draft, truth = drafted(name, leg)
    wanted, got = pairs(truth), pairs(draft)
    missed = sorted(column for column, variables in wanted.items() if not variables & got.get(column, set()))
    share = 1 - len(missed) / len(wanted)
    print(f"{name}: {len(wanted) - len(missed)} of {len(wanted)} columns ({share:.0%}), missed: {missed}")  # noqa: T201
    assert share >= LEAST, missed


@pytest.mark.parametrize("name", CASES)
def test_what_is_not_marked_is_right(name, leg):
    table, draft, truth = drafted(name, leg)
    frame = next(table.blocks(2_000)).frame
    answers = map_answers(frame, truth, leg).answers if set(truth.columns) <= set(frame) else None
    own = map_answers(frame, draft, leg).answers
    sure = [entry for entry in draft.entries if entry.unsure is None]
    assert all(question.unsure for question in draft.questions)
    for entry in sure:
        for variable in entry.askable.variables:
            assert variable in truth.variables
            if answers is not None:
                known = [cell is not None and cell != "not_asked" for cell in own[variable]]
                assert own[variable][known].tolist() == answers[variable][known].tolist()


@pytest.mark.parametrize("name", CASES)
def test_every_column_is_drafted_or_left_out_with_a_reason(name, leg):
    table, draft, _ = drafted(name, leg)
    assert set(table.columns) == set(draft.columns) | set(draft.unused)
    assert all(draft.unused.values())


def test_a_draft_that_nobody_looked_at_is_refused(tmp_path, leg):
    table = open_table(FIXTURES / "google_forms" / "data.csv")
    path = tmp_path / "draft.yaml"
    path.write_text(draft_mapping(table, leg).text, encoding="utf-8")
    assert load_mapping(path, leg, draft=True).unsure
    with pytest.raises(MappingError) as caught:
        load_mapping(path, leg)
    assert "unsure" in {issue.code for issue in caught.value.issues}
    assert all("unsure:" in issue.hint or "missing:" in issue.hint for issue in caught.value.issues)


def test_codes_without_words_are_never_given_a_meaning(tmp_path, leg):
    path = tmp_path / "codes.csv"
    path.write_text("tremor,weakness\n1,2\n2,1\n9,2\n", encoding="utf-8")
    draft = parse_mapping(draft_mapping(open_table(path), leg).text.encode(), "d.yaml", leg, draft=True)
    assert {entry.askable.name: set(entry.part.known.values()) for entry in draft.entries} == {
        "tremor": {"?"},
        "weakness": {"?"},
    }
    assert all(entry.unsure for entry in draft.entries)


def test_the_name_of_a_variable_over_other_words_is_marked(tmp_path, leg):
    path = tmp_path / "names.csv"
    path.write_text("weakness,tremor\nYes,present\nNo,absent\n", encoding="utf-8")
    draft = parse_mapping(draft_mapping(open_table(path), leg).text.encode(), "d.yaml", leg, draft=True)
    assert {entry.askable.name: entry.unsure is None for entry in draft.entries} == {"weakness": False, "tremor": True}


@pytest.mark.parametrize(
    ("cells", "codes", "marked"),
    [
        ((40, 67, 18), None, False),
        ((1, 2, 5), None, True),
        ((1, 2, 5), "1=18-24; 2=25-44; 5=65+", True),
        ((1990, 1984, 1950), None, True),
        ((17, 16, 12), None, True),
    ],
)
def test_a_column_called_age_is_marked_unless_it_can_only_be_years(tmp_path, leg, cells, codes, marked):
    path, dictionary = tmp_path / "s.csv", tmp_path / "d.csv"
    path.write_text("age,weak\n" + "".join(f"{cell},x\n" for cell in cells), encoding="utf-8")
    dictionary.write_text(f'Variable,Label,Codes\nage,Age,"{codes or ""}"\n', encoding="utf-8")
    draft = draft_mapping(open_table(path), leg, read_dictionary(dictionary))
    (entry,) = (one for one in draft.entries if one.variable == "age")
    assert (entry.unsure is not None) == marked
    assert bool(entry.ranges) == (codes is not None)


def test_a_survey_about_something_else_gives_no_draft(tmp_path, leg):
    path = tmp_path / "films.csv"
    path.write_text("film,stars\nAlien,5\nHeat,4\n", encoding="utf-8")
    with pytest.raises(SurveyError, match="is like a question of the model"):
        draft_mapping(open_table(path), leg)


def test_repeated_headers_are_numbered_in_the_draft(tmp_path, leg):
    path = tmp_path / "twice.csv"
    path.write_text("age,Do your legs shake?,Do your legs shake?\n40,Yes,No\n", encoding="utf-8")
    text = draft_mapping(open_table(path, TableFormat(repeated_headers="number")), leg).text
    assert "repeated_headers: number" in text
