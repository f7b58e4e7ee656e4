"""An interview as a state machine: text in, text out, nothing else.

``begin`` and ``reply`` are pure functions over frozen records; a terminal, a chat window or a test drives them.  They
never raise for what a person typed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from legdx.errors import CaseError, ImpossibleEvidenceError
from legdx.inquiry.records import NextQuestions
from legdx.inquiry.replies import read_reply
from legdx.inquiry.words import Words
from legdx.network.records import Network, NoisyMax, Variable
from legdx.network.structure import AGE, SEX

__all__ = ["Script", "State", "Turn", "begin", "reply"]

Answers = Mapping[str, Any]
SKIPPED = "not_asked"


@dataclass(frozen=True, slots=True)
class Script:
    """What an interview asks of a model.

    Attributes:
        words: what is said.
        network: the variables that can be asked.
        opening: the questions that come first, in order.
        check: raises CaseError for answers that cannot be read, ImpossibleEvidenceError for some that exclude others.
        advise: the answers so far, questions not to be asked, and the only ones to be considered (None for all) -> the
            next questions; raises as ``check`` does.

    """

    words: Words
    network: Network
    opening: tuple[str, ...]
    check: Callable[[Answers], object]
    advise: Callable[[Answers, Collection[str], Collection[str] | None], NextQuestions]


@dataclass(frozen=True, slots=True)
class State:
    """Where an interview stands.

    Attributes:
        history: the answers in the order given, skipped questions ("not_asked") among them.
        asked: the question that waits for an answer; None when none is left, or the interview is over.
        phase: ``asking``; ``offering`` the result, since further answers hardly matter; ``over``.
        go_on: the offer was turned down.

    """

    history: tuple[tuple[str, Any], ...] = ()
    asked: str | None = None
    phase: Literal["asking", "offering", "over"] = "asking"
    go_on: bool = False

    @property
    def answers(self) -> dict[str, Any]:
        """The answers so far, as a case can be made of; skipped questions left out."""
        return {name: value for name, value in self.history if value != SKIPPED}


@dataclass(frozen=True, slots=True)
class Turn:
    """A state and the lines that lead to it, to be shown."""

    state: State
    lines: tuple[str, ...]


def begin(script: Script, answers: Answers) -> Turn:
    """Start an interview, or go on with one, after answers that ``script.check`` accepts."""
    said = script.words.say
    history = tuple((name, value) for name, value in answers.items() if value != SKIPPED)
    resumed = (said("dialogue.resumed", number=str(len(history))),) if history else ()
    turn = _advance(script, State(history))
    return replace(turn, lines=(said("dialogue.welcome"), *resumed, *turn.lines))


def reply(script: Script, state: State, text: str) -> Turn:
    """Take what was typed and say what comes next; an interview that is over stays so."""
    if state.phase == "over":
        return Turn(state, ())
    states, spoken = _options(script, state.asked)
    read = read_reply(text, states, spoken, number=state.asked == AGE)
    if read.kind == "result" or (state.phase == "offering" and not text.strip()):
        return Turn(replace(state, asked=None, phase="over"), ())
    if read.kind == "back":
        return _back(script, state)
    if read.kind == "more" and state.phase == "offering":
        return _advance(script, replace(state, go_on=True))
    if read.kind == "answer" and state.asked is not None and read.value is not None:
        return _answer(script, state, state.asked, read.value)
    if read.kind == "why" and state.asked is not None:
        lines = ("", *_why(script, state))
    else:
        lines = (script.words.say("dialogue.help" if read.kind == "help" else "dialogue.unclear"),)
    return Turn(state, (*lines, *_question(script, state)))


def _answer(script: Script, state: State, name: str, value: str) -> Turn:
    said = script.words.say
    after = replace(state, history=(*state.history, (name, value)))
    try:
        script.check(after.answers)
        return _advance(script, after)
    except CaseError as error:
        notes = [issue.note if issue.hint is None else f"{issue.note}; {issue.hint}" for issue in error.issues]
        return Turn(state, (said("dialogue.refused", notes="; ".join(notes)), *_question(script, state)))
    except ImpossibleEvidenceError:
        return Turn(state, (said("dialogue.impossible"), *_question(script, state)))


def _back(script: Script, state: State) -> Turn:
    if not state.history:
        return Turn(state, (script.words.say("dialogue.first"), *_question(script, state)))
    *rest, (name, value) = state.history
    before = State(tuple(rest), name, "asking", state.go_on)
    if name not in script.network.index:  # a laboratory value, from a case that was made elsewhere
        before = replace(_advance(script, replace(before, asked=None)).state, go_on=state.go_on)
    given = script.words.say("dialogue.back", label=script.words.label(name), answer=_spoken(script, name, value))
    return Turn(before, (given, *_question(script, before)))


def _advance(script: Script, state: State) -> Turn:
    """Ask the next question, or offer the result."""
    closed = {name for name, _ in state.history}
    waiting = next((name for name in script.opening if name not in closed and _is_open(script, state, name)), None)
    if waiting is not None:
        return _asking(script, state, _alarming_detail(script, state, closed) or waiting)
    advice = script.advise(state.answers, closed, None)
    if advice.next_name is None:
        offering = replace(state, asked=None, phase="offering")
        return Turn(offering, (script.words.say("dialogue.nothing_left"),))
    if advice.stop.stop and not state.go_on:
        offering = replace(state, asked=None, phase="offering")
        limit = f"{100 * advice.stop.limit:g} %"
        return Turn(offering, (script.words.say("dialogue.offer", limit=limit, level=_level(advice)),))
    turn = _asking(script, state, advice.next_name)
    undecided = (script.words.say("dialogue.undecided"),) if advice.is_undecided and not state.go_on else ()
    return Turn(turn.state, (*undecided, *turn.lines))


def _alarming_detail(script: Script, state: State, closed: Collection[str]) -> str | None:
    """Return what must be known at once of a complaint that is there: an answer that alone makes an emergency."""
    index = script.network.index
    present = {index[name] for name, value in state.history if value == "present" and name in index}
    details = {
        variable.name
        for variable, node in zip(script.network.variables, script.network.nodes, strict=True)
        if isinstance(node, NoisyMax) and node.gate in present and variable.name not in closed
    }
    advice = script.advise(state.answers, closed, details) if details else ()
    return next((one.name for one in advice if one.red_flag == "completes_emergency"), None)


def _is_open(script: Script, state: State, name: str) -> bool:
    """Say whether an opening question is not settled by the other answers."""
    advice = script.advise(state.answers, (), (name,)) if name not in {AGE, SEX} else None
    return advice is None or advice.next_name == name


def _asking(script: Script, state: State, name: str) -> Turn:
    asking = replace(state, asked=name, phase="asking")
    return Turn(asking, _question(script, asking))


def _question(script: Script, state: State) -> tuple[str, ...]:
    said = script.words.say
    if state.asked is None:
        return (said("dialogue.offer_again"),)
    _, spoken = _options(script, state.asked)
    choices = "   ".join(f"{place} {one}" for place, one in enumerate(spoken, start=1))
    if state.asked == AGE:
        choices = said("dialogue.number")
    number = str(len(state.history) + 1)
    return ("", f"{number}. {script.words.question(state.asked)}", f"   {choices}", said("dialogue.keys"))


def _options(script: Script, name: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the answers that a question takes, and how they are said; an attribute's complaint is there."""
    if name is None or name == AGE:
        return (), ()
    variable = script.network.variables[script.network.index[name]]
    node = script.network.nodes[script.network.index[name]]
    states = variable.states[node.floor :] if isinstance(node, NoisyMax) else variable.states
    if states == ("absent", "present"):
        states = ("present", "absent")
    return states, tuple(script.words.answer(variable, state) for state in states)


def _why(script: Script, state: State) -> tuple[str, ...]:
    closed = {name for name, _ in state.history}
    advice = script.advise(state.answers, closed, (state.asked or "",))
    if advice.questions:
        return tuple(f"   {sentence}" for sentence in advice[0].why)
    reasons = [script.words.not_evaluated(one.reason) for one in advice.not_evaluated]
    flags = [script.words.say(f"why.{one.red_flag}") for one in advice.not_evaluated if one.red_flag]
    return tuple(f"   {sentence}" for sentence in (*flags, *reasons)) or (script.words.say("dialogue.settled"),)


def _spoken(script: Script, name: str, value: object) -> str:
    missing = f"missing.{value}"
    if script.words.has(missing):
        return script.words.say(missing)
    index = script.network.index.get(name)
    variable: Variable | None = None if index is None else script.network.variables[index]
    if variable is not None and isinstance(value, str) and value in variable.states:
        return script.words.answer(variable, value)
    return str(value)


def _level(advice: NextQuestions) -> str:
    return advice.level.replace("_", " ")
