"""Above: the lines over the first row, and which of them name the columns."""

from __future__ import annotations

from rnnviz.forecast.limits import COLUMNS
from rnnviz.forecast.reading import vocabulary
from rnnviz.forecast.reading.rows import looks
from rnnviz.forecast.reading.rows.lines import Flags, Lines
from rnnviz.forecast.reading.rows.separator import NAMES

_DEEPEST = 4
_TYPES = vocabulary.words(
    "datetime date timestamp string str text int integer float float64 double number decimal"
)
_LEVELS = ("", "price", "ticker", "tickers", "symbol", "symbols", "attributes", "field", "security", "name")


def header_lines(lines: Lines, blank: Flags, first: int, width: int, dates: int) -> tuple[int, ...]:
    """The lines that name the columns: those right above the first row that look like names."""
    above = [line for line in range(first - 1, max(-1, first - 60), -1) if not blank[line]][:_DEEPEST]
    while above and _between(lines, above[0], above[1:], width, dates):
        above = above[1:]
    if not above:
        return ()
    if lines.widths[above[0]] != width:
        return (above[0],) if names_other(lines, above[0], width) else ()
    head: list[int] = []
    for line in above:
        cells = lines.cells(line) if lines.widths[line] == width else []
        filled = sum(map(bool, cells))
        alone = filled == 1 and bool(cells[dates]) and not head and vocabulary.is_date(cells[dates])
        full = filled >= max(2, width / 2) or (width == 1 and filled == 1)
        upper = head and (not cells or not _goes_above(cells, lines.cells(head[-1]), dates))
        if not cells or upper or not (alone or full or (head and _spans(cells, lines.cells(head[0])))):
            break
        head.append(line)
    return tuple(reversed(head))


def _between(lines: Lines, line: int, above: list[int], width: int, dates: int) -> bool:
    """Whether a line stands between the names and the rows and is neither: ruled, a remark, a code for each column."""
    if lines.ruled(line):
        return True
    if not any(_names(lines, other, width) for other in above[:2]):
        return False
    if lines.widths[line] != width:
        return not names_other(lines, line, width)
    cells = lines.cells(line)
    return cells[dates].lower() not in _LEVELS and any(cells) and not _wordy(cells, 2)


def _names(lines: Lines, line: int, width: int) -> bool:
    """Whether a line could name the columns."""
    if lines.widths[line] != width:
        return bool(names_other(lines, line, width))
    return _wordy(lines.cells(line), width)


def _wordy(cells: list[str], least: int) -> bool:
    """Whether at least half as many cells as ``least`` are filled, and fewer than half of these look like values."""
    filled = [cell for cell in cells if cell]
    return 2 * len(filled) >= least and 2 * sum(map(looks.value, filled)) < len(filled)


def _goes_above(cells: list[str], below: list[str], dates: int) -> bool:
    """Whether a line is a level of names above another one, rather than a line of the preamble."""
    first = cells[dates].lower().strip()
    if vocabulary.is_date(first):
        return is_units(below, dates) and len(vocabulary.known(" ".join(cells))) > 1
    return first in _LEVELS or sum(map(bool, below)) == 1


def is_units(cells: list[str], dates: int) -> bool:
    """Whether a line under the names says what the values are: `,USD,USD,shares`, or `datetime,float,float`."""
    if all(cell.lower() in _TYPES for cell in cells):
        return True
    return not vocabulary.is_date(cells[dates]) and not vocabulary.known(" ".join(cells))


def _spans(cells: list[str], below: list[str]) -> bool:
    """Whether a line with gaps spans the names below, which repeat: AAPL over several columns, then MSFT."""
    named = [name for name in below if name]
    return not cells[0] and len(set(named)) < len(named) and sum(map(bool, cells)) > 1


def names_other(lines: Lines, line: int, width: int) -> list[str]:
    """The names in a line above the rows that does not have as many values as they have; none where it is no header."""
    if lines.widths[line] > 2 * COLUMNS:
        return []
    cells = lines.cells(line)
    if len(cells) == 1:
        # Names may be separated in another way than the values.
        for mark in NAMES:
            other = [cell.strip(" \"'") for cell in cells[0].split(mark)]
            if len(other) == width and vocabulary.known(cells[0]):
                return other
        return []
    filled = [cell for cell in cells if cell]
    wordy = 3 * sum(looks.value(cell) for cell in filled) < len(filled)
    if len(filled) < 2 or not wordy:
        return []
    near = len(cells) in (width - 1, width + 1) and len(filled) >= len(cells) - 1
    return cells if near or len(vocabulary.known(" ".join(cells))) >= 2 else []
