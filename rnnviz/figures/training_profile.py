"""The way back through time over the training: ||dL/dh_t|| of each step, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base, log_axis
from rnnviz.figures import training_common as common
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import NEUTRAL
from rnnviz.race import Race

SPACER = "<br><span style='font-size:5px'> </span>"
FLOOR, TOP = -10, 0
"""The decades at the ends of the colours, always the same; what is beyond has the colour of the end.

With none above 0 Plotly takes the sequential scale, and not the one with two ends.
"""


@Drawing
def profile(epochs: common.Epochs, race: Race, cells: Sequence[str] | None = None) -> Spec:
    """log10 of ||dL/dh_t||, epoch across and time step upwards, a panel a cell (of ``cells``, by default all).

    Steps at which the gradient underflowed or is exactly 0, and epochs in which it is not finite, are grey.
    """
    found = [one for one in common.courses(epochs, race) if cells is None or one.cell in cells]
    across = min(len(found), 3)
    wide, high = base.domains(across, 0.045), base.rows([1.0] * -(-len(found) // across), 0.14)
    length = max((len(epoch.profile) for one in found for epoch in one.epochs.values()), default=race.length)
    ends = base.step_for(TOP - FLOOR, 5)
    marks = list(range(FLOOR, TOP + 1, ends))
    data: list[dict[str, Any]] = []
    greys: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "closest"}
    notes: list[dict[str, Any]] = []
    x = common.step_axis(race, few=across > 1)["tickvals"]
    for k, one in enumerate(found):
        row, column = divmod(k, across)
        lowest = k + across >= len(found)
        axes = {"xaxis": base.ref("x", k), "yaxis": base.ref("y", k)}
        z, lost, beyond = values(one, length)
        names = {"x0": 0, "dx": 1, "y0": 1, "dy": 1, "autocolorscale": True, "showscale": False, **axes}
        data.append(
            {
                "type": "heatmap",
                "name": one.label,
                "z": z,
                "zmin": FLOOR,
                "zmax": TOP,
                "reversescale": True,  # the larger the darker
                "hoverongaps": False,
                **names,
                "hovertemplate": f"{one.label}, epoch %{{x:d}}, t = %{{y:d}}<br>"
                "‖∂L/∂h<sub>t</sub>‖ = 10<sup>%{z:.2f}</sup><extra></extra>",
            }
        )
        for there, words in ((lost, "0, or too small for float32"), (beyond, "not finite")):
            if there.any():
                greys.append(
                    {
                        "type": "heatmap",
                        "name": f"{one.label}: {words}",
                        "z": np.where(there, np.float32(1), np.float32(np.nan)),
                        "zmin": 0,
                        "zmax": 1,
                        **names,
                        "autocolorscale": False,
                        "colorscale": [[0, NEUTRAL], [1, NEUTRAL]],
                        "opacity": 0.4,
                        "hoverongaps": False,
                        "hovertemplate": f"{one.label}, epoch %{{x:d}}, t = %{{y:d}}: {words}<extra></extra>",
                    }
                )
        reasons = (("0 or underflow", lost), ("not finite", beyond))
        grey = ", ".join(reason for reason, there in reasons if there.any())
        title = f"<b style='color:{one.colour}'>{one.label}</b>" + (f"  grey: {grey}" if grey else "")
        notes.append(base.title(title, k))
        layout[base.key("x", k)] = {
            "range": [-0.5, race.epochs + 0.5],
            "tickvals": [step / race.per_epoch for step in x],
            "ticktext": [f"{step:,}" for step in x],
            "domain": wide[column],
            "anchor": axes["yaxis"],
            "showticklabels": lowest,
            "title": {"text": "training step" if lowest else ""},
        }
        layout[base.key("y", k)] = {
            **base.time_axis(length, most=6),
            "domain": high[row],
            "anchor": axes["xaxis"],
            "showticklabels": column == 0,
            "title": {"text": "time step t" if column == 0 else ""},
        }
    if data:
        data[0] |= {
            "showscale": True,
            "colorbar": {
                "title": {"text": "‖∂L/∂h<sub>t</sub>‖" + SPACER, "side": "top"},
                "x": 1.01,
                "xanchor": "left",
                "tickvals": marks,
                "ticktext": [
                    ("≤ " if k == FLOOR else "≥ " if k == TOP else "") + log_axis.power_of_ten(k)
                    for k in marks
                ],
            },
        }
    notes += base.present([common.waiting(found)])
    return base.spec(f"profile-{race.task}-{race.steps}", [*data, *greys], {**layout, "annotations": notes})


def values(one: common.Course, length: int) -> tuple[base.Floats, Any, Any]:
    """log10 of the norms (T, epochs + 1), where they are lost below float32, and where they are not finite."""
    norms = np.zeros((length, len(one.steps)))
    there = np.zeros(norms.shape, dtype=bool)
    for number, epoch in one.epochs.items():
        count = min(length, len(epoch.profile))
        norms[:count, number] = epoch.profile[:count]
        there[:count, number] = True
    lost = there & (norms < float(np.finfo(np.float32).tiny))
    beyond = there & ~np.isfinite(norms)
    z = np.full(norms.shape, np.nan, dtype=np.float32)
    good = there & ~lost & ~beyond
    z[good] = np.log10(norms[good])
    return z, lost, beyond
