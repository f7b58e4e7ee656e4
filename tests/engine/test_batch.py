"""Rows: each by itself, whatever their order, their blocks, and the threads, processes and engine at work."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from legdx.engine import Budget, Packed, Status, pack, posterior, run_distinct_rows, run_rows
from legdx.errors import ImpossibleEvidenceError
from legdx.network import NoisyMax, Table
from legdx.network.records import map_arrays
from tests.engine.plain import network_of, root
from tests.engine.survey_rows import PATTERNS, UNOBSERVED, evidence_of, survey_rows
from tests.network.hand_made import hand_made_network, leaking, raising

TOLERANCE = 1e-12
"""A few hundred sums and products of numbers in [0, 1], each right to 1e-16."""

QUICK = Budget(seconds=2e-3, memory=2e8)
"""Rows of the curated network that cost more come back flagged, which is a result to be the same as well."""


def hand_made_rows(number, seed=5):
    """Random answers to everything, two in three left out; a fifth of the rows has a soft answer too."""
    network = hand_made_network()
    rng = np.random.default_rng(seed)
    sizes = np.array(network.sizes(range(len(network.variables))))
    codes = rng.integers(0, sizes, (number, len(sizes))).astype(np.uint8)
    codes[rng.random(codes.shape) < 0.67] = UNOBSERVED
    soft = [{11: rng.uniform(0.1, 1.0, 3)} if rng.random() < 0.2 else {} for _ in range(number)]
    return network, Packed(np.arange(len(sizes), dtype=np.int32), codes, soft)


def some(rows, which):
    return Packed(rows.variables, rows.codes[which], [rows.soft[k] for k in which] if rows.soft else ())


def assert_same_bits(one, other):
    np.testing.assert_array_equal(one.status, other.status)
    np.testing.assert_array_equal(one.log_evidence, other.log_evidence)
    np.testing.assert_array_equal(one.marginals, other.marginals)
    np.testing.assert_array_equal(one.costs, other.costs)


@pytest.fixture(scope="module", params=PATTERNS)
def curated(request, leg):
    """The curated network, 48 people's answers and what becomes of them on one thread."""
    network = leg.network
    queries = network.of_kind("cause", "group", "syndrome")
    rows = survey_rows(network, request.param, 48, 20_261_127)[1]
    return network, rows, queries, run_rows(network, rows, queries, budget=QUICK)


# ------------------------------------------------------------------------------------------ every row is a query


@pytest.mark.usefixtures("engine")
def test_every_row_is_what_the_query_alone_says():
    network, rows = hand_made_rows(200)
    queries = [0, 3, 4, 5, 9, 11]
    result = run_rows(network, rows, queries)
    for r in range(200):
        evidence = evidence_of(network, rows, r) | rows.soft[r]
        try:
            alone = posterior(network, evidence, queries)
        except ImpossibleEvidenceError:
            assert result.status[r] == Status.IMPOSSIBLE
            assert np.all(np.isnan(result.marginals[r]))
            assert np.all(np.isnan(result.log_evidence[r]))
            continue
        assert result.status[r] == Status.DONE
        assert result.log_evidence[r] == pytest.approx(alone.log_evidence, rel=TOLERANCE, abs=TOLERANCE)
        expected = np.concatenate([alone.marginals[q][0] for q in queries])
        np.testing.assert_allclose(result.marginals[r, 0], expected, rtol=TOLERANCE, atol=TOLERANCE)
    assert {Status.DONE, Status.IMPOSSIBLE} == set(result.status)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("queries", [[0], [4], [9, 11], [0, 3, 4, 5, 9, 11]])
def test_without_the_evidence_posteriors_are_the_same_and_the_evidence_is_not_there(queries):
    network, rows = hand_made_rows(300)
    whole, alone = run_rows(network, rows, queries), run_rows(network, rows, queries, with_evidence=False)
    done = whole.status == Status.DONE
    assert 200 < done.sum() < 300
    assert np.all(alone.status[done] == Status.DONE)
    assert np.all(np.isnan(alone.log_evidence))
    np.testing.assert_allclose(alone.marginals[done], whole.marginals[done], rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("kind", ["cause", "finding", "factor"])
def test_without_the_evidence_posteriors_of_the_curated_network_are_the_same(curated, kind):
    network, rows, _, _ = curated
    for query in np.random.default_rng(3).choice(network.of_kind(kind), 6, replace=False).tolist():
        whole = run_rows(network, rows, [query], budget=QUICK)
        alone = run_rows(network, rows, [query], budget=QUICK, with_evidence=False)
        done = whole.status == Status.DONE
        assert np.all(alone.status[done] == Status.DONE)
        np.testing.assert_allclose(alone.marginals[done], whole.marginals[done], rtol=TOLERANCE, atol=TOLERANCE)
        assert np.all(alone.costs[done, 0] <= whole.costs[done, 0])


def test_what_is_kept_between_calls_changes_no_bit_and_no_budget(curated):
    network, rows, queries, _ = curated
    first = run_rows(network, rows, queries, budget=QUICK)
    others = (queries[:1], queries[3:9], network.of_kind("factor"))
    for other in others:
        run_rows(network, rows, other, budget=Budget(seconds=1e-4, memory=1e7))
    assert np.all(run_rows(network, rows, queries, budget=Budget(seconds=0.0)).status != Status.DONE)
    assert_same_bits(run_rows(network, rows, queries, budget=QUICK), first)


@pytest.mark.usefixtures("engine")
def test_impossible_answers_are_a_flag_for_a_row_and_an_error_for_a_case():
    network = network_of(root(0.5), NoisyMax((), leaking(0.0), (raising(0, 1.0),)))
    contradiction = {0: np.array([1.0, 0.0]), 1: np.array([0.0, 1.0])}
    result = run_rows(network, pack(contradiction, {1: np.array([0.0, 1.0])}), [0])
    assert result.status.tolist() == [Status.IMPOSSIBLE, Status.DONE]
    assert result.marginals[1, 0].tolist() == [0.0, 1.0]
    with pytest.raises(ImpossibleEvidenceError):
        posterior(network, contradiction, [0])


@pytest.mark.usefixtures("engine")
def test_rows_of_networks_side_by_side_are_what_each_network_says():
    network, rows = hand_made_rows(40)
    rng = np.random.default_rng(3)

    def vary(array):
        wide = np.repeat(array, 3, axis=0)
        if not np.allclose(array.sum(axis=-1), 1.0):
            return wide * rng.uniform(0.5, 1.0, wide.shape)
        wide = wide * rng.uniform(0.5, 1.5, wide.shape)
        return wide / wide.sum(axis=-1, keepdims=True)

    drawn = network.with_nodes(map_arrays(node, vary) for node in network.nodes)
    together = run_rows(drawn, rows, [3, 4])
    for b in range(3):
        alone = run_rows(drawn.draw(b), rows, [3, 4])
        np.testing.assert_array_equal(alone.status, together.status)
        np.testing.assert_allclose(alone.marginals[:, 0], together.marginals[:, b], rtol=TOLERANCE)
        np.testing.assert_allclose(alone.log_evidence[:, 0], together.log_evidence[:, b], rtol=TOLERANCE)


# ------------------------------------------------------------------------------------------ nothing depends on order


def test_the_order_of_rows_changes_no_bit(curated):
    network, rows, queries, result = curated
    turn = np.random.default_rng(1).permutation(len(rows.codes))
    again = run_rows(network, some(rows, turn), queries, budget=QUICK)
    back = np.argsort(turn)
    np.testing.assert_array_equal(again.status[back], result.status)
    np.testing.assert_array_equal(again.marginals[back], result.marginals)


def test_the_order_of_columns_changes_no_bit(curated):
    network, rows, queries, result = curated
    turn = np.random.default_rng(2).permutation(len(rows.variables))
    turned = Packed(rows.variables[turn], np.ascontiguousarray(rows.codes[:, turn]))
    assert_same_bits(run_rows(network, turned, queries, budget=QUICK), result)


@pytest.mark.parametrize("block", [1, 7, 32])
def test_the_size_of_blocks_changes_no_bit(curated, block):
    network, rows, queries, result = curated
    for first in range(0, len(rows.codes), block):
        which = np.arange(first, min(first + block, len(rows.codes)))
        part = run_rows(network, some(rows, which), queries, budget=QUICK)
        np.testing.assert_array_equal(part.status, result.status[which])
        np.testing.assert_array_equal(part.log_evidence, result.log_evidence[which])
        np.testing.assert_array_equal(part.marginals, result.marginals[which])


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_the_number_of_threads_changes_no_bit(curated, threads):
    network, rows, queries, result = curated
    assert_same_bits(run_rows(network, rows, queries, budget=QUICK, threads=threads), result)


def test_eight_threads_of_python_on_one_network_change_no_bit(curated):
    network, rows, queries, result = curated
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(run_rows, network, rows, queries, budget=QUICK, threads=k % 2 + 1) for k in range(8)]
        for call in calls:
            assert_same_bits(call.result(), result)


def score(model, rows):
    queries = model.network.of_kind("cause")
    result = run_rows(model.network, rows, queries, budget=QUICK)
    return result.status, result.log_evidence, result.marginals


def test_spawned_processes_with_the_model_give_the_same_bits(leg):
    rows = survey_rows(leg.network, "short", 20, 3)[1]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        parts = pool.starmap(score, [(leg, rows), (leg, rows)])
    for part in parts:
        for got, expected in zip(part, score(leg, rows), strict=True):
            np.testing.assert_array_equal(got, expected)


# ------------------------------------------------------------------------------------------ what an answer means


@pytest.mark.usefixtures("engine")
def test_a_soft_answer_of_one_state_is_that_answer_and_one_of_all_states_alike_is_none():
    network, rows = hand_made_rows(60)
    queries = range(len(network.variables))
    plain = Packed(rows.variables, rows.codes)
    result = run_rows(network, plain, queries)
    sure = [
        {i: row[i] for i in row} | {i: np.full(network.variables[i].size, 0.5) for i in range(12) if i not in row}
        for row in (evidence_of(network, plain, r) for r in range(60))
    ]
    unanswered = np.full_like(rows.codes, UNOBSERVED)
    again = run_rows(network, Packed(rows.variables, unanswered, sure), queries)
    np.testing.assert_array_equal(again.status, result.status)
    np.testing.assert_allclose(again.marginals, result.marginals, rtol=TOLERANCE, atol=1e-15)
    halves = np.log(0.5) * (rows.codes == UNOBSERVED).sum(axis=1)
    np.testing.assert_allclose(again.log_evidence[:, 0] - halves, result.log_evidence[:, 0], rtol=TOLERANCE, atol=1e-15)


@pytest.mark.usefixtures("engine")
def test_unobserved_is_the_mixture_over_the_answers():
    network, rows = hand_made_rows(30)
    for r in range(30):
        evidence = evidence_of(network, rows, r) | rows.soft[r]
        try:
            open_ = posterior(network, evidence, range(12))
        except ImpossibleEvidenceError:
            continue
        for i in set(range(12)) - set(evidence):
            mixed = np.zeros((12, 3))
            for state, share in enumerate(open_.marginals[i][0]):
                if share > 0.0:
                    likelihood = np.eye(network.variables[i].size)[state]
                    closed = posterior(network, evidence | {i: likelihood}, range(12))
                    for j in range(12):
                        mixed[j, : network.variables[j].size] += share * closed.marginals[j][0]
            for j in range(12):
                expected = mixed[j, : network.variables[j].size]
                np.testing.assert_allclose(open_.marginals[j][0], expected, rtol=1e-11, atol=TOLERANCE)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("factor", [1e-200, 0.3, 1e200])
def test_the_scale_of_a_soft_answer_goes_into_the_evidence_alone(factor):
    network, rows = hand_made_rows(40)
    one = run_rows(network, rows, [3, 4, 5])
    scaled = [{i: factor * likelihood for i, likelihood in row.items()} for row in rows.soft]
    other = run_rows(network, Packed(rows.variables, rows.codes, scaled), [3, 4, 5])
    np.testing.assert_array_equal(one.status, other.status)
    np.testing.assert_allclose(one.marginals, other.marginals, rtol=TOLERANCE)
    added = np.log(factor) * np.array([bool(row) for row in rows.soft])
    np.testing.assert_allclose(other.log_evidence[:, 0], one.log_evidence[:, 0] + added, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("size", [254, 255, 256, 300])
def test_every_state_of_a_variable_of_255_states_and_more_can_be_answered(size):
    """A code has one byte, and 255 says "not observed": what does not fit goes along as a likelihood."""
    rates = np.linspace(0.1, 0.9, size)
    table = np.stack([1.0 - rates, rates], axis=-1)[np.newaxis]
    network = network_of(Table((), np.full((1, size), 1.0 / size)), Table((0,), table), sizes=[size, 2])
    states = [0, 1, 253, size - 1]
    result = run_rows(network, pack(*({0: np.eye(size)[state]} for state in states)), [1])
    np.testing.assert_allclose(result.marginals[:, 0, 1], rates[states], rtol=TOLERANCE)
    seen = posterior(network, {1: np.array([0.0, 1.0])}, [0]).marginals[0][0]
    np.testing.assert_allclose(seen, rates / rates.sum(), rtol=TOLERANCE)


@pytest.mark.usefixtures("engine")
def test_arrays_of_another_kind_or_that_cannot_be_written_are_read_all_the_same():
    network, rows = hand_made_rows(5)
    wide = Packed(rows.variables.astype(np.int64), np.asfortranarray(rows.codes.astype(np.int64)), rows.soft)
    kept = Packed(rows.variables.copy(), rows.codes.copy(), rows.soft)
    for array in (kept.variables, kept.codes):
        array.flags.writeable = False
    expected = run_rows(network, rows, [3]).marginals
    assert run_rows(network, wide, [3]).marginals.tobytes() == expected.tobytes()
    assert run_rows(network, kept, [3]).marginals.tobytes() == expected.tobytes()


# ------------------------------------------------------------------------------------------ without the kernels


def test_without_the_kernels_the_twin_gives_the_same_answers_and_kernels_says_why():
    code = """
import json, sys
from legdx.engine import kernels, run_rows
from tests.engine.test_batch import hand_made_rows

network, rows = hand_made_rows(60)
result = run_rows(network, rows, range(12))
print(json.dumps([kernels().name, kernels().reason, result.status.tolist(), result.marginals.tolist()]))
"""
    environment = {**os.environ, "LEGDX_KERNELS": "numpy"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    name, reason, status, marginals = json.loads(done.stdout)
    network, rows = hand_made_rows(60)
    result = run_rows(network, rows, range(12))
    assert (name, reason) == ("numpy", "LEGDX_KERNELS=numpy")
    assert status == result.status.tolist()
    np.testing.assert_allclose(np.array(marginals, dtype=float), result.marginals, rtol=TOLERANCE, atol=TOLERANCE)


def test_rows_with_the_same_answers_are_run_once_and_found_in_every_place(leg, monkeypatch):
    network = leg.network
    tremor, weakness = network.index["tremor"], network.index["weakness"]
    codes = np.array([[1, 255], [0, 1], [1, 255], [0, 1], [1, 255]], dtype=np.uint8)
    soft = [{}, {}, {weakness: np.array([0.5, 0.25])}, {}, {}]
    rows = Packed(np.array([tremor, weakness], dtype=np.int32), codes, soft)
    seen = []
    monkeypatch.setattr(
        "legdx.engine.batch.run_rows", lambda *a, **k: seen.append(len(a[1].codes)) or run_rows(*a, **k)
    )
    causes = network.of_kind("cause")
    found, alone = run_distinct_rows(network, rows, causes), run_rows(network, rows, causes)
    assert seen == [3]
    np.testing.assert_array_equal(found.marginals, alone.marginals)
    np.testing.assert_array_equal(found.log_evidence, alone.log_evidence)
    empty = run_distinct_rows(network, pack(), causes)
    assert empty.marginals.shape == (0, 1, 2 * len(causes))


def test_a_group_is_as_likely_as_its_likeliest_member_and_no_likelier_than_all_of_them(leg):
    # Rows that are run in slices: a slice over a group's own switch sums to nothing, and its states do not.
    network = leg.network
    causes, groups = network.of_kind("cause"), network.of_kind("group")
    _, rows = survey_rows(network, "complaints", 1667, 20_261_128)
    budget = Budget(seconds=0.06)
    together = run_rows(network, rows, (*causes, *groups), budget=budget)
    done = together.status == Status.DONE
    assert done.sum() > 1500
    present = together.marginals[done, 0, 1::2]
    for k, group in enumerate(groups):
        members = [causes.index(link.parent) for link in network.nodes[group].links if link.parent in causes]
        found = present[:, len(causes) + k]
        assert np.all(found >= present[:, members].max(axis=1) - 1e-12)
        assert np.all(found <= present[:, members].sum(axis=1) + 1e-12)
        alone = run_rows(network, rows, (group,), budget=budget).marginals[done, 0, 1]
        assert np.nanmax(np.abs(alone - found)) < 1e-12
