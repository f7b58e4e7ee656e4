"""The ceiling is never below the highest posterior over all ways in which unsure alarms can be absent or not asked."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import legdx
import legdx.urgency.ceiling as ceiling_module
from legdx.engine import posterior as engine_posterior
from legdx.errors import ImpossibleEvidenceError
from legdx.network.records import Inhibitor, Link, Network, NoisyMax, Table, Variable
from legdx.urgency.ceiling import Shape, ceilings

SETTINGS = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
TOLERANCE = 1e-9
CAUSES = (2, 3, 4, 5)
FINDINGS = tuple(range(7, 15))


def levels(rng, size, floor, most):
    on = rng.uniform(0.0, most) if rng.random() < 0.9 else 0.0
    values = np.zeros(size)
    shares = rng.uniform(0.1, 1.0, size - floor - 1)
    values[floor + 1 :] = on * shares / shares.sum()
    values[floor] = 1.0 - values[floor + 1 :].sum()
    return values


def noisy(rng, parents, *, size=2, context=(), gate=None, floor=0, inhibitors=()):
    leak = np.array([levels(rng, size, floor, 0.4) for _ in range(2 if context else 1)])
    idle = np.eye(size)[floor]
    links = [Link(p, np.array([[idle, levels(rng, size, floor, 1.0)]])) for p in parents]
    stops = [Inhibitor(p, np.array([[0.0, rng.uniform(0.0, 1.0)]])) for p in inhibitors]
    return NoisyMax(context, leak[np.newaxis] if context else leak, tuple(links), tuple(stops), gate, floor)


def random_network(seed):
    """A context, a factor that protects; causes with arrows; a syndrome; findings plain, graded, gated, suppressed."""
    rng = np.random.default_rng(seed)
    binary = ("absent", "present")
    graded = ("none", "slow", "weeks", "fast")
    names = {
        "sex": (binary, "factor"), "smoking": (binary, "factor"), **{f"c{i}": (binary, "cause") for i in range(4)},
        "syndrome": (binary, "syndrome"), "ache": (binary, "finding"), "numb": (binary, "finding"),
        "level": (graded, "finding"), "droop": (binary, "finding"), "stopped": (binary, "finding"),
        "sudden": (binary, "finding"), "severe": (binary, "finding"), "onset": (graded, "finding"),
    }  # fmt: skip
    share = rng.uniform(0.2, 0.8, 2)
    protects = Link(1, np.array([[levels(rng, 2, 0, 0.5), [1.0, 0.0]]]))
    first = noisy(rng, (), context=(0,))

    def some(chance=0.6):
        return tuple(c for c in CAUSES if rng.random() < chance)

    nodes = (
        Table((), np.array([[share[0], 1.0 - share[0]]])),
        Table((0,), np.array([[[share[1], 1.0 - share[1]], [0.5, 0.5]]])),
        NoisyMax(first.context, first.leak, (protects,)),
        noisy(rng, (2,), context=(0,)),
        noisy(rng, (2, 3)),
        noisy(rng, (3,)),
        noisy(rng, some()),
        noisy(rng, (*some(), 6)),
        noisy(rng, (*some(), 6)),
        noisy(rng, some(), size=4),
        noisy(rng, some(), context=(0,)),
        noisy(rng, some(), inhibitors=some(0.4)),
        noisy(rng, some(), gate=7),
        noisy(rng, some(), gate=7),
        noisy(rng, some(), size=4, gate=7, floor=1),
    )
    return Network(tuple(Variable(n, states, kind) for n, (states, kind) in names.items()), nodes)


def highest(network, answers, unsure, causes=CAUSES):
    best = np.zeros(len(causes))
    for chosen in itertools.product((False, True), repeat=len(unsure)):
        absent = {
            i: np.eye(network.variables[i].size)[0] for i, is_absent in zip(unsure, chosen, strict=True) if is_absent
        }
        try:
            found = engine_posterior(network, {**answers, **absent}, causes).marginals
        except ImpossibleEvidenceError:
            continue
        best = np.maximum(best, [found[c][0, 1] for c in causes])
    return best


@st.composite
def people(draw):
    network = random_network(draw(st.integers(0, 10_000)))
    answers = {}
    for i in draw(st.sets(st.sampled_from((0, 1, *CAUSES, *FINDINGS, *FINDINGS)), max_size=6)):
        size = network.variables[i].size
        soft = st.lists(st.sampled_from((0.1, 0.3, 0.6, 1.0)), min_size=size, max_size=size)
        answers[i] = np.array(
            draw(st.one_of(*[st.integers(0, size - 1).map(lambda s, k=size: np.eye(k)[s].tolist())] * 4, soft))
        )
    unsure = sorted(draw(st.sets(st.sampled_from(FINDINGS), max_size=6)) - answers.keys())
    return network, answers, unsure


@SETTINGS
@given(person=people())
def test_no_way_to_be_absent_or_not_asked_exceeds_the_ceiling(person):
    network, answers, unsure = person
    found = ceilings(network, [(answers, frozenset(unsure))], CAUSES)
    if found is not None:
        assert np.all(found >= highest(network, answers, unsure) - TOLERANCE)


@SETTINGS
@given(person=people(), data=st.data())
def test_an_unsure_alarm_made_absent_never_raises_the_ceiling(person, data):
    network, answers, unsure = person
    before = ceilings(network, [(answers, frozenset(unsure))], CAUSES)
    if unsure and before is not None:
        i = data.draw(st.sampled_from(unsure))
        absent = {**answers, i: np.eye(network.variables[i].size)[0]}
        after = ceilings(network, [(absent, frozenset(unsure) - {i})], CAUSES)
        assert after is not None
        assert np.all(after <= before + TOLERANCE)


def factors_that_go_together(seed, *, rising=True):
    """Sex; a disease, its medicine, and what goes with the medicine; three causes of theirs; four findings."""
    rng = np.random.default_rng(seed)
    names = ("sex", "disease", "medicine", "habit", "c0", "c1", "c2", "ache", "numb", "weak", "cramp")

    def table(*parents):
        on = rng.uniform(0.02, 0.9, (2,) * len(parents))
        if len(parents) > 1:
            on = np.sort(on, axis=-1) if rising else -np.sort(-on, axis=-1)
        return Table(parents, np.stack([1.0 - on, on], axis=-1)[np.newaxis])

    nodes = (
        Table((), np.array([[0.4, 0.6]])),
        *(table(0), table(0, 1), table(0, 2)),
        *(noisy(rng, (1,), context=(0,)), noisy(rng, (2, 4)), noisy(rng, (3,))),
        *(noisy(rng, tuple(c for c in (4, 5, 6) if rng.random() < 0.7)) for _ in range(4)),
    )
    kinds = (*["factor"] * 4, *["cause"] * 3, *["finding"] * 4)
    variables = (Variable(n, ("absent", "present"), k) for n, k in zip(names, kinds, strict=True))
    return Network(tuple(variables), nodes)


@pytest.mark.parametrize("rising", [True, False])
def test_factors_that_depend_on_factors_have_a_ceiling_that_holds(rising):
    rng, tight = np.random.default_rng(5), 0
    for seed in range(150):
        network = factors_that_go_together(seed, rising=rising)
        states = {int(i): np.eye(2)[rng.integers(2)] for i in rng.choice(11, rng.integers(7), replace=False)}
        unsure = [i for i in range(7, 11) if i not in states]
        found = ceilings(network, [(states, frozenset(unsure))], (4, 5, 6))
        assert found is not None
        best = highest(network, states, unsure, (4, 5, 6))
        assert np.all(found >= best - TOLERANCE)
        tight += np.allclose(found, best, rtol=1e-6)
    assert tight > 5


def test_only_a_factor_that_another_makes_less_likely_has_that_one_taken_in_turn():
    assert Shape(factors_that_go_together(1)).turns == (0,)
    assert Shape(factors_that_go_together(1, rising=False)).turns == (0, 1, 2)


def test_the_factors_of_the_packaged_model_that_go_together_are_not_taken_in_turn():
    network = legdx.load_model().network
    shape = Shape(network)
    assert shape.sound
    tables = [node for node in network.nodes if isinstance(node, Table)]
    arrows = {network.variables[p].name for node in tables for p in node.parents}
    assert arrows == {"age", "sex", "diabetes", "high_stress"}
    assert not {"diabetes", "high_stress"} & {network.variables[i].name for i in shape.turns}


@pytest.mark.parametrize("seed", range(20))
def test_where_nothing_is_present_the_ceiling_is_the_posterior_itself(seed):
    network = random_network(seed)
    answers = {0: np.array([1.0, 0.0]), 1: np.array([0.0, 1.0]), 10: np.array([1.0, 0.0])}
    unsure = (7, 8, 9, 14)
    found = ceilings(network, [(answers, frozenset(unsure))], CAUSES)
    assert found == pytest.approx(highest(network, answers, unsure), rel=1e-9)
    alone = engine_posterior(network, answers, CAUSES).marginals
    assert found == pytest.approx([alone[c][0, 1] for c in CAUSES], rel=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_a_suppressed_finding_that_is_present_loses_nothing(seed):
    network = random_network(seed)
    answers = {0: np.array([1.0, 0.0]), 1: np.array([0.0, 1.0]), 11: np.array([0.0, 1.0])}
    found = ceilings(network, [(answers, frozenset())], CAUSES)
    assert found == pytest.approx(highest(network, answers, ()), rel=1e-9)


def test_a_network_in_which_a_gated_finding_raises_another_has_no_ceiling():
    network = random_network(0)
    nodes = list(network.nodes)
    nodes[13] = NoisyMax((), nodes[13].leak, (Link(12, np.array([[[1.0, 0.0], [0.5, 0.5]]])),), (), 7)
    other = network.with_nodes(nodes)
    assert Shape(network).sound
    assert not Shape(other).sound
    assert ceilings(other, [({}, frozenset({12}))], CAUSES) is None


def test_more_ways_than_are_worked_out_have_no_ceiling(monkeypatch):
    network = random_network(0)
    assert ceilings(network, [({}, frozenset({7}))], CAUSES) is not None
    monkeypatch.setattr(ceiling_module, "MOST_WAYS", 3)  # two states of either of what is taken in turn make four
    assert ceilings(network, [({}, frozenset({7}))], CAUSES) is None
