"""How urgent it is to be seen, why, and which advice may be given.

Rules on alarming answers, and posteriors of serious causes, become one of four levels; nothing is learned here.
"""

from legdx.urgency.advice import AdviceGiven, Contraindication, advice
from legdx.urgency.assess import assess_urgency
from legdx.urgency.records import LEVELS, RaisedBy, Reason, Urgency

__all__ = [
    "LEVELS",
    "AdviceGiven",
    "Contraindication",
    "RaisedBy",
    "Reason",
    "Urgency",
    "advice",
    "assess_urgency",
]
