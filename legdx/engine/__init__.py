"""Exact inference: evidence in, posterior out.  No text, no files."""

from legdx.engine.batch import run_distinct_rows, run_rows
from legdx.engine.compiled import UNOBSERVED, BatchResult, Packed, Status, kernels, pack
from legdx.engine.evidence import Evidence, certain_state, observe
from legdx.engine.gradient import Gradient, log_evidence_gradient, logit_gradient
from legdx.engine.inference import Posterior, Prepared, log_evidence, posterior, prepare
from legdx.engine.planner import Budget, Plan

__all__ = [
    "UNOBSERVED",
    "BatchResult",
    "Budget",
    "Evidence",
    "Gradient",
    "Packed",
    "Plan",
    "Posterior",
    "Prepared",
    "Status",
    "certain_state",
    "kernels",
    "log_evidence",
    "log_evidence_gradient",
    "logit_gradient",
    "observe",
    "pack",
    "posterior",
    "prepare",
    "run_distinct_rows",
    "run_rows",
]
