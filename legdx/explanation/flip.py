"""The fewest answers that would have to be otherwise for the first cause, or the urgency, to be another.

Tried are yes-or-no answers, as said or turned round: a finding that is there or not (a complaint that goes takes its
attributes with it), a factor of the history.  Age, sex, graded and soft answers stay.  For the first cause, changes are
screened by the posteriors of the causes that explain something, in one batch of lanes, and what they promise is then
worked out in full; singly all are screened, of pairs and threes those of the eight answers that matter most.  For the
urgency, the rules are asked for every set, and what they promise is worked out in full.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from legdx.engine import Budget, Evidence, certain_state
from legdx.engine.evidence import normalise
from legdx.errors import ImpossibleEvidenceError
from legdx.explanation.lanes import Lane, neutral, shut
from legdx.explanation.runs import Runs
from legdx.network.records import Array, Network, Node, NoisyMax, Table
from legdx.network.structure import AGE, SEX

__all__ = ["Change", "Flip", "first_cause_flips", "possible_changes", "urgency_flips"]

MOST_ANSWERS = 3
CANDIDATES = 8
TRIES = 4
"""How many sets of one size are worked out in full before the next size."""
FLIPS = 3

BINARY = 2
Effect = Literal["first_cause", "urgency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One answer turned round."""

    variable: str
    given: str
    instead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """Changes that make another first cause, or another urgency; ``after`` is None where no cause explains then."""

    effect: Effect
    changes: tuple[Change, ...]
    before: str | None
    after: str | None


def possible_changes(network: Network, evidence: Evidence) -> dict[int, Change]:
    """Return the answers that can be turned round, by variable."""
    found = {}
    for i in sorted(evidence):
        variable, state = network.variables[i], certain_state(evidence[i])
        node = network.nodes[i]
        below = (
            isinstance(node, NoisyMax)
            and node.gate is not None
            and (node.gate not in evidence or evidence[node.gate][0] > 0.0)
        )
        if state is None or variable.size != BINARY or variable.kind not in {"factor", "finding"} or below:
            continue
        if variable.name in {AGE, SEX}:
            continue
        found[i] = Change(variable=variable.name, given=variable.states[state], instead=variable.states[1 - state])
    return found


def changed(network: Network, evidence: Evidence, turned: Sequence[int]) -> Evidence:
    """Return the evidence with these answers turned round; a complaint that goes takes its attributes with it."""
    result = dict(evidence)
    for i in turned:
        result[i] = evidence[i][::-1]
        if result[i][0] > 0.0:
            gated = [a for a in evidence if isinstance(n := network.nodes[a], NoisyMax) and n.gate == i]
            for attribute in gated:
                result.pop(attribute, None)
    return result


def first_cause_flips(
    network: Network,
    evidence: Evidence,
    candidates: Sequence[str],
    first_of: Callable[[Evidence], str | None],
    budget: Budget | None = None,
) -> tuple[Flip, ...]:
    """Return up to three flips of the first cause, all of the smallest number of answers that has one.

    Args:
        network: one network.
        evidence: the answers.
        candidates: the causes that explain something, the first one first.
        first_of: returns the first cause for other answers.
        budget: what screening may cost.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: it costs more than the budget.

    """
    changes = possible_changes(network, evidence)
    if not candidates or not changes:
        return ()
    screen = _Screen(network, evidence, candidates, budget)
    sets: list[tuple[int, ...]] = [(i,) for i in changes]
    leads = screen.leads(sets)
    telling = [s[0] for _, s in sorted(zip(leads, sets, strict=True))][:CANDIDATES]
    for size in range(1, MOST_ANSWERS + 1):
        if size > 1:
            sets = list(itertools.combinations(sorted(telling), size))
            leads = screen.leads(sets)
        promising = [s for lead, s in sorted(zip(leads, sets, strict=True)) if lead < 0.0][:TRIES]
        found = list(_verified(network, evidence, changes, promising, (candidates[0], first_of)))
        if found:
            return tuple(found[:FLIPS])
    return ()


def _verified(
    network: Network,
    evidence: Evidence,
    changes: Mapping[int, Change],
    sets: Sequence[tuple[int, ...]],
    first: tuple[str, Callable[[Evidence], str | None]],
) -> Iterator[Flip]:
    for turned in sets:
        try:
            after = first[1](changed(network, evidence, turned))
        except ImpossibleEvidenceError:
            continue
        if after != first[0]:
            some = tuple(changes[i] for i in turned)
            yield Flip(effect="first_cause", changes=some, before=first[0], after=after)


class _Screen:
    """Posteriors of the candidates for any answers turned round, from one structure.

    A finding that is there is made to be off in numbers; one that is off is made to be on as "not asked" less "off"
    (and one that an inhibitor may suppress to be off as "not asked" less "on"), which loses digits where that is
    unlikely: good enough to screen, and nothing else is made of it.
    """

    def __init__(self, network: Network, evidence: Evidence, candidates: Sequence[str], budget: Budget | None) -> None:
        self.network = network
        self.causes = [network.index[name] for name in candidates]
        self.runs = Runs(network, evidence, self.causes, budget)
        self.settled, _ = normalise(network, evidence)
        self.log = float(self.runs.run([Lane()], marginals=False).log_evidence[0])

    def leads(self, sets: Sequence[tuple[int, ...]]) -> list[float]:
        """Return the lead of the first candidate over the best other one after each set of changes."""
        terms = [list(itertools.product(*(self._turned(i) for i in some))) for some in sets]
        lanes = [_joined(edits for _, edits in parts) for term in terms for parts in term]
        found = self.runs.run(lanes)
        result, at = [], 0
        for term in terms:
            signs = np.array([np.prod([sign for sign, _ in parts]) for parts in term])
            rows = slice(at, at + len(term))
            weights = signs * np.exp(found.log_evidence[rows] - self.log)
            posteriors = [self._posterior(found.marginals[c][rows], weights) for c in self.causes]
            others = posteriors[1:] or [0.0]
            result.append(posteriors[0] - max(others))
            at += len(term)
        return result

    def _posterior(self, marginals: Array, weights: Array) -> float:
        total = weights.sum()
        if total <= 0.0:
            return 0.0
        return float(np.nan_to_num(marginals[:, 1]) @ weights / total)

    def _turned(self, i: int) -> list[tuple[float, Lane]]:
        """Return signed lanes that sum to the answer turned round."""
        node = self.network.nodes[i]
        state = int(np.argmax(self.settled[i]))
        if isinstance(node, Table):
            return [(1.0, Lane(states={i: 1 - state}))]
        if state == 0:
            return [(1.0, Lane({i: neutral(node, 0)})), (-1.0, Lane())]
        free: dict[int, Node] = {
            a: neutral(n, int(np.argmax(self.settled[a])))
            for a in self.settled
            if isinstance(n := self.network.nodes[a], NoisyMax) and n.gate == i
        }
        if node.inhibitors:  # off is what is left of everything, for an inhibitor has a say in it
            return [(1.0, Lane({**free, i: neutral(node, state)})), (-1.0, Lane(free))]
        return [(1.0, Lane({**free, i: shut(node, 1)}))]


def _joined(lanes: Iterator[Lane]) -> Lane:
    nodes: dict[int, Node] = {}
    states: dict[int, int] = {}
    for lane in lanes:
        nodes |= lane.nodes
        states |= lane.states
    return Lane(nodes, states)


def urgency_flips(
    network: Network,
    evidence: Evidence,
    by_rules: Callable[[Evidence], str],
    in_full: Callable[[Evidence], str],
) -> tuple[Flip, ...]:
    """Return up to three flips of the urgency, all of the smallest number of answers that has one.

    Args:
        network: one network.
        evidence: the answers.
        by_rules: returns the level that rules alone give.
        in_full: returns the level.

    Raises:
        ImpossibleEvidenceError: the answers exclude each other.
        TooCostlyError: a posterior costs more than the budget.

    """
    changes = {i: c for i, c in possible_changes(network, evidence).items() if network.variables[i].kind == "finding"}
    before, ruled = in_full(evidence), by_rules(evidence)
    for size in range(1, MOST_ANSWERS + 1):
        found: list[Flip] = []
        tries = 0
        for turned in itertools.combinations(changes, size):
            other = changed(network, evidence, turned)
            try:
                if by_rules(other) == ruled or tries == TRIES:
                    continue
                tries += 1
                after = in_full(other)
            except ImpossibleEvidenceError:
                continue
            if after != before:
                some = tuple(changes[i] for i in turned)
                found.append(Flip(effect="urgency", changes=some, before=before, after=after))
            if len(found) == FLIPS:
                break
        if found:
            return tuple(found)
    return ()
