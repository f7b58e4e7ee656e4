"""A table's reasons are those of its cases, one by one."""

from __future__ import annotations

import numpy as np
import pytest

from legdx.engine import Budget
from legdx.explanation.many import reasons_of_many
from legdx.explanation.ranking import rank
from legdx.explanation.reach_rows import reach_of
from legdx.explanation.weights import weights_of
from legdx.network import simulate

AMPLE = Budget(seconds=60.0)
PEOPLE = (
    {"age": 67, "sex": "male", "tremor": "present", "tremor_at_rest": "present", "weakness": "absent"},
    {"age": 30, "sex": "female"},
    {"sex": "male", "pregnancy": "present"},
    {"age": 80, "sex": "female", "weakness": "present", "dehydration": "present", "diuretic_use": "unknown"},
    # urgent by a posterior, and by no rule
    {
        "age": 36,
        "sex": "female",
        "tremor": "present",
        "palpitations": "present",
        "weight_loss": "present",
        "heat_intolerance": "present",
        "sweating": "present",
        "tsh_low": "present",
    },
)


def test_every_row_is_what_the_case_alone_says(leg):
    found = leg.reasons_of_many(PEOPLE)
    causes = [leg.network.variables[i].name for i in leg.network.of_kind("cause")]
    assert list(found.status) == ["scored", "scored", "impossible", "scored", "scored"]
    assert found.urgency[4] == "urgent"
    for row in (0, 1, 3, 4):
        result = leg.assess(PEOPLE[row])
        first = result.ranking.first or next(iter(result.posterior))
        assert found.first[row] == first
        assert found.urgency[row] == result.urgency.level
        assert found.posterior[row] == pytest.approx([result.posterior[c] for c in causes], rel=1e-9)
        explains = {c: p for c, p in zip(causes, found.explains[row], strict=True) if p >= 0.01}
        assert explains == pytest.approx({one.cause: one.explains for one in result.ranking.explains}, rel=1e-9)
        explanation = result.explain(first, level="paragraph")
        weights = dict(zip(found.variables, found.weights[row], strict=True))
        told = {name: r.weight_decibans for r in explanation.rows for name in r.answers}
        assert {name for name, w in weights.items() if not np.isnan(w)} == set(told)
        for name, weight in told.items():
            assert weights[name] == pytest.approx(weight, abs=1e-9)
    assert found.first[2] is None
    assert np.isnan(found.weights[2]).all()


def test_drawn_people_with_soft_answers_have_the_ranking_and_the_weights_of_their_cases(leg):
    network, rng = leg.network, np.random.default_rng(3)
    asked = [network.index[f.id] for f in leg.knowledge.findings.values() if f.cost == "question"]
    asked += network.of_kind("factor")
    people = []
    for states in simulate(network, 24, rng):
        evidence = {i: np.eye(network.variables[i].size)[states[i]] for i in asked if rng.random() < 0.2}
        for i in evidence:
            if rng.random() < 0.1 and network.variables[i].size == 2 and evidence[i][0]:
                evidence[i] = np.array([0.7, 0.3])
        people.append(evidence)
    causes = [network.variables[i].name for i in network.of_kind("cause")]
    found = reasons_of_many(leg, people)
    ranked = 0
    for row in np.flatnonzero(found.status == "scored"):
        known = dict(zip(causes, found.posterior[row], strict=True))
        ranking = rank(leg.knowledge, network, people[row], known, AMPLE)
        assert found.first[row] == (ranking.first or max(known, key=known.get))
        explains = {c: p for c, p in zip(causes, found.explains[row], strict=True) if p >= 0.01}
        assert explains == pytest.approx({one.cause: one.explains for one in ranking.explains}, rel=1e-9)
        ranked += bool(explains)
        weights = weights_of(network, people[row], network.index[found.first[row]], budget=AMPLE).answers
        place = {name: k for k, name in enumerate(found.variables)}
        mine = [found.weights[row, place[weight.answers[0]]] for weight in weights]
        assert mine == pytest.approx([weight.weight_decibans for weight in weights], abs=1e-8)
    assert ranked >= 2


def test_no_people_are_no_rows(leg):
    found = reasons_of_many(leg, [])
    assert found.weights.shape == (0, len(found.variables))


def test_every_complaint_of_the_packaged_model_is_explained_for_many_at_once(leg):
    found = {leg.network.variables[i].name for i in reach_of(leg.knowledge, leg.network).complaints}
    told = {f.id for f in leg.knowledge.findings.values() if f.role in ("complaint", "associated") and f.gate is None}
    assert found == told


def test_who_is_urgent_by_a_posterior_stays_so_where_the_reasons_are_too_costly(leg):
    given = "tremor palpitations weight_loss heat_intolerance sweating tsh_low weakness muscle_cramps twitching"
    person = dict.fromkeys(given.split(), "present") | {"age": 36, "sex": "female"}
    ample = leg.reasons_of_many([person])
    assert (ample.status[0], ample.urgency[0]) == ("scored", "urgent")
    found = [leg.reasons_of_many([person], Budget(seconds=seconds)) for seconds in np.geomspace(5e-4, 2e-2, 12)]
    between = [one for one in found if one.status[0] == "too_costly" and not np.isnan(one.posterior[0, 0])]
    assert between
    assert all(one.urgency[0] == "urgent" for one in between)
