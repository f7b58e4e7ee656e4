"""A feature moves the odds of two causes against each other in the direction that a guideline or review supports.

The pairs and their sources stand in contrast_pairs.yaml.  A pair that the model fails is kept as a strict expected
failure with its reason: work for the literature, not for the test.
"""

import functools
from pathlib import Path

import numpy as np
import pytest
import yaml

import legdx
from legdx.engine import Budget, prepare

FILE = Path(__file__).with_name("contrast_pairs.yaml")
CONTENT = yaml.safe_load(FILE.read_text(encoding="utf-8"))
PAIRS = CONTENT["pairs"]
USUAL = 3.0
ROOMY = Budget(seconds=60.0)


@functools.cache
def model():
    return legdx.load_model()


def difference_of_log_odds(answers, favours, over):
    """10 log10 of the odds of one cause over those of the other."""
    network = model().network
    causes = [network.index[favours], network.index[over]]
    evidence = model().case(answers).evidence(network)
    marginals = prepare(network, evidence, causes, budget=ROOMY).posterior().marginals
    with np.errstate(divide="ignore"):  # a cause that its definition excludes: cramps at night without cramps
        log_odds = [10.0 * np.log10(marginals[c][0, 1] / marginals[c][0, 0]) for c in causes]
    return log_odds[0] - log_odds[1]


def change(pair):
    before, after = (
        difference_of_log_odds(pair["base"] | pair[which], pair["favours"], pair["over"])
        for which in ("without", "with")
    )
    return after - before


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param(
            pair,
            id=pair["id"],
            marks=[pytest.mark.xfail(strict=True, reason=pair["fails"])] if "fails" in pair else [],
        )
        for pair in PAIRS
    ],
)
def test_a_feature_speaks_for_the_cause_that_the_source_says(pair):
    assert change(pair) >= pair.get("at_least", USUAL)


def test_there_are_forty_pairs_and_each_is_told_once_with_its_source():
    assert len({pair["id"] for pair in PAIRS}) == len(PAIRS) >= 40
    assert {pair["source"] for pair in PAIRS} == set(CONTENT["sources"])
    for pair in PAIRS:
        assert pair["says"].strip()
        assert set(pair["without"]) & set(pair["with"]), pair["id"]


def test_most_pairs_rest_on_a_source_that_was_opened():
    grades = [CONTENT["sources"][pair["source"]]["grade"] for pair in PAIRS]
    assert set(grades) <= set("ABCD")
    assert grades.count("D") <= 3
