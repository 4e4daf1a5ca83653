"""What a network says to one real input, against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.architectures.seen import Seen
from rnnviz.figures import architecture_common as common
from rnnviz.figures import architecture_lines as lines
from rnnviz.figures import base
from rnnviz.figures.architecture_contexts import together
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.figures.theme import NEUTRAL


@Drawing
def answer(seen: Seen, channels: Sequence[str], outputs: Sequence[str], *, classes: bool = False) -> Spec:
    """The input, the truth and the answer over time; of classes their probabilities.

    ``channels`` and ``outputs`` name the inputs and outputs, as a :class:`~rnnviz.architectures.problems.Problem` does.
    With attention its weights stand under the input; of three contexts each network's answer is drawn.
    """
    if classes:
        return _chances(seen, channels, outputs)
    if seen.contexts:
        return together.spec(seen, outputs)
    return _single(seen, channels, outputs) if len(seen.answered) == 1 else _steps(seen, channels, outputs)


def _steps(seen: Seen, channels: Sequence[str], outputs: Sequence[str]) -> Spec:
    """An answer at several steps."""
    truth, said = base.array(seen.truth)[:, 0], base.array(seen.answer)[:, 0]
    x = base.array(seen.x)[:, 0]
    steps = max(*seen.answered, len(x))
    reach = lines.reach(truth, said, x)
    data = [lines.truth(seen.answered, truth), lines.said(seen.answered, said, "network", common.SAID)]
    words, title = [("━ truth", NEUTRAL), ("━ network", common.SAID)], outputs[0]
    if len(x) > 1:
        data.insert(0, lines.read(x, channels[0]))
        words.insert(0, ("┄ read", NEUTRAL))
    else:
        title += f" of {channels[0]} {x[0]:.2f}".replace("-", "−")
    layout = {
        "hovermode": "closest",
        "xaxis": common.steps_axis(steps, most=8),
        "yaxis": lines.values(reach),
        "annotations": [lines.title(title, *words)],
        "margin": lines.MARGIN,
    }
    if max(seen.answered) > len(x) > 1:
        layout["shapes"] = [base.upright(len(x) + 0.5)]
    return base.spec("answer-steps", data, layout)


def _single(seen: Seen, channels: Sequence[str], outputs: Sequence[str]) -> Spec:
    """One number, after all was read: it stands behind the input."""
    truth, said = float(seen.truth[0, 0]), float(seen.answer[0, 0])
    x = base.array(seen.x)
    steps, end = len(x), len(x) + 1.2
    reach = lines.reach(x[:, 0], np.array([said, truth], dtype=np.float32))
    data = [lines.read(x[:, 0], channels[0])]
    if x.shape[1] > 1:
        at = np.flatnonzero(x[:, 1])
        data.append(_dots(at + 1, x[at, 0], "marked", NEUTRAL, "circle", 12))
    data.append(_dots([end], [truth], f"{outputs[0]}, truth", NEUTRAL, "circle-open", 17))
    data.append(_dots([end], [said], "network", common.SAID, "circle", 10))
    words = [("○ truth", NEUTRAL), ("● network", common.SAID)]
    if x.shape[1] > 1:
        words.insert(0, ("● marked", NEUTRAL))
    layout: dict[str, Any] = {
        "hovermode": "closest",
        "xaxis": {**common.steps_axis(steps, most=8), "range": [0.5, end + 0.6]},
        "yaxis": lines.values(reach),
        "shapes": [base.upright(steps + 0.5)],
        "annotations": [lines.title(outputs[0], *words)],
        "margin": lines.MARGIN,
    }
    if seen.weights is not None:
        upper, lower = base.rows([1.7, 1.0], 0.2)
        weights = base.array(seen.weights)[0]
        data.append(_bars(weights))
        layout["yaxis"] |= {"domain": upper}
        layout["xaxis"] |= {"anchor": "y2"}
        layout["yaxis2"] = {
            "range": [0, 1.0],
            "tickvals": [0, 0.5, 1],
            "domain": lower,
            "anchor": "x",
            "showgrid": True,
        }
        layout["annotations"].append(
            {**base.title("<b>α</b>  weight on each step", 0), "yref": "y2 domain", "xref": "x domain"}
        )
    return base.spec("answer-single", data, layout)


def _chances(seen: Seen, channels: Sequence[str], outputs: Sequence[str]) -> Spec:
    """One of several classes: the input, and under it how likely each is held to be."""
    x, said = base.array(seen.x)[:, 0], base.array(seen.answer)[0]
    right = int(seen.truth[0].argmax())
    upper, lower = base.rows([1.2, 1.0], 0.26)
    names = [base.visible(name) for name in outputs]
    labels = [f"<b>{name}</b>, truth" if k == right else name for k, name in enumerate(names)]
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": "probability",
        "x": said,
        "y": np.arange(len(said)),
        "width": 0.62,
        "marker": {"color": common.SAID, "opacity": [1.0 if k == right else 0.45 for k in range(len(said))]},
        "text": [f"{100 * value:.0f} %" if np.isfinite(value) else "" for value in said.tolist()],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertext": names,
        "hovertemplate": "%{hovertext}: %{x:.3f}<extra></extra>",
        "xaxis": "x2",
        "yaxis": "y2",
    }
    reach = base.rung(base.extent(x), (1.5, 2.0, 5.0, 10.0, 20.0, 50.0))
    layout = {
        "hovermode": "closest",
        "xaxis": {**common.steps_axis(len(x), most=8, title=""), "domain": [0, 1], "anchor": "y"},
        "yaxis": {
            "range": [-1.05 * reach, 1.05 * reach],
            "tickvals": [-reach, 0, reach],
            "tickformat": ".3~g",
            "domain": upper,
            "anchor": "x",
            "showgrid": True,
        },
        "xaxis2": {
            "range": [0, 1.14],
            "tickvals": [0, 0.5, 1],
            "domain": [0, 1],
            "anchor": "y2",
            "showgrid": True,
        },
        "yaxis2": {
            "range": [len(said) - 0.5, -0.5],
            "tickvals": list(range(len(said))),
            "ticktext": labels,
            "domain": lower,
            "anchor": "x2",
        },
        "annotations": [
            base.title(f"<b>x</b>  {base.visible(channels[0])} read, over t", 0),
            base.title("<b>softmax</b>  what it holds likely", 1),
        ],
    }
    solid = {**lines.read(x, channels[0]), "line": {"color": NEUTRAL}}
    return base.spec("answer-classes", [solid, bars], layout)


def _dots(x: Any, y: Any, name: str, colour: str, symbol: str, size: int) -> dict[str, Any]:
    marker = {"symbol": symbol, "color": colour, "size": size, "line": {"color": colour, "width": 2}}
    dots = lines.said([], np.array(y, dtype=np.float32), name, colour)
    dots |= {"x": np.array(x, dtype=np.float32), "mode": "markers", "marker": marker}
    return {**dots, "hovertemplate": f"{base.visible(name)}: %{{y:.3f}}<extra></extra>"}


def _bars(weights: base.Floats) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": "weight",
        "x": base.steps_of(len(weights)),
        "y": weights,
        "width": 0.7,
        "marker": {"color": "#cf5200"},
        "hovertemplate": "weight on t = %{x}: %{y:.3f}<extra></extra>",
        "yaxis": "y2",
    }
