import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnviz.experiment import Experiment
from rnnviz.figures.contour import contour
from rnnviz.figures.phase import phase
from rnnviz.sweep import Diagram, against_forget, against_length

SCALES, LENGTHS = (0.5, 1.0, 1.5, 2.0), (2.0, 4.0, 6.0)


def made(values: object, cell: str = "rnn", against: str = "length", hidden: int = 1) -> Diagram:
    """A diagram (V, S, N) with the axes above."""
    data = torch.as_tensor(values, dtype=torch.float64)
    return Diagram(cell, against, SCALES, LENGTHS, tuple(range(data.shape[-1])), hidden, data)


def slope(decades: float, cell: str = "rnn") -> Diagram:
    """Ratios that pass 1 at the scale 1.25, from minus to plus so many decades; five seeds, 0.2 apart."""
    row = torch.linspace(-decades, decades, 4, dtype=torch.float64)
    return made(row[None, :, None].expand(3, 4, 5) + torch.linspace(-0.4, 0.4, 5), cell)


def traces(fig, words: str) -> list:
    return [trace for trace in fig.data if words in trace.name]


def test_the_maps_hold_the_medians_and_the_labels_the_quartiles(sound: Callable) -> None:
    diagrams = [
        against_length(Experiment(hidden=4), cell, SCALES, (2, 4, 6), (0, 1, 2)) for cell in ("lstm", "rnn")
    ]
    fig = sound(phase(diagrams, (1.0, 4.0)))
    maps = [trace for trace in fig.data if trace.name in ("LSTM", "RNN (tanh)")]
    assert [trace.name for trace in maps] == ["LSTM", "RNN (tanh)"]
    for trace, one in zip(maps, diagrams, strict=True):
        np.testing.assert_allclose(trace.z, one.median, rtol=1e-6)
        np.testing.assert_allclose(trace.customdata[..., 0], one.quartiles[0], rtol=1e-6)
        np.testing.assert_allclose(trace.customdata[..., 1], one.quartiles[1], rtol=1e-6)
        np.testing.assert_array_equal(trace.x, SCALES)
        np.testing.assert_array_equal(trace.y, LENGTHS)
        assert trace.autocolorscale
        assert "median 10<sup>%{z:.1f}</sup>" in trace.hovertemplate
    assert [note.text for note in fig.layout.annotations] == ["<b>LSTM</b>", "<b>RNN (tanh)</b>"]
    assert fig.layout.yaxis.title.text == "length T"
    assert fig.layout.yaxis.range == (1, 7)
    assert fig.layout.xaxis.range == (0, 2.25)


@pytest.mark.parametrize(("decades", "limit"), [(0.1, 1), (1.4, 2), (4, 5), (9, 10), (300, 10)])
def test_one_scale_for_all_centred_on_1_with_few_limits(decades: float, limit: float) -> None:
    fig = phase([slope(decades), slope(0.3, "gru")])
    maps = [trace for trace in fig.data if trace.name in ("RNN (tanh)", "GRU")]
    assert [(trace.zmin, trace.zmax) for trace in maps] == [(-limit, limit)] * 2
    assert [trace.showscale for trace in maps] == [True, False]
    words = dict(zip(maps[0].colorbar.tickvals, maps[0].colorbar.ticktext, strict=True))
    assert words[0] == "1"
    assert words[-limit] == f"≤ 10<sup>−{limit}</sup>"
    assert words[limit] == f"≥ 10<sup>{limit}</sup>"
    assert {"vanishes", "explodes"} <= set(words.values())


def test_the_line_runs_where_the_ratio_is_1() -> None:
    (line,) = traces(phase([slope(2)]), "ratio 1")
    assert len(line.x) == 3
    np.testing.assert_allclose(line.x, 1.25)
    np.testing.assert_allclose(sorted(line.y), LENGTHS)


def test_what_float32_cannot_hold_is_grey_and_still_labelled(sound: Callable) -> None:
    decades = torch.tensor([-40.0, -30, 30, 40], dtype=torch.float64)[None, :, None].expand(3, 4, 2)
    fig = sound(phase([made(decades)]))
    (grey,) = traces(fig, "beyond float32")
    np.testing.assert_array_equal(grey.z, [[1, 0, 0, 1]] * 3)
    assert grey.hoverinfo == "skip"
    np.testing.assert_allclose(fig.data[0].z[0], [-40, -30, 30, 40])
    assert not traces(fig, "no number")


def test_zeros_and_overflow_are_no_numbers(sound: Callable) -> None:
    values = torch.zeros(3, 4, 2, dtype=torch.float64)
    values[0, 0], values[1, 1, 0] = -math.inf, math.nan
    fig = sound(phase([made(values)]))
    gaps = np.zeros((3, 4), bool)
    gaps[0, 0] = gaps[1, 1] = True
    np.testing.assert_array_equal(np.isnan(fig.data[0].z), gaps)
    np.testing.assert_array_equal(traces(fig, "beyond float32")[0].z == 1, gaps)
    (labels,) = traces(fig, "no number")
    np.testing.assert_array_equal(np.isnan(labels.z), ~gaps)
    assert labels.text[0][0] == "ratio: exactly 0"
    assert labels.text[1][1] == "overflow: not finite, even in float64"
    sound(phase([made(torch.full((3, 4, 1), -math.inf))]))


def test_the_ring_is_the_experiment_and_moves_alone() -> None:
    one = [slope(3), slope(2, "gru")]
    before, after = (phase.spec(one, own) for own in ((1.0, 4.0), (3.35, 5.0)))
    for trace in after["data"]:
        if trace["name"] == "this experiment":
            assert set(trace["x"]) == {3.35}
            assert set(trace["y"]) == {5.0}
    assert before["layout"] == after["layout"]
    assert [trace["name"] for trace in before["data"]] == [trace["name"] for trace in after["data"]]
    assert all(np.isnan(trace["x"]).all() for trace in phase.spec(one)["data"][3::4])


@pytest.mark.parametrize("count", range(1, 7))
def test_up_to_six_cells_have_a_panel_each(count: int, sound: Callable) -> None:
    cells = ["rnn", "lstm", "gru", "rnn_relu", "rnn_linear", "gru_reset_before"][:count]
    fig = sound(phase([slope(3, cell) for cell in cells], (1.0, 4.0)))
    places = {(trace.xaxis, trace.yaxis) for trace in fig.data}
    assert len(places) == count
    boxes = [
        fig.layout[f"xaxis{k}"].domain + fig.layout[f"yaxis{k}"].domain for k in ("", *range(2, count + 1))
    ]
    for a, (x0, x1, y0, y1) in enumerate(boxes):
        for u0, u1, v0, v1 in boxes[a + 1 :]:
            assert x1 < u0 or u1 < x0 or y1 < v0 or v1 < y0


def test_against_the_forget_bias_and_how_coarse_it_is(sound: Callable) -> None:
    found = against_forget(Experiment(hidden=3, length=5), "lstm", SCALES, LENGTHS, (0, 1))
    fig = sound(phase([found], (1.0, 0.0), coarse=True))
    assert fig.layout.yaxis.title.text == "forget bias"
    assert fig.layout.uirevision == "phase-forget"
    assert fig.layout.annotations[-1].text == "4 × 3 points, 2 seeds"
    sound(phase([Diagram("rnn", "length", (1.0,), (2.0,), (0,), 1, torch.zeros(1, 1, 1).double())]))


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="diagrams of one pair of axes, got 0"):
        phase([])
    with pytest.raises(ValueError, match="diagrams of one pair of axes, got 2"):
        phase([slope(1), made(torch.zeros(3, 4, 1), against="forget")])


# The line


def test_a_circle_is_one_closed_line_of_the_right_radius() -> None:
    x, y = np.linspace(-2, 2, 41), np.linspace(-3, 3, 61)
    lines = contour(x, y, np.hypot(*np.meshgrid(x, y)) - 1.5)
    assert not np.isnan(lines).any()
    np.testing.assert_allclose(np.hypot(*lines), 1.5, atol=2e-3)
    assert (lines[0][0], lines[1][0]) == (lines[0][-1], lines[1][-1])
    assert np.hypot(*np.diff(lines)).sum() == pytest.approx(2 * math.pi * 1.5, rel=2e-3)


def test_lines_apart_gaps_and_islands() -> None:
    x, y = np.arange(5.0), np.arange(4.0)
    z = np.tile(np.array([-1.0, 1, -1, -1, 1]), (4, 1))
    found = contour(x, y, z)
    assert np.isnan(found[0]).sum() == 2
    parts = {round(float(place), 9) for place in found[0][~np.isnan(found[0])]}
    assert parts == {0.5, 1.5, 3.5}
    z[:2, 4] = np.nan  # the last line keeps its one whole square
    assert (contour(x, y, z)[0] == 3.5).sum() == 2
    alone = -np.ones((4, 5))
    alone[2, 2] = 1
    assert len(contour(x, y, alone)[0]) == 5
    for empty in (contour(x, y, alone, island=5), contour(x, y, np.ones((4, 5)))):
        assert len(empty[0]) == 1
        assert np.isnan(empty).all()


@pytest.mark.parametrize("sign", [1, -1])
def test_a_saddle_is_cut_by_its_middle(sign: float) -> None:
    # The middle of z = (x - .4)(y - .4) has the sign of its corners (0, 0) and (1, 1), which are then joined.
    x = np.array([0.0, 1.0])
    z = sign * np.outer(x - 0.4, x - 0.4)
    lines = contour(x, x, z)
    (gap,) = np.flatnonzero(np.isnan(lines[0]))
    for part in (slice(0, gap), slice(gap + 1, None)):
        centre = (lines[0][part].mean(), lines[1][part].mean())
        # Each line cuts off a corner of the other sign.
        assert (centre[0] - 0.5) * (centre[1] - 0.5) < 0
