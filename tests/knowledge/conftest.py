"""The valid model, in a folder of its own for each test."""

from pathlib import Path

import pytest

from tests.knowledge.tiny_model import ModelFolder


@pytest.fixture
def model(tmp_path: Path) -> ModelFolder:
    """A valid model in a folder of its own."""
    return ModelFolder(tmp_path / "tiny")
