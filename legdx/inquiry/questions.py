"""Which questions are open, and which of them are red flags.

A question is open when the answers so far neither answer it nor settle it, when it was not answered "don't know",
"refused" or "not applicable" before, and, where its complaint is its gate, when that complaint is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from legdx.inquiry.records import RedFlagRank
from legdx.knowledge import Knowledge, RedFlag
from legdx.urgency import Reason, Urgency
from legdx.urgency.answers import Answers, gate_of
from legdx.urgency.records import height

__all__ = ["RANKS", "RedFlagQuestion", "kind_of", "open_questions", "red_flag_questions"]

RANKS: tuple[RedFlagRank, ...] = (
    "completes_emergency",
    "emergency",
    "completes_urgent",
    "urgent",
    "clears_self_care",
    "may_lower",
)


@dataclass(slots=True)
class RedFlagQuestion:
    """The highest rank of a question and, for each rule that it belongs to, the findings that the rule still lacks."""

    rank: RedFlagRank
    rules: dict[str, tuple[int, ...]] = field(default_factory=dict)


def kind_of(knowledge: Knowledge, name: str) -> str:
    """Return how a variable is learned: ``Finding.cost``, or "question" for a factor."""
    finding = knowledge.findings.get(name)
    return "question" if finding is None else finding.cost


def open_questions(
    knowledge: Knowledge, answers: Answers, closed: Collection[str], kinds: Collection[str]
) -> tuple[int, ...]:
    """Return the open questions of these kinds, in the order of the network.

    Args:
        knowledge: the model's knowledge.
        answers: what was answered so far, with what follows from it.
        closed: ids of variables not to be asked (again): answered, "don't know", "refused", "not applicable".
        kinds: see ``kind_of``.

    """
    network = answers.network
    return tuple(
        i
        for i in network.of_kind("factor", "finding")
        if network.variables[i].name not in closed
        and kind_of(knowledge, network.variables[i].name) in kinds
        and not _settled(answers, i)
        and _gate_is_open(answers, i)
    )


def red_flag_questions(
    knowledge: Knowledge, answers: Answers, urgency: Urgency, candidates: Iterable[int]
) -> Mapping[int, RedFlagQuestion]:
    """Return those of the open questions that are red flags.

    A rule above the present level that can still fire makes a red flag of each question that it lacks; where that is
    an attribute whose complaint is not asked yet, of the complaint.  So does what the rules of the present level take
    to be there until it is denied, where no rule of the level goes without.  Examinations and tests are none: nobody
    can answer them by asking.
    """
    network = answers.network
    able = {i for i in candidates if kind_of(knowledge, network.variables[i].name) == "question"}
    found: dict[int, RedFlagQuestion] = {}
    for rule in knowledge.red_flags.values():
        if rule.level != "routine" and height(rule.level) > height(urgency.level):
            lacking = _lacking(answers, rule, able)
            for question in dict.fromkeys(lacking.values()):
                alone = len(lacking) == 1 and question in lacking
                _note(found, question, _rank(rule, alone=alone), rule.id, tuple(lacking))
    if urgency.level == "routine" and all(reason.kind == "not_asked" for reason in urgency.reasons):
        for name in urgency.not_asked:
            question = _to_be_asked(answers, network.index[name])
            if question in able:
                _note(found, question, "clears_self_care", None, ())
    for reason in _only_assumed(urgency):
        for question in able.intersection(network.index[name] for name in reason.assumed):
            _note(found, question, "may_lower", reason.id, ())
    return found


def _only_assumed(urgency: Urgency) -> list[Reason]:
    """Return the rules that make the level, where each of them takes something to be there; else none."""
    highest = [reason for reason in urgency.reasons if reason.kind == "rule" and reason.level == urgency.level]
    return highest if all(reason.assumed for reason in highest) else []


def _lacking(answers: Answers, rule: RedFlag, able: Collection[int]) -> dict[int, int]:
    """Return the findings that a rule lacks and the question to be asked for each; empty where it cannot fire."""
    found: dict[int, int] = defaultdict(int)
    for literal in rule.literals:
        if answers.met(literal):
            continue
        index = answers.network.index[literal.finding]
        question = _to_be_asked(answers, index)
        if question not in able:  # ruled out, answered, or no question
            return {}
        found[index] = question
    return dict(found)


def _to_be_asked(answers: Answers, index: int) -> int:
    """Return the question that must be asked before this one can be: its highest gate that is not known."""
    gate = gate_of(answers.network, index)
    if gate is None or _is_present(answers, gate):
        return index
    return _to_be_asked(answers, gate)


def _rank(rule: RedFlag, *, alone: bool) -> RedFlagRank:
    if rule.level == "emergency":
        return "completes_emergency" if alone else "emergency"
    return "completes_urgent" if alone else "urgent"


def _note(
    found: dict[int, RedFlagQuestion], question: int, rank: RedFlagRank, rule: str | None, lacking: tuple[int, ...]
) -> None:
    entry = found.setdefault(question, RedFlagQuestion(rank))
    entry.rank = min(entry.rank, rank, key=RANKS.index)
    if rule is not None:
        entry.rules[rule] = lacking


def _settled(answers: Answers, index: int) -> bool:
    return index in answers.settled or index in answers.unsure


def _is_present(answers: Answers, index: int) -> bool:
    likelihood = answers.settled.get(index)
    return likelihood is not None and not np.any(likelihood[:1])


def _gate_is_open(answers: Answers, index: int) -> bool:
    gate = gate_of(answers.network, index)
    return gate is None or _is_present(answers, gate)
