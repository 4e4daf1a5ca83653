"""The networks: real PyTorch layers, read where they should be read, filled from a generator of their own."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from rnnviz.forecast.config import NETWORKS, TUTORIAL, ForecastConfig
from rnnviz.forecast.networks import Forecaster, forecaster_of

NAMES = [name for name, _ in NETWORKS]


def config(network="lstm", **settings):
    return ForecastConfig(network=network, **{"hidden": 5, "mode": "levels", **settings})


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("network", NAMES)
def test_parity_with_plain_pytorch(network, layers):
    model = Forecaster(config(network, layers=layers)).double()
    kind = {"rnn": nn.RNN, "gru": nn.GRU}.get(network, nn.LSTM)
    plain = kind(1, 5, layers, bidirectional=network == "bilstm").double()  # time first
    plain.load_state_dict(model.rnn.state_dict())
    x = draw(4, 9, 1).requires_grad_()
    output = plain(x.transpose(0, 1))[0]  # (W, B, directions * H)
    match network:
        case "bilstm":
            seen = torch.cat([output[-1, :, :5], output[0, :, 5:]], 1)
        case "attention":
            weights = torch.softmax(output @ model.pool.score.weight[0], 0)
            seen = (weights[..., None] * output).sum(0)
        case _:
            seen = output[-1]
    theirs = nn.functional.linear(seen, model.head.weight, model.head.bias)[:, 0]
    mine = model(x)
    assert mine.shape == (4,)
    torch.testing.assert_close(mine, theirs, rtol=1e-12, atol=1e-12)
    one, other = (torch.autograd.grad(y.square().sum(), x, retain_graph=True)[0] for y in (mine, theirs))
    torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("network", NAMES)
def test_an_untrained_network_of_returns_says_no_more_than_the_mean(network):
    model = Forecaster(config(network, mode="returns"))
    assert model(draw(6, 8, 1).float()).eq(0).all()
    assert model(draw(6, 8, 1).float()).requires_grad
    assert Forecaster(config(network))(draw(6, 8, 1).float()).abs().min() > 0


def test_the_layers_are_those_that_were_asked_for():
    kinds = {name: type(Forecaster(config(name)).rnn) for name in NAMES}
    assert kinds == {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU, "bilstm": nn.LSTM, "attention": nn.LSTM}
    assert [name for name in NAMES if Forecaster(config(name)).pool is not None] == ["attention"]
    tutorial = Forecaster(TUTORIAL)
    assert (tutorial.rnn.num_layers, tutorial.rnn.hidden_size, tutorial.rnn.batch_first) == (2, 64, True)
    # 4 gates x (64 x (1 + 64) + 128), 4 x (64 x 128 + 128), 65 in the head
    assert sum(p.numel() for p in tutorial.parameters()) == 17152 + 33280 + 65


def test_weights_come_from_the_seed_alone():
    before = torch.get_rng_state()
    first, again = Forecaster(config()).state_dict(), Forecaster(config()).state_dict()
    other = Forecaster(config(seed=1)).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not any(torch.equal(first[name], other[name]) for name in first)
    bound = 5**-0.5
    values = torch.cat([value.flatten() for value in first.values()])
    assert values.abs().max() <= bound
    assert values.abs().max() > 0.9 * bound


def test_weights_open_with_their_own_settings_only():
    model = Forecaster(config("gru"))
    x = draw(3, 6, 1).float()
    opened = forecaster_of(config("gru"), model.state_dict())
    assert torch.equal(opened(x), model(x))
    with pytest.raises(ValueError, match="expected the weights of a 'gru' with these settings"):
        forecaster_of(config("gru", hidden=6), model.state_dict())
    with pytest.raises(ValueError, match="expected the weights of a 'lstm'"):
        forecaster_of(replace(config("gru"), network="lstm"), model.state_dict())
