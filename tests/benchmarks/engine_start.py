"""Measure what docs/engine.md says of the kernels: compiling, importing, the first batch, and the twin beside them.

python tests/benchmarks/engine_start.py
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

IMPORT = "from legdx.engine import kernels; kernels()"
FIRST = """
import numpy as np
import legdx
from legdx.engine import Packed, run_rows
network = legdx.load_model().network
index = network.index
asked = np.array([index["age"], index["sex"], index["tremor"], index["weakness"]], dtype=np.int32)
result = run_rows(network, Packed(asked, np.array([[4, 1, 1, 0]], dtype=np.uint8)), network.of_kind("cause"))
assert result.status[0] == 0
"""
RUNS = 9


def seconds(code: str, folder: Path, **environment: str) -> str:
    """Seconds from the start of a new process to the end of the code: median on the wall, and of the processor."""
    wall, own = [], []
    for _ in range(RUNS):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        settings = {**os.environ, "PYTHONPATH": str(folder), **environment}
        subprocess.run([sys.executable, "-c", code], check=True, env=settings, cwd="/")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall.append(time.perf_counter() - began)
        own.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return f"{statistics.median(wall):.2f} s on the wall, {statistics.median(own):.2f} s of a processor"


def throughput() -> None:
    """Rows a second of processor time, kernels and twin on the same rows."""
    import legdx
    from legdx.engine import Budget, prepare, run_rows
    from legdx.errors import TooCostlyError
    from tests.engine.survey_rows import PATTERNS, evidence_of, survey_rows

    network = legdx.load_model().network
    queries = network.of_kind("cause", "group", "syndrome")
    for pattern in PATTERNS:
        rows = survey_rows(network, pattern, 200, 20_261_130)[1]
        can, twin = [], 0.0
        for k in range(200):
            began = time.process_time()
            try:
                query = prepare(network, evidence_of(network, rows, k), queries, which="numpy", budget=Budget(0.05))
                query.posterior()
            except TooCostlyError:
                continue
            twin += time.process_time() - began
            can.append(k)
        same = type(rows)(rows.variables, np.ascontiguousarray(rows.codes[can]))
        run_rows(network, same, queries)
        began = time.process_time()
        run_rows(network, same, queries)
        kernels = time.process_time() - began
        print(f"{pattern}: {len(can)} of 200 rows; {len(can) / kernels:,.0f} and {len(can) / twin:,.0f} rows/s")


def main() -> None:
    """Print the figures."""
    print("import, with kernels:", seconds(IMPORT, ROOT))
    print("import, without:", seconds(IMPORT, ROOT, LEGDX_KERNELS="numpy"))
    with tempfile.TemporaryDirectory() as folder:  # as it was installed: no byte code yet, and none is kept
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "legdx", Path(folder, "legdx"), ignore=ignore)
        shutil.copytree(ROOT / "models", Path(folder, "legdx", "_models"), ignore=ignore)
        fresh = {"PYTHONDONTWRITEBYTECODE": "1"}
        print("first scored row, fresh, with kernels:", seconds(FIRST, Path(folder), **fresh))
        print("first scored row, fresh, without:", seconds(FIRST, Path(folder), LEGDX_KERNELS="numpy", **fresh))
    throughput()


if __name__ == "__main__":
    main()
