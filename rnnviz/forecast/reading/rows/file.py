"""Rows: from the bytes of a file to a grid of text cells, whatever program wrote it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from rnnviz.forecast.limits import LEFT_OUT
from rnnviz.forecast.reading.grid import Grid
from rnnviz.forecast.reading.rows import looks
from rnnviz.forecast.reading.rows.encoding import decode
from rnnviz.forecast.reading.rows.foreign import readable, refuse, refuse_markup
from rnnviz.forecast.reading.rows.header import names_of, ticker_above, ticker_before, unique
from rnnviz.forecast.reading.rows.layout import Layout, layout
from rnnviz.forecast.reading.rows.lines import Flags, Places
from rnnviz.forecast.reading.rows.mend import Groups
from rnnviz.forecast.reading.rows.separator import Parted, part
from rnnviz.forecast.reading.source import Source, load
from rnnviz.forecast.table import Guess
from rnnviz.typed import quoted

_LOOKED_AT = 2_000
_HEADERS = 12
_PLACES = ("above the table", "between names and rows", "below the table", "the header again", "a ruled line")
_OPEN = "a quote that does not close"
_MARGIN = " \t'\xa0\u3000\u202f\u2009\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def grid_of(
    source: Source,
    *,
    name: str = "",
    encoding: str | None = None,
    delimiter: str | None = None,
    header: int | None = None,
) -> Grid:
    """The cells of a file: path, bytes or an open file. ``name`` is what people call it.

    What is None is told by evidence over the whole file; a value overrules it, as in
    :func:`~rnnviz.forecast.read_table`. Every line of the file is a row, part of the header, blank, or counted in
    ``left_counts``. Raises :class:`~rnnviz.forecast.TableError` with one sentence for what is no table of text.
    """
    parted, encoded, read, odd = _values(source, encoding, delimiter)
    found = layout(parted, header)
    cells = _cells(found)
    numbers = np.flatnonzero(found.rows)
    few = numbers[
        np.linspace(0, len(numbers) - 1, min(len(numbers), max(20, _LOOKED_AT // found.width)), dtype=int)
    ]
    named = names_of(found, [found.lines.cells(line) for line in few.tolist()], chosen=header is not None)
    names = list(named.names)
    if named.groups:
        cells = _joined(cells, named.groups)
    cells, names, dropped = _without_nothing(cells, names)
    given, twice = unique(names)
    again = _header_again(cells, names) if found.head else np.zeros(len(cells), bool)
    left_out, counts = _left_out(found, parted, numbers[again])
    if again.any():
        cells, numbers = cells[~again].reset_index(drop=True), numbers[~again]
    above = [text for number, text, _ in left_out if number < found.lines.numbers[found.first]]
    return Grid(
        names=given,
        cells=cells,
        lines=found.lines.numbers[numbers],
        header=bool(found.head),
        report=(*read, *parted.report, *_said(found, counts), *named.report, *dropped),
        warnings=(*odd, *_odd(found, parted, counts), *named.warnings, *twice),
        left_out=left_out,
        guesses={
            "encoding": encoded,
            "delimiter": parted.guess,
            "header": _header_guess(found, parted, header is not None),
        },
        ticker=named.ticker or ticker_above(above) or ticker_before(names),
        left_counts=counts,
    )


def _values(
    source: Source, encoding: str | None, delimiter: str | None
) -> tuple[Parted, Guess, tuple[str, ...], tuple[str, ...]]:
    """The values of all lines, the encoding, and sentences on what was done and what is odd."""
    data, packed = load(source)
    refuse(data)
    decoded = decode(data, encoding)
    refuse_markup(decoded.text)
    text, odd = readable(decoded.text)
    return part(text, delimiter), decoded.guess, (*packed, *decoded.report), (*decoded.warnings, *odd)


def _cells(found: Layout) -> pd.DataFrame:
    """The rows as columns of text, stripped."""
    text = found.lines.only(found.rows)
    table = csv.read_csv(
        pa.py_buffer(text),
        read_options=csv.ReadOptions(
            column_names=[str(column) for column in range(found.width)],
            block_size=len(text) + 1,
            use_threads=False,
        ),
        parse_options=csv.ParseOptions(
            delimiter="\x1f",
            quote_char=False,
            double_quote=False,
            escape_char=False,
            ignore_empty_lines=False,
        ),
        convert_options=csv.ConvertOptions(
            column_types={str(column): pa.large_string() for column in range(found.width)},
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    if not text.isascii() or any(mark in text and _at_an_edge(mark, text) for mark in (b" ", b"\t", b"'")):
        table = pa.table(
            [pc.utf8_trim(column, _MARGIN) for column in table.columns], names=table.column_names
        )
    cells: pd.DataFrame = table.to_pandas()
    return cells.set_axis(range(found.width), axis=1)


def _at_an_edge(mark: bytes, text: bytes) -> bool:
    """Whether a value begins or ends with the mark."""
    return text.startswith(mark) or any(
        pair in text for between in (b"\x1f", b"\n") for pair in (mark + between, between + mark)
    )


def _joined(cells: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    """Values that the separator broke in two, whole again."""
    columns = {}
    for column, group in enumerate(groups):
        whole = cells[group[0]]
        for other in group[1:]:
            whole = whole + "," + cells[other]
        columns[column] = whole
    return pd.DataFrame(columns)


def _without_nothing(
    cells: pd.DataFrame, names: list[str]
) -> tuple[pd.DataFrame, list[str], tuple[str, ...]]:
    """Columns without name and value are no columns; those at the edges come from separators that end the lines."""
    kept = [i for i, name in enumerate(names) if name or (cells[i] != "").any()]
    if len(kept) == len(names) or not kept:
        return cells, names, ()
    count = kept[-1] + 1 - kept[0] - len(kept)
    said = (f"{count} column{'s' if count > 1 else ''} without name and values left out.",) if count else ()
    return cells[kept].set_axis(range(len(kept)), axis=1), [names[i] for i in kept], said


def _header_again(cells: pd.DataFrame, names: list[str]) -> Flags:
    """Rows that repeat the header: files put together from several."""
    same = np.ones(len(cells), bool)
    for column, name in enumerate(names):
        same &= (cells[column] == name).to_numpy(bool)
        if not same.any():
            break
    return same


def _left_out(
    found: Layout, parted: Parted, again: Places
) -> tuple[tuple[tuple[int, str, str], ...], Counter[str]]:
    """The lines with something in them that are no row: number, text, reason of the first, reasons of all counted."""
    lines = found.lines
    unused = ~found.rows & ~found.blank
    unused[list(found.head)] = False
    unused[again] = True
    repeated = {int(line) for line in again}
    left: list[tuple[int, str, str]] = []
    counts: Counter[str] = Counter()
    for line in np.flatnonzero(unused).tolist():
        number = int(lines.numbers[line])
        if lines.ruled(line):
            reason = "a ruled line"
        elif line < found.first:
            reason = "between names and rows" if found.head and line > found.head[0] else "above the table"
        elif line in repeated:
            reason = "the header again"
        elif line > found.last and not looks.value(lines.shown(line, "\x1f").partition("\x1f")[0].strip()):
            reason = "below the table"
        elif number - 1 < len(parted.odd) and parted.odd[number - 1]:
            reason = _OPEN
        else:
            count = int(lines.widths[line])
            reason = f"{count} value{'s' if count > 1 else ''} where {found.width} are expected"
        counts[reason] += 1
        if len(left) < LEFT_OUT:
            left.append((number, lines.shown(line, parted.mark), reason))
    return tuple(left), counts


def _said(found: Layout, counts: Counter[str]) -> list[str]:
    report = [] if found.head else ["No line names the columns."]
    for place in _PLACES:
        if count := counts[place]:
            report.append(f"{count:,} line{'s' if count > 1 else ''} left out: {place}.")
    blank = int(found.blank[: found.last].sum())
    if blank:
        report.append(f"{blank:,} empty line{'s' if blank > 1 else ''} skipped.")
    if found.padded:
        report.append(f"{found.padded:,} rows end early; what they lack is taken as empty.")
    return report


def _odd(found: Layout, parted: Parted, counts: Counter[str]) -> list[str]:
    warnings = []
    odd = int(parted.odd.sum())
    kept = odd - counts[_OPEN]
    if odd == 1:
        line = int(parted.odd.argmax()) + 1
        warnings.append(
            f"A quote that does not close stands in line {line}; the line was read by itself"
            f"{' and kept' if kept else ' and left out'}."
        )
    elif odd:
        warnings.append(
            f"Quotes that do not close stand in {odd:,} lines; each was read by itself, and {kept:,} of them were kept."
        )
    ragged = sum(count for reason, count in counts.items() if "are expected" in reason)
    if ragged:
        warnings.append(
            f"{ragged:,} line{'s' if ragged > 1 else ''} left out: not the {found.width} values that a row has."
        )
    return warnings


def _header_guess(found: Layout, parted: Parted, chosen: bool) -> Guess:
    lines = found.lines
    value = str(lines.numbers[found.head[-1]]) if found.head else "0"
    full = [int(line) for line in np.flatnonzero(~found.blank[: found.first + 1])][-_HEADERS:]
    choices = [("0", "no header")]
    choices += [
        (str(lines.numbers[i]), f"line {lines.numbers[i]}: {quoted(lines.shown(i, parted.mark))}")
        for i in full
    ]
    return Guess("header", "Header", value, tuple(choices), chosen or bool(found.head))
