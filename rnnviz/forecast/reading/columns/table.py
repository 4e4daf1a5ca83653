"""Columns: from a grid of text to a tidy table of prices, each guess by evidence over all rows, and said."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rnnviz.forecast.errors import TableError
from rnnviz.forecast.reading.columns import checks, naming, securities, telling, tidy
from rnnviz.forecast.reading.columns.cells import Cells
from rnnviz.forecast.reading.columns.locate import Place, place, with_time
from rnnviz.forecast.reading.columns.marks import Marks, marks_of
from rnnviz.forecast.reading.columns.notes import Notes, be, count
from rnnviz.forecast.reading.columns.numbers import Numbers, Numerals, numbers
from rnnviz.forecast.reading.columns.roles import Named, comma_language, named
from rnnviz.forecast.reading.dates.column import LABELS, Dates, dates_of
from rnnviz.forecast.reading.grid import Grid
from rnnviz.forecast.table import Table
from rnnviz.typed import quoted


def table_of(
    grid: Grid,
    *,
    name: str = "",
    date_column: str | None = None,
    dates: str | None = None,
    decimal: str | None = None,
    ticker: str | None = None,
    target: str | None = None,
) -> Table:
    """Tell what the cells of a grid mean. The arguments overrule guesses, as in ``read_table``.

    Raises :class:`~rnnviz.forecast.TableError` where there are no dates or no numbers, or a choice does not fit.
    """
    _check(grid, date_column, dates, decimal)
    notes = Notes(grid)
    cells, rows = Cells(grid.names, grid.cells), np.arange(len(grid.cells))
    kinds = named(grid.names) if grid.header else tuple(Named(None) for _ in grid.names)
    kinds = securities.beside(kinds, ticker, notes)
    roles = [kind.role for kind in kinds]
    where = place(cells, roles, None if date_column is None else grid.names.index(date_column))
    telling.place(notes, cells, where)
    codes, kept = securities.below(cells, roles, where.date, ticker, notes)
    _check_ticker(grid, ticker, notes)
    if kept is not None:
        cells, rows = cells.rows(kept), rows[kept]
    found = _dates(cells, where, dates, notes, rows)
    taken = {where.date, where.time, codes, *where.others}
    texts = naming.numeric(cells, roles, taken, notes)
    marks = _marks(cells, roles, texts, decimal, notes)
    read = {number: numbers(text, marks.by_column[number]) for number, text in texts.items()}
    telling.numbers(notes, cells, read, rows)
    order, moments = _rows(found, read, rows, notes)
    values = {number: one.values[order] for number, one in read.items()}
    columns = naming.columns(grid.names, roles, values, notes, header=grid.header)
    frame = pd.DataFrame({"date": moments, **{c.name: values[c.number] for c in columns}})
    labels = {"date": grid.names[where.date], **{c.name: grid.names[c.number] for c in columns}}
    chosen = naming.target(columns, labels, values, target, notes)
    checks.mend(frame, columns, notes)
    checks.warn(frame, chosen, columns, labels, notes)
    telling.rows(notes, frame, chosen, labels)
    return Table(
        frame=frame,
        date_column="date",
        target=chosen,
        targets=tuple(c.name for c in columns),
        roles={c.role: c.name for c in columns if c.role},
        labels=labels,
        report=tuple(notes.report),
        warnings=tuple(notes.warnings),
        left_out=notes.left_out(),
        left_counts=notes.left_counts(),
        guesses=notes.guesses,
        name=name,
    )


def _check(grid: Grid, date_column: str | None, dates: str | None, decimal: str | None) -> None:
    """Choices that no file could fit."""
    if date_column is not None and date_column not in grid.names:
        some = ", ".join(quoted(name) for name in grid.names[:8])
        raise TableError(f"expected one of the columns {some}, got {quoted(date_column)}")
    if dates is not None and dates not in LABELS:
        raise TableError(f"expected dates to be one of {', '.join(LABELS)}; got {quoted(dates)}")
    if decimal not in (None, ".", ","):
        raise TableError(f'expected the decimal mark to be "." or ",", got {quoted(decimal)}')
    if not len(grid.cells):
        raise TableError("expected rows of prices, got none; the file may hold a header only")


def _check_ticker(grid: Grid, ticker: str | None, notes: Notes) -> None:
    if ticker is not None and "ticker" not in notes.guesses and ticker != grid.ticker:
        raise TableError(f"expected a file with several securities to choose {quoted(ticker)} from, got one")
    if grid.ticker and "ticker" not in notes.guesses:
        telling.security(notes, grid.ticker)


def _dates(cells: Cells, where: Place, how: str | None, notes: Notes, rows: np.ndarray) -> Dates:
    """Read the dates. Raises where fewer than half the cells are any."""
    text = with_time(cells, where)
    found = dates_of(text, how, day_first=comma_language(cells.names))
    column = quoted(cells.names[where.date])
    if how is not None and how not in dict(found.ways):
        raise TableError(
            f"expected dates as {LABELS[how]} in {column}, got {telling.first(text)}; choose another order"
        )
    if 2 * found.read < len(text.drop_null()) or not found.read:
        raise TableError(
            f"expected dates in {column}, got {telling.first(text)}: only {found.read:,} of "
            f"{count(len(text), 'row')} can be read; choose another column or order"
        )
    telling.dates(notes, text, found, how is not None)
    telling.dateless(notes, text, found, rows)
    return found


def _marks(
    cells: Cells, roles: list[str | None], texts: Mapping[int, Numerals], decimal: str | None, notes: Notes
) -> Marks:
    prices = [n for n in texts if roles[n] in naming.PRICED] or [n for n in texts if roles[n] != "volume"]
    separator = notes.guesses.get("delimiter")
    marks = marks_of(
        texts,
        prices or list(texts),
        forced=decimal,
        comma_language=comma_language(cells.names),
        semicolon=separator is not None and separator.value in (";", "\t"),
    )
    telling.marks(notes, cells, texts, marks)
    return marks


def _rows(
    found: Dates, read: Mapping[int, Numbers], rows: np.ndarray, notes: Notes
) -> tuple[np.ndarray, np.ndarray]:
    """The rows that are used, by date, as numbers into the columns; and their moments."""
    table = np.stack([one.values for one in read.values()])
    dated, filled = ~np.isnat(found.values), ~np.isnan(table).all(axis=0)
    empty = np.flatnonzero(dated & ~filled)
    notes.leave(rows[empty], "no number in any column")
    if len(empty):
        notes.report.append(f"{count(len(empty), 'row')} without any number {be(len(empty))} left out.")
    used = np.flatnonzero(dated & filled)
    if not len(used):
        raise TableError(
            "expected numbers beside the dates, got none; check the decimal mark and the columns"
        )
    moments = tidy.without_zone(found, used, notes)
    order, moments = tidy.by_date(moments, used, table, rows, notes)
    return order, tidy.without_time(moments, notes)
