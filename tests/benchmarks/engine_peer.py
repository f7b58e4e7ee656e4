"""One other program on the same rows, in a process that can be killed.

    python engine_peer.py PEER ROWS.npz FIRST LAST BYTES

A line of JSON says that the program has its model, then comes a line a row: seconds of each part, and P(present) of
every variable that is asked.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from engine_rows import UNOBSERVED, Rows, read_rows

import legdx
from legdx import Model
from legdx.network import write_xmlbif

Answer = tuple[dict[str, float], list[float]]
"""Seconds by part, and P(present) of each query."""


@dataclass(frozen=True)
class Asked:
    """The model, and rows of answers to it."""

    model: Model
    rows: Rows

    @property
    def targets(self) -> list[str]:
        """Names of the variables that are asked."""
        return [self.model.network.variables[q].name for q in self.rows.queries]

    def states(self, row: int) -> dict[int, int]:
        """Return what a row says, variable -> state."""
        pairs = zip(self.rows.packed.variables.tolist(), self.rows.packed.codes[row].tolist(), strict=True)
        return {variable: code for variable, code in pairs if code != UNOBSERVED}

    def named(self, row: int) -> dict[str, str]:
        """Return the same as names of variables and states."""
        variables = self.model.network.variables
        return {variables[v].name: variables[v].states[code] for v, code in self.states(row).items()}


def pgmpy_elimination(asked: Asked) -> Callable[[int], Answer]:
    """VariableElimination on the exported model."""
    from pgmpy.inference import VariableElimination

    engine = VariableElimination(asked.model.to_pgmpy())

    def answer(row: int) -> Answer:
        evidence = asked.named(row)
        began = time.perf_counter()
        found = engine.query(asked.targets, evidence=evidence, joint=False, show_progress=False)
        seconds = time.perf_counter() - began
        return {"inference": seconds}, [float(found[t].get_value(**{t: "present"})) for t in asked.targets]

    return answer


def pgmpy_prediction(asked: Asked) -> Callable[[int], Answer]:
    """`predict_probability` of the exported model, which answers every variable that is missing."""
    import pandas as pd

    model = asked.model.to_pgmpy()

    def answer(row: int) -> Answer:
        frame = pd.DataFrame([asked.named(row)])
        began = time.perf_counter()
        found = model.predict_probability(frame)
        seconds = time.perf_counter() - began
        return {"inference": seconds}, [float(found[f"{t}_present"].iloc[0]) for t in asked.targets]

    return answer


def pyagrum_whole(kind: str) -> Callable[[Asked], Callable[[int], Answer]]:
    """Return an engine of pyAgrum on the exported network, made once."""

    def prepared(asked: Asked) -> Callable[[int], Answer]:
        pyagrum = single_threaded_pyagrum()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model.bifxml")
            write_xmlbif(asked.model.network, path)
            engine = getattr(pyagrum, kind)(pyagrum.loadBN(str(path)))

        def answer(row: int) -> Answer:
            evidence = asked.named(row)
            began = time.perf_counter()
            engine.setTargets(set(asked.targets))
            engine.setEvidence(evidence)
            found = posteriors(engine, asked.targets)
            return {"inference": time.perf_counter() - began}, found

        return answer

    return prepared


def pyagrum_reduced(kind: str) -> Callable[[Asked], Callable[[int], Answer]]:
    """Return an engine of pyAgrum on each row's reduced network, made anew for each row."""

    def prepared(asked: Asked) -> Callable[[int], Answer]:
        pyagrum = single_threaded_pyagrum()
        from reduced_for_pyagrum import bayes_net, name, random_field, reduce_row

        network = asked.model.network

        def answer(row: int) -> Answer:
            states = asked.states(row)
            times = [time.perf_counter()]
            evidence = {v: np.eye(network.variables[v].size)[code] for v, code in states.items()}
            reduced = reduce_row(network, evidence, asked.rows.queries)
            times.append(time.perf_counter())
            model, given = (random_field(reduced), {}) if "MRF" in kind else bayes_net(reduced)
            targets = [name(reduced.place[q]) for q in asked.rows.queries]
            times.append(time.perf_counter())
            engine = getattr(pyagrum, kind)(model)
            engine.setTargets(set(targets))
            engine.setEvidence(given)
            found = posteriors(engine, targets)
            times.append(time.perf_counter())
            parts = np.diff(times).tolist()
            return dict(zip(("reduction", "building", "inference"), parts, strict=True)), found

        return answer

    return prepared


def posteriors(engine: Any, targets: list[str]) -> list[float]:
    """Return P(present) of the targets; pyAgrum does part of the work only when they are asked for."""
    engine.makeInference()
    return [float(engine.posterior(target).toarray()[1]) for target in targets]


def single_threaded_pyagrum() -> Any:
    """Return pyAgrum, held to one thread as the engine is."""
    import pyagrum

    pyagrum.setNumberOfThreads(1)
    return pyagrum


PEERS: Mapping[str, Callable[[Asked], Callable[[int], Answer]]] = {
    "pgmpy VariableElimination": pgmpy_elimination,
    "pgmpy predict_probability": pgmpy_prediction,
    "pyAgrum LazyPropagation": pyagrum_whole("LazyPropagation"),
    "pyAgrum ShaferShenoy": pyagrum_whole("ShaferShenoyInference"),
    "reduced, pyAgrum LazyPropagation": pyagrum_reduced("LazyPropagation"),
    "reduced, pyAgrum ShaferShenoy": pyagrum_reduced("ShaferShenoyInference"),
    "reduced, pyAgrum ShaferShenoyMRF": pyagrum_reduced("ShaferShenoyMRFInference"),
}


def say(**what: Any) -> None:
    """Write a line for the process that waits."""
    print(json.dumps(what), flush=True)


def main() -> None:
    """Answer the rows one after the other."""
    peer, path, first, last, memory = sys.argv[1:]
    limit = int(float(memory))
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    began = time.perf_counter()
    asked = Asked(legdx.load_model(), read_rows(Path(path)))
    answer = PEERS[peer](asked)
    say(ready=time.perf_counter() - began)
    for row in range(int(first), int(last)):
        try:
            seconds, marginals = answer(row)
            say(row=row, seconds=seconds, marginals=marginals)
        except MemoryError:
            say(row=row, failed="out of memory")
        except Exception as error:  # noqa: BLE001 - another program's trouble is a result
            text = f"{type(error).__name__}: {' '.join(str(error).split())}"
            say(row=row, failed="out of memory" if "alloc" in text.lower() or "memory" in text.lower() else text[:200])


if __name__ == "__main__":
    main()
