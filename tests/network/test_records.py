"""A network refuses numbers that are no probabilities, wherever they stand, and names the table."""

from __future__ import annotations

import numpy as np
import pytest

from legdx.network.records import Link, Network, NoisyMax, Table, Variable, map_arrays
from tests.network.hand_made import hand_made_network


def with_number(network, name, value, where=-1):
    """The network with one number of a variable's first array set to a value."""

    def changed(array):
        other = array.copy()
        other.reshape(-1)[where] = value
        return other

    i = network.index[name]
    first = iter((changed,))

    def apply(array):
        return next(first, np.asarray)(array)

    nodes = list(network.nodes)
    nodes[i] = map_arrays(nodes[i], apply)
    return network.with_nodes(nodes)


@pytest.mark.parametrize(
    ("value", "says"),
    [(0.123, "rows do not sum to 1"), (-0.1, "outside"), (1.5, "outside"), (np.nan, "outside"), (np.inf, "outside")],
)
@pytest.mark.parametrize("name", ["age", "stroke", "weakness", "reflexes"])
def test_a_number_that_makes_no_distribution_is_refused_with_the_table_that_holds_it(name, value, says):
    with pytest.raises(ValueError, match=f"table of {name}.*{says}"):
        with_number(hand_made_network(), name, value)


def test_rounding_in_the_tenth_digit_is_taken():
    network = hand_made_network()
    values = network.nodes[network.index["age"]].values
    with_number(network, "age", values.reshape(-1)[-1] + 1e-10)


def test_mass_below_the_floor_of_an_attribute_is_refused():
    network = hand_made_network()
    name = next(v.name for v, n in zip(network.variables, network.nodes, strict=True) if getattr(n, "floor", 0))
    i = network.index[name]
    leak = network.nodes[i].leak.copy()
    leak[..., 0], leak[..., 1] = leak[..., 1].copy(), leak[..., 0].copy()
    node = network.nodes[i]
    nodes = list(network.nodes)
    nodes[i] = NoisyMax(node.context, leak, node.links, node.inhibitors, node.gate, node.floor)
    with pytest.raises(ValueError, match=f"{name}: mass below the floor"):
        network.with_nodes(nodes)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_of_many_networks_side_by_side_each_number_is_looked_at(place, monkeypatch):
    monkeypatch.setattr("legdx.network.records._AT_ONCE", 8)
    sound = np.tile([0.25, 0.75], (7, 1))
    wrong = sound.copy()
    wrong[5] = [0.25, 0.7]
    tables = [Table((), wrong if place == k else sound) for k in range(3)]
    variables = [Variable(name, ("no", "yes"), "cause") for name in "abc"]
    with pytest.raises(ValueError, match=f"table of {'abc'[place]}: rows do not sum to 1"):
        Network(tuple(variables), tuple(tables))


def test_a_link_is_named_as_such_and_arrays_are_frozen():
    variables = (Variable("a", ("no", "yes"), "cause"), Variable("b", ("no", "yes"), "finding"))
    leak = np.array([[0.9, 0.1]])
    link = Link(0, np.array([[[1.0, 0.0], [0.5, 0.6]]]))
    with pytest.raises(ValueError, match="table of b, link: rows do not sum to 1"):
        Network(variables, (Table((), leak), NoisyMax((), leak, (link,))))
    network = Network(variables, (Table((), leak), NoisyMax((), leak, ())))
    with pytest.raises(ValueError, match="read-only"):
        network.nodes[1].leak[0, 0] = 0.0
