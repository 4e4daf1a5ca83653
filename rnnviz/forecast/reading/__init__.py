"""Reading: from whatever was uploaded to a tidy table of prices, saying at every step what was done."""

from __future__ import annotations

from rnnviz.forecast.reading.source import Source
from rnnviz.forecast.table import Table


def read_table(
    source: Source,
    *,
    name: str = "",
    encoding: str | None = None,
    delimiter: str | None = None,
    header: int | None = None,
    date_column: str | None = None,
    dates: str | None = None,
    decimal: str | None = None,
    ticker: str | None = None,
    target: str | None = None,
) -> Table:
    """Read a table of prices from a path, bytes or a file.

    What is None is told by evidence over the whole file; ``Table.guesses`` holds what was found under these names, and
    a value given here overrules it. ``header`` is the line that names the columns, from 1; 0: there is none. ``dates``
    is "ymd", "dmy", "mdy", "seconds", "milliseconds", ...; ``decimal`` is "." or ",".

    Raises :class:`~rnnviz.forecast.TableError` with one sentence for what cannot be read.
    """
    from rnnviz.forecast.reading.columns.table import table_of
    from rnnviz.forecast.reading.rows.file import grid_of

    grid = grid_of(source, name=name, encoding=encoding, delimiter=delimiter, header=header)
    return table_of(
        grid, name=name, date_column=date_column, dates=dates, decimal=decimal, ticker=ticker, target=target
    )
