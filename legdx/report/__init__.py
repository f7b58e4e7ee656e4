"""Pages, from records and knowledge files; nothing is computed here."""

from legdx.report.evaluation_pages import evaluation_page, misses_page
from legdx.report.model_card import model_card
from legdx.report.pages import model_pages, write_pages

__all__ = ["evaluation_page", "misses_page", "model_card", "model_pages", "write_pages"]
