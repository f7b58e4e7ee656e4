"""Which numbers were taken from the literature twice, independently, with the same result.

The optional file `verified.yaml` names them. It changes no answer of the model: it tells how far its numbers have been
checked, and `legdx check` counts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from legdx.errors import Issue, did_you_mean
from legdx.knowledge.figures import Figure
from legdx.knowledge.frozenmap import FrozenMap
from legdx.knowledge.nodes import Node

__all__ = ["NOTHING_VERIFIED", "Verified", "read_verified", "verified_issues"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Causes and figures on which two independent encodings agree; everything else is provisional.

    `figures` leads from the id of a figure to the value that was agreed on.
    """

    causes: tuple[str, ...] = ()
    figures: FrozenMap[float] = FrozenMap()

    def standing(self, figures: Iterable[Figure]) -> Verified:
        """Return what still holds of `figures`: one whose value has changed since is provisional, and so is its cause.

        >>> Verified(causes=("gout",), figures=FrozenMap({"gout.prevalence.1": 0.04})).standing([])
        Verified(causes=(), figures=FrozenMap({}))
        """
        values = {figure.id: figure.value for figure in figures}
        kept = {name: value for name, value in self.figures.items() if values.get(name) == value}
        shaken = {name.partition(".")[0] for name in self.figures if name not in kept}
        return Verified(
            causes=tuple(cause for cause in self.causes if cause not in shaken),
            figures=FrozenMap(kept),
        )


NOTHING_VERIFIED = Verified()


def read_verified(node: Node) -> Verified:
    """Return the content of `verified.yaml`, which must have passed every rule."""
    figures = node.at("figures").fields() if node.get("figures") else {}
    numbers = {name: number for name, inner in figures.items() if (number := inner.number()) is not None}
    return Verified(causes=tuple(node.texts("causes")), figures=FrozenMap(numbers))


def verified_issues(node: Node, figures: Iterable[Figure]) -> Iterator[Issue]:
    """Warn of each figure in `verified.yaml` that the model does not have, or has with another value now."""
    values = {figure.id: figure.value for figure in figures}
    listed = node.get("figures")
    for name, inner in ({} if listed is None else listed.fields()).items():
        if name not in values:
            note = f"there is no figure {name!r}: it does not count as verified"
            yield Issue("verified_unknown", "warning", inner.where(), note, did_you_mean(name, values))
        elif inner.number() != values[name]:
            note = f"{name} is {values[name]:g}, and was verified as {inner.number():g}: it does not count as verified"
            hint = "have it verified again, or take it out"
            yield Issue("verified_changed", "warning", inner.where(), note, hint)
