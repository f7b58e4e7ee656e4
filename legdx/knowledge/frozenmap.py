"""An immutable mapping with string keys that keeps its order and can be pickled."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping

__all__ = ["FrozenMap"]

Value_co = typing.TypeVar("Value_co", covariant=True)


class FrozenMap(Mapping[str, Value_co]):
    """A read-only dictionary: what `types.MappingProxyType` is, but picklable, hashable and owner of its content.

    >>> levels = FrozenMap({"mild": 1, "severe": 2})
    >>> levels["mild"], list(levels)
    (1, ['mild', 'severe'])
    """

    __slots__ = ("_content",)
    _content: dict[str, Value_co]

    def __init__(self, content: Mapping[str, Value_co] | Iterable[tuple[str, Value_co]] = ()) -> None:
        """Copy `content`, in its order."""
        object.__setattr__(self, "_content", dict(content))

    def __setattr__(self, name: str, value: object) -> typing.NoReturn:
        """Refuse: the mapping is immutable."""
        message = f"{type(self).__name__} is immutable"
        raise AttributeError(message)

    def __delattr__(self, name: str) -> typing.NoReturn:
        """Refuse: the mapping is immutable."""
        message = f"{type(self).__name__} is immutable"
        raise AttributeError(message)

    def __getitem__(self, key: str) -> Value_co:
        """Return the value of `key`; KeyError if there is none."""
        return self._content[key]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys in order."""
        return iter(self._content)

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._content)

    def __contains__(self, key: object) -> bool:
        """Say whether `key` is there."""
        return key in self._content

    def __hash__(self) -> int:
        """Hash the items, whatever their order, as equality disregards it too."""
        return hash(frozenset(self._content.items()))

    def __repr__(self) -> str:
        """Write the mapping so that it can be read back."""
        return f"{type(self).__name__}({self._content!r})"

    def __reduce__(self) -> tuple[type[FrozenMap[Value_co]], tuple[dict[str, Value_co]]]:
        """Pickle the content; unpickling builds a new mapping from it."""
        return type(self), (dict(self._content),)
