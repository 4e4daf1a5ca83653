"""The networks that learn: the very modules of the other pages, and a head."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from rnnviz import build, training
from rnnviz.experiment import Experiment
from rnnviz.modules import CellModule
from rnnviz.race import Race
from rnnviz.registry import CELLS
from rnnviz.training import build_model, model_of

SMALL = Race(hidden=5, length=6, seed=7, forget=1.5)


def layer_of(race, cell, inputs=2):
    experiment = Experiment(cells=(cell,), hidden=race.hidden, forget=race.forget, seed=race.seed)
    return build.build_module(experiment, cell, inputs)


@pytest.mark.parametrize("cell", CELLS)
def test_the_recurrent_layer_is_that_of_the_experiments(cell):
    before = torch.get_rng_state()
    model, theirs = build_model(SMALL, cell), layer_of(SMALL, cell)
    assert torch.equal(torch.get_rng_state(), before)
    assert type(model.rnn) is type(theirs)
    assert isinstance(model.rnn, CellModule) == (CELLS[cell].torch_class is None)
    for (name, mine), (known, other) in zip(
        model.rnn.named_parameters(), theirs.named_parameters(), strict=True
    ):
        assert name == known
        assert torch.equal(mine, other)
    assert model(torch.randn(6, 3, 2, generator=torch.Generator().manual_seed(0))).shape == (6, 3, 1)


@pytest.mark.parametrize("cell", CELLS)
def test_a_changed_layer_has_the_same_weights(cell):
    plain = dict(layer_of(SMALL, cell).named_parameters())
    model = build_model(Race(hidden=5, length=6, seed=7, forget=1.5, layernorm=True, residual=True), cell)
    assert isinstance(model.rnn, CellModule)
    assert model.rnn.layernorm
    assert model.rnn.residual
    for name, value in plain.items():
        assert torch.equal(model.rnn.get_parameter(name.removesuffix("_l0")), value)


def test_the_head_is_the_same_for_every_cell_and_filled_as_pytorch_does():
    heads = [build_model(SMALL, cell).head for cell in CELLS]
    assert all(torch.equal(head.weight, heads[0].weight) for head in heads)
    assert all(torch.equal(head.bias, heads[0].bias) for head in heads)
    assert not torch.equal(build_model(Race(hidden=5, seed=8), "gru").head.weight, heads[0].weight)
    with torch.random.fork_rng():
        torch.manual_seed(50_000 + SMALL.seed)
        theirs = nn.Linear(5, 1)
    torch.testing.assert_close(heads[0].weight, theirs.weight, rtol=1e-6, atol=0)
    torch.testing.assert_close(heads[0].bias, theirs.bias, rtol=1e-6, atol=0)


def test_weights_open_only_with_their_settings():
    model = build_model(SMALL, "lstm")
    with torch.no_grad():
        model.head.bias.fill_(3.5)
    again = model_of(SMALL, "lstm", model.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
    assert again.head.bias.data_ptr() != model.head.bias.data_ptr()
    for cell, race in (("gru", SMALL), ("lstm", Race(hidden=6)), ("lstm", Race(hidden=5, layernorm=True))):
        with pytest.raises(ValueError, match="expected the weights of a"):
            model_of(race, cell, model.state_dict())
    with pytest.raises(ValueError, match="cell must be one of"):
        build_model(SMALL, "nothing")


def test_looking_at_epochs_needs_no_torch():
    code = "import sys, rnnviz.training.epoch; assert 'fit' in dir(rnnviz.training); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    for name in training.__all__:
        assert callable(getattr(training, name))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        training.nothing  # noqa: B018
