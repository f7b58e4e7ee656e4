"""Rows that are run in slices: each combination of states once, and a bound that knows what a slice may lose."""

from __future__ import annotations

import numpy as np
import pytest

from legdx.engine import Status, kernels, pack, prepare, run_rows
from legdx.network.records import Link, Network, NoisyMax, Table, Variable
from tests.oracle.agreement import assert_agrees
from tests.oracle.forced_slices import compile_kernels, use
from tests.oracle.harsh_networks import harsh_example

COIN = Table((), np.array([[0.5, 0.5]]))
PRESENT = np.array([0.0, 1.0])

compiled_only = pytest.mark.skipif(not kernels().are_compiled, reason=kernels().reason)


def named(nodes: list[Table | NoisyMax]) -> Network:
    variables = tuple(Variable(f"v{i}", ("absent", "present"), "cause") for i in range(len(nodes)))
    return Network(variables, tuple(nodes))


def woven(seed: int, causes: int, findings: int, of_each: int) -> Network:
    """Causes with so many findings each: tables as wide as the findings are many, whatever is summed out first."""
    rng = np.random.default_rng(seed)
    links: list[list[Link]] = [[] for _ in range(findings)]
    for cause in range(causes):
        for finding in rng.permutation(findings)[:of_each]:
            links[finding].append(Link(cause, np.array([[[1.0, 0.0], [0.5, 0.5]]])))
    rare = Table((), np.array([[0.9, 0.1]]))
    return named([*[rare] * causes, *(NoisyMax((), np.array([[0.95, 0.05]]), tuple(own)) for own in links)])


@compiled_only
@pytest.mark.parametrize("seed", [4, 5])
def test_a_variable_is_sliced_once_and_no_answer_counts_twice(seed):
    # With seed 4 the plan named a present finding's switch twice: P(answers) was 1.45, and every posterior off by 0.03.
    network = woven(seed, causes=60, findings=22, of_each=6)
    rows = pack({60: PRESENT, 61: PRESENT})
    findings = range(62, 82)
    together = run_rows(network, rows, findings)
    assert together.status[0] == Status.DONE
    assert together.log_evidence[0, 0] == pytest.approx(run_rows(network, rows, ()).log_evidence[0, 0], abs=1e-12)
    alone = [run_rows(network, rows, (i,)).marginals[0, 0, 1] for i in findings]
    np.testing.assert_allclose(together.marginals[0, 0, 1::2], alone, rtol=0, atol=1e-12)


@compiled_only
@pytest.mark.parametrize(("tiny", "rare"), [(1e-100, 1e-10), (1e-225, 1e-94), (1e-228, 1e-94), (1e-240, 1e-90)])
def test_what_a_slice_loses_at_the_end_of_the_range_of_doubles_is_in_no_posterior(tiny, rare):
    # 18 coins in one table; the last is sliced, and the answers say 1 : tiny of it and tiny : 0.5. Two to one is right.
    last = 18
    values = np.empty((1, *[2] * last, 2))
    values[..., 0, :] = [1.0 - tiny, tiny]
    values[..., 1, :] = 0.5
    first = Table((), np.array([[1.0 - rare, rare]]))
    network = named([first, *[COIN] * last, Table(tuple(range(1, last + 1)), values)])
    answers = {0: PRESENT, last: np.array([1.0, tiny]), last + 1: PRESENT}
    found = run_rows(network, pack(answers), (last,))
    if found.status[0] == Status.DONE:
        assert found.marginals[0, 0, 0] == pytest.approx(2 / 3, abs=1e-12)
        exact = np.log(rare) + np.log(tiny) + np.log(0.75)
        assert found.log_evidence[0, 0] == pytest.approx(exact, abs=1e-10)
    else:
        assert found.status[0] == Status.UNSURE
        assert prepare(network, answers, (last,)).posterior().marginals[last][0, 0] == pytest.approx(2 / 3, abs=1e-12)


def test_small_networks_agree_with_enumeration_when_nearly_all_of_them_are_sliced(tmp_path):
    with use(compile_kernels(tmp_path, entries=4)):
        for seed in range(100):
            assert_agrees(harsh_example(seed))


@compiled_only
@pytest.mark.parametrize("wanted", [(), (0,)])
def test_numbers_near_the_end_of_the_range_of_doubles_are_right_or_not_proven(wanted):
    # On the way one state has 1e-317, of which a double holds six digits; in the end both have.
    children = [
        NoisyMax((), np.array([[1.0, 0.0]]), (Link(0, np.array([[[one, 1 - one], [other, 1 - other]]])),))
        for one, other in ((1e-10, 1e-200), (1e-307, 1e-117))
    ]
    found = run_rows(named([COIN, *children]), pack(dict.fromkeys((1, 2), np.array([1.0, 0.0]))), wanted)
    if found.status[0] == Status.DONE:
        assert found.log_evidence[0, 0] == pytest.approx(-317 * np.log(10), abs=1e-10)
        if wanted:
            assert found.marginals[0, 0, 0] == pytest.approx(0.5, rel=1e-12)
    else:
        assert found.status[0] == Status.UNSURE


@pytest.mark.parametrize("which", ["kernels", "numpy"])
def test_an_opened_gate_of_three_states_that_is_a_parent_too_is_summed_over(which):
    if which == "kernels" and not kernels().are_compiled:
        pytest.skip(kernels().reason)
    gate = NoisyMax((), np.array([[0.5, 0.3, 0.2]]))
    of_gate = Link(0, np.array([[[1.0, 0.0], [0.9, 0.1], [0.4, 0.6]]]))
    below = NoisyMax((), np.array([[0.8, 0.2]]), (of_gate,), gate=0)
    network = Network(
        (Variable("gate", ("no", "some", "much"), "finding"), Variable("below", ("absent", "present"), "finding")),
        (gate, below),
    )
    present = 0.3 * (1 - 0.8 * 0.9) + 0.2 * (1 - 0.8 * 0.4)
    assert prepare(network, {1: PRESENT}, (), which=which).log_evidence()[0] == pytest.approx(
        np.log(present), abs=1e-12
    )
