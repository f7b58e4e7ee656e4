"""What is cited is in the bibliography, and what is in the bibliography is cited and can be found."""

import pytest

from tests.knowledge.tiny_model import Change, assert_found, issues_of

LOW, BIBLIOGRAPHY = "causes/low_potassium.yaml", "bibliography.yaml"
ENTRY = "idle_1999:\n  title: Idle\n  authors: Doe J\n  where: Here\n  why: none\n"

CHANGES = {
    "a figure of an unknown source": Change(
        "unknown_source",
        LOW,
        "    source: cohort_2020\n    locator: Abstract",
        "    source: cohort_2002\n    locator: Abstract",
    ),
    "a duration of an unknown source": Change(
        "unknown_source",
        LOW,
        "high: 180, interval: judged, source: editorial_judgement",
        "high: 180, interval: judged, source: editorial",
    ),
    "an advice of an unknown source": Change(
        "unknown_source", "causes/dehydration.yaml", "source: cohort_2020", "source: cohort_2002"
    ),
    "a red flag of an unknown source": Change(
        "unknown_source", "red_flags.yaml", "source: cohort_2020", "source: cohort_2002"
    ),
    "an entry that cannot be found": Change(
        "reference_unfindable", BIBLIOGRAPHY, "  doi: 10.1000/182\n  pmid: 12345678\n", "", at="cohort_2020:"
    ),
    "an entry that nothing cites": Change(
        "reference_unused",
        BIBLIOGRAPHY,
        "editorial_judgement:\n",
        f"{ENTRY}  url: https://example.org\neditorial_judgement:\n",
    ),
    "a number without a source": Change(
        "source_missing", LOW, "    source: cohort_2020\n", "", at="quantity: incidence"
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_broken_rule_about_sources_is_found(model, name):
    assert_found(model, CHANGES[name])


@pytest.mark.parametrize(
    "way", ["doi: 10.1000/182", "pmid: 12345678", 'pmid: "12345678"', "url: https://example.org/a"]
)
def test_one_way_to_find_an_entry_is_enough(model, way):
    model.replace(BIBLIOGRAPHY, "  doi: 10.1000/182\n  pmid: 12345678\n", f"  {way}\n")
    assert issues_of(model) == []


def test_an_entry_that_nothing_cites_is_a_warning(model):
    model.append(BIBLIOGRAPHY, f"{ENTRY}  url: https://example.org\n")
    assert [issue.level for issue in issues_of(model)] == ["warning"]


def test_one_source_under_two_keys_is_a_warning(model):
    model.append(BIBLIOGRAPHY, ENTRY + "  doi: 10.1000/182\n")
    assert [(issue.code, issue.level) for issue in issues_of(model)] == [
        ("reference_twice", "warning"),
        ("reference_unused", "warning"),
    ]


def test_an_unknown_source_gets_the_nearest_key_as_hint(model):
    model.replace("red_flags.yaml", "source: cohort_2020", "source: cohort_2002")
    assert issues_of(model)[0].hint == "did you mean 'cohort_2020'?"
