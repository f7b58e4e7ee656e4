"""Pages, from records and knowledge files; nothing is computed here."""

from legdx.report.evaluation_pages import evaluation_page, misses_page

__all__ = ["evaluation_page", "misses_page"]
