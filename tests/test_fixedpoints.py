"""Fixed points against closed forms: linear maps and one tanh unit, and saddles between memories."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from rnnviz.fixedpoints import ends, fixed_points
from rnnviz.modules import CellModule


def tanh_unit(w: float, b: float = 0.0) -> nn.RNN:
    """h' = tanh(w h + x + b), of one unit."""
    module = nn.RNN(1, 1).double()
    with torch.no_grad():
        for name, value in (
            ("weight_ih_l0", 1.0),
            ("weight_hh_l0", w),
            ("bias_ih_l0", b),
            ("bias_hh_l0", 0.0),
        ):
            module.get_parameter(name).fill_(value)
    return module


def scattered(count: int, size: int, spread: float = 1.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return spread * torch.randn(count, size, dtype=torch.float64, generator=generator)


def test_a_tanh_unit_with_strong_feedback_has_two_memories_and_a_ridge() -> None:
    found = fixed_points(tanh_unit(2.0), torch.zeros(1), scattered(20, 1))
    h = 0.9575040240772687  # h = tanh(2 h), to the last digit by bisection
    assert found.kinds == ("stable", "stable", "unstable")
    assert sorted(found.points.flatten().tolist()) == pytest.approx([-h, 0.0, h], abs=1e-9)
    slopes = [2 * (1 - point**2) for point in found.points.flatten().tolist()]
    assert found.eigenvalues.real.flatten().tolist() == pytest.approx(slopes, abs=1e-9)
    assert found.lost == 0


def test_weak_feedback_leaves_one_and_the_input_moves_it() -> None:
    (point,) = (
        fixed_points(tanh_unit(0.5), torch.tensor([0.3]).double(), scattered(8, 1)).points.flatten().tolist()
    )
    assert point == pytest.approx(math.tanh(0.5 * point + 0.3), abs=1e-7)


def test_a_linear_map_has_the_one_of_its_formula() -> None:
    generator = torch.Generator().manual_seed(1)
    module = CellModule("rnn_linear", 2, 5, dtype=torch.float64)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(0.4 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    x = torch.tensor([0.7, -1.2], dtype=torch.float64)
    params = dict(module.named_parameters())
    W = params["weight_hh"]
    pushed = params["weight_ih"] @ x + params["bias_ih"] + params["bias_hh"]
    expected = torch.linalg.solve(torch.eye(5, dtype=torch.float64) - W, pushed)
    found = fixed_points(module, x, scattered(6, 5, 10.0))
    assert found.points.shape == (1, 5)
    torch.testing.assert_close(found.points[0], expected.detach(), atol=1e-9, rtol=0)
    moduli = torch.linalg.eigvals(W).abs().sort(descending=True).values
    torch.testing.assert_close(found.eigenvalues[0].abs(), moduli.detach(), atol=1e-9, rtol=0)


def test_a_saddle_lies_between_the_memories_that_its_paths_end_at() -> None:
    # Two units that do not see each other: four memories, four saddles between neighbours, a ridge in the middle.
    module = nn.RNN(1, 2).double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.get_parameter("weight_hh_l0").copy_(torch.diag(torch.tensor([2.0, 1.7])))
    found = fixed_points(module, torch.zeros(1), scattered(200, 2))
    assert [found.count(kind) for kind in ("stable", "saddle", "unstable", "marginal")] == [4, 4, 1, 0]
    for saddle, reached in ends(module, torch.zeros(1), found):
        assert len(reached) == 2
        flat = found.points[saddle].abs().argmin()  # the unit in which it stands on the ridge
        pair = found.points[list(reached)]
        assert pair[0, flat] == pytest.approx(-pair[1, flat].item(), abs=1e-6)
        assert pair[0, 1 - flat] == pytest.approx(pair[1, 1 - flat].item(), abs=1e-6)


def relu_units(W: list[list[float]]) -> nn.RNN:
    """h' = ReLU(W h + x), whose fixed point 0 lies at the bend."""
    module = nn.RNN(1, len(W), nonlinearity="relu").double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.get_parameter("weight_hh_l0").copy_(torch.tensor(W))
    return module


@pytest.mark.parametrize(
    ("W", "kind", "largest"),
    [
        ([[1.5]], "unstable", 1.5),
        ([[0.5]], "stable", 0.5),
        ([[-2.0]], "stable", 0.0),  # what it pushes below 0 ReLU puts back
        ([[1.5, 0.0], [0.0, 0.5]], "saddle", 1.5),
        ([[0.0, 2.0], [2.0, 0.0]], "unstable", 2.0),
        ([[0.0, -2.0], [2.0, 0.0]], "stable", 0.0),
    ],
)
def test_at_the_bend_of_relu_a_small_push_decides(W: list[list[float]], kind: str, largest: float) -> None:
    # PyTorch calls the slope at the bend 0, which would make each of them stable.
    found = fixed_points(relu_units(W), torch.zeros(1), torch.zeros(1, len(W)))
    assert found.kinds == (kind,)
    assert float(found.eigenvalues[0].abs().max()) == pytest.approx(largest, abs=1e-9)


def test_where_speed_falls_with_the_cube_of_the_distance_there_is_one_point_and_no_line() -> None:
    found = fixed_points(tanh_unit(1.0), torch.zeros(1), scattered(40, 1))
    assert found.kinds == ("marginal",)
    assert float(found.points.abs().max()) < 2e-3
    # A line of points is one of many.
    assert len(fixed_points(relu_units([[1.0]]), torch.zeros(1), scattered(40, 1).abs()).kinds) > 10


@pytest.mark.parametrize(
    "cell", ["lstm", "gru", "gru_reset_before", "lstm_peephole", "lstm_layernorm", "mingru"]
)
def test_every_cell_stays_where_it_is_said_to(cell: str) -> None:
    module = CellModule(cell, 1, 3)
    module.reset_parameters(torch.Generator().manual_seed(5))
    x = torch.tensor([0.4])
    found = fixed_points(module, x, scattered(20, 3 * len(module.states)))
    assert len(found.points)
    assert bool((found.speed < 1e-9).all())
    # A stable one is where the network itself ends up.
    stable = found.points[0].float()
    with torch.no_grad():
        _, parts = module(x.view(1, 1, 1), tuple(part[None] for part in stable.split(3)))
    after = torch.cat([part[0] for part in parts])
    torch.testing.assert_close(after, stable, atol=1e-5, rtol=0)


def test_what_does_not_fit_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="expected starts of shape"):
        fixed_points(tanh_unit(1.0), torch.zeros(1), scattered(4, 2))
    with pytest.raises(ValueError, match="one constant input"):
        fixed_points(tanh_unit(1.0), torch.zeros(3, 1), scattered(4, 1))
    with pytest.raises(ValueError, match="at most 256 numbers"):
        fixed_points(nn.LSTM(1, 129), torch.zeros(1), torch.zeros(1, 258))
    with pytest.raises(ValueError, match="one layer and one direction"):
        fixed_points(nn.GRU(1, 2, num_layers=2), torch.zeros(1), torch.zeros(1, 2))
