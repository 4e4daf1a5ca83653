"""The two paths are one: the observed kernels equal the unrolled reference path, whatever the module."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz import fused, unrolled
from rnnviz.inputs import prepare

FLOAT64 = torch.float64
KINDS = {
    "rnn": lambda **k: nn.RNN(2, 4, **k),
    "rnn_relu": lambda **k: nn.RNN(2, 4, nonlinearity="relu", **k),
    "lstm": lambda **k: nn.LSTM(2, 4, **k),
    "lstm_proj": lambda **k: nn.LSTM(2, 4, proj_size=3, **k),
    "gru": lambda **k: nn.GRU(2, 4, **k),
}


def draw(module, seed, bound=0.8):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
    return module


def same(a, b, tolerance):
    if b is None:
        assert a is None
    else:
        torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)


def compare(problem, loss, tolerance):
    fast, slow = fused.run(problem, loss), unrolled.run(problem, loss)
    for name in ("x", "output", "loss", "dx"):
        same(getattr(fast, name), getattr(slow, name), tolerance)
    for a, b in zip(fast.layers, slow.layers, strict=True):
        assert a.layer is b.layer
        assert list(a.gates) == list(b.gates)
        for name in ("x", "h", "c", "dh", "dc"):
            same(getattr(a, name), getattr(b, name), tolerance)
        for letter in a.gates:
            same(a.gates[letter], b.gates[letter], tolerance)
        for run in (a, b):
            assert not any(v.requires_grad for v in (run.x, run.h, *run.gates.values()))


@given(
    kind=st.sampled_from(sorted(KINDS)),
    layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    bias=st.booleans(),
    T=st.integers(1, 12),
    B=st.integers(1, 3),
    with_loss=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_fast_and_reference_path_agree(kind, layers, bidirectional, bias, T, B, with_loss, seed):
    module = draw(KINDS[kind](num_layers=layers, bidirectional=bidirectional, bias=bias, dtype=FLOAT64), seed)
    x = torch.randn(T, B, 2, generator=torch.Generator().manual_seed(seed), dtype=FLOAT64)
    compare(prepare(module, x), (lambda output: output.square().sum()) if with_loss else None, 1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_they_agree_over_a_long_sequence(kind):
    module = draw(KINDS[kind](dtype=FLOAT64), seed=4, bound=0.4)
    x = torch.randn(300, 1, 2, generator=torch.Generator().manual_seed(1), dtype=FLOAT64)
    compare(prepare(module, x), lambda output: output[200].sum(), 1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_they_agree_in_float32_through_the_float32_kernels(kind):
    module = draw(KINDS[kind](num_layers=2, bidirectional=True), seed=2, bound=0.4)
    x = torch.randn(30, 2, 2, generator=torch.Generator().manual_seed(1))
    compare(prepare(module, x), lambda output: output.square().mean(), 1e-5)


def test_they_agree_where_the_model_leaves_the_range_of_numbers():
    module = draw(nn.RNN(2, 4, nonlinearity="relu"), seed=0, bound=1.0)
    with torch.no_grad():
        module.weight_hh_l0.abs_().mul_(50)
    x = torch.rand(60, 1, 2, generator=torch.Generator().manual_seed(1))
    problem = prepare(module, x)
    fast, slow = fused.run(problem), unrolled.run(problem)
    assert not slow.output[-1].isfinite().any()
    finite = slow.output.isfinite()
    assert torch.equal(fast.output.isfinite(), finite)
    torch.testing.assert_close(fast.output[finite], slow.output[finite], rtol=1e-4, atol=0)


def test_the_fast_path_runs_no_step_at_a_time(monkeypatch):
    def fail(*args, **kwargs):
        raise AssertionError("the fast path must not unroll")

    monkeypatch.setattr(unrolled, "scan", fail)
    module = draw(nn.GRU(2, 4), seed=0)
    fused.run(prepare(module, torch.zeros(5, 1, 2)), lambda output: output.sum())


@pytest.mark.parametrize("dtype", [torch.float32, FLOAT64])
@pytest.mark.parametrize("bias", [-900.0, -95.0, 0.0, 40.0])
def test_a_closed_output_gate_hides_the_memory_but_makes_no_nan(bias, dtype):
    """Without the memory, tanh(c) is read off h = o tanh(c), also where o is 0."""
    module = draw(nn.LSTM(2, 4, dtype=dtype), seed=3)
    with torch.no_grad():
        module.bias_ih_l0[12:] = bias
    x = torch.randn(12, 2, 2, generator=torch.Generator().manual_seed(1)).to(dtype)
    problem = prepare(module, x)
    fast = fused.run(problem, lambda output: output.sum(), memory=False).layers[0]
    slow = unrolled.run(problem, lambda output: output.sum()).layers[0]
    assert fast.c is None
    assert slow.dc.isfinite().all()
    tolerance = 1e-5 if dtype == torch.float32 else 1e-12
    torch.testing.assert_close(fast.dc, slow.dc, rtol=tolerance, atol=tolerance * slow.dc.abs().max().item())
