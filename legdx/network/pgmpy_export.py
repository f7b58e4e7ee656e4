"""The network as a pgmpy model, so that everything written for pgmpy can be used on it."""

from __future__ import annotations

import typing

import numpy as np

from legdx.network.divorced import small_tables
from legdx.network.records import Network

if typing.TYPE_CHECKING:
    from pgmpy.models import DiscreteBayesianNetwork

__all__ = ["to_pgmpy"]


def to_pgmpy(network: Network) -> DiscreteBayesianNetwork:
    """Return the network as a checked ``pgmpy.models.DiscreteBayesianNetwork``; of several draws, the first.

    Every variable keeps its name and its state names.  Noisy-MAX tables are split into small ones with auxiliary
    variables in between (``weakness__max_1``, ``weakness__inhibited_1``; see ``divorced``), which a query may ignore:
    marginals of the named variables are those of this network, exactly.
    """
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.models import DiscreteBayesianNetwork

    tables = small_tables(network)
    model = DiscreteBayesianNetwork()
    model.add_nodes_from(variable.name for variable, _, _ in tables)
    for variable, parents, values in tables:
        model.add_edges_from((parent.name, variable.name) for parent in parents)
        model.add_cpds(
            TabularCPD(
                variable.name,
                variable.size,
                np.moveaxis(values, -1, 0).reshape(variable.size, -1),
                evidence=[parent.name for parent in parents],
                evidence_card=[parent.size for parent in parents],
                state_names={one.name: list(one.states) for one in (variable, *parents)},
            )
        )
    model.check_model()
    return model
