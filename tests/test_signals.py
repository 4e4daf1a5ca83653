import math

import pytest
import torch

from rnnviz import signals
from rnnviz.experiment import FIELD
from rnnviz.signals import make

GENERATED = ("sine", "sines", "impulse", "step", "noise", "walk", "returns", "levels")


def column(name, **kwargs):
    return make(name, **kwargs).x[:, 0].double()


@pytest.mark.parametrize("name", GENERATED)
@pytest.mark.parametrize("length", [2, 60, 500])
def test_shapes_and_labels(name, length):
    data = make(name, length=length, seed=3)
    assert data.x.shape == (length, 1)
    assert data.x.dtype == torch.float32
    assert data.x.isfinite().all()
    assert len(data.channels) == 1
    assert data.labels is None or len(data.labels) == length
    assert data.description.endswith(".")


def test_every_signal_of_the_menu_exists():
    for name in FIELD["signal"].values:
        assert make(name, text="ab", numbers=(1.0, 2.0)).x.shape[0] >= 2


@pytest.mark.parametrize("name", GENERATED)
def test_the_seed_decides_and_the_global_generator_is_left_alone(name):
    before = torch.get_rng_state()
    assert torch.equal(make(name, seed=1).x, make(name, seed=1).x)
    assert torch.equal(torch.get_rng_state(), before)
    random = name in ("noise", "walk", "returns", "levels")
    assert torch.equal(make(name, seed=1).x, make(name, seed=2).x) != random


def test_sine_has_its_period():
    x = column("sine", length=100)
    torch.testing.assert_close(x[25:], x[:-25], atol=1e-6, rtol=0)
    assert x[0] == 0
    assert x.max() == pytest.approx(math.sin(2 * math.pi * 6 / 25), abs=1e-6)


def test_sum_of_sines():
    x = column("sines", length=50)
    expected = [sum(math.sin(2 * math.pi * t / p) for p in signals.PERIODS) / 3 for t in range(50)]
    torch.testing.assert_close(x, torch.tensor(expected, dtype=torch.float64), atol=1e-6, rtol=0)
    assert signals.PERIODS[0] / signals.PERIODS[1] == pytest.approx((1 + 5**0.5) / 2)


@pytest.mark.parametrize(("length", "at"), [(2, 0), (60, 6), (500, 50)])
def test_impulse(length, at):
    x = column("impulse", length=length)
    assert x.sum() == 1
    assert x[at] == 1


@pytest.mark.parametrize(("length", "zeros"), [(2, 1), (60, 15), (500, 125)])
def test_step(length, zeros):
    x = column("step", length=length)
    assert x[:zeros].eq(0).all()
    assert x[zeros:].eq(1).all()
    assert f"first {zeros} of {length} steps" in make("step", length=length).description


def test_noise_is_standard_and_goes_on_when_the_sequence_grows():
    x = torch.stack([column("noise", length=500, seed=seed) for seed in range(40)])
    assert x.mean().abs() < 0.03
    assert x.std() == pytest.approx(1, abs=0.03)
    assert torch.equal(column("noise", length=500, seed=5)[:7], column("noise", length=7, seed=5))


def test_walk_is_the_scaled_running_sum_of_the_noise():
    noise = column("noise", length=90, seed=2)
    expected = torch.tensor([noise[: t + 1].sum() / math.sqrt(90) for t in range(90)])
    torch.testing.assert_close(column("walk", length=90, seed=2), expected.double(), atol=1e-5, rtol=0)


def test_text_is_one_hot_over_its_sorted_characters():
    data = make("text", text="abbé a")
    assert data.channels == (" ", "a", "b", "é")
    assert data.labels == tuple("abbé a")
    assert data.x.sum(dim=1).eq(1).all()
    assert [data.channels[int(row.argmax())] for row in data.x] == list("abbé a")


def test_numbers_come_as_typed():
    assert make("numbers", numbers=(10.0, 20.0, 30.0)).x.tolist() == [[10.0], [20.0], [30.0]]


def test_the_price_series_is_what_its_readme_says():
    dates, close = signals.prices()
    assert len(dates) == len(close) == 3270
    assert (dates[0], dates[-1]) == ("2000-03-01", "2013-03-01")
    assert list(dates) == sorted(set(dates))
    assert close[0] == pytest.approx(4.18666, abs=1e-5)
    assert close[-1] == pytest.approx(56.1374, abs=1e-4)


def test_seed_zero_shows_the_last_days():
    _, close = signals.prices()
    data = make("returns", length=30, seed=0)
    assert data.labels[-1] == "2013-03-01"
    assert data.unit == "%"
    expected = [100 * math.log(close[-30 + k] / close[-31 + k]) for k in range(30)]
    torch.testing.assert_close(data.x[:, 0], torch.tensor(expected), atol=1e-5, rtol=0)


def test_returns_are_exact_logarithms_of_the_window():
    _, close = signals.prices()
    data = make("returns", length=500, seed=0)
    assert data.x.double().sum() / 100 == pytest.approx(math.log(close[-1] / close[-501]), abs=1e-5)


def test_levels_are_standardised_over_the_window_and_follow_the_price():
    dates, close = signals.prices()
    data = make("levels", length=40, seed=8)
    x = data.x[:, 0].double()
    assert x.mean() == pytest.approx(0, abs=1e-6)
    assert x.std(correction=0) == pytest.approx(1, abs=1e-6)
    start = dates.index(data.labels[0])
    window = torch.tensor(close[start : start + 40], dtype=torch.float64)
    assert torch.corrcoef(torch.stack([x, window]))[0, 1] == pytest.approx(1, abs=1e-6)


def test_windows_end_on_the_same_day_whatever_the_length():
    for seed in range(5):
        assert (
            make("levels", length=20, seed=seed).labels[-1]
            == make("returns", length=500, seed=seed).labels[-1]
        )


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="expected one of sine"):
        make("square")
    with pytest.raises(ValueError, match="length from 2 to 500, got 501"):
        make("sine", length=501)
    with pytest.raises(ValueError, match="at least one character"):
        make("text")
