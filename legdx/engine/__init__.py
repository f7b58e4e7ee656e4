"""Exact inference: evidence in, posterior out.  No text, no files."""

from legdx.engine.evidence import Evidence, certain_state, observe
from legdx.engine.inference import Posterior, Prepared, log_evidence, posterior, prepare
from legdx.engine.planner import Budget, Plan

__all__ = [
    "Budget",
    "Evidence",
    "Plan",
    "Posterior",
    "Prepared",
    "certain_state",
    "log_evidence",
    "observe",
    "posterior",
    "prepare",
]
