"""A ceiling on how probable a cause can be over all the ways in which many unsure alarms could be absent or not asked.

With n alarms answered "don't know" there are 2 to the power of n such ways.  Where that is too many, four runs of the
engine for each way in which the alarms that are *present* can stand give a number that no way exceeds.

Split the answers into what rules causes out and what speaks for them: an answer of level k is "at most k", and "k,
given at most k".  Write e- and e+ for the two parts, U for "every unsure alarm is absent", N for "those of them that
were chosen are absent".  A noisy-OR network in which every cause only raises is a percolation: a variable is on when an
open path leads to it, and e-, U and N say that no open path leads to some variables.  Given that, what is reached is
positively associated (van den Berg, Haggstrom, Kahn, Random Structures & Algorithms 29, 2006, arXiv math/0408176; for
directed graphs too).  So ruling out more makes what increases with the causes less probable, whatever is ruled out
already:

    P(c, e+ | e-, N)  <=  P(c, e+ | e-)
    P(not c | e-, N)  >=  P(not c | e-)
    P(e+ | not c, e-, N)  >=  P(e+ | not c, e-, U)

    P(c | e+, e-, N)  <=  1 / (1 + P(e+ | not c, e-, U) P(not c | e-) / P(c, e+ | e-))

That the ceiling of "don't know" is not below that of "absent", and grows with every alarm, follows from the same.
Where nothing speaks for any cause, it is the posterior itself.

What is no percolation is treated so that the ceiling holds all the same:

- age, sex, and whatever can lower: each of their states that is possible is taken in turn, and the highest counts;
- a factor that one other factor makes likelier is a noisy-OR of it; what is answered of such factors leaves each of
  them a noisy-OR of the one above, with other numbers.  One that another factor makes less likely, or that several
  do, has them taken in turn;
- H, "no" or "don't know" for attributes of complaints that are not known to be there.  It is left out of P(c, e+ | e-);
  it falls with every cause, so that P(not c, H | e-) is the least of what it leaves; and given H, whichever of these
  complaints are there (which goes with e+), e+ is at least as probable as where none is and nothing raises H;
- a finding that a cause can suppress: absent is implied by "nothing raises it"; present is "nothing suppresses it, and
  something raises it", and the first of these is an answer about the causes that suppress.

What is left (an answer that prefers neither the low nor the high states) has no ceiling below 1.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from legdx.engine import Packed, Status, certain_state, pack, run_distinct_rows
from legdx.engine.evidence import Likelihood, normalise
from legdx.errors import ImpossibleEvidenceError
from legdx.knowledge.identity import remembered
from legdx.network.records import Array, Link, Network, NoisyMax, Table
from legdx.urgency.answers import gate_of

__all__ = ["MOST_WAYS", "Shape", "ceilings", "shape_of"]

MOST_WAYS = 512
"""For how many ways, times states of what is taken in turn, a ceiling is worked out; each takes four runs."""

Evidence = dict[int, Likelihood]
Way = tuple[Evidence, frozenset[int]]
"""Answers, and which alarms are absent or not asked."""

BINARY = 2
UNKNOWN = np.ones(BINARY)


class Shape:
    """What of a network is a percolation; made once.

    Attributes:
        sound: whether all of it is, once the variables of ``turns`` are fixed.
        turns: variables to be taken state by state.
        free: variable with a gate, or that can be suppressed -> the same without either, in ``network``.
        network: the network, and what is in ``free``.
        floored: variables that are absent exactly when their gate is.
        suppressed: variable -> (cause, probability that it suppresses) each.

    """

    def __init__(self, network: Network) -> None:
        turns: set[int] = set()
        parents: set[int] = set()
        gates: set[int] = set()
        self.free: dict[int, int] = {}
        self.floored: set[int] = set()
        self.suppressed: dict[int, list[tuple[int, Array]]] = {}
        variables, nodes = list(network.variables), list(network.nodes)
        for i, node in enumerate(network.nodes):
            if not isinstance(node, NoisyMax):
                continue
            turns.update(node.context, *(link.context for link in node.links))
            for link in node.links:
                parents.add(link.parent)
                idle = np.all(link.values[..., 0, node.floor] == 1.0)
                if not idle or network.variables[link.parent].size > BINARY:
                    turns.add(link.parent)
            if node.inhibitors:
                self.suppressed[i] = [(one.parent, one.values[0]) for one in node.inhibitors]
            if node.gate is not None:
                gates.add(node.gate)
            if node.floor:
                self.floored.add(i)
            if node.inhibitors or node.gate is not None:
                self.free[i] = len(variables)
                variables.append(dataclasses.replace(variables[i], name=f"{variables[i].name} without its gate"))
                nodes.append(dataclasses.replace(node, inhibitors=(), gate=None, floor=0))
        for i, linked in _linked_factors(network, turns).items():
            nodes[i] = linked
            parents.update(link.parent for link in linked.links)
        self.network = Network(tuple(variables), tuple(nodes))
        self.turns = tuple(sorted(turns))
        self.sound = (
            all(isinstance(network.nodes[i], Table) for i in turns)
            and all(turns.issuperset(node.parents) for node in nodes if isinstance(node, Table))
            and not self.free.keys() & (parents | gates)
            and all(_gate(network, {}, i)[0] is None for i in self.suppressed)
            and all(network.variables[i].size == BINARY for i in (parents | gates | self.suppressed.keys()) - turns)
        )


shape_of = remembered(Shape)


def _linked_factors(network: Network, turns: set[int]) -> dict[int, NoisyMax]:
    """Return the factors that one other factor makes likelier; what the rest depend on is added to ``turns``."""
    found = {}
    for i in reversed(range(len(network.nodes))):
        node = network.nodes[i]
        if isinstance(node, Table):
            above = [p for p in node.parents if p not in turns]
            linked = None if i in turns else _as_noisy_or(network, i, node, above)
            if linked is None:
                turns.update(above)
            else:
                found[i] = linked
    return found


def _as_noisy_or(network: Network, i: int, node: Table, above: list[int]) -> NoisyMax | None:
    """Return the table of a factor as a noisy-OR of the one factor above it; None where it is none."""
    if len(above) != 1 or network.sizes((i, *above)) != (BINARY, BINARY):
        return None
    axis = 1 + node.parents.index(above[0])
    without, given = (np.take(node.values[..., 1], state, axis) for state in range(BINARY))
    if np.any(given < without):
        return None
    fires = np.divide(given - without, 1.0 - without, out=np.zeros_like(given), where=without < 1.0)
    context = tuple(p for p in node.parents if p not in above)
    chances = np.stack([np.zeros_like(fires), fires], axis=-1)
    link = Link(above[0], np.stack([1.0 - chances, chances], axis=-1), context)
    return NoisyMax(context, np.stack([1.0 - without, without], axis=-1), (link,))


def ceilings(network: Network, ways: Sequence[Way], causes: Sequence[int]) -> Array | None:
    """Return for each cause the highest ceiling over the ways, in [0, 1], (causes,); None where there is none below 1.

    Args:
        network: the network; of several draws, the first is used.
        ways: each way's answers, and its alarms that may be absent or not asked.
        causes: variable indices.

    """
    shape = shape_of(network)
    if not shape.sound:
        return None
    rows: list[Evidence] = []
    scales: list[float] = []
    for answers, unsure in ways:
        try:
            settled, _ = normalise(network, answers)
            parts = _parts(network, shape, settled, unsure - settled.keys())
        except ImpossibleEvidenceError:
            continue
        if parts is None:
            return None
        four, scale = parts.four_runs(shape)
        rows += four
        scales.append(scale)
    if not rows:
        return np.zeros(len(causes))
    turned = _in_turn(shape, rows)
    if turned is None:
        return None
    run = run_distinct_rows(shape.network, turned, causes)
    if np.any((run.status != Status.DONE) & (run.status != Status.IMPOSSIBLE)):
        return None
    possible = run.status == Status.DONE
    logs = np.where(possible, run.log_evidence[:, 0], -np.inf)[:, np.newaxis]
    present = np.where(possible[:, np.newaxis], run.marginals[:, 0, 1::2], 0.0)
    with np.errstate(divide="ignore"):
        upper = (logs + np.log(present)).reshape(len(scales), -1, 4, len(causes))[:, :, 0]
        without = (logs + np.log1p(-np.minimum(present, 1.0))).reshape(len(scales), -1, 4, len(causes))
    _, base, lower, whole = np.moveaxis(without, 2, 0)
    lower = lower + np.array(scales)[:, np.newaxis, np.newaxis]
    with np.errstate(invalid="ignore", over="ignore"):
        log_odds = np.nan_to_num(upper - base - lower + whole, nan=np.inf, posinf=np.inf)
        shares = 1.0 / (1.0 + np.exp(-np.where(np.isneginf(upper), -np.inf, log_odds)))
    highest: Array = shares.reshape(-1, len(causes)).max(axis=0)
    return highest


def _in_turn(shape: Shape, rows: Sequence[Evidence]) -> Packed | None:
    """Return the rows four by four, each four once for every state that is possible of what is taken in turn."""
    first = rows[0]  # what is taken in turn is no alarm, and so the same in every way
    states = [
        [s for s in range(size) if i not in first or first[i][s] > 0.0]
        for i, size in zip(shape.turns, shape.network.sizes(shape.turns), strict=True)
    ]
    turns = np.array(list(itertools.product(*states)), dtype=np.uint8)
    if len(turns) * len(rows) > 4 * MOST_WAYS:
        return None
    packed = pack(*({i: v for i, v in row.items() if i not in shape.turns} for row in rows))
    fours, width = len(rows) // 4, packed.codes.shape[1]
    codes = np.repeat(packed.codes.reshape(fours, 4, width), len(turns), axis=0).reshape(4 * fours * len(turns), width)
    own = np.repeat(np.tile(turns, (fours, 1)), 4, axis=0)
    soft = [packed.soft[at + k] for at in range(0, len(packed.soft), 4) for _ in turns for k in range(4)]
    variables = np.concatenate([packed.variables, np.array(shape.turns, dtype=np.int32)])
    return Packed(variables, np.concatenate([codes, own], axis=1), soft)


@dataclass
class _Parts:
    """The answers of one way, in parts.

    Attributes:
        plus: e+ and e-; minus: e- alone.
        lowest: answers of e+ that count for the least that they can weigh where all of U is absent.
        absent: U, in the network of the shape.
        hidden: attributes that are not known to be there, of complaints of which the same holds, and what can be
            suppressed and is not known to be there.
        gates: these complaints.

    """

    plus: Evidence = field(default_factory=dict)
    minus: Evidence = field(default_factory=dict)
    lowest: set[int] = field(default_factory=set)
    absent: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    gates: set[int] = field(default_factory=set)

    def both(self, i: int, likelihood: Likelihood) -> None:
        """Weigh a variable everywhere."""
        for part in (self.plus, self.minus):
            part[i] = part.get(i, np.ones(len(likelihood))) * likelihood
            if not np.any(part[i]):
                raise ImpossibleEvidenceError

    def part(self, i: int, likelihood: Likelihood) -> bool:
        """Part an answer into what speaks for causes and what rules them out; False where it is neither."""
        top = int(np.flatnonzero(likelihood)[-1])
        if np.all(np.diff(likelihood[: top + 1]) >= 0.0):
            self.plus[i] = self.plus.get(i, np.ones(len(likelihood))) * likelihood
            if top + 1 < len(likelihood):
                at_most = np.where(np.arange(len(likelihood)) <= top, 1.0, 0.0)
                self.minus[i] = self.minus.get(i, np.ones(len(likelihood))) * at_most
        elif len(likelihood) == BINARY:
            self.both(i, likelihood)
        else:
            return False
        return True

    def four_runs(self, shape: Shape) -> tuple[list[Evidence], float]:
        """Return the answers of (e+, e-), (e-, H), (e+, e-, U) and (e-, U), and the log of what scales the third.

        H says of ``hidden`` that they are absent; where U is, so are their complaints, and nothing raises them.
        """
        zero = {i: np.eye(shape.network.variables[i].size)[0] for i in self.absent | self.gates}
        hidden = {i: np.eye(shape.network.variables[i].size)[0] for i in self.hidden - shape.suppressed.keys()}
        alone = {shape.free[i]: np.eye(shape.network.variables[i].size)[0] for i in self.hidden - shape.floored}
        hidden |= {i: alone[i] for i in map(shape.free.get, self.hidden & shape.suppressed.keys()) if i is not None}
        zero |= alone
        raised = {i: likelihood for i, likelihood in self.plus.items() if i not in self.lowest}
        scale = sum(float(np.log(self.plus[i][0])) for i in self.lowest | (raised.keys() & zero.keys()))
        return [self.plus, self.minus | hidden, raised | zero, self.minus | zero], scale


def _parts(network: Network, shape: Shape, settled: Evidence, unsure: Iterable[int]) -> _Parts | None:
    """Part the answers; None where there is no ceiling below 1."""
    parts = _Parts()
    for i, likelihood in settled.items():
        gate, is_open = _gate(network, settled, i)
        if isinstance(network.nodes[i], Table) or (gate is not None and certain_state(settled.get(gate, UNKNOWN)) == 0):
            parts.both(i, likelihood)
        elif i in shape.suppressed:
            if not _add_suppressed(parts, shape, i, likelihood):
                return None
        elif not is_open:
            if not _add_attribute(parts, i, likelihood):
                return None
        elif not parts.part(shape.free.get(i, i), likelihood):
            return None
    for i in unsure:
        gate, is_open = _gate(network, settled, i)
        _add_unsure(parts, shape, i, None if is_open else gate)
    parts.gates = {gate for i in parts.hidden if (gate := gate_of(network, i)) is not None}
    return parts


def _add_unsure(parts: _Parts, shape: Shape, i: int, gate: int | None) -> None:
    """Add an unsure alarm, with its gate where that is not known to be there."""
    if i in shape.floored:
        parts.absent |= set() if gate is None else {gate}
    elif i in shape.suppressed or gate is not None:
        parts.hidden.add(i)
    else:
        parts.absent.add(shape.free.get(i, i))


def _add_suppressed(parts: _Parts, shape: Shape, i: int, likelihood: Likelihood) -> bool:
    """Add an answer about what can be suppressed; False where it has no parts."""
    if likelihood[0] > 0.0:
        parts.hidden.add(i)
        return bool(likelihood[0] >= likelihood[1])
    parts.plus[shape.free[i]] = likelihood
    for cause, fires in shape.suppressed[i]:
        parts.both(cause, 1.0 - fires)
    return True


def _add_attribute(parts: _Parts, i: int, likelihood: Likelihood) -> bool:
    """Add an answer about an attribute of a complaint that may not be there; False where it has no parts."""
    if likelihood[0] == likelihood.max():
        parts.hidden.add(i)
        return True
    parts.plus[i] = likelihood
    parts.lowest.add(i)
    return bool(np.all(np.diff(likelihood) >= 0.0))


def _gate(network: Network, settled: Evidence, i: int) -> tuple[int | None, bool]:
    """Return a variable's gate, and whether it is known to be there; True where there is none."""
    gate = gate_of(network, i)
    return gate, gate is None or (gate in settled and bool(settled[gate][0] == 0.0))
