"""What is drawn anew for each network: errors of figures, what sets studies apart, and steps no figure speaks of.

The drawn networks are solved with the weights of the solved one, so that the points stay what the figures say; the
variance that a number gets is that of these weights under random effects (Henmi and Copas, Stat Med 2010;29:2969-2983).
Shocks go by name and seed, so that the same figure gets the same whatever stands beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from legdx.build.between import Between, between_studies, study_of
from legdx.build.parameters import Parameters
from legdx.build.steps import Steps, steps_between
from legdx.build.targets import Target
from legdx.network.records import Array
from legdx.network.structure import Shape

__all__ = ["Uncertainty", "drawn_beliefs", "drawn_centres", "uncertainty_of"]


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """What figures do not say of themselves: how far studies differ, and rates from band to band."""

    between: Between
    steps: Steps


def uncertainty_of(
    shapes: Sequence[Shape], targets: Mapping[str, Sequence[Target]], *, draws: int, seed: int
) -> Uncertainty:
    """Estimate both from the figures that are solved for."""
    every = [t for mine in targets.values() for t in mine]
    kinds = {shape.variable.name: shape.variable.kind for shape in shapes}
    return Uncertainty(between_studies(every, draws, seed), steps_between(targets, kinds))


def drawn_centres(seed: int, number: int, targets: Sequence[Target], between: Between) -> Array:
    """Return drawn centres, (number, targets): the figure, its own error, and what sets its study apart.

    The error is a standard normal shock times the standard error on its side.  Figures that share a shock's name (bands
    of one source) share the shock, and figures of one study for one number share what sets it apart.
    """
    columns = []
    for target in targets:
        shock = _normal(seed, target.shock, number)
        error = shock * np.where(shock < 0.0, target.below, target.above)
        apart = _normal(seed, f"study {study_of(target)}", number) * between.of(target)
        columns.append(target.centre + error + apart)
    return np.stack(columns, axis=1) if columns else np.zeros((number, 0))


def drawn_beliefs(seed: int, number: int, parameters: Parameters, steps: Steps) -> Array:
    """Return drawn centres of the weak beliefs, (number, beliefs): steps along age and sex stray, the others stay.

    A step from band to band is the same for women and men, and one between the sexes the same in all bands.
    """
    variable = parameters.shape.variable
    columns = []
    for centre, spread, step in zip(
        parameters.belief_centre, parameters.belief_spreads, parameters.belief_steps, strict=True
    ):
        if step is None:
            columns.append(np.full(number, centre))
            continue
        axis, place = step
        shock = _normal(seed, f"step {variable.name} {axis} {place}", number)
        columns.append(centre + shock * steps.of(variable.kind, axis) / spread)
    return np.stack(columns, axis=1) if columns else np.zeros((number, 0))


def _normal(seed: int, name: str, number: int) -> Array:
    key = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(key[:8], "big")).standard_normal(number)
