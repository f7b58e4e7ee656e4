"""Compile the engine's kernels while the package is built, where there is a C++ compiler.

Where there is none, the package is built without them and legdx runs on NumPy alone; ``legdx check`` says which it is.
LEGDX_BUILD_KERNELS=no leaves them out, LEGDX_BUILD_KERNELS=require makes a failure an error.
"""

from __future__ import annotations

import os
import platform
import shlex
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SWITCH = "LEGDX_BUILD_KERNELS"
LIBRARY = {"win32": "_kernels.dll", "darwin": "_kernels.dylib"}.get(sys.platform, "_kernels.so")
COMMON = ("network", "library")
FOR_EACH_LEVEL = (
    "evidence",
    "relevance",
    "reduction",
    "noisy_max",
    "recall",
    "plan",
    "schedule",
    "bucket_steps",
    "engine",
    "tables",
    "bucket",
    "rows",
)

# No flag may re-associate or contract arithmetic: the proofs of pair.hpp would fall.
UNIX_FLAGS = ("-std=c++17", "-O3", "-fPIC", "-ffp-contract=off", "-fopenmp-simd", "-fvisibility=hidden", "-Wno-psabi")
MSVC_FLAGS = ("/std:c++17", "/O2", "/EHsc", "/fp:precise", "/openmp:experimental")


class KernelsHook(BuildHookInterface):  # type: ignore[misc]
    """Adds the compiled library to the wheel, and beside the sources for an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile, and mark the wheel as one for this platform; without a compiler leave it as it is."""
        wish = os.environ.get(SWITCH, "").lower()
        if self.target_name != "wheel":
            return
        engine = Path(self.root, "legdx", "engine")
        (engine / LIBRARY).unlink(missing_ok=True)  # of other sources; were it kept, a failure below would stay unseen
        if wish == "no":
            return
        try:
            made = compile_library(engine / "kernels", engine / LIBRARY)
        except Exception as error:  # whatever is wrong with the compiler, the package can do without
            if wish == "require":
                raise
            self.app.display_warning(f"legdx is built without compiled kernels, and runs on NumPy alone: {error}")
            return
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
        build_data["force_include"][str(made)] = f"legdx/engine/{LIBRARY}"


def compile_library(sources: Path, target: Path) -> Path:
    """Compile the kernels, once for each generation of x86-64 processors where that is known how, into one library."""
    from setuptools._distutils.ccompiler import new_compiler
    from setuptools._distutils.sysconfig import customize_compiler

    compiler = new_compiler()
    customize_compiler(compiler)
    is_msvc = compiler.compiler_type == "msvc"
    if not is_msvc:
        # The interpreter's own flags may ask for other levels of optimisation, or for Python's headers.
        compiler.set_executables(
            compiler_so=_cxx(compiler), compiler_so_cxx=_cxx(compiler), linker_so=[*_cxx(compiler), "-shared"]
        )
    flags = list(MSVC_FLAGS if is_msvc else UNIX_FLAGS)
    levels: dict[str, list[str]] = {"base": []}
    is_x86 = platform.machine().lower() in {"x86_64", "amd64"} and "arm64" not in os.environ.get("ARCHFLAGS", "")
    if is_x86 and not is_msvc:
        levels |= {"v3": ["-march=x86-64-v3"], "v4": ["-march=x86-64-v4", "-mprefer-vector-width=512"]}
    archflags = os.environ.get("ARCHFLAGS", "").split() if sys.platform == "darwin" else []
    with tempfile.TemporaryDirectory() as folder:
        objects: list[str] = []
        defines = [("LEGDX_X86_LEVELS", None)] if len(levels) > 1 else []
        objects += compiler.compile(
            [str(sources / f"{name}.cpp") for name in COMMON],
            output_dir=folder,
            macros=defines,
            extra_postargs=[*flags, *archflags],
        )
        for level, extra in levels.items():
            objects += compiler.compile(
                [str(sources / f"{name}.cpp") for name in FOR_EACH_LEVEL],
                output_dir=str(Path(folder, level)),
                macros=[("LEGDX_ISA", level)],
                extra_postargs=[*flags, *extra, *archflags],
            )
        made = Path(folder, LIBRARY)
        compiler.link_shared_object(
            objects, str(made), extra_postargs=archflags, libraries=[] if is_msvc else ["pthread"], target_lang="c++"
        )
        target.unlink(missing_ok=True)  # a process that has the old one loaded keeps it
        target.write_bytes(made.read_bytes())
    return target


def _cxx(compiler: Any) -> list[str]:  # noqa: ANN401
    """Return the command of the C++ compiler."""
    return shlex.split(os.environ["CXX"]) if os.environ.get("CXX") else [compiler.compiler_cxx[0]]
