"""The quick guess is exact where its assumption holds, and finds the best questions where it does not."""

import numpy as np
import pytest

from legdx.engine import posterior
from legdx.inquiry.information import answer_table, information_bits
from legdx.inquiry.questions import open_questions
from legdx.inquiry.screening import guessed_information, guessed_marginals
from legdx.network.records import Inhibitor, Link, Network, NoisyMax, Table, Variable
from legdx.urgency.answers import Answers

BINARY = ("absent", "present")


def link(parent, strength):
    return Link(parent, np.array([[[1.0, 0.0], [1.0 - strength, strength]]]))


def independent_causes():
    """Three causes that have nothing to do with each other, and a finding with two links and an inhibitor."""
    causes = [Variable(name, BINARY, "cause") for name in ("a", "b", "c")]
    variables = (*causes, Variable("finding", BINARY, "finding"))
    roots = tuple(Table((), np.array([[1.0 - p, p]])) for p in (0.3, 0.1, 0.2))
    inhibitor = Inhibitor(2, np.array([[0.0, 0.6]]))
    node = NoisyMax((), np.array([[0.95, 0.05]]), (link(0, 0.7), link(1, 0.4)), (inhibitor,))
    return Network(variables, (*roots, node))


def test_a_finding_of_independent_causes_is_guessed_exactly():
    network = independent_causes()
    marginals = guessed_marginals(network, {}, {})
    assert marginals[3] == pytest.approx(posterior(network, {}, (3,)).marginals[3][0], abs=1e-15)
    _, joint = answer_table(network, {}, 3, (0, 1))
    exact = information_bits(joint).sum()
    assert guessed_information(network, {}, marginals, (3,))[3] == pytest.approx(exact, abs=1e-12)


def test_a_factor_of_one_cause_is_guessed_exactly():
    variables = (Variable("factor", BINARY, "factor"), Variable("cause", BINARY, "cause"))
    network = Network(
        variables, (Table((), np.array([[0.6, 0.4]])), NoisyMax((), np.array([[0.9, 0.1]]), (link(0, 0.5),)))
    )
    _, joint = answer_table(network, {}, 0, (1,))
    guess = guessed_information(network, {}, guessed_marginals(network, {}, {}), (0,))
    assert guess[0] == pytest.approx(information_bits(joint)[0], abs=1e-12)


@pytest.mark.parametrize(
    "answers",
    [
        {"age": 67, "sex": "male"},
        {"age": 50, "sex": "female", "weakness": "present", "back_pain": "present", "tremor": "absent"},
    ],
)
def test_of_the_packaged_model_the_best_five_questions_are_among_the_first_twenty_guessed(leg, answers):
    network, causes = leg.network, leg.network.of_kind("cause")
    evidence = leg.case(answers).evidence(network)
    asked = Answers.read(network, evidence)
    questions = open_questions(leg.knowledge, asked, set(answers), {"question"})
    known = posterior(network, evidence, (*causes, *network.of_kind("background"))).marginals
    marginals = guessed_marginals(network, evidence, {i: row[0] for i, row in known.items()})
    guess = guessed_information(network, evidence, marginals, questions)
    exact = {q: information_bits(answer_table(network, evidence, q, causes)[1]).sum() for q in questions}
    first = sorted(questions, key=lambda q: -guess[q])[:20]
    best = sorted(questions, key=lambda q: -exact[q])[:5]
    assert set(best) <= set(first)
