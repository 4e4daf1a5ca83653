"""The triangle as a heat map, and one row of it as a curve: numbers, marks, labels, extremes."""

import math

import numpy as np
import pytest
import torch

from rnnviz import build, theory
from rnnviz.experiment import Experiment
from rnnviz.figures.triangle import heat_map, symbol_of, values
from rnnviz.figures.triangle_row import NAMES, row_curve
from rnnviz.registry import CELLS
from rnnviz.theory import Triangle

T = 12


def measured(cell="gru", norm="frobenius", stride=1, **settings):
    experiment = Experiment(cells=(cell,), **{"hidden": 3, "length": T, **settings})
    module = build.build_module(experiment, cell)
    return theory.measure(module, build.build_input(experiment), norm, stride=stride)


def made(norms):
    """A triangle of these norms."""
    norms = torch.tensor(norms)
    n = len(norms)
    zero = torch.zeros(n, n, dtype=torch.bool)
    return Triangle(range(n), norms, zero, 1.0, torch.zeros(n - 1).double(), None, -0.5)


def named(fig, name):
    (found,) = [trace for trace in fig.data if trace.name == name]
    return found


def words(fig):
    return " ".join(note.text for note in fig.layout.annotations)


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("norm", ["spectral", "frobenius"])
@pytest.mark.parametrize("cell", CELLS)
def test_both_are_sound_for_every_cell(cell, norm, relative, sound):
    found = measured(cell, norm)
    for row in (0, 5, T - 1):
        for draw in (heat_map, row_curve):
            sound(draw(found, CELLS[cell], row, T, relative=relative))


@pytest.mark.parametrize("stride", [1, 5])
def test_the_map_holds_the_norms(stride):
    found = measured(stride=stride)
    (trace,) = heat_map(found, CELLS["gru"], 1, T).data
    n = len(found.steps)
    assert trace.z.shape == (n, n)
    for i, t in enumerate(found.steps):
        assert trace.x0 + i * trace.dx == trace.y0 + i * trace.dy == t + 1
        for j in range(n):
            if j > i:
                assert math.isnan(trace.z[i, j])
            else:
                assert 10 ** trace.z[i, j] == pytest.approx(found.norms[i, j].item(), rel=1e-6)
    assert (trace.zmin + trace.zmax) / 2 == pytest.approx(math.log10(math.sqrt(3)))
    assert trace.colorbar.ticktext[-1] == "1.73"
    assert ("every 5th step" in words(heat_map(found, CELLS["gru"], 1, T))) == (stride == 5)


def test_the_map_per_step_is_the_geometric_mean():
    found = measured(norm="frobenius")
    (trace,) = heat_map(found, CELLS["gru"], 1, T, relative=True).data
    assert np.isnan(np.diag(trace.z)).all()
    for t, k in ((5, 2), (11, 0), (1, 0)):
        expected = (found.norms[t, k].item() / math.sqrt(3)) ** (1 / (t - k))
        assert trace.z[t, k] + 1 == pytest.approx(expected, rel=1e-6)


def test_an_orthogonal_network_is_without_change():
    found = measured("rnn_linear", "frobenius", init="orthogonal")
    (trace,) = heat_map(found, CELLS["rnn_linear"], 1, T, relative=True).data
    below = np.tril_indices(T, -1)
    assert np.abs(trace.z[below]).max() < 1e-5
    curves = row_curve(found, CELLS["rnn_linear"], T - 1, T, relative=True)
    for name in NAMES:
        np.testing.assert_allclose(named(curves, name).y, 1, atol=1e-5)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_the_curve_is_the_row_and_its_lines_those_of_theory(cell):
    found = measured(cell)
    fig = row_curve(found, CELLS[cell], 7, T)
    assert [trace.name for trace in fig.data] == [*NAMES, "underflow", "exactly 0", "overflow"]
    for trace in fig.data:
        assert list(trace.x) == list(range(1, 9))
    np.testing.assert_allclose(named(fig, "measured").y, found.norms[7, :8], rtol=1e-6)
    np.testing.assert_allclose(named(fig, "bound").y, 10 ** found.bound(7).numpy(), rtol=1e-12)
    np.testing.assert_allclose(named(fig, "long run").y, 10 ** found.asymptote(7).numpy(), rtol=1e-12)
    assert not np.isfinite(named(fig, "underflow").y).any()
    assert (named(fig, "bound").y >= named(fig, "measured").y * (1 - 1e-5)).all()
    assert "t = 8" in words(fig)


def test_per_step_a_constant_rate_lies_level():
    found = measured("rnn")
    fig = row_curve(found, CELLS["rnn"], T - 1, T, relative=True)
    np.testing.assert_allclose(named(fig, "bound").y, 10**found.weight, rtol=1e-9)
    np.testing.assert_allclose(named(fig, "long run").y, 10**found.rate, rtol=1e-9)
    assert len(named(fig, "measured").y) == T - 1
    assert fig.layout.yaxis.range[0] == 0


def test_all_rows_share_one_axis_and_one_map():
    found = measured("lstm", scale=2.5)
    ranges = {row_curve(found, CELLS["lstm"], row, T).layout.yaxis.range for row in range(T)}
    assert len(ranges) == 1
    assert len({heat_map(found, CELLS["lstm"], row, T).data[0].zmax for row in range(T)}) == 1


def test_what_float32_cannot_hold_is_marked_and_never_a_number():
    found = made([[1.0, 0, 0], [1e-20, 1, 0], [1e-40, 1e-20, 1]])
    seen = values(found)
    assert seen.lost.sum() == 1
    assert seen.lost[2, 0]
    fig = heat_map(found, CELLS["rnn"], 2, 3)
    assert math.isnan(fig.data[0].z[2, 0])
    assert "grey: underflow" in words(fig)
    curve = row_curve(found, CELLS["rnn"], 2, 3)
    assert math.isnan(named(curve, "measured").y[0])
    mark = named(curve, "underflow").y[0]
    assert curve.layout.yaxis.range[0] < math.log10(mark) < -38
    assert "underflow: below 10<sup>−38</sup>" in words(curve)
    assert "underflow" not in words(heat_map(made([[1.0, 0], [1e-20, 1]]), CELLS["rnn"], 1, 2))


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_what_is_not_finite_is_marked_above(value, sound):
    found = made([[1.0, 0, 0], [3.0, 1, 0], [value, 3.0, 1]])
    for relative in (False, True):
        fig = sound(heat_map(found, CELLS["rnn"], 2, 3, relative=relative))
        assert math.isnan(fig.data[0].z[2, 0])
        assert "grey: overflow" in words(fig)
        curve = sound(row_curve(found, CELLS["rnn"], 2, 3, relative=relative))
        mark = float(named(curve, "overflow").y[0])
        low, high = curve.layout.yaxis.range
        assert low < (mark if relative else math.log10(mark)) < high
        assert "overflow: not finite" in words(curve)


def test_a_network_that_hands_on_nothing(sound):
    found = measured("rnn_linear", scale=0)
    assert found.weight == -math.inf
    assert "exactly 0" in words(heat_map(found, CELLS["rnn_linear"], 3, T))
    curve = row_curve(found, CELLS["rnn_linear"], 3, T)
    assert np.isfinite(named(curve, "exactly 0").y).tolist() == [True, True, True, False]
    assert not np.isfinite(named(curve, "underflow").y).any()
    for relative in (False, True):
        for draw in (heat_map, row_curve):
            sound(draw(found, CELLS["rnn_linear"], T - 1, T, relative=relative))


def test_the_state_of_a_cell_with_a_memory_is_named_s():
    assert symbol_of(CELLS["lstm"]).count("∂s") == 2
    assert symbol_of(CELLS["gru"]).count("∂h") == 2


def test_the_frame_is_around_the_row():
    found = measured(stride=5)
    frame = heat_map(found, CELLS["gru"], 1, T).layout.shapes[2]
    t = found.steps[1] + 1
    assert (frame.y0, frame.y1, frame.x1) == (t - 2.5, t + 2.5, t + 2.5)


def test_characters_name_the_steps():
    found = measured(signal="text", text="abcabcabcabc")
    fig = heat_map(found, CELLS["gru"], 1, T, labels=list("abcabcabcabc"))
    assert list(fig.layout.xaxis.ticktext) == list(fig.layout.yaxis.ticktext) == list("abcabcabcabc")
    curve = row_curve(found, CELLS["gru"], 3, T, labels=list("abcabcabcabc"))
    assert named(curve, "measured").text[1] == "k = 2 (b)"


def test_the_two_shortest(sound):
    for T in (1, 2):
        found = measured(length=max(T, 2), stride=1 if T == 2 else 50)
        assert len(found.steps) == T
        for relative in (False, True):
            for row in range(T):
                sound(heat_map(found, CELLS["gru"], row, 2, relative=relative))
                sound(row_curve(found, CELLS["gru"], row, 2, relative=relative))


@pytest.mark.parametrize("edge", [1e300, 1e-300])
def test_marks_at_the_ends_of_float64_have_a_place(edge, sound):
    beyond = math.inf if edge > 1 else 0.0
    norms = torch.tensor([[1.0, 0, 0], [edge, 1, 0], [beyond, edge, 1]], dtype=torch.float64)
    none = torch.zeros(3, 3, dtype=torch.bool)
    found = Triangle(range(3), norms, none, 1.0, torch.zeros(2).double(), None, -0.5)
    curve = sound(row_curve(found, CELLS["rnn"], 2, 3))
    mark = float(named(curve, "overflow" if edge > 1 else "underflow").y[0])
    assert 0 < mark < math.inf
    low, high = curve.layout.yaxis.range
    assert low < math.log10(mark) < high
