"""The four parts as background work: told as they go, stopped, and taken up again anywhere."""

import json

import numpy as np
import pandas as pd
import pytest
import safetensors.torch
from series import made

from rnnviz import forecast
from rnnviz.forecast import ForecastConfig, TableError, stored, work
from rnnviz.forecast.backtest import backtest
from rnnviz.forecast.compare import compare
from rnnviz.forecast.leaks import leaks
from rnnviz.forecast.parts import COMPARED, PARTS, Compared, Fold, Leak
from rnnviz.forecast.result import Epoch
from rnnviz.forecast.table import Table
from rnnviz.runs.perform import here, stretch
from rnnviz.runs.work import work_of

CONFIG = ForecastConfig(hidden=3, window=6, horizon=4, epochs=3)
OTHERS = ("compare", "backtest", "leaks")
COUNTS = {"compare": len(COMPARED), "backtest": work.FOLDS, "leaks": len(work.LEAKS)}


class StopError(Exception):
    """Raised by on_step."""


def nothing():
    """What on_step does where nobody wants to stop."""


def spec(part="forecast", config=CONFIG, rows=320):
    prices = made(rows, phi=0.3)
    frame = pd.DataFrame({"date": prices.index, "close": prices.to_numpy()})
    table = Table(frame, "date", "close", ("close",), {"close": "close"}, {"date": "Date", "close": "Close"})
    return json.loads(json.dumps(stored.spec(part, config, table)))


def bare(data):
    """A row without its time, which is never the same twice."""
    return json.dumps({name: value for name, value in data.items() if name != "seconds"})


def told(update):
    """What of an update goes into the store."""
    return update.series, update.number, bare(update.data), update.done, update.words, update.whole


def through(tensors):
    return safetensors.torch.load(safetensors.torch.save(tensors))


def test_the_forecast_tells_every_epoch_and_keeps_its_result():
    asked = spec()
    updates = list(work_of("forecast")(asked, None, nothing))
    assert [update.series for update in updates] == ["model"] * len(updates)
    assert [update.number for update in updates] == list(range(len(updates)))
    assert [update.done for update in updates] == [k / 3 for k in range(len(updates) - 1)] + [1]
    assert [update.result is None for update in updates] == [True] * (len(updates) - 1) + [False]
    assert updates[1].words == "epoch 1 of at most 3 · best so far 1"

    result = forecast.run(stored.prices(asked), CONFIG)
    assert [bare(update.data) for update in updates] == [bare(one.to_row()) for one in result.epochs]
    kept = updates[-1].save()
    assert set(kept) == {"checkpoint", "model", "test", "recursive", "future"}
    found = stored.result(
        asked,
        json.loads(json.dumps(updates[-1].result)),
        {name: through(tensors) for name, tensors in kept.items()}.get,
        [Epoch(**update.data) for update in updates],
    )
    for name in ("test", "recursive", "errors_by_step", "future", "metrics"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(result, name), check_freq=False)
    assert (found.verdict, found.kept, found.notes) == (result.verdict, result.kept, result.notes)


def test_the_forecast_goes_on_from_any_update():
    expected = list(work.work(spec(), None, nothing))
    for rest in range(1, len(expected)):
        updates = work.work(spec(), None, nothing)
        begun = [next(updates) for _ in range(rest)]
        checkpoint = through(begun[-1].save()["checkpoint"])
        later = list(work.work(spec(), checkpoint, nothing))
        assert [told(one) for one in begun + later] == [told(one) for one in expected]
        assert bare(later[-1].result) == bare(expected[-1].result)


@pytest.mark.parametrize("part", OTHERS)
def test_the_other_parts_tell_what_they_find(part):
    asked, count = spec(part), COUNTS[part]
    updates = list(work.work(asked, None, nothing))
    found = [update for update in updates if update.series == "found"]
    assert [update.number for update in found] == list(range(count))
    done = [update.done for update in updates]
    assert done == sorted(done)
    assert done[-1] == 1
    assert [update.result for update in updates] == [None] * (len(updates) - 1) + [{"found": count}]
    assert updates[-1].words.startswith(f"{count} of {count} ")

    prices = stored.prices(asked)
    plain = {"compare": compare, "backtest": backtest, "leaks": leaks}[part](prices, CONFIG)
    assert [bare(update.data) for update in found] == [bare(one.to_row()) for one in plain]
    kind = {"compare": Compared, "backtest": Fold, "leaks": Leak}[part]
    assert all(json.dumps(kind.from_row(one.data).to_row()) == json.dumps(one.data) for one in found)


def test_the_comparison_tells_the_epochs_of_each_network():
    updates = list(work.work(spec("compare"), None, nothing))
    assert list(dict.fromkeys(one.series for one in updates if one.series != "found")) == [
        name for name, _ in COMPARED
    ]
    for name, _ in COMPARED:
        epochs = [Epoch(**one.data) for one in updates if one.series == name]
        assert [epoch.number for epoch in epochs] == list(range(len(epochs)))
    assert updates[1].words == "RNN: epoch 1 of at most 3"


@pytest.mark.parametrize("part", OTHERS)
def test_the_other_parts_tell_how_far_each_network_is(part):
    updates = list(work.work(spec(part), None, nothing))
    trained = {one.series: one for one in updates if one.series != "found"}
    assert (
        len(trained) == {"compare": 6, "backtest": 5, "leaks": 5}[part]
    )  # two traps need no network of their own
    for one in trained.values():
        assert one.words.endswith(f"epoch {one.number} of at most 3")
        assert not one.whole


@pytest.mark.parametrize("part", OTHERS)
def test_the_other_parts_go_on_from_any_update(part):
    expected = list(work.work(spec(part), None, nothing))
    updates = work.work(spec(part), None, nothing)
    for k in range(len(expected) - 1):
        checkpoint = through(next(updates).save()["checkpoint"])
        later = list(work.work(spec(part), checkpoint, nothing))
        assert [told(one) for one in later] == [told(one) for one in expected[k + 1 :]]


@pytest.mark.parametrize("part", [name for name, _ in PARTS])
def test_what_was_stopped_at_its_very_end_still_has_its_result(part):
    last = list(work.work(spec(part), None, nothing))[-1]
    again = list(work.work(spec(part), through(last.save()["checkpoint"]), nothing))
    assert [told(one) for one in again] == [told(last)]
    assert json.dumps(again[0].result) == json.dumps(last.result)
    assert {name: set(tensors) for name, tensors in again[0].save().items()} == {
        name: set(tensors) for name, tensors in last.save().items()
    }


@pytest.mark.parametrize("part", [name for name, _ in PARTS])
def test_it_stops_within_a_step(part):
    calls = 0

    def on_step():
        nonlocal calls
        calls += 1
        if calls == 7:
            raise StopError

    with pytest.raises(StopError):
        list(work.work(spec(part), None, on_step))
    assert calls == 7


@pytest.mark.parametrize("part", [name for name, _ in PARTS])
def test_in_stretches_as_on_a_cluster(part):
    asked = spec(part)
    whole = [row for report in here("forecast", asked, None, nothing) for row in report.rows]
    rows: dict[tuple[str, int], str] = {}
    checkpoint, pieces, done = None, 0, False
    while not done:
        piece = stretch("forecast", asked, checkpoint, 0, 60)
        rows |= {(series, number): bare(data) for series, number, data in piece.rows}
        checkpoint, done, pieces = piece.tensors["checkpoint"], piece.result is not None, pieces + 1
    assert pieces > 3
    assert rows == {(series, number): bare(data) for series, number, data in whole}


def test_what_cannot_be_forecast_fails_with_its_sentence():
    with pytest.raises(TableError, match="expected at least"):
        list(work.work(spec(rows=40), None, nothing))
    with pytest.raises(ValueError, match="expected a part out of forecast, compare"):
        list(work.work(spec() | {"part": "all"}, None, nothing))
    with pytest.raises(ValueError, match="expected a checkpoint"):
        list(work.work(spec(), {"done": work._packed([])}, nothing))


def test_rows_pass_through_the_bytes_of_a_checkpoint():
    row = {"name": "ä", "value": float("nan"), "large": 1e300, "number": 3}
    (found,) = work._done({"done": work._packed([row])})
    assert np.isnan(found.pop("value"))
    assert found == {"name": "ä", "large": 1e300, "number": 3}
