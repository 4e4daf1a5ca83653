"""What an encoder and decoder did on one source: where it looked, or, without attention, all that it was told."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.attention.observed import PairSeen
from rnnviz.figures import base
from rnnviz.figures.attention_pairs_common import TRUE, WRONG
from rnnviz.figures.drawing import Drawing, Spec

_INSET = 0.46
"""Half the side of the outline of the true place, in cells: within the cell, so that neighbours do not share a line."""


@Drawing
def weights(seen: PairSeen) -> Spec:
    """Target x source: a row for each symbol that was said, from the top; a column for each that was read.

    The scale is fixed, from 0 to 1, and there is room for the whole truth, so that nothing moves while a network learns
    how much to say. Outlined is the place in the source that each symbol of the truth stands for; what was said wrong
    is marked, with what it should have been. ``ValueError`` without attention, where there is nothing to draw.
    """
    if seen.weights is None:
        raise ValueError(
            f"expected a network with attention, got the context {seen.context!r}; draw its states instead"
        )
    z = base.array(seen.weights)
    said, source = len(seen.said), [base.visible(symbol) for symbol in seen.source]
    heat = {
        "type": "heatmap",
        "name": "weights",
        "z": z,
        "x0": 0,
        "y0": 0,
        "zmin": 0.0,
        "zmax": 1.0,
        "autocolorscale": True,
        "xgap": 1,
        "ygap": 1,
        "text": [
            [f"says {named(seen, m)}, looks at {one} (place {s + 1})" for s, one in enumerate(source)]
            for m in range(said)
        ],
        "hovertemplate": "%{text}<br>weight %{z:.4f}<extra></extra>",
        "colorbar": {
            "title": {"text": "α", "side": "top"},
            "tickvals": [0, 0.5, 1],
            "x": 1.01,
            "xanchor": "left",
        },
    }
    known = any(place is not None for place in seen.at)
    key = f"   <span style='color:{TRUE}'>▢ where the true symbol stands</span>" if known else ""
    layout = {
        "hovermode": "closest",
        "xaxis": {
            **_symbols(source),
            "range": [-0.5, len(source) - 0.5],
            "side": "top",
            "title": {"text": f"source{key}"},
        },
        "yaxis": {
            **_symbols([_row(seen, m) for m in range(said)]),
            "range": [max(said, len(seen.truth)) - 0.5, -0.5],
            "title": {"text": "said"},
        },
        "shapes": [_outline(place, m) for m, place in enumerate(seen.at[:said]) if place is not None],
        "margin": {"t": 56, "b": 14},
    }
    return base.spec("pair-weights", [heat], layout)


@Drawing
def states(seen: PairSeen) -> Spec:
    """Unit x place: the states of the encoder, the context that was made of them, and the states of the decoder.

    The scale is the same for all, symmetric around 0, and at least as wide as tanh reaches.
    """
    encoded, told, own = (base.array(one).T for one in (seen.encoded, seen.contexts[:1], seen.states))
    reach = base.reach(encoded, told, own, least=1.0)
    source = [base.visible(symbol) for symbol in seen.source]
    said = [
        base.visible(one) if right else f"<span style='color:{WRONG}'>{base.visible(one)}</span>"
        for one, right in zip(seen.said, seen.right, strict=True)
    ]
    wide = np.array([len(source), 2.5, len(said)])
    gap = 0.05
    ends = np.cumsum(wide / wide.sum() * (1 - 2 * gap))
    panels = (
        ("<b>encoder</b>  h<sub>j</sub>", encoded, source),
        ("<b>c</b>", told, ["c"]),
        ("<b>decoder</b>  s<sub>t</sub>", own, said),
    )
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest", "annotations": [], "margin": {"t": 34, "b": 30}}
    for k, (title, z, symbols) in enumerate(panels):
        units, count = z.shape
        data.append(
            {
                "type": "heatmap",
                "name": ("encoder", "context", "decoder")[k],
                "z": z,
                "x0": 0,
                "y0": 0,
                "zmin": -reach,
                "zmax": reach,
                "autocolorscale": True,
                "showscale": k == 2,
                "xaxis": base.ref("x", k),
                "yaxis": base.ref("y", k),
                "hovertemplate": "unit %{y}, place %{x}<br>%{z:.3f}<extra></extra>",
                "colorbar": {"tickvals": [-reach, 0, reach], "x": 1.01, "xanchor": "left"},
            }
        )
        start = 0.0 if k == 0 else float(ends[k - 1]) + k * gap
        layout[base.key("x", k)] = {
            **_symbols(symbols),
            "range": [-0.5, count - 0.5],
            "domain": [start, min(float(ends[k]) + k * gap, 1.0)],
            "anchor": base.ref("y", k),
        }
        layout[base.key("y", k)] = {
            **base.unit_axis(units),
            "anchor": base.ref("x", k),
            **({"title": {"text": "unit"}} if k == 0 else {"showticklabels": False}),
        }
        layout["annotations"].append(base.title(title, k))
    return base.spec("pair-states", data, layout)


def named(seen: PairSeen, m: int) -> str:
    """What was said at step m, in words of a picture."""
    symbol = seen.said[m]
    return "the end" if symbol == seen.alphabet[-1] else base.visible(symbol)


def _row(seen: PairSeen, m: int) -> str:
    """The label of a row: the symbol, and beside a wrong one what it should have been."""
    said = "end" if seen.said[m] == seen.alphabet[-1] else base.visible(seen.said[m])
    if seen.right[m]:
        return said
    if m >= len(seen.truth):
        return f"<span style='color:{WRONG}'>✗ {said}</span>"
    true = "end" if seen.truth[m] == seen.alphabet[-1] else base.visible(seen.truth[m])
    return f"<span style='color:{WRONG}'>{said} ≠ {true}</span>"


def _symbols(names: list[str]) -> dict[str, Any]:
    return {
        "tickvals": list(range(len(names))),
        "ticktext": [f"<b>{name}</b>" for name in names],
        "tickangle": 0,
        "ticklabelstandoff": 5,
        "showgrid": False,
        "zeroline": False,
    }


def _outline(x: int, y: int) -> dict[str, Any]:
    """A thin frame within the cell where the truth stands."""
    ends = {"x0": x - _INSET, "x1": x + _INSET, "y0": y - _INSET, "y1": y + _INSET}
    return {"type": "rect", **ends, "line": {"color": TRUE, "width": 2}, "fillcolor": "rgba(0,0,0,0)"}
