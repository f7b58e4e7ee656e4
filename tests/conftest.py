"""Built models for every test: the small one of the knowledge tests, and the packaged one."""

from __future__ import annotations

from pathlib import Path

import pytest

import legdx
from legdx.build import build
from legdx.model import Model
from tests.knowledge.tiny_model import ModelFolder

DRAWS = 20


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory) -> Path:
    """The small model in its folder, built with drawn networks; its numbers can all hold together."""
    folder = ModelFolder(tmp_path_factory.mktemp("packaged") / "tiny")
    cause = "causes/low_potassium.yaml"
    folder.replace(
        cause, "value: 0.0000141\n    low: 1.0e-5\n    high: 2e-5", "value: 0.05\n    low: 0.04\n    high: 0.06"
    )
    folder.replace(cause, "frame: current, value: 0.1045, low: 0.077, high: 0.141", "value: 0.4, low: 0.35, high: 0.45")
    build(folder.path, draws=DRAWS)
    return folder.path


@pytest.fixture(scope="session")
def tiny(tiny_folder) -> Model:
    return legdx.load_model(tiny_folder)


@pytest.fixture(scope="session")
def leg() -> Model:
    return legdx.load_model()
