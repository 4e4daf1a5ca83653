"""The network of a forecast on /gates, /states and /gradients: its own numbers over the file's own prices."""

import io
import re
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from forecasters import QUICK, SMALL, compute, started, store
from test_forecast_result import EVIL
from test_numbers import close, named
from visitor import Visitor, strings

from rnnviz.forecast import ForecastConfig, samples, stored
from rnnviz.forecast.config import NETWORKS
from rnnviz.forecast.networks import Forecaster, forecaster_of
from rnnviz.forecast.observed import EXAMPLES, Forecasted, cell_of, observe_forecaster, rows_of, short_labels
from rnnviz.forecast.windows import Series, split_of
from rnnviz.runs import Runs
from rnnviz.ui import networks, networks_forecast
from rnnviz.ui.forecast import shown
from rnnviz.ui.forecast.numbers import price
from rnnviz.ui.networks import GONE

__all__ = ["store"]

OWNER = "me"


def trained(store: Runs, config: ForecastConfig = QUICK, sample: str = "aapl") -> str:
    """The id of a forecast that is through."""
    spec = stored.spec("forecast", config, samples.sample(sample)) | {"sample": sample}
    id = store.submit("forecast", spec, OWNER)
    while compute(store):
        pass
    return id


def model_of(store: Runs, id: str, which: str = "after") -> tuple[Forecaster, Series]:
    """The network as the store has it, or as the seed gives it, and the prices as it reads them."""
    run = store.get(id)
    assert run is not None
    config, prices = stored.config(run.spec), stored.prices(run.spec)
    tensors = store.weights(id, "model") if which == "after" else None
    model = Forecaster(config) if tensors is None else forecaster_of(config, tensors)
    return model.double(), Series(prices, config)


def by_hand(
    store: Runs, id: str, example: int, which: str = "after"
) -> tuple[torch.Tensor, torch.Tensor, float]:
    """States of the first layer (T, H) and their gradients, and the price forecast, by autograd over single steps."""
    model, series = model_of(store, id, which)
    row = rows_of(series.split)[example]
    x, target = series.windows(np.array([row])).double(), series.targets(np.array([row])).double()
    config = series.config
    H, layers = config.hidden, config.layers
    assert config.network in ("rnn", "lstm", "gru", "attention")
    cell = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell}.get(config.network, torch.nn.LSTMCell)
    first: list[torch.Tensor] = []
    inputs = list(x[0].split(1))
    for layer in range(layers):
        step = cell(inputs[0].shape[1], H).double()
        step.load_state_dict(
            {
                n.removesuffix(f"_l{layer}"): v
                for n, v in model.rnn.state_dict().items()
                if n.endswith(f"_l{layer}")
            }
        )
        zero = torch.zeros(1, H, dtype=torch.float64)
        state = (zero, zero) if cell is torch.nn.LSTMCell else zero
        outputs = []
        for one in inputs:
            state = step(one, state)
            outputs.append(state[0] if isinstance(state, tuple) else state)
        first = first or outputs
        inputs = outputs
    for one in first:
        one.retain_grad()
    if model.pool is None:
        seen = inputs[-1]
    else:
        weights = torch.softmax(torch.cat([model.pool.score(h) for h in inputs]), 0)
        seen = (weights * torch.cat(inputs)).sum(0, keepdim=True)
    told = model.head(seen).squeeze(1)
    (told - target).square().mean().backward()
    price_told = series.to_prices(told.detach().numpy(), series.prices[[row - 1]])[0]
    return torch.cat(first).detach(), torch.cat([one.grad for one in first]), float(price_told)


@pytest.mark.parametrize("network", ["rnn", "lstm", "gru", "attention"])
@pytest.mark.parametrize("which", ["after", "before"])
def test_what_is_drawn_is_what_the_weights_do_over_these_prices(
    store: Runs, network: str, which: str
) -> None:
    id = trained(store, replace(QUICK, network=network, mode="levels", layers=2 if network == "gru" else 1))
    visitor = Visitor("gates", model=id, weights=which, example="9")
    h, grads, told = by_hand(store, id, 9, which)
    close(named(visitor.chart("gates_0"), "h")["z"], h.T)
    _, series = model_of(store, id)
    row = rows_of(series.split)[9]
    days = samples.sample("aapl").prices.index[row - QUICK.window : row + 1]
    assert visitor.chart("gates_0")["time"]["labels"] == [f"{day.day} {day:%b}" for day in days[:-1]]
    assert f"For {days[-1]:%Y-%m-%d} it forecasts" in visitor.html
    assert price(told) in visitor.html
    assert price(series.prices[row]) in visitor.html
    visitor.go("states")
    every = torch.cat([torch.zeros(1, QUICK.hidden).double(), h])
    close(named(visitor.chart("states_lines"), "all units")["y"].reshape(QUICK.hidden, -1)[:, :-1], every.T)
    visitor.go("gradients")
    drawn = next(
        t for t in visitor.chart("gradients")["data"] if len(np.atleast_1d(t.get("y", []))) == QUICK.window
    )
    np.testing.assert_allclose(np.asarray(drawn["y"], "f8"), grads.norm(dim=1).numpy(), rtol=3e-3)


@pytest.mark.parametrize("network", [name for name, _ in NETWORKS])
@pytest.mark.parametrize("layers", [1, 2])
def test_every_network_opens_and_says_which_layer_it_is(store: Runs, network: str, layers: int) -> None:
    id = trained(store, replace(QUICK, network=network, layers=layers))
    for page in ("gates", "states", "gradients"):
        visitor = Visitor(page, model=id, weights="both")
        assert dict(NETWORKS)[network] in visitor.html
        strip = "".join(re.findall(r"<p class='rv-opened'>.*?</p>", visitor.html, re.S))
        assert ("Shown is" in strip) == (layers > 1 or network in ("bilstm", "attention"))
        assert ("reads forwards" in strip) == (network == "bilstm")
        assert ("first of its 2 layers" in strip) == (layers == 2)
        assert "Leave" in [button.label for button in visitor.app.button]
        assert networks.cells_of(id) == (cell_of(ForecastConfig(network=network)),)
    assert ("Attention weighs" in Visitor("gates", model=id).html) == (network == "attention")


@pytest.mark.parametrize("network", [name for name, _ in NETWORKS])
def test_the_forecast_of_an_example_is_that_of_the_test_part(store: Runs, network: str) -> None:
    id = trained(store, replace(QUICK, network=network))
    found = shown.load(store, id, OWNER)
    assert found is not None
    result = found.result
    assert result is not None
    assert result.model is not None
    weights = result.model.state_dict()
    for example in (0, 17, EXAMPLES - 1):
        seen = observe_forecaster(result.prices, result.config, result.split, weights, example)
        row = rows_of(result.split)[example]
        told = result.test.iloc[row - result.split.test]
        assert seen.forecast == pytest.approx(told["model"], rel=1e-5)
        assert (seen.actual, seen.before) == (told["actual"], told["naive"])
        assert seen.date == f"{result.test.index[row - result.split.test]:%Y-%m-%d}"
        assert len(seen.signal.labels or ()) == len(seen.x) == QUICK.window
    assert rows_of(result.split)[0] == result.split.test
    assert rows_of(result.split)[-1] == result.split.rows - 1


def test_labels_fit_onto_a_narrow_axis() -> None:
    assert short_labels(pd.DatetimeIndex(["2013-12-31", "2014-01-02"])) == ("31 Dec", "2 Jan")
    assert short_labels(pd.DatetimeIndex(["2013-01-31", "2014-02-28"])) == ("Jan 2013", "Feb 2014")
    assert short_labels(pd.DatetimeIndex(["2013-01-31 09:30", "2013-01-31 09:31"])) == (
        "31 Jan 09:30",
        "31 Jan 09:31",
    )
    assert short_labels(pd.RangeIndex(2)) == ("0", "1")


def test_few_rows_have_examples_too() -> None:
    split = split_of(120, 5)
    rows = rows_of(split)
    assert len(rows) == EXAMPLES
    assert rows == sorted(rows)
    assert set(rows) <= set(range(split.test, split.rows))


@pytest.mark.parametrize("example", [-1, EXAMPLES])
def test_other_examples_are_refused(example: int) -> None:
    prices = samples.sample("walk").prices
    with pytest.raises(ValueError, match="expected an example"):
        observe_forecaster(prices, QUICK, split_of(len(prices), QUICK.window), None, example)


def test_before_training_is_the_network_of_the_seed(store: Runs) -> None:
    one, two = (trained(store, replace(QUICK, seed=seed)) for seed in (1, 2))
    charts = [
        named(Visitor("gates", model=id, weights="before").chart("gates_0"), "h")["z"] for id in (one, two)
    ]
    assert not np.allclose(*charts)
    prices = samples.sample("aapl").prices
    config = replace(QUICK, seed=2)
    seen = observe_forecaster(prices, config, split_of(len(prices), config.window), None)
    close(charts[1], seen.trace.layers[0].h[:, 0].T)
    assert float(seen.gradients.layers[0].h.abs().max()) == 0, "the head is 0 at first"
    for page in ("gates", "gradients"):
        assert "no gradient comes back" in Visitor(page, model=one).html
    assert Visitor("gradients", model=one, weights="before").chart("gradients")


def test_the_experiment_lies_untouched_behind_it(store: Runs) -> None:
    id = trained(store)
    visitor = Visitor("gates", cell="gru", length="44")
    before = visitor.experiment
    visitor.visit(model=id, cell="lstm")
    assert "Apple 2000–2013" in visitor.html
    visitor.click("Leave")
    assert visitor.experiment == before
    assert not visitor.view.model


def test_the_way_back_leads_to_the_forecast(store: Runs) -> None:
    id = trained(store)
    visitor = Visitor("gates", model=id)
    (link,) = [
        one.proto for one in visitor.app.get("page_link") if "forecast of this network" in one.proto.label
    ]
    assert f"forecast={id}" in link.query_string
    assert "Trained forecaster" in visitor.html
    assert ">5<" in visitor.html, "the window stands among the settings"


def test_nothing_of_one_run_is_found_under_another(store: Runs) -> None:
    one, two = trained(store), trained(store, sample="walk")
    first = networks_forecast.load(one)
    second = networks_forecast.load(two)
    assert first is not None
    assert second is not None
    mine, theirs = (found.look("lstm", "after", 31) for found in (first, second))
    assert mine.actual != theirs.actual
    assert first.look("lstm", "after", 31) is mine, "kept for whoever asks next"
    store.delete(one, OWNER)
    assert networks.load(one, ("lstm",)) is None
    assert GONE[:30] in Visitor("gates", model=one).html


def test_another_part_or_a_broken_spec_is_none(store: Runs) -> None:
    table = samples.sample("walk")
    ids = [
        store.submit("forecast", stored.spec("backtest", QUICK, table), OWNER),
        store.submit("forecast", {"part": "forecast", "config": {"hidden": "x"}}, OWNER),
        store.submit("forecast", {}, OWNER),
    ]
    for id in ids:
        assert networks.cells_of(id) == ()
        assert GONE[:30] in Visitor("gates", model=id).html


def test_a_network_that_has_not_been_saved_yet_is_as_training_begins(store: Runs) -> None:
    visitor = started()
    id = visitor.view.forecast
    opened = Visitor("gates", model=id)
    assert "as training begins" in opened.html
    assert "example" not in opened.address
    assert SMALL


def test_a_hostile_name_is_text_on_every_page(store: Runs) -> None:
    table = replace(samples.sample("walk"), name=EVIL)
    id = store.submit("forecast", stored.spec("forecast", QUICK, table) | {"sample": "own"}, OWNER)
    while compute(store):
        pass
    for page in ("gates", "states", "gradients"):
        visitor = Visitor(page, model=id)
        assert "<img" not in visitor.html
        assert "&lt;img" in visitor.html
        assert not any("<img" in text for chart in visitor.charts() for text in strings(chart["data"]))


@pytest.mark.parametrize("which", ["after", "before"])
@pytest.mark.parametrize("network", ["gru", "bilstm", "attention"])
def test_the_script_forecasts_the_row_of_the_page(
    store: Runs, network: str, which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = trained(store, replace(QUICK, network=network))
    found = networks_forecast.load(id)
    assert found is not None
    seen = found.look(found.cell, which, 12)
    assert isinstance(seen, Forecasted)
    file = found.file(which, 12)
    (tmp_path / file.name).write_bytes(file.weights())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    (tmp_path / "script.py").write_text(file.script())
    left = runpy.run_path("script.py")
    np.testing.assert_allclose(left["found"], [seen.forecast], rtol=1e-6)
