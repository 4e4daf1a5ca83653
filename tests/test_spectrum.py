"""Spectra in closed form and by other ways, and what they license."""

import math
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz import build
from rnnviz.experiment import Experiment
from rnnviz.jacobians import jacobians, lyapunov_exponents
from rnnviz.licences import Fate, Licence, Verdict, run_verdict, weight_verdict
from rnnviz.modules import CellModule
from rnnviz.registry import CELLS
from rnnviz.spectrum import BlockSpectrum, RunSpectrum, coarseness, run_spectrum, weight_spectrum

FLOAT64 = torch.float64
T, D, H = 7, 2, 5


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=generator(seed), dtype=FLOAT64)


def module_of(cell, seed=0):
    module = CellModule(cell, D, H, dtype=FLOAT64)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(0.6 * normal(*parameter.shape, seed=seed))
    return module


def linear_rnn(W):
    module = CellModule("rnn_linear", 1, len(W), bias=False, dtype=W.dtype)
    with torch.no_grad():
        module.weight_hh.copy_(W)
    return module


def orthogonal(size, seed=0):
    return torch.linalg.qr(normal(size, size, seed=seed)).Q


def block(W):
    (found,) = weight_spectrum(linear_rnn(W))
    return found


def zeros(steps):
    return torch.zeros(steps, 1, 1, dtype=FLOAT64)


# The weights


@pytest.mark.parametrize("cell", [name for name in CELLS if CELLS[name].recurrent])
def test_every_gate_has_its_block(cell):
    module = module_of(cell)
    found = weight_spectrum(module)
    assert tuple(one.name for one in found) == CELLS[cell].blocks
    for k, one in enumerate(found):
        W = module.weight_hh.detach()[k * H : (k + 1) * H]
        assert one.radius == pytest.approx(max(abs(torch.linalg.eigvals(W)).tolist()), rel=1e-12)
        assert one.sigma_max == pytest.approx(torch.linalg.matrix_norm(W, 2).item(), rel=1e-12)
        assert one.eigenvalues.abs().prod().item() == pytest.approx(abs(torch.linalg.det(W).item()))
        assert one.singular_values.square().sum().item() == pytest.approx(W.square().sum().item())
        assert one.radius <= one.sigma_max * (1 + 1e-12)
        assert one.sigma_min == pytest.approx(1 / torch.linalg.matrix_norm(torch.linalg.inv(W), 2).item())


def test_a_mingru_has_no_recurrent_weights():
    assert weight_spectrum(module_of("mingru")) == ()
    assert weight_verdict("mingru", None).licence is Licence.SILENT


def test_torch_s_own_modules_and_a_rotation():
    module = nn.RNN(1, 2)
    angle = 0.7
    with torch.no_grad():
        module.weight_hh_l0.copy_(
            torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        )
    (found,) = weight_spectrum(module)
    angles = sorted(found.eigenvalues.angle().tolist())
    assert angles == pytest.approx([-angle, angle], abs=1e-6)
    assert found.radius == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_default_rnn_stretches_and_yet_vanishes(seed):
    """Acceptance test 8: radius near 1/sqrt 3, largest singular value above 1, and still it vanishes."""
    experiment = Experiment(hidden=64, length=100, seed=seed)
    module = build.build_module(experiment, "rnn").double()
    (found,) = weight_spectrum(module)
    assert 0.55 < found.radius < 0.66
    assert 1.08 < found.sigma_max < 1.18
    verdict = weight_verdict("rnn", found)
    assert (verdict.licence, verdict.fate) == (Licence.NECESSARY, Fate.EXPLODE)
    assert float(run_spectrum(module, build.build_input(experiment).double()).exponents[0]) < -0.3


# Runs


@pytest.mark.parametrize("cell", CELLS)
def test_the_singular_values_are_those_of_the_jacobians(cell):
    module, x = module_of(cell), normal(T, 1, D)
    found = run_spectrum(module, x)
    torch.testing.assert_close(found.singular_values, torch.linalg.svdvals(jacobians(module, x)[:, 0]))
    assert found.steps.tolist() == list(range(T))
    assert (found.T, found.every) == (T, 1)


@pytest.mark.parametrize("cell", CELLS)
def test_the_exponents_are_the_library_s(cell):
    module, x = module_of(cell), normal(T, 1, D)
    found = run_spectrum(module, x).exponents
    known = found.isfinite()
    assert known.all() or cell == "rnn_relu"
    torch.testing.assert_close(found[known], lyapunov_exponents(module, x)[known])


def test_a_direction_that_is_lost_has_no_rate():
    """Its R is rounding, about 1e-17, which must not pass for a rate of -39 a step."""
    basis = orthogonal(5, seed=1)
    W = basis @ torch.diag(torch.tensor([1.0, 0.8, 0.5, 0.0, 0.0], dtype=FLOAT64)) @ basis.mT
    found = run_spectrum(linear_rnn(W), zeros(40))
    assert found.exponents[3:].tolist() == [-math.inf, -math.inf]
    assert found.exponents[:3].tolist() == pytest.approx([0, math.log(0.8), math.log(0.5)], abs=0.03)
    assert (found.singular_values[:, 3:] == 0).all()


@pytest.mark.parametrize("make", [nn.RNN, nn.LSTM, nn.GRU])
def test_torch_s_own_modules_from_any_state(make):
    module, x = make(D, H, batch_first=True, dtype=FLOAT64), normal(1, T, D)
    state = tuple(normal(1, 1, H, seed=k) for k in range(2))
    given = state if make is nn.LSTM else state[0]
    found = run_spectrum(module, x, given)
    torch.testing.assert_close(found.singular_values, torch.linalg.svdvals(jacobians(module, x, given)[:, 0]))


def test_an_orthogonal_linear_rnn():
    """Acceptance test 6: all exponents 0."""
    found = run_spectrum(linear_rnn(orthogonal(6)), zeros(50))
    torch.testing.assert_close(found.exponents, torch.zeros(6, dtype=FLOAT64), rtol=0, atol=1e-12)
    torch.testing.assert_close(found.singular_values, torch.ones(50, 6, dtype=FLOAT64))
    assert run_verdict(found).fate is Fate.KEEP


@given(seed=st.integers(0, 999), size=st.integers(1, 8), steps=st.integers(1, 20))
def test_the_sum_of_the_exponents_is_the_log_determinant(seed, size, steps):
    """Acceptance test 7, for a linear RNN."""
    W = normal(size, size, seed=seed)
    total = run_spectrum(linear_rnn(W), zeros(steps)).exponents.sum()
    torch.testing.assert_close(total, torch.linalg.slogdet(W).logabsdet, rtol=1e-9, atol=1e-9)


def test_large_runs_are_looked_at_now_and_then(monkeypatch):
    assert coarseness(60, 32) == (1, 32)
    assert coarseness(500, 128)[0] == 1
    assert coarseness(500, 256) == (7, 32)
    module, x = module_of("lstm"), normal(60, 1, D)
    whole = run_spectrum(module, x)
    monkeypatch.setattr(sys.modules["rnnviz.spectrum"], "WORK", 20 * (2 * H) ** 3)
    monkeypatch.setattr(sys.modules["rnnviz.spectrum"], "LEADING", 2)
    found = run_spectrum(module, x)
    assert found.every == 3
    assert found.steps.tolist() == list(range(0, 60, 3))
    torch.testing.assert_close(found.singular_values, whole.singular_values[::3])
    assert found.exponents.shape == (2,)
    torch.testing.assert_close(found.exponents, lyapunov_exponents(module, x, count=2))
    # Of steps that were left out nothing is known.
    assert run_verdict(found).licence is not Licence.SUFFICIENT


def test_pieces_and_progress(monkeypatch):
    module, x = module_of("gru"), normal(T, 1, D)
    whole, shares = run_spectrum(module, x), []
    monkeypatch.setattr(sys.modules["rnnviz.spectrum"], "_CHUNK", 2 * H * H)
    found = run_spectrum(module, x, report=shares.append)
    torch.testing.assert_close(found.singular_values, whole.singular_values)
    torch.testing.assert_close(found.exponents, whole.exponents)
    assert len(shares) == 4
    assert shares == sorted(shares)


def test_states_that_overflow_leave_gaps():
    W = torch.full((2, 2), 1e30)
    module = CellModule("rnn_relu", 1, 2)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1)
        module.weight_hh.copy_(W)
    found = run_spectrum(module, torch.ones(6, 1, 1))
    assert found.singular_values[0].isfinite().all()
    assert found.singular_values[-1].isnan().all()
    verdict = run_verdict(found)
    assert (verdict.licence, verdict.fate) == (Licence.NECESSARY, Fate.EXPLODE)


# The verdicts


def verdict(cell, W):
    found = weight_verdict(cell, block(W))
    return found.licence, found.fate, found.measure


def test_a_linear_rnn():
    skewed = torch.tensor([[0.5, 10.0], [0.0, 0.5]], dtype=FLOAT64)
    assert verdict("rnn_linear", skewed) == (Licence.SUFFICIENT, Fate.VANISH, "radius")
    mixed = torch.tensor([[1.5, 0.0], [0.0, 0.5]], dtype=FLOAT64)
    assert verdict("rnn_linear", mixed) == (Licence.NECESSARY, Fate.EXPLODE, "radius")
    assert verdict("rnn_linear", 2 * orthogonal(4)) == (Licence.SUFFICIENT, Fate.EXPLODE, "sigma_min")
    assert verdict("rnn_linear", orthogonal(4)) == (Licence.SUFFICIENT, Fate.KEEP, "sigma_max")
    jordan = torch.tensor([[1.0, 1.0], [0.0, 1.0]], dtype=FLOAT64)
    assert verdict("rnn_linear", jordan)[0] is Licence.SILENT


@pytest.mark.parametrize("cell", ["rnn", "rnn_relu"])
def test_a_squashing_rnn_goes_by_its_largest_singular_value(cell):
    skewed = torch.tensor([[0.5, 10.0], [0.0, 0.5]], dtype=FLOAT64)
    assert verdict(cell, skewed) == (Licence.NECESSARY, Fate.EXPLODE, "sigma_max")
    assert verdict(cell, 0.9 * orthogonal(4)) == (Licence.SUFFICIENT, Fate.VANISH, "sigma_max")
    assert verdict(cell, 9 * orthogonal(4)) == (Licence.NECESSARY, Fate.EXPLODE, "sigma_max")
    assert verdict(cell, torch.eye(4, dtype=FLOAT64)) == (Licence.SILENT, Fate.NONE, "sigma_max")


@pytest.mark.parametrize("cell", [name for name in CELLS if CELLS[name].gates])
def test_of_gated_cells_the_weights_say_nothing(cell):
    assert verdict(cell, 0.1 * orthogonal(4))[0] is Licence.SILENT
    assert verdict(cell, 9 * orthogonal(4))[0] is Licence.SILENT


@given(seed=st.integers(0, 99), size=st.sampled_from([0.3, 0.6, 0.9, 1.5]), cell=st.sampled_from(list(CELLS)))
def test_what_is_called_sufficient_holds(seed, size, cell):
    """Wherever the verdict on weights or run is "sufficient to vanish", the longest product has shrunk."""
    module = CellModule(cell, D, H, dtype=FLOAT64)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(size / math.sqrt(H) * normal(*parameter.shape, seed=seed))
    x = normal(400, 1, D, seed=seed)
    product = torch.linalg.multi_dot(list(jacobians(module, x)[:, 0].flip(0)))
    stretched = torch.linalg.svdvals(product)
    found = run_spectrum(module, x)
    blocks = weight_spectrum(module)
    for one in (run_verdict(found), weight_verdict(cell, blocks[0] if blocks else None)):
        if (one.licence, one.fate) == (Licence.SUFFICIENT, Fate.VANISH):
            assert stretched[0] < 1
            assert found.exponents[0] < 0
        if (one.licence, one.fate) == (Licence.SUFFICIENT, Fate.EXPLODE):
            assert stretched[-1] > 1
    if stretched[0] > 1:  # it exploded: then what is necessary was there
        assert found.singular_values[:, 0].max() > 1


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[0.9, 0.1], [0.8, 0.2]], Verdict(Licence.SUFFICIENT, Fate.VANISH, "sigma_max", 0.9)),
        ([[1.1, 0.1], [0.8, 0.2]], Verdict(Licence.NECESSARY, Fate.EXPLODE, "sigma_max", 1.1)),
        ([[3.0, 1.1], [4.0, 1.2]], Verdict(Licence.SUFFICIENT, Fate.EXPLODE, "sigma_min", 1.1)),
        ([[1.0, 1.0], [1.0, 1.0]], Verdict(Licence.SUFFICIENT, Fate.KEEP, "sigma_max", 1.0)),
        ([[1.0, 0.1], [0.9, 0.2]], Verdict(Licence.SILENT, Fate.NONE, "sigma_max", 1.0)),
    ],
)
def test_a_run(rows, expected):
    values = torch.tensor(rows, dtype=FLOAT64)
    steps = torch.arange(2)
    assert run_verdict(RunSpectrum(2, 1, steps, values, values[0])) == expected
    sampled = run_verdict(RunSpectrum(4, 2, steps, values, values[0]))
    assert sampled.licence is not Licence.SUFFICIENT


def test_a_run_of_which_nothing_is_known():
    values = torch.full((2, 2), math.nan, dtype=FLOAT64)
    found = run_verdict(RunSpectrum(2, 1, torch.arange(2), values, values[0]))
    assert found.licence is Licence.SILENT


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="expected square blocks of finite numbers in W_hh"):
        weight_spectrum(nn.LSTM(1, 4, proj_size=2))
    with pytest.raises(ValueError, match="expected a module of one layer and one direction, got 2"):
        weight_spectrum(nn.GRU(1, 2, num_layers=2))
    with pytest.raises(
        ValueError, match=r"expected one sequence \(B = 1\) in run_spectrum, got a batch of 2"
    ):
        run_spectrum(nn.GRU(1, 2), torch.zeros(3, 2, 1))
    with pytest.raises(ValueError, match="cell must be one of"):
        weight_verdict("elman", BlockSpectrum("h", torch.zeros(1, dtype=torch.complex128), zeros(1)[0, 0]))
