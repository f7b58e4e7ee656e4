"""The highest posterior over less alarming answers is the highest of those that the engine gives one by one."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

import legdx.urgency.alarms as alarms_module
from legdx.engine import Budget, kernels, prepare
from legdx.engine import posterior as engine_posterior
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.urgency.alarms import _in_one_run, alarms_of, highest_posteriors
from legdx.urgency.answers import Answers
from legdx.urgency.rule_book import rule_book
from tests.urgency.people import people

SETTINGS = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
CAUSES = ("bad", "worse", "mild")
TOLERANCE = 1e-9  # sums of some thousand products in another order


def read(network, answers, unsure=()):
    try:
        return Answers.read(network, {network.index[n]: np.array(v, float) for n, v in answers.items()}, unsure)
    except ImpossibleEvidenceError:
        reject()


def one_by_one(knowledge, answers):
    """Every certain state below the answer, the answer, its cut forms, and where it holds no answer: all in turn."""
    network = answers.network
    alarms = alarms_of(rule_book(knowledge, answers.network), answers)
    choices = []
    for i in (*alarms.present, *alarms.unsure):
        size = network.variables[i].size
        states = list(np.eye(size))
        if i in alarms.unsure:
            choices.append([states[0], np.ones(size)])
            continue
        own = answers.settled[i]
        first = int(np.flatnonzero(own)[0])
        options = [*states[:first], *(own * (np.arange(size) <= j) for j in np.flatnonzero(own))]
        lowest = alarms.lowest[i]
        holds = own[lowest:].max() >= own[:lowest].max()
        choices.append([*options, *states[:lowest], np.ones(size)] if holds else options)
    best = dict.fromkeys(CAUSES, 0.0)
    wanted = [network.index[cause] for cause in CAUSES]
    for chosen in itertools.product(*choices):
        evidence = answers.settled | dict(zip((*alarms.present, *alarms.unsure), chosen, strict=True))
        try:
            found = engine_posterior(network, evidence, wanted).marginals
        except ImpossibleEvidenceError:
            continue
        for cause, i in zip(CAUSES, wanted, strict=True):
            best[cause] = max(best[cause], float(found[i][0, 1]))
    return best


def drawn(data, small, most=5):
    knowledge, network = small
    names = [v.name for v in network.variables if v.kind == "finding"]
    answers = data.draw(people(network, names, most), label="answers")
    unsure = data.draw(st.sets(st.sampled_from(names), max_size=2), label="unsure") - answers.keys()
    return knowledge, read(network, answers, unsure)


@SETTINGS
@given(data=st.data())
def test_the_exact_maximum_is_that_of_all_less_alarming_answers(small, data):
    knowledge, answers = drawn(data, small)
    found = highest_posteriors(answers, alarms_of(rule_book(knowledge, answers.network), answers), CAUSES)
    assert found == pytest.approx(one_by_one(knowledge, answers), rel=TOLERANCE)


@SETTINGS
@given(data=st.data())
def test_the_ceiling_used_for_many_unsure_alarms_is_never_below_the_exact_maximum(small, data):
    knowledge, answers = drawn(data, small)
    alarms = alarms_of(rule_book(knowledge, answers.network), answers)
    exact = highest_posteriors(answers, alarms, CAUSES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alarms_module, "MOST_ALARMS", -1)
        ceiling = highest_posteriors(answers, alarms, CAUSES)
    for cause in () if ceiling is None else CAUSES:
        assert ceiling[cause] >= exact[cause] - TOLERANCE


@SETTINGS
@given(data=st.data())
def test_where_the_exact_maximum_is_too_costly_the_ceiling_stands_for_it(small, data):
    knowledge, answers = drawn(data, small)
    alarms = alarms_of(rule_book(knowledge, answers.network), answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alarms_module, "MOST_ALARMS", -1)
        ceiling = highest_posteriors(answers, alarms, CAUSES)

    def costly(*_, **__):
        raise TooCostlyError(1, 1, 1.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alarms_module, "prepare", costly)
        assert highest_posteriors(answers, alarms, CAUSES) == ceiling


@SETTINGS
@given(data=st.data())
def test_as_many_alarms_as_are_taken_together_are_taken_exactly(small, data):
    knowledge, answers = drawn(data, small)
    alarms = alarms_of(rule_book(knowledge, answers.network), answers)
    exact = highest_posteriors(answers, alarms, CAUSES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alarms_module, "MOST_ALARMS", len(alarms.present) + len(alarms.unsure))
        assert highest_posteriors(answers, alarms, CAUSES) == exact


@pytest.mark.skipif(not kernels().are_compiled, reason="one run for all cells takes the compiled kernels")
@SETTINGS
@given(data=st.data())
def test_all_cells_in_one_run_are_the_tables_of_each_query(small, data):
    knowledge, answers = drawn(data, small)
    network, alarms = answers.network, alarms_of(rule_book(knowledge, answers.network), answers)
    axes = tuple(sorted((*alarms.present, *alarms.unsure)))
    wanted = tuple(network.index[cause] for cause in CAUSES)
    rest = {i: likelihood for i, likelihood in answers.settled.items() if i not in axes}
    query = prepare(network, rest, wanted, kept=axes)
    table = _in_one_run(query)
    if table is not None:
        _, tables = query.by_cell()
        assert np.array_equal(table, np.stack([tables[i] for i in wanted], axis=-2))


@pytest.mark.skipif(not kernels().are_compiled, reason="one run for all cells takes the compiled kernels")
def test_alarms_whose_ways_would_together_take_too_long_have_the_ceiling(small, monkeypatch):
    knowledge, network = small
    names = [network.variables[i].name for i in rule_book(knowledge, network).lowest][:3]
    answers = read(network, {name: [0.0, *[1.0] * (network.variables[network.index[name]].size - 1)] for name in names})
    alarms = alarms_of(rule_book(knowledge, network), answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alarms_module, "MOST_ALARMS", -1)
        ceiling = highest_posteriors(answers, alarms, CAUSES)
    exact = highest_posteriors(answers, alarms, CAUSES)
    assert exact != ceiling
    monkeypatch.setattr(alarms_module, "CHEAP_CELLS", 0)
    assert highest_posteriors(answers, alarms, CAUSES) == exact
    monkeypatch.setattr(alarms_module, "Budget", lambda: Budget(seconds=0.0))
    assert highest_posteriors(answers, alarms, CAUSES) == ceiling
