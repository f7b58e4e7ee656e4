"""What a missing answer would do is what giving it does."""

from __future__ import annotations

import numpy as np
import pytest

from legdx.engine import Budget, observe
from legdx.errors import TooCostlyError
from legdx.explanation.missing import missing_answers
from tests.explanation.people import decibans, enumerated, person

TOLERANCE = 1e-9


def entropy(p):
    return -sum(x * np.log2(x) for x in np.ravel(p) if x > 0)


@pytest.mark.parametrize("cause", ["stroke", "neuropathy"])
@pytest.mark.parametrize(
    "answers",
    [
        {"age": "old", "sex": "male", "weakness": "present"},
        {"weakness": "present", "reflexes": "mild", "alcohol": "present"},
        {"sex": "female", "weakness": "absent"},
        {"sex": "female"},
    ],
)
def test_every_question_weighs_what_its_answers_would_weigh(answers, cause):
    network, evidence = person(answers)
    c = network.index[cause]
    found = {one.variable: one for one in missing_answers(network, evidence, c, most=99)}
    asked = {"alcohol", "age", "sex"}
    if "weakness" not in answers:
        asked |= {"weakness"}
    if answers.get("weakness") == "present":
        asked |= {"weakness_onset"}  # its other attribute has an inhibitor
    assert set(found) == asked - set(answers)
    before = decibans(network, evidence, c)
    _, (p_without, p_with) = enumerated(network, evidence, c)
    for name, one in found.items():
        i = network.index[name]
        lowest = 1 if name == "weakness_onset" else 0
        low = evidence | dict([observe(network, name, lowest)])
        high = dict(evidence)
        high[i] = np.array([float(s > lowest) for s in range(network.variables[i].size)])
        if name != "age":
            assert one.kind == ("factor" if name in {"alcohol", "sex"} else "finding")
        assert one.if_absent_decibans == pytest.approx(decibans(network, low, c) - before, abs=TOLERANCE)
        assert one.if_present_decibans == pytest.approx(decibans(network, high, c) - before, abs=TOLERANCE)
        total, _ = enumerated(network, evidence, c)
        shares, tables = [], []
        for state in range(lowest, network.variables[i].size):
            some = evidence | dict([observe(network, name, state)])
            part, given = enumerated(network, some, c)
            shares.append(part / total)
            tables.append(part / total * given)
        assert one.probability == pytest.approx(sum(shares[1:]), abs=TOLERANCE)
        if one.kind == "finding":
            tables = [tables[0], sum(tables[1:])]
            shares = [shares[0], sum(shares[1:])]
        bits = entropy(shares) + entropy([p_without, p_with]) - entropy(tables)
        assert one.bits == pytest.approx(bits, abs=TOLERANCE)
    values = [one.bits for one in missing_answers(network, evidence, c, most=99)]
    assert values == sorted(values, reverse=True)
    assert len(missing_answers(network, evidence, c, most=1)) == 1


def test_a_known_cause_has_nothing_to_ask_and_costly_questions_are_refused():
    network, evidence = person({"stroke": "present"})
    assert missing_answers(network, evidence, network.index["stroke"]) == ()
    with pytest.raises(TooCostlyError):
        missing_answers(network, evidence, network.index["neuropathy"], budget=Budget(seconds=1e-9))
