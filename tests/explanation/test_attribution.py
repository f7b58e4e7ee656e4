"""Attribution is the share of all ways the coins fall, and its three kinds sum to 1."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from legdx.engine import observe
from legdx.engine.evidence import normalise
from legdx.explanation.attribution import attributions
from legdx.explanation.levelled import Levelled, present_findings
from legdx.network import Network, NoisyMax, Table, Variable
from tests.explanation.test_levelled import GENERATED, TOLERANCE, drawn
from tests.network.hand_made import BINARY, hand_made_network, leaking, raising
from tests.oracle.noise import worlds


@GENERATED
@given(data=st.data())
def test_what_keeps_a_finding_there_is_what_the_coins_say(data):
    network, evidence, targets = drawn(data)
    settled, _ = normalise(network, evidence)
    soft = [i for i in network.of_kind("finding") if i in settled and np.all(settled[i] > 0.0)]
    everything = worlds(network)
    for f, found in zip([*targets, *soft], attributions(network, evidence, [*targets, *soft]), strict=True):
        weight = everything.given(evidence) * everything.on[:, f]
        fired = everything.fired(f)
        sole = fired.sum(axis=1) == 1
        assert found.present == pytest.approx(weight.sum(), abs=TOLERANCE)
        assert found.leak == pytest.approx(weight[sole & fired[:, 0]].sum(), abs=TOLERANCE)
        assert found.shared == pytest.approx(weight[fired.sum(axis=1) > 1].sum(), abs=TOLERANCE)
        assert found.leak + found.shared + sum(p for _, p in found.alone) == pytest.approx(found.present, abs=TOLERANCE)
        for j, link in enumerate(network.nodes[f].links, start=1):
            name = network.variables[link.parent].name
            assert dict(found.alone).get(name, 0.0) == pytest.approx(weight[sole & fired[:, j]].sum(), abs=TOLERANCE)


def test_a_link_of_one_is_no_special_case():
    """Two causes of 10 %, one makes the finding always, the other half of the time, the leak in 20 %."""
    network = Network(
        tuple(Variable(name, BINARY, kind) for name, kind in (("a", "cause"), ("b", "cause"), ("f", "finding"))),
        (
            Table((), np.array([[0.9, 0.1]])),
            Table((), np.array([[0.9, 0.1]])),
            NoisyMax((), leaking(0.2), (raising(0, 1.0), raising(1, 0.5))),
        ),
    )
    (found,) = attributions(network, dict([observe(network, "f", "present")]), [2])
    total = 1 - 0.8 * 0.9 * 0.95
    assert dict(found.alone)["a"] == pytest.approx(0.1 * 0.8 * 0.95 / total)
    assert dict(found.alone)["b"] == pytest.approx(0.05 * 0.8 * 0.9 / total)
    assert found.leak == pytest.approx(0.2 * 0.9 * 0.95 / total)
    assert [name for name, _ in found.alone] == ["a", "b"]


@pytest.mark.parametrize("reflexes", ["mild", "severe"])
def test_for_a_cause_without_descendants_disablement_is_the_sum_of_its_sole_shares(reflexes):
    network = hand_made_network()
    person = {"age": "old", "weakness": "present", "weakness_one_sided": "present", "reflexes": reflexes}
    evidence = dict(observe(network, name, state) for name, state in person.items())
    targets = present_findings(network, evidence)
    assert [network.variables[i].name for i in targets] == ["weakness", "weakness_one_sided", "reflexes"]
    found = Levelled(network, evidence, targets)
    shares = attributions(network, evidence, targets)
    for cause in ("stroke", "thyroid", "neuropathy"):
        c = network.index[cause]
        gone = found.gone([((c,), f) for f in targets]).sum()
        assert gone == pytest.approx(sum(dict(one.alone).get(cause, 0.0) for one in shares), abs=TOLERANCE)
        assert gone > 0.0


@pytest.mark.parametrize("name", ["sex", "weakness"])
def test_what_is_not_there_is_not_attributed(name):
    network = hand_made_network()
    evidence = dict([observe(network, name, 0)])
    with pytest.raises(ValueError, match="not there, or has no links"):
        attributions(network, evidence, [network.index[name]])


def two_causes(rate=0.1, leak=0.2):
    return Network(
        tuple(Variable(name, BINARY, kind) for name, kind in (("a", "cause"), ("b", "cause"), ("f", "finding"))),
        (
            Table((), np.array([[1.0 - rate, rate]])),
            Table((), np.array([[1.0 - rate, rate]])),
            NoisyMax((), leaking(leak), (raising(0, 1.0), raising(1, 0.5))),
        ),
    )


@pytest.mark.parametrize("likelihood", [[0.0, 1.0], [0.25, 1.0], [0.5, 2.0], [1.0, 0.1]])
def test_a_soft_finding_is_attributed_by_the_probability_that_it_is_there(likelihood):
    there = 1 - 0.8 * 0.9 * 0.95
    present = likelihood[1] * there / (likelihood[1] * there + likelihood[0] * (1 - there))
    (found,) = attributions(two_causes(), {2: np.array(likelihood)}, [2])
    leak, a, b = 0.2 * 0.9 * 0.95 / there, 0.1 * 0.8 * 0.95 / there, 0.05 * 0.8 * 0.9 / there
    assert found.present == pytest.approx(present)
    assert found.leak == pytest.approx(present * leak)
    assert dict(found.alone) == pytest.approx({"a": present * a, "b": present * b})
    assert found.shared == pytest.approx(present * (1 - leak - a - b))


def test_a_soft_finding_that_cannot_be_there_has_nothing_to_attribute():
    (found,) = attributions(two_causes(0.0, 0.0), {2: np.array([0.5, 1.0])}, [2])
    assert (found.present, found.alone, found.leak, found.shared) == (0.0, (), 0.0, 0.0)


def test_a_soft_answer_of_several_levels_has_no_one_level_to_attribute():
    network = hand_made_network()
    reflexes = network.index["reflexes"]
    with pytest.raises(ValueError, match="graded soft answer"):
        attributions(network, {reflexes: np.array([0.2, 0.5, 1.0])}, [reflexes])
