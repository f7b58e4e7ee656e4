"""Leaving answers out by numbers alone gives what the engine gives without them, and what enumeration gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from legdx.engine import Budget, kernels, observe, prepare
from legdx.engine.compiled import Compiled
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.explanation.lanes import Lane, neutral
from legdx.explanation.runs import Runs, log_evidences
from tests.network.hand_made import hand_made_network
from tests.oracle.enumeration import enumerate_marginals
from tests.oracle.random_networks import examples

GENERATED = {
    "deadline": None,
    "derandomize": True,
    "phases": (Phase.explicit, Phase.generate),
    "suppress_health_check": list(HealthCheck),
}
TOLERANCE = 1e-10


@pytest.fixture(params=["kernels", "twin"])
def either(request, monkeypatch):
    """Run a test with the compiled kernels' rows, and with the NumPy twin's lanes."""
    if request.param == "twin":
        monkeypatch.setattr("legdx.explanation.runs.compiled", lambda _: None)
    elif not kernels().are_compiled:
        pytest.skip("no compiled kernels here")


@pytest.mark.usefixtures("either")
@settings(max_examples=300, **GENERATED)
@given(example=examples(most=7), data=st.data())
def test_any_answers_left_out_are_as_never_given(example, data):
    network, evidence = example.network, example.evidence
    queries = [i for i in range(len(network.variables)) if i not in evidence]
    total, _ = enumerate_marginals(network, evidence)
    assume(total > 0 and evidence and all(any(v) for v in evidence.values()))
    runs = Runs(network, example.likelihoods, queries)
    sets = data.draw(st.lists(st.sets(st.sampled_from(sorted(evidence))), min_size=1, max_size=4))
    found = runs.without(sets)
    for row, out in enumerate(sets):
        scaled = {i: [x / max(v) for x in v] for i, v in evidence.items() if i not in out}
        total, joint = enumerate_marginals(network, scaled)
        assert found.log_evidence[row] == pytest.approx(float(np.log(float(total))), abs=TOLERANCE)
        for q in queries:
            assert found.marginals[q][row] == pytest.approx([float(x / total) for x in joint[q]], abs=TOLERANCE)


PEOPLE = (
    {"age": "old", "sex": "female", "weakness": "present", "weakness_onset": "severe", "weakness_one_sided": "absent"},
    {"age": "old", "alcohol": "present", "weakness_one_sided": "present", "reflexes": "severe"},
    {"weakness_onset": "mild", "weakness_one_sided": "absent", "reflexes": "none"},
    {"weakness": "absent", "weakness_one_sided": "absent", "sex": "male"},
    {"weakness": "absent", "thyroid": "present", "reflexes": "mild", "hormonal_or_nerve": "present"},
    {"weakness_one_sided": "absent", "age": "young"},
    {"weakness_onset": "none", "weakness_one_sided": "absent", "age": "young"},
)


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize("person", PEOPLE)
def test_every_set_of_a_persons_answers_can_be_left_out(person):
    network = hand_made_network()
    evidence = dict(observe(network, name, state) for name, state in person.items())
    queries = [network.index[name] for name in ("neuropathy", "stroke", "other_weakness")]
    runs = Runs(network, evidence, queries)
    names = list(evidence)
    sets = [{i for bit, i in enumerate(names) if mask >> bit & 1} for mask in range(2 ** len(names))]
    found = runs.without(sets)
    for row, out in enumerate(sets):
        direct = prepare(network, {i: v for i, v in evidence.items() if i not in out}, queries).posterior()
        assert found.log_evidence[row] == pytest.approx(direct.log_evidence[0], abs=TOLERANCE)
        for q in queries:
            assert found.marginals[q][row] == pytest.approx(direct.marginals[q][0], rel=1e-9)


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize("attribute", [("weakness_one_sided", "absent"), ("weakness_onset", "severe")])
@pytest.mark.parametrize("likelihood", [[0.3, 1.0], [1.0, 0.4]])
def test_a_soft_complaint_can_be_left_out_whatever_was_said_of_it(attribute, likelihood):
    network = hand_made_network()
    weakness, stroke = network.index["weakness"], network.index["stroke"]
    evidence = {weakness: np.array(likelihood), **dict([observe(network, *attribute), observe(network, "age", "old")])}
    sets = [set(), {weakness}, {network.index[attribute[0]]}, {weakness, network.index[attribute[0]]}]
    found = Runs(network, evidence, (stroke,)).without(sets)
    for row, out in enumerate(sets):
        scaled = {i: v / v.max() for i, v in evidence.items() if i not in out}
        direct = prepare(network, scaled, (stroke,)).posterior()
        assert found.log_evidence[row] == pytest.approx(direct.log_evidence[0], abs=TOLERANCE)
        assert found.marginals[stroke][row] == pytest.approx(direct.marginals[stroke][0], rel=1e-9)


def test_age_sex_history_findings_and_complaints_need_no_new_structure():
    network = hand_made_network()
    person = {**PEOPLE[0], "alcohol": "present", "reflexes": "severe"}
    evidence = dict(observe(network, name, state) for name, state in person.items())
    runs = Runs(network, evidence)
    assert all(runs.job({i}) is not None for i in evidence)
    assert [len(runs.job({network.index[name]})) for name in ("age", "alcohol", "reflexes")] == [3, 2, 1]
    assert runs.job({network.index["weakness_onset"], network.index["weakness"]}) is not None


@pytest.mark.usefixtures("either")
def test_many_questions_past_the_budget_are_refused_before_they_run():
    network = hand_made_network()
    evidence = dict(observe(network, name, state) for name, state in PEOPLE[0].items())
    once = Runs(network, evidence).prepared.plan.seconds()
    runs = Runs(network, evidence, budget=Budget(seconds=10 * once))
    with pytest.raises(TooCostlyError):
        runs.without([{network.index["reflexes"]}] * 1000)


def test_log_evidence_of_cases_is_infinite_where_they_exclude_each_other_and_missing_where_too_costly():
    network = hand_made_network()
    fine = dict([observe(network, "weakness", "present")])
    wrong = dict([observe(network, "weakness", "absent"), observe(network, "weakness_onset", "mild")])
    found = log_evidences(network, [fine, wrong])
    assert found[0] == pytest.approx(prepare(network, fine).log_evidence()[0])
    assert found[1] == -np.inf
    assert np.isnan(log_evidences(network, [fine], Budget(seconds=0.0))[0])


def test_answers_that_exclude_each_other_are_an_error():
    network = hand_made_network()
    with pytest.raises(ImpossibleEvidenceError):
        Runs(network, dict([observe(network, "weakness", "absent"), observe(network, "weakness_onset", "mild")]))


@pytest.mark.usefixtures("either")
@settings(max_examples=60, **GENERATED)
@given(example=examples(most=7), data=st.data())
def test_one_query_alone_is_as_among_many(example, data):
    network, evidence = example.network, example.evidence
    hidden = [i for i in range(len(network.variables)) if i not in evidence]
    total, _ = enumerate_marginals(network, evidence)
    assume(total > 0 and evidence and hidden and all(any(v) for v in evidence.values()))
    query = data.draw(st.sampled_from(hidden))
    sets = [{i} for i in evidence] + [set(evidence)]
    many = Runs(network, example.likelihoods, hidden).without(sets)
    one = Runs(network, example.likelihoods, (query,)).without(sets)
    assert one.log_evidence == pytest.approx(many.log_evidence, abs=TOLERANCE)
    assert one.marginals[query] == pytest.approx(many.marginals[query], abs=TOLERANCE)


def test_an_answer_that_the_kernels_cannot_prove_costs_no_more_than_the_budget(monkeypatch):
    if not kernels().are_compiled:
        pytest.skip("no compiled kernels here")
    network = hand_made_network()
    evidence = dict(observe(network, name, state) for name, state in PEOPLE[0].items())
    limits = []
    run = Compiled.run
    monkeypatch.setattr(Compiled, "run", lambda *args, **named: limits.append(named) or run(*args, **named))
    runs = Runs(network, evidence, (network.index["stroke"],), Budget(seconds=0.5))
    i = network.index["weakness_one_sided"]
    limits.clear()
    runs.run([Lane({i: neutral(network.nodes[i], 0)})] * 10)
    assert [(named["budget"].seconds, named["budget"].memory) for named in limits] == [(pytest.approx(0.05), np.inf)]


@pytest.mark.usefixtures("either")
def test_lanes_are_one_row_each_in_their_order_whatever_the_size_of_a_pass(monkeypatch):
    network = hand_made_network()
    evidence = dict(observe(network, name, state) for name, state in PEOPLE[0].items())
    query = network.index["stroke"]
    i = network.index["weakness_one_sided"]
    lanes = [Lane(), Lane({i: neutral(network.nodes[i], 0)}), Lane(states={network.index["age"]: 0}), Lane()]
    whole = Runs(network, evidence, (query,)).run(lanes)
    monkeypatch.setattr("legdx.explanation.runs.LANES", 1)
    monkeypatch.setattr("legdx.explanation.runs.LANE_ENTRIES", 1)
    one_by_one = Runs(network, evidence, (query,)).run(lanes)
    assert one_by_one.log_evidence == pytest.approx(whole.log_evidence, abs=TOLERANCE)
    assert one_by_one.marginals[query] == pytest.approx(whole.marginals[query], abs=TOLERANCE)
    assert len(set(np.round(whole.log_evidence, 6))) == 3


def test_what_the_kernels_can_prove_is_not_asked_of_the_twin():
    if not kernels().are_compiled:
        pytest.skip("no compiled kernels here")
    network = hand_made_network()
    evidence = dict(observe(network, name, state) for name, state in PEOPLE[0].items())
    runs = Runs(network, evidence, (network.index["stroke"],))
    i = network.index["weakness_one_sided"]
    runs.run([Lane(), Lane({i: neutral(network.nodes[i], 0)})])
    assert "twin" not in vars(runs.prepared)
