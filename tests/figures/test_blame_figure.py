import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz import build
from rnnviz.blame import Blame, blame
from rnnviz.experiment import Experiment
from rnnviz.figures.blame import DECADES, distances, pairs
from rnnviz.figures.blame_parts import parts, reach
from rnnviz.registry import CELLS


def found(cell: str = "lstm", **settings: object) -> Blame:
    experiment = Experiment(cells=(cell,), **{"hidden": 3, "length": 9, **settings})
    return blame(build.build_module(experiment, cell), build.build_input(experiment))


def words(fig) -> list[str]:
    return [note.text for note in fig.layout.annotations]


@pytest.mark.parametrize("cell", CELLS)
def test_sizes_on_a_log_scale_and_their_sums_by_distance(cell: str, sound: Callable) -> None:
    one = found(cell)
    fig = sound(pairs(one))
    (heat,) = fig.data
    whole = one.size / one.size.sum()
    drawn = ~np.isnan(heat.z)
    np.testing.assert_array_equal(drawn, (one.size > 0).numpy())
    np.testing.assert_allclose(10.0 ** heat.z[drawn], whole.numpy()[drawn], rtol=1e-4)
    assert heat.zmax - heat.zmin == DECADES
    assert np.nanmax(heat.z) <= heat.zmax < np.nanmax(heat.z) + 1
    assert heat.colorbar.ticktext[0].startswith("≤ 10<sup>−")
    assert fig.layout.yaxis.range == (9.5, 0.5)
    assert fig.layout.xaxis.range == (0.5, 9.5)
    assert ("W<sub>ih</sub>" if cell == "mingru" else "W<sub>hh</sub>") in fig.layout.xaxis.title.text
    fig = sound(distances(one, cell))
    strokes, bars, line, mark = fig.data
    np.testing.assert_array_equal(strokes.y[1::3], bars.y)
    np.testing.assert_array_equal(strokes.y[::3], 0)
    sums = one.size_by_distance / one.size.sum()
    np.testing.assert_allclose(bars.y[:9], sums, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(line.y, sums.cumsum(0), rtol=1e-5)
    assert line.y[-1] == pytest.approx(1, rel=1e-6)
    near = reach(sums.numpy())
    assert near == int((sums.cumsum(0) < 0.9 - 1e-12).sum()) + 1
    assert list(mark.x) == [near - 1] * 2
    assert any(f"last {'step' if near == 1 else f'{near} steps'}" in text for text in words(fig))


def test_signed_shares_add_up_to_one(sound: Callable) -> None:
    one = found("mingru", signal="noise", length=30)
    fig = sound(pairs(one, "share"))
    (heat,) = fig.data
    assert np.nansum(heat.z) == pytest.approx(1, rel=1e-5)
    assert heat.zmin == -heat.zmax
    assert np.nanmax(np.abs(heat.z)) <= heat.zmax
    assert np.nanmin(heat.z) < 0
    _, bars, line, mark = sound(distances(one, "mingru", "share")).data
    assert line.y[-1] == pytest.approx(1, rel=1e-5)
    assert np.isnan(np.asarray(mark.y, float)).all() or np.isnan(mark.x).all()
    assert len(bars.y) == 10


def test_a_long_reach_is_drawn_in_groups(sound: Callable) -> None:
    one = found("lstm", length=120, forget=5)
    fig = sound(distances(one, "lstm"))
    bars = fig.data[1]
    assert len(bars.x) == 20
    assert 0.995 <= np.nansum(bars.y) <= 1
    sums = one.size_by_distance / one.size.sum()
    assert bars.y[2] == pytest.approx(float(sums[10:15].sum()), rel=1e-5)
    assert bars.x[2] == 12
    assert bars.text[2] == "10 to 14"
    assert any("by 5 steps" in text for text in words(fig))


def test_the_axes_rest_while_the_weight_scale_moves() -> None:
    figs = [pairs(found("rnn", length=40, scale=scale)) for scale in (0.8, 0.85, 0.9)]
    assert len({(fig.data[0].zmin, fig.data[0].zmax) for fig in figs}) == 1
    bars = [distances(found("rnn", length=40, scale=scale), "rnn") for scale in (0.8, 0.85, 0.9)]
    assert len({(fig.layout.xaxis.range, fig.layout.yaxis.range) for fig in bars}) == 1


def test_nothing_and_beyond_float64(sound: Callable) -> None:
    nothing = found("rnn", signal="numbers", numbers="0 0 0", init="gaussian")
    for measure in ("size", "share"):
        assert np.isnan(sound(pairs(nothing, measure)).data[0].z).all()
        fig = sound(distances(nothing, "rnn", measure))
        assert "every contribution is 0" in words(fig)
        assert np.nansum(fig.data[1].y) == 0
    one = found("rnn")
    size, share = one.size.clone(), one.share * math.nan
    size[8, 3] = math.inf
    beyond = replace(one, size=size, share=share)
    for measure in ("size", "share"):
        assert any("beyond float64" in text for text in words(sound(pairs(beyond, measure))))
        sound(distances(beyond, "rnn", measure))


@pytest.mark.parametrize("steps", [2, 500])
def test_any_length_and_labels(steps: int, sound: Callable) -> None:
    one = found("gru", length=steps)
    sound(pairs(one, labels=[chr(97 + k % 26) for k in range(steps)]))
    fig = sound(distances(one, "gru"))
    assert fig.layout.xaxis.range[1] <= 1000
    assert np.nansum(fig.data[1].y) == pytest.approx(1, abs=0.006)


def test_bad_arguments_and_the_reach() -> None:
    with pytest.raises(ValueError, match="measure must be one of 'size', 'share'; got 'x'"):
        parts(found(), "x")
    assert reach(np.array([0.5, 0.4, 0.1])) == 2
    assert reach(np.array([1.0])) == 1
    assert reach(np.array([math.nan])) is None
    assert isinstance(parts(found()).each, np.ndarray)
    assert torch.is_tensor(found().size)
