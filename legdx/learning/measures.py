"""From outcomes to shares with intervals: right causes among the first, and urgency against what was wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from legdx.learning.outcomes import Outcome
from legdx.urgency.records import LEVELS, height

__all__ = ["RESAMPLES", "SEED", "Rate", "Section", "confusion", "rate", "section"]

SEED = 20261127
RESAMPLES = 10_000
LEVEL = 0.95
TOP = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Rate:
    """``hits`` of ``of`` cases, the share (None of no cases) and its 95 % interval by resampling the cases."""

    hits: int
    of: int
    share: float | None = None
    low: float | None = None
    high: float | None = None

    def to_dict(self) -> dict[str, float | int | None]:
        """Return plain JSON, shares to four digits."""
        shares = {"share": self.share, "low": self.low, "high": self.high}
        return {"hits": self.hits, "of": self.of, **{n: None if v is None else round(v, 4) for n, v in shares.items()}}


@dataclass(frozen=True, slots=True)
class Section:
    """The measures of one set of cases.

    ``top`` counts a case without a result as a miss; ``top_scored`` leaves those out.  Both run over how it was ranked
    (posterior; primary, by posterior but without the acceptable alternatives; ranking) and k = 1, 3, 5.
    """

    name: str
    cases: int
    scored: int
    slow: int
    top: dict[str, dict[int, Rate]]
    top_scored: dict[str, dict[int, Rate]]
    under_triaged: Rate
    over_triaged: Rate
    emergency_below_urgent: Rate
    calm_at_urgent_or_above: Rate

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON."""
        tops = {
            name: {by: {str(k): found.to_dict() for k, found in ks.items()} for by, ks in top.items()}
            for name, top in (("top", self.top), ("top_scored", self.top_scored))
        }
        counts = {name: getattr(self, name) for name in ("name", "cases", "scored", "slow")}
        rates = ("under_triaged", "over_triaged", "emergency_below_urgent", "calm_at_urgent_or_above")
        return {**counts, **tops, **{name: getattr(self, name).to_dict() for name in rates}}


def rate(flags: Sequence[bool]) -> Rate:
    """Return a share with its percentile bootstrap interval (scipy.stats.bootstrap, ``SEED``, ``RESAMPLES``).

    Where all cases agree the bootstrap knows no spread: then the interval is that of Clopper and Pearson (1934).

    >>> rate([True, True, False, True]).share
    0.75
    """
    from scipy import stats

    n, hits = len(flags), sum(flags)
    if n == 0:
        return Rate(0, 0)
    if hits in {0, n}:
        interval = stats.binomtest(hits, n).proportion_ci(LEVEL, method="exact")
    else:
        interval = stats.bootstrap(
            (np.asarray(flags, dtype=float),),
            np.mean,
            n_resamples=RESAMPLES,
            confidence_level=LEVEL,
            method="percentile",
            rng=np.random.default_rng(SEED),
        ).confidence_interval
    return Rate(hits, n, hits / n, float(interval.low), float(interval.high))


def section(name: str, outcomes: Sequence[Outcome]) -> Section:
    """Measure one set of outcomes; cases of people under 18 are left out."""
    mine = [o for o in outcomes if o.status != "under_18"]
    scored = [o for o in mine if o.status == "scored"]
    ways = ("posterior", "primary", *(("ranking",) if any(o.ranked for o in mine) else ()))
    return Section(
        name=name,
        cases=len(mine),
        scored=len(scored),
        slow=sum(o.slow for o in mine),
        top=_top(mine, ways),
        top_scored=_top(scored, ways),
        under_triaged=_levels(mine, lambda given, wanted: given < wanted),
        over_triaged=_levels(mine, lambda given, wanted: given > wanted),
        emergency_below_urgent=_levels(
            [o for o in mine if o.wanted == "emergency"], lambda given, _: given < height("urgent")
        ),
        calm_at_urgent_or_above=_levels(
            [o for o in mine if o.wanted in {"routine", "self_care"}], lambda given, _: given >= height("urgent")
        ),
    )


def confusion(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    """Return wanted level -> given level -> number of cases; ``none`` where there is no level."""
    table: dict[str, dict[str, int]] = {wanted: dict.fromkeys((*LEVELS, "none"), 0) for wanted in LEVELS}
    for outcome in outcomes:
        if outcome.status != "under_18":
            table[outcome.wanted][outcome.given or "none"] += 1
    return table


def _top(outcomes: Sequence[Outcome], ways: Sequence[Any]) -> dict[str, dict[int, Rate]]:
    return {by: {k: rate([o.hit(k, by) for o in outcomes]) for k in TOP} for by in ways}


def _levels(outcomes: Sequence[Outcome], test: Callable[[int, int], bool]) -> Rate:
    """Return the share of cases with a level of which the test of (given, wanted) heights holds."""
    return rate([test(height(o.given), height(o.wanted)) for o in outcomes if o.given is not None])
