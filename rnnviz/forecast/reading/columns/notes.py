"""Notes: what is said of a file while it is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from rnnviz.forecast.limits import LEFT_OUT
from rnnviz.forecast.reading.grid import Grid
from rnnviz.forecast.table import Guess
from rnnviz.typed import cleaned

LONGEST = 200
"""So many characters of a line that was left out are kept."""


@dataclass(eq=False)
class Notes:
    """Sentences and rows left out, collected. Rows are row numbers of the grid."""

    grid: Grid
    report: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    guesses: dict[str, Guess] = field(default_factory=dict)
    _left: list[tuple[np.ndarray, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.report.extend(self.grid.report)
        self.warnings.extend(self.grid.warnings)
        self.guesses.update(self.grid.guesses)

    def leave(self, rows: np.ndarray, reason: str) -> None:
        """Leave rows of the grid out."""
        if len(rows):
            self._left.append((np.asarray(rows), reason))

    def left_out(self) -> pd.DataFrame:
        """The first rows that are not used, by line: line, text, reason."""
        found = [(int(line), short(words), reason) for line, words, reason in self.grid.left_out]
        for every, reason in self._left:
            rows = every[np.argsort(self.grid.lines[every], kind="stable")[:LEFT_OUT]]
            some = self.grid.cells.iloc[rows]
            words = some.iloc[:, 0].str.cat(
                [some.iloc[:, i] for i in range(1, min(40, some.shape[1]))], sep=", "
            )
            found += zip(
                self.grid.lines[rows].tolist(), map(short, words.tolist()), [reason] * len(rows), strict=True
            )
        found = sorted(found, key=lambda one: one[0])[:LEFT_OUT]
        return pd.DataFrame(found, columns=["line", "text", "reason"])

    def left_counts(self) -> dict[str, int]:
        """How many rows are not used, by reason, the most frequent first."""
        counts = Counter(self.grid.left_counts)
        for rows, reason in self._left:
            counts[reason] += len(rows)
        return dict(counts.most_common())


def short(words: str) -> str:
    """A line of the file, fit for a cell of a table."""
    words = words[: 2 * LONGEST]
    if not (words.isascii() and words.isprintable()):  # cleaning goes letter by letter
        words = cleaned(words)
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 row", "2,516 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def be(number: int, one: str = "is", many: str = "are") -> str:
    """The verb that goes with so many."""
    return one if number == 1 else many


def listed(words: list[str], most: int = 4) -> str:
    """Words in a row: "a, b and c"; of many the first, and how many more."""
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
