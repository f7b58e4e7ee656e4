"""What reaches a finding, and what would go without a cause, is what throwing every coin gives."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from legdx.engine import prepare
from legdx.errors import ImpossibleEvidenceError
from legdx.explanation.levelled import Levelled, present_findings
from tests.explanation.small import answers, networks
from tests.oracle.noise import worlds

GENERATED = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
TOLERANCE = 1e-12


def drawn(data):
    network = data.draw(networks())
    evidence = data.draw(answers(network))
    targets = ()
    try:
        targets = present_findings(network, evidence)
        prepare(network, evidence).log_evidence()
    except ImpossibleEvidenceError:
        assume(condition=False)
    assume(targets)
    return network, evidence, targets


@GENERATED
@given(data=st.data())
def test_what_would_go_without_causes_is_what_the_coins_say(data):
    network, evidence, targets = drawn(data)
    found = Levelled(network, evidence, targets)
    everything = worlds(network)
    weight = everything.given(evidence)
    causes = network.of_kind("cause")
    sets = [(c,) for c in causes] + [causes[:2], causes]
    pairs = [(some, f) for some in sets for f in targets]
    gone = found.gone(pairs)
    for (some, f), value in zip(pairs, gone, strict=True):
        missing = everything.on[:, f] & ~everything.without(some)[:, f]
        # A gate that would go takes its attribute with it; here an attribute is asked about by its own links.
        if network.nodes[f].gate is None:
            assert value == pytest.approx(weight[missing].sum(), abs=TOLERANCE)


@GENERATED
@given(data=st.data())
def test_what_is_reached_from_causes_is_what_the_coins_say(data):
    network, evidence, targets = drawn(data)
    complaints = [f for f in targets if data.draw(st.booleans())] or list(targets)
    found = Levelled(network, evidence, targets, complaints)
    everything = worlds(network)
    weight = everything.given(evidence)
    causes = network.of_kind("cause")
    sets = [(c,) for c in causes] + [causes]
    for some, value in zip(sets, found.not_reached(sets), strict=True):
        reached = everything.reached(set(some))[:, complaints].any(axis=1)
        assert value == pytest.approx(weight[~reached].sum(), abs=TOLERANCE)
