"""How numbers of a forecast are written: prices to as many digits as tell them apart, shares, p-values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from rnnviz.prose import written

DIGITS = 5
"""Significant digits of a price or an error: RMSEs of a network and of yesterday's price differ in the fourth."""

NONE = "–"
"""What stands where there is no number."""


def price(value: int | float, digits: int = DIGITS) -> str:
    """A number on the price scale: 1.0821, 12,346, 0.00012345."""
    if not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if not -6 <= size < 9:
        return written(float(value))
    return _minus(f"{value:,.{max(0, digits - 1 - size)}f}")


def percent(value: int | float, digits: int = 1) -> str:
    """A share in per cent: 51.2 %."""
    return _minus(f"{100 * value:.{digits}f} %") if math.isfinite(value) else NONE


def skill(value: int | float) -> str:
    """A skill with its sign: +0.12 %, −2.40 %, 0."""
    if not math.isfinite(value):
        return NONE
    if abs(value) >= 9.99995:
        return _minus(f"{100 * value:+,.0f} %")
    text = f"{100 * value:+.2f} %"
    return "0" if text in ("+0.00 %", "-0.00 %") and value == 0 else _minus(text)


def p(value: int | float) -> str:
    """A p-value alone: 0.41, < 0.001."""
    if not math.isfinite(value):
        return NONE
    return "< 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def plain_number(value: int | float) -> str:
    """A number without a unit, to three digits."""
    return written(value) if math.isfinite(value) else NONE


def days(index: Iterable[Any]) -> list[str]:
    """The labels of rows, see :func:`rnnviz.forecast.export.labels`."""
    from rnnviz.forecast.export import labels

    return labels(index)


def counted(count: int, word: str) -> str:
    """A count with its noun, the count brought out: "<b>1</b> row", "<b>3,270</b> rows". HTML."""
    return f"<b>{count:,}</b> {word}{'s' * (count != 1)}"


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, strong: int | None = None, about: str = ""
) -> str:
    """A table in HTML, its first column the names. All text is escaped; ``strong`` is the row brought out."""
    top = "".join(f"<th scope='col'>{escape(word)}</th>" for word in head)
    body = "".join(
        f"<tr{' class=rv-strong' if k == strong else ''}><th scope='row'>{escape(name)}</th>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for k, (name, *cells) in enumerate(rows)
    )
    caption = f"<caption>{escape(about)}</caption>" if about else ""
    return f"<div class='rv-table'><table>{caption}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"


def _minus(text: str) -> str:
    return text.replace("-", "−")
