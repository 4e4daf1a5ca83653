"""Every number of the picture of a cell as a table to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.inside import Inside


def table(seen: Inside, labels: Sequence[str] | None = None) -> str:
    """A row for each step, from 1, and unit, from 0; a column for each node of the graph and for each gradient.

    Nine digits, so that each float32 is told exactly. The input has a column for each of its channels, the same in
    every row of a step. 500 steps of 128 units are 64,000 rows. ``labels`` name the steps.
    """
    steps, units = seen.values["h"].shape
    named = {name: values for name, values in seen.values.items() if name != "x"}
    named |= {f"dL/d{name}": values for name, values in seen.gradients.items()}
    x = _written(seen.values["x"])
    heads = [f"x[{k}]" for k in range(len(x[0]))] if len(x[0]) > 1 else ["x"]
    columns = [list(chain.from_iterable(_written(values))) for values in named.values()]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["step", *(["label"] if labels else []), "unit", *heads, *named])
    for t in range(steps):
        told = [labels[t]] if labels else []
        for unit in range(units):
            row = t * units + unit
            writer.writerow([t + 1, *told, unit, *x[t], *(column[row] for column in columns)])
    return out.getvalue()


def _written(values: Tensor) -> list[list[str]]:
    return [[f"{number:.9g}" for number in row] for row in values.tolist()]
