"""What to ask next, when to stop, and which questions a short form needs."""

from legdx.inquiry.next_questions import Said, next_questions
from legdx.inquiry.records import COSTS, CauseGain, NextQuestion, NextQuestions, NotEvaluated, Settings, Stop

__all__ = [
    "COSTS",
    "CauseGain",
    "NextQuestion",
    "NextQuestions",
    "NotEvaluated",
    "Said",
    "Settings",
    "Stop",
    "next_questions",
]
