"""The packaged knowledge and the small one, each with a network of made-up numbers."""

from pathlib import Path

import pytest

import legdx
from legdx.knowledge import load_knowledge
from tests.urgency.models import denial_knowledge, network_of, small_knowledge

PACKAGED = Path(legdx.__file__).parent.parent / "models" / "leg"


@pytest.fixture(scope="session")
def leg():
    knowledge = load_knowledge(PACKAGED)
    return knowledge, network_of(knowledge, low=0.002, high=0.05)


@pytest.fixture(scope="session")
def denial():
    knowledge = denial_knowledge()
    return knowledge, network_of(knowledge)


@pytest.fixture(scope="session")
def small():
    knowledge = small_knowledge()
    return knowledge, network_of(knowledge)
