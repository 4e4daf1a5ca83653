"""The animated cell: a whole run is sent once, and time, unit and what is looked at are chosen in the browser.

What the browser is told of a node is its place in the graph, its letters, and its numbers at every step; the weights go
along, so that each number can be taken apart there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

import streamlit as st

from rnnviz.ui import assets

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer
    from torch import Tensor

    from rnnviz.dataflow import Node
    from rnnviz.inside import Inside


BESIDE = 880
"""Pixels of width from which the picture and its arithmetic stand side by side."""

UNROLLED, CHOOSER, TIME, SUMS, GAP = 160, 30, 40, 430, 6
"""Heights in pixels of the parts around the picture where they stand one below the other, and between them."""

PROJECTED = 21 / 16
"""How much larger the head of a page is that is projected (:mod:`rnnviz.ui.shell`)."""

LEGIBLE, TALLEST, AROUND = 1.22, 384, 240
"""How much larger than drawn a projected picture is at least: the smallest letters of a box, 11.5 pixels, are 14 then.
The height of the highest picture of a cell, so that all cells have as much, and that of what stands around it."""


@cache
def _component() -> ComponentRenderer:
    # The header of the message tells the height for the width that there is, as cell.js reads it.
    reserve = """((head) => {
  const height = head.heights.find(([from]) => c.parentElement.clientWidth >= from)[1];
  return head.above && height === head.height
    ? Math.max(head.least, Math.min(innerHeight - head.above, 1.6 * height)) : height;
})(JSON.parse(new TextDecoder().decode(
  c.data.subarray(8, 8 + new DataView(c.data.buffer, c.data.byteOffset, 8).getUint32(0, true)))))"""
    return st.components.v2.component(
        "rnnviz_cell", js=assets.shim("cell/cell.js", reserve), isolate_styles=False
    )


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
    names: Mapping[str, str] | None = None,
    digits: int = 3,
    above: int = 0,
    first: int = 0,
) -> None:
    """Draw the cell at work, or update the one that stands at this key; step, unit and open node stay.

    ``alt`` describes the picture to those who do not see it; ``height`` is that of the whole in pixels where it stands
    beside its arithmetic, in one row. ``labels`` name the steps. ``unrolled`` puts the network over time above it.
    ``readout`` are V and its bias ("weight" (O, H), "bias" (O,)), where there is one. ``names`` are those of the
    parameters in the state dict, by default those of a first layer. ``digits`` after the point are shown. With
    ``above``, what stands over it in pixels, it grows on a higher screen until it fills the window. Units
    are counted from ``first``. Raises ``ValueError`` for an empty ``alt``.
    """
    if not alt.strip():
        raise ValueError("expected a description of the picture, got an empty alt; say what it shows")
    from rnnviz.ui import wire

    told = message(seen, labels, readout, names) | {"first": first}
    # On a low projector letters that can be read count for more than to see all of it without scrolling.
    tallest = max(TALLEST, told["layouts"]["wide"]["height"])
    height = max(height, math.ceil(LEGIBLE * tallest) + AROUND) if present else height
    head = {
        "key": key,
        "alt": alt,
        "height": height,
        "present": present,
        "unrolled": unrolled,
        "digits": digits,
        "above": round(above * PROJECTED) if present else above,
        "least": height,
        "heights": heights(told["layouts"], height, unrolled=unrolled),
    }
    _component()(key=key, data=wire.pack({"data": [told]}, head, height))


def heights(layouts: Mapping[str, Any], beside: int, *, unrolled: bool = True) -> list[list[int]]:
    """How high the whole is at which width: ``[from this width on, height]`` in pixels, the widest first.

    ``beside`` is the height where there is room for picture and arithmetic in one row; with less they stand one below
    the other, in the form of the picture that can be read.
    """
    around = CHOOSER + TIME + SUMS + 3 * GAP + (UNROLLED + GAP if unrolled else 0)
    wide, tall = layouts["wide"], layouts["tall"]
    below = [
        [math.ceil(wide["width"]), math.ceil(wide["height"]) + around],
        [0, math.ceil(tall["height"]) + around],
    ]
    return [[BESIDE, beside], *below]


def message(
    seen: Inside,
    labels: Sequence[str] | None = None,
    readout: Mapping[str, Tensor] | None = None,
    names: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the browser is told of a run. Arrays stand under "array" or "value": under "z" they would be rounded."""
    from rnnviz.dataflow import flow_of
    from rnnviz.figures.base import array, reach
    from rnnviz.registry import CELLS

    known = CELLS[seen.cell]
    # PyTorch's own layers add the layer's number.
    own = known.torch_class is not None and seen.nodes == flow_of(seen.cell)
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
        "names": names or {name: f"{name}_l0" if own else name for name in seen.params},
        "gradients": [{"name": name, "array": array(value)} for name, value in seen.gradients.items()],
        "norms": [
            {"name": name, "array": norm.double().numpy(), "lost": seen.lost[name].int().numpy()}
            for name, norm in seen.norms.items()
        ],
        "scored": list(seen.scored),
        "precision": str(seen.values["h"].dtype).removeprefix("torch."),
        "layouts": _layouts(seen.nodes),
    }


@cache
def _layouts(nodes: tuple[Node, ...]) -> dict[str, Any]:
    """Both forms of the picture: the same for every run of a cell."""
    from rnnviz.figures import cell_layout

    return {form: asdict(cell_layout.layout_of(nodes, form)) for form in get_args(cell_layout.Form)}
