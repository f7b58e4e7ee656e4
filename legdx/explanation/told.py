"""All reasons of one result at once, as a record that can be written as JSON and read back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from legdx.explanation.conflict import Conflict
from legdx.explanation.flip import Flip
from legdx.explanation.ranking import CauseSet
from legdx.explanation.reasons import Doubt, FindingTable, Outside, Reasons, attempt
from legdx.explanation.records import Explanation, Unavailable, from_json, to_json
from legdx.knowledge.plain import from_plain

__all__ = ["Told", "tell"]

EXPLAINED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything that was worked out for a result; what is None was too costly, and stands in ``unavailable``.

    Attributes:
        explanations: of the first explaining causes and of those to rule out, at level "all".
        table: what explains what.
        sets: causes that explain best together.
        conflict: how well the answers fit together.
        outside: whether the reason may be outside the model.
        doubts: why the answers are not enough.
        flips: what would make another first cause, and another urgency.
        unavailable: what was left out, and why.

    """

    explanations: tuple[Explanation, ...] = ()
    table: FindingTable | None = None
    sets: tuple[CauseSet, ...] = ()
    conflict: Conflict | None = None
    outside: Outside | None = None
    doubts: tuple[Doubt, ...] = ()
    flips: tuple[Flip, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON, as ``reasons`` of the schema ``assessment-1.json`` has it."""
        plain: dict[str, Any] = to_json({f.name: getattr(self, f.name) for f in dataclasses.fields(self)})
        return {**plain, "explanations": [one.to_dict() for one in self.explanations]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Told:
        """Return what ``to_dict`` wrote; raises FormatError when ``data`` has another shape."""
        rest = {key: from_json(value) for key, value in data.items() if key != "explanations"}
        told = from_plain(cls, rest)
        return dataclasses.replace(told, explanations=tuple(map(Explanation.from_dict, data.get("explanations", ()))))


def tell(reasons: Reasons, language: str = "en") -> Told:
    """Work out everything that the budget allows."""
    ranking = reasons.ranking
    causes = dict.fromkeys(one.cause for one in (*ranking.explains[:EXPLAINED], *ranking.rule_out))
    lost: list[Unavailable] = []
    return Told(
        explanations=tuple(one for cause in causes if (one := _explained(reasons, cause, language, lost)) is not None),
        table=attempt("table", lost, reasons.table),
        sets=attempt("sets", lost, reasons.sets) or (),
        conflict=attempt("conflict", lost, reasons.conflict),
        outside=attempt("outside", lost, reasons.outside),
        doubts=reasons.doubts(),
        flips=(
            *(attempt("first_cause_flips", lost, reasons.flips) or ()),
            *(attempt("urgency_flips", lost, lambda: reasons.flips("urgency")) or ()),
        ),
        unavailable=tuple(dict.fromkeys(lost)),
    )


def _explained(reasons: Reasons, cause: str, language: str, lost: list[Unavailable]) -> Explanation | None:
    return attempt("explanation", lost, lambda: reasons.explain(cause, language))
