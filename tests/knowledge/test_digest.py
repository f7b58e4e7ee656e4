"""The digest tells knowledge from other knowledge, and from nothing else."""

import pytest

from legdx.errors import KnowledgeError
from legdx.knowledge import knowledge_digest
from tests.knowledge.tiny_model import ModelFolder


def test_the_digest_is_that_of_a_known_folder(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "b.yaml").write_bytes(b"b: 1\n")
    (tmp_path / "text" / "a.yaml").write_bytes(b"")
    # printf 'b.yaml\0005\000b: 1\ntext/a.yaml\0000\000' | sha256sum
    assert knowledge_digest(tmp_path) == "48921ab7767348bcc6868f2902ee35192e5189306b7289b4d43cbc5e9939753c"


@pytest.mark.parametrize("ending", [b"\r\n", b"\r"])
def test_line_ends_do_not_change_the_digest(model, ending):
    before = knowledge_digest(model.path)
    for path in model.path.rglob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", ending))
    assert knowledge_digest(model.path) == before


def test_the_place_of_the_folder_and_the_order_of_writing_do_not_change_the_digest(model, tmp_path):
    other = ModelFolder(tmp_path / "other" / "place")
    (other.path / "model.yaml").unlink()
    other.write("model.yaml", model.read("model.yaml"))
    assert knowledge_digest(other.path) == knowledge_digest(str(model.path))


def test_what_is_no_knowledge_does_not_change_the_digest(model):
    before = knowledge_digest(model.path)
    model.write("README.md", "# A model\n")
    model.write("leg.npz", "arrays")
    model.write(".hidden/model.yaml", "a: 1\n")
    assert knowledge_digest(model.path) == before


def test_any_change_of_knowledge_changes_the_digest(model):
    digests = {knowledge_digest(model.path)}
    model.replace("factors.yaml", "value: 0.03", "value: 0.031")
    digests.add(knowledge_digest(model.path))
    model.append("groups.yaml", "# a remark\n")
    digests.add(knowledge_digest(model.path))
    model.write("text/de.yaml", "")
    digests.add(knowledge_digest(model.path))
    (model.path / "text" / "de.yaml").rename(model.path / "text" / "fr.yaml")
    digests.add(knowledge_digest(model.path))
    assert len(digests) == 5


def test_content_that_moves_from_one_file_to_the_next_changes_the_digest(tmp_path):
    folders = {"one": ("a: 1\n", "b: 2\n"), "two": ("a: 1\nb: 2\n", "")}
    digests = set()
    for name, (first, second) in folders.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_text(first, encoding="utf-8")
        (tmp_path / name / "b.yaml").write_text(second, encoding="utf-8")
        digests.add(knowledge_digest(tmp_path / name))
    assert len(digests) == 2


def test_a_folder_without_knowledge_has_no_digest(tmp_path):
    with pytest.raises(KnowledgeError, match="no knowledge files"):
        knowledge_digest(tmp_path)
