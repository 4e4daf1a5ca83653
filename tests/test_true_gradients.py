"""Gradients through time against closed forms, restarts and itemised sums; the decay fit; clipping."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.gradients import clip, fit_decay, gradients, step_norms
from rnnviz.modules import CellModule
from rnnviz.registry import CELLS
from rnnviz.together import observe_module
from rnnviz.trace import trace

FLOAT64 = torch.float64


def drawn(*shape, seed=0, dtype=FLOAT64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def cell_module(cell, D, H, seed=0, dtype=FLOAT64):
    module = CellModule(cell, D, H, dtype=dtype)
    module.reset_parameters(torch.Generator().manual_seed(seed))
    return module


def close(a, b, tolerance=1e-12):
    torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance)


# Closed forms


@given(w=st.floats(-1.5, 1.5), T=st.integers(1, 40))
def test_a_scalar_linear_rnn_gives_powers_of_its_weight(w, T):
    module = CellModule("rnn_linear", 1, 1, dtype=FLOAT64)
    with torch.no_grad():
        module.weight_hh.fill_(w)
        module.weight_ih.fill_(2.0)
    found = gradients(module, drawn(T, 1, 1))
    powers = torch.tensor([w ** (T - 1 - t) for t in range(T)], dtype=FLOAT64)
    close(found.layers[0].h[:, 0, 0], powers)
    close(found.x[:, 0, 0], 2 * powers)


@pytest.mark.parametrize("bias", [0.0, 1.0, 2.0, 3.0, 5.0])
@pytest.mark.parametrize("own", [False, True])
def test_a_constant_forget_gate_keeps_its_hundredth_power(bias, own):
    module = CellModule("lstm", 1, 2, dtype=FLOAT64) if own else nn.LSTM(1, 2, dtype=FLOAT64)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.zero_()
            if name.startswith("bias_ih"):
                parameter[2:4] = bias
    found = gradients(module, drawn(101, 1, 1)).layers[0]
    close(found.c_norm[0] / found.c_norm[-1], torch.sigmoid(torch.tensor(bias, dtype=FLOAT64)) ** 100)
    stated = {0.0: 8e-31, 1.0: 2.5e-14, 2.0: 3e-6, 3.0: 0.0078, 5.0: 0.51}[bias]
    assert (found.c_norm[0] / found.c_norm[-1]).item() == pytest.approx(stated, rel=0.1)
    assert (found.h[:-1] == 0).all()  # W_hh is 0: nothing flows through h


def test_the_mingru_carries_the_product_of_its_open_gates():
    module = cell_module("mingru", 3, 4)
    x = drawn(12, 2, 3)
    t, g = observe_module(module, x)
    keep = 1 - t.layers[0].gates["z"]
    for k in range(12):
        close(g.layers[0].h[k], keep[k + 1 :].prod(0))


def test_itemised_contributions_add_up_to_the_weights_gradient():
    """sum over t and k <= t of dE_t/dh_t dh_t/dh_k dh_k/dW, the last factor immediate, equals dE/dW."""
    T, D, H = 8, 2, 4
    module = nn.RNN(D, H, dtype=FLOAT64)
    x, target = drawn(T, 1, D), drawn(T, 1, H, seed=1)
    seen = trace(module, x).layers[0]
    before = torch.cat([seen.h0[None], seen.h[:-1]])
    total = torch.zeros(H, H, dtype=FLOAT64)
    for t in range(T):
        to_h = gradients(module, x, lambda output, t=t: (output[t] - target[t]).square().sum()).layers[0].h
        assert (to_h[t + 1 :] == 0).all()
        for k in range(t + 1):
            total += ((1 - seen.h[k] ** 2) * to_h[k]).T @ before[k]
    (module(x)[0] - target).square().sum().backward()
    close(total, module.weight_hh_l0.grad)


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_equals_a_restart_from_the_step(cell):
    """dL/dh_k is the gradient at the start state of a run over the rest of the input."""
    module, x = cell_module(cell, 2, 4), drawn(7, 3, 2)
    t, g = observe_module(module, x)
    seen, slopes = t.layers[0], g.layers[0]
    assert (slopes.c is None) == (seen.c is None)
    for k in range(6):
        state = [s[k].clone().requires_grad_() for s in (seen.h, seen.c) if s is not None]
        h, *c = torch.autograd.grad(
            module(x[k + 1 :], tuple(state))[0][-1].sum(), state, materialize_grads=True
        )
        close(slopes.h[k], h)
        if cell == "lstm":  # the total derivative at c_k goes through h_k as well
            o = seen.gates["o"][k]
            close(slopes.c[k], c[0] + h * o * (1 - torch.tanh(seen.c[k]) ** 2))
    close(slopes.h[6], torch.ones(3, 4, dtype=FLOAT64))
    asked = x.clone().requires_grad_()
    module(asked)[0][-1].sum().backward()
    close(g.x, asked.grad)


@pytest.mark.parametrize("cell", ["lstm_peephole", "lstm_layernorm"])
def test_the_gradient_at_the_memory_equals_finite_differences(cell):
    """A nudge of the start memory moves c_0 by f_0 times as much, and h_0 follows."""
    module, x = cell_module(cell, 2, 3), drawn(5, 1, 2)
    c0, direction = drawn(1, 3, seed=4), drawn(1, 3, seed=5)
    state = (torch.zeros(1, 3, dtype=FLOAT64), c0)
    if cell == "lstm_peephole":  # so that c0 reaches the run through c_0 alone
        with torch.no_grad():
            module.weight_ci.zero_()
            module.weight_cf.zero_()
    t, g = observe_module(module, x, None, state)
    through = (g.layers[0].c[0] * t.layers[0].gates["f"][0] * direction).sum()
    step = 1e-6
    ends = [module(x, (state[0], c0 + sign * step * direction))[0][-1].sum() for sign in (1, -1)]
    torch.testing.assert_close(through, (ends[0] - ends[1]).detach() / (2 * step), rtol=1e-7, atol=1e-9)


def test_the_built_in_lstm_and_its_own_equations_agree():
    own, torchs = cell_module("lstm", 2, 4), nn.LSTM(2, 4, dtype=FLOAT64)
    torchs.load_state_dict({f"{name}_l0": value for name, value in own.state_dict().items()})
    x = drawn(9, 2, 2)
    a, b = gradients(own, x), gradients(torchs, x)
    for name in ("h", "c", "h_norm", "c_norm"):
        close(getattr(a.layers[0], name), getattr(b.layers[0], name))
    close(a.x, b.x)


def test_the_norm_of_a_weights_gradient_does_not_show_vanishing():
    x = drawn(100, 1, 1)
    for module in (nn.RNN(1, 20, dtype=FLOAT64), nn.LSTM(1, 20, dtype=FLOAT64), nn.GRU(1, 20, dtype=FLOAT64)):
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.uniform_(-(20**-0.5), 20**-0.5, generator=generator)
        assert gradients(module, x).x_norm[0] < 1e-12
        module(x)[0][-1].sum().backward()
        assert module.weight_ih_l0.grad.norm() > 0.05


# Losses


def test_the_loss_sees_the_time_major_output_of_any_layout():
    x = drawn(3, 7, 2)
    module = nn.GRU(2, 4, bidirectional=True, batch_first=True, dtype=FLOAT64)
    shapes = []

    def loss(output):
        shapes.append(tuple(output.shape))
        return output[2].square().sum()

    found = gradients(module, x, loss)
    assert shapes == [(7, 3, 8)]
    assert found.x.shape == (7, 3, 2)
    assert found.output.shape == (7, 3, 8)
    close(found.loss, found.output[2].square().sum())
    gradients(module, x[0], loss)
    assert shapes[-1] == (7, 1, 8)


def test_a_loss_may_go_through_a_head_whose_gradients_stay():
    head = nn.Linear(4, 1, dtype=FLOAT64)
    head.weight.grad = torch.full_like(head.weight, 7.0)
    found = gradients(
        nn.LSTM(2, 4, dtype=FLOAT64), drawn(5, 1, 2), lambda output: head(output[-1]).square().sum()
    )
    assert (head.weight.grad == 7).all()
    assert head.bias.grad is None
    assert not found.loss.requires_grad


OUT_OF_REACH = torch.ones((), requires_grad=True)


@pytest.mark.parametrize(
    ("loss", "error", "message"),
    [
        (lambda output: output[-1], ValueError, r"scalar of shape \(\), got shape \(1, 4\)"),
        (lambda output: output[-1].sum().reshape(1), ValueError, r"got shape \(1,\).*\.sum\(\)"),
        (lambda output: output.sum().item(), TypeError, "return a tensor, got float"),
        (lambda output: None, TypeError, "return a tensor, got NoneType"),
        (lambda output: torch.zeros(()), ValueError, "depend on the output"),
        (lambda output: output.detach().sum(), ValueError, "depend on the output"),
        (lambda output: 2 * OUT_OF_REACH, ValueError, "depend on the output"),
    ],
)
@pytest.mark.parametrize("module", [nn.LSTM(2, 4), CellModule("mingru", 2, 4)])
def test_a_loss_that_is_none_is_refused(module, loss, error, message):
    with pytest.raises(error, match=message):
        gradients(module, torch.zeros(5, 1, 2), loss)


def test_the_default_loss_is_the_sum_of_the_last_step():
    module, x = nn.LSTM(2, 4, bidirectional=True, dtype=FLOAT64), drawn(6, 2, 2)
    default, same = gradients(module, x), gradients(module, x, lambda output: output[-1].sum())
    assert torch.equal(default.x, same.x)
    close(default.loss, default.output[-1].sum())


# Norms, the fit, and clipping


def test_norms_survive_where_squares_do_not():
    tiny = torch.full((1, 2, 2), 1e-30)
    assert step_norms(tiny).item() == pytest.approx(2e-30, rel=1e-6)
    assert step_norms(1e30 * torch.ones(1, 2, 2)).item() == pytest.approx(2e30, rel=1e-6)
    assert step_norms(torch.full((1, 2, 2), 1e-200, dtype=FLOAT64)).item() == pytest.approx(2e-200)
    odd = torch.tensor([0.0, math.inf, math.nan, -3.0])
    for dtype in (torch.float32, FLOAT64):
        norms = step_norms(odd.to(dtype).reshape(4, 1, 1))
        assert norms.dtype == dtype
        assert norms[[0, 1, 3]].tolist() == [0, math.inf, 3]
        assert norms[2].isnan()


@given(rate=st.floats(0.3, 2.0), at=st.integers(1, 60), after=st.integers(0, 5))
def test_the_fit_finds_an_exact_rate(rate, at, after):
    norms = torch.tensor([3.0 * rate ** (at - t) for t in range(at + 1)] + [9.0] * after, dtype=FLOAT64)
    fit = fit_decay(norms, at)
    assert fit.rate == pytest.approx(rate, rel=1e-9)
    assert (fit.first, fit.last, fit.underflow_steps) == (0, at, 0)
    if abs(rate - 1) > 1e-3:
        assert fit.r2 == pytest.approx(1, abs=1e-9)


def test_the_fit_is_least_squares_on_the_logarithms():
    norms = drawn(30).abs() + 0.1
    slope = torch.linalg.lstsq(
        torch.stack([29 - torch.arange(30, dtype=FLOAT64), torch.ones(30, dtype=FLOAT64)], 1),
        norms.log()[:, None],
    ).solution[0]
    fit = fit_decay(norms, 29)
    assert fit.rate == pytest.approx(slope.exp().item(), rel=1e-9)
    assert 0 <= fit.r2 < 0.5


def test_the_fit_leaves_out_what_is_no_number():
    norms = torch.tensor([0.0, 1e-45, 0.25, math.nan, 1.0, math.inf, 4.0, 100.0])
    fit = fit_decay(norms, 6)
    assert fit.rate == pytest.approx(0.5)
    assert (fit.first, fit.last, fit.underflow_steps) == (2, 6, 2)
    marked = torch.tensor([False, True] + 6 * [False])
    assert fit_decay(norms, 6, marked).underflow_steps == 1  # the 0 is a true one


@pytest.mark.parametrize("norms", [[0.0, 0.0, 0.0], [0.0, 2.0, 0.0], [1.0]])
def test_the_fit_of_too_little_says_so(norms):
    fit = fit_decay(torch.tensor(norms), len(norms) - 1)
    assert math.isnan(fit.rate)
    assert math.isnan(fit.r2)


def test_a_flat_line_has_rate_one_and_no_r2():
    fit = fit_decay(torch.ones(5), 4)
    assert fit.rate == 1
    assert math.isnan(fit.r2)


@pytest.mark.parametrize("at", [-1, 5])
def test_the_fit_refuses_a_step_that_is_none(at):
    with pytest.raises(ValueError, match=f"from 0 to 4, got {at}"):
        fit_decay(torch.ones(5), at)


@given(size=st.floats(1e-3, 1e3), limit=st.floats(1e-3, 1e3), seed=st.integers(0, 99))
def test_clipping_limits_the_norm_and_keeps_the_direction(size, limit, seed):
    gradient = drawn(4, 3, seed=seed)
    gradient = size * gradient / gradient.norm()
    kept = gradient.clone()
    clipped = clip(gradient, limit)
    assert clipped.norm().item() == pytest.approx(min(size, limit))
    close(clipped / clipped.norm(), gradient / gradient.norm())
    assert torch.equal(gradient, kept)


def test_clipping_leaves_zero_alone_and_needs_a_limit():
    assert (clip(torch.zeros(3), 1.0) == 0).all()
    for limit in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="positive max_norm"):
            clip(torch.ones(3), limit)
