"""A built model is read back whole, in one piece, and only beside the knowledge that it was built from."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

import legdx
from legdx.build import build, pipeline, read_artefact
from legdx.engine import posterior
from legdx.errors import StaleArtefactError
from legdx.network.records import arrays_of
from tests.knowledge.tiny_model import JUDGED, ModelFolder


@pytest.fixture(scope="module")
def made(folder, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("built") / "tiny"
    shutil.copytree(folder.path, place)
    build(place, draws=5)
    return place


@pytest.fixture
def copy(made, tmp_path) -> Path:
    place = tmp_path / "tiny"
    shutil.copytree(made, place)
    return place


def test_everything_is_read_back(made, knowledge, built):
    artefact = read_artefact(made / "tiny.npz")
    assert artefact.knowledge == knowledge
    assert artefact.network.variables == built.network.variables
    for one, other in zip(artefact.network.nodes, built.network.nodes, strict=True):
        for mine, theirs in zip(arrays_of(one), arrays_of(other), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-15)


def test_the_drawn_networks_are_kept_to_single_precision(made, built):
    drawn = read_artefact(made / "tiny.npz").drawn()
    assert drawn is not None
    assert built.drawn is not None
    cause = drawn.index["low_potassium"]
    mine = posterior(drawn, {}, [cause]).marginals[cause][:, 1]
    theirs = posterior(built.drawn, {}, [cause]).marginals[cause][:5, 1]
    np.testing.assert_allclose(mine, theirs, rtol=1e-5)


def test_the_same_knowledge_gives_the_same_bytes(made, folder, tmp_path):
    again = tmp_path / "again"
    shutil.copytree(folder.path, again)
    build(again, draws=5)
    assert (again / "tiny.npz").read_bytes() == (made / "tiny.npz").read_bytes()


def test_a_model_beside_changed_knowledge_is_refused_with_the_command_that_mends_it(copy):
    with (copy / "renames.yaml").open("a") as file:
        file.write("# one more line\n")
    with pytest.raises(StaleArtefactError, match=r"(?s)other knowledge files.*legdx build"):
        legdx.load_model(copy)


def test_windows_line_ends_do_not_make_a_model_stale(copy):
    for file in copy.rglob("*.yaml"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    legdx.load_model(copy)


def test_a_model_that_is_missing_damaged_or_no_model_is_refused(copy):
    path = copy / "tiny.npz"
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = {**parts, "solved.npy": parts["solved.npy"][:-8] + b"\0" * 8}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in changed.items():
            archive.writestr(name, content)
    with pytest.raises(StaleArtefactError, match="damaged"):
        legdx.load_model(copy)
    for content in (whole[:1000], b"", b"PK not a zip"):
        path.write_bytes(content)
        with pytest.raises(StaleArtefactError, match="cannot be read"):
            legdx.load_model(path)
    path.unlink()
    with pytest.raises(StaleArtefactError, match="no built model"):
        legdx.load_model(copy)


def test_there_is_no_pickle_in_it(made):
    with zipfile.ZipFile(made / "tiny.npz") as archive:
        assert sorted(archive.namelist()) == sorted(
            ["meta.json", "network.json", "knowledge.json", "report.json", "solved.npy", "drawn.npy"]
        )
        for name in ("solved.npy", "drawn.npy"):
            with archive.open(name) as file:
                np.lib.format.read_magic(file)
                _, _, dtype = np.lib.format.read_array_header_1_0(file)
                assert not dtype.hasobject


def test_a_changed_text_keeps_the_numbers_and_a_changed_figure_does_not(copy, monkeypatch):
    solved = []
    original = pipeline.build_network
    monkeypatch.setattr(pipeline, "build_network", lambda *a, **k: solved.append(1) or original(*a, **k))
    before = legdx.load_model(copy).digest
    texts = copy / "text" / "en.yaml"
    texts.write_text(texts.read_text().replace("weak legs", "legs without strength"))
    build(copy, draws=5)
    assert not solved
    model = legdx.load_model(copy)
    assert model.knowledge.label("weakness") == "legs without strength"
    assert model.digest != before
    cause = copy / "causes" / "dehydration.yaml"
    cause.write_text(cause.read_text().replace("value: 0.2, low: 0.1, high: 0.3", "value: 0.25, low: 0.1, high: 0.3"))
    build(copy, draws=5)
    assert solved == [1]


def test_one_cause_is_added_by_adding_one_file(copy):
    before = legdx.load_model(copy)
    ModelFolder.write(_at(copy), "causes/hard_training.yaml", NEW_CAUSE)
    build(copy, draws=0)
    model = legdx.load_model(copy)
    assert set(model.knowledge.causes) - set(before.knowledge.causes) == {"hard_training"}
    result = model.assess({"weakness": "present", "weakness_onset": "days"})
    assert result.posterior["hard_training"] > 5 * result.prior["hard_training"]
    assert result.explain("hard_training").label == "hard training"


def _at(path: Path) -> ModelFolder:
    """A folder object for files that are there already."""
    folder = ModelFolder.__new__(ModelFolder)
    folder.path = path
    return folder


NEW_CAUSE = f"""\
id: hard_training
course: acute
seriousness: {{level: mild}}
prevalence:
  - {{quantity: prevalence, value: 0.02, low: 0.01, high: 0.04, {JUDGED}}}
findings:
  - {{finding: weakness, value: 0.6, low: 0.4, high: 0.8, {JUDGED}}}
text:
  en:
    label: hard training
    summary: The muscles are tired from work. They hurt for some days.
"""
