"""The eigenvalues of a fixed point in the complex plane, over the unit circle."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Complex
from torch import Tensor

from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.flow_marks import SADDLE, STABLE
from rnnviz.figures.theme import NEUTRAL

_LADDER = (1.25, 1.6, 2.0, 3.0, 4.0, 6.0, 10.0)


@Drawing
def eigenvalues(values: Complex[Tensor, " S"] | None) -> Spec:
    """Each of the S eigenvalues of the Jacobian: within the circle what it stretches shrinks, beyond it grows.

    Of None nothing but the circle is drawn.
    """
    found = np.zeros(0, np.complex128) if values is None else values.numpy()
    reach = base.rung(1.08 * float(np.abs(found).max(initial=1.0)), _LADDER)
    inside = np.abs(found) < 1
    data: list[dict[str, Any]] = [_circle()]
    for name, mine, colour in (("shrinks", inside, STABLE), ("grows", ~inside, SADDLE)):
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "x": found.real[mine],
                "y": found.imag[mine],
                "marker": {
                    "color": colour,
                    "size": 8,
                    "opacity": 1,
                    "line": {"color": "#ffffff", "width": 1},
                },
                "cliponaxis": False,
                "text": [f"|λ| = {size:.4g}" for size in np.abs(found[mine])],
                "hovertemplate": f"λ = %{{x:.3f}} + %{{y:.3f}}i, %{{text}}: {name}<extra></extra>",
            }
        )
    ticks = {"tickvals": [-1, 0, 1], "showgrid": False, "zeroline": True, "constrain": "domain"}
    words = [
        base.remark("shrinks", x=0, y=-0.6, xref="x", yref="y"),
        base.remark(
            "grows", x=0.99, y=0.99, xref="x domain", yref="y domain", xanchor="right", yanchor="top"
        ),
    ]
    layout = {
        "hovermode": "closest",
        "margin": {"t": 6, "r": 6},
        "xaxis": {**ticks, "range": [-reach, reach], "title": {"text": "Re λ"}},
        "yaxis": {
            **ticks,
            "range": [-reach, reach],
            "title": {"text": "Im λ"},
            "scaleanchor": "x",
            "scaleratio": 1,
        },
        "annotations": words,
    }
    return base.spec("eigenvalues", data, layout)


def _circle() -> dict[str, Any]:
    turn = np.linspace(0, 2 * np.pi, 97)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "|λ| = 1",
        "x": np.cos(turn).astype(np.float32),
        "y": np.sin(turn).astype(np.float32),
        "line": {"color": NEUTRAL, "width": 1.5},
        "hoverinfo": "skip",
    }
