"""The edge of chaos: known exponents, parity with the general way, and the limits that have a closed form."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz import chaos
from rnnviz.jacobians import lyapunov_exponents
from rnnviz.modules import CellModule

FLOAT64 = torch.float64


@pytest.fixture(scope="module")
def large() -> chaos.Networks:
    return chaos.networks(400, range(5))


def as_module(nets: chaos.Networks, k: int, gain: float, drive: float) -> CellModule:
    """One of the networks as any other cell of the package."""
    N = nets.W.shape[1]
    module = CellModule("rnn", N, N, bias=False, dtype=nets.W.dtype)
    with torch.no_grad():
        module.weight_hh.copy_(gain * nets.W[k])
        module.weight_ih.copy_(drive * torch.eye(N, dtype=nets.W.dtype))
    return module


def test_the_known_exponents(large: chaos.Networks) -> None:
    """Acceptance test 9. Five networks of this size differ by some 0.01 in their mean."""
    known = {0.5: -0.664, 0.9: -0.076, 1.5: 0.055, 2.0: 0.150, 4.0: 0.423}
    found = chaos.leading_exponents(large, list(known)).mean(1)
    assert found.tolist() == pytest.approx(list(known.values()), abs=0.025)
    assert found[2:].tolist() == pytest.approx(list(known.values())[2:], abs=0.01)


@pytest.mark.parametrize(("drive", "expected"), [(0.5, -0.020), (1.0, -0.145)])
def test_input_suppresses_chaos(large: chaos.Networks, drive: float, expected: float) -> None:
    """Acceptance test 10."""
    assert chaos.leading_exponents(large, [1.5], drive).mean().item() == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("gain", "drive"), [(0.6, 0.0), (1.8, 0.0), (1.5, 0.7), (4.0, 2.0)])
def test_parity_with_the_way_that_takes_any_cell(gain: float, drive: float) -> None:
    nets = chaos.networks(30, [3, 4], steps=90, dtype=FLOAT64)
    found = chaos.leading_exponents(nets, [0.2, gain], drive, discard=40)
    for k in range(2):
        module, x = as_module(nets, k, gain, drive), nets.noise[:, k : k + 1]
        expected = lyapunov_exponents(module, x, (nets.start[k : k + 1],), count=1, discard=40)
        # In chaos the two roundings grow apart, by e^27 at the last of these.
        within = 1e-10 if gain < 2 else 1e-6
        assert found[1, k].item() == pytest.approx(expected.item(), abs=within)


@settings(max_examples=10)
@given(
    gains=st.lists(st.floats(0.25, 4, allow_nan=False), min_size=1, max_size=4),
    drive=st.sampled_from([0.0, 0.4]),
    seed=st.integers(0, 5000),
)
def test_batched_is_one_by_one(gains: list[float], drive: float, seed: int) -> None:
    nets = chaos.networks(8, [seed, seed + 1], steps=30, dtype=FLOAT64)
    together = chaos.leading_exponents(nets, gains, drive, discard=10)
    assert together.shape == (len(gains), 2)
    for g, row in zip(gains, together, strict=True):
        alone = chaos.leading_exponents(nets, [g], drive, discard=10)[0]
        torch.testing.assert_close(row, alone, rtol=0, atol=1e-6)


def test_at_small_gain_without_input_it_is_the_log_of_the_spectral_radius() -> None:
    nets = chaos.networks(100, [0], steps=600, dtype=FLOAT64)
    radius = torch.linalg.eigvals(nets.W[0]).abs().max().item()
    found = chaos.leading_exponents(nets, [0.3, 0.6], discard=300)[:, 0]
    assert found.tolist() == pytest.approx([math.log(0.3 * radius), math.log(0.6 * radius)], abs=0.01)


def test_float32_is_enough_and_no_gain_is_minus_infinity() -> None:
    gains = [0.0, 0.5, 3.0]
    low = chaos.leading_exponents(chaos.networks(60, range(4)), gains)
    high = chaos.leading_exponents(chaos.networks(60, range(4), dtype=FLOAT64), gains)
    assert low[0].tolist() == [-math.inf] * 4
    assert low[1].tolist() == pytest.approx(high[1].tolist(), abs=1e-4)
    # Chaos takes the two apart, but not their averages over time.
    assert low[2].mean().item() == pytest.approx(high[2].mean().item(), abs=0.02)


def test_progress_and_who_may_stop_it() -> None:
    seen: list[float] = []
    nets = chaos.networks(5, [0], steps=50)
    chaos.leading_exponents(nets, [1.0], discard=0, report=seen.append)
    assert seen == pytest.approx([0.4, 0.8, 1.0])

    def stop(share: float) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        chaos.leading_exponents(nets, [1.0], discard=0, report=stop)


def test_mean_field_in_closed_form_and_against_large_networks(large: chaos.Networks) -> None:
    torch.testing.assert_close(
        chaos.mean_field([0.3, 0.7, 1.0]), torch.tensor([0.3, 0.7, 1.0], dtype=FLOAT64).log()
    )
    assert chaos.mean_field([0.0]).item() == -math.inf
    gains = [1.5, 2.0, 4.0]
    for drive in (0.0, 0.5, 1.0, 2.0):
        found = chaos.leading_exponents(large, gains, drive).mean(1)
        assert found.tolist() == pytest.approx(chaos.mean_field(gains, drive).tolist(), abs=0.015)
    # It falls with the drive, at every gain.
    curves = torch.stack([chaos.mean_field(chaos.GAINS, drive) for drive in (0.0, 0.3, 1.0, 2.0)])
    assert (curves.diff(dim=0) < 0).all()


@pytest.mark.parametrize(("gain", "drive"), [(0.7, 0.0), (3.0, 0.0), (1.5, 1.0)])
def test_neighbours_part_as_the_exponent_says(gain: float, drive: float) -> None:
    nets = chaos.networks(200, [1], steps=400)
    parting = chaos.part(nets, gain, drive, apart=1e-9)
    assert parting.distance[0].item() == pytest.approx(1e-9, rel=1e-5)
    # As long as the distance is small, its log grows by the exponent a step.
    small = parting.distance[20:40].log()
    rate = (small[-1] - small[0]).item() / 19
    assert rate == pytest.approx(chaos.leading_exponents(nets, [gain], drive)[0, 0].item(), abs=0.12)
    assert not parting.rounded[:40].any()
    if gain == 3.0:
        assert parting.distance[-50:].min() > 1  # as far apart as any two states


def test_the_first_of_two_runs_is_the_network_itself_and_rounding_is_marked() -> None:
    nets = chaos.networks(20, [2], steps=120, dtype=FLOAT64)
    parting = chaos.part(nets, 0.4, 1.0, settle=20, steps=100)
    with torch.no_grad():
        h = as_module(nets, 0, 0.4, 1.0)(nets.noise[:20], (nets.start,))[0][-1]
    assert chaos.part(nets, 0.4, 1.0, settle=20, steps=1).distance[0].item() == pytest.approx(1e-6, rel=1e-9)
    assert h.abs().max() < 1
    assert parting.rounded.any()
    first = int(parting.rounded.nonzero()[0])
    assert parting.distance[first - 1] > 1e-16
    assert (parting.distance[first:] < 1e-14).all()
    # With nothing handed on, one step makes the two the same.
    assert chaos.part(nets, 0.0, 1.0, settle=0, steps=3).distance[1:].tolist() == [0, 0, 0]


def test_what_does_not_fit_is_refused() -> None:
    nets = chaos.networks(4, [0], steps=10)
    with pytest.raises(ValueError, match="at least 1 unit"):
        chaos.networks(0, [0])
    with pytest.raises(ValueError, match="discard from 0 to 9, got 10"):
        chaos.leading_exponents(nets, [1.0], discard=10)
    with pytest.raises(ValueError, match="finite and not negative"):
        chaos.leading_exponents(nets, [-1.0], discard=0)
    with pytest.raises(ValueError, match="finite and not negative"):
        chaos.mean_field([])
    with pytest.raises(ValueError, match="at most 10"):
        chaos.part(nets, 1.0, settle=8, steps=3)


def test_the_same_seed_is_the_same_network_and_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    one, two = chaos.networks(6, [5, 6], steps=4), chaos.networks(6, [6], steps=4)
    torch.testing.assert_close(one.W[1], two.W[0], rtol=0, atol=0)
    torch.testing.assert_close(one.noise[:, 1], two.noise[:, 0], rtol=0, atol=0)
    assert torch.equal(before, torch.get_rng_state())
