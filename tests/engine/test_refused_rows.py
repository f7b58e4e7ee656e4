"""Calls of `run_rows` that are wrong, and rows that cost more than they may."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from legdx.engine import Budget, Packed, Status, kernels, pack, prepare, run_rows
from legdx.network import Link, NoisyMax
from tests.engine.plain import all_present, network_of, root
from tests.network.hand_made import hand_made_network


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("rows", "queries"),
    [
        (Packed(np.array([8], dtype=np.int32), np.array([[2]], dtype=np.uint8)), [3]),
        (Packed(np.array([12], dtype=np.int32), np.array([[0]], dtype=np.uint8)), [3]),
        (Packed(np.array([-1], dtype=np.int32), np.array([[0]], dtype=np.uint8)), [3]),
        (Packed(np.array([8], dtype=np.int32), np.array([[1]], dtype=np.uint8)), [12]),
        (Packed(np.array([8], dtype=np.int32), np.array([[256]])), [3]),
        (Packed(np.array([8], dtype=np.int32), np.array([[-1]])), [3]),
        (Packed(np.array([8], dtype=np.int32), np.array([[1, 1]], dtype=np.uint8)), [3]),
        (Packed(np.array([8], dtype=np.int32), np.array([[1]], dtype=np.uint8), [{}, {}]), [3]),
        (Packed(np.array([8], dtype=np.int32), np.array([[255]], dtype=np.uint8), [{8: np.ones(3)}]), [3]),
        (Packed(np.array([8], dtype=np.int32), np.array([[255]], dtype=np.uint8), [{8: np.array([np.nan, 1])}]), [3]),
        (Packed(np.array([8], dtype=np.int32), np.array([[255]], dtype=np.uint8), [{8: np.array([-1.0, 1])}]), [3]),
    ],
    ids=[
        "state",
        "variable",
        "negative",
        "query",
        "over a byte",
        "code below 0",
        "shape",
        "soft rows",
        "length",
        "not a number",
        "below 0",
    ],
)
def test_answers_that_are_none_of_the_networks_are_a_value_error_and_no_crash(rows, queries):
    with pytest.raises(ValueError, match=r".+"):
        run_rows(hand_made_network(), rows, queries)


def test_rows_over_the_budget_are_refused_before_memory_is_taken():
    """In a new process, whose greatest resident memory is then that of these rows; the tables would take 2^40 bytes."""
    code = """
import json, resource
import numpy as np
from legdx.engine import Budget, Status, kernels, pack, run_rows
from tests.engine.test_size import tangled_network

network, given = tangled_network()
few = {i: given[i] for i in list(given)[:1]}
run_rows(network, pack(few), range(80))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
result = run_rows(network, pack(*[given] * 4), range(80), threads=2)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([before, after, sorted(set(result.status.tolist())), float(result.costs[:, 1].min())]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after, status, predicted = json.loads(done.stdout)
    assert status == [Status.COSTLY]
    assert predicted > Budget().memory
    assert after - before < 50_000 * (1024 if sys.platform == "darwin" else 1)  # ru_maxrss: kilobytes, on macOS bytes


def test_a_costly_row_says_what_it_would_cost_and_has_no_posterior():
    network = hand_made_network()
    result = run_rows(network, pack(all_present([8])), [3], budget=Budget(seconds=1e-12))
    assert result.status.tolist() == [Status.COSTLY]
    assert np.all(np.isnan(result.marginals))
    assert result.costs[0, 2] == prepare(network, all_present([8]), [3]).plan.seconds() > 1e-12


@pytest.mark.usefixtures("engine")
def test_of_networks_side_by_side_of_which_a_later_one_is_over_the_budget_no_posterior_is_left():
    """In the first one the causes raise nothing, so that it costs less."""
    nothing, half = [[1.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.5, 0.5]]
    finding = NoisyMax(
        (), np.array([[0.5, 0.5], [0.9, 0.1]]), tuple(Link(i, np.array([nothing, half])) for i in range(6))
    )
    network = network_of(*[root(0.3)] * 6, finding, finding)
    rows = pack(all_present([6, 7]))
    first, second = (run_rows(network.draw(b), rows, range(6)).costs[0, 2] for b in range(2))
    result = run_rows(network, rows, range(6), budget=Budget(seconds=max(first, second) * 0.99))
    assert result.status.tolist() == [Status.COSTLY]
    assert np.all(np.isnan(result.log_evidence))
    assert np.all(np.isnan(result.marginals))


@pytest.mark.skipif(not kernels().are_compiled, reason=kernels().reason)
def test_tables_wider_than_any_can_be_are_refused_whatever_the_budget():
    """Of 70 causes each pair has a finding. In a new process, as it was one that crashed."""
    code = """
import itertools, math
import numpy as np
from legdx.engine import Budget, pack, run_rows
from tests.engine.plain import all_present, network_of, root
from tests.network.hand_made import leaking, raising
from legdx.network import NoisyMax

ties = itertools.combinations(range(70), 2)
pairs = [NoisyMax((), leaking(0.1), (raising(a, 0.5), raising(b, 0.5))) for a, b in ties]
network = network_of(*[root(0.3)] * 70, *pairs)
rows = pack(all_present(range(70, 70 + len(pairs))))
print(run_rows(network, rows, [0], budget=Budget(math.inf, math.inf)).status.tolist())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, str([int(Status.COSTLY)])), done.stderr
