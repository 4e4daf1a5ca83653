"""What the browser is told of a cell at work, against the trace that it comes from."""

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from test_live_chart import unpack

from rnnviz.experiment import Experiment
from rnnviz.figures import theme
from rnnviz.inside import Inside, inside
from rnnviz.observe import observe
from rnnviz.registry import CELLS
from rnnviz.trace import LayerTrace
from rnnviz.ui import assets, wire
from rnnviz.ui.cell import component

SHORT = Experiment(length=40, hidden=12, seed=3)


def looked(cell: str, experiment: Experiment = SHORT) -> tuple[Inside, LayerTrace, torch.Tensor]:
    run = observe(experiment, cell)
    layer = run.trace.layers[0]
    return inside(layer, run.x, run.gradients.layers[0]), layer, run.x[:, 0]


def sent(seen: Inside, **more: Any) -> dict[str, Any]:
    """The message as it arrives, arrays in their places."""
    packed = wire.pack({"data": [component.message(seen, **more)]}, {}, 0)
    (found,) = unpack(packed)["data"]
    return dict(found)


def by_name(items: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    return {item["name"]: np.asarray(item["array"]) for item in items}


@pytest.mark.parametrize("cell", CELLS)
def test_every_number_arrives_as_it_was_traced(cell: str) -> None:
    seen, layer, x = looked(cell)
    told = sent(seen)
    nodes, params, back = (by_name(told[part]) for part in ("nodes", "params", "gradients"))
    traced = {"x": x, "h": layer.h[:, 0]} | {name: gate[:, 0] for name, gate in layer.gates.items()}
    starts = {"h_before": layer.h0}
    if layer.c is not None and layer.c0 is not None:
        traced["c"], starts["c_before"] = layer.c[:, 0], layer.c0
    for name, values in traced.items():
        np.testing.assert_array_equal(nodes[name], values.numpy(), name)
    # The state before a step is that after the one before: its first row alone is news.
    for name, start in starts.items():
        np.testing.assert_array_equal(nodes[name], start.numpy(), name)
    assert set(nodes) == {node.name for node in seen.nodes}
    between = set(nodes) - set(traced) - set(starts)
    for name in between:
        np.testing.assert_array_equal(nodes[name], seen.values[name].numpy(), name)
    for name, value in layer.params.items():
        np.testing.assert_array_equal(params[name], value.numpy(), name)
    np.testing.assert_array_equal(back["h"], seen.gradients["h"].numpy())
    assert told["blocks"] == list(CELLS[cell].blocks)
    assert told["states"] == list(CELLS[cell].states)


def test_no_number_is_rounded_on_its_way() -> None:
    """Matrices under "z" travel as one of 65,534 levels: right for a heat map, wrong for arithmetic."""

    def keys(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value) | set().union(*map(keys, value.values()))
        return set().union(*map(keys, value)) if isinstance(value, list) else set()

    seen, *_ = looked("gru", replace(SHORT, length=500, hidden=128))
    readout = {"weight": torch.randn(1, 128), "bias": torch.randn(1)}
    told = component.message(seen, readout=readout)
    assert "z" in by_name(told["nodes"])  # as the name of a gate, not as a key
    assert "z" not in keys(told)
    packed = unpack(wire.pack({"data": [told]}, {}, 0))
    assert {kind for kind, *_ in packed["arrays"]} <= {"f4", "f8", "i4"}
    assert all(low is None for *_, low, _ in packed["arrays"])


def test_what_is_no_number_stays_none_and_a_reach_is_finite() -> None:
    seen, *_ = looked("rnn_linear")
    h = seen.values["h"].clone()
    h[3, 2], h[4, 2] = math.nan, math.inf
    told = sent(replace(seen, values={**seen.values, "h": h}))
    array = by_name(told["nodes"])["h"]
    assert np.isnan(array[3:5, 2]).all()
    assert np.isfinite(np.delete(array, 2, axis=1)).all()
    assert all(math.isfinite(node["reach"]) and node["reach"] >= 1 for node in told["nodes"])


@pytest.mark.parametrize("cell", CELLS)
def test_no_value_is_beyond_its_scale(cell: str) -> None:
    told = sent(looked(cell, replace(SHORT, scale=1.5))[0])
    for node in told["nodes"]:
        values = np.asarray(node["array"])
        if node["kind"] in ("sigmoid", "complement"):
            assert values.min() >= 0
            assert values.max() <= 1
        assert np.abs(values).max() <= node["reach"] * (1 + 1e-6)


def test_ladders_are_those_of_the_charts() -> None:
    script = (assets.HERE / "cell" / "scale.js").read_text()
    for name, chart in theme.template_dicts().items():
        if "present" in name:
            continue
        start = script.index(f"  {name}: {{")
        for scale in ("sequential", "diverging"):
            found = re.search(rf'{scale}: "([^"]+)"', script[start:])
            assert found is not None
            assert found[1].split() == [colour for _, colour in chart["layout"]["colorscale"][scale]]


def test_height_is_known_for_every_width() -> None:
    told = component.message(looked("lstm")[0])
    widths, heights = zip(*component.heights(told["layouts"], 560), strict=True)
    assert list(widths) == sorted(widths, reverse=True)
    assert widths[-1] == 0
    assert heights[0] == 560
    without = component.heights(told["layouts"], 560, unrolled=False)
    assert without[1][1] < heights[1]


def test_a_picture_without_a_description_is_refused() -> None:
    with pytest.raises(ValueError, match="empty alt"):
        component.cell(looked("rnn")[0], key="cell", alt=" ", height=500)
