"""The small valid model, built without and with drawn networks, once for all tests here."""

from __future__ import annotations

import pytest

from legdx.build.pipeline import Built, build_network
from legdx.knowledge import Knowledge, load_knowledge
from tests.knowledge.tiny_model import ModelFolder


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> ModelFolder:
    """The valid model, with numbers that can all hold together."""
    model = ModelFolder(tmp_path_factory.mktemp("models") / "tiny")
    cause = "causes/low_potassium.yaml"
    model.replace(
        cause, "value: 0.0000141\n    low: 1.0e-5\n    high: 2e-5", "value: 0.05\n    low: 0.04\n    high: 0.06"
    )
    model.replace(cause, "frame: current, value: 0.1045, low: 0.077, high: 0.141", "value: 0.4, low: 0.35, high: 0.45")
    return model


@pytest.fixture(scope="session")
def knowledge(folder) -> Knowledge:
    return load_knowledge(folder.path)


@pytest.fixture(scope="session")
def built(knowledge) -> Built:
    return build_network(knowledge, draws=100)
