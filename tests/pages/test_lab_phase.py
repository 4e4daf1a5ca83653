"""The phase diagram's section: its numbers against the models, what recomputes and what only moves the ring."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from visitor import Visitor

from rnnviz import build, gradients, sweep
from rnnviz.experiment import Experiment
from rnnviz.observe import observe
from rnnviz.registry import CELLS
from rnnviz.sweep import Diagram
from rnnviz.ui.lab import phase, phase_runs
from rnnviz.ui.live_chart import Pick

QUICK = {"lab": "phase", "hidden": "3", "length": "12"}
EXPERIMENT = Experiment(hidden=3, length=12)


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grids of a few points, and nothing on the shelf: what the tests do not look at need not be fine."""
    monkeypatch.setattr(phase_runs, "TRIES", ((4, 10, 4), (4, 10, 2)))
    phase_runs._shelf._done.clear()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, brief: None) -> list[tuple[str, str]]:
    """Which diagrams have been computed, by cell and axis."""
    found: list[tuple[str, str]] = []
    for against in ("length", "forget"):
        real = getattr(sweep, f"against_{against}")

        def count(experiment: Any, cell: str, *rest: Any, real: Any = real, axis: str = against) -> Diagram:
            found.append((cell, axis))
            made: Diagram = real(experiment, cell, *rest)
            return made

        monkeypatch.setattr(sweep, f"against_{against}", count)
    return found


def maps(visitor: Visitor, key: str = "phase_length") -> dict[str, dict[str, Any]]:
    labels = {cell.label for cell in CELLS.values()}
    return {trace["name"]: trace for trace in visitor.chart(key)["data"] if trace["name"] in labels}


def ring(visitor: Visitor, key: str = "phase_length") -> tuple[float, float]:
    found = {
        (round(float(trace["x"][0]), 5), round(float(trace["y"][0]), 5))
        for trace in visitor.chart(key)["data"]
        if trace["name"] == "this experiment"
    }
    (one,) = found
    return one


def seeds_of(cell: str, **settings: Any) -> np.ndarray:
    """log10 of the ratio for the eight models behind a point, each by itself."""
    values = []
    for seed in range(8):
        one = replace(EXPERIMENT, seed=seed, **settings)
        module = build.build_module(one, cell).double()
        norms = gradients(module, build.build_input(one).double()).layers[0].h_norm
        values.append(float((norms[0] / norms[-1]).log10()))
    return np.array(values)


def test_what_is_drawn_is_the_median_of_eight_models() -> None:
    visitor = Visitor("gradients", cell="gru,lstm", **QUICK)
    assert visitor.view.lab == "phase"
    drawn = maps(visitor)
    assert list(drawn) == ["GRU", "LSTM"]
    for cell in ("gru", "lstm"):
        trace = drawn[CELLS[cell].label]
        column, row = int(np.abs(trace["x"] - 1.4).argmin()), int(np.abs(trace["y"] - 12).argmin())
        assert (round(float(trace["x"][column]), 5), trace["y"][row]) == (1.4, 12)
        values = np.sort(seeds_of(cell, scale=1.4))
        assert trace["z"][row][column] == pytest.approx(np.median(values), abs=0.01)
        quartiles = [np.median(values[:4]), np.median(values[4:])]
        np.testing.assert_allclose(np.asarray(trace["customdata"])[row, column], quartiles, atol=1e-4)
    assert ring(visitor) == (1.0, 12.0)
    assert "40 × 25 points: the median of 8 seeds" in visitor.html


def test_the_forget_bias_too() -> None:
    visitor = Visitor("gradients", cell="lstm,gru", against="forget", scale="2", forget="1.5", **QUICK)
    (trace,) = maps(visitor, "phase_forget").values()
    column, row = int(np.abs(trace["x"] - 2).argmin()), int(np.abs(trace["y"] - 1.5).argmin())
    values = seeds_of("lstm", scale=2.0, forget=1.5)
    assert trace["z"][row][column] == pytest.approx(np.median(values), abs=0.01)
    assert ring(visitor, "phase_forget") == (2.0, 1.5)
    assert "Left out: GRU, without a forget gate." in visitor.html


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("against", ["length", "forget"])
@pytest.mark.parametrize("cell", CELLS)
def test_every_cell(cell: str, against: str) -> None:
    visitor = Visitor("gradients", cell=cell, against=against, **QUICK)
    if against == "forget" and CELLS[cell].forget is None:
        assert f"{CELLS[cell].label}: no forget gate" in visitor.html.replace(
            "GRU (tutorial form)", CELLS[cell].label
        )
        assert not [chart for chart in visitor.charts() if chart["key"].startswith("phase")]
        return
    assert list(maps(visitor, f"phase_{against}")) == [CELLS[cell].label]
    assert visitor.chart(f"phase_{against}")["pick"] is True
    assert CELLS[cell].label in visitor.chart(f"phase_{against}")["alt"]


def test_sliders_move_the_ring_and_compute_nothing(asked: list[tuple[str, str]]) -> None:
    visitor = Visitor("gradients", cell="rnn,lstm", **QUICK)
    assert sorted(asked) == [("lstm", "length"), ("rnn", "length")]
    before = visitor.chart("phase_length")["layout"]
    for name, value in (("scale", 0.0), ("scale", 4.0), ("length", 2), ("length", 100)):
        visitor.drag(name, value)
        place = (visitor.experiment.scale, visitor.experiment.steps)
        assert ring(visitor) == place
        assert visitor.chart("phase_length")["layout"] == before
    visitor.go("gradients", **(visitor.address | {"loss": "7", "cell": "lstm,rnn"}))
    visitor.press("cells", "rnn", "lstm", "gru")
    assert sorted(asked) == [("gru", "length"), ("lstm", "length"), ("rnn", "length")]
    # The forget bias changes the LSTM's models, and no other's.
    visitor.drag("forget", 2.0)
    assert asked[3:] == [("lstm", "length")]
    visitor.drag("length", 101)
    assert len(asked) == 7


def test_against_the_forget_bias_only_the_length_counts(asked: list[tuple[str, str]]) -> None:
    visitor = Visitor("gradients", cell="lstm", **QUICK).press("against", "forget")
    assert asked[-1] == ("lstm", "forget")
    count = len(asked)
    for name, value in (("scale", 3.0), ("forget", -3.0), ("forget", 6.0), ("forget", None)):
        visitor.drag(name, value)
    assert ring(visitor, "phase_forget") == (3.0, 0.0)
    assert "the ring stands at 0: PyTorch draws one for each unit" in visitor.html
    assert len(asked) == count
    visitor.drag("length", 30)
    assert len(asked) == count + 1
    visitor.press("against", "length")
    assert len(asked) == count + 1


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize(
    "settings",
    [
        {"signal": "text", "text": "ab"},
        {"signal": "text", "text": "hello world"},
        {"signal": "numbers", "numbers": "1e30 -1e30 3"},
        {"signal": "numbers", "numbers": "0 0 0", "init": "gaussian", "scale": "0"},
        {"signal": "walk", "init": "identity", "seed": "9998"},
        {"signal": "impulse", "init": "orthogonal", "hidden": "1"},
        {"signal": "returns", "length": "101", "hidden": "2"},
    ],
)
def test_any_signal_and_initialisation(settings: dict[str, str]) -> None:
    cells = "rnn_relu,rnn_linear,lstm_layernorm,mingru"
    visitor = Visitor("gradients", **({"cell": cells} | QUICK | settings))
    drawn = maps(visitor)
    assert len(drawn) == 4
    top = (
        visitor.experiment.steps
        if settings["signal"] in ("text", "numbers")
        else 500
        if "length" in settings
        else 100
    )
    for trace in drawn.values():
        assert float(trace["y"][-1]) == top
        assert min(trace["y"]) >= 2
    assert ring(visitor)[1] == visitor.experiment.steps
    visitor.press("against", "forget")
    assert list(maps(visitor, "phase_forget")) == ["Layer-norm LSTM"]


@pytest.mark.usefixtures("brief")
def test_the_sentences_quote_the_models() -> None:
    visitor = Visitor("gradients", cell="rnn_linear,lstm", scale="2", seed="3", **QUICK)
    for cell in ("rnn_linear", "lstm"):
        norms = observe(replace(EXPERIMENT, scale=2.0, seed=3), cell).gradients.layers[0].h_norm
        from rnnviz.ui.findings import number

        assert (
            f"{CELLS[cell].label} <b>{number(float(norms[0].double() / norms[-1].double()))}</b>"
            in visitor.html
        )


def test_where_the_ratio_passes_1_and_how_far_the_seeds_are_apart() -> None:
    scales, values = (0.5, 1.0, 1.5, 2.0), (10.0, 20.0)
    rows = torch.tensor([[-4.0, -2.0, 0.5, 1.0], [-8.0, -4.0, -2.0, -1.0]], dtype=torch.float64)
    data = rows[..., None] + torch.tensor([-1.0, -0.5, 0.5, 1.0])
    one = Diagram("rnn", "length", scales, values, (0, 1, 2, 3), 4, data)
    run = observe(replace(EXPERIMENT, length=11), "rnn")
    first, own = phase.sentences([one], [run], replace(EXPERIMENT, length=11))
    assert first.startswith("RNN (tanh), over 10 steps: the ratio is 1 at weight scale <b>1.40</b>")
    # The halves of the seeds lie 0.75 below and above.
    assert re.findall(r"<b>(.*?)</b>", first)[1:] == ["0.178", "5.62"]
    assert "half of the 4 seeds" in first
    assert own.startswith("Your own model, in the ring (seed 0, float32): RNN (tanh) <b>")
    below = phase.sentences([one], [run], replace(EXPERIMENT, length=300))[0]
    assert below == "RNN (tanh), over 20 steps: below 1 at every scale, at most <b>0.1</b> (at 2)."
    above = phase.sentences([replace(one, log_ratio=data.abs() + 1)], [run], EXPERIMENT)[0]
    assert "not below 1 at every scale, at least" in above
    gap = data.clone()
    gap[0, 1], gap[0, 0] = -torch.inf, 2.0
    apart = phase.sentences([replace(one, log_ratio=gap[:, :2].repeat(1, 2, 1))], [run], EXPERIMENT)[0]
    assert "from <b>0</b>" in apart
    assert "below 1" not in apart
    gap[0, 2:] = torch.nan
    some = phase.sentences([replace(one, log_ratio=gap)], [run], EXPERIMENT)[0]
    assert "every scale" not in some
    none = phase.sentences([replace(one, log_ratio=data * torch.nan)], [run], EXPERIMENT)[0]
    assert "leave the range of numbers" in none


@pytest.mark.parametrize(
    ("decades", "words"),
    [
        (0.0, "<b>1</b>"),
        (-2.0, "<b>0.01</b>"),
        (-649.3, "<b>10<sup>−649</sup></b>"),
        (-np.inf, "<b>0</b>"),
        (400.0, "<b>10<sup>400</sup></b>"),
        (np.nan, "no number"),
        (np.inf, "no number"),
    ],
)
def test_ratios_in_prose(decades: float, words: str) -> None:
    assert phase.ratio(decades) == words


@pytest.mark.parametrize(
    ("x", "y", "against", "expected"),
    [
        (1.23, 44.4, "length", {"scale": 1.25, "length": 44}),
        (-5, -1e300, "length", {"scale": 0, "length": 2}),
        (1e300, 1e300, "length", {"scale": 4, "length": 500}),
        (2.0, 1.27, "forget", {"scale": 2, "forget": 1.3}),
        (9, -99, "forget", {"scale": 4, "forget": -3}),
    ],
)
def test_a_click_is_brought_to_legal_values(
    x: float, y: float, against: str, expected: dict[str, Any]
) -> None:
    found = phase.picked(Pick(0, float(x), float(y), None), EXPERIMENT, against)
    assert found == expected
    replace(EXPERIMENT, **found)
    typed = replace(EXPERIMENT, signal="text")
    assert "length" not in phase.picked(Pick(0, float(x), float(y), None), typed, against)


def test_the_grid_fits_its_time_and_holds_every_setting() -> None:
    for hidden in (1, 16, 32, 64, 128):
        for length in (2, 100, 101, 500):
            for against in ("length", "forget"):
                one = replace(EXPERIMENT, hidden=hidden, length=length)
                grid = phase_runs.grid(one, against)
                assert grid.scales[-1] == 4
                assert 2 <= grid.seeds <= 8
                assert all(round(20 * scale, 6) == int(round(20 * scale, 6)) for scale in grid.scales)
                if against == "length":
                    assert grid.values[-1] == (100 if length <= 100 else 500)
                    assert grid == phase_runs.grid(replace(one, scale=3, loss=1, forget=2, seed=5), against)
                else:
                    assert (grid.values[0], grid.values[-1]) == (-3, 6)
    assert phase_runs.grid(replace(EXPERIMENT, hidden=32), "length").seeds == 8
    assert len(phase_runs.grid(replace(EXPERIMENT, hidden=128, length=500), "length").scales) == 10


@pytest.mark.usefixtures("brief")
def test_with_little_time_the_picture_says_how_coarse_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phase_runs, "BUDGET", 0.0)
    visitor = Visitor("gradients", cell="rnn", **QUICK)
    notes = [note["text"] for note in visitor.chart("phase_length")["layout"]["annotations"]]
    assert notes == ["<b>RNN (tanh)</b>", "4 × 10 points, 2 seeds"]


@pytest.mark.usefixtures("brief")
def test_what_goes_wrong_in_a_run_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slot:
        def progress(self, share: float, text: str) -> None: ...
        def empty(self) -> None: ...

    def broken(*_: Any) -> Diagram:
        raise TimeoutError("too much")

    monkeypatch.setattr(sweep, "against_length", broken)
    with pytest.raises(TimeoutError, match="too much"):
        phase_runs.diagrams(EXPERIMENT, ["rnn", "gru"], "length", Slot())  # type: ignore[arg-type]
