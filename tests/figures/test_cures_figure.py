import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.cures import CURES, Comparison, Measured, compare
from rnnviz.experiment import Experiment
from rnnviz.figures.cures import COLOURS, panels
from rnnviz.registry import CELLS

SMALL = Experiment(length=12, hidden=3, signal="noise")
PARTS = 5  # traces a panel: the run as it is, band, line, crosses, triangles


@pytest.fixture(scope="module")
def lstm() -> Comparison:
    return compare(SMALL, "lstm", seeds=3)


def words(fig) -> list[str]:
    return [note.text for note in fig.layout.annotations]


def test_each_panel_has_its_median_its_range_and_the_run_as_it_is(lstm: Comparison, sound: Callable) -> None:
    fig = sound(panels(lstm))
    assert len(fig.data) == PARTS * len(CURES)
    for k, one in enumerate(lstm.outcomes):
        ghost, band, line, lost, beyond = fig.data[PARTS * k : PARTS * (k + 1)]
        axis = "x" if k == 0 else f"x{k + 1}"
        assert {trace.xaxis for trace in (ghost, band, line, lost, beyond)} == {axis}
        np.testing.assert_allclose(ghost.y, lstm.before.norms.median(0).values)
        np.testing.assert_allclose(line.y, one.measured.norms.median(0).values)
        np.testing.assert_allclose(band.y[:12], one.measured.norms.amax(0))
        np.testing.assert_allclose(band.y[12:][::-1], one.measured.norms.amin(0))
        assert line.line.color == COLOURS[one.measured.verdict]
        assert one.cure.label in line.name.replace("<sub>hh</sub>", "_hh")
        assert len(lost.x) == len(beyond.x) == 0
        assert any(one.measured.verdict in text for text in words(fig))
    ranges = {fig.layout[f"yaxis{k or ''}"].range for k in ("", 2, 5, 8)}
    assert len(ranges) == 1


def test_the_words_quote_what_was_measured(lstm: Comparison) -> None:
    text = " ".join(words(panels(lstm, 1e-3)))
    rate = lstm.outcomes[2].measured.rate.median().item()
    assert f"× {rate:.3g} a step back" in text
    norm = lstm.before.weight.median().item()
    assert f"{norm:.2g} → 0.001" in text
    assert f"{norm:.2g}: not clipped" in " ".join(words(panels(lstm, 1e6)))


@pytest.mark.parametrize("cell", CELLS)
def test_what_does_not_apply_says_why(cell: str, sound: Callable) -> None:
    found = compare(SMALL, cell, seeds=1)
    fig = sound(panels(found))
    assert len(fig.data) == PARTS * len(CURES)
    told = [text for text in words(fig) if text.startswith("does not apply")]
    missing = [k for k, one in enumerate(found.outcomes) if one.measured is None]
    assert len(told) == len(missing)
    for k in missing:
        assert np.isnan(fig.data[PARTS * k + 2].y).all()
        assert np.isfinite(fig.data[PARTS * k].y).any() == bool((found.before.norms > 0).any())


def test_vanished_and_exploded_is_marked_and_the_axis_ends(lstm: Comparison, sound: Callable) -> None:
    norms = torch.tensor([[0.0, 1e-310, 1e-200, math.inf, math.nan, 1.0]], dtype=torch.float64)
    one = torch.ones(1, dtype=torch.float64)
    odd = Measured(norms, norms < 1e-300, one, one, one)
    outcomes = tuple(replace(outcome, measured=odd) for outcome in lstm.outcomes)
    fig = sound(panels(replace(lstm, before=odd, outcomes=outcomes)))
    _, band, line, lost, beyond = fig.data[:PARTS]
    assert list(lost.x) == [1, 2]
    assert list(beyond.x) == [4, 5]
    np.testing.assert_array_equal(np.isnan(line.y), [True, True, False, True, True, False])
    low, top = fig.layout.yaxis.range
    assert low < math.log10(lost.y[0]) < math.log10(line.y[2])
    assert math.log10(beyond.y[0]) < top
    assert np.isfinite(band.y).all()
    assert "float32 ends" in words(fig)


@pytest.mark.parametrize("settings", [{"scale": 4.0}, {"scale": 0.0}, {"loss": 1}, {"hidden": 1}])
@pytest.mark.parametrize("cell", ["rnn_linear", "rnn_relu", "gru"])
def test_extremes(cell: str, settings: dict, sound: Callable) -> None:
    # A GRU takes long, and comes near the ends of the axis with one unit alone.
    length = 200 if cell == "gru" and "hidden" not in settings else 500
    found = compare(replace(SMALL, length=length, **settings), cell, seeds=1)
    fig = sound(panels(found))
    for name in ("yaxis", "yaxis8"):
        assert all(abs(end) <= 308 for end in fig.layout[name].range)


def test_a_single_step_is_a_point() -> None:
    fig = panels(compare(replace(SMALL, loss=1), "gru", seeds=1))
    assert {fig.data[k].mode for k in (0, 2)} == {"lines+markers"}
    assert len(fig.data[2].y) == 1


def test_the_axis_rests_while_a_slider_moves() -> None:
    ranges = {
        panels(compare(replace(SMALL, length=60, scale=scale), "lstm", seeds=3)).layout.yaxis.range
        for scale in (0.9, 1.0, 1.1)
    }
    assert len(ranges) == 1


def test_letters_stand_for_the_steps_of_a_text(lstm: Comparison) -> None:
    fig = panels(lstm, labels=[*"hello <wörl", "d"])
    assert fig.layout.xaxis5.ticktext[0] == "h"
    assert "t = 7 (&lt;)" in fig.data[0].text
