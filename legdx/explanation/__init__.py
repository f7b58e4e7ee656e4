"""Why a cause is likely or not: weight of evidence, the figures behind it, sentences."""

from legdx.explanation.explain import explain
from legdx.explanation.narrative import Narrator, share
from legdx.explanation.records import Cited, Explanation, Row
from legdx.explanation.weights import Weight, Weights, strength_of, weights_of

__all__ = [
    "Cited",
    "Explanation",
    "Narrator",
    "Row",
    "Weight",
    "Weights",
    "explain",
    "share",
    "strength_of",
    "weights_of",
]
