"""Shares are Shapley values by their definition over all orders, and sum from prior to posterior exactly."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import legdx.explanation.split as split_module
from legdx.engine import Budget, observe, posterior
from legdx.errors import TooCostlyError
from legdx.explanation.runs import Runs
from legdx.explanation.split import split_of
from legdx.explanation.weights import units_of
from tests.network.hand_made import hand_made_network

TOLERANCE = 1e-9
PERSON = {
    "age": "old",
    "sex": "male",
    "weakness": "present",
    "weakness_onset": "severe",
    "weakness_one_sided": "absent",
    "reflexes": "mild",
}


def decibans(network, evidence, cause):
    absent, present = posterior(network, evidence, (cause,)).marginals[cause][0]
    return 10.0 * math.log10(present / absent)


def person(answers=PERSON):
    network = hand_made_network()
    return network, dict(observe(network, name, state) for name, state in answers.items())


@pytest.mark.parametrize("cause", ["stroke", "thyroid", "neuropathy"])
def test_history_comes_in_order_and_the_rest_shares_by_all_orders(cause):
    network, evidence = person()
    c = network.index[cause]
    found = split_of(network, evidence, c)
    shares = {share.answers: share for share in found.shares}
    before = decibans(network, {}, c)
    assert found.prior_decibans == pytest.approx(before, abs=TOLERANCE)
    history = {}
    for name in ("age", "sex"):
        history |= dict([observe(network, name, PERSON[name])])
        now = decibans(network, history, c)
        assert shares[name,].decibans == pytest.approx(now - before, abs=TOLERANCE)
        before = now
    units = [unit for unit in units_of(network, evidence) if network.variables[unit[0]].kind == "finding"]
    gate, one_sided = network.index["weakness"], network.index["weakness_one_sided"]

    def value(some):
        members = {i for unit in some for i in unit}
        if gate not in members:
            members -= {one_sided}  # asked of no one without the complaint
        return decibans(network, history | {i: evidence[i] for i in members}, c)

    for unit in units:
        changes = []
        for order in itertools.permutations(units):
            upto = order[: order.index(unit)]
            changes.append(value((*upto, unit)) - value(upto))
        name = tuple(network.variables[i].name for i in unit)
        assert shares[name].decibans == pytest.approx(np.mean(changes), abs=TOLERANCE)
        assert shares[name].error_decibans == 0.0
    assert (found.orders, found.seed) == (0, None)


def test_the_shares_sum_exactly_whether_all_orders_or_some_are_taken(monkeypatch):
    network, evidence = person()
    c = network.index["stroke"]
    exact = split_of(network, evidence, c)
    monkeypatch.setattr(split_module, "EXACT", 3)  # as many as there are answers to share among
    assert split_of(network, evidence, c) == exact
    monkeypatch.setattr(split_module, "EXACT", 2)
    monkeypatch.setattr(split_module, "PAIRS", 64)
    drawn = split_of(network, evidence, c)
    other = split_of(network, evidence, c, seed=5)
    for found in (exact, drawn, other):
        total = found.prior_decibans + sum(share.decibans for share in found.shares)
        assert total == pytest.approx(found.posterior_decibans, abs=TOLERANCE)
    assert (drawn.orders, drawn.seed, other.seed) == (128, split_module.SEED, 5)
    assert drawn == split_of(network, evidence, c)
    assert drawn != other
    for one, by_chance in zip(exact.shares, drawn.shares, strict=True):
        assert by_chance.decibans == pytest.approx(one.decibans, abs=5.0 * by_chance.error_decibans + TOLERANCE)
    assert max(share.error_decibans for share in drawn.shares) > 0.0


def test_a_person_without_findings_has_shares_of_history_alone():
    network, evidence = person({"age": "old"})
    found = split_of(network, evidence, network.index["stroke"])
    assert [share.answers for share in found.shares] == [("age",)]
    assert found.posterior_decibans == pytest.approx(decibans(network, evidence, network.index["stroke"]))


def test_a_split_past_its_budget_is_refused():
    network, evidence = person()
    with pytest.raises(TooCostlyError):
        split_of(network, evidence, network.index["stroke"], budget=Budget(seconds=1e-6))


@pytest.mark.parametrize(("passes", "pairs"), [(30, 6), (1, 4), (10_000, 16)])
def test_as_many_orders_are_drawn_as_the_budget_allows_within_limits(monkeypatch, passes, pairs):
    network, evidence = person()
    c = network.index["stroke"]
    monkeypatch.setattr(split_module, "EXACT", 2)
    once = Runs(network, evidence, (c,)).prepared.plan.seconds()
    monkeypatch.setattr(Runs, "without", with_any_budget(Runs.without))
    found = split_of(network, evidence, c, budget=Budget(seconds=max(2.0, 0.5 * passes) * once * 1.001))
    assert found.orders == 2 * pairs
    assert [share.error_decibans for share in found.shares if share.answers[0] in {"age", "sex"}] == [0.0, 0.0]


def with_any_budget(without):
    """What is run once the number of orders is chosen costs more than so tight a budget."""

    def run(self, *args, **named):
        self.budget = Budget(seconds=60.0)
        return without(self, *args, **named)

    return run
