import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnviz import build
from rnnviz.experiment import Experiment
from rnnviz.figures.paths import span, step
from rnnviz.gradients import step_norms
from rnnviz.paths import Paths, paths
from rnnviz.registry import CELLS


def found(cell: str, **settings: object) -> Paths:
    experiment = Experiment(cells=(cell,), **{"hidden": 4, "length": 20, **settings})
    module = build.build_module(experiment, cell).double()
    return paths(module, build.build_input(experiment).double(), experiment.loss_index)


def words(fig) -> list[str]:
    return [note.text for note in fig.layout.annotations]


def named(fig, name: str):
    (trace,) = [trace for trace in fig.data if trace.name == name]
    return trace


@pytest.mark.parametrize("cell", CELLS)
def test_the_lines_are_the_norms(sound: Callable, cell: str) -> None:
    given = found(cell, loss=15)
    fig = sound(span(given))
    for name, values in (("in full", given.total), ("rest", given.rest), ("direct", given.direct)):
        if name == "direct" and not CELLS[cell].gates:
            assert "direct" not in [trace.name for trace in fig.data]
            continue
        norms = step_norms(values[:, None]).numpy()
        drawn = named(fig, name).y
        np.testing.assert_allclose(drawn[norms > 0], norms[norms > 0], rtol=1e-12)
        assert np.isnan(drawn[norms == 0]).all()
    assert fig.layout.shapes[0].x0 == 15
    assert fig.layout.yaxis.type == "log"
    share = named(fig, "share %").y
    if CELLS[cell].gates:
        np.testing.assert_allclose(share, 100 * given.span_share.numpy(), rtol=1e-5)
        assert share[-1] == 100
    else:
        assert np.isnan(share).all()
        assert "no direct path" in words(fig)


@pytest.mark.parametrize("cell", CELLS)
def test_the_sizes_of_a_step(sound: Callable, cell: str) -> None:
    given = found(cell)
    fig = sound(step(given))
    top = fig.layout.yaxis.tickvals[-1]
    sizes = given.rest_size.numpy()
    drawn = named(fig, "rest").y
    inside = sizes <= 1.06 * top
    np.testing.assert_allclose(drawn[inside], sizes[inside], rtol=1e-6, atol=1e-12)
    assert fig.layout.yaxis.range[1] >= top
    if CELLS[cell].gates:
        np.testing.assert_allclose(named(fig, "direct").y, given.direct_size.numpy(), rtol=1e-6)
        np.testing.assert_allclose(named(fig, "share %").y, 100 * given.step_share.numpy(), rtol=1e-5)
    else:
        assert "no direct path" in words(fig)


def test_a_few_far_sizes_stand_at_the_end_of_the_axis(sound: Callable) -> None:
    """The first state of a layer-norm LSTM is 0, where the slope of the norm is 1/sqrt(1e-5)."""
    given = found("lstm_layernorm", length=40)
    fig = sound(step(given))
    top = fig.layout.yaxis.tickvals[-1]
    assert float(given.rest_size[0]) > 10 * top
    assert math.isnan(named(fig, "rest").y[0])
    mark = named(fig, "rest, beyond the axis")
    assert list(mark.x) == [1]
    assert list(mark.y) == [top]
    assert f"{float(given.rest_size[0]):.3g}" in mark.text[0]
    assert "▲ beyond" in words(fig)


def test_a_rest_of_exactly_zero_is_marked_and_never_a_number(sound: Callable) -> None:
    fig = sound(span(found("mingru")))
    assert np.isnan(named(fig, "rest").y).all()
    rings = named(fig, "rest: exactly 0")
    assert list(rings.x) == list(range(1, 20))  # at the loss the rest is 0 by definition
    assert rings.marker.symbol == "circle-open"
    assert "○ exactly 0" in words(fig)
    assert not any("underflow" in text for text in words(fig))


def test_what_float64_cannot_hold_is_marked(sound: Callable) -> None:
    given = found("lstm", length=400, forget=-3)
    assert given.direct_lost.any()
    fig = sound(span(given))
    crosses = named(fig, "direct: underflow, too small for float64")
    assert list(crosses.x) == (given.direct_lost.nonzero().flatten() + 1).tolist()
    assert np.isnan(named(fig, "direct").y[given.direct_lost.numpy()]).all()
    low, top = fig.layout.yaxis.range
    # On an axis of their own, as no float64 is as small as the band under the floor.
    height = low + crosses.y[0] * (top - low)
    assert crosses.yaxis == "y3"
    assert low < height < -308
    assert any("underflow" in text for text in words(fig))


def test_the_axes_rest_while_a_slider_moves() -> None:
    ranges = {
        (span(one).layout.yaxis.range, step(one).layout.yaxis.range)
        for one in (found("lstm", length=60, scale=scale) for scale in (0.9, 1.0, 1.1, 1.2))
    }
    assert len(ranges) == 1


@pytest.mark.parametrize("cell", ["lstm", "rnn", "mingru", "rnn_relu"])
@pytest.mark.parametrize(
    "settings", [{"length": 2}, {"scale": 0}, {"loss": 1}, {"hidden": 1}, {"scale": 4, "init": "identity"}]
)
def test_extremes(sound: Callable, cell: str, settings: dict) -> None:
    given = found(cell, **settings)
    sound(span(given))
    sound(step(given))


@pytest.mark.parametrize(("loss", "side"), [(1, "right"), (5, "right"), (19, "left"), (20, "left")])
def test_the_heading_and_the_word_at_the_loss_keep_apart(loss: int, side: str) -> None:
    notes = span(found("lstm", loss=loss)).layout.annotations
    (heading,) = [note for note in notes if note.text.startswith("from the loss back")]
    assert heading.xanchor == side
    assert heading.x == (side == "right")


def test_a_run_that_overflows(sound: Callable) -> None:
    module = build.build_module(Experiment(hidden=2), "rnn_relu")
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1e10)
    given = paths(module, torch.ones(8, 1, 1))
    sound(span(given))
    sound(step(given))


def test_letters_name_the_steps(sound: Callable) -> None:
    fig = sound(span(found("gru", length=3), labels=["a", "b", "<"]))
    assert list(fig.layout.xaxis.ticktext) == ["a", "b", "&lt;"]
    assert "t = 3 (&lt;)" in named(fig, "in full").text


def test_a_gate_that_the_input_has_shut_is_still_a_path() -> None:
    """1e30 rounds the one forget gate to exactly 0 at each step: the direct part is lost, and said to be."""
    shut = {"hidden": 1, "signal": "numbers", "numbers": "1e30, 1e30, 1e30"}
    runs = (found("lstm", seed=seed, **shut) for seed in range(20))
    closed = next(run for run in runs if not run.kept.any())
    for drawing in (span, step):
        assert "no direct path" not in str(drawing.spec(closed)["layout"]["annotations"])
