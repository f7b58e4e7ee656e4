"""The bytes of a file, unpacked: gzip and Zstandard are known by their content, whatever the file is called."""

from __future__ import annotations

import contextlib
import gzip
import typing
import zlib
from collections.abc import Iterator
from pathlib import Path

from legdx.errors import SurveyError

__all__ = ["first_bytes", "open_bytes", "refuse_damage"]

_GZIP = b"\x1f\x8b"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"


def open_bytes(path: Path) -> typing.IO[bytes]:
    """Return the unpacked bytes of a file; use it inside `refuse_damage`, for packed bytes may be cut short."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith(_GZIP):
        return typing.cast("typing.IO[bytes]", gzip.open(path, "rb"))
    if start == _ZSTANDARD:
        import pyarrow as pa

        return typing.cast("typing.IO[bytes]", pa.input_stream(str(path), compression="zstd"))
    return path.open("rb")


def first_bytes(path: Path, number: int) -> bytes:
    """Return up to `number` bytes from the start, unpacked."""
    with refuse_damage(path), open_bytes(path) as stream:
        return stream.read(number)


@contextlib.contextmanager
def refuse_damage(path: Path) -> Iterator[None]:
    """Turn the many errors of damaged gzip and Zstandard files into a SurveyError."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        message = f"{path.name} is a damaged gzip file: {error}"
        raise SurveyError(message, "download or pack it again") from error
    except OSError as error:
        if error.errno is not None:  # of the operating system, and no matter of the content
            raise
        message = f"{path.name} is a damaged Zstandard file: {error}"
        raise SurveyError(message, "download or pack it again") from error
