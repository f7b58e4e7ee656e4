"""Change explanation and urgency in small ways, one at a time, and list the changes that no test notices.

    python tests/benchmarks/mutants.py [--each 15] [--seed 2] [--only split] [--minutes 45] [--page] [--record R.json]

A mutant is one comparison, arithmetic or boolean operator, one number, or one condition turned into another.  Of each
module ``--each`` are drawn with the seed; its own tests are run on a copy of the tree, until one fails.  Prints a line
for each module and each survivor; with ``--page`` writes docs/explanation_mutants.md, on which survivors stand with
what mutants_argued.json says of them.  After ``--minutes`` no further module is begun; with ``--record`` what was done
is kept in a file, and a later call goes on from there.  mutants_found.json is the record behind the page: take a module
out of it to run that module again.
"""

from __future__ import annotations

import argparse
import ast
import copy
import functools
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import jsonschema  # noqa: F401 - held ready for the forks
import numpy as np  # noqa: F401
import pytest
import yaml  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "explanation_mutants.md"
ARGUED = Path(__file__).with_name("mutants_argued.json")
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
    "explain": ("explain", "statements"),
    "reasons": ("reasons", "explain"),
    "sources": ("sources",),
    "phrases": ("phrases",),
    "told": ("told",),
    "records": ("records",),
    "reach_rows": ("many",),
    "weight_rows": ("weight_rows", "many"),
}
URGENCY = {
    "alarms": ("alarms", "ceiling", "level"),
    "ceiling": ("ceiling",),
    "assess": ("assess", "rules", "level"),
    "answers": ("assess", "rules", "level"),
    "rule_book": ("assess", "rules", "level"),
    "advice": ("advice",),
    "records": ("assess", "rules"),
}
TESTS = {
    f"legdx/{part}/{module}.py": [f"tests/{part}/test_{name}.py" for name in names]
    for part, modules in (("urgency", URGENCY), ("explanation", EXPLANATION))
    for module, names in modules.items()
}
LONG = ("never_given", "among_many", "every_weight_and_step", "coins_say", "soft_complaint_by")
"""Tests that enumerate or throw every coin: run for what the others leave, without a mutant not at all."""

SLOW = ("never_falls", "dont_know_never")
"""Tests that are run for what the quick ones leave."""

LEFT_OUT = ("packaged", "depends_on")
"""Tests of many people on the packaged model, which take minutes."""


def _without(*names: str) -> str:
    return " and ".join(f"not {name}" for name in names)


PHASES = (
    _without(*LONG, *SLOW, *LEFT_OUT),
    f"({' or '.join(SLOW)}) and {_without(*LONG, *LEFT_OUT)}",
    " or ".join(LONG),
)
NO_TESTS = 5
BROKEN = 98
LONGEST = 120
"""Seconds after which a mutant counts as noticed, or four times what the tests take without: it runs for ever."""

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


def places(tree: ast.Module) -> list[tuple[int, int, str]]:
    """Return (place in the walk, line, what would be done) of every mutant, in order."""
    found = []
    for place, node in enumerate(ast.walk(tree)):
        note = changed(copy.deepcopy(node))
        if note is not None:
            found.append((place, getattr(node, "lineno", 0), note))
    return found


def mutant(tree: ast.Module, place: int) -> str:
    """Return the source with the node at a place changed."""
    other = copy.deepcopy(tree)
    changed(next(node for at, node in enumerate(ast.walk(other)) if at == place))
    return ast.unparse(other)


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


@dataclass(frozen=True)
class Survivor:
    """A change that no test noticed."""

    path: str
    line: int
    note: str
    text: str

    @property
    def key(self) -> str:
        """What it is found under in mutants_argued.json, whatever its line."""
        return f"{self.path}: {self.note}: {self.text}"


@dataclass(frozen=True)
class Module:
    """What became of one module's mutants."""

    path: str
    drawn: int
    in_all: int
    late: int
    seconds: float
    left: tuple[Survivor, ...]

    def __str__(self) -> str:
        """One line."""
        killed = self.drawn - len(self.left)
        return f"{self.path}: {killed} of {self.drawn} killed, {self.in_all} in all, {self.seconds:.0f} s"


def outcome(
    folder: Path,
    path: str,
    source: str,
    tests: list[str],
    *,
    phases: Sequence[str] = PHASES,
    longest: int = 10 * LONGEST,
) -> str:
    """Run a module's tests with the changed source, the quick ones first; "left", "killed" or "late"."""
    for phase in phases:
        found = run_phase(folder, (path, source), tests, phase, longest)
        if found != "left":
            return found
    return "left"


def run_phase(folder: Path, changed_file: tuple[str, str], tests: list[str], phase: str, longest: int) -> str:
    """Run some tests with the changed source in a fork of this process; "left" where none fails or there are none."""
    path, source = changed_file
    place = folder / path
    kept = place.read_text(encoding="utf-8")
    place.write_text(source, encoding="utf-8")
    child = os.fork()
    if child == 0:
        code = BROKEN
        try:
            signal.alarm(longest)
            sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - ends with the fork
            os.chdir(folder)
            sys.path.insert(0, str(folder))
            sys.dont_write_bytecode = True
            code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-k", phase, *tests]))
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    place.write_text(kept, encoding="utf-8")
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) not in {0, 1, 2, 3, 4, NO_TESTS}:
        message = f"the tests of {path} could not be run"
        raise RuntimeError(message)
    none = os.WIFEXITED(status) and os.WEXITSTATUS(status) == NO_TESTS
    return "left" if status == 0 or none else "late" if os.WIFSIGNALED(status) else "killed"


def hold_ready(folder: Path) -> None:
    """Import what no mutant changes, and read the packaged knowledge: every fork has both from the start."""
    sys.path.insert(0, str(folder))
    for layer in ("knowledge", "network.structure", "engine", "build"):
        importlib.import_module(f"legdx.{layer}")
    knowledge = sys.modules["legdx.knowledge"]
    if any(part in name for name in sys.modules for part in ("legdx.urgency", "legdx.explanation")):
        message = "a module under change was imported before the change"
        raise RuntimeError(message)
    fresh, packaged = knowledge.load_knowledge, folder / "models" / "leg"
    read = fresh(packaged)

    @functools.wraps(fresh)
    def load_knowledge(path: Path, *others: object, **named: object) -> object:
        return read if Path(path) == packaged and not others and not named else fresh(path, *others, **named)

    vars(knowledge)["load_knowledge"] = load_knowledge


def run_module(folder: Path, path: str, each: int, seed: int) -> Module:
    """Try some mutants of one module; its tests pass without any."""
    tests = [test for test in TESTS[path] if (folder / test).exists()]
    start = time.perf_counter()
    source = (folder / path).read_text(encoding="utf-8")
    tree = ast.parse(source)
    if outcome(folder, path, ast.unparse(tree), tests, phases=PHASES[:-1]) != "left":
        message = f"the tests of {path} fail without a mutant"
        raise RuntimeError(message)
    longest = max(LONGEST, int(4 * (time.perf_counter() - start)))
    everything = places(tree)
    some = random.Random(seed).sample(everything, min(each, len(everything)))  # noqa: S311
    found = [
        (line, note, outcome(folder, path, mutant(tree, place), tests, longest=longest)) for place, line, note in some
    ]
    lines = source.splitlines()
    left = [Survivor(path, line, note, lines[line - 1].strip()) for line, note, what in found if what == "left"]
    late = sum(what == "late" for *_, what in found)
    return Module(path, len(some), len(everything), late, time.perf_counter() - start, tuple(left))


def page(modules: list[Module], each: int, seed: int) -> str:
    """Return the page."""
    argued = json.loads(ARGUED.read_text(encoding="utf-8")) if ARGUED.exists() else {}
    drawn, left = sum(m.drawn for m in modules), [one for m in modules for one in m.left]
    rows = [
        f"| `{m.path.removeprefix('legdx/')}` | {m.drawn - len(m.left)} of {m.drawn} | {m.late or ''} | {m.in_all} |"
        for m in modules
    ]
    told = [
        f"- `{one.path.removeprefix('legdx/')}`, {one.note}: `{one.text}`. {argued.get(one.key, 'Not looked at yet.')}"
        for one in left
    ]
    missing = [path for path in TESTS if path not in {m.path for m in modules}]
    return "\n".join(
        [
            "# Mutants that no test noticed",
            "",
            f"Written by `python tests/benchmarks/mutants.py --each {each} --seed {seed} --page --record",
            "tests/benchmarks/mutants_found.json`: one operator, number or condition is changed at a time, and the",
            "module's own tests run on a copy of the tree, the quick ones first, without those that take minutes",
            "(`LEFT_OUT` in the script). It is a sample, drawn with the seed, or with `--each 100` the whole of a",
            f"module. A mutant that runs for over {LONGEST} s, and four times as long as the tests without it, counts",
            "as noticed, and is listed as late. The counts are those of the run: the tests that a sample led to came",
            "after, and are named with each survivor; a module run whole was run with the tests that earlier draws",
            "from it had led to.",
            "",
            f"{drawn - len(left)} of {drawn} were noticed, of {sum(m.in_all for m in modules)} that there are.",
            *(["", f"Not run: {', '.join(missing)}."] if missing else []),
            "",
            "| module | killed | of these late | mutants there are |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            "## The survivors",
            "",
            *told,
            "",
        ]
    )


def known(record: Path) -> list[Module]:
    """Return what was recorded."""
    found = json.loads(record.read_text(encoding="utf-8")) if record.exists() else []
    return [Module(**{**one, "left": tuple(Survivor(**left) for left in one["left"])}) for one in found]


def main() -> None:
    """Run them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=15)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--only", default="")
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    began = time.perf_counter()
    modules = [] if options.record is None else known(options.record)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "tree"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", ".venv", "*_cache", "__pycache__"))
        hold_ready(folder)
        for path in TESTS:
            done = path in {m.path for m in modules}
            if (
                done
                or not any(one in path for one in options.only.split(","))
                or time.perf_counter() - began > 60.0 * options.minutes
            ):
                continue
            modules.append(run_module(folder, path, options.each, options.seed))
            print(modules[-1], flush=True)
            for one in modules[-1].left:
                print(f"  line {one.line}: {one.note}: {one.text}", flush=True)
            if options.record is not None:
                options.record.write_text(json.dumps([asdict(m) for m in modules], indent=1), encoding="utf-8")
    if options.page:
        modules.sort(key=lambda m: list(TESTS).index(m.path))
        PAGE.write_text(page(modules, options.each, options.seed), encoding="utf-8")


if __name__ == "__main__":
    main()
