"""Why a cause is likely or not: weights, attribution, ranking, contrasts, what would change it, and sentences."""

from legdx.explanation.attribution import Attribution
from legdx.explanation.conflict import Conflict, Surprise
from legdx.explanation.contrast import Contrast, ContrastRow
from legdx.explanation.explain import explain
from legdx.explanation.flip import Change, Flip
from legdx.explanation.missing import Missing
from legdx.explanation.narrative import Narrator, share
from legdx.explanation.paths import Path
from legdx.explanation.ranking import CauseSet, Ranked, Ranking
from legdx.explanation.reasons import FindingTable, Outside, Reasons, Source
from legdx.explanation.records import (
    EXPLANATION_SCHEMA_VERSION,
    Cited,
    Explanation,
    Part,
    Row,
    Statement,
    Unavailable,
    Value,
)
from legdx.explanation.split import Share, Split
from legdx.explanation.told import Told, tell
from legdx.explanation.uncertainty import Spread, Swing, spread_of
from legdx.explanation.weights import Weight, Weights, strength_of, weights_of

__all__ = [
    "EXPLANATION_SCHEMA_VERSION",
    "Attribution",
    "CauseSet",
    "Change",
    "Cited",
    "Conflict",
    "Contrast",
    "ContrastRow",
    "Explanation",
    "FindingTable",
    "Flip",
    "Missing",
    "Narrator",
    "Outside",
    "Part",
    "Path",
    "Ranked",
    "Ranking",
    "Reasons",
    "Row",
    "Share",
    "Source",
    "Split",
    "Spread",
    "Statement",
    "Surprise",
    "Swing",
    "Told",
    "Unavailable",
    "Value",
    "Weight",
    "Weights",
    "explain",
    "share",
    "spread_of",
    "strength_of",
    "tell",
    "weights_of",
]
