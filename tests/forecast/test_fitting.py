"""The training: against a plain loop, resumed bit for bit, ended early, and broken off."""

import json
import math

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from series import made
from torch.nn.functional import mse_loss

from rnnviz.forecast import ForecastConfig
from rnnviz.forecast.config import NETWORKS
from rnnviz.forecast.fitting import MOST, STREAM, Fit, passes
from rnnviz.forecast.networks import Forecaster

SMALL = {"hidden": 4, "window": 6, "horizon": 4, "batch": 32, "epochs": 6}
PRICES = made(phi=0.5)


def config(**changed):
    return ForecastConfig(**{**SMALL, **changed})


class EnoughError(Exception):
    """Raised where a fit is interrupted."""


def stored(tensors):
    """As a worker stores and finds them."""
    return safetensors.torch.load(safetensors.torch.save(tensors))


def told(epoch):
    """An epoch without its time, which is never the same twice."""
    return json.dumps({name: value for name, value in epoch.to_row().items() if name != "seconds"})


def test_the_weights_are_those_of_a_plain_loop():
    fit = Fit(PRICES, config(patience=200, clip=0.5))
    epochs = [next(fit) for _ in range(4)]

    series, model = fit.series, Forecaster(fit.config)
    x, y = series.windows(series.training), series.targets(series.training)
    plain = torch.optim.Adam(model.parameters(), lr=0.003)
    generator = torch.Generator().manual_seed(STREAM)
    assert epochs[0].loss == pytest.approx(mse_loss(model(x), y).item(), rel=1e-5)
    for epoch in epochs[1:]:
        losses, norms = [], []
        for part in torch.randperm(len(y), generator=generator).split(32):
            loss = mse_loss(model(x[part]), y[part])
            plain.zero_grad()
            loss.backward()
            norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5).item())
            plain.step()
            losses.append(loss.item())
        assert epoch.loss == pytest.approx(np.mean(losses), rel=1e-4)
        assert epoch.norm == pytest.approx(np.mean(norms), rel=1e-3)
        rows = series.validation
        validation = mse_loss(model(series.windows(rows)), series.targets(rows)).item()
        assert epoch.validation == pytest.approx(validation, rel=1e-4)
    for mine, theirs in zip(fit.model.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("network", [name for name, _ in NETWORKS])
def test_it_goes_on_bit_for_bit(network):
    whole = Fit(PRICES, config(network=network, layers=2))
    expected = [told(epoch) for epoch in whole]
    for rest in (0, 1, 3, len(expected) - 1):
        first = Fit(PRICES, config(network=network, layers=2))
        begun = [told(next(first)) for _ in range(rest)]
        later = Fit(PRICES, config(network=network, layers=2), checkpoint=stored(first.checkpoint()))
        assert begun + [told(epoch) for epoch in later] == expected
        assert all(
            torch.equal(a, b) for a, b in zip(later.model.parameters(), whole.model.parameters(), strict=True)
        )
        assert later.kept == whole.kept
    assert list(Fit(PRICES, config(network=network, layers=2), checkpoint=stored(whole.checkpoint()))) == []


@settings(max_examples=5)
@given(st.integers(1, 40))
def test_it_goes_on_from_the_middle_of_an_epoch(after):
    expected = [told(epoch) for epoch in Fit(PRICES, config())]
    calls = 0

    def on_step():
        nonlocal calls
        calls += 1
        if calls == after:
            raise EnoughError

    fit, begun = Fit(PRICES, config(), on_step=on_step), []
    try:
        begun.extend(map(told, fit))
    except EnoughError:
        checkpoint = stored(fit.checkpoint())
        same = begun + [told(epoch) for epoch in fit]  # here
        other = begun + [told(epoch) for epoch in Fit(PRICES, config(), checkpoint=checkpoint)]  # elsewhere
        assert same == other
        begun = same
    assert begun == expected


def test_an_early_checkpoint_is_taken_up():
    """They counted no steps, knew two numbers of a step, and had the lowest loss and the time in one place."""

    def on_step():
        if (fit.number, len(fit._taken)) == (1, 2):
            raise EnoughError

    expected = [told(epoch) for epoch in Fit(PRICES, config())]
    fit, begun = Fit(PRICES, config(), on_step=on_step), []
    with pytest.raises(EnoughError):
        begun.extend(map(told, fit))
    early = fit.checkpoint()
    early["counts"], early["taken"] = early["counts"][1:], early["taken"][:, :2].contiguous()
    early["floats"] = torch.cat([early.pop("best_loss"), early.pop("seconds")])
    later = Fit(PRICES, config(), checkpoint=stored(early))
    assert later.step == fit.step
    assert begun + [told(epoch) for epoch in later] == expected


def test_seconds_go_on_where_they_were():
    first = Fit(PRICES, config())
    next(first)
    one = next(first)
    later = Fit(PRICES, config(), checkpoint=stored(first.checkpoint()))
    assert later.last == one
    assert next(later).seconds > one.seconds > 0


def test_it_ends_when_validation_no_longer_falls_and_keeps_the_best():
    fit = Fit(made(phi=0.0, seed=5), config(epochs=100, patience=4, rate=0.03))
    epochs = list(fit)
    validation = [epoch.validation for epoch in epochs]
    assert [epoch.number for epoch in epochs] == list(range(len(epochs)))
    assert fit.kept == int(np.argmin(validation))
    assert len(epochs) - 1 == fit.kept + 4 < 100
    assert [epoch.best for epoch in epochs] == [
        value < min([math.inf, *validation[:k]]) for k, value in enumerate(validation)
    ]
    assert fit._error(fit.series.validation) == pytest.approx(validation[fit.kept], rel=1e-6)


def test_the_tutorials_keep_the_last_weights():
    fit = Fit(PRICES, config(mode="levels", epochs=4, patience=4))
    seen = []
    for _ in fit:
        seen.append({name: value.clone() for name, value in fit.model.state_dict().items()})
    assert fit.kept == 4
    assert all(torch.equal(value, seen[-1][name]) for name, value in fit.model.state_dict().items())


def test_peeking_keeps_the_epoch_that_is_best_on_the_test_part():
    fit = Fit(PRICES, config(leaks=("peek",), epochs=12, rate=0.02, patience=12))
    found = []
    for _ in fit:
        found.append(fit._error(fit.series.test))
    assert fit.kept == int(np.argmin(found))


def test_a_step_that_is_not_finite_is_not_taken():
    fit = Fit(PRICES, config(mode="levels", rate=0.1, clip=None))
    next(fit)
    with torch.no_grad():
        fit._y[:] = 1e30
    epoch = next(fit)
    assert fit.finished
    assert not math.isfinite(epoch.loss)
    assert np.isfinite(fit.one_step(fit.series.test)).all()
    assert fit.kept == 0


def test_the_global_generator_is_left_alone_and_gradients_may_be_off():
    before = torch.get_rng_state()
    with torch.inference_mode():
        epochs = [told(epoch) for epoch in Fit(PRICES, config())]
    assert torch.equal(torch.get_rng_state(), before)
    assert epochs == [told(epoch) for epoch in Fit(PRICES, config())]
    assert epochs != [told(epoch) for epoch in Fit(PRICES, config(seed=1))]


@pytest.mark.parametrize("mode", ["returns", "levels"])
def test_one_step_forecasts_know_the_rows_before_and_no_others(mode):
    fit = Fit(PRICES, config(mode=mode, epochs=3))
    list(fit)
    row = fit.split.test + 5
    changed = PRICES.copy()
    changed.iloc[row:] *= 1.5
    other = Fit(changed, config(mode=mode, epochs=3), fit.split)
    list(other)
    rows = np.arange(row - 3, row + 2)
    one, two = fit.one_step(rows), other.one_step(rows)
    np.testing.assert_array_equal(one[:4], two[:4])
    assert one[4] != two[4]


@pytest.mark.parametrize("network", [name for name, _ in NETWORKS])
@pytest.mark.parametrize("mode", ["returns", "levels"])
def test_recursive_forecasts_are_a_plain_loop_that_is_fed_with_itself(network, mode):
    fit = Fit(PRICES, config(network=network, mode=mode, epochs=2))
    list(fit)
    origins = np.array([fit.split.test - 1, fit.split.test + 7, 299])
    found = fit.recursive(origins, 5)
    assert found.shape == (3, 5)
    np.testing.assert_allclose(found[:, 0], fit.one_step(origins + 1), rtol=1e-12)
    model = fit.model.double()
    for origin, path in zip(origins, found, strict=True):
        prices = PRICES.to_numpy()[: origin + 1].tolist()
        for step in range(5):
            known = np.array(prices[-7:])
            values = known[1:] if mode == "levels" else np.diff(np.log(known))
            x = torch.tensor((values - fit.series.centre) / fit.series.scale)[None, :, None]
            said = model(x).item() * fit.series.scale + fit.series.centre
            prices.append(said if mode == "levels" else prices[-1] * math.exp(said))
            assert path[step] == pytest.approx(prices[-1], rel=1e-5)


def test_on_step_is_called_before_every_step_and_may_stop_it():
    calls = 0

    def count():
        nonlocal calls
        calls += 1

    fit = Fit(PRICES, config(), on_step=count)
    next(fit)
    before = calls
    next(fit)
    batches = math.ceil(len(fit.series.training) / 32)
    assert calls - before >= batches + 1
    before = calls
    fit.recursive(np.array([250]), 9)
    assert calls - before == 9


def test_another_fits_checkpoint_is_refused():
    checkpoint = stored(Fit(PRICES, config()).checkpoint())
    with pytest.raises(ValueError, match="expected a checkpoint of this 'lstm' fit, got another"):
        Fit(PRICES, config(hidden=5), checkpoint=checkpoint)
    with pytest.raises(ValueError, match="expected a checkpoint"):
        Fit(PRICES, config(), checkpoint={})


def test_a_large_batch_goes_in_parts_to_the_same_gradient():
    whole, parts = (Fit(PRICES, config(patience=200)) for _ in range(2))
    parts._pass = 20
    for _ in range(3):
        one, other = next(whole), next(parts)
        assert other.loss == pytest.approx(one.loss, rel=1e-4)
        assert other.norm == pytest.approx(one.norm, rel=1e-3)
    for mine, theirs in zip(whole.model.parameters(), parts.model.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-5)


def test_larger_networks_are_asked_more_often():
    assert passes(ForecastConfig()) == MOST
    largest = ForecastConfig(network="bilstm", hidden=128, layers=3, window=120)
    assert 1 <= passes(largest) < 60


def test_last_weights_that_are_no_numbers_are_not_kept():
    fit = Fit(PRICES, config(mode="levels", epochs=3, patience=3))
    next(fit)
    next(fit)
    with torch.no_grad():
        fit.model.head.bias.fill_(math.inf)
    next(fit)
    assert fit.finished
    assert fit.kept == 1
    assert np.isfinite(fit.one_step(fit.series.test)).all()
