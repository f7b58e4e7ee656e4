"""What one run over a survey did: counts and problems, without any person's answers."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from legdx.errors import Issue
from legdx.knowledge import FrozenMap
from legdx.survey import CELL_KINDS

__all__ = ["STATUSES", "ScoreReport", "Tally"]

STATUSES = ("scored", "impossible", "too_costly", "rejected", "blank", "not_selected")
_KEPT_ISSUES = 1_000


@dataclass(frozen=True)
class ScoreReport:
    """The result of `score_file`.

    Rows: `rows_in` = `scored` + `impossible` + `too_costly` (these stand in the output) + `rejected` + `blank` +
    `not_selected` (these stand in the file of rejects). Cells: one a row and mapped variable, so `cells` and
    `bad_cells` sum to `rows_in` times the number of variables; `variables` has the same counts for each of them.
    `issues` holds what is wrong with the file and its columns, and the first 1,000 rows and cells that could not be
    read; the file of rejects holds all of these.
    """

    rows_in: int
    scored: int
    rejected: int
    impossible: int
    too_costly: int
    blank: int
    not_selected: int
    cells: FrozenMap[int]
    bad_cells: int
    variables: FrozenMap[FrozenMap[int]]
    reject_codes: FrozenMap[int]
    issues: tuple[Issue, ...]
    output: str
    rejects: str
    sidecar: str
    seconds: float

    @property
    def rows_out(self) -> int:
        """Rows in the output."""
        return self.scored + self.impossible + self.too_costly

    def counts(self) -> dict[str, typing.Any]:
        """Return all counts as plain JSON types: what is the same in every run of the same input."""
        return {
            "rows": {
                "in": self.rows_in,
                "out": self.rows_out,
                **{status: getattr(self, status) for status in STATUSES},
            },
            "cells": dict(self.cells),
            "bad_cells": self.bad_cells,
            "reject_codes": dict(self.reject_codes),
            "variables": {name: dict(count) for name, count in self.variables.items()},
        }

    def to_dict(self) -> dict[str, typing.Any]:
        """Return the report as plain JSON types."""
        return {
            **self.counts(),
            "issues": [issue.to_dict() for issue in self.issues],
            "output": self.output,
            "rejects": self.rejects,
            "sidecar": self.sidecar,
            "seconds": round(self.seconds, 3),
        }


@dataclass
class Tally:
    """Counts that grow block by block."""

    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    variables: dict[str, dict[str, int]] = field(default_factory=dict)
    reject_codes: dict[str, int] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def add_cells(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Add the cells of a block, variable -> kind -> number."""
        for variable, count in counts.items():
            own = self.variables.setdefault(variable, dict.fromkeys(CELL_KINDS, 0))
            for kind, number in count.items():
                own[kind] += number

    def add_issues(self, issues: Iterable[Issue], *, as_rejects: bool) -> None:
        """Add issues: the codes of all, and the issues themselves while there are few."""
        for issue in issues:
            if as_rejects:
                self.reject_codes[issue.code] = self.reject_codes.get(issue.code, 0) + 1
            if len(self.issues) < _KEPT_ISSUES:
                self.issues.append(issue)

    def report(self, *, output: str, rejects: str, sidecar: str, seconds: float) -> ScoreReport:
        """Return the counts, closed."""
        cells = {kind: sum(count[kind] for count in self.variables.values()) for kind in CELL_KINDS}
        bad = cells.pop("bad")
        return ScoreReport(
            rows_in=sum(self.rows.values()),
            scored=self.rows["scored"],
            rejected=self.rows["rejected"],
            impossible=self.rows["impossible"],
            too_costly=self.rows["too_costly"],
            blank=self.rows["blank"],
            not_selected=self.rows["not_selected"],
            cells=FrozenMap(cells),
            bad_cells=bad,
            variables=FrozenMap({name: FrozenMap(count) for name, count in self.variables.items()}),
            reject_codes=FrozenMap(sorted(self.reject_codes.items())),
            issues=tuple(self.issues),
            output=output,
            rejects=rejects,
            sidecar=sidecar,
            seconds=seconds,
        )
