"""What a person types in an interview: an answer, or a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Reply", "read_reply"]

Kind = Literal["answer", "why", "back", "help", "result", "more", "unclear"]

_COMMANDS: Mapping[Kind, tuple[str, ...]] = {
    "why": ("?", "w", "why"),
    "back": ("b", "back", "undo"),
    "help": ("h", "help", "??"),
    "result": ("q", "quit", "exit", "stop", "end", "done", "result"),
    "more": ("more", "go on", "continue"),
}
_MISSING: Mapping[str, tuple[str, ...]] = {
    "unknown": ("d", "dk", "idk", "dont know", "i dont know", "do not know", "unknown", "not sure", "unsure", "maybe"),
    "refused": ("r", "refuse", "refused", "rather not say", "prefer not to say", "no answer"),
    "not_asked": ("s", "skip", "next", "later"),
    "not_applicable": ("na", "n/a", "not applicable", "does not apply"),
}
_YES_NO: Mapping[str, tuple[str, ...]] = {"present": ("y", "yes", "yeah", "yep"), "absent": ("n", "no", "nope")}
_QUOTES = ("'", '"', "`", *map(chr, (0xB4, 0x2018, 0x2019, 0x201C, 0x201D)))
_DROPPED = str.maketrans(dict.fromkeys(_QUOTES, ""))


@dataclass(frozen=True, slots=True)
class Reply:
    """What was typed: an answer with its ``value``, or a command."""

    kind: Kind
    value: str | None = None


def read_reply(text: str, states: Sequence[str], spoken: Sequence[str], *, number: bool = False) -> Reply:
    """Read what was typed as an answer to a question, or as a command.

    Args:
        text: what was typed, whatever it is.
        states: the answers that the question takes, in the order in which they are shown, from 1.
        spoken: how these are shown, one for each.
        number: the question takes a number of its own (an age), so that numbers do not choose among ``states``.

    >>> read_reply(" Yes. ", ("absent", "present"), ("no", "yes"))
    Reply(kind='answer', value='present')
    >>> read_reply("don’t know", ("absent", "present"), ("no", "yes"))
    Reply(kind='answer', value='unknown')
    >>> read_reply("67", (), (), number=True)
    Reply(kind='answer', value='67')
    """
    said = " ".join(text.translate(_DROPPED).casefold().strip().rstrip(".!,;").split())
    command = next((kind for kind, words in _COMMANDS.items() if said in words), None)
    if command is not None or not said:
        return Reply(command or "unclear")
    missing = next((value for value, words in _MISSING.items() if said in words), None)
    if missing is not None:
        return Reply("answer", missing)
    if number:
        return Reply("answer", said.removesuffix(" years old").removesuffix(" years"))
    found = _chosen(said, states, spoken)
    return Reply("answer", found[0]) if len(found) == 1 else Reply("unclear")


def _chosen(said: str, states: Sequence[str], spoken: Sequence[str]) -> list[str]:
    """Return the states that a number, a yes or no, a name or the beginning of one stands for."""
    if said.isascii() and said.isdigit():
        place = int(said[:9])
        return list(states[place - 1 : place]) if place else []
    plain = [state for state in states if said in _YES_NO.get(state, ())]
    names = {
        state: (state.replace("_", " "), words.casefold().translate(_DROPPED))
        for state, words in zip(states, spoken, strict=True)
    }
    exact = [state for state, both in names.items() if said.replace("_", " ") in both]
    return plain or exact or [state for state, both in names.items() if any(one.startswith(said) for one in both)]
