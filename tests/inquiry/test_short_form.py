"""A short form is chosen by exact information over the people it is chosen on, and its loss is what it says."""

import itertools

import numpy as np
import pytest

from legdx.engine import Budget
from legdx.inquiry import ShortFormSettings, short_form
from legdx.inquiry.short_form import answers_to, choose, emergency_questions, questions_of, weighted_mean
from legdx.network import simulate
from tests.inquiry import enumeration
from tests.inquiry.models import tiny

SETTINGS = ShortFormSettings(people=12, measured_on=10, seed=3, looked_at=10)


@pytest.fixture(scope="module")
def model():
    return tiny()


@pytest.fixture(scope="module")
def form(model):
    return short_form(*model, 3, SETTINGS, sizes=(1, 3))


def evidence_of(network, answers):
    return {i: [int(k == state) for k in range(network.variables[i].size)] for i, state in answers.items()}


def names(network, indices):
    return [network.variables[i].name for i in indices]


def test_a_form_asks_questions_alone_and_an_attribute_of_those_who_have_the_complaint(model):
    knowledge, network = model
    asked = questions_of(knowledge, network)
    assert names(network, asked) == [
        v.name for v in network.variables if v.name in {"ache", "ache_onset", "numb", "droop"}
    ]
    ache, onset = network.index["ache"], network.index["ache_onset"]
    for person in simulate(network, 30, np.random.default_rng(1)).tolist():
        answers = answers_to(network, person, (ache, onset))
        assert (onset in answers) == (person[ache] > 0)
        assert {network.index["age"], network.index["sex"]} <= set(answers)


def test_each_choice_has_the_highest_mean_information_of_all_questions_by_enumeration(model):
    knowledge, network = model
    causes = network.of_kind("cause")
    people = simulate(network, SETTINGS.people, np.random.default_rng(SETTINGS.seed)).tolist()
    form = []
    for one in choose(knowledge, network, 3, SETTINGS):
        means = {}
        for q in questions_of(knowledge, network):
            gate = network.nodes[q].gate
            if q in form or (gate is not None and gate not in form):
                continue
            bits = [
                0.0 if gate is not None and not person[gate] else gained(network, person, form, q, causes)
                for person in people
            ]
            means[network.variables[q].name] = bits
        best = max(means, key=lambda name: np.mean(means[name]))
        assert one.name == best
        assert one.bits == pytest.approx(np.mean(means[best]), abs=1e-9)
        assert one.error == pytest.approx(np.std(means[best]) / np.sqrt(len(people) - 1), abs=1e-9)
        form.append(network.index[best])


def gained(network, person, form, question, causes):
    evidence = evidence_of(network, answers_to(network, person, form))
    table = enumeration.tables(network, evidence, question, causes)
    return sum(enumeration.mutual_information(table[c]) for c in causes)


def test_the_information_of_forms_is_that_of_enumerated_posteriors(model, form):
    knowledge, network = model
    people = simulate(network, SETTINGS.measured_on, np.random.default_rng(SETTINGS.seed + 1)).tolist()
    chosen = [network.index[name] for name in form.questions]
    forms = {1: chosen[:1], 3: chosen}
    for loss in (one for one in form.losses if not one.red_flags):
        bits = [entropy(network, p, ()) - entropy(network, p, forms[loss.questions]) for p in people]
        assert loss.bits == pytest.approx(np.mean(bits), abs=1e-9)
    whole = [entropy(network, p, ()) - entropy(network, p, questions_of(knowledge, network)) for p in people]
    assert form.whole.bits == pytest.approx(np.mean(whole), abs=1e-9)


def entropy(network, person, form):
    evidence = evidence_of(network, answers_to(network, person, form))
    total = 0
    present = dict.fromkeys(network.of_kind("cause"), 0)
    for states, weight in enumeration.worlds(network, evidence):
        total += weight
        for c in present:
            present[c] += weight * states[c]
    return sum(enumeration.entropy([p / total, 1 - p / total]) for p in present.values())


def test_the_whole_questionnaire_agrees_with_itself_and_shares_add_up(form):
    assert (form.whole.same_first_cause, form.whole.same_level, form.whole.missed) == (1.0, 1.0, 0)
    for loss in form.losses:
        assert loss.same_level + loss.lower_level + loss.higher_level == pytest.approx(1.0)
        assert 0 <= loss.missed <= loss.emergencies == form.whole.emergencies
    assert form.people == SETTINGS.measured_on
    assert form.left_out == 0


def test_the_red_flags_that_are_left_out_are_named_and_none_is_when_they_are_asked_too(model, form):
    knowledge, network = model
    red = set(names(network, emergency_questions(knowledge, network)))
    assert red == {"ache", "ache_onset", "numb", "droop"}  # the complaint that gates an alarm is one of them
    assert set(form.red_flags_left_out) == red - set(form.questions)
    with_flags = [one for one in form.losses if one.red_flags]
    assert all(one.missed == 0 and one.asked == 4 for one in with_flags)


def test_the_same_seed_makes_the_same_form_and_it_ends_when_no_question_is_left(model, form):
    assert short_form(*model, 3, SETTINGS, sizes=(1, 3)) == form
    assert len(choose(*model, 50, SETTINGS)) == 4


def test_people_beyond_the_budget_are_counted_and_left_out(model):
    settings = ShortFormSettings(people=3, measured_on=3, budget=Budget(seconds=0.0))
    found = short_form(*model, 1, settings)
    assert (found.chosen[0].left_out, found.left_out, found.people) == (3, 3, 3)


def test_the_error_of_a_mean_is_that_of_the_people_one_by_one():
    values, weights = [0.1, 0.5, 0.7], [4, 1, 2]
    one_by_one = list(itertools.chain.from_iterable([v] * w for v, w in zip(values, weights, strict=True)))
    mean, error = weighted_mean(values, weights)
    assert mean == pytest.approx(np.mean(one_by_one))
    assert error == pytest.approx(np.std(one_by_one, ddof=1) / np.sqrt(7))


def test_no_question_and_no_people_are_errors(model):
    with pytest.raises(ValueError, match="cannot choose 0"):
        choose(*model, 0, SETTINGS)
    with pytest.raises(ValueError, match="on 0 people"):
        choose(*model, 1, ShortFormSettings(people=0))
