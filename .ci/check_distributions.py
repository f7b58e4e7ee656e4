"""Refuse a wheel or an sdist that lacks a file of the repository, or holds one too many."""

import re
import sys
import tarfile
import zipfile
from pathlib import Path

NOT_SHIPPED = ("__pycache__", ".ipynb_checkpoints", ".DS_Store")
KERNELS = "legdx/engine/kernels/"
COMPILED = re.compile(r"legdx/engine/_kernels\.(so|dylib|dll)")
"""What is compiled from them: in wheels alone."""


def files(root: Path, folder: str) -> set[str]:
    """Return the files below a folder, relative to the root, without caches."""
    return {
        path.relative_to(root).as_posix()
        for path in (root / folder).rglob("*")
        if path.is_file() and not any(part in NOT_SHIPPED for part in path.parts)
    }


def main(root_name: str, dist_name: str, wish: str = "compiled") -> str | int:
    """Return 0, or the sentence that says what is wrong; ``wish`` is "compiled" or "numpy"."""
    root, dist = Path(root_name), Path(dist_name)
    (wheel,) = dist.glob("*.whl")
    (sdist,) = dist.glob("*.tar.gz")

    code = {name for name in files(root, "legdx") if not COMPILED.fullmatch(name)}
    models = files(root, "models")
    expected = {name for name in code if not name.startswith(KERNELS)}
    expected |= {f"legdx/_models/{name.removeprefix('models/')}" for name in models}
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
        licensed = any(name.endswith("/licenses/LICENSE") for name in archive.namelist())
    compiled = {name for name in found if COMPILED.fullmatch(name)}
    found -= compiled
    is_pure = wheel.name.endswith("-py3-none-any.whl")
    if bool(compiled) == is_pure or is_pure != (wish == "numpy") or "-py3-none-" not in wheel.name:
        return f"{wheel.name}: holds {sorted(compiled)}, and {wish} kernels were wanted"
    if found != expected:
        missing, extra = sorted(expected - found), sorted(found - expected)
        return f"{wheel.name}: missing {missing}, too many {extra}"
    if not licensed:
        return f"{wheel.name}: no LICENSE"

    sources = code | models | {"pyproject.toml", "README.md", "LICENSE", "hatch_build.py"}
    for folder in ("data", "notebooks", "tests"):
        sources |= files(root, folder)
    with tarfile.open(sdist) as tar:
        held = {name.partition("/")[2] for name in tar.getnames()}
    if any(COMPILED.fullmatch(name) for name in held):
        return f"{sdist.name}: holds what a compiler made"
    if not sources <= held:
        return f"{sdist.name}: missing {sorted(sources - held)}"
    print(f"  {wheel.name}: {len(found | compiled)} files, {wheel.stat().st_size // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
