"""People with answers, and what can happen to an answer."""

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st

from legdx.engine import posterior as engine_posterior
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.urgency import LEVELS, assess_urgency

WEIGHTS = st.sampled_from((0.0, 0.1, 0.5, 0.9, 1.0))


def alarms_of(knowledge):
    return sorted({literal.finding for rule in knowledge.red_flags.values() for literal in rule.literals})


def height(level):
    return len(LEVELS) - LEVELS.index(level)


def level_of(knowledge, network, answers, unsure=(), posterior=None):
    return assess(knowledge, network, answers, unsure, posterior).level


def assess(knowledge, network, answers, unsure=(), posterior=None):
    """Assess answers given by name; answers that exclude each other, or cost too much, end the example."""
    evidence = {network.index[name]: np.asarray(likelihood, float) for name, likelihood in answers.items()}
    try:
        if posterior is None:
            causes = network.of_kind("cause")
            found = engine_posterior(network, evidence, causes).marginals
            posterior = {network.variables[i].name: float(found[i][0, 1]) for i in causes}
        return assess_urgency(knowledge, network, evidence, set(unsure), posterior)
    except (ImpossibleEvidenceError, TooCostlyError):
        reject()


def one_hot(network, name, state):
    states = network.variables[network.index[name]].states
    at = states.index(state) if isinstance(state, str) else state
    return [float(i == at) for i in range(len(states))]


def likelihoods(size):
    """Answers: mostly certain, now and then soft."""
    certain = st.integers(0, size - 1).map(lambda at: [float(i == at) for i in range(size)])
    soft = st.lists(WEIGHTS, min_size=size, max_size=size).filter(any)
    return st.one_of(certain, certain, soft)


def people(network, names, most):
    """Answers to some of the named variables."""
    answer = {name: likelihoods(network.variables[network.index[name]].size) for name in names}
    chosen = st.lists(st.sampled_from(sorted(names)), unique=True, max_size=most)
    return chosen.flatmap(lambda picked: st.fixed_dictionaries({name: answer[name] for name in picked}))


def thresholds_of(knowledge, network, name):
    states = network.variables[network.index[name]].states
    return [
        (1 if literal.at_least is None else states.index(literal.at_least), literal)
        for rule in knowledge.red_flags.values()
        for literal in rule.literals
        if literal.finding == name
    ]


@st.composite
def raised(draw, knowledge, network, answers, name):
    """Make an alarming answer present, or more present than it is; where it needs its gates, these are present too."""
    size = network.variables[network.index[name]].size
    thresholds = thresholds_of(knowledge, network, name)
    before = answers.get(name)
    lowest = min(at for at, _ in thresholds)
    if before is None:
        after = draw(likelihoods(size).filter(lambda after: max(after[lowest:]) >= max(after[:lowest])))
    else:
        first = next(i for i, weight in enumerate(before) if weight)
        last = max(i for i, weight in enumerate(before) if weight)
        higher = st.integers(max(last, lowest), size - 1).map(lambda at: [float(i == at) for i in range(size)])
        ratios = st.lists(st.sampled_from((0.0, 0.1, 0.5, 1.0, 2.0, 9.0)), min_size=size, max_size=size).map(sorted)
        stronger = ratios.map(lambda ratio: [b * r for b, r in zip(before, ratio, strict=True)]).filter(any)
        after = draw(st.one_of(higher, stronger) if first < size else higher)
    changed = answers | {name: after}
    if after[0] == 0.0:
        gate = knowledge.findings[name].gate
        if gate is not None and gate in answers and not any(answers[gate][1:]):
            changed[gate] = one_hot(network, gate, 1)
    return changed
