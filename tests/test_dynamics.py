"""Projections: PCA against its definition, its invariances, and states that leave axes undetermined."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.dynamics import project


def states(T, K, H, seed=0, dtype=torch.float64):
    return torch.randn(T, K, H, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@given(
    T=st.integers(1, 12),
    K=st.integers(1, 4),
    H=st.integers(1, 6),
    components=st.integers(1, 7),
    seed=st.integers(0, 99),
)
def test_a_projection_is_what_it_says(T, K, H, components, seed):
    s = states(T, K, H, seed) @ states(1, H, H, seed + 1)[0] + 3
    p = project(s, components)
    C = min(components, H)
    assert p.points.shape == (T, K, C)
    assert p.axes.shape == (C, H)
    torch.testing.assert_close(p.axes @ p.axes.T, torch.eye(C, dtype=s.dtype))
    torch.testing.assert_close(p.points, (s - p.mean) @ p.axes.T, atol=1e-10, rtol=0)
    torch.testing.assert_close(p.mean, s.mean((0, 1)))
    assert p.finite.all()
    assert (p.explained >= 0).all()
    assert (p.explained.diff() <= 1e-12).all()
    if T * K > 1:
        total = (s - p.mean).square().sum()
        shares = p.points.square().sum((0, 1)) / total
        torch.testing.assert_close(p.explained, shares, atol=1e-10, rtol=0)
    if components >= min(H, T * K):
        assert p.explained.sum() == pytest.approx(1.0 if T * K > 1 else 0.0)
    for axis in p.axes:
        assert axis[axis.abs().argmax()] > 0


def test_variances_are_the_eigenvalues_of_the_covariance():
    s = states(40, 3, 8) * torch.arange(1, 9, dtype=torch.float64)
    p = project(s, 8)
    eigenvalues = torch.linalg.eigvalsh(torch.cov(s.flatten(0, 1).T)).flip(0)
    torch.testing.assert_close(p.explained, eigenvalues / eigenvalues.sum(), rtol=1e-10, atol=0)


def test_a_known_ellipse():
    angle = torch.linspace(0, 2 * math.pi, 101, dtype=torch.float64)[:-1]
    s = torch.stack([angle.cos(), torch.zeros_like(angle), -3 * angle.sin()], -1)[:, None]
    p = project(s, 2)
    torch.testing.assert_close(p.explained, torch.tensor([0.9, 0.1], dtype=torch.float64))
    torch.testing.assert_close(p.points[:, 0, 0], -3 * angle.sin())
    torch.testing.assert_close(p.points[:, 0, 1], angle.cos())


def test_turning_round_the_states_keeps_the_picture():
    """The sign is the axes' own: mirrored states have mirrored points, not a mirrored axis."""
    s = states(30, 2, 5)
    a, b = project(s), project(-s)
    torch.testing.assert_close(a.axes, b.axes)
    torch.testing.assert_close(a.points, -b.points)


def test_the_order_of_trajectories_does_not_matter():
    s = states(30, 4, 5)
    torch.testing.assert_close(project(s.flip(1)).points, project(s).points.flip(1))


@pytest.mark.parametrize("H", [1, 2])
def test_fewer_units_than_components(H):
    p = project(states(10, 2, H))
    assert p.points.shape == (10, 2, H)
    assert p.explained.sum() == pytest.approx(1)


@pytest.mark.parametrize("value", [0.0, 0.3, -1e20])
def test_constant_states(value):
    p = project(torch.full((7, 2, 4), value, dtype=torch.float32))
    assert torch.equal(p.points, torch.zeros(7, 2, 3))
    assert torch.equal(p.explained, torch.zeros(3))
    torch.testing.assert_close(p.axes @ p.axes.T, torch.eye(3))


def test_states_that_are_not_numbers_are_left_out():
    s = states(10, 2, 5)
    holed = s.clone()
    holed[3, 0, 2] = torch.nan
    holed[9, 1, 0] = torch.inf
    p = project(holed)
    expected = torch.ones(10, 2, dtype=torch.bool)
    expected[3, 0] = expected[9, 1] = False
    assert torch.equal(p.finite, expected)
    assert torch.equal(p.points.isnan().any(-1), ~expected)
    torch.testing.assert_close(p.mean, s[expected].mean(0))
    torch.testing.assert_close(p.points[expected], (s[expected] - p.mean) @ p.axes.T)


def test_no_state_is_a_number():
    p = project(torch.full((4, 1, 3), torch.nan))
    assert not p.finite.any()
    assert p.points.isnan().all()
    assert torch.equal(p.explained, torch.zeros(3))


@pytest.mark.parametrize("size", [1e-200, 1e250])
def test_very_small_and_very_large_states(size):
    s = states(20, 1, 4)
    a, b = project(s), project(s * size)
    torch.testing.assert_close(a.explained, b.explained)
    torch.testing.assert_close(a.points * size, b.points, atol=0, rtol=1e-9)


def test_float32_states_are_projected_in_float64():
    s = states(50, 2, 6) + 1000
    single = project(s.float())
    assert single.points.dtype == torch.float32
    reference = project(s.float().double())
    torch.testing.assert_close(single.points, reference.points.float(), atol=1e-6, rtol=1e-6)


def test_states_with_a_graph_are_left_alone():
    s = states(5, 1, 3).requires_grad_()
    before = s.detach().clone()
    assert not project(s).points.requires_grad
    assert torch.equal(s.detach(), before)


@pytest.mark.parametrize("shape", [(5, 3), (0, 1, 3), (5, 0, 3), (5, 1, 0), (2, 2, 2, 2)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected states of shape \(T, K, H\)"):
        project(torch.zeros(shape))


def test_no_components_are_refused():
    with pytest.raises(ValueError, match="expected components of 1 or more, got 0"):
        project(torch.zeros(3, 1, 2), 0)
