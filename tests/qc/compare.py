"""The second encoding beside the first, and beside what the packaged model implies for the same question.

`python -m tests.qc.compare` prints one line a figure. A pair agrees when the intervals overlap (both as the solver
takes them, at 95 %), or when the implied value lies inside the second interval as encoded. `python -m tests.qc.compare
--verified` prints what is to stand in verified.yaml.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from legdx.build.implied import Queries
from legdx.build.targets import Target, cell_weights, scaled, targets_of
from legdx.knowledge import FindingFigure, Population, Prevalence
from legdx.knowledge.figures import Figure
from legdx.model import Model
from legdx.network.structure import Shape, network_shape

__all__ = ["Comparison", "compare", "figure_of", "intervals_overlap", "is_owed", "read", "unargued", "verified"]

HERE = Path(__file__).parent
Z95 = 1.959963984540054
DAYS_A_YEAR = 365.25
UNITS = {"incidence": "per_person_year", "duration": "days"}
SAME_AGES = 10
"""First figures whose band ends further from the second's than this are no answer to the same question."""

ENOUGH = 3
"""Sensitivities that have to agree before a cause is verified."""

Interval = tuple[float, float]
Verdicts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of the second encoding: what the model implies for it, and the first's figures for the same number.

    `second` is its interval as the solver would take it; `first` leads from a figure id to the value and the interval
    of that figure, empty where the first encoding has none. All of them are probabilities (an incidence, with the first
    encoding's duration, as the share of people in whom the cause is active), or days for a duration.
    """

    entry: Mapping[str, Any]
    value: float
    second: Interval
    implied: float | None
    first: Mapping[str, tuple[float, Interval]]

    @property
    def implied_inside(self) -> bool:
        """Whether the model's own answer lies in the second interval."""
        return self.implied is not None and self.second[0] <= self.implied <= self.second[1]

    @property
    def overlapping(self) -> tuple[str, ...]:
        """The first encoding's figures whose intervals meet the second."""
        return tuple(name for name, (_, interval) in self.first.items() if intervals_overlap(interval, self.second))

    @property
    def confirmed(self) -> tuple[str, ...]:
        """Those whose value lies in the second interval, or whose interval holds the second value."""
        low, high = self.second
        return tuple(
            name
            for name, (value, (bottom, top)) in self.first.items()
            if low <= value <= high or bottom <= self.value <= top
        )

    @property
    def agrees(self) -> bool:
        """Whether the two encodings can both hold; so they can where there is nothing to compare with."""
        return self.implied_inside or bool(self.overlapping) or not self.comparable

    @property
    def comparable(self) -> bool:
        """Whether the model has anything to say about the figure."""
        return self.implied is not None or bool(self.first)


def read(name: str) -> Any:
    """Return the content of a YAML file of this folder."""
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


def intervals_overlap(one: Interval, other: Interval) -> bool:
    """Return whether two closed intervals have a point in common.

    >>> intervals_overlap((0.1, 0.2), (0.2, 0.3)), intervals_overlap((0.1, 0.2), (0.25, 0.3))
    (True, False)
    """
    return one[0] <= other[1] and other[0] <= one[1]


def unargued(comparisons: Iterable[Comparison], verdicts: Verdicts) -> list[str]:
    """Return the ids of the figures that disagree and on which nobody has given a verdict."""
    return [item.entry["id"] for item in comparisons if not item.agrees and item.entry["id"] not in verdicts]


def is_owed(item: Comparison, verdicts: Verdicts) -> bool:
    """Return whether the knowledge files still have to be corrected by a figure."""
    return not item.agrees and verdicts.get(item.entry["id"], {}).get("verdict") == "second_right"


def verified(model: Model, comparisons: list[Comparison], verdicts: Verdicts) -> dict[str, Any]:
    """Return the causes and figures on which two encodings agree, in the form of verified.yaml.

    A figure of the knowledge files is verified when its interval holds the value of a figure of the second encoding, or
    the other way round, where that one has a source that was opened (grades A to C) and asks the same question closely.
    A cause is verified when so much agrees: how common it is, closely; three sensitivities, closely or loosely; and no
    correction is owed.
    """
    values = {figure.id: figure.value for figure in model.knowledge.figures()}
    owed = [item for item in comparisons if is_owed(item, verdicts)]
    wrong = {name for item in owed for name in item.first}
    agreed = [item for item in comparisons if item.agrees and item.comparable and item.entry["grade"] != "D"]
    close = [item for item in agreed if item.entry["fit"] == "close"]
    names = {name for item in close for name in item.confirmed if name not in wrong}
    common = {item.entry["cause"] for item in close if item.entry["quantity"] in ("prevalence", "incidence")}
    telling = Counter(item.entry["cause"] for item in agreed if item.entry["quantity"] == "sensitivity")
    causes = {c for c in common if telling[c] >= ENOUGH} - {item.entry["cause"] for item in owed}
    return {"causes": sorted(causes), "figures": {name: values[name] for name in sorted(names)}}


def figure_of(entry: Mapping[str, Any]) -> Figure:
    """Return an entry of the second encoding as the solver's kind of figure."""
    low, high = entry.get("age", (18, 120))
    return Figure(
        id=entry["id"],
        value=entry["value"],
        low=entry["low"],
        high=entry["high"],
        unit=UNITS.get(entry["quantity"], "probability"),
        interval=entry["interval"],
        source=entry["source"],
        grade=entry["grade"],
        opened=entry["opened"] != "nothing",
        file="second_encoding.yaml",
        line=0,
        population=Population(low, high, entry.get("sex")),
    )


def compare(model: Model, entries: list[Mapping[str, Any]]) -> Iterator[Comparison]:
    """Iterate over the comparisons, in the order of the entries."""
    shapes = {shape.variable.name: shape for shape in network_shape(model.knowledge)}
    queries, below = Queries(model.network), {}
    for entry in entries:
        if entry["quantity"] == "duration":
            yield _duration(model, entry)
            continue
        target = _target(model, shapes, entry, entries)
        implied = _expit(float(queries.implied(target, model.network.nodes, below)[0]))
        first = {
            t.figure.id: (_expit(t.centre), _interval(t.centre, t.below, t.above))
            for t in _first(model, shapes, entry)
            if not t.assumed
        }
        second = _interval(target.centre, target.below, target.above)
        if entry["interval"] not in ("ci95", "wilson95") and entry["quantity"] != "incidence":
            second = (entry["low"], entry["high"])
        yield Comparison(entry, _expit(target.centre), second, implied, first)


def _target(
    model: Model, shapes: Mapping[str, Shape], entry: Mapping[str, Any], entries: list[Mapping[str, Any]]
) -> Target:
    figure, cause = figure_of(entry), entry["cause"]
    cells = cell_weights(model.knowledge.model.age_bands, figure.population)
    if entry["quantity"] != "sensitivity":
        centre, below, above = scaled(figure) if figure.unit == "probability" else _active(model, entry, entries)
        return Target(figure, ((cause, (1,)),), (), cells, centre, below, above, entry["id"], entry["id"])
    shape = shapes[entry["finding"]]
    states = tuple(range(shape.floor + 1, shape.variable.size))
    if "level" in entry:
        states = tuple(range(shape.variable.states.index(entry["level"]), shape.variable.size))
    given = [(cause, (1,))]
    if shape.gate is not None:  # as the solver asks it: nothing else shapes the attribute
        own = {cause, *(item.syndrome for item in model.knowledge.causes[cause].syndromes)}
        given += [(parent, (0,)) for parent in shape.raised_by if parent not in own]
        given.append((shape.gate, tuple(range(1, shapes[shape.gate].variable.size))))
    event = ((entry["finding"], states),)
    return Target(figure, event, tuple(given), cells, *scaled(figure), entry["id"], entry["id"])


def _active(model: Model, entry: Mapping[str, Any], entries: list[Mapping[str, Any]]) -> tuple[float, float, float]:
    """Return the share of people in whom the cause is active: incidence x (window + the second encoding's duration)."""
    days = next(e for e in entries if e["cause"] == entry["cause"] and e["quantity"] == "duration")
    window = model.knowledge.model.window_days
    share, low, high = (entry[key] * (window + days[key]) / DAYS_A_YEAR for key in ("value", "low", "high"))
    return _logit(share), (_logit(share) - _logit(low)) / Z95, (_logit(high) - _logit(share)) / Z95


def _first(model: Model, shapes: Mapping[str, Shape], entry: Mapping[str, Any]) -> Iterator[Target]:
    """Iterate over the first encoding's figures for the same number."""
    cause = model.knowledge.causes[entry["cause"]]
    if entry["quantity"] != "sensitivity":
        wanted = {p.figure.id for p in cause.prevalence if _same_people(p, entry)}
        yield from (t for t in targets_of(model.knowledge, shapes, cause.id) if t.figure.id in wanted)
        return
    wanted = {f.figure.id for f in cause.findings if _same_finding(f, entry)}
    yield from (t for t in targets_of(model.knowledge, shapes, entry["finding"]) if t.figure.id in wanted)


def _same_people(item: Prevalence, entry: Mapping[str, Any]) -> bool:
    low, high = entry.get("age", (18, 120))
    mine = item.figure.population
    near = abs(mine.age_low - low) <= SAME_AGES and abs(min(mine.age_high, 99) - min(high, 99)) <= SAME_AGES
    return near and mine.sex in (None, entry.get("sex"))


def _same_finding(item: FindingFigure, entry: Mapping[str, Any]) -> bool:
    frames = {entry["frame"]} if entry["frame"] == "ever" else {"current", "onset"}
    return item.finding == entry["finding"] and item.level == entry.get("level") and item.frame in frames


def _duration(model: Model, entry: Mapping[str, Any]) -> Comparison:
    durations = [p.duration for p in model.knowledge.causes[entry["cause"]].prevalence if p.duration is not None]
    first = {figure.id: (figure.value, (figure.low, figure.high)) for figure in durations}
    return Comparison(entry, entry["value"], (entry["low"], entry["high"]), None, first)


def _interval(centre: float, below: float, above: float) -> Interval:
    return _expit(centre - Z95 * below), _expit(centre + Z95 * above)


def _logit(p: float) -> float:
    return math.log(p) - math.log1p(-p)


def _expit(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def main() -> None:
    """Print every comparison, one a line, or what is verified."""
    import legdx

    model = legdx.load_model()
    comparisons = list(compare(model, read("second_encoding.yaml")["figures"]))
    if "--verified" in sys.argv:
        verdicts = {item["id"]: item for item in read("verdicts.yaml")}
        sys.stdout.write(yaml.safe_dump(verified(model, comparisons, verdicts), sort_keys=False, width=120))
        return
    for item in comparisons:
        implied = "-" if item.implied is None else f"{item.implied:.4g}"
        first = "; ".join(f"{name} {low:.4g}..{high:.4g}" for name, (_, (low, high)) in item.first.items())
        word = "agree" if item.agrees else "DISAGREE"
        second = f"{item.value:.4g} ({item.second[0]:.4g}..{item.second[1]:.4g}) {item.entry['grade']}"
        sys.stdout.write(f"{word}\t{item.entry['id']}\t{second}\timplied {implied}\tfirst: {first or 'none'}\n")


if __name__ == "__main__":
    main()
