"""From knowledge to the shape of the network: variables, arrows and gates, without any number.

A finding that gates attributes gets its background as a hidden variable of its own ("other_weakness": weakness that no
modelled cause produces).  Its attributes take their background from there and not from a leak: a leak would be a
floor under every cause's rate, so that no cause could make an attribute rarer than it is in the public.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import chain, pairwise

from legdx.knowledge import Cause, Factor, Finding, Group, Knowledge, Population, Risk, Syndrome
from legdx.network.records import Kind, Variable

__all__ = ["AGE", "SEX", "Shape", "age_states", "background_of", "network_shape", "silent_parents"]

AGE = "age"
SEX = "sex"
SEXES = ("female", "male")
BINARY = ("absent", "present")
NONE = "none"


@dataclass(frozen=True, slots=True)
class Shape:
    """One variable and its arrows, by name.

    ``context`` indexes its leak; ``raised_by`` and ``suppressed_by`` are the parents of its links and inhibitors, or of
    a factor the other factors that its table is indexed by as well; an arrow from a parent counts once however many
    figures speak of it.
    """

    variable: Variable
    context: tuple[str, ...] = ()
    raised_by: tuple[str, ...] = ()
    suppressed_by: tuple[str, ...] = ()
    gate: str | None = None
    floor: int = 0

    @property
    def parents(self) -> tuple[str, ...]:
        """Every parent once."""
        gate = () if self.gate is None else (self.gate,)
        return tuple(dict.fromkeys((*self.context, *self.raised_by, *self.suppressed_by, *gate)))


def age_states(bands: tuple[int, ...]) -> tuple[str, ...]:
    """Name the age bands, the last one open.

    >>> age_states((18, 30, 80))
    ('age_18_29', 'age_30_79', 'age_80_plus')
    """
    closed = [f"age_{low}_{high - 1}" for low, high in pairwise(bands)]
    return (*closed, f"age_{bands[-1]}_plus")


def network_shape(knowledge: Knowledge) -> tuple[Shape, ...]:
    """Return the shape of every variable, parents before children, in an order that does not vary."""
    shapes = {
        AGE: Shape(Variable(AGE, age_states(knowledge.model.age_bands), "factor")),
        SEX: Shape(Variable(SEX, SEXES, "factor"), context=(AGE,)),
    }
    for factor in knowledge.factors.values():
        shapes[factor.id] = _factor(factor)
    for cause in knowledge.causes.values():
        shapes[cause.id] = _cause(cause)
    for syndrome in knowledge.syndromes.values():
        shapes[syndrome.id] = _syndrome(knowledge, syndrome)
    for group in knowledge.groups.values():
        shapes[group.id] = _group(group)
    gates = {finding.gate for finding in knowledge.findings.values() if finding.gate is not None}
    for finding in knowledge.findings.values():
        if finding.id in gates:
            name = background_of(finding.id)
            shapes[name] = Shape(Variable(name, BINARY, "background"), context=_background_context(finding))
        shapes[finding.id] = _finding(knowledge, finding, is_gate=finding.id in gates)
    rank: dict[Kind, int] = {"factor": 0, "cause": 1, "group": 2, "syndrome": 3, "background": 4, "finding": 5}
    place = {name: (rank[shape.variable.kind], i) for i, (name, shape) in enumerate(shapes.items())}
    sorter = TopologicalSorter({name: (*shape.parents, *_compared(knowledge, name)) for name, shape in shapes.items()})
    sorter.prepare()
    ordered: list[Shape] = []
    ready: set[str] = set()
    while sorter.is_active():
        ready.update(sorter.get_ready())
        first = min(ready, key=place.__getitem__)
        ready.discard(first)
        ordered.append(shapes[first])
        sorter.done(first)
    return tuple(ordered)


def _factor(factor: Factor) -> Shape:
    return Shape(Variable(factor.id, factor.states, "factor"), context=(AGE, SEX), raised_by=_arrows(factor.risks))


def _cause(cause: Cause) -> Shape:
    return Shape(Variable(cause.id, BINARY, "cause"), context=(AGE, SEX), raised_by=_arrows(cause.risks))


def _arrows(risks: tuple[Risk, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(risk.from_id for risk in risks if risk.figure.role == "solve"))


def _compared(knowledge: Knowledge, name: str) -> tuple[str, ...]:
    """Return the factors that a factor is only compared with: they stand before it, so that the check can be asked."""
    factor = knowledge.factors.get(name)
    return () if factor is None else tuple(risk.from_id for risk in factor.risks)


def _group(group: Group) -> Shape:
    return Shape(Variable(group.id, BINARY, "group"), raised_by=group.members)


def _syndrome(knowledge: Knowledge, syndrome: Syndrome) -> Shape:
    raised_by = tuple(
        cause.id
        for cause in knowledge.causes.values()
        if any(figure.syndrome == syndrome.id for figure in cause.syndromes)
    )
    context = _leak_context([figure.population for figure in syndrome.background if figure.role == "solve"])
    return Shape(Variable(syndrome.id, BINARY, "syndrome"), context=context, raised_by=raised_by)


def _finding(knowledge: Knowledge, finding: Finding, *, is_gate: bool) -> Shape:
    raised: dict[str, None] = {}
    suppressed: dict[str, None] = {}
    if is_gate:
        raised[background_of(finding.id)] = None
    if finding.gate is not None:
        raised[background_of(finding.gate)] = None
        raised |= dict.fromkeys(silent_parents(knowledge, finding))
    for syndrome in knowledge.syndromes.values():
        if any(figure.finding == finding.id and figure.figure.role == "solve" for figure in syndrome.findings):
            raised[syndrome.id] = None
    for cause in knowledge.causes.values():
        for figure in cause.findings:
            if figure.finding == finding.id and figure.figure.role == "solve":
                arrow = suppressed if figure.effect == "suppresses" else raised
                arrow[figure.via or cause.id] = None
    return Shape(
        Variable(finding.id, (NONE, *finding.levels) if finding.levels else BINARY, "finding"),
        context=() if is_gate or finding.gate else _background_context(finding),
        raised_by=tuple(raised),
        suppressed_by=tuple(suppressed),
        gate=finding.gate,
        floor=1 if finding.levels and finding.gate else 0,
    )


def background_of(gate: str) -> str:
    """Name the hidden variable that stands for a complaint without any modelled cause."""
    return f"other_{gate}"


def silent_parents(knowledge: Knowledge, attribute: Finding) -> tuple[str, ...]:
    """Return the causes and syndromes that raise an attribute's gate and are silent on how they shape the attribute."""
    silent: list[str] = []
    for one in chain[Cause | Syndrome](knowledge.causes.values(), knowledge.syndromes.values()):
        spoken = {f.finding for f in one.findings if f.figure.role == "solve"}
        raised = {
            f.finding for f in one.findings if f.figure.role == "solve" and f.effect == "raises" and f.via is None
        }
        if attribute.gate in raised and attribute.id not in spoken:
            silent.append(one.id)
    return tuple(silent)


def _background_context(finding: Finding) -> tuple[str, ...]:
    return _leak_context([b.figure.population for b in finding.background if b.figure.role == "solve"])


def _leak_context(populations: list[Population]) -> tuple[str, ...]:
    """Return what a background rate is known to vary with: at least two age ranges, or both sexes."""
    ages = {(p.age_low, p.age_high) for p in populations}
    sexes = {p.sex for p in populations} - {None}
    return (*((AGE,) if len(ages) > 1 else ()), *((SEX,) if len(sexes) > 1 else ()))
