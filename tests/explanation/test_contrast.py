"""A contrast is the difference of two weights of evidence."""

from __future__ import annotations

import pytest

from legdx.explanation import weights_of
from legdx.explanation.contrast import contrast
from tests.explanation.people import enumerated, person


def test_rows_are_the_weights_for_both_causes_and_their_difference_in_order():
    network, evidence = person()
    first, second = network.index["stroke"], network.index["thyroid"]
    found = contrast(network, evidence, first, second)
    weights = [
        {w.answers: w.weight_decibans for w in weights_of(network, evidence, c).answers} for c in (first, second)
    ]
    assert {row.answers for row in found.rows} == set(weights[0])
    for row in found.rows:
        assert row.first_decibans == pytest.approx(weights[0][row.answers], abs=1e-9)
        assert row.second_decibans == pytest.approx(weights[1][row.answers], abs=1e-9)
        assert row.difference_decibans == row.first_decibans - row.second_decibans
    differences = [row.difference_decibans for row in found.rows]
    assert differences == sorted(differences, reverse=True)
    assert (found.first, found.second) == ("stroke", "thyroid")
    assert found.first_probability == pytest.approx(enumerated(network, evidence, first)[1][1])
    assert found.second_probability == pytest.approx(enumerated(network, evidence, second)[1][1])
