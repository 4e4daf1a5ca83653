"""Numbers and tables of a forecast, as HTML has them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from rnnviz.forecast.wording import NONE, p, percent, price, skill
from rnnviz.prose import written

__all__ = ["NONE", "counted", "days", "p", "percent", "plain_number", "price", "skill", "table"]


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
