"""The knowledge of the packaged model, without its numbers, and a mapping file written on the spot."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from legdx.knowledge import Knowledge, load_knowledge
from legdx.model import packaged_folder
from legdx.survey import load_mapping


@dataclass(frozen=True)
class Holder:
    knowledge: Knowledge


@pytest.fixture(scope="session")
def leg() -> Holder:
    """What a mapping needs of a model."""
    return Holder(load_knowledge(packaged_folder()))


@pytest.fixture
def mapping_of(tmp_path: Path, leg: Holder):
    """Return the mapping whose `columns:` are this YAML, and optionally more of the file."""

    def make(columns: str, more: str = ""):
        path = tmp_path / "mapping.yaml"
        path.write_text(f'schema_version: "1.0"\nname: test\n{more}columns:\n{columns}\n', encoding="utf-8")
        return load_mapping(path, leg)

    return make
