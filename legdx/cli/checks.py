"""What `legdx check` finds out, as records."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from legdx.engine import Budget, prepare
from legdx.errors import Issue, StaleArtefactError
from legdx.knowledge import check
from legdx.model import Model, load_model

__all__ = ["Cost", "FolderCheck", "check_folder", "predicted_costs"]

PRESENT = (0, 1, 5, 8, 12)
"""How many findings of a pattern are present; no other finding is answered."""


@dataclass(frozen=True)
class Cost:
    """The predicted cost of one pattern of answers: table entries (a count) and seconds.

    `factors` says how many of the factors are answered: "all", "half" or "none".
    """

    factors: str
    present: int
    entries: float
    seconds: float


@dataclass(frozen=True)
class FolderCheck:
    """Problems in the knowledge files, the state of the built model, and the costs; no costs without a built model."""

    issues: tuple[Issue, ...]
    artefact: str
    fresh: bool
    costs: tuple[Cost, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong; warnings do not count."""
        return self.fresh and all(issue.level != "error" for issue in self.issues)

    def to_dict(self) -> dict[str, typing.Any]:
        """Return the check as plain JSON types."""
        return {
            "sound": self.is_sound,
            "issues": [issue.to_dict() for issue in self.issues],
            "built_model": {"fresh": self.fresh, "note": self.artefact},
            "costs": [dataclasses.asdict(cost) for cost in self.costs],
        }


def check_folder(folder: Path) -> FolderCheck:
    """Return what is wrong with a folder of knowledge files and the model that was built from them."""
    issues = tuple(check(folder))
    try:
        model = load_model(folder)
    except StaleArtefactError as error:
        return FolderCheck(issues, str(error).replace("\n", " "), fresh=False, costs=())
    note = f"{model.id} {model.version}, digest {model.digest}"
    return FolderCheck(issues, note, fresh=True, costs=tuple(predicted_costs(model)))


def predicted_costs(model: Model) -> Iterator[Cost]:
    """Iterate over the costs of standard patterns: some factors at their reference, some findings present."""
    network = model.network
    factors = network.of_kind("factor")
    gated = {name for name, finding in model.knowledge.findings.items() if finding.gate is not None}
    findings = [i for i in network.of_kind("finding") if network.variables[i].name not in gated]
    unlimited = Budget(seconds=float("inf"), memory=float("inf"))
    for label, some in (("all", factors), ("half", factors[::2]), ("none", ())):
        for number in PRESENT:
            answers = dict.fromkeys(some, 0) | {i: network.variables[i].size - 1 for i in findings[:number]}
            evidence = {i: np.eye(network.variables[i].size)[state] for i, state in answers.items()}
            plan = prepare(network, evidence, network.of_kind("cause"), budget=unlimited).plan
            yield Cost(label, number, plan.entries, plan.seconds())
