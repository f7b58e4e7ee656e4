"""A model that scores at once and shows in its numbers which answers it was given."""

from dataclasses import dataclass

import pandas as pd

from legdx.knowledge import Knowledge
from legdx.outputs import COUNTS, output_columns


@dataclass(frozen=True)
class FakeModel:
    """Its first posterior is the share of cells that are answers; ages of 99 are impossible, of 98 too costly."""

    knowledge: Knowledge
    id: str = "fake"
    version: str = "1.2.3"
    digest: str = "0" * 64
    refuse: bool = False

    def score_table(self, frame, outputs=None):
        causes = list(self.knowledge.causes)
        rows = [self._row(row, causes) for row in frame.to_dict("records")]
        return pd.DataFrame(rows, index=frame.index, columns=list(outputs or output_columns(causes)), dtype=object)

    def _row(self, answers, causes):
        missing = ["unknown", "refused", "not_asked", "not_applicable", None]  # soft answers cannot be hashed
        status = {"99": "impossible", "98": "too_costly"}.get(str(answers.get("age")), "scored")
        if self.refuse:
            status = "rejected"
        if status != "scored":
            return {"status": status, "reason": f"is {status}"}
        given = [value for value in answers.values() if value not in missing]
        share = len(given) / len(answers)
        return {
            "status": "scored",
            "answered": len(given),
            **{kind: sum(value == kind for value in answers.values()) for kind in COUNTS[1:]},
            "urgency": "routine",
            "urgency_rules": "",
            "first_cause": causes[0],
            "first_probability": share,
            "log_evidence": -share,
            "flags": "",
            "first_weight_decibans": 1.0,
            **{f"rank_{cause}": place for place, cause in enumerate(causes, start=1)},
            **{f"posterior_{cause}": share / (place + 1) for place, cause in enumerate(causes)},
        }
