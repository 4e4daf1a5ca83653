"""CellModule: parameters by the registry's names, PyTorch's way of filling them, and a plain forward pass."""

import math

import pytest
import torch
from torch import nn

from rnnviz.modules import CellModule
from rnnviz.registry import CELLS
from rnnviz.scan import scan


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("cell", CELLS)
def test_parameters_carry_the_names_order_and_shapes_of_the_registry(cell):
    module = CellModule(cell, 3, 5)
    sizes = {"D": 3, "H": 5, "2H": 10, "3H": 15, "4H": 20}
    expected = [(name, tuple(sizes[n] for n in shape)) for name, shape in CELLS[cell].params]
    assert [(name, tuple(p.shape)) for name, p in module.named_parameters()] == expected
    assert list(module.params) == [name for name, _ in expected]


@pytest.mark.parametrize("cell", CELLS)
def test_weights_start_uniform_and_layer_norm_starts_plain(cell):
    module = CellModule(cell, 40, 64)
    module.reset_parameters(generator())
    for name, parameter in module.named_parameters():
        if name.startswith("gain_"):
            assert (parameter == 1).all()
        elif name == "bias_c":
            assert (parameter == 0).all()
        else:
            assert parameter.abs().max() <= 1 / 8
            assert abs(parameter.mean().item()) < 0.03
            assert parameter.std().item() == pytest.approx(1 / (8 * math.sqrt(3)), rel=0.25)


def test_the_lstm_is_filled_as_pytorch_fills_its_own():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        theirs = nn.LSTM(2, 4)
        after_theirs = torch.get_rng_state()
        torch.manual_seed(3)
        ours = CellModule("lstm", 2, 4)
        # nn.LSTM fills once, and so do we: the global generator is left in the same place.
        assert torch.equal(torch.get_rng_state(), after_theirs)
    for mine, torchs in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(mine, torchs)


def test_a_generator_leaves_the_global_one_alone():
    module = CellModule("gru", 2, 4)
    before = torch.get_rng_state()
    module.reset_parameters(generator(5))
    first = [parameter.clone() for parameter in module.parameters()]
    module.reset_parameters(generator(5))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(first, module.parameters(), strict=True))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("cell", CELLS)
def test_forward_is_the_scan_and_trains(cell, bias):
    module = CellModule(cell, 3, 5, bias=bias, dtype=torch.float64)
    assert bias or not {"bias_ih", "bias_hh"} & set(module.params)
    x = torch.randn(6, 2, 3, generator=generator(), dtype=torch.float64)
    state = tuple(
        torch.randn(2, 5, generator=generator(1 + k), dtype=torch.float64) for k in range(len(module.states))
    )
    output, final = module(x, state)
    steps = scan(cell, module.params, x, state)
    assert torch.equal(output, torch.stack([step.state[0] for step in steps]))
    assert all(torch.equal(a, b) for a, b in zip(final, steps[-1].state, strict=True))
    zeros = tuple(torch.zeros_like(s) for s in state)
    assert torch.equal(module(x)[0], module(x, zeros)[0])
    output.sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())


def test_the_state_dict_round_trips():
    one, other = CellModule("lstm_layernorm", 3, 5), CellModule("lstm_layernorm", 3, 5)
    other.load_state_dict(one.state_dict())
    x = torch.randn(4, 1, 3, generator=generator())
    assert torch.equal(one(x)[0], other(x)[0])


def test_it_can_be_made_on_another_device_and_in_another_dtype():
    module = CellModule("mingru", 2, 3, device="meta", dtype=torch.float64)
    assert all(p.device.type == "meta" and p.dtype == torch.float64 for p in module.parameters())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lstn", 2, 3), "one of rnn, lstm"),
        (("lstm", 0, 3), "at least 1, got 0 and 3"),
        (("lstm", 2, -1), "at least 1, got 2 and -1"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        CellModule(*arguments)


def test_it_says_what_it_is():
    assert repr(CellModule("mingru", 2, 3)) == "CellModule('mingru', 2, 3)"
