"""A flip is the smallest change with another outcome, and every one that is told holds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from legdx.engine import observe, posterior
from legdx.explanation.flip import _Screen, changed, first_cause_flips, possible_changes, urgency_flips
from legdx.network import Network, NoisyMax, Table, Variable
from tests.explanation.people import person
from tests.network.hand_made import BINARY, leaking, raising

ANSWERS = {
    "age": "old", "alcohol": "absent", "weakness": "present", "weakness_onset": "severe",
    "weakness_one_sided": "present", "reflexes": "mild",
}  # fmt: skip
CAUSES = ("stroke", "neuropathy", "thyroid")


def test_yes_or_no_answers_can_be_turned_round_and_a_complaint_takes_its_attributes_along():
    network, evidence = person(ANSWERS)
    found = {c.variable: (c.given, c.instead) for c in possible_changes(network, evidence).values()}
    assert found == {
        "alcohol": ("absent", "present"),
        "weakness": ("present", "absent"),
        "weakness_one_sided": ("present", "absent"),
    }
    weakness = network.index["weakness"]
    other = changed(network, evidence, [weakness])
    assert list(other[weakness]) == [1.0, 0.0]
    assert {network.variables[i].name for i in other} == {"age", "alcohol", "weakness", "reflexes"}
    alcohol = network.index["alcohol"]
    assert list(changed(network, evidence, [alcohol])[alcohol]) == [0.0, 1.0]
    soft = evidence | {alcohol: np.array([0.2, 0.8])}
    assert alcohol not in possible_changes(network, soft)
    _, attribute = person({"weakness_one_sided": "present"})
    assert possible_changes(network, attribute) == {}


def test_flips_are_the_smallest_sets_that_make_another_cause_first():
    network, evidence = person(ANSWERS)
    causes = [network.index[name] for name in CAUSES]

    def first_of(answers):
        marginals = posterior(network, answers, causes).marginals
        return max(CAUSES, key=lambda name: marginals[network.index[name]][0, 1])

    before = first_of(evidence)
    candidates = [before, *(name for name in CAUSES if name != before)]
    found = first_cause_flips(network, evidence, candidates, first_of)
    assert found
    turnable = list(possible_changes(network, evidence))
    smallest = next(
        size
        for size in (1, 2, 3)
        if any(first_of(changed(network, evidence, s)) != before for s in itertools.combinations(turnable, size))
    )
    for flip in found:
        assert flip.effect == "first_cause"
        assert len(flip.changes) == smallest
        turned = [network.index[change.variable] for change in flip.changes]
        assert first_of(changed(network, evidence, turned)) == flip.after != flip.before == before
    assert first_cause_flips(network, evidence, candidates, lambda _: before) == ()
    assert first_cause_flips(network, evidence, [], first_of) == ()


def test_absent_answers_are_turned_round_too():
    network, evidence = person({"age": "old", "weakness": "absent", "reflexes": "none", "alcohol": "present"})
    weakness = network.index["weakness"]

    def first_of(answers):
        return "stroke" if answers[weakness][1] else "thyroid"

    marginals = posterior(network, changed(network, evidence, [weakness]), [network.index[n] for n in CAUSES]).marginals
    best = max(CAUSES, key=lambda name: marginals[network.index[name]][0, 1])
    worst = min(CAUSES, key=lambda name: marginals[network.index[name]][0, 1])
    found = first_cause_flips(network, evidence, (worst, best), lambda a: best if first_of(a) == "stroke" else worst)
    assert all(any(c.variable == "weakness" and c.instead == "present" for c in flip.changes) for flip in found)


def test_urgency_flips_are_asked_of_the_rules_and_worked_out_in_full():
    network, evidence = person(ANSWERS)
    weakness, one_sided = network.index["weakness"], network.index["weakness_one_sided"]
    asked = []

    def by_rules(answers):
        there = [answers[i][1] > 0 for i in (weakness, one_sided) if i in answers]
        return "urgent" if all(there) and len(there) == 2 else "routine"

    def in_full(answers):
        asked.append(answers)
        return by_rules(answers)

    found = urgency_flips(network, evidence, by_rules, in_full)
    assert {tuple(c.variable for c in flip.changes) for flip in found} == {("weakness",), ("weakness_one_sided",)}
    assert all((flip.effect, flip.before, flip.after) == ("urgency", "urgent", "routine") for flip in found)
    assert len(asked) == 3
    assert urgency_flips(network, evidence, by_rules, lambda _: "urgent") == ()
    assert urgency_flips(network, dict([observe(network, "age", "old")]), by_rules, in_full) == ()


def test_where_no_single_answer_makes_another_first_pairs_are_found():
    leaks, links = leaking(0.05), (raising(0, 0.9),)
    names = (("a", "cause"), ("b", "cause"), ("one", "finding"), ("two", "finding"), ("three", "finding"))
    network = Network(
        tuple(Variable(name, BINARY, kind) for name, kind in names),
        (
            Table((), np.array([[0.9, 0.1]])),
            Table((), np.array([[0.95, 0.05]])),
            NoisyMax((), leaks, links),
            NoisyMax((), leaks, links),
            NoisyMax((), leaking(0.2)),
        ),
    )
    evidence = dict(observe(network, name, "present") for name in ("one", "two", "three"))

    def first_of(answers):
        marginals = posterior(network, answers, (0, 1)).marginals
        return max("ab", key=lambda name: marginals["ab".index(name)][0, 1])

    found = first_cause_flips(network, evidence, ("a", "b"), first_of)
    assert [{change.variable for change in flip.changes} for flip in found] == [{"one", "two"}]
    assert (found[0].before, found[0].after) == ("a", "b")


@pytest.mark.parametrize(
    "answers", [ANSWERS, {"age": "old", "weakness": "absent", "reflexes": "none", "alcohol": "present"}]
)
def test_the_screen_says_the_lead_that_is_left_after_any_changes(answers):
    network, evidence = person(answers)
    screen = _Screen(network, evidence, CAUSES, None)
    turnable = list(possible_changes(network, evidence))
    gated = {(network.nodes[i].gate, i) for i in turnable if getattr(network.nodes[i], "gate", None) is not None}
    sets = [s for size in (1, 2) for s in itertools.combinations(turnable, size) if s not in gated]
    for turned, lead in zip(sets, screen.leads(sets), strict=True):
        marginals = posterior(network, changed(network, evidence, turned), screen.causes).marginals
        first, *others = [marginals[c][0, 1] for c in screen.causes]
        assert lead == pytest.approx(first - max(others), abs=1e-6)  # "on" is a difference here


def test_a_complaint_that_comes_keeps_what_was_said_of_it():
    network, evidence = person({"weakness": "absent", "weakness_one_sided": "absent"})
    other = changed(network, evidence, [network.index["weakness"]])
    assert network.index["weakness_one_sided"] in other
