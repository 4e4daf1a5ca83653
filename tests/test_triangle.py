"""Triangles with a stride, their budget, and what theory says beside them."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.jacobians import gradient_triangle, jacobians, lyapunov_exponents
from rnnviz.modules import CellModule
from rnnviz.registry import CELLS
from rnnviz.theory import measure
from rnnviz.triangle import STRIDES, grid, stride_for, work

FLOAT64 = torch.float64
NORMS = ["spectral", "frobenius"]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=generator(seed), dtype=FLOAT64)


def build(cell, H=4, D=2, std=0.6, seed=0):
    module = CellModule(cell, D, H, dtype=FLOAT64)
    filled = generator(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(0, std, generator=filled)
    return module


def linear(W):
    module = CellModule("rnn_linear", 1, len(W), bias=False, dtype=W.dtype)
    with torch.no_grad():
        module.weight_hh.copy_(W)
    return module


def zeros(T):
    return torch.zeros(T, 1, 1, dtype=FLOAT64)


# The grid


@given(st.integers(1, 500), st.sampled_from(STRIDES))
def test_the_grid_holds_the_last_step(steps, stride):
    found = list(grid(steps, stride))
    assert found[-1] == steps - 1
    assert 0 <= found[0] < stride
    assert all(b - a == stride for a, b in pairwise(found))
    if steps % stride == 0:
        assert all((t + 1) % stride == 0 for t in found)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("stride", [2, 5])
def test_a_stride_leaves_entries_out_and_changes_none(cell, norm, stride):
    module, x = build(cell), normal(23, 1, 2)
    kept = torch.tensor(grid(23, stride))
    whole = gradient_triangle(module, x, norm)
    torch.testing.assert_close(
        gradient_triangle(module, x, norm, stride=stride), whole[kept][:, kept], rtol=1e-10, atol=1e-13
    )


def test_a_stride_beyond_the_end_leaves_the_last_step():
    assert gradient_triangle(build("gru"), normal(7, 1, 2), stride=50).tolist() == [[1.0]]
    found = measure(build("gru"), normal(7, 1, 2), stride=50)
    assert list(found.steps) == [6]
    assert math.isnan(found.rate)
    assert found.bound(0).tolist() == found.asymptote(0).tolist() == [0.0]


def test_a_stride_below_1_is_refused():
    with pytest.raises(ValueError, match="expected a stride of at least 1, got 0; 1 keeps every step"):
        gradient_triangle(build("gru"), normal(7, 1, 2), stride=0)


def test_many_pieces_give_the_same(monkeypatch):
    module, x = build("lstm"), normal(40, 1, 2)
    whole = gradient_triangle(module, x, stride=2)
    monkeypatch.setattr("rnnviz.triangle._CHUNK", 300)
    torch.testing.assert_close(gradient_triangle(module, x, stride=2), whole)


def test_progress_grows_to_the_end():
    shares = []
    gradient_triangle(build("gru"), normal(60, 1, 2), stride=2, report=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_a_report_may_end_it():
    def stop(share):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        gradient_triangle(build("gru"), normal(60, 1, 2), report=stop)


# The budget


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("size", [1, 32, 64, 128, 256])
@pytest.mark.parametrize("steps", [2, 60, 100, 500])
def test_the_smallest_stride_within_the_budget(steps, size, norm):
    for budget in (1e7, 1e9, 5e10):
        stride = stride_for(steps, size, norm, budget)
        assert stride in STRIDES
        assert work(steps, size, norm, stride) <= budget or stride == STRIDES[-1]
        smaller = STRIDES[: STRIDES.index(stride)]
        assert all(work(steps, size, norm, other) > budget for other in smaller)
    assert stride_for(500, 1, norm, math.inf, most=250) == 2


# In range


@pytest.mark.parametrize(("dtype", "small", "T"), [(FLOAT64, 1e-30, 20), (torch.float32, 1e-18, 5)])
def test_products_far_smaller_than_their_factors(dtype, small, T):
    """W W = small I: each second step throws away what the one before it kept."""
    module = linear(torch.tensor([[0.0, 1.0], [small, 0.0]], dtype=dtype))
    column = gradient_triangle(module, zeros(T).to(dtype), "frobenius")[:, 0].double()
    spectral = gradient_triangle(module, zeros(T).to(dtype))[:, 0].double()
    for lag in range(1, T):
        size = small ** (lag // 2)
        assert spectral[lag].item() == pytest.approx(size, rel=1e-6)
        assert column[lag].item() == pytest.approx(size * (1 if lag % 2 else math.sqrt(2)), rel=1e-6)


def test_a_step_that_loses_everything():
    found = measure(linear(torch.zeros(3, 3, dtype=FLOAT64)), zeros(5))
    assert torch.equal(found.norms, torch.eye(5, dtype=FLOAT64))
    assert found.rate == found.weight == -math.inf
    assert found.bound(4).tolist() == found.asymptote(4).tolist() == [-math.inf] * 4 + [0.0]


@pytest.mark.parametrize("dtype", [torch.float32, FLOAT64])
def test_a_true_zero_is_told_from_an_underflow(dtype):
    off = build("rnn_relu")
    with torch.no_grad():
        off.bias_ih.fill_(-100)
    below = torch.ones(6, 6).tril(-1).bool()
    assert torch.equal(measure(off.to(dtype), normal(6, 1, 2).to(dtype)).zero, below)
    for cell in ("rnn", "lstm", "rnn_linear"):
        assert not measure(build(cell).to(dtype), normal(6, 1, 2).to(dtype)).zero.any()
    # Saturated slopes round to 0, and are none.
    saturated = build("rnn")
    with torch.no_grad():
        saturated.bias_ih.fill_(100)
    found = measure(saturated.to(dtype), normal(6, 1, 2).to(dtype))
    assert (found.norms[below] == 0).all()
    assert not found.zero.any()
    vanished = measure(linear(1e-30 * torch.eye(2, dtype=dtype)), zeros(20).to(dtype))
    assert (vanished.norms[-1, 0] == 0).item()
    assert not vanished.zero.any()


# Theory


@pytest.mark.parametrize("stride", [1, 3])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("cell", CELLS)
def test_no_norm_exceeds_its_bound(cell, norm, stride):
    for seed in range(3):
        found = measure(build(cell, seed=seed), normal(20, 1, 2, seed=seed), norm, stride=stride)
        for row in range(len(found.steps)):
            decades = found.norms[row, : row + 1].log10()
            assert (decades <= found.bound(row) + 1e-9).all()
            assert found.bound(row)[-1].item() == pytest.approx(math.log10(found.identity))


@pytest.mark.parametrize("cell", ["rnn", "rnn_relu", "rnn_linear"])
def test_the_bound_of_a_plain_rnn_is_a_power_of_the_largest_singular_value(cell):
    module = build(cell)
    sigma = torch.linalg.svdvals(module.weight_hh.detach())[0]
    found = measure(module, normal(9, 1, 2), "frobenius", stride=2)
    lags = torch.arange(8, -1, -2, dtype=FLOAT64)
    torch.testing.assert_close(10 ** found.bound(4), 2 * sigma**lags)


@pytest.mark.parametrize("cell", ["lstm", "gru", "mingru"])
def test_the_bound_of_a_gated_cell_is_the_product_of_its_steps(cell):
    module, x = build(cell), normal(9, 1, 2)
    found = measure(module, x)
    assert found.weight is None
    norms = torch.linalg.matrix_norm(jacobians(module, x)[:, 0], 2)
    torch.testing.assert_close(10**found.factors, norms[1:])
    expected = [norms[k + 1 : 7].prod().item() for k in range(7)]
    assert (10 ** found.bound(6)).tolist() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("cell", CELLS)
def test_the_rate_is_the_leading_lyapunov_exponent(cell):
    module, x = build(cell), normal(41, 1, 2)
    found = measure(module, x)
    # The same direction followed through the same steps: all but the first, then four fifths of the rest.
    state = tuple(part[:1] for part in module(x[:1])[1])
    expected = lyapunov_exponents(module, x[1:], state, count=1, discard=8).item()
    assert found.rate * math.log(10) == pytest.approx(expected, rel=1e-9)
    assert measure(module, x, stride=2).rate == pytest.approx(found.rate, abs=0.05)


def test_theory_meets_measurement_in_a_scaled_orthogonal_network():
    W = 0.9 * torch.linalg.qr(normal(6, 6)).Q
    for norm, identity in (("spectral", 1.0), ("frobenius", math.sqrt(6))):
        found = measure(linear(W), zeros(30), norm)
        expected = identity * 0.9 ** torch.arange(29, -1, -1, dtype=FLOAT64)
        for line in (found.norms[-1], 10 ** found.bound(29), 10 ** found.asymptote(29)):
            torch.testing.assert_close(line, expected)


def test_the_first_exponent_does_not_wait_for_the_compiler():
    """``torch.func.jvp`` would load it, for more than a second."""
    import subprocess
    import sys

    script = (
        "import sys, torch; from rnnviz.jacobians import lyapunov_exponents; "
        "lyapunov_exponents(torch.nn.RNN(1, 3), torch.zeros(4, 1, 1), count=1); "
        "print('torch._dynamo' in sys.modules, 'sympy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
