"""Knowledge and networks for the tests: a small model made by hand, and made-up numbers for any knowledge."""

import dataclasses
import hashlib

import numpy as np

from legdx.knowledge import (
    Advice,
    Cause,
    Factor,
    Figure,
    Finding,
    FindingFigure,
    FrozenMap,
    Knowledge,
    Literal,
    ModelInfo,
    RedFlag,
    Seriousness,
)
from legdx.network.records import Inhibitor, Link, Network, NoisyMax, Table
from legdx.network.structure import network_shape

HERE = {"file": "made_up.yaml", "line": 1}


def unless_denied(name, at_least=None):
    return Literal(finding=name, at_least=at_least, unless_denied=True)


def rule(name, level, *literals):
    found = tuple(_literal(one) for one in literals)
    return RedFlag(id=name, level=level, literals=found, source="made_up", grade="D", opened=True, **HERE)


def _literal(one):
    if isinstance(one, Literal):
        return one
    return Literal(finding=one[0], at_least=one[1]) if isinstance(one, tuple) else Literal(finding=one)


def raises(cause, finding):
    number = Figure(
        id=f"{cause}.{finding}", value=0.5, low=0.4, high=0.6, unit="probability", interval="judged", source="made_up",
        grade="D", opened=True, **HERE,
    )  # fmt: skip
    return FindingFigure(figure=number, finding=finding)


def cause(name, findings, urgent_above=None, advice=()):
    level = "mild" if urgent_above is None else "critical"
    return Cause(
        id=name,
        course="acute",
        seriousness=Seriousness(level=level, urgent_above=urgent_above),
        findings=tuple(raises(name, finding) for finding in findings),
        advice=advice,
        **HERE,
    )


def tip(name, kind, *withheld_if):
    return Advice(id=name, kind=kind, source="made_up", withheld_if=withheld_if, **HERE)


def finding(name, gate=None, levels=(), cost="question"):
    role = "attribute" if gate else "complaint"
    return Finding(id=name, role=role, gate=gate, levels=levels, cost=cost, **HERE)


def knowledge_of(factors, causes, findings, rules, text=()):
    return Knowledge(
        model=ModelInfo(
            id="made_up", version="0.1.0", schema_version="1.0", age_bands=(18, 50), window_days=28, population=(),
            held_out_share=0.1, held_out_seed=1, draws_number=1, draws_seed=1, self_care_below=0.05,
        ),
        factors=FrozenMap({one.id: one for one in factors}),
        causes=FrozenMap({one.id: one for one in causes}),
        syndromes=FrozenMap(),
        groups=FrozenMap(),
        findings=FrozenMap({one.id: one for one in findings}),
        red_flags=FrozenMap({one.id: one for one in rules}),
        bibliography=FrozenMap(),
        renames=FrozenMap(),
        text=FrozenMap({"en": FrozenMap(dict(text))}),
        digest="",
    )  # fmt: skip


def small_knowledge():
    """Two causes that explain the same complaints, one of them serious; every kind of alarm."""
    complaints = ("ache", "numb", "droop", "cramp")
    shared = (*complaints, "ache_onset", "ache_spreading", "jerk", "sign")
    return knowledge_of(
        factors=(Factor(id="old_kidneys", **HERE), Factor(id="expecting", **HERE)),
        causes=(
            cause("bad", shared, urgent_above=0.3),
            cause("worse", ("ache", "numb", "sign"), urgent_above=0.15),
            cause(
                "mild",
                shared,
                advice=(
                    tip("drink", "self_care", "old_kidneys"),
                    tip("stretch", "self_care"),
                    tip("pill", "treatment", "expecting", "worse"),
                    tip("salt", "self_care", "weak_heart"),
                    tip("tablet", "treatment", "weak_heart"),
                ),
            ),
        ),
        findings=(
            finding("ache"),
            finding("ache_onset", gate="ache", levels=("slow", "weeks", "fast")),
            finding("ache_spreading", gate="ache"),
            finding("ache_dull", gate="ache"),
            finding("numb"),
            finding("droop"),
            finding("cramp"),
            finding("jerk"),
            finding("sign", cost="examination"),
        ),
        rules=(
            rule("droop_numb", "emergency", "droop", "numb"),
            rule("fast_ache", "emergency", ("ache_onset", "fast"), "jerk"),
            rule("sign_cramp", "emergency", "sign", "cramp"),
            rule("droop", "urgent", "droop"),
            rule("ache_weeks_spreading", "urgent", ("ache_onset", "weeks"), "ache_spreading", "numb"),
            rule("ache", "routine", "ache"),
            rule("numb", "routine", "numb"),
        ),
        text={"red_flag.droop": "See a doctor today.", "advice.drink": "Drink."}.items(),
    )


def denial_knowledge():
    """The small model, in which two emergencies end when an answer denies that the complaint is new, or still there."""
    small = small_knowledge()
    new = (
        finding("ache_last", gate="ache", levels=("earlier", "week", "now")),
        finding("droop_new", gate="droop"),
    )
    rules = (
        rule("fast_ache_now", "emergency", ("ache_onset", "fast"), unless_denied("ache_last", "week")),
        rule("numb_ache_of_the_week", "emergency", "numb", "ache", unless_denied("ache_last", "week")),
        rule("new_droop", "emergency", "droop", unless_denied("droop_new")),
        rule("fast_ache_alone", "urgent", ("ache_onset", "fast")),
    )
    raised = {"bad": ("ache_last", "droop_new"), "worse": ("ache_last",), "mild": ("ache_last", "droop_new")}
    causes = {
        name: dataclasses.replace(one, findings=(*one.findings, *(raises(name, finding) for finding in raised[name])))
        for name, one in small.causes.items()
    }
    return dataclasses.replace(
        small,
        causes=FrozenMap(causes),
        findings=FrozenMap({**small.findings, **{one.id: one for one in new}}),
        red_flags=FrozenMap({**small.red_flags, **{one.id: one for one in rules}}),
    )


def many_complaints(number):
    """A serious cause and `number` complaints, of each of which a routine rule speaks."""
    names = [f"complaint_{i}" for i in range(number)]
    return knowledge_of(
        factors=(),
        causes=(cause("bad", names[:3], urgent_above=0.5), cause("mild", names)),
        findings=[finding(name) for name in names],
        rules=[rule(name, "routine", name) for name in names],
    )


def network_of(knowledge, low=0.02, high=0.2):
    """A network of the knowledge's shape; each number is drawn from its own name, leaks between low and high."""
    shapes = network_shape(knowledge)
    index = {shape.variable.name: i for i, shape in enumerate(shapes)}
    sizes = [shape.variable.size for shape in shapes]
    return Network(tuple(shape.variable for shape in shapes), tuple(_node(s, index, sizes, low, high) for s in shapes))


def _rng(*names):
    return np.random.default_rng(int.from_bytes(hashlib.sha256("/".join(names).encode()).digest()[:8], "big"))


def _node(shape, index, sizes, low, high):
    name, size, kind = shape.variable.name, shape.variable.size, shape.variable.kind
    context = tuple(index[parent] for parent in shape.context)
    leading = (1, *(sizes[i] for i in context))
    rng = _rng(name)
    if kind == "factor":
        rows = rng.uniform(0.1, 1.0, (*leading, size))
        return Table(context, rows / rows.sum(axis=-1, keepdims=True))
    certain = kind == "group"
    gated_by_background = any(parent.startswith("other_") for parent in shape.raised_by)
    leak = _spread(rng, leading, size, shape.floor, (0.0, 0.0) if certain or gated_by_background else (low, high))
    links = []
    for parent in shape.raised_by:
        p = index[parent]
        strong = (1.0, 1.0) if certain or parent == f"other_{name}" else (0.05, 0.9)
        values = np.concatenate(
            [
                _spread(rng, (1, 1), size, shape.floor, (0.0, 0.0)),
                _spread(_rng(name, parent), (1, sizes[p] - 1), size, shape.floor, strong),
            ],
            axis=1,
        )
        links.append(Link(p, values))
    inhibitors = [Inhibitor(index[p], np.array([[0.0, *[0.3] * (sizes[index[p]] - 1)]])) for p in shape.suppressed_by]
    gate = None if shape.gate is None else index[shape.gate]
    return NoisyMax(context, leak, tuple(links), tuple(inhibitors), gate, shape.floor)


def _spread(rng, leading, size, floor, bounds):
    """Distributions over levels: what is not on the lowest level allowed is split among those above."""
    on = rng.uniform(*bounds, leading)
    shares = rng.uniform(0.2, 1.0, (*leading, size - floor - 1))
    values = np.zeros((*leading, size))
    values[..., floor + 1 :] = on[..., np.newaxis] * shares / shares.sum(axis=-1, keepdims=True)
    values[..., floor] = 1.0 - values[..., floor + 1 :].sum(axis=-1)
    return values
