"""What to ask next, when to stop, and which questions a short form needs."""

from legdx.inquiry.next_questions import Said, next_questions
from legdx.inquiry.records import COSTS, CauseGain, NextQuestion, NextQuestions, NotEvaluated, Settings, Stop
from legdx.inquiry.short_form import Chosen, ShortFormSettings
from legdx.inquiry.short_form_loss import Loss, ShortForm, short_form

__all__ = [
    "COSTS",
    "CauseGain",
    "Chosen",
    "Loss",
    "NextQuestion",
    "NextQuestions",
    "NotEvaluated",
    "Said",
    "Settings",
    "ShortForm",
    "ShortFormSettings",
    "Stop",
    "next_questions",
    "short_form",
]
