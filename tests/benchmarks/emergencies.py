"""Where the emergencies among drawn people come from: rules, and the causes behind weakness that came fast.

People are drawn from the model and only the rules are applied, so that hundreds of thousands take seconds.  For
weakness that came within days, each cause's part is told twice: how often its own figure on the speed decides, and how
often it did so although the cause had not made the weakness (somebody frail with sore muscles).

Two changes that the network does not have can be tried on the drawn people: attributes of weakness that come from what
made it alone (`--own`), and a part of the weakness of the whole body taken from people of 60 years and more
(`--general`).
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from legdx.model import Model, load_model
from legdx.network import Network
from legdx.network.records import Array, NoisyMax, Table

Flags = NDArray[np.bool_]
WATCHED = ("weakness", "weakness_onset")
SHOWN = 25


class Draw:
    """People drawn from the network, with what each link gave of weakness, its onset, and the syndromes."""

    def __init__(
        self, model: Model, number: int, seed: int, *, own_attributes: bool = False, general_kept: float = 1.0
    ) -> None:
        self.network: Network = model.network
        self.own_attributes, self.general_kept = own_attributes, general_kept
        self.rng = np.random.default_rng(seed)
        self.states = np.empty((number, len(self.network.variables)), dtype=np.int16, order="F")
        self.given: dict[str, dict[str, NDArray[np.int16]]] = {}
        for i, node in enumerate(self.network.nodes):
            if isinstance(node, Table):
                self.states[:, i] = self._drawn(node.values, node.parents)
            else:
                name = self.network.variables[i].name
                self.states[:, i] = self._merged(node, name, kept=name in WATCHED or name in model.knowledge.syndromes)

    def _drawn(self, values: Array, parents: tuple[int, ...]) -> NDArray[np.int16]:
        total = np.cumsum(values[0], axis=-1)
        bounds = total[..., :-1] / total[..., -1:]
        of_row = np.broadcast_to(
            bounds[tuple(self.states[:, p] for p in parents)], (len(self.states), bounds.shape[-1])
        )
        return (self.rng.random(len(self.states))[:, np.newaxis] >= of_row).sum(axis=1, dtype=np.int16)

    def _merged(self, node: NoisyMax, name: str, *, kept: bool) -> NDArray[np.int16]:
        level = self._drawn(node.leak, tuple(node.context))
        made = self.given.get("weakness", {})
        is_attribute = node.gate is not None and self.network.variables[node.gate].name == "weakness"
        for link in node.links:
            parent = self.network.variables[link.parent].name
            one = self._drawn(link.values, (*link.context, link.parent))
            if is_attribute and self.own_attributes and parent in made:
                one[made[parent] == 0] = 0
            if kept:
                self.given.setdefault(name, {})[parent] = one
            np.maximum(level, one, out=level)
        if name == "generalised_weakness" and self.general_kept < 1.0:
            old = self.has("age", "age_60_69")
            level[old & (self.rng.random(len(level)) >= self.general_kept)] = 0
        for inhibitor in node.inhibitors:
            level[self.rng.random(len(level)) < inhibitor.values[0][self.states[:, inhibitor.parent]]] = node.floor
        if node.gate is not None:
            level[self.states[:, node.gate] == 0] = 0
        return level

    def has(self, name: str, level: str | None = None) -> Flags:
        """Who has the variable, at the level or a higher one."""
        i = self.network.index[name]
        lowest = 1 if level is None else list(self.network.variables[i].states).index(level)
        return np.asarray(self.states[:, i] >= lowest)

    def made_weakness(self, cause: str, syndromes: list[str]) -> Flags:
        """In whom the cause itself, or a syndrome that it raised, made the weakness."""
        weakness = self.given["weakness"]
        own = weakness[cause] >= 1 if cause in weakness else np.zeros(len(self.states), dtype=bool)
        for syndrome in syndromes:
            if syndrome in weakness and cause in self.given.get(syndrome, {}):
                own |= (self.given[syndrome][cause] >= 1) & (weakness[syndrome] >= 1)
        return own


def rules_that_fire(model: Model, drawn: Draw, level: str) -> dict[str, Flags]:
    """Return who fires each rule of the level, among rules that need no test or examination."""
    asked = {name for name, finding in model.knowledge.findings.items() if finding.cost == "question"}
    fired = {}
    for name, rule in model.knowledge.red_flags.items():
        if rule.level == level and all(literal.finding in asked for literal in rule.literals):
            fired[name] = np.logical_and.reduce([drawn.has(one.finding, one.at_least) for one in rule.literals])
    return fired


def main() -> None:
    """Draw, and print what fires and why."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=400_000)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--model", default=None, help="a folder of knowledge files with its built model")
    parser.add_argument("--own", action="store_true", help="tell attributes of weakness only of what made it")
    parser.add_argument("--general", type=float, default=1.0, help="part kept of general weakness from 60 years")
    given = parser.parse_args()
    model = load_model(given.model) if given.model else load_model()
    drawn = Draw(model, given.people, given.seed, own_attributes=given.own, general_kept=given.general)

    for level in ("emergency", "urgent"):
        fired = rules_that_fire(model, drawn, level)
        anyone = np.logical_or.reduce(list(fired.values()))
        error = np.sqrt(anyone.mean() * (1 - anyone.mean()) / len(anyone))
        print(f"{level} by rules: {anyone.mean():.2%} (standard error {error:.2%})")
        often = sum(flags.astype(np.int16) for flags in fired.values())
        for name, flags in sorted(fired.items(), key=lambda item: -item[1].sum())[:SHOWN]:
            print(f"  {name:44} {flags.mean():.3%}   alone {(flags & (often == 1)).mean():.3%}")

    weak, fast = drawn.has("weakness"), drawn.has("weakness_onset", "days")
    states = list(drawn.network.variables[drawn.network.index["weakness_onset"]].states)
    days, sudden = states.index("days"), states.index("sudden")
    at_once = drawn.has("weakness_onset", "sudden").mean()
    print(f"weakness {weak.mean():.2%}, within days {fast.mean():.2%}, sudden {at_once:.2%}")
    print(f"within days, and there in the last week {(fast & drawn.has('weakness_in_last_week')).mean():.2%}")
    syndromes = list(model.knowledge.syndromes)
    rows = []
    for parent, level_given in drawn.given["weakness_onset"].items():
        decided = weak & (level_given >= days)
        own = drawn.made_weakness(parent, syndromes) if parent in model.knowledge.causes else drawn.has(parent)
        rows.append((decided.mean(), (weak & (level_given >= sudden)).mean(), (decided & ~own).mean(), parent))
    print(f"  {'who decides':44} within days   sudden   not its own weakness")
    for within, suddenly, foreign, parent in sorted(rows, reverse=True)[:SHOWN]:
        print(f"  {parent:44} {within:10.3%} {suddenly:8.3%} {foreign:10.3%}")


if __name__ == "__main__":
    main()
