"""Grid: a file as text cells in columns, before anybody has asked what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from rnnviz.forecast.table import Guess


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a file. Every cell is text, stripped of blanks and quotes, "" where there is none.

    ``names``: one for each column, unique, as the file has them (made up "column 1", ... where ``header`` is False).
    ``cells``: a DataFrame of str columns 0..n-1, one row a line of data. ``lines``: the line of the file that each row
    began on, from 1. ``report``, ``warnings``, ``left_out`` and ``left_counts`` as in
    :class:`~rnnviz.forecast.table.Table`: what has been detected, and the lines that are no row of the table (preamble,
    footer, ragged). ``ticker``: the name of the security where the header or the preamble tells it.
    """

    names: tuple[str, ...]
    cells: pd.DataFrame
    lines: np.ndarray
    header: bool
    report: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    left_out: tuple[tuple[int, str, str], ...] = ()
    guesses: Mapping[str, Guess] = field(default_factory=dict)
    ticker: str = ""
    left_counts: Mapping[str, int] = field(default_factory=dict)
