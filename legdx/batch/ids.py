"""Ids that stand in more than one row, found in one pass with eight bytes a row."""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Iterable, Sequence

import numpy as np

from legdx.errors import SurveyError
from legdx.survey.mapping import RepeatedIds

if typing.TYPE_CHECKING:
    import pandas as pd

__all__ = ["IdCheck"]

_SHOWN = 3


class IdCheck:
    """Takes the ids block by block, and says which rows are left out by a rule; a blank id is nobody's, never repeated.

    Ids are kept as 64-bit digests: two different ones among ten million are mistaken for one with probability 3e-6.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        self._digests: list[np.ndarray[typing.Any, np.dtype[np.uint64]]] = []
        self._rows: list[np.ndarray[typing.Any, np.dtype[np.int64]]] = []

    def add(self, frame: pd.DataFrame, rows: Iterable[int]) -> None:
        """Add the ids of some rows of a block, numbered from 0 over the whole table."""
        if not self._columns:
            return
        wanted = list(rows)
        cells = frame.loc[wanted, list(self._columns)].to_numpy(dtype=object).tolist()
        found = [
            (row, digest) for row, texts in zip(wanted, cells, strict=True) if (digest := _digest(texts)) is not None
        ]
        self._rows.append(np.array([row for row, _ in found], dtype=np.int64))
        self._digests.append(np.array([digest for _, digest in found], dtype=np.uint64))

    def left_out(self, rule: RepeatedIds, file: str) -> frozenset[int]:
        """Return the rows (from 0) that the rule leaves out; raises SurveyError where it refuses the file."""
        if rule == "keep" or not self._digests:
            return frozenset()
        digests, rows = np.concatenate(self._digests), np.concatenate(self._rows)
        order = np.argsort(digests, kind="stable")
        same = digests[order][1:] == digests[order][:-1]
        earlier, later = rows[order][:-1][same], rows[order][1:][same]
        if rule == "refuse" and len(later):
            pairs = ", ".join(f"{a + 1} and {b + 1}" for a, b in sorted(zip(earlier, later, strict=True))[:_SHOWN])
            more = f", and {len(later) - _SHOWN} more" if len(later) > _SHOWN else ""
            names = " and ".join(repr(name) for name in self._columns)
            message = f"{file} has rows with the same id in {names}: rows {pairs}{more}"
            hint = (
                "say in the mapping what becomes of them: `repeated_ids: keep`, `first` or `last`; or name more columns"
            )
            raise SurveyError(message, f"{hint} in `id_column:` (an event, a repeat)")
        return frozenset(int(row) for row in (later if rule == "first" else earlier))


def _digest(texts: Sequence[str]) -> int | None:
    """Return 64 bits of an id; None where the person's own, first column is blank."""
    if not texts[0].strip():
        return None
    packed = "\x1f".join(text.strip() for text in texts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "little")
