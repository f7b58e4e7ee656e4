"""Records to plain JSON types and back, for frozen dataclasses made of scalars, tuples, mappings and each other.

What equals its default is left out, so that the plain form is small; reading needs neither YAML nor a schema.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping

from legdx.errors import FormatError
from legdx.knowledge.frozenmap import FrozenMap

__all__ = ["from_plain", "to_plain"]

Record = typing.TypeVar("Record")
Decode = Callable[[typing.Any], typing.Any]


def to_plain(record: object) -> typing.Any:  # noqa: ANN401 - the result is JSON: its type follows the record
    """Return dictionaries, lists and scalars that hold the same as `record`."""
    if isinstance(record, FrozenMap):
        return {key: to_plain(value) for key, value in record.items()}
    if isinstance(record, tuple):
        return [to_plain(value) for value in record]
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {
            name: to_plain(value)
            for name, default in _defaults(type(record))
            if (value := getattr(record, name)) != default
        }
    return record


def from_plain(kind: type[Record], data: Mapping[str, typing.Any]) -> Record:
    """Return the record of class `kind` that `to_plain` made `data` from.

    Raises FormatError when a field is missing, unknown, or of another shape.
    """
    try:
        return typing.cast("Record", _decoder(typing.cast("type", kind))(data))
    except (TypeError, ValueError, AttributeError) as error:
        message = f"this is not a plain {kind.__name__}: {error}"
        raise FormatError(message, hint="write it with to_dict() of the same version of legdx") from error


@functools.cache
def _defaults(kind: type) -> tuple[tuple[str, object], ...]:
    """Return (field, default) pairs; a field without a default gets a value that equals nothing."""
    return tuple(
        (field.name, object() if field.default is dataclasses.MISSING else field.default)
        for field in dataclasses.fields(kind)
    )


@functools.cache
def _decoder(kind: type) -> Decode:
    hints = typing.get_type_hints(kind)
    nested = {
        field.name: decode
        for field in dataclasses.fields(kind)
        if (decode := _decode_type(hints[field.name])) is not None
    }

    def decode_record(data: Mapping[str, typing.Any]) -> object:
        values = dict(data)
        for name, decode in nested.items():
            if name in values:
                values[name] = decode(values[name])
        return kind(**values)

    return decode_record


def _decode_type(hint: typing.Any) -> Decode | None:  # noqa: ANN401 - a type hint is any object
    """Return what turns the plain form of `hint` into the real one, or None where both are the same."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint):
        return _decoder(typing.cast("type", hint))
    if origin in (types.UnionType, typing.Union):
        inner = _decode_type(next(argument for argument in arguments if argument is not type(None)))
        return None if inner is None else _optional(inner)
    if origin is tuple:
        inner = _decode_type(arguments[0])
        return tuple if inner is None else _sequence(inner)
    if origin is FrozenMap:
        inner = _decode_type(arguments[0])
        return FrozenMap if inner is None else _mapping(inner)
    return None


def _optional(inner: Decode) -> Decode:
    return lambda data: None if data is None else inner(data)


def _sequence(inner: Decode) -> Decode:
    return lambda data: tuple(map(inner, data))


def _mapping(inner: Decode) -> Decode:
    return lambda data: FrozenMap({key: inner(value) for key, value in data.items()})
