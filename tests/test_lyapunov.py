"""Lyapunov exponents: linear networks in closed form, and the known edge of chaos of large random ones."""

import math

import pytest
import torch

from rnnviz.jacobians import gradient_triangle, lyapunov_exponents
from rnnviz.modules import CellModule

FLOAT64 = torch.float64


def generator(seed):
    return torch.Generator().manual_seed(seed)


def linear_rnn(W):
    module = CellModule("rnn_linear", 1, len(W), bias=False, dtype=W.dtype)
    with torch.no_grad():
        module.weight_hh.copy_(W)
    return module


@pytest.mark.parametrize("size", [1, 2, 7])
def test_the_sum_of_a_linear_rnn_is_log_det(size):
    """Acceptance test 7, and in the long run each exponent is the log modulus of an eigenvalue."""
    W = torch.randn(size, size, generator=generator(size), dtype=FLOAT64)
    exponents = lyapunov_exponents(linear_rnn(W), torch.zeros(900, 1, 1, dtype=FLOAT64))
    assert exponents.sum().item() == pytest.approx(torch.linalg.slogdet(W).logabsdet.item(), rel=1e-10)
    assert (exponents.diff() <= 0).all()
    moduli = torch.linalg.eigvals(W).abs().log().sort(descending=True).values
    torch.testing.assert_close(exponents, moduli, atol=0.01, rtol=0)


def test_the_leading_exponent_is_seen_from_any_start():
    """Unit vectors alone would never leave the first axis of a diagonal matrix."""
    module = linear_rnn(torch.diag(torch.tensor([0.2, 0.5, 0.9], dtype=FLOAT64)))
    x = torch.zeros(300, 1, 1, dtype=FLOAT64)
    assert lyapunov_exponents(module, x, count=1, discard=100).item() == pytest.approx(
        math.log(0.9), abs=1e-6
    )


def test_a_lost_direction_is_minus_infinity():
    module = linear_rnn(torch.diag(torch.tensor([0.5, 0.0], dtype=FLOAT64)))
    exponents = lyapunov_exponents(module, torch.zeros(5, 1, 1, dtype=FLOAT64))
    assert exponents[0].item() == pytest.approx(math.log(0.5))
    assert exponents[1].item() == -math.inf


def test_the_default_rnn_vanishes_though_its_largest_singular_value_exceeds_1():
    """Acceptance test 8, on the mean of ten: one matrix alone may lie outside (radius .550 to .685)."""
    radii, largest = [], []
    for seed in range(10):
        module = CellModule("rnn", 1, 64, dtype=FLOAT64)
        module.reset_parameters(generator(seed))
        W = module.weight_hh.detach()
        radii.append(torch.linalg.eigvals(W).abs().max().item())
        largest.append(torch.linalg.svdvals(W)[0].item())
        x = torch.randn(60, 1, 1, generator=generator(seed), dtype=FLOAT64)
        assert lyapunov_exponents(module, x, count=1).item() < -0.3
        assert seed > 2 or gradient_triangle(module, x)[-1, 0] < 1e-9
    assert 0.55 < sum(radii) / 10 < 0.66
    assert 1.11 < sum(largest) / 10 < 1.15
    assert min(largest) > 1


def chaotic(g, seed, std=0.0, steps=400, discard=100):
    """The leading exponent of h' = tanh(W h + u), W ~ N(0, g^2/N), N = 400, u noise of each unit's own."""
    N, drawn = 400, generator(seed)
    module = CellModule("rnn", N if std else 1, N, bias=False)
    with torch.no_grad():
        module.weight_hh.normal_(0, g / math.sqrt(N), generator=drawn)
        module.weight_ih.copy_(torch.eye(N) if std else torch.zeros(N, 1))
    x = std * torch.randn(steps, 1, module.input_size, generator=drawn)
    start = (torch.randn(1, N, generator=drawn) / 2,)
    return lyapunov_exponents(module, x, start, count=1, discard=discard).item()


@pytest.mark.parametrize(
    ("g", "expected"), [(0.5, -0.664), (0.9, -0.076), (1.5, 0.055), (2, 0.150), (4, 0.423)]
)
def test_the_edge_of_chaos(g, expected):
    """Acceptance test 9. Five networks of this size differ by some 0.01 in their mean."""
    assert sum(chaotic(g, seed) for seed in range(5)) / 5 == pytest.approx(expected, abs=0.025)


@pytest.mark.parametrize(("std", "expected"), [(0.5, -0.020), (1.0, -0.145)])
def test_input_suppresses_chaos(std, expected):
    """Acceptance test 10."""
    assert sum(chaotic(1.5, seed, std) for seed in range(5)) / 5 == pytest.approx(expected, abs=0.01)


def test_at_rest_the_leading_exponent_is_the_log_of_the_spectral_radius():
    W = torch.empty(400, 400).normal_(0, 0.5 / 20, generator=generator(0))
    radius = torch.linalg.eigvals(W).abs().max().log().item()
    assert chaotic(0.5, 0, steps=1000, discard=500) == pytest.approx(radius, abs=0.003)
