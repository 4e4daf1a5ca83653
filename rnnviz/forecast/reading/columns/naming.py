"""Which columns are numbers, what they are called in the table, and which one is forecast."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnnviz.forecast.errors import TableError
from rnnviz.forecast.limits import LOOKED_AT
from rnnviz.forecast.reading.columns import candles, roles
from rnnviz.forecast.reading.columns.cells import Cells
from rnnviz.forecast.reading.columns.notes import Notes, count, listed
from rnnviz.forecast.reading.columns.numbers import Numerals, numbers, numerals
from rnnviz.forecast.table import Guess
from rnnviz.typed import cleaned, quoted

PRICED = frozenset((*roles.PRICES, "price"))
"""Roles of columns that hold prices."""

SAMPLE = 200
"""Cells that are looked at to tell numbers from text."""

SEEN = 10 * LOOKED_AT
"""Columns of which a sample is looked at."""

_TARGETS = ("adj_close", "close", "price")


@dataclass(frozen=True)
class Column:
    """A column of numbers: its ``number`` in the grid, ``name`` in the frame, and ``role`` or ""."""

    number: int
    name: str
    role: str


def numeric(
    cells: Cells, named: Sequence[str | None], taken: Collection[int | None], notes: Notes
) -> dict[int, Numerals]:
    """The columns of numbers, those whose names tell a role first in line where there are very many."""
    known = [n for n in range(cells.width) if named[n] is not None and named[n] != "skip"]
    rest = [n for n in range(cells.width) if named[n] is None]
    chosen: list[int] = []
    words: list[int] = []
    empty: list[int] = []
    for number in (known + rest)[:SEEN]:
        if number in taken or named[number] == "ticker" or len(chosen) == LOOKED_AT:
            continue
        sample = numerals(cells.sample(number, SAMPLE))
        present = int((~sample.absent).sum())
        if not present:
            empty.append(number)
        elif 2 * max(numbers(sample, mark).read for mark in ".,") >= present:
            chosen.append(number)
        else:
            words.append(number)
    if words:
        notes.report.append(f"Not used, since text: {listed([quoted(cells.names[n]) for n in words])}.")
    if empty:
        notes.report.append(f"Not used, since empty: {listed([quoted(cells.names[n]) for n in empty])}.")
    if len(chosen) == LOOKED_AT or cells.width > SEEN:
        notes.report.append(f"Of {cells.width:,} columns the first {len(chosen)} of numbers are read.")
    if not chosen:
        others = count(len(words), "column") + " of text" if words else "none"
        raise TableError(f"expected a column of numbers beside the dates, got {others}")
    found = {number: numerals(cells[number]) for number in sorted(chosen)}
    return {number: column for number, column in found.items() if not column.absent.all()} or found


def columns(
    names: Sequence[str],
    named: Sequence[str | None],
    values: Mapping[int, np.ndarray],
    notes: Notes,
    *,
    header: bool,
) -> list[Column]:
    """Name the columns by their roles, or after their headers. Rows of ``values`` are by date."""
    found: dict[str, int] = {}
    counting = [n for n in values if named[n] is None and _counts_rows(values[n])]
    if counting and len(counting) < len(values):
        notes.report.append(
            f"Not used, since it counts the rows: {listed([quoted(names[n]) for n in counting])}."
        )
        values = {number: column for number, column in values.items() if number not in counting}
    for number in values:
        role = named[number]
        if role in (*PRICED, "volume") and (
            role not in found
            or (
                role == "close"
                and roles.last_trade(names[found[role]])
                and not roles.last_trade(names[number])
            )
        ):
            found[role] = number
    by_name = dict(found)
    if not PRICED & found.keys():
        free = {n: column for n, column in values.items() if named[n] is None}
        if by_values := candles.candle(free):
            found |= {role: number for number, role in by_values.items()}
            shown = listed([f"{role} {quoted(names[n])}" for n, role in by_values.items()], 5)
            notes.report.append(f"Told by the values, low <= open and close <= high: {shown}.")
    if "price" in found and "close" not in found and {"open", "high", "low"} & found.keys():
        found["close"] = found.pop("price")
    if len(values) == 1 and not PRICED & found.keys():
        found = {"price": next(iter(values))}
        if header:
            notes.report.append(
                f"The prices are in {quoted(names[found['price']])}, the only column of numbers."
            )
    told = {number: role for role, number in found.items()}
    if header:
        said = [
            f"{quoted(names[n])} as {role.replace('adj_', 'adjusted ')}"
            for n, role in sorted(told.items())
            if n in by_name.values()
        ]
        if said:
            notes.report.append(f"Columns by name: {listed(said, 8)}.")
    taken = {"date", *found}
    result = []
    for number in values:
        name = told.get(number) or _unique(plain(names[number]) or f"column_{number + 1}", taken)
        taken.add(name)
        result.append(Column(number, name, told.get(number, "")))
    order = (*roles.PRICES, "price", "volume", "")
    return sorted(result, key=lambda column: (order.index(column.role), column.number))


def _counts_rows(values: np.ndarray) -> bool:
    """Whether the values are 0, 1, 2, ... in either direction."""
    steps = np.diff(values)
    return len(steps) > 1 and bool((steps == 1).all() or (steps == -1).all())


def plain(label: str) -> str:
    """A label as a name: letters, digits and underscores, at most 40."""
    return re.sub(r"\W+", "_", cleaned(label[:200]).casefold()).strip("_")[:40]


def _unique(name: str, taken: Collection[str]) -> str:
    number, tried = 1, name
    while tried in taken:
        number += 1
        tried = f"{name}_{number}"
    return tried


def target(
    columns: Sequence[Column],
    labels: Mapping[str, str],
    values: Mapping[int, np.ndarray],
    asked: str | None,
    notes: Notes,
) -> str:
    """What is forecast: as asked, by its name or its header; else the adjusted close, the close, the price."""
    names = [column.name for column in columns]
    by_role = {column.role: column.name for column in columns}
    full = [c.name for c in columns if (~np.isnan(values[c.number])).any()]
    named = next((by_role[role] for role in _TARGETS if by_role.get(role) in full), None)
    others = [c.name for c in columns if c.name in full and c.role != "volume"] or full
    chosen = named or others[0]
    if asked is not None:
        back = {label: name for name, label in reversed(list(labels.items())) if name != "date"}
        chosen = asked if asked in names else back.get(asked, "")
        if not chosen:
            some = ", ".join(quoted(name) for name in names[:8])
            raise TableError(f"expected the column to forecast to be one of {some}, got {quoted(asked)}")
        if chosen not in full:
            raise TableError(f"expected numbers in {quoted(labels[chosen])}, got none; choose another column")
    sure = asked is not None or named is not None or len(others) == 1
    if not sure:
        notes.report.append(
            f"{len(others)} columns of numbers could be the prices; {quoted(labels[chosen])} is taken, the first."
        )
    choices = tuple((name, labels[name]) for name in names if name in full)
    notes.guesses["target"] = Guess("target", "Forecast", chosen, choices, sure)
    return chosen
