"""The text of one cell: is it blank, is it a number, and which code does it equal."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

__all__ = ["Key", "cell_key", "column_name", "listed_codes", "read_number"]

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_COMMA_NUMBER = re.compile(r"[-+]?([0-9]+(,[0-9]*)?|,[0-9]+)")
_DIGITS = 9

Key = str | float


def read_number(text: str, *, comma: bool = False) -> float | None:
    """Return the number that a cell holds, or None; `80+`, `nan` and `inf` are no numbers here.

    With `comma`, the decimal sign is a comma, and a point could be one of thousands: such a cell is no number.

    >>> read_number(" 2.50 "), read_number("1,5")
    (2.5, None)
    >>> read_number("1,54", comma=True), read_number("1.54", comma=True), read_number("7", comma=True)
    (1.54, None, 7.0)
    """
    text = text.strip()
    if comma:
        return float(text.replace(",", ".")) if _COMMA_NUMBER.fullmatch(text) else None
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def cell_key(text: str, *, ignore_case: bool = False) -> Key:
    """Return what a cell is compared by: its number if it is one, else its text with single spaces, none around it.

    So `2`, `2.0` and ` 2 ` are the same code; `Yes` and `yes` are only with `ignore_case`. Numbers are compared to 9
    decimals: SAS transport files write 0 as 5.4e-79.

    >>> cell_key("2.0") == cell_key(" 2"), cell_key("5.397605346934028e-79")
    (True, 0.0)
    >>> cell_key("YES", ignore_case=True) == cell_key("yes", ignore_case=True)
    True
    """
    number = read_number(text)
    if number is not None:
        return round(number, _DIGITS)
    return column_name(text).casefold() if ignore_case else column_name(text)


def listed_codes(codes: Iterable[str], most: int = 12) -> str:
    """Return codes in one line for a hint, the first ones if there are many."""
    names = list(codes)
    shown = ", ".join(repr(name) for name in names[:most])
    left = len(names) - most
    return f"{shown} and {left} more" if left > 0 else shown


def column_name(text: str) -> str:
    """Return a header as it is compared: without spaces around it, and with single spaces inside.

    >>> column_name(" How old  are you? ")
    'How old are you?'
    """
    return " ".join(text.split())
