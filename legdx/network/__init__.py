"""Variables and tables as frozen arrays; their shape from knowledge; files and pgmpy.

pgmpy is imported only when `to_pgmpy` is called, the knowledge layer only when `network_shape` is.
"""

from __future__ import annotations

import typing

from legdx.network.pgmpy_export import to_pgmpy
from legdx.network.records import Inhibitor, Link, Network, NoisyMax, Table, Variable
from legdx.network.sampling import simulate
from legdx.network.xmlbif import read_xmlbif, write_xmlbif

if typing.TYPE_CHECKING:
    from legdx.knowledge import Knowledge
    from legdx.network.structure import Shape

__all__ = [
    "Inhibitor",
    "Link",
    "Network",
    "NoisyMax",
    "Table",
    "Variable",
    "network_shape",
    "read_xmlbif",
    "simulate",
    "to_pgmpy",
    "write_xmlbif",
]


def network_shape(knowledge: Knowledge) -> tuple[Shape, ...]:
    """Return the variables of the knowledge and their arrows, parents before children, without any number."""
    from legdx.network import structure

    return structure.network_shape(knowledge)
