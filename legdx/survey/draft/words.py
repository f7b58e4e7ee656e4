"""What the words of an answer say by themselves; codes that are mere numbers say nothing."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from legdx.case import Missing
from legdx.survey.mapping_rules import UNDECIDED
from legdx.survey.vocabulary import Askable

__all__ = ["answer_of", "is_tick", "missing_of", "normal"]

_YES = frozenset({"yes", "y", "true", "ja", "oui", "si", "sí", "sim", "checked", "ticked", "present"})
_NO = frozenset({"no", "n", "false", "nein", "non", "nao", "não", "unchecked", "not checked", "absent"})
_NEVER = frozenset({"never", "not at all", "none", "no difficulty", "not hard", "not hard at all"})
_TICKS = _YES | {"x", "1"}
_FEMALE = frozenset({"female", "woman", "f", "w", "weiblich", "femme", "mujer", "women"})
_MALE = frozenset({"male", "man", "m", "männlich", "homme", "hombre", "men"})
_UNKNOWN = (
    r"(i )?(don.?t|do not) know.*",
    r"dk",
    r"not sure",
    r"unsure",
    r"unknown",
    r"weiss nicht",
    r"weiß nicht",
    r"je ne sais pas",
    r"no s[eé]",
    r"can.?t say",
)
_REFUSED = (
    r"refused?",
    r"prefer not to (say|answer)",
    r"(i )?(would )?rather not (say|answer)",
    r"declined?.*",
    r"keine angabe",
)
_INAPPLICABLE = (r"n/?a", r"not applicable", r"does not apply", r"inapplicable", r"do(es)? not do this activity")
_NOT_ASKED = (r"missing", r"not asked", r"not shown", r"skipped", r"blank( but applicable)?")
_KINDS: tuple[tuple[Missing, tuple[str, ...]], ...] = (
    ("unknown", _UNKNOWN),
    ("refused", _REFUSED),
    ("not_applicable", _INAPPLICABLE),
    ("not_asked", _NOT_ASKED),
)
_CLOSE = 80.0


def normal(text: str) -> str:
    """Return text in small letters, without signs, with single spaces.

    >>> normal("Don't KNOW / not sure.")
    "don't know not sure"
    """
    return " ".join(re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.casefold()))


def missing_of(words: str) -> Missing | None:
    """Return the kind of missing answer that the words name, or None."""
    plain = " ".join(words.casefold().replace("’", "'").split()).strip(" .")
    for kind, patterns in _KINDS:
        if any(re.fullmatch(pattern, plain) for pattern in patterns):
            return kind
    return None


def answer_of(words: str, askable: Askable) -> str:
    """Return the answer that the words of a code name, or "?" where a person has to decide."""
    plain = normal(words)
    if askable.name == "sex":
        return "female" if plain in _FEMALE else "male" if plain in _MALE else UNDECIDED
    if askable.is_yes_no:
        if plain in _YES:
            return "present"
        return "absent" if plain in _NO or plain in _NEVER else UNDECIDED
    close = [(fuzz.token_set_ratio(plain, normal(answer.replace("_", " "))), answer) for answer in askable.answers]
    best = max(close, default=(0.0, UNDECIDED))
    return best[1] if best[0] >= _CLOSE else UNDECIDED


def is_tick(cell: str) -> bool:
    """Say whether a cell is what tools put into a ticked box."""
    return normal(cell) in _TICKS
