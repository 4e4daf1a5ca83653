"""Header: the names of the columns from the lines that hold them, and what else these lines say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rnnviz.forecast.errors import TableError
from rnnviz.forecast.reading import vocabulary
from rnnviz.forecast.reading.rows import looks, mend
from rnnviz.forecast.reading.rows.above import is_units, names_other
from rnnviz.forecast.reading.rows.layout import Layout
from rnnviz.typed import cleaned, quoted

_TICKER_WORDS = ("ticker", "tickers", "symbol", "symbols")
_TICKER = re.compile(
    r"[\^$]?[A-Z0-9][A-Z0-9.\-=^:_/]{0,14}(?: [A-Z]{2}(?: (?:Equity|Index|Curncy|Comdty))?)?", re.A
)
_NO_TICKER = vocabulary.words(
    "USD EUR GBP JPY CNY CHF HKD INR PLN USX OHLC CSV DATE OPEN HIGH LOW CLOSE PRICE VOLUME"
)
_LABELLED = re.compile(
    r"\s*[#\"']*(?:ticker|symbol|security|instrument|stock|code|isin|wkn|titel|wertpapier|代码|证券代码|股票代码|銘柄コード)"
    r"(?:\s+(?:symbol|name|code))?\s*[:=,;\t|\s]\s*\"?([^,;\t|\"]{1,60})",
    re.I,
)
_LONGEST = 200


@dataclass(frozen=True)
class Names:
    """The names, "" where a column has none. ``groups``: the columns that make each, where values were broken."""

    names: tuple[str, ...]
    groups: mend.Groups | None = None
    ticker: str = ""
    report: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def names_of(found: Layout, rows: Sequence[Sequence[str]], chosen: bool) -> Names:
    """The names of the columns. ``rows``: the cells of some rows. ``chosen``: the header line was chosen by the user.

    Raises ``TableError`` where names and values do not match and it stays open how.
    """
    lines, width = found.lines, found.width
    if not found.head:
        return Names(("",) * width)
    if len(found.head) > 1:
        return _levels([lines.cells(line) for line in found.head], found)
    line = found.head[0]
    cells = lines.cells(line)
    if len(cells) != width:
        cells = names_other(lines, line, width) or cells
    while len(cells) > 1 and not cells[-1] and len(cells) > width:
        cells = cells[:-1]
    number = lines.numbers[line]
    report = (f"Line {number} names the columns.",)
    if len(cells) == width:
        return Names(tuple(cells), report=report)
    if len(cells) > width:
        said = (
            f"Line {number} has {len(cells)} names and the rows {width} values; the last names are left out."
        )
        return Names(tuple(cells[:width]), report=report, warnings=(said,))
    extra = width - len(cells)
    if not any(any(row[-extra:]) for row in rows):
        return Names((*cells, *[""] * extra), report=report)
    dated = any(vocabulary.is_date(cell) for cell in cells)
    if extra == 1 and (not dated or _counts_up(rows)):
        return Names(("", *cells), report=(*report, "The first column has no name."))
    if groups := mend.groups(cells, rows):
        broken = [name for name, group in zip(cells, groups, strict=True) if len(group) > 1]
        shown = ", ".join(quoted(name, marks=False) for name in broken[:4]) + (
            " ..." if len(broken) > 4 else ""
        )
        said = (
            f"The separator also stands inside values and broke them in two; they were joined again: {shown}."
        )
        return Names(tuple(cells), groups, report=report, warnings=(said,))
    if chosen:
        return Names((*cells, *[""] * extra), report=report)
    raise TableError(
        f"expected {len(cells)} values in each row, as line {number} names them, got {width}: the separator seems to "
        "stand inside numbers as well; save the file with semicolons, or with quotes around numbers"
    )


def ticker_above(lines: Sequence[str]) -> str:
    """The security that a line above the table names: `Symbol: AAPL`, `Security,AAPL US Equity`."""
    for line in lines:
        if hit := _LABELLED.match(line):
            return cleaned(hit[1]).strip()
    return ""


def ticker_before(names: Sequence[str]) -> str:
    """The security that stands before a dot in all names but the date's: `AAPL.Open`, `AAPL.Close`."""
    heads = {name.rpartition(".")[0] for name in names if name and not vocabulary.is_date(name)}
    return heads.pop() if len(heads) == 1 and len(names) > 2 and _TICKER.fullmatch(next(iter(heads))) else ""


def unique(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names, one each, made up for columns without one, and sentences on what was changed."""
    taken: set[str] = set()
    given: list[str] = []
    twice: list[str] = []
    for position, name in enumerate(names, start=1):
        plain = re.sub(r"\s+", " ", name[:_LONGEST]).strip() or f"column {position}"
        free, count = plain, 1
        while free in taken:
            count += 1
            free = f"{plain} ({count})"
        if count == 2:
            twice.append(plain)
        taken.add(free)
        given.append(free)
    shown = ", ".join(quoted(name) for name in twice[:3]) + (" ..." if len(twice) > 3 else "")
    said = (f"Several columns have the same name: {shown}; they are numbered.",) if twice else ()
    return tuple(given), said


def _levels(levels: list[list[str]], found: Layout) -> Names:
    """Names from several lines: what a line says throughout is no part of them, a gap repeats what stands before it."""
    dates, width = found.dates, found.width
    others = [column for column in range(width) if column != dates]
    first, last = (found.lines.numbers[line] for line in (found.head[0], found.head[-1]))
    report = [f"Lines {first} {'and' if last == first + 1 else 'to'} {last} name the columns."]
    ticker = ""
    kept: list[list[str]] = []
    named = _named(levels, others)
    for depth, level in enumerate(levels):
        filled = {level[column] for column in others if level[column]}
        label = level[dates].lower()
        if not filled:
            continue
        if len(filled) == 1 and depth != named:
            only = next(iter(filled))
            if label in _TICKER_WORDS or (_TICKER.fullmatch(only) and only not in _NO_TICKER):
                ticker = ticker or only
                report.append(f"They are all of {quoted(only)}.")
            else:
                report.append(f"All columns are marked {quoted(only)}.")
            continue
        if depth > named and is_units(level, dates):
            report.append(f"Line {found.lines.numbers[found.head[depth]]} says the units.")
            continue
        kept.append(level if depth == len(levels) - 1 else _spread(level, dates))
    names = [
        " ".join(dict.fromkeys(level[column] for level in kept if level[column])) for column in range(width)
    ]
    own = [level[dates] for level in levels if level[dates]]
    names[dates] = next((name for name in own if vocabulary.is_date(name)), own[-1] if own else "")
    return Names(tuple(names), ticker=ticker, report=tuple(report))


def _named(levels: list[list[str]], others: list[int]) -> int:
    """The level that says what the columns hold: the one with the most words that head columns."""
    words = [len(vocabulary.known(" ".join(level[column] for column in others))) for level in levels]
    return max(range(len(levels)), key=lambda depth: words[depth])


def _spread(level: list[str], dates: int) -> list[str]:
    spread = list(level)
    for column in range(1, len(spread)):
        if not spread[column] and column - 1 != dates:
            spread[column] = spread[column - 1]
    return spread


def _counts_up(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first column numbers the rows."""
    first = [row[0] for row in rows[:50]]
    return all(looks.value(cell) and cell.isdecimal() for cell in first) and all(
        int(a) < int(b) for a, b in pairwise(first)
    )
