"""Jacobians, the triangle and Lyapunov exponents: against autograd through the modules, and closed forms."""

import math
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz import onestep, triangle
from rnnviz.jacobians import gradient_triangle, jacobians, lyapunov_exponents
from rnnviz.modules import CellModule
from rnnviz.registry import CELLS

T, D, H = 7, 2, 5
FLOAT64 = torch.float64

BUILT_IN = {
    "nn.RNN": lambda: nn.RNN(D, H, dtype=FLOAT64),
    "nn.RNN relu": lambda: nn.RNN(D, H, nonlinearity="relu", dtype=FLOAT64),
    "nn.LSTM": lambda: nn.LSTM(D, H, dtype=FLOAT64),
    "nn.LSTM proj": lambda: nn.LSTM(D, H, proj_size=3, dtype=FLOAT64),
    "nn.GRU": lambda: nn.GRU(D, H, bias=False, dtype=FLOAT64),
}
MODULES = [*BUILT_IN, *CELLS]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=generator(seed), dtype=FLOAT64)


def build(name, seed=0):
    """The module by its name in MODULES, filled so that its non-linearities are at work."""
    module = BUILT_IN[name]() if name in BUILT_IN else CellModule(name, D, H, dtype=FLOAT64)
    filled = generator(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(0, 0.6, generator=filled)
    return module


def start_of(module, batch=1, seed=3):
    """A start state in the module's own form."""
    if isinstance(module, CellModule):
        return tuple(normal(batch, H, seed=seed + i) for i in range(len(module.states)))
    h = normal(1, batch, getattr(module, "proj_size", 0) or H, seed=seed)
    return (h, normal(1, batch, H, seed=seed + 1)) if isinstance(module, nn.LSTM) else h


def reference(module, x, state, t, k):
    """d state[t] / d state[k] by autograd through the module itself; k = -1 is the start state."""
    parts = (state,) if isinstance(state, torch.Tensor) else state
    if k >= 0:
        with torch.no_grad():
            after = module(x[: k + 1], state)[1]
        parts = (after,) if isinstance(after, torch.Tensor) else after
    shapes = [part.shape for part in parts]

    def run(flat):
        pieces = flat.split([shape.numel() for shape in shapes])
        given = tuple(piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True))
        after = module(x[k + 1 : t + 1], given[0] if isinstance(state, torch.Tensor) else given)[1]
        after = (after,) if isinstance(after, torch.Tensor) else after
        return torch.cat([part.flatten() for part in after])

    return torch.autograd.functional.jacobian(run, torch.cat([part.flatten() for part in parts]))


def linear_rnn(W):
    module = CellModule("rnn_linear", 1, len(W), bias=False, dtype=W.dtype)
    with torch.no_grad():
        module.weight_hh.copy_(W)
    return module


def orthogonal(size, seed=0):
    return torch.linalg.qr(normal(size, size, seed=seed)).Q


# Jacobians


@pytest.mark.parametrize("name", MODULES)
def test_products_of_jacobians_equal_autograd(name):
    """Acceptance test 3: every J(t, k) is the product of its steps, and J(t, k) = J(t, m) J(m, k)."""
    module, x = build(name), normal(T, 1, D)
    state = start_of(module)
    J = jacobians(module, x, state)[:, 0]
    for t, k in [(0, -1), (3, 2), (5, -1), (6, 1)]:
        product = torch.linalg.multi_dot([*J[k + 1 : t + 1].flip(0), torch.eye(J.shape[-1], dtype=FLOAT64)])
        expected = reference(module, x, state, t, k)
        torch.testing.assert_close(product, expected, atol=1e-10, rtol=1e-10)
        for m in range(k + 1, t):
            split = reference(module, x, state, t, m) @ reference(module, x, state, m, k)
            torch.testing.assert_close(split, expected, atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize("name", MODULES)
def test_each_sequence_of_a_batch_has_its_own(name):
    module, x = build(name), normal(T, 3, D)
    state = start_of(module, batch=3)
    J = jacobians(module, x, state)
    size = sum(part.shape[-1] for part in (state if isinstance(state, tuple) else (state,)))
    assert J.shape == (T, 3, size, size)
    one = [part[..., 1:2, :].contiguous() for part in (state if isinstance(state, tuple) else (state,))]
    alone = jacobians(module, x[:, 1:2], tuple(one) if isinstance(state, tuple) else one[0])
    torch.testing.assert_close(J[:, 1:2], alone)


def test_the_tanh_rnn_by_hand():
    module, x = build("nn.RNN"), normal(T, 1, D)
    h = module(x)[0].detach()
    expected = (1 - h[:, 0].square())[:, :, None] * module.weight_hh_l0.detach()
    torch.testing.assert_close(jacobians(module, x)[:, 0], expected)


def test_the_direct_path_of_an_lstm_is_its_forget_gate():
    module, x = build("nn.LSTM"), normal(T, 1, D)
    h = torch.cat([torch.zeros(1, H, dtype=FLOAT64), module(x)[0][:-1, 0]])
    W, U, b = module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0 + module.bias_hh_l0
    f = torch.sigmoid(x[:, 0] @ W.T + h @ U.T + b)[:, H : 2 * H].detach()
    torch.testing.assert_close(jacobians(module, x)[:, 0, H:, H:], torch.diag_embed(f))


def test_batch_first_and_unbatched_inputs_are_read_as_the_module_reads_them():
    module, x = build("nn.GRU"), normal(T, 2, D)
    turned = nn.GRU(D, H, bias=False, batch_first=True, dtype=FLOAT64)
    turned.load_state_dict(module.state_dict())
    J = jacobians(module, x)
    torch.testing.assert_close(jacobians(turned, x.transpose(0, 1)), J)
    torch.testing.assert_close(jacobians(module, x[:, 0]), J[:, :1])


def test_pieces_of_any_length_give_the_same(monkeypatch):
    module, x = build("nn.LSTM"), normal(T, 1, D)
    whole = jacobians(module, x), gradient_triangle(module, x), lyapunov_exponents(module, x)
    # The package's attribute of that name is the function.
    monkeypatch.setattr(sys.modules["rnnviz.jacobians"], "_CHUNK", 250)
    monkeypatch.setattr(onestep, "CHUNK", 250)
    monkeypatch.setattr(triangle, "_CHUNK", 250)
    for a, b in zip(
        whole,
        (jacobians(module, x), gradient_triangle(module, x), lyapunov_exponents(module, x)),
        strict=True,
    ):
        torch.testing.assert_close(a, b)


# The triangle


@pytest.mark.parametrize("norm", ["spectral", "frobenius"])
@pytest.mark.parametrize("name", MODULES)
def test_the_triangle_equals_autograd(name, norm):
    module, x = build(name), normal(T, 1, D)
    state = start_of(module)
    triangle = gradient_triangle(module, x, norm, state)
    expected = torch.zeros(T, T, dtype=FLOAT64)
    for t in range(T):
        for k in range(t):
            J = reference(module, x, state, t, k)
            expected[t, k] = torch.linalg.svdvals(J)[0] if norm == "spectral" else torch.linalg.norm(J)
        expected[t, t] = 1 if norm == "spectral" else math.sqrt(len(reference(module, x, state, t, t - 1)))
    torch.testing.assert_close(triangle, expected, atol=0, rtol=1e-9)


@given(seed=st.integers(0, 99), scale=st.sampled_from([1e-3, 1.0, 30.0]), size=st.integers(1, 8))
def test_the_spectral_norm_is_the_largest_singular_value(seed, scale, size):
    W = normal(size, size, seed=seed) * scale
    triangle = gradient_triangle(linear_rnn(W), torch.zeros(4, 1, 1, dtype=FLOAT64))
    for lag in (1, 2, 3):
        largest = torch.linalg.svdvals(torch.linalg.matrix_power(W, lag))[0]
        torch.testing.assert_close(triangle.diagonal(-lag), largest.expand(4 - lag), rtol=1e-9, atol=0)


def test_a_scalar_linear_rnn():
    """Acceptance test 5: dh_T/dh_0 = w^T."""
    w = -0.83
    module, x = linear_rnn(torch.tensor([[w]], dtype=FLOAT64)), torch.zeros(30, 1, 1, dtype=FLOAT64)
    for norm in ("spectral", "frobenius"):
        t, k = torch.tril_indices(30, 30)
        powers = torch.tensor(abs(w), dtype=FLOAT64) ** (t - k)
        torch.testing.assert_close(gradient_triangle(module, x, norm)[t, k], powers)
    assert jacobians(module, x).prod().item() == pytest.approx(w**30, rel=1e-12)


def test_an_orthogonal_linear_rnn():
    """Acceptance test 6: all exponents 0, every entry 1."""
    module, x = linear_rnn(orthogonal(6)), torch.zeros(40, 1, 1, dtype=FLOAT64)
    torch.testing.assert_close(gradient_triangle(module, x), torch.ones(40, 40, dtype=FLOAT64).tril())
    frobenius = torch.full((40, 40), math.sqrt(6), dtype=FLOAT64).tril()
    torch.testing.assert_close(gradient_triangle(module, x, "frobenius"), frobenius)
    torch.testing.assert_close(lyapunov_exponents(module, x), torch.zeros(6, dtype=FLOAT64))


def test_the_mingru_is_a_product_of_its_kept_shares():
    module, x = build("mingru"), normal(T, 1, D)
    z = torch.sigmoid(x[:, 0] @ module.weight_ih[:H].T + module.bias_ih[:H]).detach()
    triangle = gradient_triangle(module, x)
    for t in range(T):
        for k in range(t):
            kept = (1 - z[k + 1 : t + 1]).prod(0)
            assert triangle[t, k].item() == pytest.approx(kept.max().item(), rel=1e-12)
    exponents = (1 - z).log().mean(0).sort(descending=True).values
    torch.testing.assert_close(lyapunov_exponents(module, x), exponents)


def test_norms_far_below_the_smallest_square():
    """0.5^500 is 3e-151, and its square is not a float64; 4^400 is 7e240."""
    for w, steps in ((0.5, 500), (4.0, 400)):
        module = linear_rnn(w * orthogonal(3))
        triangle = gradient_triangle(module, torch.zeros(steps, 1, 1, dtype=FLOAT64))
        assert triangle[-1, 0].item() == pytest.approx(w ** (steps - 1), rel=1e-9)


def test_float32_underflows_only_where_the_norm_does():
    module = linear_rnn(0.5 * torch.eye(2))
    for norm, size in (("spectral", 1.0), ("frobenius", math.sqrt(2))):
        column = gradient_triangle(module, torch.zeros(200, 1, 1), norm)[:, 0]
        assert column[100].item() == pytest.approx(size * 0.5**100, rel=1e-6)
        assert column[140].item() > 0
        assert column[160].item() == 0


def test_float32_is_accurate():
    module, x = nn.GRU(1, 16), torch.randn(60, 1, 1, generator=generator())
    single = gradient_triangle(module, x)
    double = gradient_triangle(module.double(), x.double())
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=0)


def test_states_that_overflow_leave_gaps_and_raise_nothing():
    module = linear_rnn(torch.tensor([[1e30, 0.0], [0.0, 1.0]]))
    x = torch.zeros(6, 1, 1)
    triangle = gradient_triangle(module, x)
    assert triangle[1, 0].item() == pytest.approx(1e30)
    assert triangle[2, 0].isinf()
    relu = CellModule("rnn", 1, 2)
    with torch.no_grad():
        relu.weight_hh.fill_(torch.nan)
    for norm in ("spectral", "frobenius"):
        assert gradient_triangle(relu, x, norm)[1:, 0].isnan().all()
    assert lyapunov_exponents(relu, x).isnan().all()


@pytest.mark.parametrize("name", ["nn.RNN", "nn.LSTM", "mingru"])
def test_one_step(name):
    module, x = build(name), normal(1, 1, D)
    assert gradient_triangle(module, x).tolist() == [[1.0]]
    assert jacobians(module, x).shape[0] == 1


# Lyapunov exponents (more in test_lyapunov.py)


@pytest.mark.parametrize("name", MODULES)
def test_the_sum_is_the_mean_log_det(name):
    module, x = build(name), normal(T, 1, D)
    exponents = lyapunov_exponents(module, x, start_of(module))
    logs = torch.linalg.slogdet(jacobians(module, x, start_of(module))).logabsdet
    torch.testing.assert_close(exponents.sum(), logs.mean())


def test_the_leading_exponents_alone():
    module, x = build("nn.LSTM"), normal(400, 1, D)
    every = lyapunov_exponents(module, x, discard=100)
    assert every.shape == (2 * H,)
    leading = lyapunov_exponents(module, x, count=3, discard=100)
    torch.testing.assert_close(leading, every[:3], atol=0.01, rtol=0)


# Manners


@pytest.mark.parametrize("function", [jacobians, gradient_triangle, lyapunov_exponents])
@pytest.mark.parametrize("name", ["nn.LSTM", "gru_reset_before"])
def test_nothing_is_touched(function, name):
    module, x = build(name), normal(T, 1, D).requires_grad_()
    for parameter in module.parameters():
        parameter.grad = torch.ones_like(parameter)
    before = {key: value.clone() for key, value in module.state_dict().items()}
    fired = []
    module.register_forward_hook(lambda *_: fired.append(1))
    random = torch.get_rng_state()
    result = function(module, x)
    assert not result.requires_grad
    assert not fired
    assert module.training
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())
    assert all((parameter.grad == 1).all() and parameter.requires_grad for parameter in module.parameters())
    assert x.grad is None
    with torch.no_grad():
        assert torch.equal(function(module, x), result)
    with torch.inference_mode():
        assert torch.equal(function(module, x), result)


@pytest.mark.parametrize("function", [jacobians, gradient_triangle, lyapunov_exponents])
@pytest.mark.parametrize(("kind", "form"), [("num_layers", "2 layer"), ("bidirectional", "of 2 direction")])
def test_several_layers_or_directions_are_refused(function, kind, form):
    module = nn.GRU(D, H, **{kind: 2 if kind == "num_layers" else True})
    with pytest.raises(ValueError, match=f"expected a module of one layer and one direction.*{form}"):
        function(module, torch.zeros(3, 1, D))


@pytest.mark.parametrize("function", [gradient_triangle, lyapunov_exponents])
def test_several_sequences_are_refused(function):
    with pytest.raises(
        ValueError, match=rf"expected one sequence \(B = 1\) in {function.__name__}, got a batch of 2"
    ):
        function(nn.RNN(D, H), torch.zeros(3, 2, D))


def test_counts_that_do_not_fit_are_refused():
    module, x = nn.RNN(D, H), torch.zeros(3, 1, D)
    for count in (0, H + 1):
        with pytest.raises(ValueError, match=f"expected count from 1 to {H}, .* got {count}"):
            lyapunov_exponents(module, x, count=count)
    for discard in (-1, 3):
        with pytest.raises(ValueError, match=f"expected discard from 0 to 2, got {discard}"):
            lyapunov_exponents(module, x, discard=discard)


def test_other_norms_are_refused():
    with pytest.raises(ValueError, match="norm must be one of 'spectral', 'frobenius'; got 'nuclear'"):
        gradient_triangle(nn.RNN(D, H), torch.zeros(3, 1, D), "nuclear")
