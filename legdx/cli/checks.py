"""What `legdx check` finds out, as records."""

from __future__ import annotations

import dataclasses
import statistics
import typing
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from legdx.engine import Budget, prepare
from legdx.errors import Issue, StaleArtefactError
from legdx.knowledge import Verified, check
from legdx.model import Model, load_model
from legdx.network import Network, NoisyMax, simulate
from legdx.network.sampling import States

__all__ = ["Cost", "FolderCheck", "check_folder", "model_counts", "predicted_costs"]

PRESENT = (1, 3, 5, 8, 12)
"""How many findings of a pattern are present; no other finding is answered."""

PEOPLE, ROWS, SEED = 20_000, 25, 20261121
"""People simulated for the patterns, and how many of them are used for each."""


@dataclass(frozen=True)
class Cost:
    """The predicted cost of one pattern of answers, over simulated people: table entries of the forward pass.

    `factors` says how many of the factors are answered (none, half or all), `age_and_sex` whether these are.
    """

    factors: str
    age_and_sex: bool
    present: int
    median_entries: float
    largest_entries: float
    largest_seconds: float


@dataclass(frozen=True)
class FolderCheck:
    """Problems in the knowledge files, the state of the built model, counts and costs; none without a built model."""

    issues: tuple[Issue, ...]
    artefact: str
    fresh: bool
    counts: dict[str, typing.Any]
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
            **self.counts,
            "costs": [dataclasses.asdict(cost) for cost in self.costs],
            "max_width_entries": max((round(cost.largest_entries) for cost in self.costs), default=None),
        }


def check_folder(folder: Path) -> FolderCheck:
    """Return what is wrong with a folder of knowledge files and the model that was built from them."""
    issues = tuple(check(folder))
    try:
        model = load_model(folder)
    except StaleArtefactError as error:
        return FolderCheck(issues, str(error).replace("\n", " "), fresh=False, counts={}, costs=())
    note = f"{model.id} {model.version}, digest {model.digest}"
    return FolderCheck(issues, note, fresh=True, counts=model_counts(model), costs=tuple(predicted_costs(model)))


def model_counts(model: Model) -> dict[str, typing.Any]:
    """Return how much the model holds, how well its numbers are sourced, and how many of them it reproduces."""
    from legdx.build.report import BuildReport

    knowledge, report = model.knowledge, BuildReport.from_json(model.artefact.report)
    reproduced, firm = report.reproduced()
    held_out, held_out_total = report.inside("held_out")
    verified = _sizes(knowledge.verified.standing(knowledge.figures()))
    backgrounds = [b.figure for finding in knowledge.findings.values() for b in finding.background]
    return {
        "causes": len(knowledge.causes),
        "findings": len(knowledge.findings),
        "factors": len(model.network.of_kind("factor")),
        "syndromes": len(knowledge.syndromes),
        "red_flags": len(knowledge.red_flags),
        "cause_arrows": _cause_arrows(model.network),
        "claims_covered": len(knowledge.answered_claims() & set(knowledge.claims)),
        "claims_total": len(knowledge.claims),
        "contested": sum(figure.contested is not None for figure in knowledge.figures()),
        "numbers_by_grade": _grades(knowledge.figures()),
        "verified": verified,
        "provisional": {
            "causes": len(knowledge.causes) - verified["causes"],
            "figures": sum(1 for _ in knowledge.figures()) - verified["figures"],
        },
        "leak_numbers_by_grade": _grades(backgrounds),
        "reproduced_ab": reproduced,
        "total_ab": firm,
        "held_out_within": held_out,
        "held_out_in_model_interval": _inside(report.held_out_in_model_interval()),
        "held_out_in_predictive_interval": _inside(report.held_out_in_model_interval(predictive=True)),
        "held_out_total": held_out_total,
        "clipped": sum(line.clipped for line in report.lines),
    }


def _inside(counts: tuple[int, int] | None) -> int | None:
    """Return how many, or None where a model without drawn networks has no intervals."""
    return None if counts is None else counts[0]


def _cause_arrows(network: Network) -> int:
    causes = set(network.of_kind("cause"))
    return sum(len(causes.intersection(network.parents[i])) for i in causes)


def _sizes(verified: Verified) -> dict[str, int]:
    return {"causes": len(verified.causes), "figures": len(verified.figures)}


def _grades(figures: typing.Iterable[typing.Any]) -> dict[str, int]:
    return dict(sorted(Counter(figure.grade for figure in figures).items()))


def predicted_costs(model: Model) -> Iterator[Cost]:
    """Iterate over the costs of standard patterns: people of the model's public, some of whose answers are known."""
    network = model.network
    people = simulate(network, PEOPLE, np.random.default_rng(SEED))
    demography = [network.index["age"], network.index["sex"]]
    factors = [i for i in network.of_kind("factor") if i not in demography]
    for label, some in (("none", []), ("half", factors[::2]), ("all", factors)):
        for known in (True, False) if label == "none" else (True,):
            for number in PRESENT:
                rows = _rows_with(network, people, number)
                plans = [
                    _plan(network, people[row], [*(demography if known else []), *some, *present])
                    for row, present in rows
                ]
                if plans:
                    entries = [entry for entry, _ in plans]
                    yield Cost(
                        label, known, number, statistics.median(entries), max(entries), max(time for _, time in plans)
                    )


def _rows_with(network: Network, people: States, number: int) -> list[tuple[int, list[int]]]:
    """Return people with enough findings, and which of these they report, a complaint before its attributes."""
    findings = np.array(network.of_kind("finding"))
    rng = np.random.default_rng([SEED, number])
    enough = np.flatnonzero((people[:, findings] > 0).sum(axis=1) >= number)
    return [
        (int(row), _reported(network, rng.permutation(findings[people[row, findings] > 0]).tolist(), number))
        for row in enough[:ROWS]
    ]


def _reported(network: Network, present: list[int], number: int) -> list[int]:
    chosen: list[int] = []
    for i in present:
        node = network.nodes[i]
        gate = node.gate if isinstance(node, NoisyMax) else None
        first = i if gate is None or gate in chosen else gate
        if first not in chosen:
            chosen.append(first)
        if len(chosen) == number:
            break
    return chosen


def _plan(network: Network, person: States, answered: list[int]) -> tuple[float, float]:
    evidence = {i: np.eye(network.variables[i].size)[person[i]] for i in answered}
    unlimited = Budget(seconds=float("inf"), memory=float("inf"))
    plan = prepare(network, evidence, network.of_kind("cause"), budget=unlimited).plan
    return plan.entries, plan.seconds()
