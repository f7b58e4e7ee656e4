"""Which variable of a model a question text is about, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from rapidfuzz import fuzz, process

from legdx.knowledge import Knowledge
from legdx.knowledge.yaml_text import read_yaml
from legdx.survey.draft.words import normal
from legdx.survey.vocabulary import Vocabulary

__all__ = ["Match", "Matcher"]

_STOP = frozenset(
    (
        "a",
        "an",
        "and",
        "are",
        "any",
        "at",
        "be",
        "been",
        "been",
        "by",
        "did",
        "do",
        "does",
        "ever",
        "for",
        "from",
        "get",
        "had",
        "has",
        "have",
        "how",
        "in",
        "into",
        "is",
        "it",
        "its",
        "last",
        "let",
        "most",
        "of",
        "on",
        "or",
        "own",
        "part",
        "sp",
        "that",
        "the",
        "their",
        "them",
        "there",
        "this",
        "to",
        "told",
        "was",
        "were",
        "what",
        "when",
        "which",
        "while",
        "who",
        "with",
        "you",
        "your",
        "yours",
        "doctor",
        "said",
        "past",
        "month",
        "months",
        "year",
        "years",
        "weeks",
        "four",
        "week",
        "day",
        "days",
        "often",
        "much",
        "many",
        "time",
        "times",
        "experience",
        "please",
        "select",
        "all",
        "apply",
        "been",
        "not",
        "no",
        "yes",
        "if",
        "so",
        "because",
    )
)
_SHORT = 2
_LEAST = 72.0
_ONE_WORD = 68.0
_SAME_WORD = 90.0
_EXACT = 100.0


@dataclass(frozen=True)
class Match:
    """A variable, how near the text comes to it (0 to 100), and the phrase that it came near to.

    `exact` says that the text is the model's own question, word for word.
    """

    name: str
    score: float
    phrase: str
    exact: bool = False


class Matcher:
    """Knows every name, label, question and synonym of a model's variables."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Collect the phrases; synonyms are known for the packaged model alone."""
        vocabulary = Vocabulary.of(knowledge)
        self._questions: dict[str, str] = {}
        phrases: dict[str, str] = {}
        for name in vocabulary.names:
            kind = knowledge.kind_of(name)
            question = knowledge.text_of(f"{kind}.{name}.question")
            if question is not None:
                self._questions[normal(question)] = name
            for phrase in (name.replace("_", " "), knowledge.label(name) if kind else name, question or ""):
                if phrase:
                    phrases.setdefault(_content(phrase), name)
            if vocabulary.names[name].findings:
                phrases.setdefault(_content(f"{name} {vocabulary.names[name].unit}"), name)
        for name, synonyms in _synonyms().items():
            if name in vocabulary.names:
                for phrase in synonyms:
                    phrases[_content(phrase)] = name
        phrases.pop("", None)
        self._phrases = phrases
        self._renames = knowledge.renames

    def match(self, *texts: str) -> Match | None:
        """Return the variable that one of these texts comes nearest to, or None where none is near."""
        found = [match for text in texts if text and (match := self._one(text)) is not None]
        return max(found, key=lambda match: (match.exact, match.score), default=None)

    def nearest(self, text: str) -> str:
        """Return the nearest variable with its score, for a remark."""
        found = self._best(_content(text)) if text else None
        return "" if found is None else f"nearest {found.name}, {found.score:.0f} of 100"

    def _one(self, text: str) -> Match | None:
        own = self._questions.get(normal(text))
        if own is not None:
            return Match(own, _EXACT, text, exact=True)
        best = self._best(_content(text))
        return best if best is not None and best.score >= _LEAST else None

    def _best(self, content: str) -> Match | None:
        if not content:
            return None
        near = process.extract(content, self._phrases.keys(), scorer=_nearness, limit=1)
        if not near:
            return None
        phrase, score, _ = near[0]
        return Match(self._phrases[phrase], float(score), phrase)


def _nearness(text: str, phrase: str, **_: object) -> float:
    """Return how near a text comes to a phrase: shared words, and how much of both they are."""
    shared = fuzz.token_set_ratio(text, phrase)
    whole = fuzz.token_sort_ratio(text, phrase)
    words = len(text.split()), len(phrase.split())
    if words == (1, 1):  # `itching` is near to `twitching` in letters alone
        return whole if whole >= _SAME_WORD else 0.0
    if words[0] == 1:
        return 0.3 * shared + 0.7 * whole
    return 0.6 * shared + 0.4 * whole if words[1] > 1 or whole > _ONE_WORD else 0.45 * shared + 0.55 * whole


def _content(text: str) -> str:
    """Return the words of a text that say what it is about."""
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    words = [word for word in normal(text.replace("_", " ")).split() if word not in _STOP]
    return " ".join(word for word in words if len(word) > _SHORT or word.isdigit() is False)


def _synonyms() -> Mapping[str, list[str]]:
    content = (resources.files("legdx.survey.draft") / "synonyms.yaml").read_bytes()
    node, _ = read_yaml(content, "synonyms.yaml")
    return {} if node is None else {name: node.texts(name) for name in node.fields()}
