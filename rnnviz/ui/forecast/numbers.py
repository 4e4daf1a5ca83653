"""Numbers and tables of a forecast, as HTML has them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from rnnviz.forecast.wording import NONE, p, percent, price, skill
from rnnviz.prose import written

__all__ = [
    "MEANT",
    "NONE",
    "counted",
    "days",
    "legend",
    "p",
    "percent",
    "plain_number",
    "price",
    "skill",
    "table",
]

MEANT: dict[str, str] = {
    "RMSE": "root mean squared error, in the unit of the prices: large errors weigh most",
    "MAE": "mean absolute error, in the unit of the prices",
    "MASE": "mean absolute error, in steps as the training part makes them from row to row",
    "Direction": "share of the moves, up or down, that are called rightly",
    "Skill": "1 − RMSE / that of yesterday's price: 0 is no better, 100 % a perfect forecast",
    "DM p": "Diebold–Mariano test: how often chance alone makes a difference as large as that to yesterday's price",
    "Holm's p": "DM p once it is counted that several networks were tried on the same rows",
    "Coverage": "share of the true prices that lie inside the interval",
    "Mean width": "how far the interval reaches from its lower to its upper end, on average",
    "Width": "how far the interval reaches from its lower to its upper end, on average",
    "Epoch kept": "the epoch with the least validation error, of those that were trained",
}
"""What the heads of the tables stand for."""


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
    """A table in HTML, its first column the names. All text is escaped; ``strong`` is the row brought out.

    Heads say what they stand for when they are pointed at, see :data:`MEANT`.
    """
    top = "".join(f"<th scope='col'{_meant(word)}>{escape(word)}</th>" for word in head)
    body = "".join(
        f"<tr{' class=rv-strong' if k == strong else ''}><th scope='row'>{escape(name)}</th>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for k, (name, *cells) in enumerate(rows)
    )
    caption = f"<caption>{escape(about)}</caption>" if about else ""
    return f"<div class='rv-table'><table>{caption}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"


def legend(names: Sequence[str]) -> str:
    """What heads of a table stand for, in a line under it, for those who cannot point at them. HTML."""
    return (
        "<p class='rv-note rv-meant'>" + " · ".join(f"<b>{n}</b> {escape(MEANT[n])}" for n in names) + "</p>"
    )


def _meant(head: str) -> str:
    return f' title="{escape(MEANT[head])}"' if head in MEANT else ""
