"""One number for the content of a folder of knowledge files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from legdx.errors import KnowledgeError

__all__ = ["knowledge_digest", "knowledge_files"]


def knowledge_files(folder: str | Path) -> dict[str, Path]:
    """Return the YAML files under `folder`: path relative to it, with forward slashes -> file; sorted by that path.

    Hidden files and folders (names that start with a dot) are left out.
    """
    root = Path(folder)
    found = {path.relative_to(root): path for path in root.rglob("*.yaml") if path.is_file()}
    visible = {
        relative.as_posix(): path
        for relative, path in found.items()
        if not any(part.startswith(".") for part in relative.parts)
    }
    return dict(sorted(visible.items()))


def knowledge_digest(folder: str | Path) -> str:
    """Return the SHA-256 of the knowledge files in `folder`, as 64 hexadecimal digits.

    It covers each relative path and the bytes of each file with line ends made `\\n`, so that a checkout with other
    line ends, on another machine or in another folder, has the same digest.

    Raises KnowledgeError when the folder holds no YAML file.
    """  # noqa: D301 - the backslash is shown to the reader
    files = knowledge_files(folder)
    if not files:
        message = f"no knowledge files in {folder}"
        raise KnowledgeError(message, hint="name the folder that holds model.yaml")
    digest = hashlib.sha256()
    for relative, path in files.items():
        content = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        digest.update(b"%s\0%d\0" % (relative.encode(), len(content)))
        digest.update(content)
    return digest.hexdigest()
