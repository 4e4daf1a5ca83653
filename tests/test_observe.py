from dataclasses import replace

import pytest
import torch

from rnnviz.build import build_input, build_module, start_states, strengths
from rnnviz.cells import STEPS
from rnnviz.experiment import Experiment
from rnnviz.observe import _on_cpu, observe
from rnnviz.registry import CELLS

BASE = Experiment(length=30, hidden=8, seed=5, signal="noise")
CLOSE = {"rtol": 1e-4, "atol": 1e-6}


@pytest.mark.parametrize("cell", CELLS)
def test_the_real_module_is_what_is_seen(cell):
    seen = observe(BASE, cell)
    x = build_input(BASE).requires_grad_()
    output, _ = build_module(BASE, cell)(x)
    torch.testing.assert_close(seen.trace.output, output.detach(), **CLOSE)
    (dx,) = torch.autograd.grad(output[-1].sum(), x)
    torch.testing.assert_close(seen.gradients.x, dx, **CLOSE)
    assert seen.gradients.loss.item() == pytest.approx(output[-1].sum().item(), abs=1e-5)
    assert tuple(seen.trace.layers[0].gates) == CELLS[cell].gate_names
    assert seen.trace.layers[0].cell == seen.cell == cell
    assert torch.equal(seen.x, seen.signal.x.unsqueeze(1))


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_at_the_list_of_step_tensors(cell):
    experiment = replace(BASE, loss=20)
    seen = observe(experiment, cell).gradients.layers[0]
    module = build_module(experiment, cell)
    params = {name.removesuffix("_l0"): p for name, p in module.named_parameters()}
    state = tuple(torch.zeros(1, 8) for _ in CELLS[cell].states)
    states = []
    for x_t in build_input(experiment):
        state = STEPS[cell](params, x_t, state).state
        states.append(state)
    for index, found in enumerate((seen.h, seen.c)[: len(state)]):
        wanted = [step[index] for step in states]
        expected = torch.autograd.grad(states[19][0].sum(), wanted, retain_graph=True, materialize_grads=True)
        torch.testing.assert_close(found, torch.stack(expected), **CLOSE)
    assert seen.h[20:].eq(0).all()
    assert seen.h[19].eq(1).all()


@pytest.mark.parametrize("cell", CELLS)
def test_the_first_sequence_is_the_experiment_and_the_others_do_not_touch_it(cell):
    one = observe(BASE, cell)
    for many in (observe(BASE, cell, starts=4), observe(BASE, cell, strengths=4)):
        assert many.trace.output.shape == (30, 4, 8)
        torch.testing.assert_close(many.trace.output[:, :1], one.trace.output, **CLOSE)
        torch.testing.assert_close(many.gradients.layers[0].h[:, :1], one.gradients.layers[0].h, **CLOSE)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "mingru"])
def test_start_states_and_strengths_are_those_of_build(cell):
    module, x = build_module(BASE, cell), build_input(BASE)
    from_starts = module(x.expand(-1, 3, -1), start_states(BASE, cell, 3))[0]
    torch.testing.assert_close(observe(BASE, cell, starts=3).trace.output, from_starts.detach(), **CLOSE)
    weaker = module(strengths(x, 3))[0]
    torch.testing.assert_close(observe(BASE, cell, strengths=3).trace.output, weaker.detach(), **CLOSE)


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_it_works_in_any_context_and_leaves_the_global_generator(context):
    before = torch.get_rng_state()
    with context():
        inside = observe(BASE, "gru")
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(inside.gradients.x, observe(BASE, "gru").gradients.x)
    assert not inside.trace.output.requires_grad


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(length=2, hidden=1, scale=0, loss=1),
        Experiment(length=500, hidden=128, scale=4, forget=6, init="orthogonal"),
        Experiment(signal="text", text="ab" * 100, hidden=128, init="identity", scale=4),
        Experiment(signal="numbers", numbers="1e30 -1e30 0", hidden=4),
    ],
)
def test_extremes_raise_nothing(cell, experiment):
    seen = observe(experiment, cell)
    assert seen.trace.output.shape == (experiment.steps, 1, experiment.hidden)
    assert seen.gradients.layers[0].h_norm.shape == (experiment.steps,)


def test_counts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="leave one of them at 1"):
        observe(BASE, "lstm", starts=2, strengths=2)
    for wrong in ({"starts": 0}, {"starts": 17}, {"strengths": 0}, {"strengths": 17}):
        with pytest.raises(ValueError, match="from 1 to 16"):
            observe(BASE, "lstm", **wrong)


def test_moving_to_the_cpu_reaches_every_tensor():
    seen = observe(BASE, "lstm")
    moved = _on_cpu(seen)
    assert moved is not seen
    assert torch.equal(moved.x, seen.x)
    assert torch.equal(moved.trace.layers[0].gates["f"], seen.trace.layers[0].gates["f"])
    assert torch.equal(moved.gradients.layers[0].c_norm, seen.gradients.layers[0].c_norm)
    assert moved.experiment == BASE
    elsewhere = replace(seen.trace, output=seen.trace.output.as_subclass(_Elsewhere))
    assert type(_on_cpu(elsewhere).output) is torch.Tensor


class _Elsewhere(torch.Tensor):
    """A tensor that counts as being elsewhere until it is moved."""

    def cpu(self):
        return self.as_subclass(torch.Tensor)
