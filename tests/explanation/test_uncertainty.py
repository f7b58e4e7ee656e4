"""Swings are what setting a number to the ends of its range gives; places count drawn networks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from legdx.engine import Budget, posterior
from legdx.errors import TooCostlyError
from legdx.explanation.uncertainty import Spread, among_first, intervals_of, posterior_draws, spread_of, tornado
from legdx.network import NoisyMax
from legdx.network.records import map_arrays
from tests.explanation.people import person

DRAWS = 25


def drawn_from(network):
    """The network's numbers a little up and down, side by side; what is certain stays so."""
    rng = np.random.default_rng(3)

    def shaken(array):
        noise = rng.normal(0.0, 0.3, (DRAWS, *array.shape[1:]))
        with np.errstate(divide="ignore"):
            logits = np.log(array) + noise
        weights = np.exp(logits)
        return weights / weights.sum(axis=-1, keepdims=True)

    nodes = [map_arrays(n, shaken) if isinstance(n, NoisyMax) and not n.inhibitors else n for n in network.nodes]
    return network.with_nodes(nodes)


@pytest.mark.parametrize("which", ["kernels", "twin"])
def test_draws_are_those_of_single_networks_and_the_interval_their_percentiles(which, monkeypatch):
    if which == "twin":
        monkeypatch.setattr("legdx.engine.inference.compiled", lambda _: None)
    network, evidence = person()
    drawn = drawn_from(network)
    causes = network.of_kind("cause")
    found = posterior_draws(drawn, evidence, causes)
    assert found.shape == (DRAWS, len(causes))
    for b in (0, 11, 24):
        single = posterior(drawn.draw(b), evidence, causes).marginals
        assert found[b] == pytest.approx([single[c][0, 1] for c in causes], rel=1e-9)
    assert intervals_of(found) == pytest.approx(np.percentile(found, [5, 95], axis=0).T)


def test_places_are_shares_of_networks():
    draws = np.array([[0.9, 0.1, 0.5], [0.2, 0.3, 0.5], [0.9, 0.2, 0.1], [np.nan, np.nan, np.nan]])
    assert among_first(draws, 1) == pytest.approx([2 / 3, 0.0, 1 / 3])
    assert among_first(draws, 2) == pytest.approx([2 / 3, 2 / 3, 2 / 3])
    assert among_first(draws) == pytest.approx([1.0, 1.0, 1.0])


def test_a_swing_is_the_posterior_at_both_ends_of_one_number():
    network, evidence = person()
    spread = spread_of(drawn_from(network))
    cause = network.index["stroke"]
    found = tornado(network, spread, evidence, cause, most=99)
    keys = {(one.variable, one.parent) for one in found}
    assert {
        ("weakness", "stroke"),
        ("stroke", None),
        ("weakness_onset", "neuropathy"),
        ("neuropathy", "alcohol"),
    } <= keys
    assert not any(one.variable == "weakness_one_sided" for one in found)  # it was not answered
    widths = [abs(one.swing_decibans) for one in found]
    assert widths == sorted(widths, reverse=True)
    for variable, parent in (("weakness", "stroke"), ("stroke", None), ("weakness_onset", "neuropathy")):
        (one,) = [x for x in found if (x.variable, x.parent) == (variable, parent)]
        i = network.index[variable]
        ends = []
        for end in (spread.low, spread.high):
            nodes = list(network.nodes)
            if parent is None:
                nodes[i] = replace(nodes[i], leak=whole(end[i].leak, nodes[i].floor))
            else:
                j = [link.parent for link in nodes[i].links].index(network.index[parent])
                links = list(nodes[i].links)
                links[j] = replace(links[j], values=whole(end[i].links[j].values, nodes[i].floor))
                nodes[i] = replace(nodes[i], links=tuple(links))
            ends.append(posterior(network.with_nodes(nodes), evidence, (cause,)).marginals[cause][0, 1])
        assert (one.low, one.high) == pytest.approx(tuple(ends), rel=1e-9)
        logits = [10 * math.log10(p / (1 - p)) for p in ends]
        assert one.swing_decibans == pytest.approx(logits[1] - logits[0], abs=1e-9)
    assert tornado(network, spread, evidence, cause, most=2) == found[:2]


def whole(array, floor):
    """Distributions: what the percentiles of the levels above leave goes to the lowest that there may be."""
    result = array.copy()
    result[..., floor] = 1.0 - np.minimum(array[..., floor + 1 :].sum(axis=-1), 1.0)
    return result


def test_a_link_from_what_is_ruled_out_moves_nothing_and_is_not_tried():
    network, evidence = person({"age": "old", "sex": "male", "weakness": "present", "alcohol": "absent"})
    spread = spread_of(drawn_from(network))
    found = tornado(network, spread, evidence, network.index["neuropathy"], most=99)
    assert ("neuropathy", "alcohol") not in {(one.variable, one.parent) for one in found}
    network, evidence = person({"age": "old", "sex": "male", "weakness": "present", "alcohol": "present"})
    found = tornado(network, spread, evidence, network.index["neuropathy"], most=99)
    assert ("neuropathy", "alcohol") in {(one.variable, one.parent) for one in found}


def test_numbers_of_rare_causes_are_not_tried_and_costly_ones_refused():
    network, evidence = person()
    spread = spread_of(drawn_from(network))
    cause = network.index["stroke"]
    found = tornado(network, spread, evidence, cause, posteriors={"thyroid": 1e-5, "stroke": 1e-5}, most=99)
    assert not any("thyroid" in (one.variable, one.parent) for one in found)
    assert any("stroke" in (one.variable, one.parent) for one in found)
    with pytest.raises(TooCostlyError):
        tornado(network, spread, evidence, cause, budget=Budget(seconds=1e-6))
    assert tornado(network, spread_of(network), evidence, cause) == ()


def test_numbers_of_an_attribute_are_tried_only_where_its_complaint_is_there():
    for weakness, tried in (("absent", False), ("present", True)):
        network, evidence = person({"age": "old", "weakness": weakness, "weakness_one_sided": "absent"})
        i = network.index["weakness_one_sided"]
        spread = spread_of(drawn_from(network))
        ends = [replace(network.nodes[i], leak=np.array([[1.0 - rate, rate]])) for rate in (0.01, 0.1)]
        low, high = ((*own[:i], end, *own[i + 1 :]) for own, end in zip((spread.low, spread.high), ends, strict=True))
        found = tornado(network, Spread(low, high), evidence, network.index["stroke"], most=99)
        assert ("weakness_one_sided" in {one.variable for one in found}) == tried
