"""All pages of a model, and a folder to hold them."""

from __future__ import annotations

from pathlib import Path

from legdx.knowledge import Knowledge
from legdx.report.cause_page import cause_page
from legdx.report.finding_page import finding_page
from legdx.report.list_pages import factors_page, index_page, sources_page, syndromes_page

__all__ = ["model_pages", "write_pages"]


def model_pages(knowledge: Knowledge) -> dict[str, str]:
    """Return every page: path below the folder -> Markdown; the same knowledge gives the same text."""
    pages = {
        "README.md": index_page(knowledge),
        "factors.md": factors_page(knowledge),
        "syndromes.md": syndromes_page(knowledge),
        "sources.md": sources_page(knowledge),
    }
    pages |= {f"causes/{name}.md": cause_page(knowledge, name) for name in knowledge.causes}
    return pages | {f"findings/{name}.md": finding_page(knowledge, name) for name in knowledge.findings}


def write_pages(pages: dict[str, str], folder: Path) -> None:
    """Write pages below a folder, which is made; pages of causes and findings that are no more are taken out."""
    for part in ("causes", "findings"):
        for old in (folder / part).glob("*.md"):
            if f"{part}/{old.name}" not in pages:
                old.unlink()
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
