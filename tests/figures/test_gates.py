from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz import signals
from rnnviz.figures import gates
from rnnviz.registry import CELLS
from rnnviz.statistics import distribution, saturation, state_kind


def titles(fig) -> list[str]:
    return [note.text for note in fig.layout.annotations if note.text.startswith("<b>")]


@pytest.mark.parametrize("name", CELLS)
def test_heatmaps_hold_the_numbers_of_every_cell(name: str, layer: Callable, sound: Callable) -> None:
    run, cell = layer(name), CELLS[name]
    fig = sound(gates.heatmaps(run, cell, unit=2))
    found = {trace.name: trace for trace in fig.data}
    assert set(found) == {*cell.gate_names, *cell.states}
    for letter, trace in found.items():
        expected = {**run.gates, "h": run.h, "c": run.c}[letter][:, 0]
        np.testing.assert_array_equal(trace.z, expected.T)
        assert (trace.x0, trace.y0) == (1, 0)
        assert trace.autocolorscale
        kind = {g.name: g.kind for g in cell.gates}.get(letter) or state_kind(name, letter)
        if kind == "sigmoid":
            assert (trace.zmin, trace.zmax) == (0, 1)
        elif kind == "tanh":
            assert (trace.zmin, trace.zmax) == (-1, 1)
        else:
            assert trace.zmin == -trace.zmax
            assert trace.zmax == gates.c_range(run)
            assert trace.zmax >= expected.abs().max()
    # One colour bar for each scale, headed by the letters that use it.
    bars = [trace for trace in fig.data if trace.showscale]
    assert len(bars) == len({(trace.zmin, trace.zmax, trace.name == "c") for trace in fig.data})
    assert sorted("".join(bar.colorbar.title.text for bar in bars).replace(" ", "")) == sorted(found)
    assert len(titles(fig)) == len(fig.data)
    assert [shape.yanchor for shape in fig.layout.shapes] == [2] * len(fig.data)


def test_gates_come_before_values_and_are_named_in_words(layer: Callable) -> None:
    fig = gates.heatmaps(layer("lstm"), CELLS["lstm"])
    assert [trace.name for trace in fig.data] == list("ifogch")
    assert titles(fig)[1] == "<b>f</b>  forget gate"
    assert "1 keeps the memory" in fig.layout.annotations[1].hovertext
    assert fig.layout.shapes == ()


@pytest.mark.parametrize(("hidden", "length"), [(1, 2), (128, 500)])
@pytest.mark.parametrize("columns", [None, 2])
def test_heatmaps_at_the_ends(
    hidden: int, length: int, columns: int | None, layer: Callable, sound: Callable
) -> None:
    run = layer("lstm", hidden=hidden, length=length)
    fig = sound(gates.heatmaps(run, CELLS["lstm"], unit=0, columns=columns))
    assert fig.data[0].z.shape == (hidden, length)
    assert fig.layout.xaxis.range == (0.5, length + 0.5)
    lefts = {fig.layout[f"xaxis{k or ''}"].domain[0] for k in ("", 2, 3, 4, 5, 6)}
    assert len(lefts) == (columns or 3)


def test_two_cells_on_one_scale(layer: Callable) -> None:
    one, other = layer("rnn_relu", scale=3.0), layer("lstm")
    reach = gates.c_range(one, other)
    assert reach >= max(one.h.abs().max(), other.c.abs().max())
    for run in (one, other):
        fig = gates.heatmaps(run, CELLS[run.cell], c_range=reach)
        assert [trace.zmax for trace in fig.data if trace.name in ("c",) or run is one] == [reach]


def test_what_is_not_finite_is_blank_and_counted(layer: Callable, sound: Callable) -> None:
    run = layer("rnn_linear", hidden=4)
    h = run.h.clone()
    h[5, 0, 1], h[6, 0, 2] = torch.inf, torch.nan
    fig = sound(gates.heatmaps(replace(run, h=h), CELLS["rnn_linear"]))
    assert np.isnan(fig.data[0].z).sum() == 2
    assert "2 of 36 values are not finite" in fig.layout.annotations[-1].text
    assert fig.data[0].zmax >= np.nanmax(np.abs(fig.data[0].z))


def test_characters_name_the_steps(layer: Callable, sound: Callable) -> None:
    text = signals.make("text", text="a cat")
    fig = sound(gates.heatmaps(layer("gru", length=5), CELLS["gru"], labels=text.labels))
    assert fig.layout.xaxis3.ticktext == ("a", "␣", "c", "a", "t")
    assert "%{x:d} (%{x})" in fig.data[0].hovertemplate


@pytest.mark.parametrize("name", CELLS)
def test_unit_lines_hold_one_unit(name: str, layer: Callable, sound: Callable) -> None:
    run, cell = layer(name), CELLS[name]
    signal = signals.make("sine", length=9)
    fig = sound(gates.unit_lines(run, cell, 1, signal))
    found = {trace.name: trace for trace in fig.data}
    assert set(found) == {*cell.gate_names, *cell.states, "x"}
    for letter in (*cell.gate_names, *cell.states):
        values = {**run.gates, "h": run.h, "c": run.c}[letter][:, 0, 1]
        np.testing.assert_array_equal(found[letter].y, values)
        np.testing.assert_array_equal(found[letter].x, np.arange(1, 10))
        low, high = fig.layout[found[letter].yaxis.replace("y", "yaxis")].range
        assert low < values.min() <= values.max() < high
    np.testing.assert_array_equal(found["x"].y, signal.x[:, 0])
    assert f"<b>{cell.states[0]}</b>" in [note.text for note in fig.layout.annotations]


def test_unit_lines_of_text_and_of_a_unit_that_is_not_there(layer: Callable, sound: Callable) -> None:
    text = signals.make("text", text="abcab")
    fig = sound(gates.unit_lines(layer("lstm", length=5), CELLS["lstm"], 0, text))
    np.testing.assert_array_equal(fig.data[-1].z, text.x.T)
    with pytest.raises(ValueError, match="expected a unit from 0 to 2, got 3"):
        gates.unit_lines(layer("lstm", length=5), CELLS["lstm"], 3, text)


@pytest.mark.parametrize("name", CELLS)
def test_spread_of_every_cell(name: str, layer: Callable, sound: Callable) -> None:
    run, cell = layer(name, hidden=8, scale=2.0), CELLS[name]
    fig = sound(gates.spread(run, cell))
    assert {trace.name for trace in fig.data} == {*cell.gate_names, *cell.states}
    for trace in fig.data:
        assert np.allclose(trace.z.sum(0), 1)
        assert (trace.zmin, trace.zmax) == (0, 0.5)
        assert len(trace.y) == len(trace.z) + 1
        axis = fig.layout[trace.yaxis.replace("y", "yaxis")]
        assert axis.range == pytest.approx([trace.y[0], trace.y[-1]])


def test_distribution_numbers_and_remarks(layer: Callable) -> None:
    values = torch.tensor([0.05, 0.05, 0.95, 0.5]).reshape(1, 1, 4)
    fig = gates.distribution(
        {"f": distribution(values, "sigmoid", bins=10)}, CELLS["lstm"], remarks={"f": "so"}
    )
    np.testing.assert_allclose(fig.data[0].z[:, 0], [0.5, 0, 0, 0, 0, 0.25, 0, 0, 0, 0.25])
    assert [note.text for note in fig.layout.annotations] == ["<b>f</b>  forget gate", "so"]
    run = layer("lstm")
    gate = torch.cat([torch.full_like(run.h, 0.01), torch.full_like(run.h, 0.99)])
    fig = gates.spread(replace(run, gates={**run.gates, "f": gate}), CELLS["lstm"])
    assert "50 % shut, 50 % open" in [note.text for note in fig.layout.annotations]


def test_saturation_writes_its_numbers(sound: Callable) -> None:
    values = torch.tensor([0.05, 0.05, 0.95, 0.5]).reshape(1, 1, 4)
    fig = sound(gates.saturation({"f": saturation(values, "sigmoid")}, kinds={"f": "sigmoid"}))
    low, between, high = fig.data
    assert [list(bar.x) for bar in (low, between, high)] == [[0.5], [0.25], [0.25]]
    assert (low.text, high.text) == (("50 %",), ("25 %",))
    assert list(low.customdata) == ["f: below 0.1"]
