"""How a cause comes to its findings by way of others: diabetes -> nerve damage -> numb feet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from legdx.engine import Evidence, certain_state
from legdx.engine.evidence import normalise
from legdx.explanation.levelled import present_findings
from legdx.network.records import Link, Network, NoisyMax

__all__ = ["Path", "paths_through"]

LONGEST = 5
WEAKEST = 0.01
FEWEST = 3
"""Variables in a path that has something between its ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A chain of arrows with the cause explained in it.

    Attributes:
        variables: ids from the first to the last: an answered factor or known cause where one leads to the cause, the
            cause, what it works through, and a finding that is there.
        links: for each arrow P(it fires, its parent being on), in [0, 1].

    """

    variables: tuple[str, ...]
    links: tuple[float, ...]

    @property
    def strength(self) -> float:
        """P(all arrows fire, the first variable being on)."""
        product = 1.0
        for link in self.links:
            product *= link
        return product


def paths_through(
    network: Network, evidence: Evidence, cause: int, most: int = 3, weakest: float = WEAKEST
) -> tuple[Path, ...]:
    """Return the strongest paths through a cause, at most one for each finding that is there.

    From the cause on, a path has at least the strength ``weakest``.

    A link whose strength varies with what was not answered counts with its mean over it.
    """
    settled, _ = normalise(network, evidence)
    before = _before(network, settled, cause)
    best: list[Path] = []
    for finding in present_findings(network, settled):
        found = max(_down(network, settled, cause, finding), key=lambda path: path.strength, default=None)
        if found is None:
            continue
        whole = Path(variables=(*before.variables, *found.variables[1:]), links=(*before.links, *found.links))
        if len(whole.variables) >= FEWEST and found.strength >= weakest:
            best.append(whole)
    return tuple(sorted(best, key=lambda path: -path.strength)[:most])


def _before(network: Network, settled: Evidence, cause: int) -> Path:
    """Return the strongest arrow chain of known causes and present factors that leads to the cause."""
    alone = Path(variables=(network.variables[cause].name,), links=())
    found = [alone]
    for parent, strength in _parents(network, settled, cause):
        if parent in settled and settled[parent][0] == 0.0:
            found.append(Path(variables=(network.variables[parent].name, *alone.variables), links=(strength,)))
    return max(found[1:], key=lambda path: path.strength, default=alone)


def _down(network: Network, settled: Evidence, cause: int, finding: int) -> Iterator[Path]:
    """Yield every chain from the cause to the finding through causes and syndromes that are not ruled out."""
    waiting: list[tuple[tuple[int, ...], tuple[float, ...], int]] = [((finding,), (), LONGEST)]
    while waiting:
        variables, links, left = waiting.pop()
        for parent, strength in _parents(network, settled, variables[0]):
            chain, strengths = (parent, *variables), (strength, *links)
            if parent == cause:
                yield Path(variables=tuple(network.variables[i].name for i in chain), links=strengths)
            elif left > 1 and network.variables[parent].kind in {"cause", "syndrome"}:
                waiting.append((chain, strengths, left - 1))


def _parents(network: Network, settled: Evidence, i: int) -> Iterator[tuple[int, float]]:
    node = network.nodes[i]
    if not isinstance(node, NoisyMax):
        return
    state = (certain_state(settled[i]) or 1) if i in settled else 1
    for link in node.links:
        if link.parent in settled and settled[link.parent][1:].max() == 0.0:
            continue
        strength = _fires(settled, link, state)
        if strength > 0.0:
            yield link.parent, strength


def _fires(settled: Evidence, link: Link, state: int) -> float:
    """Return P(the link fires): of a parent that was answered in the state that was said, else in its highest."""
    table = link.values[0]
    for variable in link.context:
        known = certain_state(settled[variable]) if variable in settled else None
        table = table.mean(axis=0) if known is None else table[known]
    said = certain_state(settled[link.parent]) if link.parent in settled else None
    return float(table[-1 if said is None else said, state:].sum())
