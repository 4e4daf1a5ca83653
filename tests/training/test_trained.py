"""A network of a race on the pages of the experiments: the same numbers as plain autograd, and figures that take it."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from rnnviz import tasks
from rnnviz.figures import gates, states
from rnnviz.observe import Observation
from rnnviz.race import Race
from rnnviz.registry import CELLS
from rnnviz.training import build_model, fit, observe_trained, trained
from rnnviz.training.measures import part_of

RACE = Race(hidden=5, length=7, batch=4, steps=10, rate=0.02)


def weights(race, cell, seed=0):
    """Weights as if trained: noise on all of the parameters, so that gains and biases count too."""
    model = build_model(race, cell)
    generator = torch.Generator().manual_seed(seed)
    return {n: v + 0.3 * torch.randn(v.shape, generator=generator) for n, v in model.state_dict().items()}


@pytest.mark.parametrize(
    ("cell", "settings"),
    [
        *((cell, {"task": "sine"}) for cell in CELLS),
        ("lstm", {"task": "adding"}),
        ("gru", {"task": "copy"}),
        ("rnn", {"task": "text"}),
        ("lstm", {"task": "parity", "layernorm": True}),
        ("gru", {"task": "flipflop", "residual": True}),
        ("lstm_peephole", {"task": "labels", "layernorm": True, "residual": True}),
    ],
)
def test_the_gradients_are_those_of_the_task_s_loss(cell, settings):
    race = replace(RACE, **settings)
    tensors, task = weights(race, cell), tasks.make(race)
    seen = observe_trained(race, cell, tensors, 3)
    assert isinstance(seen, Observation)

    one = part_of(task.test, slice(3, 4))
    model = build_model(race, cell)
    model.load_state_dict(tensors)
    # The module itself, one step at a time, so that each state is a tensor of its own.
    state, kept = None, []
    for t in range(len(one.x)):
        output, state = model.rnn(one.x[t : t + 1], state)
        state = tuple(state) if isinstance(state, tuple) else (state,)
        kept.append(state[0])
        if isinstance(model.rnn, nn.RNN | nn.GRU):
            (state,) = state
        assert torch.allclose(output.detach().flatten(), seen.trace.layers[0].h[t].flatten(), atol=1e-5)
    loss = task.loss(model.head(torch.stack([h.reshape(1, -1) for h in kept])), one)
    found = torch.autograd.grad(loss, kept, materialize_grads=True)
    expected = torch.stack([gradient.reshape(1, -1) for gradient in found])
    torch.testing.assert_close(seen.gradients.layers[0].h, expected, rtol=2e-3, atol=1e-6)
    torch.testing.assert_close(seen.gradients.loss, loss.detach(), rtol=1e-5, atol=1e-7)
    torch.testing.assert_close(seen.answer, model(one.x)[list(one.scored), 0].detach(), rtol=1e-4, atol=1e-5)
    assert torch.equal(seen.truth, one.y[:, 0])
    assert torch.equal(seen.x, one.x)
    assert seen.trace.layers[0].residual == race.residual


@pytest.mark.parametrize("task", ["adding", "copy", "flipflop", "text"])
def test_the_figures_take_it(task):
    race = replace(RACE, task=task)
    seen = observe_trained(race, "lstm", weights(race, "lstm"), 31)
    experiment, T = seen.experiment, len(seen.x)
    assert (experiment.cell, experiment.hidden, experiment.steps) == ("lstm", 5, T)
    assert experiment.loss_index == seen.scored[-1]
    assert seen.signal.x.shape == (T, len(seen.signal.channels))
    assert seen.signal.labels is None or len(seen.signal.labels) == T
    layer, cell = seen.trace.layers[0], CELLS["lstm"]
    assert gates.heatmaps(layer, cell, labels=seen.signal.labels).data
    assert gates.unit_lines(layer, cell, 2, seen.signal, c_range=1.0).data
    assert states.lines(layer, cell, unit=0, labels=seen.signal.labels).data


def test_before_and_after_are_two_networks():
    fitted = fit(RACE, "gru")
    epochs = list(fitted)
    before, after = (
        observe_trained(RACE, "gru", tensors, 0)
        for tensors in (build_model(RACE, "gru").state_dict(), fitted.model.state_dict())
    )
    assert before.answer.tolist()[0] == pytest.approx(epochs[0].answer[0], rel=1e-4)
    assert after.answer.tolist()[0] == pytest.approx(epochs[-1].answer[0], rel=1e-4)
    assert not torch.equal(before.trace.layers[0].h, after.trace.layers[0].h)
    assert torch.equal(before.x, after.x)


def test_the_task_is_built_once_for_all_sequences_of_a_race(monkeypatch):
    made = []
    make = tasks.make
    monkeypatch.setattr(trained.tasks, "make", lambda race: made.append(race) or make(race))
    own = [replace(RACE, task="text", corpus="own", text=text * 60) for text in ("abcd ", "efgh ")]
    for race in own:
        tensors = weights(race, "rnn")
        made.clear()
        seen = [observe_trained(race, "rnn", tensors, k) for k in range(3)]
        assert set("".join(label for one in seen for label in one.signal.labels)) <= set(race.text)
        assert made == [race]
    assert trained._task.cache_info().maxsize == trained.AT_HAND


def test_an_observation_under_inference_mode_spoils_none_that_follows():
    race = replace(RACE, seed=77)
    tensors = weights(race, "gru")
    with torch.inference_mode():
        first = observe_trained(race, "gru", tensors, 1)
    assert torch.equal(observe_trained(race, "gru", tensors, 1).gradients.x, first.gradients.x)
    assert not trained._task(race).test.x.is_inference()


def test_what_does_not_fit_is_said():
    with pytest.raises(ValueError, match="expected an example from 0 to 31, got 32"):
        observe_trained(RACE, "gru", weights(RACE, "gru"), 32)
    with pytest.raises(ValueError, match="expected the weights of a 'gru'"):
        observe_trained(RACE, "gru", weights(RACE, "lstm"), 0)
    with pytest.raises(ValueError, match="cell must be one of"):
        observe_trained(RACE, "nothing", {}, 0)
