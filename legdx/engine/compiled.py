"""The compiled kernels as Python calls them: arrays in, arrays out, and nothing else.

The library is made when the package is built (``hatch_build.py``). Where there was no compiler there is none, and the
NumPy twin does all the work; ``kernels()`` says which of the two it is, and why.
"""

from __future__ import annotations

import ctypes
import enum
import functools
import logging
import os
import sys
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from legdx.engine.evidence import certain_state
from legdx.engine.planner import Budget
from legdx.network.records import Array, Network, Node, NoisyMax, arrays_of

__all__ = ["BatchResult", "Compiled", "Kernels", "Packed", "Status", "compiled", "kernels", "pack"]

UNOBSERVED = 255
MOST_STATES = 255
_MOST_KEPT = 64
_FAULTS = {
    1: "a variable that is not among the {variables} of the network",
    2: "a code that is neither a state of its variable nor {unobserved}",
}
"""What ``legdx_run`` may return."""
COST_FIELDS = ("entries", "bytes", "seconds", "largest", "bound")

_SWITCH = "LEGDX_KERNELS"
"""Environment variable; "numpy" leaves the compiled kernels out."""

_LIBRARY = {"win32": "_kernels.dll", "darwin": "_kernels.dylib"}.get(sys.platform, "_kernels.so")
_log = logging.getLogger("legdx")

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int32]


class Status(enum.IntEnum):
    """What became of a row."""

    DONE = 0
    IMPOSSIBLE = 1
    COSTLY = 2
    UNSURE = 3


@dataclass(frozen=True, slots=True)
class Kernels:
    """Which kernels do the work: ``name`` is "numpy" or the processor generation they were compiled for."""

    name: str
    reason: str

    @property
    def are_compiled(self) -> bool:
        """Whether compiled kernels are there."""
        return self.name != "numpy"

    def __str__(self) -> str:
        return f"kernels: {self.name} ({self.reason})"


@dataclass(frozen=True, slots=True)
class Packed:
    """Rows of answers as the kernels take them.

    Attributes:
        variables: network variables of the columns, (c,).
        codes: state of each, or 255 where it was not observed, (rows, c).
        soft: for each row the soft answers, variable -> likelihood of each state; empty when no row has any.

    """

    variables: Integers
    codes: Bytes
    soft: Sequence[Mapping[int, Array]] = ()


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of rows; NaN where a row's status is not ``Status.DONE`` (``UNSURE`` rows carry what was computed).

    Attributes:
        status: a ``Status`` a row, (rows,).
        log_evidence: natural log of P(answers), (rows, draws).
        marginals: P(state | answers) of what was asked, side by side, (rows, draws, sum of states).
        costs: ``COST_FIELDS`` of each row: table entries, bytes and seconds as predicted, entries of the largest table,
            and the bound on rounding, (rows, 5).

    """

    status: Integers
    log_evidence: Array
    marginals: Array
    costs: Array

    @property
    def draws(self) -> int:
        """Networks side by side."""
        return int(self.log_evidence.shape[1])


class _Library:
    """The loaded library with the types of its functions."""

    def __init__(self, path: Path) -> None:
        library = ctypes.CDLL(str(path))
        self.network = library.legdx_network
        self.network.restype = ctypes.c_void_p
        self.network.argtypes = [
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_void_p,
            ctypes.c_int64,
            ctypes.c_size_t,
        ]
        self.forget = library.legdx_forget
        self.forget.restype = None
        self.forget.argtypes = [ctypes.c_void_p]
        self.run = library.legdx_run
        self.run.restype = ctypes.c_int32
        self.run.argtypes = [
            ctypes.c_void_p,
            ctypes.c_int64,
            ctypes.c_int32,
            *[ctypes.c_void_p] * 6,
            ctypes.c_int32,
            ctypes.c_void_p,
            *[ctypes.c_double] * 3,
            *[ctypes.c_int32] * 3,
            *[ctypes.c_void_p] * 4,
        ]
        library.legdx_processor.restype = ctypes.c_char_p
        self.processor: str = library.legdx_processor().decode()


@functools.cache
def _loaded() -> tuple[_Library | None, Kernels]:
    if os.environ.get(_SWITCH, "").lower() == "numpy":
        return None, Kernels("numpy", f"{_SWITCH}=numpy")
    path = Path(__file__).with_name(_LIBRARY)
    if not path.is_file():
        reason = "this installation was made without a C++ compiler, so that the slower NumPy engine does the work"
        _log.info(reason)
        return None, Kernels("numpy", reason)
    try:
        library = _Library(path)
    except (OSError, AttributeError) as error:
        reason = f"the compiled kernels cannot be loaded ({error}); the slower NumPy engine does the work"
        _log.warning(reason)
        return None, Kernels("numpy", reason)
    return library, Kernels(library.processor, "compiled when the package was built")


def kernels() -> Kernels:
    """Return which kernels do the work, and why."""
    return _loaded()[1]


class Compiled:
    """A network as the kernels hold it.  Raises ``RuntimeError`` where there are none."""

    def __init__(self, network: Network, nodes: Sequence[Node] | None = None) -> None:
        library, found = _loaded()
        if library is None:
            raise RuntimeError(found.reason)
        self._library = library
        own = network.nodes if nodes is None else nodes
        self.sizes = np.array([variable.size for variable in network.variables], dtype=np.int32)
        self.draws = max((len(a) for node in own for a in arrays_of(node)), default=1)
        words = np.array(_words(network, own), dtype=np.int64)
        numbers = _numbers(own, self.draws)
        handle = library.network(words.ctypes.data, len(words), numbers.ctypes.data, self.draws, numbers.shape[1])
        if not handle:
            raise MemoryError
        self._handle: int = handle
        self._kept: dict[tuple[int, ...], tuple[Integers, int]] = {}
        weakref.finalize(self, library.forget, handle)

    def run(
        self,
        rows: Packed,
        queries: Sequence[int],
        *,
        budget: Budget,
        tolerance: float,
        threads: int = 1,
        only_cost: bool = False,
        with_evidence: bool = True,
    ) -> BatchResult:
        """Run rows; the same bits whatever the number of threads.

        Args:
            rows: the answers.
            queries: variables whose marginals are wanted; none for log evidence alone.
            budget: what one row may take, as predicted.
            tolerance: bound on the error of a posterior above which a row is ``UNSURE``.
            threads: how many threads share the rows.
            only_cost: predict the costs, and compute nothing.
            with_evidence: whether the log evidence is wanted too; without it, what has no say in a posterior is left
                out.

        Raises:
            ValueError: arrays that do not fit, a variable that is not there, or a code that is no state of it.

        """
        codes, variables = self._as(rows.codes, np.uint8, 2), self._as(rows.variables, np.int32, 1)
        if codes.shape[1:] != (len(variables),) or (rows.soft and len(rows.soft) != len(codes)):
            message = f"codes {codes.shape}, {len(variables)} variables and {len(rows.soft)} soft rows do not fit"
            raise ValueError(message)
        count, (asked, width) = len(codes), self._asked(tuple(queries))
        result = BatchResult(
            np.empty(count, dtype=np.int32),
            np.empty((count, self.draws)),
            np.empty((count, self.draws, width)),
            np.empty((count, len(COST_FIELDS))),
        )
        soft = _soft_arrays(rows.soft) if rows.soft else None
        fault = self._library.run(
            self._handle,
            count,
            len(variables),
            _address(variables),
            _address(codes),
            *((_address(array) for array in soft) if soft else _NO_SOFT),
            len(asked),
            _address(asked),
            budget.seconds,
            budget.memory,
            tolerance,
            only_cost,
            with_evidence,
            threads,
            _address(result.log_evidence),
            _address(result.marginals),
            _address(result.status),
            _address(result.costs),
        )
        if fault:
            raise self._fault(fault)
        return result

    def _fault(self, number: int) -> ValueError:
        return ValueError(_FAULTS[number].format(variables=len(self.sizes), unobserved=UNOBSERVED))

    def _as(self, array: NDArray[Any], kind: type[np.generic], fault: int) -> NDArray[Any]:
        if array.dtype == kind and array.flags.c_contiguous:
            return array
        found = np.ascontiguousarray(array, dtype=kind)
        if not np.array_equal(found, array):  # 256 is no code, and would become 0
            raise self._fault(fault)
        return found

    def _asked(self, queries: tuple[int, ...]) -> tuple[Integers, int]:
        """Return what is asked for as an array, and how many states that is; kept, as callers ask for it again."""
        found = self._kept.get(queries)
        if found is None:
            if not all(0 <= query < len(self.sizes) for query in queries):
                raise self._fault(1)
            asked = np.array(queries, dtype=np.int32)
            found = asked, int(self.sizes[asked].sum())
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[queries] = found
        return found


def _address(array: NDArray[Any]) -> int:
    if array.size == 0:
        return 0
    try:
        return ctypes.addressof(ctypes.c_char.from_buffer(array.data))  # in a third of array.ctypes.data's time
    except (TypeError, ValueError):  # read-only
        return int(array.ctypes.data)


_made: dict[int, Compiled | None] = {}
"""What ``compiled`` made, by the identity of its network; it goes when the network does."""


def compiled(network: Network) -> Compiled | None:
    """Return the network as the kernels hold it; None where there are no kernels, or a variable has too many states.

    It is made once a network.
    """
    key = id(network)
    if key not in _made:
        able = kernels().are_compiled and all(variable.size <= MOST_STATES for variable in network.variables)
        _made[key] = Compiled(network) if able else None
        weakref.finalize(network, _made.pop, key, None)
    return _made[key]


def pack(*rows: Mapping[int, Array]) -> Packed:
    """Return rows of likelihoods as the kernels take them."""
    variables = sorted(set().union(*rows))
    place = {variable: k for k, variable in enumerate(variables)}
    codes = np.full((len(rows), len(variables)), UNOBSERVED, dtype=np.uint8)
    soft: list[dict[int, Array]] = [{} for _ in rows]
    for r, row in enumerate(rows):
        for variable, likelihood in row.items():
            state = certain_state(likelihood)
            if state is not None and state < UNOBSERVED:
                codes[r, place[variable]] = state
            else:
                soft[r][variable] = np.asarray(likelihood, dtype=np.float64)
    return Packed(np.array(variables, dtype=np.int32), codes, soft if any(soft) else ())


_NO_SOFT = (None, None, None, None)


def _soft_arrays(soft: Sequence[Mapping[int, Array]]) -> tuple[NDArray[np.int64], Integers, NDArray[np.int64], Array]:
    starts = np.concatenate([[0], np.cumsum([len(row) for row in soft], dtype=np.int64)]).astype(np.int64)
    given = [(variable, likelihood) for row in soft for variable, likelihood in row.items()]
    variables = np.array([variable for variable, _ in given], dtype=np.int32)
    lengths = np.array([len(likelihood) for _, likelihood in given], dtype=np.int64)
    at = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64) if given else np.empty(0, dtype=np.int64)
    values = np.concatenate([likelihood for _, likelihood in given]) if given else np.empty(0)
    return starts, variables, at, np.ascontiguousarray(values, dtype=np.float64)


def _numbers(nodes: Sequence[Node], draws: int) -> Array:
    """Return the numbers of all nodes side by side, (draws, numbers)."""
    parts = [array.reshape(len(array), -1) for node in nodes for array in arrays_of(node)]
    if draws > 1:
        parts = [np.broadcast_to(part, (draws, part.shape[1])) for part in parts]
    return np.ascontiguousarray(np.concatenate(parts, axis=1) if parts else np.empty((1, 0)), dtype=np.float64)


def _words(network: Network, nodes: Sequence[Node]) -> list[int]:
    """Return the structure as a stream of integers, read by kernels/network.cpp in the same order."""
    words = [len(network.variables), *(variable.size for variable in network.variables)]
    for node in nodes:
        if not isinstance(node, NoisyMax):
            words += [0, len(node.parents), *node.parents, 0, 0, -1, 0]
            continue
        words += [1, len(node.context), *node.context, len(node.links)]
        for link in node.links:
            words += [link.parent, len(link.context), *link.context]
        words += [len(node.inhibitors), *(inhibitor.parent for inhibitor in node.inhibitors)]
        words += [-1 if node.gate is None else node.gate, node.floor]
    return words
