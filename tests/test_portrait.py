"""Portraits and the trained memory against closed forms and against the modules that were traced."""

import math

import pytest
import torch
from torch import Tensor, nn

from rnnviz import flipflop, portrait
from rnnviz.fixedpoints import fixed_points, ways
from rnnviz.modules import CellModule
from rnnviz.trace import trace


def linear(W: Tensor, b: Tensor | None = None) -> CellModule:
    """h' = W h + b."""
    module = CellModule("rnn_linear", 1, len(W), dtype=torch.float64)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.get_parameter("weight_hh").copy_(W)
        if b is not None:
            module.get_parameter("bias_hh").copy_(b)
    return module


def turn(angle: float, size: float) -> Tensor:
    return size * torch.tensor(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], dtype=torch.float64
    )


def test_a_linear_portrait_is_its_formula() -> None:
    W, b = turn(0.3, 0.9), torch.tensor([0.2, -0.1], dtype=torch.float64)
    layer = trace(linear(W, b), torch.zeros(8, 1, 1, dtype=torch.float64)).layers[0]
    found = portrait.search(layer, torch.zeros(1))
    seen = portrait.portrait(layer, torch.zeros(1), found, free=True)
    (spot,) = seen.spots
    torch.testing.assert_close(spot, torch.linalg.solve(torch.eye(2).double() - W, b), atol=1e-9, rtol=0)
    moduli = found.points.eigenvalues[0].abs()
    torch.testing.assert_close(moduli, torch.full((2,), 0.9, dtype=torch.float64), atol=1e-9, rtol=0)
    assert found.points.eigenvalues[0].angle().abs().tolist() == pytest.approx([0.3, 0.3])
    assert found.points.kinds == ("stable",)
    assert seen.free is not None
    torch.testing.assert_close(seen.free[1], seen.free[0] @ W.T + b)
    distance = (seen.free - spot).norm(dim=-1)
    torch.testing.assert_close(distance[1:], 0.9 * distance[:-1])
    assert seen.arrived == 0  # 0.9^8 is not near enough
    torch.testing.assert_close(seen.run[1:], layer.h[:, 0])


def test_the_plane_of_a_larger_state_holds_what_moves() -> None:
    """Two of five numbers turn, the rest stand still at b: the plane is that of the two, and nothing leaves it."""
    W = torch.zeros(5, 5, dtype=torch.float64)
    W[:2, :2] = turn(0.5, 0.99)
    b = torch.tensor([0.5, 0, 0, 0, 0], dtype=torch.float64)
    layer = trace(linear(W, b), torch.zeros(40, 1, 1, dtype=torch.float64)).layers[0]
    plane = portrait.plane_of(layer)
    torch.testing.assert_close(plane.axes[:, 2:], torch.zeros(2, 3).double(), atol=1e-9, rtol=0)
    assert plane.shares is not None
    assert sum(plane.shares) == pytest.approx(1)
    seen = portrait.portrait(layer, torch.zeros(1), portrait.search(layer, torch.zeros(1)))
    assert float(seen.flow.inside.min()) == pytest.approx(1)
    assert float(seen.off[0]) == pytest.approx(0, abs=1e-9)
    off = plane.centre + torch.tensor([0, 0, 3.0, 4.0, 0]).double()
    assert float(plane.beside(off)) == pytest.approx(5)
    assert float(seen.run.abs().max()) <= plane.reach


def test_an_exploding_run_leaves_the_plane_as_it_is() -> None:
    layer = trace(
        linear(turn(0.5, 3.0)), torch.zeros(60, 1, 1).double(), (torch.full((1, 2), 0.01).double(),)
    ).layers[0]
    assert portrait.plane_of(layer).reach <= 40
    x = torch.zeros(1)
    assert portrait.portrait(layer, x, portrait.search(layer, x)).found.points.kinds == ("unstable",)


def test_points_that_no_state_can_reach_do_not_count() -> None:
    """A GRU whose z rounds to 1 keeps any h; but its h lies between -1 and 1."""
    module = nn.GRU(1, 1).double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.weight_hh_l0[1, 0] = 8.0  # type: ignore[index]
    layer = trace(module, torch.zeros(5, 1, 1).double()).layers[0]
    every = fixed_points(module, torch.zeros(1), torch.tensor([[0.3], [30.0], [40.0]]).double())
    assert len(every.points) == 3
    x = torch.zeros(1)
    starts = portrait.starts_of(layer, x, 300)
    assert float(starts.abs().max()) > 1
    found = portrait.search(layer, x, hard=True)
    assert bool((found.points.points.abs() <= 1).all())
    assert found.starts == len(starts)
    assert found.beyond == len(fixed_points(module, x, starts).points) - len(found.points.points)


def test_a_search_says_what_it_was_cut_short_of() -> None:
    generator = torch.Generator().manual_seed(0)
    module = nn.RNN(1, 8).double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(2 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    starts = torch.rand(20, 8, generator=generator, dtype=torch.float64)
    before = starts.clone()
    short = fixed_points(module, torch.zeros(1), starts, rounds=2)
    whole = fixed_points(module, torch.zeros(1), starts)
    assert short.cut == short.lost > whole.cut
    none = fixed_points(module, torch.zeros(1), starts, rounds=0)
    assert none.points.shape == (0, 8)
    assert none.cut == 20
    assert torch.equal(starts, before)


def test_ways_leave_a_saddle_and_end_at_rest() -> None:
    module = nn.RNN(1, 2).double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.weight_hh_l0.copy_(torch.diag(torch.tensor([2.0, 0.5])))
    generator = torch.Generator().manual_seed(0)
    found = fixed_points(module, torch.zeros(1), torch.randn(30, 2, generator=generator, dtype=torch.float64))
    assert found.kinds == ("stable", "stable", "saddle")
    both = ways(module, torch.zeros(1), found)
    assert [way.saddle for way in both] == [2, 2]
    assert {way.end for way in both} == {0, 1}
    for way in both:
        assert float(way.states[0].norm()) == pytest.approx(1e-3, abs=1e-9)
        torch.testing.assert_close(way.states[1:], torch.tanh(way.states[:-1] * torch.tensor([2.0, 0.5])))
        assert way.end is not None
        torch.testing.assert_close(way.states[-1], found.points[way.end], atol=1e-6, rtol=0)


def test_the_file_holds_a_memory_of_three_bits() -> None:
    """Sussillo & Barak 2013: 8 corners, 12 edges, 6 faces and a middle, 27 points in all."""
    model = flipflop.network()
    assert flipflop.accuracy(model) > 0.995
    found, paths = flipflop.memories(model)
    grows = [int((values.abs() > 1).sum()) for values in found.eigenvalues]
    assert [grows.count(n) for n in range(4)] == [8, 12, 6, 1]
    said = flipflop.bits(model, found.points)
    assert len(set(said[:8])) == 8
    for edge in (k for k, n in enumerate(grows) if n == 1):
        one, other = {way.end for way in paths if way.saddle == edge}
        assert one is not None
        assert other is not None
        assert sum(a != b for a, b in zip(said[one], said[other], strict=True)) == 1


def test_its_training_begins_alike_each_time() -> None:
    first, again = flipflop.train(updates=3), flipflop.train(updates=3)
    for name, tensor in first.items():
        assert torch.equal(tensor, again[name])
    before, other = flipflop.train(updates=0), flipflop.train(seed=1, updates=3)
    assert not torch.equal(first["rnn.weight_hh_l0"], before["rnn.weight_hh_l0"])
    assert not torch.equal(first["rnn.weight_hh_l0"], other["rnn.weight_hh_l0"])
    assert first.keys() == flipflop.network().state_dict().keys()
