"""The error surface, its gradients and the descents against plain loops, autograd and finite differences."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.cliff import Descent, Slope, descend, error, leaves, longest_step, slope, surface
from rnnviz.gradients import clip

PLACES = {"w": st.floats(2, 8), "b": st.floats(-5, 1)}


def by_hand(w, b):
    x = 0.5
    for _ in range(50):
        x = w / (1 + math.exp(-x)) + b
    return (1 / (1 + math.exp(-x)) - 0.7) ** 2


def tensor(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_the_surface_is_the_plain_loop_at_every_point():
    found = surface((2.0, 8.0), (-5.0, 1.0), 7, 13)
    assert found.error.shape == (13, 7)
    assert found.error.dtype == torch.float64
    assert (float(found.w[0]), float(found.w[-1])) == (2, 8)
    assert (float(found.b[0]), float(found.b[-1])) == (-5, 1)
    for i, b in enumerate(found.b.tolist()):
        for j, w in enumerate(found.w.tolist()):
            assert float(found.error[i, j]) == pytest.approx(by_hand(w, b), rel=1e-9, abs=1e-15)
    with pytest.raises(ValueError, match="expected at least 2 columns and 2 rows, got 1 and 5"):
        surface((2.0, 8.0), (-5.0, 1.0), 1, 5)


@given(**PLACES)
def test_the_slope_is_autograd_s(w, b):
    at = tensor(w, b).requires_grad_()
    value = error(at[0], at[1])
    value.backward()
    found = slope(w, b)
    assert found.error == pytest.approx(value.item(), rel=1e-12, abs=1e-15)
    # On the cliff the last digits of x are multiplied by the gradient's own length, in either computation.
    close = 1e-12 * max(1.0, found.norm)
    assert found.w == pytest.approx(at.grad[0].item(), rel=1e-10, abs=close)
    assert found.b == pytest.approx(at.grad[1].item(), rel=1e-10, abs=close)


@pytest.mark.parametrize(("w", "b"), [(3.0, -1.0), (5.0, -2.5), (4.5, -2.2), (7.0, 0.0), (6.0, -4.0)])
def test_the_slope_is_the_limit_of_differences(w, b):
    found, step = slope(w, b), 1e-5
    assert found.w == pytest.approx((by_hand(w + step, b) - by_hand(w - step, b)) / (2 * step), rel=1e-4)
    assert found.b == pytest.approx((by_hand(w, b + step) - by_hand(w, b - step)) / (2 * step), rel=1e-4)
    assert found.norm == math.hypot(found.w, found.b)


def test_what_is_kept_of_the_start_is_the_product_of_the_slopes():
    w, b = 4.2, -2.0
    x, product = 0.5, 1.0
    for _ in range(50):
        out = 1 / (1 + math.exp(-x))
        product *= w * out * (1 - out)
        x = w * out + b
    assert slope(w, b).kept == pytest.approx(product, rel=1e-10)


@given(**PLACES, rate=st.floats(0.01, 1), theta=st.floats(0.1, 10))
def test_each_step_is_the_rate_times_the_clipped_gradient(w, b, rate, theta):
    """Acceptance: the norm after clipping is min(norm, theta), and the direction is unchanged."""
    path = descend(w, b, rate, theta, steps=6)
    for k in range(6):
        found = slope(float(path.w[k]), float(path.b[k]))
        assert path.norm[k] == found.norm
        assert path.error[k] == found.error
        moved = tensor(float(path.w[k + 1] - path.w[k]), float(path.b[k + 1] - path.b[k]))
        assert float(moved.norm()) == pytest.approx(rate * min(found.norm, theta), rel=1e-6, abs=1e-12)
        gradient = tensor(found.w, found.b)
        clipped = clip(gradient, theta)
        assert float(clipped.norm()) == pytest.approx(min(found.norm, theta), rel=1e-12)
        torch.testing.assert_close(clipped * gradient.norm(), gradient * clipped.norm(), rtol=1e-12, atol=0)
        torch.testing.assert_close(moved, -rate * clipped, rtol=1e-6, atol=1e-12)


def test_the_opening_of_the_section_plain_is_thrown_far_and_clipped_gets_down():
    plain, clipped = descend(4.25, -2.75, 0.1), descend(4.25, -2.75, 0.1, 1)
    leaps = torch.hypot(plain.w.diff(), plain.b.diff())
    assert float(leaps.max()) > 4
    assert float(leaps.sort().values[-2]) < 0.1
    assert float(plain.error[-1]) == pytest.approx(0.09, abs=0.001)  # sigmoid(x) = 1: (1 - 0.7)^2
    assert float(plain.norm[-1]) < 1e-3
    assert float(clipped.error[-1]) < 1e-12
    assert int((clipped.norm > 1).sum()) == 1
    assert float(torch.hypot(clipped.w.diff(), clipped.b.diff()).max()) == pytest.approx(0.1)


def test_on_the_plateau_clipping_changes_nothing():
    plain, clipped = descend(7, 0, 0.1), descend(7, 0, 0.1, 1)
    assert torch.equal(plain.w, clipped.w)
    assert torch.equal(plain.b, clipped.b)
    assert float(plain.norm.max()) < 1e-3
    assert float(plain.error[-1]) > 0.08
    assert abs(slope(7, 0).kept) < 1e-50


def test_far_away_and_beyond_float64():
    far = slope(1e6, 1e6)
    assert far.norm == 0
    assert far.error == pytest.approx(0.09)
    assert slope(-1e6, -1e6).error == pytest.approx(0.49)
    thrown = descend(8, -4.2, 1e300, steps=5)
    assert thrown.w.shape == (6,)
    assert thrown.w[0] == 8
    path = descend(1e200, -5e199, 1, steps=3)  # the slope at x = 0 is beyond float64
    assert path.w.isfinite().sum() <= 4
    assert isinstance(slope(3, 0), Slope)


def test_the_longest_step_and_the_place_where_a_path_leaves():
    ground = surface((3.0, 7.0), (-4.0, 1.5), 5, 5)
    plain = descend(4.25, -2.75, 0.1)
    leap = longest_step(plain)
    lengths = [
        math.dist((plain.w[k], plain.b[k]), (plain.w[k + 1], plain.b[k + 1])) for k in range(len(plain.w) - 1)
    ]
    assert leap.step == lengths.index(max(lengths)) + 1 == 25
    assert leap.length == pytest.approx(max(lengths))
    assert (leap.w, leap.b) == (float(plain.w[25]), float(plain.b[25]))
    assert leaves(ground, plain) is None
    w, b = tensor(4, 5, 9, 5), tensor(0, 0, 2, 0)
    assert leaves(ground, Descent(w, b, w, w)) == pytest.approx((7, 1))  # from (5, 0) by (4, 2): at w = 7
    assert leaves(ground, Descent(b + 4, -3 * b, w, w)) == pytest.approx((4 + 4 / 3, -4))
    assert leaves(ground, descend(5, -2.5, 0.3)) is not None
    assert leaves(ground, descend(8, -2.5, 0.3)) is None
    assert longest_step(descend(4, -2, 0.1, steps=0)) is None


def test_no_steps_and_what_does_not_fit():
    path = descend(3, -1, 0.1, steps=0)
    assert path.w.tolist() == [3]
    assert path.error.tolist() == [slope(3, -1).error]
    with pytest.raises(ValueError, match="expected finite w, b and rate, got nan, 0 and 1"):
        descend(math.nan, 0, 1)
    with pytest.raises(ValueError, match="expected at least 0 steps, got -1"):
        descend(3, 0, 1, steps=-1)
    with pytest.raises(ValueError, match="expected a positive max_norm, got 0"):
        descend(3, 0, 1, 0)
