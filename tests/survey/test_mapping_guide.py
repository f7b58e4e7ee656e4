"""The example of docs/mapping.md is read as the guide says; the example survey is mapped whole."""

import re
from pathlib import Path

from legdx.survey import load_mapping, map_answers, read_table
from legdx.survey.mapping_schema import read_schema

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")


def block(language):
    return re.search(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL).group(1)


def written_answers():
    """The table of answers in the guide, as column -> cells."""
    lines = [line.strip("| \n").split(" | ") for line in GUIDE.splitlines() if line.startswith("| ")]
    start = next(i for i, line in enumerate(lines) if line[-1] == "heavy_alcohol_use")
    header = [cell.strip("| ") for cell in lines[start]]
    rows = lines[start + 2 : start + 5]
    return {name: [row[place + 1] for row in rows] for place, name in enumerate(header)}


def test_the_example_of_the_guide_gives_the_answers_that_it_shows(tmp_path, leg):
    (tmp_path / "survey.csv").write_text(block("csv"), encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(block("yaml"), encoding="utf-8")
    mapped = map_answers(read_table(tmp_path / "survey.csv"), load_mapping(tmp_path / "mapping.yaml", leg), leg)
    found = {name: [str(cell) for cell in mapped.answers[name]] for name in mapped.answers}
    assert found == written_answers()
    assert mapped.issues == ()


def test_the_guide_explains_every_key_of_a_mapping_file():
    schema = read_schema()
    keys = {*schema["properties"], *schema["$defs"]["entry"]["properties"]}
    keys -= {"note", "schema_version", "name", "source"}
    assert [key for key in sorted(keys) if key not in GUIDE] == []


def test_the_example_survey_is_mapped_without_a_column_left_over(leg):
    mapping = load_mapping(ROOT / "data" / "mappings" / "example_survey.yaml", leg)
    mapped = map_answers(read_table(ROOT / "data" / "example_survey.csv"), mapping, leg)
    assert {issue.where.row is None for issue in mapped.issues} == {False}
    kinds = {kind for count in mapped.counts.values() for kind, number in count.items() if number}
    assert kinds == {"answered", "unknown", "refused", "not_asked", "not_applicable", "bad"}
