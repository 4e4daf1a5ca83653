"""Traces: invariants of the numbers, forms of the input, and that nothing is touched by looking."""

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from rnnviz.gradients import gradients
from rnnviz.modules import CellModule
from rnnviz.registry import CELLS
from rnnviz.together import observe_module
from rnnviz.trace import trace

FLOAT64 = torch.float64
T, B, D, H = 9, 4, 3, 5


def drawn(*shape, seed=0, dtype=FLOAT64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def every_module(dtype=FLOAT64):
    built_in = [
        nn.RNN(D, H, dtype=dtype),
        nn.LSTM(D, H, num_layers=2, bidirectional=True, dtype=dtype),
        nn.GRU(D, H, num_layers=2, bidirectional=True, dtype=dtype),
    ]
    return built_in + [CellModule(cell, D, H, dtype=dtype) for cell in CELLS]


def name_of(module):
    return module.cell if isinstance(module, CellModule) else type(module).__name__


@pytest.mark.parametrize("module", every_module(), ids=name_of)
def test_output_and_final_state_are_the_modules(module):
    x = drawn(T, B, D)
    output, state = module(x)
    found = trace(module, x)
    torch.testing.assert_close(found.output, output.detach(), rtol=0, atol=1e-12)
    assert torch.equal(found.x, x)
    final = state if isinstance(state, tuple) else (state,)
    if isinstance(module, CellModule):
        final = tuple(s.unsqueeze(0) for s in final)
    for index, layer in enumerate(found.layers):
        last = 0 if layer.name.endswith("reversed") else -1
        for values, its in zip((layer.h, layer.c), final, strict=False):
            torch.testing.assert_close(values[last], its[index].detach(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", ["lstm", "lstm_peephole", "lstm_layernorm", "nn.LSTM"])
def test_the_memory_changes_by_f_and_i_alone(cell):
    module = (
        nn.LSTM(D, H, bidirectional=True, dtype=FLOAT64)
        if cell == "nn.LSTM"
        else CellModule(cell, D, H, dtype=FLOAT64)
    )
    shape = (2, B, H) if cell == "nn.LSTM" else (B, H)
    for layer in trace(module, drawn(T, B, D), (drawn(*shape, seed=1), drawn(*shape, seed=2))).layers:
        before = torch.cat([layer.c0[None], layer.c[:-1]])
        if layer.name.endswith("reversed"):
            before = torch.cat([layer.c[1:], layer.c0[None]])
        gates = layer.gates
        assert (layer.c - (gates["f"] * before + gates["i"] * gates["g"])).abs().max() < 1e-15


@pytest.mark.parametrize("cell", CELLS)
@given(t=st.integers(0, T - 1))
def test_the_future_does_not_reach_the_past(cell, t):
    module = CellModule(cell, D, H, dtype=FLOAT64)
    module.reset_parameters(torch.Generator().manual_seed(1))
    x = drawn(T, B, D)
    changed = x.clone()
    changed[t] += 1
    a, b = trace(module, x).layers[0], trace(module, changed).layers[0]
    assert torch.equal(a.h[:t], b.h[:t])
    assert not torch.equal(a.h[t], b.h[t])
    for letter in a.gates:
        assert torch.equal(a.gates[letter][:t], b.gates[letter][:t])


def test_a_reversed_layer_reads_from_the_end():
    module = nn.LSTM(D, H, bidirectional=True, dtype=FLOAT64)
    x = drawn(T, B, D)
    changed = x.clone()
    changed[4] += 1
    (a, b), (c, d) = trace(module, x).layers, trace(module, changed).layers
    assert torch.equal(a.h[:4], c.h[:4])
    assert torch.equal(b.h[5:], d.h[5:])
    assert not torch.equal(b.h[4], d.h[4])


@pytest.mark.parametrize("module", every_module(), ids=name_of)
def test_the_order_of_the_batch_does_not_matter(module):
    x = drawn(T, B, D)
    order = torch.tensor([2, 0, 3, 1])
    a, b = trace(module, x), trace(module, x[:, order])
    c, d = gradients(module, x), gradients(module, x[:, order])
    for layer, permuted in zip(a.layers, b.layers, strict=True):
        torch.testing.assert_close(layer.h[:, order], permuted.h, rtol=0, atol=1e-12)
    for layer, permuted in zip(c.layers, d.layers, strict=True):
        torch.testing.assert_close(layer.h[:, order], permuted.h, rtol=0, atol=1e-12)


def looks():
    return {
        "trace": lambda module, x: trace(module, x),
        "gradients": lambda module, x: gradients(module, x, lambda output: output.sum()),
        "together": lambda module, x: observe_module(module, x),
    }


def fail(*args, **kwargs):
    raise AssertionError("a hook fired")


@pytest.mark.parametrize("look", looks().values(), ids=looks())
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("module", every_module(torch.float32), ids=name_of)
def test_looking_touches_nothing(module, training, look):
    module = copy.deepcopy(module).train(training)
    x = drawn(T, B, D, dtype=torch.float32).requires_grad_()
    output = module(x)[0]
    output.sum().backward()
    parameters = dict(module.named_parameters())
    next(iter(parameters.values())).requires_grad_(False)
    module.register_forward_hook(fail)
    module.register_forward_pre_hook(fail)
    module.register_full_backward_hook(fail)
    kept = {name: (p.detach().clone(), p.grad.clone(), p.requires_grad) for name, p in parameters.items()}
    x_before, x_grad = x.detach().clone(), x.grad.clone()
    versions = [p._version for p in parameters.values()]
    random = torch.get_rng_state()
    hooks = [len(module._forward_hooks), len(module._forward_pre_hooks), len(module._backward_hooks)]
    grad_enabled = torch.is_grad_enabled()

    look(module, x)

    assert dict(module.named_parameters()).keys() == kept.keys()
    for name, p in module.named_parameters():
        assert p is parameters[name]
        assert torch.equal(p, kept[name][0])
        assert torch.equal(p.grad, kept[name][1])
        assert p.requires_grad == kept[name][2]
    assert [p._version for p in parameters.values()] == versions
    assert torch.equal(x, x_before)
    assert torch.equal(x.grad, x_grad)
    assert x.requires_grad
    assert module.training is training
    assert torch.equal(torch.get_rng_state(), random)
    assert [len(module._forward_hooks), len(module._forward_pre_hooks), len(module._backward_hooks)] == hooks
    assert torch.is_grad_enabled() == grad_enabled


@pytest.mark.parametrize("module", every_module(), ids=name_of)
def test_it_works_in_every_grad_mode_and_on_frozen_modules(module):
    x = drawn(T, B, D)
    expected, slopes = trace(module, x), gradients(module, x)
    frozen = copy.deepcopy(module).requires_grad_(False)
    with torch.no_grad():
        found = [(trace(module, x), gradients(module, x)), (trace(frozen, x), gradients(frozen, x))]
        assert not torch.is_grad_enabled()
    with torch.inference_mode():
        found.append((trace(module, x), gradients(module, x)))
        found.append((trace(module, x.clone()), gradients(module, x.clone())))  # inference tensors
        made_here = copy.deepcopy(module)
        found.append((trace(made_here, x), gradients(made_here, x)))
        assert torch.is_inference_mode_enabled()
    for t, g in found:
        assert torch.equal(t.output, expected.output)
        for a, b in zip(g.layers, slopes.layers, strict=True):
            assert torch.equal(a.h, b.h)
        assert not t.output.is_inference()
        assert not g.x.is_inference()


@pytest.mark.parametrize("module", every_module(), ids=name_of)
def test_everything_is_detached_and_ones_own(module):
    x = drawn(T, B, D).requires_grad_()
    t, g = observe_module(module, x)
    tensors = [t.x, t.output, g.x, g.x_norm, g.loss]
    for layer in t.layers:
        tensors += [layer.h, layer.h0, *layer.gates.values()]
    for layer in g.layers:
        tensors += [layer.h, layer.h_norm]
    assert not any(tensor.requires_grad for tensor in tensors)
    kept = t.x.clone()
    with torch.no_grad():
        x += 1
    assert torch.equal(t.x, kept)


def test_a_parametrised_module_shows_the_weights_in_use():
    module = weight_norm(nn.LSTM(D, H, dtype=FLOAT64), "weight_hh_l0")
    with torch.no_grad():
        module.parametrizations.weight_hh_l0.original0.mul_(2)
    x = drawn(T, B, D)
    module(x)
    torch.testing.assert_close(trace(module, x).output, module(x)[0].detach(), rtol=0, atol=1e-12)


def test_dropout_is_no_obstacle_where_it_does_nothing():
    x = drawn(T, B, D)
    evaluated = nn.LSTM(D, H, num_layers=2, dropout=0.5, dtype=FLOAT64).eval()
    torch.testing.assert_close(trace(evaluated, x).output, evaluated(x)[0].detach(), rtol=0, atol=1e-12)
    with pytest.warns(UserWarning, match="dropout option adds dropout after all but last"):
        single = nn.GRU(D, H, dropout=0.5, dtype=FLOAT64).train()
    torch.testing.assert_close(trace(single, x).output, single(x)[0].detach(), rtol=0, atol=1e-12)


def test_nan_that_the_model_makes_is_kept():
    module = CellModule("rnn_linear", D, H)
    with torch.no_grad():
        module.weight_hh.fill_(1e20)
    t, g = observe_module(module, drawn(T, B, D, dtype=torch.float32))
    assert t.layers[0].h[:2].isfinite().all()
    assert not t.layers[0].h[-1].isfinite().any()
    assert not g.layers[0].h_norm[0].isfinite()
    assert g.layers[0].h_norm[-1].isfinite()


def test_twice_the_same():
    module, x = nn.GRU(D, H), drawn(T, B, D, dtype=torch.float32)
    assert torch.equal(trace(module, x).output, trace(module, x).output)
    assert torch.equal(gradients(module, x).x, gradients(module, x).x)
