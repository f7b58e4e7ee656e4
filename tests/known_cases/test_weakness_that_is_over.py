"""Whether the legs were weak in the last week follows from how long the weakness of a cause lasts.

A question about four weeks takes in what is over.  A spell of d days that touched the last 28 days is still there
within the last w days with probability (d + w) / (d + 28); what lasts for months is there all the time.
"""

from __future__ import annotations

import numpy as np
import pytest

from legdx.network.sampling import simulate

PEOPLE, SEED, WINDOW = 900_000, 12, 7.0
CHANCE = 0.04
"""2.7 standard errors of a share of 0.3 in a thousand people, about as many as the rarest state has."""

SPELLS = {
    "weakness_after_effort": (3.0, 2),
    "weakness_with_acute_illness": (8.0, 1),
    "weakness_in_low_sugar_spells": (0.0, 2),
}
"""State -> days that a spell lasts, and how many spells in four weeks are taken at the most."""

LASTING = ("generalised_weakness", "proximal_muscle_weakness", "stroke_residual", "peripheral_neuropathy")


@pytest.fixture(scope="module")
def drawn(leg):
    states = simulate(leg.network, PEOPLE, np.random.default_rng(SEED))
    return {name: states[:, i] for name, i in leg.network.index.items()}


@pytest.mark.parametrize("state", SPELLS)
def test_a_spell_is_still_there_as_often_as_its_length_says(leg, drawn, state):
    length, most = SPELLS[state]
    once = (length + WINDOW) / (length + 28.0)
    alone = (drawn[state] > 0) & np.all([drawn[other] == 0 for other in (*SPELLS, *LASTING) if other != state], axis=0)
    alone &= np.all([drawn[cause] == 0 for cause in weakening(leg)], axis=0)
    assert alone.sum() > 500
    found = drawn["weakness_in_last_week"][alone].mean()
    assert once - CHANCE < found < 1.0 - (1.0 - once) ** most + CHANCE + (0.03 if most == 1 else 0.0)


def weakening(leg):
    """Causes that speak of the last week; they would speak here too."""
    return [
        name
        for name, cause in leg.knowledge.causes.items()
        if any(link.finding == "weakness_in_last_week" for link in cause.findings)
    ]


@pytest.mark.parametrize("state", LASTING)
def test_weakness_that_lasts_is_there_in_the_last_week_in_nearly_everybody(drawn, state):
    weak = (drawn["weakness"] > 0) & (drawn[state] > 0)
    assert weak.sum() > 200
    assert drawn["weakness_in_last_week"][weak].mean() > 0.9
