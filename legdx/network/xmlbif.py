"""XMLBIF 0.3, the interchange format of Bayesian networks that loses no digit.

Format: https://www.cs.cmu.edu/afs/cs/user/fgcozman/www/Research/InterchangeFormat/.  A table lists the states of its
own variable fastest, then those of the last parent.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import numpy as np

from legdx.errors import FormatError, did_you_mean
from legdx.network.divorced import SmallTable, small_tables
from legdx.network.records import Array, Kind, Network, Table, Variable

if typing.TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["read_xmlbif", "write_xmlbif"]

_EXACT = 1e-9
"""A row this near to 1 is taken as written."""

_ROUNDED = 1e-5
"""A row this near to 1 was rounded by its writer (several tools write six digits) and is divided by its sum."""

_KIND = "kind = "


def write_xmlbif(network: Network, path: str | Path) -> None:
    """Write the network, in small tables (see ``divorced``), of several draws the first; every number exactly.

    The kind of a variable goes into a PROPERTY, which other programs leave alone.  pyAgrum knows the format by a name
    that ends in ``.bifxml``.

    Raises:
        FormatError: a name that XML cannot carry, or that does not survive it (spaces at its ends).
        OSError: the file cannot be written.

    """
    Path(path).write_text("\n".join(_lines(small_tables(network))), encoding="utf-8", newline="\n")


def _lines(tables: Sequence[SmallTable]) -> Iterable[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<BIF VERSION="0.3">'
    yield "<NETWORK>"
    yield "<NAME>legdx</NAME>"
    for variable, _, _ in tables:
        yield '<VARIABLE TYPE="nature">'
        yield f"  <NAME>{_text(variable.name)}</NAME>"
        yield from (f"  <OUTCOME>{_text(state)}</OUTCOME>" for state in variable.states)
        yield f"  <PROPERTY>{_KIND}{variable.kind}</PROPERTY>"
        yield "</VARIABLE>"
    for variable, parents, values in tables:
        yield "<DEFINITION>"
        yield f"  <FOR>{_text(variable.name)}</FOR>"
        yield from (f"  <GIVEN>{_text(parent.name)}</GIVEN>" for parent in parents)
        yield "  <TABLE>"
        for row in values.reshape(-1, variable.size).tolist():
            yield f"    {' '.join(map(repr, row))}"
        yield "  </TABLE>"
        yield "</DEFINITION>"
    yield "</NETWORK>"
    yield "</BIF>"
    yield ""


def _text(name: str) -> str:
    if not name.isprintable() or name != name.strip() or not name:
        message = f"XMLBIF cannot hold the name {name!r}"
        raise FormatError(message, hint="use printable characters, without spaces at the ends")
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def read_xmlbif(path: str | Path) -> Network:
    """Read a network of tables.

    Variables keep the order of the file where that has parents before children.  A variable has the kind that
    ``write_xmlbif`` noted; without one it is a "cause", so that its posterior is reported.

    Raises:
        FormatError: the file is not XML, declares entities, is not XMLBIF, has a cycle, lacks a definition, or has a
            table of the wrong length, with a negative number, or with a row that does not sum to 1.
        OSError: the file cannot be read.

    """
    root = _parse(Path(path))
    network = root.find("NETWORK")
    if root.tag != "BIF" or network is None:
        message = f"{Path(path).name}: no BIF element with a NETWORK in it"
        raise FormatError(message, hint="the format is XMLBIF 0.3")
    variables = _variables(network.findall("VARIABLE"))
    definitions = _definitions(network.findall("DEFINITION"), variables)
    order = _order({name: one.given for name, one in definitions.items()})
    place = {name: i for i, name in enumerate(order)}
    nodes = [
        Table(tuple(place[parent] for parent in definitions[name].given), definitions[name].table(variables))
        for name in order
    ]
    return Network(tuple(variables[name] for name in order), tuple(nodes))


def _parse(path: Path) -> Element:
    """Return the root; names of elements without their namespace, no entities, nothing fetched."""
    import xml.etree.ElementTree as ET  # for the type of its error; the parser is defusedxml's

    import defusedxml
    import defusedxml.ElementTree

    content = path.read_bytes()
    try:
        # The document type of XMLBIF stands in many files; entities could make it dangerous, and are refused.
        root: Element = defusedxml.ElementTree.fromstring(content, forbid_dtd=False)
    except defusedxml.DefusedXmlException as error:
        message = f"{path.name}: declares entities or refers to other files"
        raise FormatError(message, hint="write every name out") from error
    except (ET.ParseError, ValueError, LookupError) as error:
        message = f"{path.name}: not XML: {error}"
        raise FormatError(message) from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _variables(elements: Iterable[Element]) -> dict[str, Variable]:
    found: dict[str, Variable] = {}
    for element in elements:
        name = _one(element, "NAME", "a VARIABLE")
        states = tuple(_content(outcome) for outcome in element.findall("OUTCOME"))
        if name in found:
            message = f"two variables are called {name!r}"
            raise FormatError(message)
        if element.get("TYPE", "nature") != "nature":
            message = f"variable {name!r} is a {element.get('TYPE')}, not a nature variable"
            raise FormatError(message, hint="influence diagrams are not read")
        if not states or len(set(states)) != len(states):
            message = f"variable {name!r} has no OUTCOME, or one twice"
            raise FormatError(message)
        found[name] = Variable(name, states, _kind(element))
    return found


def _kind(element: Element) -> Kind:
    noted = {_content(one).removeprefix(_KIND) for one in element.findall("PROPERTY")}
    known: tuple[Kind, ...] = typing.get_args(Kind)
    return next((kind for kind in known if kind in noted), "cause")


@dataclass(frozen=True)
class _Definition:
    name: str
    given: tuple[str, ...]
    numbers: tuple[float, ...]

    def table(self, variables: Mapping[str, Variable]) -> Array:
        """Return the numbers as (1, *parent sizes, k), rows that were rounded made to sum to 1."""
        shape = [variables[name].size for name in (*self.given, self.name)]
        if len(self.numbers) != math.prod(shape):
            message = f"table of {self.name!r}: {len(self.numbers)} numbers, expected {math.prod(shape)}"
            raise FormatError(message)
        values = np.array(self.numbers).reshape(1, *shape)
        if not np.all((values >= 0.0) & (values <= 1.0 + _ROUNDED)):
            message = f"table of {self.name!r}: a number is not a probability"
            raise FormatError(message)
        total = values.sum(axis=-1, keepdims=True)
        if not np.all(np.abs(total - 1.0) <= _ROUNDED):
            message = f"table of {self.name!r}: a row does not sum to 1"
            raise FormatError(message, hint="the states of the variable itself vary fastest")
        return np.where(np.abs(total - 1.0) <= _EXACT, values, values / total)


def _definitions(elements: Iterable[Element], variables: Mapping[str, Variable]) -> dict[str, _Definition]:
    found: dict[str, _Definition] = {}
    for element in elements:
        name = _one(element, "FOR", "a DEFINITION")
        given = tuple(_content(one) for one in element.findall("GIVEN"))
        for mentioned in (name, *given):
            if mentioned not in variables:
                message = f"definition of {name!r}: there is no variable {mentioned!r}"
                raise FormatError(message, hint=did_you_mean(mentioned, variables))
        if name in found or len({name, *given}) != len(given) + 1:
            message = f"variable {name!r} is defined twice, or a parent of it stands twice or is the variable itself"
            raise FormatError(message)
        found[name] = _Definition(name, given, _numbers(name, _one(element, "TABLE", f"the definition of {name!r}")))
    missing = [name for name in variables if name not in found]
    if missing:
        message = f"no definition of {', '.join(map(repr, missing))}"
        raise FormatError(message)
    return {name: found[name] for name in variables}


def _numbers(name: str, text: str) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in text.split())
    except ValueError as error:
        message = f"table of {name!r}: {error}"
        raise FormatError(message) from error


def _order(parents: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the names with parents before children, otherwise in the order given."""
    rank = {name: i for i, name in enumerate(parents)}
    sorter = TopologicalSorter(parents)
    try:
        sorter.prepare()
    except CycleError as error:
        message = f"the network has a cycle: {' <- '.join(error.args[1])}"
        raise FormatError(message) from error
    ordered: list[str] = []
    ready: set[str] = set()
    while sorter.is_active():
        ready.update(sorter.get_ready())
        first = min(ready, key=rank.__getitem__)
        ready.discard(first)
        ordered.append(first)
        sorter.done(first)
    return ordered


def _one(element: Element, tag: str, where: str) -> str:
    found = element.findall(tag)
    if len(found) != 1:
        message = f"{where} has {len(found)} {tag} elements, expected one"
        raise FormatError(message)
    return _content(found[0])


def _content(element: Element) -> str:
    return (element.text or "").strip()
