"""What was found, in sentences, and as guesses that may be overruled."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from rnnviz.forecast.reading.columns.cells import Cells
from rnnviz.forecast.reading.columns.locate import Place
from rnnviz.forecast.reading.columns.marks import Marks
from rnnviz.forecast.reading.columns.notes import Notes, be, count, listed
from rnnviz.forecast.reading.columns.numbers import Numbers, Numerals
from rnnviz.forecast.reading.columns.tidy import written
from rnnviz.forecast.reading.dates.calendars import newest
from rnnviz.forecast.reading.dates.column import LABELS, Dates
from rnnviz.forecast.table import Guess
from rnnviz.typed import quoted

MARKS = ((".", "point, as in 1,234.56"), (",", "comma, as in 1.234,56"))
"""The decimal marks to choose from."""


def place(notes: Notes, cells: Cells, where: Place) -> None:
    """Where the dates are."""
    choices = tuple((cells.names[n], cells.names[n]) for n in where.others if n not in where.parts[1:])
    value = cells.names[where.date]
    notes.guesses["date_column"] = Guess("date_column", "Dates", value, choices)
    if where.parts:
        names = listed([quoted(cells.names[number]) for number in where.parts])
        notes.report.append(f"Dates are in columns of their own parts, {names}.")
    if where.time is not None:
        notes.report.append(f"Times are in a column of their own, {quoted(cells.names[where.time])}.")


def security(notes: Notes, name: str) -> None:
    """The one security of a file."""
    notes.guesses["ticker"] = Guess("ticker", "Security", name, ((name, name),))


def first(text: pa.Array) -> str:
    """The first cell that holds anything, quoted."""
    some = text.drop_null()
    return quoted(some[0].as_py(), marks=True) if len(some) else "empty cells"


def dates(notes: Notes, text: pa.Array, found: Dates, asked: bool) -> None:
    """How dates are written."""
    choices = tuple((how, LABELS[how]) for how in dict.fromkeys((found.how, *found.choices)))
    notes.guesses["dates"] = Guess("dates", "Order of dates", found.how, choices, found.sure or asked)
    row = int(np.flatnonzero(~np.isnat(found.values))[0])
    example = f"{quoted(text[row].as_py())} is {written(found.values[row])}"
    if found.sure or asked:
        notes.report.append(f"Dates are read as {LABELS[found.how]}: {example}.")
    else:
        notes.report.append(
            f"The file does not settle the order of day and month; dates are read as {LABELS[found.how]}: {example}."
        )
    if len(found.ways) > 1:
        ways = listed([f"{LABELS[how]} ({number:,})" for how, number in found.ways], 5)
        notes.report.append(f"Dates are written in {len(found.ways)} ways: {ways}.")
    if found.calendar:
        notes.report.append(f"Years are counted as in {found.calendar}.")
    if found.short:
        notes.report.append(
            f"Years of two digits are read as {newest() - 99} to {newest()}, since prices are of the past."
        )


def dateless(notes: Notes, text: pa.Array, found: Dates, rows: np.ndarray) -> None:
    """The rows that have no date."""
    missing = ~text.is_valid().to_numpy(zero_copy_only=False).astype(bool)
    for where, reason, said in (
        (missing, "no date", "without a date"),
        (found.beyond, "a date that stands for none", "with a date that stands for none"),
        (
            np.isnat(found.values) & ~missing & ~found.beyond,
            "no date that can be read",
            "whose date cannot be read",
        ),
    ):
        gone = np.flatnonzero(where)
        notes.leave(rows[gone], reason)
        if len(gone):
            example = "" if where is missing else f"{quoted(text[int(gone[0])].as_py())} on "
            line = notes.grid.lines[rows[gone[0]]]
            notes.report.append(
                f"{count(len(gone), 'row')} {said} {be(len(gone))} left out (first {example}line {line})."
            )


def marks(notes: Notes, cells: Cells, texts: Mapping[int, Numerals], found: Marks) -> None:
    """Which mark is the decimal one."""
    notes.guesses["decimal"] = Guess("decimal", "Decimal mark", found.main, MARKS, found.sure)
    number = next((n for n, column in texts.items() if column.open), None)
    if not found.sure and number is not None:
        example = quoted(_with_mark(texts[number].cells), marks=True)
        word = "decimal" if found.main in example else "thousands"
        notes.report.append(
            f"The decimal mark is a {_name(found.main)} {found.why}: in {example} the mark is taken for a {word} mark, "
            "which the file does not prove."
        )
    elif found.main == "," or found.why in ("as the smoother course shows", "as you set it"):
        notes.report.append(f"The decimal mark is a {_name(found.main)}, {found.why}.")
    if found.mixed:
        other = [quoted(cells.names[n]) for n, mark in found.by_column.items() if mark != found.main]
        notes.report.append(
            f"Columns differ in their decimal mark: it is a {_name('.' if found.main == ',' else ',')} in "
            f"{listed(other)}."
        )


def _with_mark(cells: pa.Array) -> str:
    return next((text for text in cells.drop_null().to_pylist() if "." in text or "," in text), "")


def _name(mark: str) -> str:
    return "comma" if mark == "," else "point"


def numbers(notes: Notes, cells: Cells, read: Mapping[int, Numbers], rows: np.ndarray) -> None:
    """Cells that are no numbers, and infinite ones."""
    for number, column in read.items():
        name = quoted(cells.names[number])
        for where, one, many in (
            (column.unread, "is no number and counts", "are no numbers and count"),
            (column.infinite, "is infinite and counts", "are infinite and count"),
        ):
            gone = np.flatnonzero(where)
            if len(gone):
                text = quoted(cells[number][int(gone[0])].as_py(), marks=True)
                verb = one if len(gone) == 1 else many
                notes.report.append(
                    f"{count(len(gone), 'cell')} of {name} {verb} as missing (first {text} on line "
                    f"{notes.grid.lines[rows[gone[0]]]})."
                )


def rows(notes: Notes, frame: pd.DataFrame, target: str, labels: Mapping[str, str]) -> None:
    """How much there is in the end."""
    moments = frame["date"].to_numpy()
    notes.report.insert(
        0, f"{count(len(frame), 'row')} from {written(moments[0])} to {written(moments[-1])}."
    )
    missing = int(frame[target].isna().sum())
    if missing:
        notes.report.append(
            f"{count(missing, 'row')} without a value of {quoted(labels[target])} {be(missing)} not used for its "
            "forecast."
        )
