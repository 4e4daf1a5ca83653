"""The animated cell: a whole run is sent once, and time, unit and what is looked at are chosen in the browser.

What the browser is told of a node is its place in the graph, its letters, and its numbers at every step; the weights go
along, so that each number can be taken apart there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.ui import assets

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer
    from torch import Tensor

    from rnnviz.inside import Inside


@cache
def _component() -> ComponentRenderer:
    reserve = "new DataView(c.data.buffer, c.data.byteOffset, 8).getUint32(4, true)"
    return st.components.v2.component("rnnviz_cell", js=assets.shim("cell.js", reserve), isolate_styles=False)


def cell(
    seen: Inside,
    *,
    key: str,
    alt: str,
    height: int,
    labels: Sequence[str] | None = None,
    present: bool = False,
    unrolled: bool = True,
    readout: Mapping[str, Tensor] | None = None,
    digits: int = 3,
) -> None:
    """Draw the cell at work, or update the one that stands at this key; step, unit and open node stay.

    ``alt`` describes the picture to those who do not see it; ``height`` is that of the whole in pixels where it stands
    beside its arithmetic, in one row. ``labels`` name the steps. ``unrolled`` puts the network over time above it.
    ``readout`` are V and its bias ("weight" (O, H), "bias" (O,)), where there is one. ``digits`` after the point are
    shown. Raises ``ValueError`` for an empty ``alt``.
    """
    if not alt.strip():
        raise ValueError("expected a description of the picture, got an empty alt; say what it shows")
    from rnnviz.ui import wire

    head = {
        "key": key,
        "alt": alt,
        "height": height,
        "present": present,
        "unrolled": unrolled,
        "digits": digits,
    }
    packed = wire.pack({"data": [message(seen, labels, readout)]}, head, height)
    _component()(key=key, data=packed)


def message(
    seen: Inside, labels: Sequence[str] | None = None, readout: Mapping[str, Tensor] | None = None
) -> dict[str, Any]:
    """What the browser is told of a run. Arrays stand under "array" or "value": under "z" they would be rounded."""
    from rnnviz.figures import cell_layout
    from rnnviz.figures.base import array, reach
    from rnnviz.registry import CELLS

    known = CELLS[seen.cell]
    shifted = {f"{name}_before": name for name in known.states}  # these are sent as their first row alone
    values = {name: array(value) for name, value in seen.values.items()}
    return {
        "cell": seen.cell,
        "label": known.label,
        "blocks": list(known.blocks),
        "states": list(known.states),
        "labels": None if labels is None else list(labels),
        "nodes": [
            {
                **asdict(node),
                "reach": reach(values[node.name], least=1.0),
                "array": values[node.name][: 1 if node.name in shifted else None],
            }
            for node in seen.nodes
        ],
        "params": [{"name": name, "array": array(value)} for name, value in seen.params.items()],
        "readout": [{"name": name, "array": array(value)} for name, value in (readout or {}).items()],
        "gradients": [{"name": name, "array": array(value)} for name, value in seen.gradients.items()],
        "norms": [
            {"name": name, "array": norm.double().numpy(), "lost": seen.lost[name].int().numpy()}
            for name, norm in seen.norms.items()
        ],
        "scored": list(seen.scored),
        "precision": str(seen.values["h"].dtype).removeprefix("torch."),
        "layouts": {form: asdict(cell_layout.layout_of(seen.nodes, form)) for form in ("wide", "tall")},
    }
