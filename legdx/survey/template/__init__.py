"""The model's own questionnaire, for form tools; what is filled into it is scored without a mapping."""

from legdx.survey.template.forms import FORMATS, write_template
from legdx.survey.template.questions import Choice, Question, questions

__all__ = ["FORMATS", "Choice", "Question", "questions", "write_template"]
