"""The networks that differ in their context: together, and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnviz.architectures.seen import Seen, Told
from rnnviz.figures import architecture_common as common
from rnnviz.figures import architecture_lines as lines
from rnnviz.figures import base
from rnnviz.figures.drawing import Drawing, Spec


@Drawing
def together(seen: Seen, outputs: Sequence[str]) -> Spec:
    """The answers of all contexts at the steps of the decoder."""
    truth = base.array(seen.truth)[:, 0]
    answers = [base.array(one.answer)[:, 0] for one in seen.contexts]
    data = [lines.truth(seen.answered, truth)]
    words = []
    for row, (one, said) in enumerate(zip(seen.contexts, answers, strict=True)):
        line = lines.said(seen.answered, said, one.label, common.ROWS[row])
        line["line"] |= {"dash": common.DASHES[row]}
        data.append(line)
        words.append((indexed(one.label), common.ROWS[row]))
    layout = {
        "hovermode": "closest",
        "xaxis": _few(seen.answered),
        "yaxis": lines.values(lines.reach(truth, *answers)),
        "annotations": [lines.title(outputs[0], *words)],
        "margin": lines.MARGIN,
    }
    return base.spec("answer-three", data, layout)


@Drawing
def alone(told: Told, seen: Seen, row: int) -> Spec:
    """One of the networks that differ in their context: c, unit by unit, and its answer against the truth.

    ``row`` decides its colour.
    """
    truth, said = base.array(seen.truth)[:, 0], base.array(told.answer)[:, 0]
    upper, lower = base.rows([0.32, 1.0], 0.3)
    line = lines.said(seen.answered, said, told.label, common.ROWS[row])
    line["line"] |= {"dash": common.DASHES[row]}
    context = {
        "type": "heatmap",
        "name": "c",
        "z": base.array(told.context)[None],
        "zmin": -1.0,
        "zmax": 1.0,
        "autocolorscale": True,
        "showscale": False,
        "hovertemplate": "unit %{x}: c = %{z:.3f}<extra></extra>",
        "xaxis": "x2",
        "yaxis": "y2",
    }
    units = len(told.context)
    layout = {
        "hovermode": "closest",
        "xaxis": {**_few(seen.answered), "anchor": "y", "domain": [0, 1]},
        "yaxis": {
            **lines.values(lines.reach(truth, *(base.array(one.answer) for one in seen.contexts))),
            "domain": lower,
        },
        "xaxis2": {
            **base.unit_axis(units),
            "range": [-0.5, units - 0.5],
            "anchor": "y2",
            "domain": [0, 1],
        },
        "yaxis2": {"range": [-0.5, 0.5], "showticklabels": False, "domain": upper, "anchor": "x2"},
        "annotations": [base.title("<b>c</b>  unit by unit", 1), base.title("answer, and truth in grey", 0)],
    }
    return base.spec("told", [lines.truth(seen.answered, truth), line, context], layout)


def indexed(label: str) -> str:
    """A label such as "c = g(h_N)" as Plotly and HTML set it, its indices lowered."""
    parts = base.visible(label).split("_")
    return parts[0] + "".join(f"<sub>{part[:1]}</sub>{part[1:]}" for part in parts[1:])


def _few(answered: Sequence[int]) -> dict[str, Any]:
    """The axis of the steps of a decoder alone."""
    ticks = list(answered)[:: base.step_for(len(answered), 8)]
    title = {"text": "time step t, after the input"}
    return {"range": [answered[0] - 0.4, answered[-1] + 0.4], "tickvals": ticks, "title": title}
