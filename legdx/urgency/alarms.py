"""How probable a serious cause is, told so that no alarming answer can lower it.

A posterior alone would not do: an alarming answer can explain another one away, and the level would fall when it is
given.  So the posterior is taken at its highest over all evidence in which the alarming answers are *less* alarming
than they are, every other answer being kept.  An alarm is a finding of any rule, or the gate of one.

That maximum is exact and finite.  With L the likelihood of an answer over states 0..K, what is less alarming in the
order of likelihood ratios is a sum, with weights of at least 0, of a few *rows*: "state j" for each j below the lowest
possible state, and L cut off above j for each j from there on.  For "don't know" the rows are "not asked" and
"absent"; an answer that holds has these too, and the states below its threshold.  P(cause | evidence) is a ratio of two
linear functions of each row, and a ratio of sums lies between the ratios of their terms; so a row each, in all
combinations, holds the maximum.  They are read from one pass over the network that keeps the alarms together.

More alarms than `MOST_ALARMS` present mean that the level is urgent: who reports that many alarming things, not one of
which calls for it by a rule, should be seen.  (More than five, as first planned, would make 1.4 % of people of 70 and
over urgent without any rule; more than ten, 5 people in a million drawn from the model.)  Where only the "don't
know"s make it more, or the pass would cost too much, a ceiling over all combinations stands for the maximum
(`legdx.urgency.ceiling`); it grows with every alarm as that does.  Where there is no ceiling below 1, the level is
urgent: nobody is refused one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from legdx.engine import Budget, Packed, Prepared, Status, kernels, pack, prepare, run_rows
from legdx.engine.compiled import compiled
from legdx.engine.evidence import Likelihood
from legdx.engine.planner import UNLIMITED, Predicted
from legdx.errors import ImpossibleEvidenceError, TooCostlyError
from legdx.network.records import Array
from legdx.urgency.answers import Answers
from legdx.urgency.ceiling import MOST_WAYS, ceilings
from legdx.urgency.rule_book import RuleBook

__all__ = ["MOST_ALARMS", "Alarms", "alarms_of", "highest_posteriors"]

MOST_ALARMS = 10
"""How many alarms are taken together exactly; the table has 2 to the power of them entries."""

CHEAP_CELLS = 64
"""So many ways in which alarms can stand are gone through without asking what they cost: asking costs a part of it."""


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


def highest_posteriors(answers: Answers, alarms: Alarms, causes: Iterable[str]) -> dict[str, float] | None:
    """Return each cause's highest posterior over less alarming answers, in [0, 1], or a ceiling on it.

    None where there is no ceiling below 1.
    """
    names = tuple(causes)
    if not names:
        return {}
    queries = tuple(answers.network.index[cause] for cause in names)
    highest = None
    if len(alarms.present) + len(alarms.unsure) <= MOST_ALARMS:
        highest = _exact(answers, alarms, queries)
    if highest is None:
        highest = _ceilings(answers, alarms, queries)
    return None if highest is None else dict(zip(names, highest.tolist(), strict=True))


def _exact(answers: Answers, alarms: Alarms, queries: Sequence[int]) -> Array | None:
    """Return the highest posterior of each query, (queries,); None where that would cost too much."""
    axes = tuple(sorted((*alarms.present, *alarms.unsure)))
    rest = {i: likelihood for i, likelihood in answers.settled.items() if i not in axes}
    try:
        query = prepare(answers.network, rest, queries, kept=axes)
        table = _in_one_run(query) if kernels().are_compiled else None
        if table is None:
            _, tables = query.by_cell()
            table = np.stack([tables[i] for i in queries], axis=-2)
    except ImpossibleEvidenceError:
        return np.zeros(len(queries))
    except TooCostlyError:
        return None
    for axis, i in enumerate(axes):
        rows = _rows(answers, alarms, i)
        table = np.moveaxis(np.tensordot(table, rows, axes=([axis], [1])), -1, axis)
    whole = table.sum(axis=-1)
    shares = np.divide(table[..., 1], whole, out=np.zeros_like(whole), where=whole > 0.0)
    highest: Array = shares.reshape(-1, len(queries)).max(axis=0, initial=0.0)
    return highest


def _in_one_run(query: Prepared) -> Array | None:
    """Return what ``by_cell`` does for all queries together, (*sizes of kept, queries, 2); None where it cannot.

    It is quicker than a table for each.
    """
    axes, sizes = query.kept, query.network.sizes(query.kept)
    if not axes or any(i in query.evidence for i in axes):
        return None
    cells = np.indices(sizes, dtype=np.uint8).reshape(len(sizes), -1).T
    base = pack(query.evidence)
    rows = Packed(
        np.concatenate([base.variables, np.array(axes, dtype=np.int32)]),
        np.concatenate([np.repeat(base.codes, len(cells), axis=0), cells], axis=1),
        list(base.soft) * len(cells),
    )
    if len(cells) > CHEAP_CELLS:
        _require_affordable(query, rows)
    run = run_rows(query.network, rows, query.queries)
    possible = run.status == Status.DONE
    if not np.any(possible) or np.any(~possible & (run.status != Status.IMPOSSIBLE)):
        return None
    logs = np.where(possible, run.log_evidence[:, 0], -np.inf)
    weights = np.exp(logs - logs.max())
    marginals = np.where(possible[:, np.newaxis], run.marginals[:, 0], 0.0) * weights[:, np.newaxis]
    table: Array = marginals.reshape(*sizes, len(query.queries), 2)
    return table


def _require_affordable(query: Prepared, rows: Packed) -> None:
    """Raise TooCostlyError where all rows together would take longer than one may."""
    kernel, budget = compiled(query.network), Budget()
    if kernel is None:
        return
    costs = kernel.run(rows, query.queries, budget=UNLIMITED, tolerance=math.inf, only_cost=True).costs
    entries, memory, seconds = costs[:, 0].sum(), costs[:, 1].max(), costs[:, 2].sum()
    Predicted(float(entries), float(costs[:, 3].max()), float(seconds), float(memory)).require(budget)


def _rows(answers: Answers, alarms: Alarms, index: int) -> Array:
    """Return what is less alarming than an answer, or the same, (rows, states)."""
    size = answers.network.variables[index].size
    exact, may_be_unsure = _less_alarming(answers, alarms, index)
    return np.array([*exact, *([np.eye(size)[0], np.ones(size)] if may_be_unsure else [])])


def _less_alarming(answers: Answers, alarms: Alarms, index: int) -> tuple[list[Likelihood], bool]:
    """Return what is less alarming than an answer, or the same, and whether "absent" and "not asked" are as well."""
    if index in alarms.unsure:
        return [], True
    likelihood, threshold = answers.settled[index], alarms.lowest[index]
    size = len(likelihood)
    first = int(np.flatnonzero(likelihood)[0])
    holds = bool(likelihood[threshold:].max() >= likelihood[:threshold].max())
    below = np.eye(size)[1 : max(first, threshold)] if holds else np.eye(size)[:first]
    cut = [np.where(np.arange(size) <= j, likelihood, 0.0) for j in range(first, size) if likelihood[j] > 0.0]
    return [*below, *cut], holds


def _ceilings(answers: Answers, alarms: Alarms, queries: Sequence[int]) -> Array | None:
    """Return a ceiling on the highest posterior of each query, (queries,); None where there is none below 1."""
    rest = {i: likelihood for i, likelihood in answers.settled.items() if i not in alarms.present}
    choices: list[list[Likelihood | None]] = []
    for i in alarms.present:
        exact, may_be_unsure = _less_alarming(answers, alarms, i)
        choices.append([*exact, *([None] if may_be_unsure else [])])
    if math.prod(map(len, choices)) > MOST_WAYS:
        return None
    ways = []
    for chosen in itertools.product(*choices):
        stated = {i: likelihood for i, likelihood in zip(alarms.present, chosen, strict=True) if likelihood is not None}
        ways.append((rest | stated, frozenset({*alarms.unsure, *alarms.present} - stated.keys())))
    return ceilings(answers.network, ways, queries)
