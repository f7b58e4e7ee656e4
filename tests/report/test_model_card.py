"""The card says what the model and the stored evaluation say, and the one in docs is that of this model."""

import json
from pathlib import Path

import pytest

from legdx.report import model_card

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def record():
    last = DOCS / "evaluation" / "last.json"
    place = last if last.exists() else DOCS / "evaluation" / "first.json"
    return json.loads(place.read_text(encoding="utf-8"))


def test_the_card_in_docs_is_the_one_of_this_model(leg, record):
    assert (DOCS / "model_card.md").read_text(encoding="utf-8") == model_card(leg, record)


def test_it_names_use_population_limits_evaluation_and_calibration(leg, record):
    card = model_card(leg, record)
    for part in (
        "Intended purpose",
        "Population, outcomes and predictors",
        "How it was made",
        "Calibration to the sources",
        "Performance on published cases",
        "Limits",
    ):
        assert f"## {part}" in card
    assert "not a medical device" in card
    assert leg.digest in card
    assert "$" not in card
    assert f"{len(leg.knowledge.causes)} causes" in card


def test_an_evaluation_of_another_build_is_called_that(leg, record):
    record["stamp"]["digest"] = "0" * 64
    assert f"another build of this model, digest {'0' * 64}" in model_card(leg, record)


def test_without_an_evaluation_the_card_says_so(leg):
    assert "No evaluation was at hand" in model_card(leg)


def test_a_model_that_was_built_small_has_a_card_too(tiny):
    assert "# Model card: tiny" in model_card(tiny)
