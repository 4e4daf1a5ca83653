"""Rows: from the bytes of a file to a grid of text cells."""

from __future__ import annotations

import csv
import io
from collections import Counter
from os import PathLike, fspath
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from rnnviz.forecast.errors import TableError
from rnnviz.forecast.reading.grid import Grid
from rnnviz.forecast.table import Guess


def grid_of(
    source: str | PathLike[str] | bytes | IO[bytes],
    *,
    name: str = "",
    encoding: str | None = None,
    delimiter: str | None = None,
    header: int | None = None,
) -> Grid:
    """The cells of a file; what is None is told by evidence. Raises ``TableError``."""
    if isinstance(source, bytes):
        data = source
    elif isinstance(source, str | PathLike):
        data = Path(fspath(source)).read_bytes()
    else:
        data = source.read()
    text, encoding = _decoded(data, encoding)
    rows = text.splitlines()
    delimiter = delimiter or max(",;\t|", key=lambda mark: sum(mark in row for row in rows))
    cells = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    if not cells:
        raise TableError("expected a table, got an empty file")
    width = Counter(map(len, cells)).most_common(1)[0][0]
    kept = [(i, row) for i, row in enumerate(cells) if len(row) == width]
    left_out = tuple(
        (i + 1, delimiter.join(row), f"{len(row)} values where {width} are expected")
        for i, row in enumerate(cells)
        if row and len(row) != width
    )
    first = kept[0][0] + 1
    has_header = not any(cell[:1].isdigit() for cell in kept[0][1]) if header is None else header > 0
    names = kept[0][1] if has_header else [f"column {i + 1}" for i in range(width)]
    kept = kept[1:] if has_header else kept
    if not kept:
        raise TableError("expected rows under the header, got none")
    names = [name or f"column {i + 1}" for i, name in enumerate(names)]
    names = [name if names.index(name) == i else f"{name} ({i + 1})" for i, name in enumerate(names)]
    return Grid(
        names=tuple(names),
        cells=pd.DataFrame([row for _, row in kept], columns=range(width), dtype="str"),
        lines=np.array([i + 1 for i, _ in kept]),
        header=has_header,
        left_out=left_out,
        guesses={
            "encoding": Guess("encoding", "Encoding", encoding, ((encoding, encoding),)),
            "delimiter": Guess("delimiter", "Separator", delimiter, ((delimiter, delimiter),)),
            "header": Guess("header", "Header", str(first if has_header else 0), (("0", "none"),)),
        },
    )


def _decoded(data: bytes, encoding: str | None) -> tuple[str, str]:
    for guess in [encoding] if encoding else ["utf-8-sig", "gb18030", "cp1252"]:
        try:
            return data.decode(guess), guess
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", "replace"), "cp1252"
