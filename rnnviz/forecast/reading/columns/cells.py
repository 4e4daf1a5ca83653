"""Cells: the columns of a grid as Arrow text, made ready when they are first asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from rnnviz.forecast.reading import text


class Cells:
    """The columns of a table of text: ``names``, ``width`` of them, ``len()`` rows."""

    def __init__(self, names: tuple[str, ...], cells: pd.DataFrame) -> None:
        self.names, self._cells = names, cells
        self._ready: dict[int, pa.Array] = {}

    @property
    def width(self) -> int:
        """The number of columns."""
        return int(self._cells.shape[1])

    def __len__(self) -> int:
        return len(self._cells)

    def __getitem__(self, number: int) -> pa.Array:
        """A column in ordinary signs, null where a cell is empty."""
        if number not in self._ready:
            self._ready[number] = text.column(self._cells.iloc[:, number])
        return self._ready[number]

    def sample(self, number: int, most: int) -> pa.Array:
        """At most so many cells that hold something, spread over the whole column, in its order."""
        n = len(self)
        if n <= 4 * most:
            some = self[number]
        elif number in self._ready:
            some = self._ready[number].take(pa.array(_spread(n, 4 * most)))
        else:
            some = text.column(self._cells.iloc[_spread(n, 4 * most), number])
        some = some.drop_null()
        return some if len(some) <= most else some.take(pa.array(_spread(len(some), most)))

    def rows(self, kept: np.ndarray) -> Cells:
        """The table of these rows alone."""
        return Cells(self.names, self._cells.iloc[kept])


def _spread(n: int, most: int) -> np.ndarray:
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.int64))
