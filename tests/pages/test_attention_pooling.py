"""One sequence on the page of attention: every number is that of the stored networks, computed anew."""

import csv
import io
import math
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
import safetensors.torch
import torch
from attenders import QUICK, SMALL, compute, started, store, stored
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from visitor import Visitor

from rnnviz.attention import PoolConfig
from rnnviz.attention.epoch import kept
from rnnviz.prose import written
from rnnviz.runs import Runs
from rnnviz.tasks.pooled import task_of
from rnnviz.ui import run_files
from rnnviz.ui.attention import choice, pooling_take_away, pooling_words
from rnnviz.ui.attention import shown as shows
from rnnviz.ui.findings import share

__all__ = ["store"]


def by_hand(tensors: dict[str, Tensor], x: Tensor, cell: str = "gru") -> tuple[Tensor, Tensor]:
    """Weights (T, B) and outputs (B, O) of a stored network, from plain torch."""
    kind = {"gru": nn.GRU, "lstm": nn.LSTM, "rnn": nn.RNN}[cell]
    rnn = kind(x.shape[2], tensors["rnn.weight_hh_l0"].shape[1])
    rnn.load_state_dict({name[4:]: value for name, value in tensors.items() if name.startswith("rnn.")})
    with torch.no_grad():
        h, _ = rnn(x)
        weights = torch.softmax(h @ tensors["pool.score.weight"].T, 0)
        context = (weights * h).sum(0)
        return weights.squeeze(-1), context @ tensors["head.weight"].T + tensors["head.bias"]


def bars(visitor: Visitor) -> list[dict[str, object]]:
    return [trace for trace in visitor.chart("pool_weights")["data"] if "weight" in trace.get("name", "")]


def trained(store: Runs, **more: str) -> Visitor:
    visitor = started(**more)
    assert compute(store)
    return visitor.run()


def test_the_bars_are_the_weights_of_the_stored_networks(store: Runs) -> None:
    visitor = trained(store)
    id, task = visitor.address["pooled"], task_of(QUICK)
    for example in (0, 7, 31):
        visitor.drag("probe", example)
        assert visitor.view.probe == example
        for trace, which in zip(bars(visitor), ("before", "after"), strict=True):
            weights, _ = by_hand(store.weights(id, which), task.test.x)
            np.testing.assert_allclose(trace["y"], weights[:, example], rtol=1e-5)
            at = int(task.test.at[example])
            colours = trace["marker"]["color"]
            assert [k for k, colour in enumerate(colours) if colour == "#cf5200"] == [at]
        signs = next(one for one in visitor.chart("pool_weights")["data"] if one["name"] == "input")
        expected = list(task.labels(example))
        notes = [note["text"] for note in visitor.chart("pool_weights")["layout"]["annotations"]]
        assert f"<b>{expected[at]}</b>" in notes
        expected[at] = ""
        assert signs["text"] == expected


def test_what_is_said_is_what_the_networks_say(store: Runs) -> None:
    visitor = trained(store)
    id, task = visitor.address["pooled"], task_of(QUICK)
    for example in (0, 3):
        visitor.drag("probe", example)
        notes = [note["text"] for note in visitor.chart("pool_weights")["layout"]["annotations"]]
        truth = task.outputs[int(task.test.y[example])]
        for which in ("before", "after"):
            _, output = by_hand(store.weights(id, which), task.test.x)
            said = task.outputs[int(output[example].argmax())]
            verdict = "right" if said == truth else f"wrong: it is {truth}"
            assert f"says <b>{said}</b>, {verdict}" in notes
    assert "<b>before training</b>  looks at all 6 steps alike" in notes


def test_the_sentences_quote_what_the_stored_networks_measure(store: Runs) -> None:
    visitor = trained(store)
    id, task, html = visitor.address["pooled"], task_of(QUICK), unescape(visitor.html)
    found = {}
    for which in ("before", "after"):
        weights, output = by_hand(store.weights(id, which), task.test.x)
        right = (output.argmax(1) == task.test.y).float().mean().item()
        entropy = -(weights * weights.log()).sum(0).mean().item()
        on = weights.gather(0, task.test.at[None])[0].mean().item()
        hit = (weights.argmax(0) == task.test.at).float().mean().item()
        found[which] = right, entropy, on, hit, cross_entropy(output, task.test.y).item()
    before, after = found["before"], found["after"]
    assert f"<b>{share(before[0])}</b> before training, <b>{share(after[0])}</b> after training" in html
    assert f"<b>{written(before[1])}</b> nats before, <b>{written(after[1])}</b> after training" in html
    assert f"ln 6 = <b>{written(math.log(6))}</b>" in html
    assert f"<b>{written(before[2])}</b> before, <b>{written(after[2])}</b> after training" in html
    assert f"1/T = <b>{written(1 / 6)}</b>" in html
    assert f"largest in <b>{share(after[3])}</b>" in html
    best = kept(stored(store, id))
    assert best is not None
    assert best.test_loss == pytest.approx(after[4], rel=1e-5)
    assert best.validation_loss == min(one.validation_loss for one in stored(store, id))
    assert f"step {best.step:,}, with the least loss on 256 validation sequences, which are not" in html


def test_the_curves_and_the_map_are_the_rows_of_the_run(store: Runs) -> None:
    visitor = trained(store)
    rows = stored(store, visitor.address["pooled"])
    drawn = {trace["name"]: trace for trace in visitor.chart("pool_way")["data"] if "name" in trace}
    np.testing.assert_allclose(drawn["weights"]["z"], np.array([one.weights for one in rows]).T, rtol=1e-6)
    assert (drawn["weights"]["zmin"], drawn["weights"]["zmax"]) == (0, 1)
    np.testing.assert_array_equal(drawn["accuracy"]["y"], [one.accuracy for one in rows])
    np.testing.assert_allclose(drawn["entropy / ln T"]["y"], [one.entropy / math.log(6) for one in rows])
    np.testing.assert_array_equal(drawn["GRU: test loss"]["y"], [one.test_loss for one in rows])
    np.testing.assert_array_equal(drawn["weights"]["x"], [one.step for one in rows])
    assert drawn["answer"]["y"] == [int(task_of(QUICK).test.at[0]) + 1]


@pytest.mark.parametrize("task", ["marked", "keyword", "largest"])
@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_every_task_and_cell(store: Runs, task: str, cell: str) -> None:
    visitor = trained(store, find=task, reader=cell)
    config = PoolConfig.from_spec(store.get(visitor.address["pooled"]).spec["config"])
    weights, _ = by_hand(store.weights(visitor.address["pooled"], "after"), task_of(config).test.x, cell)
    np.testing.assert_allclose(bars(visitor)[1]["y"], weights[:, 0], rtol=1e-5)
    assert task_of(config).asks in unescape(visitor.html)


def test_before_training_can_be_seen_while_it_waits(store: Runs) -> None:
    visitor = started()
    (before,) = bars(visitor)
    assert before["name"] == "weight before training"
    assert "once the training starts" in str(visitor.chart("pool_weights")["layout"])
    assert "Nothing has been measured yet." in visitor.html
    compute(store)
    np.testing.assert_array_equal(bars(visitor.run())[0]["y"], before["y"])


def test_what_can_be_taken_away(store: Runs) -> None:
    visitor = trained(store)
    labels = {button.proto.label for button in visitor.app.get("download_button")}
    assert labels == {"Numbers as CSV"}
    id, task = visitor.address["pooled"], task_of(QUICK)
    epochs = stored(store, id)
    table = list(csv.DictReader(io.StringIO(run_files.as_csv(pooling_take_away.rows(epochs)))))
    for loss in ("test_loss", "validation_loss"):
        assert [float(row[loss]) for row in table] == [getattr(one, loss) for one in epochs]
    assert [float(table[-1][f"weight_{t}"]) for t in range(1, 7)] == epochs[-1].weights
    shown = shows.load(store, id, "", "pooling")
    assert shown is not None
    file = pooling_take_away.file_of(shown, "after", 5)
    found = safetensors.torch.load(file.weights())
    assert all(torch.equal(found[name], value) for name, value in store.weights(id, "after").items())
    assert torch.equal(found["example.x"], task.test.x[:, 5:6])
    assert file.name in file.script()


def test_a_run_that_diverges_says_so(store: Runs) -> None:
    visitor = started(**(SMALL | {"reader": "rnn"}))
    id = visitor.address["pooled"]
    compute(store)
    rows = store.rows(id)
    assert rows
    epochs = stored(store, id)
    broken = [
        *epochs[:2],
        epochs[2].__class__(
            **{**epochs[2].to_row(), "diverged": True, "test_loss": math.nan, "validation_loss": math.nan}
        ),
    ]
    said = pooling_words.sentences(QUICK, broken, task_of(QUICK), None, None, final=True)
    assert any("diverged by step <b>2</b>" in one for one in said)


def test_a_run_of_before_there_was_a_validation_loss_says_how_it_was_chosen(store: Runs) -> None:
    visitor = trained(store)
    epochs = [replace(one, validation_loss=None) for one in stored(store, visitor.address["pooled"])]
    said = pooling_words.sentences(QUICK, epochs, task_of(QUICK), None, None, final=True)
    assert "with the least loss on these very sequences." in said[0]


def test_another_version_trains_its_examples_anew(store: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def looked() -> str:
        (id,) = choice._shown(Visitor("attention").session)
        return id

    first = looked()
    assert looked() == first
    monkeypatch.setattr(choice, "VERSION", choice.VERSION + 1)
    choice.examples.known.clear()  # another version is another server
    assert looked() != first
    assert store.get(first) is not None  # old links open what they named
