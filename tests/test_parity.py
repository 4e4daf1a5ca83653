"""Every form of nn.RNN, nn.LSTM and nn.GRU, against a plain loop that shares no code with the package.

The reference below knows nothing but the formulas of PyTorch's documentation and plain autograd. Values and
gradients agree in float64; states, gates and gradients are compared at every step of every layer.
"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.gradients import gradients
from rnnviz.together import observe_module
from rnnviz.trace import trace

FLOAT64 = torch.float64
NAMES = {"ih": "weight_ih", "hh": "weight_hh", "b_ih": "bias_ih", "b_hh": "bias_hh", "hr": "weight_hr"}
KINDS = ("rnn", "rnn_relu", "lstm", "lstm_proj", "gru")


def make(kind, D, H, seed, **options):
    torch_class = {"lstm": nn.LSTM, "lstm_proj": nn.LSTM, "gru": nn.GRU}.get(kind, nn.RNN)
    if kind == "rnn_relu":
        options["nonlinearity"] = "relu"
    if kind == "lstm_proj":
        options["proj_size"] = H - 1
    module = torch_class(D, H, dtype=FLOAT64, **options)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-0.7, 0.7, generator=generator)
    return module


def step(kind, w, x, h, c):
    """One step by PyTorch's documentation: the gates, h and c."""
    a = x @ w["ih"].T + w["b_ih"]
    b = h @ w["hh"].T + w["b_hh"]
    if kind in ("rnn", "rnn_relu"):
        return {}, (torch.tanh(a + b) if kind == "rnn" else (a + b).clamp(min=0)), None
    if kind == "gru":
        (ar, az, an), (br, bz, bn) = a.chunk(3, 1), b.chunk(3, 1)
        r, z = torch.sigmoid(ar + br), torch.sigmoid(az + bz)
        n = torch.tanh(an + r * bn)
        return {"r": r, "z": z, "n": n}, (1 - z) * n + z * h, None
    i, f, g, o = (a + b).chunk(4, 1)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c = f * c + i * g
    h = o * torch.tanh(c)
    return {"i": i, "f": f, "g": g, "o": o}, (h @ w["hr"].T if "hr" in w else h), c


def reference(kind, module, x, state, loss):
    """Run time-major ``x`` (T, B, D) from ``state`` (each (layers*directions, B, .)); gradients by autograd.

    Returns the output, the loss, dL/dx, and a list of (name, h, c, gates, dL/dh, dL/dc), each over time.
    """
    xs = [x_t.clone().requires_grad_() for x_t in x]
    below, layers, index = xs, [], 0
    for level in range(module.num_layers):
        sides = []
        for reverse in (False, True)[: 2 if module.bidirectional else 1]:
            suffix = f"l{level}_reverse" if reverse else f"l{level}"
            w = {
                short: getattr(module, f"{long}_{suffix}").detach()
                for short, long in NAMES.items()
                if hasattr(module, f"{long}_{suffix}")
            }
            w = {"b_ih": torch.zeros(1, dtype=FLOAT64), "b_hh": torch.zeros(1, dtype=FLOAT64)} | w
            h, c = state[0][index], (state[1][index] if len(state) > 1 else None)
            over_time = [None] * len(xs)
            for t in reversed(range(len(xs))) if reverse else range(len(xs)):
                gates, h, c = step(kind, w, below[t], h, c)
                over_time[t] = (gates, h, c)
            sides.append([h for _, h, _ in over_time])
            layers.append((f"layer {level} reversed" if reverse else f"layer {level}", over_time))
            index += 1
        below = [torch.cat(hs, 1) for hs in zip(*sides, strict=True)]
    output = torch.stack(below)
    value = loss(output)
    seen = []
    for name, over_time in layers:
        gates, hs, cs = zip(*over_time, strict=True)
        dh = torch.stack(torch.autograd.grad(value, hs, retain_graph=True, materialize_grads=True))
        dc = None
        if cs[0] is not None:
            dc = torch.stack(torch.autograd.grad(value, cs, retain_graph=True, materialize_grads=True))
            cs = torch.stack(cs).detach()
        stacked = {key: torch.stack([g[key] for g in gates]).detach() for key in gates[0]}
        seen.append((name, torch.stack(hs).detach(), cs if dc is not None else None, stacked, dh, dc))
    dx = torch.stack(torch.autograd.grad(value, xs, materialize_grads=True))
    return output.detach(), value.detach(), dx, seen


LOSSES = {
    "default": (None, lambda output: output[-1].sum()),
    "first": (lambda output: output[0].square().sum(),) * 2,
    "all": (lambda output: (output**3).mean(),) * 2,
    "one unit": (lambda output: output[len(output) // 2, 0, 0],) * 2,
}


def same(got, want):
    if want is None:
        assert got is None
    else:
        torch.testing.assert_close(got, want, rtol=1e-11, atol=1e-12)


@given(
    kind=st.sampled_from(KINDS),
    layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    bias=st.booleans(),
    layout=st.sampled_from(["time", "batch_first", "unbatched"]),
    given_state=st.booleans(),
    training=st.booleans(),
    loss=st.sampled_from(sorted(LOSSES)),
    sizes=st.tuples(st.integers(1, 6), st.integers(1, 3), st.integers(1, 3), st.integers(2, 4)),
    seed=st.integers(0, 10_000),
)
def test_values_and_gradients_of_every_form(
    kind, layers, bidirectional, bias, layout, given_state, training, loss, sizes, seed
):
    T, B, D, H = sizes
    B = 1 if layout == "unbatched" else B
    options = {"num_layers": layers, "bidirectional": bidirectional, "bias": bias}
    module = make(kind, D, H, seed, batch_first=layout == "batch_first", **options).train(training)
    generator = torch.Generator().manual_seed(seed + 1)
    entries = layers * (2 if bidirectional else 1)
    state = [torch.randn(entries, B, module.proj_size or H, generator=generator, dtype=FLOAT64)]
    if "lstm" in kind:
        state.append(torch.randn(entries, B, H, generator=generator, dtype=FLOAT64))
    if not given_state:
        state = [torch.zeros_like(s) for s in state]
    x = torch.randn(T, B, D, generator=generator, dtype=FLOAT64)
    ours, theirs = LOSSES[loss]
    output, value, dx, seen = reference(kind, module, x, state, theirs)

    shaped = {"time": x, "batch_first": x.transpose(0, 1), "unbatched": x[:, 0]}[layout]
    passed = [s[:, 0] for s in state] if layout == "unbatched" else state
    passed = (passed[0] if len(passed) == 1 else tuple(passed)) if given_state else None
    t, g = trace(module, shaped, passed), gradients(module, shaped, ours, passed)
    both = observe_module(module, shaped, ours, passed)

    for got in (t, both[0]):
        same(got.x, x)
        same(got.output, output)
        for layer, (name, h, c, gates, _, _), index in zip(got.layers, seen, range(entries), strict=True):
            assert (layer.name, layer.cell) == (name, kind.removesuffix("_proj"))
            same(layer.h, h)
            same(layer.c, c)
            same(layer.h0, state[0][index])
            same(layer.c0, state[1][index] if len(state) > 1 else None)
            assert list(layer.gates) == list(gates)
            for letter, values in gates.items():
                same(layer.gates[letter], values)
    for got in (g, both[1]):
        same(got.output, output)
        same(got.loss, value)
        same(got.x, dx)
        same(got.x_norm, dx.flatten(1).norm(dim=1))
        for layer, (name, _, _, _, dh, dc) in zip(got.layers, seen, strict=True):
            assert (layer.name, layer.cell) == (name, kind.removesuffix("_proj"))
            same(layer.h, dh)
            same(layer.c, dc)
            same(layer.h_norm, dh.flatten(1).norm(dim=1))
            same(layer.c_norm, None if dc is None else dc.flatten(1).norm(dim=1))
            assert not layer.underflow.any()

    # And the module itself says the same.
    its_output, its_state = module(shaped, passed)
    its_output = its_output.unsqueeze(1) if layout == "unbatched" else its_output
    same(t.output, (its_output.transpose(0, 1) if layout == "batch_first" else its_output).detach())
    its_h = its_state[0] if isinstance(its_state, tuple) else its_state
    for index, layer in enumerate(t.layers):
        last = 0 if layer.name.endswith("reversed") else -1
        same(layer.h[last], its_h[index].detach().reshape(B, -1))
        if isinstance(its_state, tuple):
            same(layer.c[last], its_state[1][index].detach().reshape(B, -1))


@pytest.mark.parametrize("kind", KINDS)
def test_float32_agrees_with_float64(kind):
    module = make(kind, 2, 8, seed=1, num_layers=2, bidirectional=True)
    x = torch.randn(40, 3, 2, generator=torch.Generator().manual_seed(2), dtype=FLOAT64)
    exact = gradients(module, x)
    rough = gradients(module.float(), x.float())
    assert rough.x.dtype == rough.layers[0].h_norm.dtype == torch.float32
    for a, b in zip(rough.layers, exact.layers, strict=True):
        torch.testing.assert_close(a.h.double(), b.h, rtol=1e-3, atol=1e-5 * b.h.abs().max().item())
    limit = 1e-5 * exact.output.abs().max().item()
    torch.testing.assert_close(rough.output.double(), exact.output, rtol=1e-3, atol=limit)


def test_the_trap_gradients_kept_at_a_fused_output_show_false_vanishing():
    """With a loss on the last step, ``out.retain_grad()`` is 0 at every other step; what is shown is not."""
    module = make("lstm", 2, 8, seed=0)
    x = torch.randn(20, 1, 2, generator=torch.Generator().manual_seed(0), dtype=FLOAT64)
    out, _ = module(x)
    out.retain_grad()
    out[-1].sum().backward()
    assert (out.grad[:-1] == 0).all()
    assert (out.grad[-1] == 1).all()
    assert (gradients(module, x).layers[0].h_norm > 1e-9).all()
