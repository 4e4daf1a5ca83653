import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from courses import WHOLE, course, diverged

from rnnviz.figures.training_gates import kinds
from rnnviz.figures.training_inside import norms, profile, saturation, weights
from rnnviz.figures.training_profile import FLOOR, TOP
from rnnviz.figures.training_weights import written
from rnnviz.race import Race
from rnnviz.registry import CELLS

SIX = Race(
    steps=30, length=9, cells=("lstm", "gru", "rnn", "rnn_linear", "lstm_layernorm", "gru_reset_before")
)
ALL = {"norms": norms, "weights": weights, "saturation": saturation, "profile": profile}


def words(fig) -> list[str]:
    return [note.text for note in fig.layout.annotations]


def line(fig, name: str, axis: str | None = None):
    (found,) = (trace for trace in fig.data if trace.name == name and axis in (None, trace.xaxis))
    return found


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("count", [0, 1, 2, 31])
@pytest.mark.parametrize("cells", [SIX.cells[:1], SIX.cells[:3], SIX.cells])
def test_any_number_of_cells_and_epochs(name: str, count: int, cells: tuple, sound: Callable) -> None:
    race = replace(SIX, cells=cells)
    fig = sound(ALL[name]({cell: course(race, cell, 30)[:count] for cell in cells}, race))
    for axis, values in fig.to_plotly_json()["layout"].items():
        if axis.startswith(("xaxis", "yaxis")):
            assert all(0 <= end <= 1 for end in values.get("domain", ()))


@pytest.mark.parametrize("name", ALL)
def test_the_picture_rests_while_it_grows(name: str) -> None:
    every = {cell: course(SIX, cell, 30) for cell in SIX.cells}
    figs = [
        ALL[name]({cell: epochs[:count] for cell, epochs in every.items()}, SIX) for count in (1, 2, 20, 31)
    ]
    assert len({tuple((trace.name, trace.xaxis) for trace in fig.data) for fig in figs}) == 1
    assert len({fig.layout.xaxis.range for fig in figs}) == 1
    assert len({fig.layout.uirevision for fig in figs}) == 1
    lows, tops = zip(*(fig.layout.yaxis.range for fig in figs), strict=True)
    assert list(lows) == sorted(lows, reverse=True)
    assert list(tops) == sorted(tops)


@pytest.mark.parametrize("name", ALL)
def test_divergence_and_nothing_yet(name: str, sound: Callable) -> None:
    epochs = {cell: diverged(course(SIX, cell, 5)) for cell in SIX.cells}
    fig = sound(ALL[name](epochs, SIX))
    assert not any("nan" in text or "inf" in text for text in words(fig))
    sound(ALL[name]({}, SIX))


def test_norms_before_and_after_clipping_and_the_threshold(sound: Callable) -> None:
    race = replace(WHOLE, clip=2)
    epochs = {"lstm": course(race, "lstm", 30), "gru": [], "rnn": []}
    fig = sound(norms(epochs, race))
    np.testing.assert_array_equal(line(fig, "LSTM: gradient norm").y, [one.norm for one in epochs["lstm"]])
    np.testing.assert_array_equal(
        line(fig, "LSTM: after clipping").y, [one.clipped for one in epochs["lstm"]]
    )
    np.testing.assert_array_equal(
        line(fig, "LSTM: gradient norm").customdata, [one.norm_max for one in epochs["lstm"]]
    )
    assert fig.layout.shapes[0].y0 == 2
    assert any("thin: after clipping at 2, dotted" in text for text in words(fig))  # where no curve is
    fig = sound(norms(epochs, replace(race, clip=None)))
    assert not [trace for trace in fig.data if "clipping" in trace.name]
    assert not fig.layout.shapes


def test_a_gradient_of_0_is_a_ring_and_no_number() -> None:
    fig = norms({"lstm": course(WHOLE, "lstm", 3, norm=0.0)}, WHOLE)
    assert np.isnan(line(fig, "LSTM: gradient norm").y).all()
    assert fig.data[-1].marker.symbol[0] == "circle-open"
    assert fig.data[-1].text[0] == "LSTM<br>gradient norm exactly 0"


def test_weights_are_the_norms_of_the_parameters(sound: Callable) -> None:
    epochs = {cell: course(WHOLE, cell, 9) for cell in WHOLE.cells}
    fig = sound(weights(epochs, WHOLE))
    for label, cell, axis in (("LSTM", "lstm", "x"), ("RNN (tanh)", "rnn", "x3")):
        drawn = line(fig, f"{label}: ‖W<sub>ih</sub>‖", axis)
        np.testing.assert_array_equal(drawn.y[:10], [one.weights["weight_ih"] for one in epochs[cell]])
    radius = [trace for trace in fig.data if "spectral radius" in trace.name]
    assert [trace.xaxis for trace in radius] == ["x3"]
    np.testing.assert_array_equal(radius[0].y[:10], [one.radius for one in epochs["rnn"]])
    assert radius[0].line.dash == "dash"
    colours = {trace.line.color for trace in fig.data if "W<sub>ih" in trace.name}
    assert len(colours) == 1


def test_parameters_are_written_as_in_the_formulas() -> None:
    assert written("weight_hh") == "W<sub>hh</sub>"
    assert written("gain_c") == "γ<sub>c</sub>"
    assert written("head.weight") == "W<sub>out</sub>"
    assert written("head.bias") == "b<sub>out</sub>"
    assert written("<other>") == "&lt;other&gt;"
    for cell in CELLS.values():
        assert all("<sub>" in written(name) for name, _ in cell.params)


def test_saturation_is_a_band_from_below_and_one_from_above(sound: Callable) -> None:
    epochs = {"lstm": course(WHOLE, "lstm", 4), "gru": [], "rnn": []}
    fig = sound(saturation(epochs, WHOLE))
    low, high = line(fig, "LSTM: f below 0.1"), line(fig, "LSTM: f above 0.9")
    shares = np.array([one.saturation["f"] for one in epochs["lstm"]])
    np.testing.assert_array_equal(low.y[:5], shares[:, 0])
    np.testing.assert_array_equal(high.y[:5], 1 - shares[:, 1])
    np.testing.assert_array_equal(high.customdata[:5], shares[:, 1])
    assert (set(low.y[5:]), set(high.y[5:])) == ({0}, {1})
    assert {axis.range for axis in (fig.layout.yaxis, fig.layout.yaxis7)} == {(0, 1)}
    assert len(line(fig, "GRU: z below 0.1").x) == 0


def test_what_cannot_saturate_is_left_out() -> None:
    assert list(kinds("lstm", False)) == ["i", "f", "o", "g", "h"]
    assert list(kinds("lstm", True)) == ["i", "f", "o", "g"]
    assert kinds("rnn_linear", False) == {}
    assert list(kinds("mingru", False)) == ["z"]
    for race in (replace(WHOLE, cells=("rnn_linear",)), replace(WHOLE, cells=("rnn",), residual=True)):
        fig = saturation({}, race)
        assert "h has no bounds: there is nothing that could saturate" in words(fig)


def test_a_relu_has_but_one_end() -> None:
    race = replace(WHOLE, cells=("rnn_relu",))
    fig = saturation({"rnn_relu": course(race, "rnn_relu", 4)}, race)
    assert [trace.name for trace in fig.data] == ["RNN (ReLU): h at 0"]


def test_the_profile_is_the_norms_in_decades(sound: Callable) -> None:
    epochs = {"lstm": course(SIX, "lstm", 12), "gru": course(SIX, "gru", 3)}
    fig = sound(profile(epochs, SIX, ("lstm", "gru")))
    lstm, gru = fig.data
    assert lstm.z.shape == gru.z.shape == (9, 31)
    np.testing.assert_allclose(lstm.z[:, 12], np.log10(epochs["lstm"][12].profile), atol=1e-6)
    assert np.isnan(lstm.z[:, 13:]).all()
    assert np.isnan(gru.z[:, 4:]).all()
    assert {(trace.zmin, trace.zmax) for trace in fig.data} == {(FLOOR, TOP)}
    assert lstm.colorbar.ticktext[0] == "≤ 10<sup>−10</sup>"
    assert (lstm.x0, lstm.dx, lstm.y0, lstm.dy) == (0, 1, 1, 1)


def test_underflow_and_what_is_not_finite_are_grey_and_said(sound: Callable) -> None:
    odd = [math.nan, math.inf, 0.0, 1e-40, 1.3e-38, 1.0, 1.0, 1.0, 1e30]
    fig = sound(profile({"lstm": course(SIX, "lstm", 2, profile=odd)}, SIX, ("lstm",)))
    heat, lost, beyond = fig.data
    np.testing.assert_array_equal(np.isnan(heat.z[:, 1]), [True] * 4 + [False] * 5)
    np.testing.assert_array_equal(np.isfinite(lost.z[:, 1]), [False, False, True, True] + [False] * 5)
    np.testing.assert_array_equal(np.isfinite(beyond.z[:, 1]), [True, True] + [False] * 7)
    assert np.isnan(lost.z[:, 3:]).all()
    assert "too small for float32" in lost.hovertemplate
    assert any(text.endswith("grey: 0 or underflow, not finite") for text in words(fig))


def test_a_profile_longer_than_the_length_of_the_race_is_whole() -> None:
    epochs = {"lstm": course(SIX, "lstm", 2, profile=[0.1] * 29)}  # copy memory reads 20 steps more
    fig = profile(epochs, replace(SIX, task="copy", cells=("lstm",)))
    assert fig.data[0].z.shape == (29, 31)
    assert fig.layout.yaxis.range == (0.5, 29.5)
