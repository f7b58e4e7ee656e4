"""Change explanation and urgency in small ways, one at a time, and list the changes that no test notices.

    python tests/benchmarks/mutants.py [--each 12] [--seed 1] [--only split]

A mutant is one comparison, arithmetic or boolean operator, one number, or one condition turned into another.  Of each
module ``--each`` are drawn with the seed; its own tests are run on a copy of the tree, until one fails.  Prints a line
for each module and each survivor; docs/explanation_mutants.md says why those are left.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema  # noqa: F401 - held ready for the forks
import numpy as np  # noqa: F401
import pytest
import yaml  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
EXPLANATION = {
    "lanes": ("runs", "attribution", "split"),
    "runs": ("runs", "split", "missing"),
    "levelled": ("attribution", "levelled", "ranking"),
    "attribution": ("attribution",),
    "ranking": ("ranking",),
    "weights": ("weights", "contrast"),
    "split": ("split",),
    "missing": ("missing",),
    "paths": ("paths",),
    "contrast": ("contrast",),
    "flip": ("flip",),
    "conflict": ("conflict",),
    "uncertainty": ("uncertainty",),
    "narrative": ("narrative",),
    "statements": ("statements", "explain"),
    "many": ("many",),
}
TESTS = {
    **{
        f"legdx/explanation/{module}.py": [f"tests/explanation/test_{name}.py" for name in names]
        for module, names in EXPLANATION.items()
    },
    "legdx/urgency/answers.py": ["tests/urgency/test_rules.py", "tests/urgency/test_level.py"],
    "legdx/urgency/assess.py": ["tests/urgency/test_level.py", "tests/urgency/test_rules.py"],
    "legdx/urgency/alarms.py": ["tests/urgency/test_alarms.py", "tests/urgency/test_level.py"],
    "legdx/urgency/advice.py": ["tests/urgency/test_advice.py"],
}
QUICK = "not never_given and not among_many and not every_weight_and_step and not coins_say and not soft_complaint"
"""Of long tests with others beside them that say the same of single people."""

BROKEN = 98
LONGEST = 120
"""Seconds after which a mutant counts as noticed: it runs for ever."""

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


def mutants(tree: ast.Module) -> Iterator[tuple[int, str, ast.Module]]:
    """Yield (line, what was done, changed tree) of every mutant, in order."""
    count = sum(1 for _ in ast.walk(tree))
    for place in range(count):
        other = copy.deepcopy(tree)
        node = next(n for at, n in enumerate(ast.walk(other)) if at == place)
        note = changed(node)
        if note is not None:
            yield getattr(node, "lineno", 0), note, other


def changed(node: ast.AST) -> str | None:
    """Change one node in place; say how, or None where there is nothing to change."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        before = type(node.ops[0])
        node.ops[0] = SWAPS[before]()
    elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in SWAPS:
        before = type(node.op)
        if before is ast.Add and any(
            isinstance(side, ast.Constant | ast.JoinedStr) and not _number(side)
            for side in (getattr(node, "left", None), getattr(node, "right", None))
        ):
            return None
        node.op = SWAPS[before]()
    elif isinstance(node, ast.Constant) and _number(node):
        node.value, before = node.value + 1, node.value
        return f"{before} -> {node.value}"
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        node.test = ast.UnaryOp(ast.Not(), node.test)
        return "condition negated"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node.op = ast.UAdd()
        return "minus dropped"
    else:
        return None
    return f"{before.__name__} -> {SWAPS[before].__name__}"


def _number(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in {int, float}


def survives(folder: Path, path: str, source: str, tests: list[str]) -> bool:
    """Run a module's tests with the changed source in a fork of this process; say whether all pass."""
    place = folder / path
    kept = place.read_text(encoding="utf-8")
    place.write_text(source, encoding="utf-8")
    child = os.fork()
    if child == 0:
        code = BROKEN
        try:
            signal.alarm(LONGEST)
            sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - ends with the fork
            os.chdir(folder)
            sys.path.insert(0, str(folder))
            sys.dont_write_bytecode = True
            code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-k", QUICK, *tests]))
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    place.write_text(kept, encoding="utf-8")
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) not in {0, 1, 2}:
        message = f"the tests of {path} could not be run"
        raise RuntimeError(message)
    return status == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "tree"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", ".venv", "*_cache", "__pycache__"))
        for path, tests in TESTS.items():
            if options.only not in path or not all((folder / test).exists() for test in tests):
                continue
            start = time.perf_counter()
            tree = ast.parse((folder / path).read_text(encoding="utf-8"))
            everything = list(mutants(tree))
            some = random.Random(options.seed).sample(everything, min(options.each, len(everything)))  # noqa: S311
            left = [(line, note) for line, note, other in some if survives(folder, path, ast.unparse(other), tests)]
            seconds = time.perf_counter() - start
            print(f"{path}: {len(some) - len(left)} of {len(some)} killed, {len(everything)} in all, {seconds:.0f} s")
            for line, note in left:
                text = (folder / path).read_text(encoding="utf-8").splitlines()[line - 1].strip()
                print(f"  line {line}: {note}: {text}", flush=True)


if __name__ == "__main__":
    main()
