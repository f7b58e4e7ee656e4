"""The weights of many people are those of each alone, and there are none where one of them is missing."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from legdx.engine import Status, run_distinct_rows
from legdx.explanation import weight_rows
from legdx.explanation.weight_rows import weigh_rows
from legdx.explanation.weights import weights_of
from tests.network.hand_made import hand_made_network

ABSENT, PRESENT = np.array([1.0, 0.0]), np.array([0.0, 1.0])
NETWORK = hand_made_network()
STROKE, NEUROPATHY = NETWORK.index["stroke"], NETWORK.index["neuropathy"]
PEOPLE = [
    {NETWORK.index["weakness"]: PRESENT, NETWORK.index["sex"]: PRESENT},
    {},
    {
        NETWORK.index["weakness"]: PRESENT,
        NETWORK.index["weakness_one_sided"]: PRESENT,
        NETWORK.index["alcohol"]: np.array([0.3, 0.7]),
        NETWORK.index["reflexes"]: np.array([0.0, 0.0, 1.0]),
    },
]
CAUSES = [STROKE, NEUROPATHY, NEUROPATHY]


def test_everybodys_weights_are_those_of_the_person_alone():
    found = weigh_rows(NETWORK, PEOPLE, CAUSES)
    for person, cause, weighed in zip(PEOPLE, CAUSES, found, strict=True):
        alone = weights_of(NETWORK, person, cause).answers
        named = [tuple(NETWORK.variables[i].name for i in unit) for unit in weighed.units]
        assert named == [weight.answers for weight in alone]
        assert weighed.weights == pytest.approx([weight.weight_decibans for weight in alone], abs=1e-9)


def test_nobody_has_no_weights():
    assert weigh_rows(NETWORK, [], []) == []


@pytest.mark.parametrize(("row", "lost"), [(0, 0), (1, 0), (2, 0), (3, 1), (4, 2), (5, 2)])
def test_a_person_one_of_whose_weights_is_too_costly_has_none(monkeypatch, row, lost):
    # Rows: the first person's answers and those without either, the second's, then the third's.
    at = iter(range(100))

    def one_too_costly(network, rows, queries, **settings):
        found = run_distinct_rows(network, rows, queries, **settings)
        status = found.status.copy()
        status[[next(at) == row for _ in status]] = Status.COSTLY
        return dataclasses.replace(found, status=status)

    monkeypatch.setattr(weight_rows, "run_distinct_rows", one_too_costly)
    found = weigh_rows(NETWORK, PEOPLE, [STROKE] * 3)
    assert [k for k, one in enumerate(found) if one is None] == [lost]
