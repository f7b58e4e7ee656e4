"""One network with everything a noisy-MAX may have: contexts, levels, floor, gates, inhibitors, a group, draws."""

from __future__ import annotations

import numpy as np

from legdx.network import Inhibitor, Link, Network, NoisyMax, Table, Variable

BINARY = ("absent", "present")
GRADED = ("none", "mild", "severe")


def raising(parent, strength, context=()):
    """A link to a binary variable: nothing when the parent is off, `strength` (*context sizes) when it is on."""
    on = np.asarray(strength, dtype=float)
    values = np.zeros((1, *on.shape, 2, 2))
    values[0, ..., 0, 0] = 1.0
    values[0, ..., 1, 0], values[0, ..., 1, 1] = 1.0 - on, on
    return Link(parent, values, context)


def leaking(rate):
    """A leak of a binary variable, one rate for each state of its context."""
    on = np.asarray(rate, dtype=float)
    return np.stack([1.0 - on, on], axis=-1)[np.newaxis]


def hand_made_network() -> Network:
    age = Table((), np.array([[0.2, 0.5, 0.3]]))
    sex = Table((0,), np.array([[[0.5, 0.5], [0.52, 0.48], [0.6, 0.4]]]))
    alcohol = Table((0, 1), np.array([[[[0.9, 0.1], [0.8, 0.2]], [[0.85, 0.15], [0.7, 0.3]], [[0.95, 0.05]] * 2]]))
    thyroid = NoisyMax((0, 1), leaking([[0.01, 0.002], [0.03, 0.005], [0.05, 0.01]]))
    neuropathy = NoisyMax((0,), leaking([0.005, 0.02, 0.08]), (raising(2, [0.1, 0.25], context=(1,)),))
    stroke = NoisyMax((0, 1), leaking([[1e-4, 2e-4], [0.002, 0.003], [0.02, 0.03]]), (raising(2, 0.01),))
    hormonal = NoisyMax((), leaking(0.0), (raising(3, 1.0), raising(4, 1.0)))
    other = NoisyMax((1,), leaking([0.1, 0.06]))
    weakness = NoisyMax(
        (),
        leaking(0.0),
        (
            raising(7, 1.0),
            raising(3, [[0.3, 0.2], [0.4, 0.3], [0.5, 0.4]], context=(0, 1)),
            raising(4, 0.35),
            raising(5, 0.9),
        ),
    )
    onset = NoisyMax(
        (),
        np.array([[0.0, 1.0, 0.0]]),
        tuple(
            Link(parent, np.array([[[0.0, 1.0, 0.0], [0.0, 1.0 - sudden, sudden]]]))
            for parent, sudden in ((7, 0.1), (4, 0.01), (5, 0.95))
        ),
        gate=8,
        floor=1,
    )
    one_sided = NoisyMax((), leaking(0.02), (raising(5, 0.85),), (Inhibitor(4, np.array([[0.0, 0.6]])),), gate=8)
    reflexes = NoisyMax(
        (0,),
        np.array([[[0.9, 0.08, 0.02], [0.88, 0.1, 0.02], [0.8, 0.15, 0.05]]]),
        (
            Link(3, np.array([[[1.0, 0.0, 0.0], [0.5, 0.3, 0.2]]])),
            Link(5, np.array([[[[1.0, 0.0, 0.0], [0.2, 0.3, 0.5]], [[1.0, 0.0, 0.0], [0.25, 0.3, 0.45]]]]), (1,)),
        ),
        tuple(Inhibitor(parent, np.array([[leak, fires]])) for parent, leak, fires in ((4, 0.0, 0.8), (2, 0.05, 0.3))),
    )
    rows = (
        ("age", ("young", "middle", "old"), "factor", age),
        ("sex", ("female", "male"), "factor", sex),
        ("alcohol", BINARY, "factor", alcohol),
        ("thyroid", BINARY, "cause", thyroid),
        ("neuropathy", BINARY, "cause", neuropathy),
        ("stroke", BINARY, "cause", stroke),
        ("hormonal_or_nerve", BINARY, "group", hormonal),
        ("other_weakness", BINARY, "background", other),
        ("weakness", BINARY, "finding", weakness),
        ("weakness_onset", GRADED, "finding", onset),
        ("weakness_one_sided", BINARY, "finding", one_sided),
        ("reflexes", GRADED, "finding", reflexes),
    )
    return Network(tuple(Variable(name, states, kind) for name, states, kind, _ in rows), tuple(row[3] for row in rows))
