"""Sentences by id: a model's own text, else the packaged one, else the parts alone.

The packaged ones are JSON: reading YAML would make every first explanation of a process wait.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from legdx.knowledge import Knowledge

__all__ = ["Phrases"]


@cache
def _packaged(language: str) -> Mapping[str, str]:
    file = resources.files("legdx.explanation") / "text" / f"{language}.json"
    if not file.is_file():
        return {}
    loaded = json.loads(file.read_text(encoding="utf-8"))
    return {str(key): str(value) for key, value in loaded.items()}


class Phrases:
    """The phrases of one model in one language."""

    def __init__(self, knowledge: Knowledge, language: str = "en") -> None:
        self.knowledge = knowledge
        self.language = language

    def template(self, key: str) -> str | None:
        """Return a phrase with its places open, in this language, else in English; None where there is none."""
        for language in dict.fromkeys((self.language, "en")):
            texts = self.knowledge.text.get(language)
            own = None if texts is None else texts.get(f"phrase.{key}")
            found = _packaged(language).get(key) if own is None else own
            if found is not None:
                return found
        return None

    def phrase(self, key: str, **parts: str) -> str:
        """Return a phrase with its places filled; without a text, the parts alone."""
        template = self.template(key)
        return template.format(**parts) if template is not None else " ".join(parts.values())
