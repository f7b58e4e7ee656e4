"""Small pieces of Markdown: tables, links and numbers, the same on every page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["cell", "number", "percent", "slug", "table"]

_FEW = 1e-4


def cell(text: object) -> str:
    r"""Return text that cannot break a table or be read as markup.

    >>> print(cell("a | b < c_d"))
    a \| b &lt; c\_d
    """
    plain = " ".join(str(text).split())
    for sign, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "\\|"), ("*", "\\*"), ("_", "\\_")):
        plain = plain.replace(sign, safe)
    return plain.replace("[", "\\[").replace("]", "\\]")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; the cells are taken as Markdown.

    >>> table(["a", "b"], [["1", "2"]])
    ['| a | b |', '| --- | --- |', '| 1 | 2 |']
    """
    return [f"| {' | '.join(line)} |" for line in (heads, ["---"] * len(heads), *rows)]


def number(value: float) -> str:
    """Return a number to three digits, small ones as powers of ten.

    >>> number(0.12345), number(0.0000123), number(250.0), number(1234567.0)
    ('0.123', '1.23e-5', '250', '1,230,000')
    """
    if value and abs(value) < _FEW:
        digits, _, power = f"{value:.2e}".partition("e")
        return f"{float(digits):g}e{int(power)}"
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded.is_integer() else f"{rounded:,}"


def percent(share: float | None) -> str:
    """Return a share as per cent.

    >>> percent(0.5), percent(0.00001), percent(None)
    ('50 %', 'under 0.1 %', '-')
    """
    if share is None:
        return "-"
    per_cent = 100 * share
    if 0 < per_cent < 0.1:  # noqa: PLR2004 - the smallest that is written out
        return "under 0.1 %"
    return f"{per_cent:.0f} %" if per_cent >= 10 or per_cent == 0 else f"{per_cent:.1f} %"  # noqa: PLR2004


def slug(name: str) -> str:
    """Return the anchor that GitHub gives a heading of small letters and spaces.

    >>> slug("how common it is")
    'how-common-it-is'
    """
    return "-".join(name.lower().split())
