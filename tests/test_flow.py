"""The flow against closed forms: a rotation, one tanh unit beside another, and a plane of a larger space."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from rnnviz.flow import flow
from rnnviz.modules import CellModule


def linear(W: Tensor) -> CellModule:
    module = CellModule("rnn_linear", 1, len(W), dtype=torch.float64)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.get_parameter("weight_hh").copy_(W)
    return module


def test_a_rotation_turns_every_state() -> None:
    a = 0.3
    W = torch.tensor([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]], dtype=torch.float64)
    found = flow(linear(W), torch.zeros(1), torch.zeros(2), torch.eye(2), 2.0, 9)
    i, j = 6, 1  # second coordinate, first coordinate
    s = torch.stack([found.places[j], found.places[i]])
    torch.testing.assert_close(found.velocity[i, j], W @ s - s)
    torch.testing.assert_close(found.speed[i, j], (W @ s - s).norm())
    assert bool((found.inside == 1).all())
    assert found.speed[4, 4] == 0


def test_in_a_larger_space_it_says_how_much_leaves_the_plane() -> None:
    # The third number follows the first: half of the movement of (1, 0, 0) leaves the plane of the first two.
    W = torch.tensor([[0.0, 0, 0], [0, 1, 0], [1, 0, 0]], dtype=torch.float64)
    found = flow(linear(W), torch.zeros(1), torch.zeros(3), torch.eye(3)[:2], 1.0, 3)
    torch.testing.assert_close(found.velocity[1, 2], torch.tensor([-1.0, 0.0], dtype=torch.float64))
    assert found.speed[1, 2].item() == pytest.approx(math.sqrt(2))
    assert found.inside[1, 2].item() == pytest.approx(1 / math.sqrt(2))


def test_the_input_counts_and_an_lstm_brings_its_memory_along() -> None:
    lstm = nn.LSTM(1, 1)
    x, centre = torch.tensor([0.8]), torch.tensor([0.1, -0.2])
    found = flow(lstm, x, centre, torch.eye(2), 0.5, 2)
    h, c = centre[0] + 0.5, centre[1] - 0.5
    with torch.no_grad():
        _, (after_h, after_c) = lstm(x.view(1, 1, 1), (h.view(1, 1, 1), c.view(1, 1, 1)))
    expected = torch.stack([after_h.flatten()[0] - h, after_c.flatten()[0] - c]).double()
    torch.testing.assert_close(found.velocity[0, 1], expected, atol=1e-6, rtol=0)


def test_what_does_not_fit_is_refused_in_a_sentence() -> None:
    module, x = linear(torch.eye(2, dtype=torch.float64)), torch.zeros(1)
    with pytest.raises(ValueError, match="orthonormal"):
        flow(module, x, torch.zeros(2), torch.ones(2, 2), 1.0)
    with pytest.raises(ValueError, match="2 to 64 points"):
        flow(module, x, torch.zeros(2), torch.eye(2), 1.0, 65)
    with pytest.raises(ValueError, match="reach above 0"):
        flow(module, x, torch.zeros(2), torch.eye(2), 0.0)
    with pytest.raises(ValueError, match="centre of shape"):
        flow(module, x, torch.zeros(3), torch.eye(2), 1.0)
