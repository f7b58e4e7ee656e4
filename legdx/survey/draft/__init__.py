"""A first mapping of a survey, for a person to correct: what is not certain is marked, what is left out is listed."""

from legdx.survey.draft.dictionaries import Described, read_dictionary
from legdx.survey.draft.draft import Draft, draft_mapping

__all__ = ["Described", "Draft", "draft_mapping", "read_dictionary"]
