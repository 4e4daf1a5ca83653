"""Spectra: the eigenvalues of W_hh in the complex plane and its singular values, and those of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.spectrum_run import run
from rnnviz.figures.theme import GATE_COLOURS
from rnnviz.spectrum import BlockSpectrum

__all__ = ["run", "weights"]

_REACHES = (1.5, 3.0, 6.0, 12.0, 24.0)
_Stretch = list[int | float]
_Panel = tuple[_Stretch, _Stretch]
_CIRCLE = np.exp(2j * np.pi * np.arange(73) / 72)
_CLEAR = "rgba(0,0,0,0)"


@Drawing
def weights(blocks: Sequence[BlockSpectrum]) -> Spec:
    """The eigenvalues of each block of W_hh with the unit circle, and the singular values of all beside them.

    Solid is the unit circle, dashed the circle of the largest singular value, inside which all eigenvalues lie.
    All planes have one range, which goes in few large steps, so that it rests while a slider moves. Under each
    stand its spectral radius rho and largest singular value. ``ValueError`` without a block.
    """
    if not blocks:
        raise ValueError(
            "expected at least one block of W_hh, got none; leave the picture out for such a cell"
        )
    reach = base.rung(max(block.sigma_max for block in blocks), _REACHES)
    several = len(blocks) > 1
    places, strip = _places(len(blocks))
    size = 7 if len(blocks[0].eigenvalues) <= 32 else 5
    tick = 1 if reach < 2 else round(reach * 2 / 3)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest", "margin": {"r": 8}}
    for k, (block, (x, y)) in enumerate(zip(blocks, places, strict=True)):
        where = {"xaxis": base.ref("x", k), "yaxis": base.ref("y", k)}
        name = f"{block.name}: " if several else ""
        data += _plane(block, name, size, where)
        words = (
            f"{name}ρ {block.radius:.2f}, σ {block.sigma_max:.2f}"
            if several
            else f"spectral radius ρ = {block.radius:.2f}, σ max = {block.sigma_max:.2f}"
        )
        shared = {"range": [-reach, reach], "tickvals": [-tick, 0, tick], "showgrid": True}
        layout[base.key("x", k)] = {
            **shared,
            "domain": x,
            "anchor": where["yaxis"],
            "constrain": "domain",
            "title": {"text": words, "standoff": 2},
        }
        layout[base.key("y", k)] = {
            **shared,
            "domain": y,
            "anchor": where["xaxis"],
            "constrain": "domain",
            "scaleanchor": where["xaxis"],
            "showticklabels": x[0] == 0,
        }
    k = len(blocks)
    for column, block in enumerate(blocks):
        data.append(
            _strip(
                block, column, 10 if several else 16, {"xaxis": base.ref("x", k), "yaxis": base.ref("y", k)}
            )
        )
    layout[base.key("x", k)] = {
        "range": [-0.7, k - 0.3],
        "tickvals": list(range(k)),
        "ticktext": [block.name if several else "" for block in blocks],
        "domain": strip[0],
        "anchor": base.ref("y", k),
        "title": {"text": "σ of W", "standoff": 2},
    }
    layout[base.key("y", k)] = {
        "range": [-0.03 * reach, reach],
        "tickvals": [0, tick / 2, tick],
        "showgrid": True,
        "domain": strip[1],
        "anchor": base.ref("x", k),
    }
    layout["shapes"] = [*(_unit_circle(n) for n in range(k)), _one(k)]
    heading = "eigenvalues λ of W<sub>hh</sub>; solid: |λ| = 1, dashed: |λ| = σ<sub>max</sub>"
    layout["annotations"] = [base.note(heading, 0.0, 1.0, yshift=2.0)]
    return base.spec("spectrum-weights", data, layout)


def _places(count: int) -> tuple[list[_Panel], _Panel]:
    """The panels of the planes, and that of the singular values: of three planes in the free corner."""
    if count == 1:
        return [([0, 0.8], [0.06, 1])], ([0.88, 1], [0.06, 1])
    wide: list[_Stretch] = [[0, 0.37], [0.42, 0.79]] if count != 3 else [[0, 0.45], [0.55, 1]]
    high: list[_Stretch] = [[0.6, 1], [0.04, 0.44]]
    corners = [(x, y) for y in high for x in wide]
    return corners[:count], corners[3] if count == 3 else ([0.87, 1], [0.04, 1])


def _plane(block: BlockSpectrum, name: str, size: int, where: dict[str, str]) -> list[dict[str, Any]]:
    colour = GATE_COLOURS[block.name]
    values, circle = block.eigenvalues.numpy(), block.sigma_max * _CIRCLE
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"{name}|λ| = σ max",
            "x": circle.real,
            "y": circle.imag,
            "line": {"color": colour, "dash": "4px,4px", "width": 1.2},
            "hoverinfo": "skip",
            **where,
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": f"{name}eigenvalues",
            "x": values.real,
            "y": values.imag,
            "marker": {"color": colour, "size": size},
            "hovertemplate": f"{name}λ = %{{x:.3f}} %{{y:+.3f}} i<extra></extra>",
            **where,
        },
    ]


def _strip(block: BlockSpectrum, column: int, size: int, where: dict[str, str]) -> dict[str, Any]:
    values = block.singular_values.numpy()
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{block.name}: singular values",
        "x": np.full(len(values), column, dtype=np.int16),
        "y": values,
        "marker": {
            "color": GATE_COLOURS[block.name],
            "symbol": "line-ew-open",
            "size": size,
            "opacity": 0.75,
        },
        "hovertemplate": f"{block.name}: σ = %{{y:.3f}}<extra></extra>",
        **where,
    }


def _unit_circle(axis: int) -> dict[str, Any]:
    ends = {"x0": -1, "x1": 1, "y0": -1, "y1": 1, "xref": base.ref("x", axis), "yref": base.ref("y", axis)}
    return {"type": "circle", **ends, "fillcolor": _CLEAR, "line": {"width": 1.5}}


def _one(axis: int) -> dict[str, Any]:
    ends = {"x0": 0, "x1": 1, "y0": 1, "y1": 1, "xref": f"{base.ref('x', axis)} domain"}
    return {"type": "line", **ends, "yref": base.ref("y", axis), "line": {"width": 1.5}, "layer": "below"}
