"""Several securities in one file: one below the other, or side by side. One is taken, the others are a choice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rnnviz.forecast.errors import TableError
from rnnviz.forecast.limits import LOOKED_AT
from rnnviz.forecast.reading.columns.cells import Cells
from rnnviz.forecast.reading.columns.notes import Notes, count
from rnnviz.forecast.reading.columns.roles import Named
from rnnviz.forecast.table import Guess
from rnnviz.typed import quoted

OFFERED = 500
"""So many securities stand in the choice, those with the most rows first."""


def below(
    cells: Cells, roles: Sequence[str | None], date: int, asked: str | None, notes: Notes
) -> tuple[int | None, np.ndarray | None]:
    """Securities in rows: the column with their names, and the rows of the one that is taken. None where all are."""
    number = _column(cells, roles, date)
    if number is None:
        return None, None
    names = pd.Series(cells[number].to_pylist(), dtype="str").str.strip("'=\"").fillna("")
    counts = names[names != ""].value_counts(sort=False)
    # Most rows first, the first in the file of those with as many.
    counts = counts.sort_values(ascending=False, kind="stable")
    if not len(counts):
        return number, None
    taken = _taken(asked, list(counts.index))
    if len(counts) == 1 and (names == taken).all():
        notes.guesses["ticker"] = Guess("ticker", "Security", taken, ((taken, taken),))
        return number, None
    rows = np.flatnonzero(names == taken)
    choices = tuple(
        (name, f"{name} ({count(rows_of, 'row')})") for name, rows_of in counts.head(OFFERED).items()
    )
    notes.guesses["ticker"] = Guess(
        "ticker", "Security", taken, choices, asked is not None or len(counts) == 1
    )
    notes.report.append(
        f"The file holds {count(len(counts), 'security', 'securities')}; {quoted(taken)} is used, and "
        f"{count(len(names) - len(rows), 'row')} of others are not."
    )
    return number, rows


def beside(named: Sequence[Named], asked: str | None, notes: Notes) -> tuple[Named, ...]:
    """Securities in columns: the columns with the roles of the one that is taken, those of others without any."""
    found = list(dict.fromkeys(one.security for one in named if one.security))
    if not found:
        return tuple(named)
    taken = _taken(asked, found)
    choices = tuple((name, name) for name in found[:OFFERED])
    notes.guesses["ticker"] = Guess(
        "ticker", "Security", taken, choices, asked is not None or len(found) == 1
    )
    if len(found) > 1:
        notes.report.append(f"The columns hold {len(found)} securities; those of {quoted(taken)} are used.")
    return tuple(Named("skip") if one.security not in ("", taken) else one for one in named)


def _taken(asked: str | None, found: Sequence[str]) -> str:
    if asked is None:
        return found[0]
    if asked not in found:
        some = ", ".join(quoted(name) for name in found[:5])
        raise TableError(
            f"expected one of the {count(len(found), 'security', 'securities')} in the file ({some}), "
            f"got {quoted(asked)}"
        )
    return asked


def _column(cells: Cells, roles: Sequence[str | None], date: int) -> int | None:
    """The column that names the securities: by its header, or the text that tells rows of one date apart."""
    called = [number for number, role in enumerate(roles) if role == "ticker" and number != date]
    many = [number for number in called if _different(cells, number) > 1]
    if _different(cells, date) > 0.8 * len(cells):
        # A code and a name beside it say the same; a column of names with a date each is no list of securities.
        return next((n for n in called if _different(cells, n) * 2 <= max(2, len(cells))), None)
    if many:
        return many[0]
    dates = pd.Series(cells[date].to_pylist(), dtype="str")
    for number in range(min(cells.width, LOOKED_AT)):
        if number == date or roles[number] is not None:
            continue
        words = pd.Series(cells[number].to_pylist(), dtype="str")
        text = words.str.contains(r"[^\W\d_]", na=False).mean() > 0.9
        if text and 1 < words.nunique() <= len(words) / 2:
            both = pd.DataFrame({"date": dates, "word": words}).duplicated()
            if both.mean() < 0.2 * dates.duplicated().mean():
                return number
    return called[0] if called else None


def _different(cells: Cells, number: int) -> int:
    return len(cells[number].drop_null().dictionary_encode().dictionary)
