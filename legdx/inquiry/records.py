"""What asking further would bring, as frozen records that can be written as JSON."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from legdx.engine import Budget
from legdx.knowledge import FrozenMap

__all__ = [
    "COSTS",
    "CauseGain",
    "NextQuestion",
    "NextQuestions",
    "NotEvaluated",
    "RedFlagRank",
    "Settings",
    "Stop",
]

COSTS: FrozenMap[float] = FrozenMap(
    {
        "question": 1.0,  # a few seconds of the person who is asked; the unit of all the others
        "examination": 10.0,  # somebody trained has to see the person: minutes of both, no harm
        "blood_test": 30.0,  # a visit, a needle and a laboratory, an answer on another day
        "electrical_test": 100.0,  # a specialist for half an hour, needles or current, a wait of weeks
        "imaging": 100.0,  # a machine and a specialist, a wait; radiation in some
        "procedure": 200.0,  # goes into the body and can harm
    }
)
"""What it costs to learn a finding, in questions, by how it is learned (``Finding.cost``); a factor is a question.

No source states these: they are judgements (grade D), in the order of effort, wait and risk.  ``Settings(costs=...)``
takes others; a kind that is left out there is not asked.
"""

RedFlagRank = typing.Literal[
    "completes_emergency", "emergency", "completes_urgent", "urgent", "clears_self_care", "may_lower"
]
"""Why a question is asked before all others, the first one first.

``completes_emergency`` and ``completes_urgent``: one answer to it makes a rule above the present level fire;
``emergency`` and ``urgent``: such a rule still lacks this and other answers; ``clears_self_care``: nothing but such
open questions keeps the level from self-care; ``may_lower``: every rule that makes the level takes such a question
for answered until it is denied.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How next questions are chosen.

    Attributes:
        costs: cost of each kind of finding, above 0; kinds left out are not asked.  Default ``COSTS``.
        candidates: how many open questions are evaluated exactly, those that the screening puts first; None for all.
        urgency_bits: what an expected change of urgency by one level counts beside one bit of information.
        stop_below: the stop rule's limit, in [0, 1].
        decide_stop: go on beyond ``candidates`` until the stop rule is decided one way or the other.
        decide_seconds: for how long, wall clock, from the start of that; past it the rule is not worked out, and
            does not say stop.  None for as long as it takes.
        budget: what one evaluation may cost in the engine; None for the engine's default (1 s, 2 GB).

    """

    costs: Mapping[str, float] = COSTS
    candidates: int | None = 20
    urgency_bits: float = 1.0
    stop_below: float = 0.05
    decide_stop: bool = False
    decide_seconds: float | None = None
    budget: Budget | None = None

    def __post_init__(self) -> None:
        if not all(cost > 0.0 for cost in self.costs.values()):
            message = "every cost must be above 0"
            raise ValueError(message)
        if self.candidates is not None and self.candidates < 1:
            message = f"candidates must be at least 1, not {self.candidates}"
            raise ValueError(message)
        if not 0.0 <= self.stop_below <= 1.0 or self.urgency_bits < 0.0:
            message = "stop_below must lie in [0, 1], and urgency_bits must be at least 0"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseGain:
    """What a question says about one cause.

    Attributes:
        cause: its id.
        bits: mutual information of the cause and the answer, given the answers so far.
        now: P(cause | answers so far).
        after: answer -> P(cause | answers so far, that answer), for every answer that is possible.

    """

    cause: str
    bits: float
    now: float
    after: FrozenMap[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextQuestion:
    """One question that could be asked next, with what it would bring.

    Attributes:
        name: the variable.
        label, text: its name and its question, in the language asked for.
        kind: how it is learned: question, examination, blood_test, electrical_test, imaging, procedure.
        cost: in questions.
        red_flag: why it comes before all others, or None.
        rules: the rules above the present level that it belongs to.
        answers: answer -> P(answer | answers so far); sums to 1.
        information_bits: the sum over causes of the mutual information of cause and answer, at least 0.
        gains: the causes of which it says most, the first one first.
        urgency_change: expected number of levels by which the urgency moves, up or down.
        rises, falls: probability that the urgency rises, falls.
        outcome_change: probability that the first cause or the urgency changes.
        worth: (``information_bits`` + ``Settings.urgency_bits`` x ``urgency_change``) / ``cost``.
        why: sentences for people.

    """

    name: str
    label: str
    text: str
    kind: str
    cost: float
    red_flag: RedFlagRank | None
    rules: tuple[str, ...]
    answers: FrozenMap[float]
    information_bits: float
    gains: tuple[CauseGain, ...]
    urgency_change: float
    rises: float
    falls: float
    outcome_change: float
    worth: float
    why: tuple[str, ...] = ()


Unevaluated = typing.Literal["screened_out", "over_budget", "out_of_time"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEvaluated:
    """An open question without numbers.

    ``reason`` is ``screened_out`` (not among ``Settings.candidates``), ``over_budget`` (the exact numbers would cost
    more than the budget) or ``out_of_time`` (``Settings.decide_seconds`` were over).
    """

    name: str
    label: str
    text: str
    kind: str
    red_flag: RedFlagRank | None
    reason: Unevaluated


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Whether further questions are worth asking: a look one answer ahead, at each open question by itself.

    Attributes:
        stop: whether no single answer changes the first cause or the urgency with a probability of ``limit`` or more.
            False as long as a question that could be asked was not evaluated, or is a red flag.
        largest: the highest of these probabilities among the evaluated questions; None where there is none.
        question: the question that has it.
        at_most: the sum of these probabilities, at most 1: a bound from above of the probability that one or more of
            the evaluated questions, each asked by itself, would change the outcome.  Several answers together can
            change what none of them changes alone, and no number here speaks of that.
        limit: the value that ``largest`` is held against.
        evaluated, left_out: how many open questions were evaluated, and were not.
        red_flags: how many red-flag questions are open.

    """

    stop: bool
    largest: float | None
    question: str | None
    at_most: float
    limit: float
    evaluated: int
    left_out: int
    red_flags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NextQuestions:
    """The best next questions, and whether to go on at all; runs over ``questions``.

    Attributes:
        questions: the best first, red flags before all others.
        level: the urgency now.
        first_cause: the most probable cause now that no answer settles; None where all are settled, or where its
            probability would cost more than the budget.
        stop: the stop rule.
        not_evaluated: every open question without numbers, in the order in which it would be asked.

    """

    questions: tuple[NextQuestion, ...]
    level: str
    first_cause: str | None
    stop: Stop
    not_evaluated: tuple[NotEvaluated, ...] = field(repr=False)

    def __iter__(self) -> Iterator[NextQuestion]:
        """Iterate over the questions, the best first."""
        return iter(self.questions)

    def __len__(self) -> int:
        """Return the number of questions."""
        return len(self.questions)

    def __getitem__(self, place: int) -> NextQuestion:
        """Return one of the questions."""
        return self.questions[place]

    @property
    def next_name(self) -> str | None:
        """The question to be asked next, with numbers or without; None where nothing is left.

        Without numbers goes before where it is a red flag that cost too much to evaluate, and the best with numbers is
        none, and where none has numbers.
        """
        costly = next((one for one in self.not_evaluated if one.red_flag and one.reason == "over_budget"), None)
        best = next(iter(self.questions), None)
        if costly is not None and (best is None or best.red_flag is None):
            return costly.name
        if best is not None:
            return best.name
        return self.not_evaluated[0].name if self.not_evaluated else None

    @property
    def is_undecided(self) -> bool:
        """Whether the stop rule was not worked out, as that would have taken too long."""
        return any(one.reason == "out_of_time" for one in self.not_evaluated)

    def to_dict(self) -> dict[str, typing.Any]:
        """Return plain JSON types."""
        plain: dict[str, typing.Any] = _plain(self)
        return plain


def _plain(value: object) -> typing.Any:  # noqa: ANN401
    if dataclasses.is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value
