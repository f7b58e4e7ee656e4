"""How probable a serious cause is, told so that no alarming answer can lower it.

A posterior alone would not do: an alarming answer can explain another one away, and the level would fall when it is
given.  So the posterior is taken at its highest over all evidence in which the alarming answers are *less* alarming
than they are, every other answer being kept.  An alarm is a finding of any rule, or the gate of one.

That maximum is exact and finite.  With L the likelihood of an answer over states 0..K, what is less alarming in the
order of likelihood ratios is a sum, with weights of at least 0, of a few *rows*: "state j" for each j below the lowest
possible state, and L cut off above j for each j from there on.  For "don't know" the rows are "not asked" and the
states below every threshold; an answer that holds has these too.  P(cause | evidence) is a ratio of two linear
functions of each row, and a ratio of sums lies between the ratios of their terms; so a row each, in all combinations,
holds the maximum.  They are read from one pass over the network that keeps the alarms together.

More alarms than `MOST_ALARMS` present mean that the level is urgent: who reports that many alarming things, not one of
which calls for it by a rule, should be seen.  (More than five, as first planned, would make 1.4 % of people of 70 and
over urgent without any rule; more than ten, 5 people in a million drawn from the model.)  Where only the "don't
know"s make it more, these enter with a bound instead, gates excepted:
P(c, alarm not asked) / [P(c, alarm not asked) + P(not c, alarm absent)] is at least each P(c | alarm not asked or
absent); so the result is above the exact one, and grows with every alarm as that does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from legdx.engine import prepare
from legdx.engine.evidence import Likelihood
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.network.records import Array
from legdx.urgency.answers import Answers, gate_of
from legdx.urgency.rule_book import RuleBook

__all__ = ["MOST_ALARMS", "Alarms", "alarms_of", "highest_posteriors"]

MOST_ALARMS = 10
"""How many alarms are taken together exactly; the table has 2 to the power of them entries."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """The alarms of one person.

    Attributes:
        present: alarms with an answer that leaves them possible, gates included, rising.
        unsure: alarms answered "don't know", rising.
        lowest: alarm -> its lowest threshold in any rule (1 for a gate).

    """

    present: tuple[int, ...]
    unsure: tuple[int, ...]
    lowest: dict[int, int]

    @property
    def too_many(self) -> bool:
        """Whether there are more than are taken together."""
        return len(self.present) > MOST_ALARMS


def alarms_of(book: RuleBook, answers: Answers) -> Alarms:
    """Return the alarms of one person: the findings of all rules and the gates above them."""
    possible = tuple(i for i in book.lowest if i in answers.numbers and any(answers.numbers[i][1:]))
    unsure = tuple(i for i in book.lowest if i in answers.unsure and not answers.below_closed_gate(i))
    return Alarms(possible, unsure, book.lowest)


def highest_posteriors(answers: Answers, alarms: Alarms, causes: Iterable[str]) -> dict[str, float]:
    """Return each cause's highest posterior over less alarming answers, in [0, 1].

    Raises:
        TooCostlyError: the posterior of a cause given all alarms costs more than the engine's budget.

    """
    exact = len(alarms.present) + len(alarms.unsure) <= MOST_ALARMS
    gates = {gate_of(answers.network, i) for i in alarms.lowest}
    bounded = frozenset(() if exact else alarms.lowest.keys() - gates)
    absent = tuple(i for i in alarms.unsure if i in bounded and alarms.lowest[i] == 1)
    kept = tuple(i for i in alarms.unsure if i not in absent)
    rows = {i: _rows_of_answer(answers.settled[i], alarms.lowest[i], bound=i in bounded) for i in alarms.present}
    rows |= {i: _rows_of_unsure(answers, i, alarms.lowest[i], bound=i in bounded) for i in kept}
    axes = tuple(sorted((*alarms.present, *kept)))
    rest = {i: likelihood for i, likelihood in answers.settled.items() if i not in axes}
    settled = rest | {i: _state(answers, i, 0) for i in absent}
    names = tuple(causes)
    if not names:
        return {}
    queries = tuple(answers.network.index[cause] for cause in names)
    scale, over = _tables(answers, rest, queries, axes)
    scale_below, under = _tables(answers, settled, queries, axes) if absent else (scale, over)
    above = np.stack([over[query] for query in queries], axis=-2)
    below = np.stack([under[query] for query in queries], axis=-2)
    below = below * np.exp(scale_below - scale) if np.isfinite(scale_below) else np.zeros_like(below)
    for axis, i in enumerate(axes):
        raised, lowered = rows[i]
        above, below = _apply(above, raised, axis), _apply(below, lowered, axis)
    below = np.where(below.sum(axis=-1, keepdims=True) > 0.0, below, above)
    present, whole = above[..., 1], above[..., 1] + below[..., 0]
    shares = np.divide(present, whole, out=np.zeros_like(present), where=whole > 0.0)
    highest = shares.reshape(-1, len(names)).max(axis=0, initial=0.0)
    return dict(zip(names, highest.tolist(), strict=True))


Rows = tuple[Array, Array]
"""Rows over the states of an alarm, (row, state): for P(cause, ...) and for P(no cause, ...)."""


def _rows_of_answer(likelihood: Likelihood, threshold: int, *, bound: bool) -> Rows:
    """Return what is less alarming than the answer, or the same; for one that holds, all that "don't know" has too."""
    size = len(likelihood)
    first = int(np.flatnonzero(likelihood)[0])
    holds = likelihood[threshold:].max() >= likelihood[:threshold].max()
    below = np.eye(size)[: max(first, threshold) if holds else first]
    cut = [np.where(np.arange(size) <= j, likelihood, 0.0) for j in range(first, size) if likelihood[j] > 0.0]
    exact = np.array([*below, *cut, *([np.ones(size)] if holds else [])])
    return _with_bound(exact, threshold) if bound and holds else (exact, exact)


def _rows_of_unsure(answers: Answers, index: int, threshold: int, *, bound: bool) -> Rows:
    size = answers.network.variables[index].size
    below = np.eye(size)[:threshold]
    if bound:
        return _with_bound(below, threshold)
    exact = np.concatenate([below, np.ones((1, size))])
    return exact, exact


def _with_bound(exact: Array, threshold: int) -> Rows:
    """Add the row of the bound: any state where the cause is present, no state of alarm where it is not."""
    size = exact.shape[1]
    below = (np.arange(size) < threshold).astype(np.float64)
    return np.concatenate([exact, np.ones((1, size))]), np.concatenate([exact, below[np.newaxis]])


def _state(answers: Answers, index: int, state: int) -> Likelihood:
    only = np.zeros(answers.network.variables[index].size)
    only[state] = 1.0
    return only


def _apply(table: Array, rows: Array, axis: int) -> Array:
    """Replace the states along an axis by the rows over them."""
    applied: Array = np.moveaxis(np.tensordot(table, rows, axes=([axis], [1])), -1, axis)
    return applied


Tables = dict[int, Array]


def _tables(
    answers: Answers, evidence: dict[int, Likelihood], queries: tuple[int, ...], axes: tuple[int, ...], splits: int = 2
) -> tuple[float, Tables]:
    """Return (s, T) with P(evidence, axes, query) = exp(s) T[query], (*axes, query); exact however it is split up.

    What is too costly as one table is cut in two at an alarm, ``splits`` times at most.
    """
    sizes = answers.network.sizes(axes)
    nothing = {q: np.zeros((*sizes, answers.network.variables[q].size)) for q in queries}
    try:
        return prepare(answers.network, evidence, queries, kept=axes).by_cell()
    except ImpossibleEvidenceError:
        return -np.inf, nothing
    except TooCostlyError:
        if not axes or not splits:
            raise
        return _split_tables(answers, evidence, queries, axes, splits - 1)


def _split_tables(
    answers: Answers, evidence: dict[int, Likelihood], queries: tuple[int, ...], axes: tuple[int, ...], splits: int
) -> tuple[float, Tables]:
    """Fix the last axis at each of its states in turn."""
    last = axes[-1]
    parts = [
        _tables(answers, evidence | {last: _state(answers, last, j)}, queries, axes[:-1], splits)
        for j in range(answers.network.variables[last].size)
    ]
    top = max(scale for scale, _ in parts)
    if not np.isfinite(top):
        return top, {q: np.stack([part[q] for _, part in parts], axis=-2) for q in queries}
    return top, {q: np.stack([np.exp(scale - top) * part[q] for scale, part in parts], axis=-2) for q in queries}
