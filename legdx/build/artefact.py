"""The built model as one file of plain arrays and JSON: what loading needs, and nothing to solve.

A zip archive of ``meta.json`` (versions and digests), ``network.json`` (variables and arrows), ``knowledge.json``,
``report.json`` (the build report, not read by loading), ``solved.npy`` (every number of the solved network, one flat
vector) and ``drawn.npy`` (the drawn networks).  No pickle.  Only probabilities above the lowest level are stored; the
lowest is what is left to 1.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from legdx.errors import FormatError, StaleArtefactError
from legdx.knowledge import Knowledge, knowledge_digest
from legdx.network.records import Array, Inhibitor, Link, Network, Node, NoisyMax, Table, Variable

__all__ = ["Artefact", "artefact_path", "pack_drawn", "read_artefact", "write_artefact"]

FORMAT = "1"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PARTS = ("network.json", "knowledge.json", "report.json", "solved.npy", "drawn.npy")


@dataclass(frozen=True, slots=True)
class Artefact:
    """A built model in memory; the drawn networks stay packed until ``drawn`` is called.

    Two are equal when their digests are, which are over everything else.
    """

    knowledge: Knowledge = field(compare=False)
    network: Network = field(compare=False)
    digest: str
    solved_for: str = field(compare=False)
    report: bytes = field(repr=False, compare=False)
    packed: NDArray[np.float32] = field(repr=False, compare=False)

    def drawn(self) -> Network | None:
        """Return the drawn networks side by side, or None when the model was built without."""
        if not len(self.packed):
            return None
        vectors = self.packed.astype(np.float64)
        return Network(self.network.variables, _unpack(self.network.variables, _layout(self.network), vectors))


def artefact_path(folder: Path, model_id: str) -> Path:
    """Return where the built model of a knowledge folder stands."""
    return folder / f"{model_id}.npz"


def write_artefact(
    path: Path, knowledge: Knowledge, network: Network, packed: NDArray[np.float32], report: bytes, solved_for: str
) -> str:
    """Write the built model; the same input gives the same bytes.  Returns the digest of its content."""
    parts = {
        "network.json": _json(_layout(network)),
        "knowledge.json": _json(knowledge.to_dict()),
        "report.json": report,
        "solved.npy": _npy(_pack(network)),
        "drawn.npy": _npy(packed),
    }
    digest = _content_digest(parts)
    meta = {"format": FORMAT, "model": knowledge.model.id, "version": knowledge.model.version}
    meta |= {"knowledge": knowledge.digest, "solved_for": solved_for, "content": digest}
    temporary = path.with_suffix(".part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"meta.json": _json(meta), **parts}.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    temporary.replace(path)
    return digest


def pack_drawn(drawn: Network | None) -> NDArray[np.float32]:
    """Return the drawn networks as one flat vector each, (draws, numbers)."""
    return np.zeros((0, 0), np.float32) if drawn is None else _pack(drawn).astype(np.float32)


def read_artefact(path: Path, *, stale: bool = False) -> Artefact:
    """Read a built model and verify it.

    Args:
        path: the file.
        stale: accept one that was built from other knowledge files than those beside it.

    Raises:
        StaleArtefactError: the file is missing, of another format, damaged, or (unless ``stale``) not built from the
            knowledge files that stand beside it.

    """
    meta, parts = _read_parts(path)
    beside = (path.parent / "model.yaml").exists()
    if beside and not stale and knowledge_digest(path.parent) != meta["knowledge"]:
        message = f"{path.name} was built from other knowledge files than those beside it"
        raise StaleArtefactError(message, hint=f"run `legdx build {path.parent}` to build it again")
    try:
        layout = json.loads(parts["network.json"])
        variables = tuple(Variable(v["name"], tuple(v["states"]), v["kind"]) for v in layout)
        solved = np.load(io.BytesIO(parts["solved.npy"]), allow_pickle=False)
        network = Network(variables, _unpack(variables, layout, solved))
        knowledge = Knowledge.from_dict(json.loads(parts["knowledge.json"]))
        packed = np.load(io.BytesIO(parts["drawn.npy"]), allow_pickle=False)
    except (KeyError, ValueError, TypeError, FormatError) as error:
        message = f"{path.name} was written by another version of legdx"
        raise StaleArtefactError(message) from error
    return Artefact(knowledge, network, str(meta["content"]), str(meta["solved_for"]), parts["report.json"], packed)


def _read_parts(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            meta = json.loads(archive.read("meta.json"))
            if meta.get("format") != FORMAT:
                message = f"{path.name} has format {meta.get('format')}, this version of legdx reads format {FORMAT}"
                raise StaleArtefactError(message)
            parts = {name: archive.read(name) for name in _PARTS}
    except FileNotFoundError as error:
        message = f"there is no built model {path.name}"
        raise StaleArtefactError(
            message, hint=f"run `legdx build {path.parent}`, if it holds knowledge files"
        ) from error
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, AttributeError, OSError) as error:
        message = f"{path.name} cannot be read as a built model"
        raise StaleArtefactError(message) from error
    if meta.get("content") != _content_digest(parts):
        message = f"{path.name} is damaged: its content does not match its digest"
        raise StaleArtefactError(message)
    return meta, parts


def _content_digest(parts: Mapping[str, bytes]) -> str:
    total = hashlib.sha256()
    for name in _PARTS:
        total.update(hashlib.sha256(parts[name]).digest())
    return total.hexdigest()


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _npy(array: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _layout(network: Network) -> list[dict[str, Any]]:
    return [
        {"name": v.name, "states": list(v.states), "kind": v.kind, **_node_layout(node)}
        for v, node in zip(network.variables, network.nodes, strict=True)
    ]


def _node_layout(node: Node) -> dict[str, Any]:
    if isinstance(node, Table):
        return {"table": list(node.parents)}
    return {
        "context": list(node.context),
        "links": [[link.parent, *link.context] for link in node.links],
        "inhibitors": [inhibitor.parent for inhibitor in node.inhibitors],
        "gate": node.gate,
        "floor": node.floor,
    }


def _pack(network: Network) -> Array:
    """Return every number above the lowest level, (b, numbers)."""
    draws = network.draws
    columns: list[Array] = []

    def put(array: Array) -> None:
        columns.append(np.broadcast_to(array, (draws, *array.shape[1:])).reshape(draws, -1))

    for node in network.nodes:
        if isinstance(node, Table):
            put(node.values[..., 1:])
            continue
        first = node.floor + 1
        put(node.leak[..., first:])
        for link in node.links:
            put(link.values[..., first:])
        for inhibitor in node.inhibitors:
            put(inhibitor.values)
    return np.concatenate(columns, axis=1)


def _unpack(variables: tuple[Variable, ...], layout: Iterable[Mapping[str, Any]], vectors: Array) -> tuple[Node, ...]:
    taken = 0

    def take(shape: tuple[int, ...]) -> Array:
        nonlocal taken
        count = math.prod(shape)
        part = vectors[:, taken : taken + count].reshape(len(vectors), *shape)
        taken += count
        return part

    def sizes(members: Iterable[int]) -> tuple[int, ...]:
        return tuple(variables[i].size for i in members)

    def rows(members: Iterable[int], size: int, floor: int) -> Array:
        upper = take((*sizes(members), size - 1 - floor))
        whole = np.zeros((*upper.shape[:-1], size))
        whole[..., floor + 1 :] = upper
        lowest = whole[..., floor]
        np.subtract(1.0, upper[..., 0] if upper.shape[-1] == 1 else upper.sum(axis=-1), out=lowest)
        np.maximum(lowest, 0.0, out=lowest)
        return whole

    nodes: list[Node] = []
    for variable, shape in zip(variables, layout, strict=True):
        if "table" in shape:
            nodes.append(Table(tuple(shape["table"]), rows(shape["table"], variable.size, 0)))
            continue
        floor = int(shape["floor"])
        leak = rows(shape["context"], variable.size, floor)
        links = tuple(
            Link(parent, rows((*context, parent), variable.size, floor), tuple(context))
            for parent, *context in shape["links"]
        )
        inhibitors = tuple(Inhibitor(parent, take(sizes([parent]))) for parent in shape["inhibitors"])
        nodes.append(NoisyMax(tuple(shape["context"]), leak, links, inhibitors, shape["gate"], floor))
    return tuple(nodes)
