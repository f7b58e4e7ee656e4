"""Tables in: text from any survey tool, a mapping file, and out of the two canonical answers.

Nothing is guessed. Present, absent, don't know, refused, not asked and not applicable are kept apart; what cannot be
read becomes a record. pandas is imported with this package, other libraries when a file needs them.
"""

from legdx.survey.answers import CELL_KINDS, MappedSurvey, column_issues, map_answers
from legdx.survey.dialect import TableFormat
from legdx.survey.mapping import SurveyMapping
from legdx.survey.mapping_file import load_mapping, parse_mapping
from legdx.survey.table import Block, SurveyTable, open_table, read_table

__all__ = [
    "CELL_KINDS",
    "Block",
    "MappedSurvey",
    "SurveyMapping",
    "SurveyTable",
    "TableFormat",
    "column_issues",
    "load_mapping",
    "map_answers",
    "open_table",
    "parse_mapping",
    "read_table",
]
