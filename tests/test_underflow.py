"""What underflowed is marked, what is truly zero is not."""

import pytest
import torch
from torch import nn

from rnnviz.gradients import gradients
from rnnviz.modules import CellModule
from rnnviz.registry import CELLS

TINY = torch.finfo(torch.float32).tiny


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def draw(module, seed=0, bound=0.2):
    with torch.no_grad():
        generator = torch.Generator().manual_seed(seed)
        for parameter in module.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
    return module


MODULES = {
    "nn.RNN": lambda: draw(nn.RNN(1, 20)),
    "nn.LSTM": lambda: draw(nn.LSTM(1, 20)),
    "nn.GRU": lambda: draw(nn.GRU(1, 20)),
    "two layers": lambda: draw(nn.LSTM(1, 20, num_layers=2)),
    **{
        cell: lambda cell=cell: draw(CellModule(cell, 1, 20))
        for cell in CELLS
        if cell not in ("rnn_relu", "rnn_linear", "lstm_layernorm")  # see below; layer norm does not vanish
    },
}


@pytest.mark.parametrize("make", MODULES.values(), ids=MODULES)
def test_a_vanishing_gradient_is_marked_and_never_a_number(make):
    """Where float64 finds a number below float32's range, and only there, float32 is marked."""
    module, x = make(), drawn(400, 1, 1)
    rough = gradients(module, x)
    exact = gradients(module.double(), x.double())
    pairs = [(rough.x_norm, rough.x_underflow, exact.x_norm)]
    for a, b in zip(rough.layers, exact.layers, strict=True):
        pairs.append((a.h_norm, a.underflow, b.h_norm))
        if a.c_norm is not None:
            pairs.append((a.c_norm, a.c_underflow, b.c_norm))
    for norm, marked, truth in pairs:
        assert marked.any()
        assert marked[(truth > 0) & (truth < 0.5 * TINY)].all()
        assert not marked[truth > 2 * TINY].any()
        assert (norm[~marked] > 0).all()
        torch.testing.assert_close(norm[~marked].double(), truth[~marked], rtol=1e-2, atol=TINY)


def test_a_plateau_of_the_smallest_number_is_marked():
    """f is about 0.5, and half of 1.4e-45 rounds to 0 or to itself: no level of the model's making."""
    module = draw(nn.LSTM(1, 20), bound=0.25)
    with torch.no_grad():
        module.bias_ih_l0[20:40] = 0.6
    found = gradients(module, drawn(500, 1, 1)).layers[0]
    assert 0 < found.c_norm[0] < 1e-43
    assert found.c_norm[0] == found.c_norm[50]
    assert found.c_underflow[:50].all()


@pytest.mark.parametrize("cell", ["nn.RNN", "nn.LSTM", "rnn", "rnn_linear", "lstm", "lstm_peephole"])
def test_without_a_recurrent_matrix_the_zeros_are_true(cell):
    module = MODULES[cell]() if cell in MODULES else draw(CellModule(cell, 1, 20))
    with torch.no_grad():
        next(p for name, p in module.named_parameters() if name.startswith("weight_hh")).zero_()
    found = gradients(module, drawn(30, 1, 1))
    layer = found.layers[0]
    assert (layer.h_norm[:-1] == 0).all()
    assert not layer.underflow.any()
    assert not found.x_underflow.any()
    if layer.c_norm is not None:
        assert (layer.c_norm > 0).all()  # the memory needs no matrix


def test_relus_that_are_off_are_true_zeros():
    module = draw(nn.RNN(1, 8, nonlinearity="relu"))
    x = drawn(20, 1, 1)
    with torch.no_grad():
        module.weight_ih_l0.fill_(1.0)
    x[12] = -100.0  # every unit is off at step 12
    found = gradients(module, x)
    assert (found.layers[0].h_norm[:12] == 0).all()
    assert not found.layers[0].underflow.any()
    assert (found.x_norm[:13] == 0).all()
    assert not found.x_underflow.any()


def test_relus_that_are_on_vanish_like_any_other():
    module = nn.RNN(1, 1, nonlinearity="relu")
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(0.1)
    found = gradients(module, torch.ones(80, 1, 1))
    zero = found.layers[0].h_norm == 0
    assert zero.any()
    assert found.layers[0].underflow[zero].all()
    assert found.x_underflow[zero].all()


def test_after_the_loss_the_zeros_are_true():
    found = gradients(MODULES["nn.GRU"](), drawn(30, 1, 1), lambda output: output[10].sum())
    assert (found.layers[0].h_norm[11:] == 0).all()
    assert not found.layers[0].underflow.any()
    assert not found.x_underflow.any()


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_changed_cells_have_true_zeros_after_the_loss(cell, residual):
    module = draw(CellModule(cell, 1, 6, layernorm=True, residual=residual))
    layer = gradients(module, drawn(12, 2, 1), lambda output: output[4].square().sum()).layers[0]
    assert (layer.h_norm[:5] > 0).all()
    assert (layer.h_norm[5:] == 0).all()
    assert not layer.underflow.any()


def test_a_saturated_unit_loses_its_gradient_in_any_dtype():
    """tanh(50) rounds to 1 in float64 as well: its slope of 1e-43 is lost, not absent."""
    module = MODULES["rnn"]()
    with torch.no_grad():
        module.weight_ih.fill_(1.0)
    for dtype in (torch.float32, torch.float64):
        found = gradients(module.to(dtype), torch.full((5, 1, 1), 50.0, dtype=dtype))
        assert (found.layers[0].h_norm[:-1] == 0).all()
        assert found.layers[0].underflow[:-1].all()
        assert found.x_underflow.all()


def test_what_the_layer_above_lost_is_marked_below():
    module = draw(nn.GRU(1, 20, num_layers=2, bidirectional=True), bound=0.22)
    x = drawn(400, 1, 1)
    rough, exact = gradients(module, x), gradients(module.double(), x.double())
    for a, b in zip(rough.layers, exact.layers, strict=True):
        assert a.underflow[(b.h_norm > 0) & (b.h_norm < 0.5 * TINY)].all()
        assert not a.underflow[b.h_norm == 0].any()
    # The last reading of the reversed top layer is its first: nothing came before it.
    assert not rough.layers[3].underflow.any()
    assert (rough.layers[3].h_norm[:-1] == 0).all()
    # The reversed layer below has zeros that came down from above, and they are marked.
    below = rough.layers[1]
    assert ((below.h_norm == 0) & below.underflow).any()
