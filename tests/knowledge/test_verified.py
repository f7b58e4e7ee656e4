"""What two encodings agree on is read from an optional file, and stops counting once the number has changed."""

import json

import pytest

from legdx.build import build
from legdx.cli.checks import model_counts
from legdx.errors import KnowledgeError
from legdx.knowledge import FrozenMap, Knowledge, Verified, load_knowledge
from legdx.model import load_model
from tests.knowledge.tiny_model import issues_of, places

FIGURE = "low_potassium.findings.weakness.current.1"
FILE = f"causes: [low_potassium, dehydration]\nfigures:\n  {FIGURE}: 0.1045\n  low_potassium.incidence.1.duration: 60\n"


@pytest.fixture
def verified(model):
    """The small model with a file of verified figures."""
    model.write("verified.yaml", FILE)
    return model


def test_the_file_may_be_missing_and_then_everything_is_provisional(model):
    assert load_knowledge(model.path).verified == Verified()


def test_the_file_is_read_and_survives_being_written_as_plain_types(verified):
    assert issues_of(verified) == []
    knowledge = load_knowledge(verified.path)
    assert knowledge.verified == Verified(
        causes=("low_potassium", "dehydration"),
        figures=FrozenMap({FIGURE: 0.1045, "low_potassium.incidence.1.duration": 60}),
    )
    assert knowledge.verified.standing(knowledge.figures()) == knowledge.verified
    assert Knowledge.from_dict(json.loads(json.dumps(knowledge.to_dict()))) == knowledge


def test_a_changed_value_is_told_and_makes_the_figure_and_its_cause_provisional(verified):
    line = verified.replace("verified.yaml", "0.1045", "0.2")
    assert places(issues_of(verified)) == [("verified_changed", "verified.yaml", line)]
    assert issues_of(verified)[0].level == "warning"
    knowledge = load_knowledge(verified.path)
    standing = knowledge.verified.standing(knowledge.figures())
    assert (standing.causes, list(standing.figures)) == (("dehydration",), ["low_potassium.incidence.1.duration"])


def test_a_figure_that_the_model_does_not_have_is_told(verified):
    line = verified.append("verified.yaml", "  low_potassium.findings.weaknes.current.1: 0.1\n")
    (issue,) = issues_of(verified)
    assert (issue.code, issue.level, issue.where.line) == ("verified_unknown", "warning", line)
    assert FIGURE in issue.hint


def test_a_cause_that_the_model_does_not_have_is_an_error(verified):
    verified.replace("verified.yaml", "dehydration]", "dehidration]")
    assert places(issues_of(verified)) == [("unknown_id", "verified.yaml", 1)]
    with pytest.raises(KnowledgeError, match="one error"):
        load_knowledge(verified.path)


def test_the_file_has_a_closed_schema(verified):
    verified.append("verified.yaml", "  weakness: 0.1\nfindings: [weakness]\n")
    assert [issue.code for issue in issues_of(verified)] == ["key_form", "unknown_key"]


def test_the_file_may_be_empty(model):
    model.write("verified.yaml", "# nothing yet\n")
    assert issues_of(model) == []


def test_the_counts_tell_the_verified_from_the_provisional_and_no_number_of_the_network_changes(model):
    model.replace(
        "causes/low_potassium.yaml",
        "value: 0.0000141\n    low: 1.0e-5\n    high: 2e-5",
        "value: 0.05\n    low: 0.04\n    high: 0.06",
    )
    build(model.path, draws=1)
    before = load_model(model.path)
    model.write("verified.yaml", FILE)
    build(model.path, draws=1)
    after = load_model(model.path)
    total = model_counts(before)["provisional"]
    assert model_counts(before)["verified"] == {"causes": 0, "figures": 0}
    assert model_counts(after)["verified"] == {"causes": 2, "figures": 2}
    assert model_counts(after)["provisional"] == {"causes": total["causes"] - 2, "figures": total["figures"] - 2}
    assert total["causes"] == len(after.knowledge.causes)
    assert before.digest != after.digest
    assert before.artefact.solved_for == after.artefact.solved_for
