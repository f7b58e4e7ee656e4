"""Next questions: every number is that of brute force, red flags come first, gates and costs are kept."""

import dataclasses
import importlib
import json

import numpy as np
import pytest

from legdx.engine import Budget
from legdx.errors import ImpossibleEvidenceError
from legdx.inquiry import NotEvaluated, Said, Settings, next_questions
from legdx.inquiry.outlook import first_cause_of
from legdx.inquiry.questions import kind_of
from legdx.urgency import LEVELS, assess_urgency
from tests.inquiry import enumeration
from tests.inquiry.models import tiny

ALL = Settings(candidates=None)
CASES = {
    "nothing answered": ({}, ()),
    "a complaint": ({"ache": [0, 1]}, ()),
    "an absent complaint": ({"ache": [1, 0], "numb": [0, 1]}, ()),
    "a soft answer": ({"numb": [0.3, 0.7]}, ()),
    "a don't know": ({"ache": [0, 1]}, ("droop",)),
    "an emergency": ({"ache_onset": [0, 0, 1]}, ()),
    "urgent": ({"droop": [0, 1]}, ()),
    "a known diagnosis": ({"bad": [0, 1], "ache": [0, 1]}, ()),
    "all absent": ({"ache": [1, 0], "numb": [1, 0], "droop": [1, 0], "age": [1, 0]}, ()),
}


@pytest.fixture(scope="module")
def model():
    return tiny()


def said(network, answers, unsure=()):
    evidence = {network.index[name]: np.asarray(likelihood, float) for name, likelihood in answers.items()}
    return Said(evidence, {*answers, *unsure}, unsure)


def ask(model, answers, unsure=(), number=50, settings=ALL, among=None):
    knowledge, network = model
    return next_questions(knowledge, network, said(network, answers, unsure), number, settings=settings, among=among)


def outlook(model, evidence, unsure):
    """First cause, level and posterior from brute force; urgency is held against its own oracles elsewhere."""
    knowledge, network = model
    causes = network.of_kind("cause")
    weights = dict.fromkeys(causes, 0)
    total = 0
    for states, weight in enumeration.worlds(network, evidence):
        total += weight
        for c in causes:
            weights[c] += weight * states[c]
    posterior = {c: float(weights[c] / total) for c in causes}
    likelihoods = {i: np.array([float(x) for x in v]) for i, v in evidence.items()}
    named = {network.variables[c].name: p for c, p in posterior.items()}
    level = assess_urgency(knowledge, network, likelihoods, unsure, named).level
    free = [c for c in causes if c not in evidence]
    return first_cause_of(posterior, free), level


@pytest.mark.parametrize("name", CASES)
def test_every_number_is_that_of_enumeration(model, name):
    _, network = model
    answers, unsure = CASES[name]
    evidence = {network.index[n]: v for n, v in answers.items()}
    causes = network.of_kind("cause")
    now = outlook(model, evidence, unsure)
    found = ask(model, answers, unsure)
    assert (found.level, None if now[0] is None else network.variables[now[0]].name) == (now[1], found.first_cause)
    assert found.questions or name == "an emergency"
    for one in found:
        q = network.index[one.name]
        table = enumeration.tables(network, evidence, q, causes)
        bits = {network.variables[c].name: enumeration.mutual_information(t) for c, t in table.items()}
        assert one.information_bits == pytest.approx(sum(bits.values()), abs=1e-9)
        change = rises = falls = different = 0.0
        for state, row in enumerate(table[causes[0]]):
            chance = float(sum(row))
            assert one.answers[network.variables[q].states[state]] == pytest.approx(chance, abs=1e-12)
            if not chance:
                continue
            then = outlook(model, evidence | {q: [int(k == state) for k in range(len(table[causes[0]]))]}, unsure)
            step = LEVELS.index(now[1]) - LEVELS.index(then[1])
            change += chance * abs(step)
            rises += chance * (step > 0)
            falls += chance * (step < 0)
            different += chance * (then != now)
        expected = (change, rises, falls, different)
        assert (one.urgency_change, one.rises, one.falls, one.outcome_change) == pytest.approx(expected, abs=1e-12)
        assert one.worth == pytest.approx((one.information_bits + one.urgency_change) / one.cost)
        for gain in one.gains:
            c = network.index[gain.cause]
            assert gain.bits == pytest.approx(bits[gain.cause], abs=1e-9)
            for state, p in gain.after.items():
                row = table[c][network.variables[q].states.index(state)]
                assert p == pytest.approx(float(row[1] / sum(row)), abs=1e-12)
    changes = [one.outcome_change for one in found]
    assert found.stop.largest == (max(changes) if changes else None)
    assert found.stop.at_most == pytest.approx(min(1.0, sum(changes)))


QUIET = {"ache_onset": [0, 1, 0], "droop": [1, 0]}
"""No red flag is open; numb, age, sex and sign are."""


def test_the_stop_rule_says_stop_exactly_when_no_single_answer_reaches_the_limit(model):
    largest = ask(model, QUIET).stop.largest
    assert 0.0 < largest < 1.0
    assert ask(model, QUIET, settings=Settings(candidates=None, stop_below=largest + 1e-9)).stop.stop
    assert not ask(model, QUIET, settings=Settings(candidates=None, stop_below=largest)).stop.stop


def test_the_stop_rule_does_not_stop_over_a_question_that_was_not_evaluated_or_a_red_flag(model):
    few = ask(model, QUIET, settings=Settings(candidates=1, stop_below=1.0), number=1).stop
    assert (few.stop, few.evaluated, few.left_out) == (False, 1, 3)
    decided = ask(model, QUIET, settings=Settings(candidates=1, stop_below=1.0, decide_stop=True), number=1).stop
    assert (decided.stop, decided.evaluated, decided.left_out) == (True, 4, 0)
    open_flag = ask(model, {"ache": [1, 0]}, settings=Settings(candidates=None, stop_below=1.0)).stop
    assert open_flag.red_flags == 2
    assert not open_flag.stop


def test_deciding_ends_with_the_first_question_that_reaches_the_limit(model):
    found = ask(model, QUIET, settings=Settings(candidates=1, stop_below=0.01, decide_stop=True), number=1)
    assert (found.stop.stop, found.stop.evaluated) == (False, 1)


def test_past_its_time_the_stop_rule_is_not_worked_out_and_does_not_say_stop(model, monkeypatch):
    clock = iter(range(1000))
    module = importlib.import_module("legdx.inquiry.next_questions")  # the package has a function of that name
    monkeypatch.setattr(module, "perf_counter", lambda: float(next(clock)))
    settings = Settings(candidates=1, stop_below=1.0, decide_stop=True, decide_seconds=2.0)
    late = ask(model, QUIET, settings=settings, number=1)
    assert (late.stop.stop, late.stop.evaluated, late.stop.left_out) == (False, 3, 1)
    assert [one.reason for one in late.not_evaluated] == ["out_of_time"]
    assert late.is_undecided
    for seconds in (None, 100.0):
        settings = Settings(candidates=1, stop_below=1.0, decide_stop=True, decide_seconds=seconds)
        decided = ask(model, QUIET, settings=settings, number=1)
        assert decided.stop.stop
        assert not decided.is_undecided
    assert not ask(model, QUIET, settings=Settings(candidates=1), number=1).is_undecided


def test_an_attribute_is_asked_only_where_its_complaint_is_there(model):
    for answers in ({}, {"ache": [1, 0]}, {"ache": [0.5, 0.5]}):
        assert "ache_onset" not in {one.name for one in ask(model, answers)}
    assert ask(model, {"ache": [0, 1]})[0].name == "ache_onset"


def test_what_was_answered_in_any_way_or_follows_from_the_answers_is_not_asked(model):
    assert not {"ache", "ache_onset"} & {one.name for one in ask(model, {"ache_onset": [0, 1, 0]})}
    assert "droop" not in {one.name for one in ask(model, {}, unsure=("droop",))}


def test_red_flags_come_first_and_what_completes_a_rule_before_the_others(model):
    ranks = {one.name: one.red_flag for one in ask(model, {"numb": [0, 1]})}
    assert list(ranks)[:2] == ["droop", "ache"]
    assert (ranks["droop"], ranks["ache"]) == ("completes_emergency", "emergency")
    assert ranks["age"] is None
    assert {one.red_flag for one in ask(model, {"ache_onset": [0, 0, 1]})} == {None}  # nothing is above an emergency
    assert ask(model, {"droop": [0, 1]})[0].red_flag == "completes_emergency"


def test_of_red_flags_of_one_rank_the_one_that_more_probably_raises_the_urgency_comes_first(model):
    flags = [one for one in ask(model, {"ache": [0, 1], "numb": [0, 1]}) if one.red_flag == "completes_emergency"]
    assert [one.name for one in flags] == sorted(
        (one.name for one in flags), key=lambda name: -next(one.rises for one in flags if one.name == name)
    )
    assert len({one.rises for one in flags}) == 2


def test_a_rule_that_can_no_longer_fire_makes_no_red_flag(model):
    ranks = {one.name: one.red_flag for one in ask(model, {"ache": [0, 1], "droop": [1, 0]})}
    assert ranks["numb"] is None
    ranks = {one.name: one.red_flag for one in ask(model, {"ache": [0, 1]}, unsure=("droop",))}
    assert ranks["numb"] is None


def test_an_examination_costs_more_and_is_asked_only_where_it_has_a_cost(model):
    knowledge, _ = model
    assert kind_of(knowledge, "sign") == "examination"
    found = {one.name: one.cost for one in ask(model, {})}
    assert found["sign"] == 10.0
    only = Settings(candidates=None, costs={"question": 2.0})
    assert {one.cost for one in ask(model, {}, settings=only)} == {2.0}


def test_what_is_not_looked_at_is_listed_with_its_reason(model):
    few = ask(model, {"ache": [1, 0]}, settings=Settings(candidates=1), number=1)
    assert (len(few), few.questions[0].red_flag) == (1, "emergency")
    assert {one.reason for one in few.not_evaluated} == {"screened_out"}
    everything = {one.name for one in ask(model, {"ache": [1, 0]})}
    assert {one.name for one in (*few.questions, *few.not_evaluated)} == everything


def test_past_the_budget_questions_are_listed_without_numbers_and_red_flags_are_still_asked_first(model):
    found = ask(model, {"numb": [0, 1]}, settings=Settings(budget=Budget(seconds=0.0)))
    assert (found.questions, found.first_cause, found.stop.stop, found.stop.largest) == ((), None, False, None)
    assert {one.reason for one in found.not_evaluated} == {"over_budget"}
    assert found.next_name == "droop"


def test_a_red_flag_without_numbers_is_asked_before_a_question_with_numbers_that_is_none(model):
    found = ask(model, QUIET)
    flag = NotEvaluated(
        name="alarm", label="alarm", text="Alarm?", kind="question", red_flag="emergency", reason="over_budget"
    )
    assert dataclasses.replace(found, not_evaluated=(flag,)).next_name == "alarm"
    no_flag = dataclasses.replace(flag, red_flag=None)
    assert dataclasses.replace(found, not_evaluated=(no_flag,)).next_name == found[0].name


def test_among_keeps_to_the_questions_named(model):
    assert {one.name for one in ask(model, {}, among={"numb", "sex"})} == {"numb", "sex"}
    assert ask(model, {}, among=set()).next_name is None


def test_why_names_the_rule_and_the_numbers(model):
    first = ask(model, {"ache": [0, 1]})[0]
    text = " ".join(first.why)
    assert "Fast aches are dangerous." in text
    assert "at once" in text
    assert f"{first.information_bits:.2f} bits" in text
    assert ask(model, {})[0].text in {"Does it ache?", "Droop?", "Numb?"}


def test_next_questions_are_plain_json(model):
    found = ask(model, {"numb": [0, 1]})
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [one["name"] for one in plain["questions"]] == [one.name for one in found]
    assert plain["stop"]["limit"] == found.stop.limit


def test_wrong_settings_and_impossible_answers_are_errors(model):
    with pytest.raises(ValueError, match="cannot choose 0"):
        ask(model, {}, number=0)
    for wrong in ({"costs": {"question": 0.0}}, {"candidates": 0}, {"stop_below": 2.0}, {"urgency_bits": -1.0}):
        with pytest.raises(ValueError, match="must"):
            Settings(**wrong)
    with pytest.raises(ImpossibleEvidenceError):
        ask(model, {"ache": [1, 0], "ache_onset": [0, 1, 0]})
