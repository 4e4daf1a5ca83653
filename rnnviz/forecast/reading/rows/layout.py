"""Layout: which lines of a file are rows, which name the columns, and which stand above, between or below them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.forecast.errors import TableError
from rnnviz.forecast.limits import CELLS, COLUMNS, ROWS
from rnnviz.forecast.reading.rows import looks
from rnnviz.forecast.reading.rows.above import header_lines
from rnnviz.forecast.reading.rows.lines import Flags, Lines, Places
from rnnviz.forecast.reading.rows.separator import Parted
from rnnviz.typed import quoted

_SAMPLE = 300
_CELLS = 20_000
_SEARCHED = 2_000
_MENDED = 50_000


@dataclass(frozen=True, eq=False)
class Layout:
    """The parts of a file, as numbers of lines in ``lines``.

    ``rows``: bool, a line each. ``head``: the lines that name the columns, from the top, none without a header.
    ``first``: the first row. ``last``: the last one. ``blank``: bool, lines without anything in them. ``dates``: the
    column that the rows begin with, as a rule the dates.
    """

    lines: Lines
    width: int
    rows: Flags
    head: tuple[int, ...]
    first: int
    last: int
    blank: Flags
    dates: int
    padded: int = 0


def layout(found: Parted, header: int | None = None) -> Layout:
    """Tell the parts of a file. ``header``: the line that names the columns, from 1, 0 for none; None: by evidence.

    Raises ``TableError`` for a file without rows, and for one with too many of them or too many columns.
    """
    lines, width = found.lines, found.width
    if width > COLUMNS:
        raise TableError(
            f"expected at most {COLUMNS:,} columns, got {width:,}; keep the date and the prices to forecast"
        )
    blank = lines.blank()
    if blank.all():
        raise TableError("expected a table, got a file without text; export it again")
    lines = _trimmed(lines, width, blank)
    lines, padded = _padded(lines, width, blank)
    fits = np.flatnonzero((lines.widths == width) & ~blank)
    if len(fits) > ROWS + _SEARCHED:
        raise TableError(f"expected at most {ROWS:,} rows, got {len(fits):,}; keep the most recent ones")
    if len(fits) * width > CELLS:
        raise TableError(
            f"expected at most {CELLS:,} cells, got {len(fits):,} rows of {width:,}; "
            "keep the date and the prices to forecast"
        )
    if len(fits) < np.count_nonzero(~blank) - len(fits) - _SEARCHED:
        raise TableError(
            f"expected rows with the same number of values, got {len(fits):,} lines with {width} and "
            f"{np.count_nonzero(~blank) - len(fits):,} with others; choose another separator, or export the data again"
        )
    body = _Body(lines, fits, width)
    searched = max(50, min(_SEARCHED, 10 * _CELLS // width))
    if header is None:
        first = next((line for line in fits[:searched].tolist() if body.has(line)), None)
        if first is None:
            raise _no_rows(lines, fits, body)
        head = header_lines(lines, blank, first, width, body.dates)
    else:
        head, first = _chosen(lines, fits, header)
    last = next((line for line in fits[: -searched - 1 : -1].tolist() if body.has(line)), int(fits[-1]))
    rows = (lines.widths == width) & ~blank
    rows[:first] = False
    last = max(last, first)
    rows[last + 1 :] = False
    return Layout(lines, width, rows, head, first, last, blank, body.dates, padded)


class _Body:
    """What most lines look like: the columns in which they hold values."""

    def __init__(self, lines: Lines, fits: Places, width: int) -> None:
        self._lines = lines
        few = fits[
            np.linspace(0, len(fits) - 1, min(len(fits), _SAMPLE, max(20, _CELLS // width)), dtype=int)
        ]
        values = np.zeros(width)
        texts = np.zeros(width)
        for line in few.tolist():
            for column, cell in enumerate(lines.cells(line)):
                if looks.value(cell):
                    values[column] += 1
                elif not looks.missing(cell):
                    texts[column] += 1
        self.columns = np.flatnonzero((values > 0) & (3 * values >= texts))
        self.dates = int(self.columns[0]) if len(self.columns) else 0

    def has(self, line: int) -> bool:
        """Whether the line is a row like the others: a value where they begin, and more values than words."""
        if not len(self.columns):
            return False
        cells = self._lines.cells(line)
        values = sum(looks.value(cells[column]) for column in self.columns)
        texts = sum(not looks.missing(cells[column]) for column in self.columns) - values
        first = cells[self.dates]
        if looks.value(first):
            return texts <= values
        return looks.missing(first) and values > texts and 2 * values >= len(self.columns)


def _trimmed(lines: Lines, width: int, blank: Flags) -> Lines:
    """Separators behind the last value of a line are no defect."""
    wide = np.flatnonzero((lines.widths > width) & ~blank)[:_MENDED]
    return lines.reached([line for line in wide.tolist() if lines.last_value(line) <= width], width)


def _padded(lines: Lines, width: int, blank: Flags) -> tuple[Lines, int]:
    """Where a tenth of the lines end early, and all at the same column, the program left out empty values."""
    short = (lines.widths < width) & (lines.widths > max(2, width // 2)) & ~blank
    count = np.count_nonzero(short)
    if 10 * count < np.count_nonzero(~blank) or not count:
        return lines, 0
    usual = int(np.bincount(lines.widths[short]).argmax())
    early = np.flatnonzero(short & (lines.widths == usual))
    if len(early) < max(3, 0.9 * count):
        return lines, 0
    return lines.reached(early.tolist(), width), len(early)


def _chosen(lines: Lines, fits: Places, header: int) -> tuple[tuple[int, ...], int]:
    """The header that was chosen, and the first row under it."""
    if header < 0 or header > lines.numbers[-1]:
        raise TableError(
            f"expected the number of a line from 1 to {lines.numbers[-1]:,} as header, or 0 for none, got {header}; "
            "choose another one"
        )
    if header == 0:
        return (), int(fits[0])
    line = int(np.searchsorted(lines.numbers, header, side="right")) - 1
    below = fits[fits > line]
    if not len(below):
        raise TableError(f"expected rows below line {header}, got none; choose another header")
    return (line,), int(below[0])


def _no_rows(lines: Lines, fits: Places, body: _Body) -> TableError:
    shown = quoted(lines.shown(int(fits[0]) if len(fits) else 0, ", "))
    if len(fits) <= 3 and not len(body.columns):
        return TableError(
            f"expected rows of dates and prices, got nothing below {shown}; export the data again"
        )
    return TableError(
        f"expected columns of dates and prices, got text alone, such as {shown}; choose another file"
    )
