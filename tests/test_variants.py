"""Layer norm and residual connections: against their definitions, batched, trained, and observed through the door."""

import math

import pytest
import torch

from rnnviz import gradients, jacobians, trace
from rnnviz.cells import STEPS
from rnnviz.modules import CellModule
from rnnviz.paths import split_jacobians
from rnnviz.registry import CELLS
from rnnviz.statistics import state_kind
from rnnviz.together import observe_module
from rnnviz.variants import added, step_of, unchanged

CHANGES = [(True, False), (False, True), (True, True)]
T, B, D, H = 6, 3, 2, 4


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=generator(seed), dtype=torch.float64)


def module_of(cell, layernorm, residual):
    """A module in float64 whose every parameter, gains among them, is a draw."""
    module = CellModule(cell, D, H, layernorm=layernorm, residual=residual, dtype=torch.float64)
    for k, parameter in enumerate(module.parameters()):
        parameter.data = drawn(*parameter.shape, seed=k) / 2
    return module


def normal(a, gain, bias):
    return (a - a.mean()) / (a.var(correction=0) + 1e-5).sqrt() * gain + bias


def by_hand(cell, p, x, state):
    """The next state with layer norm, one vector, from the equations."""
    W_x, W_h, h = p["weight_ih"], p["weight_hh"], state[0]
    if cell.startswith("gru"):
        n = 2 * H

        def product(side, v, rows):
            return normal(p[f"weight_{side}"][rows] @ v, p[f"gain_{side}"][rows], p[f"bias_{side}"][rows])

        gates, candidate = slice(n), slice(n, 3 * H)
        r, z = torch.sigmoid(product("ih", x, gates) + product("hh", h, gates)).chunk(2)
        if cell == "gru_reset_before":
            new = torch.tanh(product("ih", x, candidate) + product("hh", r * h, candidate))
            return ((1 - z) * h + z * new,)
        new = torch.tanh(product("ih", x, candidate) + r * product("hh", h, candidate))
        return ((1 - z) * new + z * h,)
    if cell == "lstm":
        a = normal(W_x @ x, p["gain_ih"], p["bias_ih"]) + normal(W_h @ h, p["gain_hh"], p["bias_hh"])
        i, f, g, o = a.chunk(4)
        c = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(normal(c, p["gain_c"], p["bias_c"])), c
    a = normal(W_x @ x + W_h @ h, p["gain_a"], p["bias_ih"] + p["bias_hh"])
    if cell == "lstm_peephole":
        i, f, g, o = a.chunk(4)
        c = torch.sigmoid(f + p["weight_cf"] * state[1]) * state[1]
        c = c + torch.sigmoid(i + p["weight_ci"] * state[1]) * torch.tanh(g)
        return torch.sigmoid(o + p["weight_co"] * c) * torch.tanh(c), c
    return ({"rnn": torch.tanh, "rnn_relu": torch.relu, "rnn_linear": lambda a: a}[cell](a),)


@pytest.mark.parametrize("cell", [cell for cell in CELLS if not unchanged(cell)])
def test_layer_norm_is_its_definition(cell):
    module = module_of(cell, True, False)
    x, state = drawn(D, seed=50), tuple(drawn(H, seed=60 + k) for k in range(len(module.states)))
    done = step_of(cell, layernorm=True)(module.params, x, state)
    for got, want in zip(done.state, by_hand(cell, module.params, x, state), strict=True):
        torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-14)
    for gate in CELLS[cell].gates:
        assert done.gates[gate.name].shape == (H,)


@pytest.mark.parametrize("cell", [cell for cell in CELLS if not unchanged(cell)])
def test_gains_count_as_one_where_they_are_absent(cell):
    module = CellModule(
        cell, D, H, layernorm=True, dtype=torch.float64
    )  # as it starts: gains 1, biases of c 0
    x, state = drawn(D, seed=50), tuple(drawn(H, seed=60 + k) for k in range(len(module.states)))
    plain = {name: module.params[name] for name, _ in CELLS[cell].params}
    step = step_of(cell, layernorm=True)
    for got, want in zip(step(plain, x, state).state, step(module.params, x, state).state, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-14)


def test_the_peephole_s_numbers_stay():
    """Values and gradients of a seeded run, as they were when the equation was first written for layer norm."""
    module = CellModule("lstm_peephole", D, H, layernorm=True, dtype=torch.float64)
    module.reset_parameters(generator(3))
    output, (_, c) = module(drawn(T, B, D, seed=5))
    output.square().sum().backward()
    grads = {name: p.grad for name, p in module.named_parameters()}
    found = [output.sum(), c.sum(), grads["weight_hh"].norm(), grads["weight_ih"].norm()]
    found += [grads["weight_co"].sum(), grads["gain_a"].sum()]
    expected = [5.535210966011046, 1.7911277352622275, 3.4824746947531438, 5.0881276333055485]
    expected += [1.5761125434301453, 3.6183402673314005]
    assert [value.item() for value in found] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("cell", CELLS)
def test_residual_adds_the_state_before_and_leaves_the_memory(cell):
    module = module_of(cell, False, True)
    x, state = drawn(D, seed=50), tuple(drawn(H, seed=60 + k) for k in range(len(module.states)))
    plain = STEPS[cell](module.params, x, state)
    done = step_of(cell, residual=True)(module.params, x, state)
    assert torch.equal(done.state[0], state[0] + plain.state[0])
    assert all(torch.equal(a, b) for a, b in zip(done.state[1:], plain.state[1:], strict=True))
    assert all(torch.equal(done.gates[name], gate) for name, gate in plain.gates.items())
    assert state_kind(cell, residual=True) == "linear"


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("layernorm", "residual"), CHANGES)
def test_any_leading_dimensions_will_do(cell, layernorm, residual):
    module, step = module_of(cell, layernorm, residual), step_of(cell, layernorm=layernorm, residual=residual)
    x = drawn(5, 2, B, D, seed=50)
    state = tuple(drawn(5, 2, B, H, seed=60 + k) for k in range(len(module.states)))
    whole = step(module.params, x, state).state
    for place in ((), (1,), (1, 0), (1, 0, 2)):
        part = step(module.params, x[place], tuple(s[place] for s in state)).state
        for got, want in zip(part, whole, strict=True):
            torch.testing.assert_close(got, want[place], rtol=1e-12, atol=1e-14)
    mapped = torch.func.vmap(lambda x, s: step(module.params, x, s).state)(x, state)
    for got, want in zip(mapped, whole, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("layernorm", "residual"), CHANGES)
def test_the_door_agrees_with_plain_autograd(cell, layernorm, residual):
    """Trace, gradients and Jacobians of a changed module, against a loop of its own."""
    module, x = module_of(cell, layernorm, residual), drawn(T, B, D, seed=50)
    step = step_of(cell, layernorm=layernorm, residual=residual)
    weight = drawn(T, B, H, seed=70)

    def loss(output):
        return (output * weight).sum()

    state = tuple(torch.zeros(B, H, dtype=torch.float64) for _ in module.states)
    nudges = [torch.zeros(B, H, dtype=torch.float64, requires_grad=True) for _ in range(T)]
    states, before = [], []
    for x_t, nudge in zip(x, nudges, strict=True):
        before.append(state)
        state = step(module.params, x_t, state).state
        state = (state[0] + nudge, *state[1:])
        states.append(state)
    output = torch.stack([s[0] for s in states])
    dh = torch.autograd.grad(loss(output), nudges)

    seen, found = observe_module(module, x, loss)
    torch.testing.assert_close(trace(module, x).output, output.detach(), rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(seen.output, module(x)[0].detach(), rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(found.layers[0].h, torch.stack(dh), rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(gradients(module, x, loss).layers[0].h, torch.stack(dh), rtol=1e-9, atol=1e-12)
    assert seen.layers[0].residual == residual

    J = jacobians(module, x)
    whole = torch.cat([part[1] for part in before[3]], -1).detach()
    sizes = [H] * len(module.states)

    def advance(s):
        return torch.cat(step(module.params, x[3, 1], torch.split(s, sizes, -1)).state, -1)

    expected = torch.autograd.functional.jacobian(advance, whole)
    torch.testing.assert_close(J[3, 1], expected, rtol=1e-9, atol=1e-12)
    split = split_jacobians(module, x[:, 1:2])
    memory = split.rest[3].clone()
    memory[:, -H:] += torch.diag(split.direct[3])
    torch.testing.assert_close(memory, expected[-H:], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("layernorm", "residual"), CHANGES)
def test_a_changed_module_trains(cell, layernorm, residual):
    module = CellModule(cell, D, H, layernorm=layernorm, residual=residual)
    module.reset_parameters(generator())
    names = [name for name, _ in CELLS[cell].params] + [n for n, _ in added(cell) if layernorm]
    assert [name for name, _ in module.named_parameters()] == list(module.params) == names
    output, final = module(drawn(T, B, D).float())
    assert output.shape == (T, B, H)
    assert all(part.shape == (B, H) for part in final)
    output[-1].square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in module.parameters())
    assert any((p.grad != 0).any() for name, p in module.named_parameters() if "weight" in name)


@pytest.mark.parametrize("cell", CELLS)
def test_the_weights_start_as_without_the_changes(cell):
    plain, changed = CellModule(cell, D, H), CellModule(cell, D, H, layernorm=True, residual=True)
    plain.reset_parameters(generator(4))
    changed.reset_parameters(generator(4))
    assert all(torch.equal(value, changed.params[name]) for name, value in plain.params.items())
    for name, _ in added(cell):
        assert (changed.params[name] == (1 if name.startswith("gain") else 0)).all()


def test_layer_norm_of_the_lstm_is_the_registry_s_cell():
    ours, theirs = CellModule("lstm", D, H, layernorm=True), CellModule("lstm_layernorm", D, H)
    ours.reset_parameters(generator(2))
    theirs.reset_parameters(generator(2))
    assert list(ours.params) == list(theirs.params)
    x = drawn(T, B, D).float()
    assert torch.equal(ours(x)[0], theirs(x)[0])


def test_what_means_nothing_is_said_and_nothing_fails():
    assert [cell for cell in CELLS if unchanged(cell)] == ["lstm_layernorm", "mingru"]
    for cell in ("lstm_layernorm", "mingru"):
        assert step_of(cell, layernorm=True) is STEPS[cell]
        assert not added(cell)
        assert CELLS[cell].label in unchanged(cell)
    with pytest.raises(ValueError, match="cell must be one of"):
        step_of("nothing", residual=True)
    for cell in CELLS:  # runs side by side share their step function
        assert step_of(cell, layernorm=True, residual=True) is step_of(cell, layernorm=True, residual=True)


def test_the_residual_keeps_a_gradient_that_vanishes_without_it():
    """With W_hh = 0 the plain RNN hands nothing back, and the residual one exactly everything."""
    grads = []
    for residual in (False, True):
        module = CellModule("rnn", D, H, residual=residual, dtype=torch.float64)
        module.weight_hh.data.zero_()
        grads.append(gradients(module, drawn(T, 1, D)).layers[0].h_norm)
    assert (grads[0][:-1] == 0).all()
    torch.testing.assert_close(grads[1], torch.full((T,), math.sqrt(H), dtype=torch.float64))


def test_a_true_zero_is_told_from_a_lost_gradient():
    """Through W_hh = 0 nothing comes back, in truth; through a tiny gain something does, and is lost to float32."""
    for name, factor, lost in (("weight_hh", 0.0, False), ("gain_a", 1e-15, True)):
        module = CellModule("rnn", D, H, layernorm=True)
        module.reset_parameters(generator())
        with torch.no_grad():
            module.get_parameter(name).mul_(factor)
        layer = gradients(module, drawn(T, 1, D).float(), lambda output: output[-1, 0, 0]).layers[0]
        assert (layer.h_norm[:2] == 0).all()
        assert (layer.underflow[:2] == lost).all()
