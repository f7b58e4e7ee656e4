from pathlib import Path

import pytest
from thin_places import PAGE, USES, page, searches, thin

from legdx.knowledge import load_knowledge

MODEL = Path(__file__).parents[2] / "models" / "leg"


@pytest.fixture(scope="module")
def knowledge():
    return load_knowledge(MODEL)


def test_every_finding_without_a_strong_rate_has_been_searched_for(knowledge):
    assert [finding.id for finding in thin(knowledge) if finding.id not in searches()] == []


def test_no_search_names_an_unknown_finding(knowledge):
    assert [name for name in searches() if name not in knowledge.findings] == []


def test_a_search_says_what_it_was_for_what_it_gave_and_what_became_of_it():
    for name, entry in searches().items():
        assert set(entry) == {"searched", "found", "use"}, name
        assert entry["use"] in USES, name
        assert all(isinstance(text, str) and "|" not in text for text in entry.values()), name


def test_a_finding_is_thin_by_what_it_is_solved_from_alone(knowledge):
    # Two counts of all low results stand beside the judged share of those without kidney failure, as checks.
    weak = {finding.id for finding in thin(knowledge)}
    assert "kidney_function_low" in weak
    assert "potassium_high" not in weak


def test_the_page_is_the_one_of_these_knowledge_files(knowledge):
    assert PAGE.read_text(encoding="utf-8") == page(knowledge), "run `make thin-places`"
