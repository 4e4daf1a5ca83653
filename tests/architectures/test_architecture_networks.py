"""The gallery's networks against loops of PyTorch's single steps, in float64: answers, states and gradients."""

import copy

import pytest
import torch
from by_hand import by_hand
from torch import nn

from rnnviz.architectures import ARCHITECTURES, Shape, build_model, model_of, problem_of
from rnnviz.architectures.model import LAYERS, NETWORKS, sizes_of
from rnnviz.architectures.watched import watch
from rnnviz.attention import PoolingAttention

KINDS = [kind for kind, _ in ARCHITECTURES]
PLAIN = [kind for kind in KINDS if kind != "layernorm"]


def doubled(shape):
    problem, model = problem_of(shape), build_model(shape).double()
    x, y = problem.shown
    return problem, model, x.double(), y.double() if problem.kind == "regression" else y


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_every_network_is_a_loop_of_single_steps(kind, cell):
    shape = Shape(kind, cell=cell, length=7, hidden=5, batch=3, layers=3, seed=2)
    _, model, x, _ = doubled(shape)
    expected, _ = by_hand(shape, model, x)
    torch.testing.assert_close(model(x), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_gradients_at_every_state_are_those_of_the_loop(kind, cell):
    shape = Shape(kind, cell=cell, length=6, hidden=4, batch=2, layers=2, seed=1)
    problem, model, x, y = doubled(shape)
    answer, lists = by_hand(shape, model, x)
    wanted = [h for one in lists for h in one]
    theirs = torch.autograd.grad(problem.loss(answer, y), wanted)
    observed = copy.deepcopy(model)
    layers = watch(observed)
    ours = [h for layer in layers for one in layer.h for h in one] or None
    assert ours is None
    loss = problem.loss(observed(x), y)
    ours = [h for layer in layers for one in layer.h for h in one]
    assert len(ours) == len(wanted)
    for h, g, expected, reference in zip(ours, torch.autograd.grad(loss, ours), theirs, wanted, strict=True):
        torch.testing.assert_close(h, reference, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(g, expected, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_those_that_pytorch_draws_from_the_seed(kind):
    shape = Shape(kind, length=6, hidden=5, layers=3, seed=11)
    before = torch.random.get_rng_state()
    model = build_model(shape)
    assert torch.equal(torch.random.get_rng_state(), before)
    if kind == "layernorm":
        return  # PyTorch has no such layer; the script's test compares its weights
    with torch.random.fork_rng():
        torch.manual_seed(11)
        theirs = NETWORKS[kind](LAYERS["lstm"], **sizes_of(shape))
    for name, value in theirs.state_dict().items():
        assert torch.equal(model.state_dict()[name], value), name


def test_attention_on_top_is_pooling_attention():
    shape = Shape("attention", length=9, hidden=6, seed=4)
    _, model, x, _ = doubled(shape)
    pool = PoolingAttention(6).double()
    pool.score.weight.data = model.score.weight.data
    h, _ = model.rnn(x)
    torch.testing.assert_close(model(x), model.head(pool(h.transpose(0, 1)).context), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_layer_norm_hides_how_loud_a_sequence_is(cell):
    shape = Shape("layernorm", cell=cell, length=8, hidden=6, seed=3)
    _, model, x, _ = doubled(shape)
    x = x / x.abs().amax(0)
    h, _ = model.rnn(x.sign() * (10 + x.abs()))
    louder, _ = model.rnn(100 * x.sign() * (10 + x.abs()))
    torch.testing.assert_close(h, louder, rtol=1e-3, atol=1e-4)
    plain = build_model(Shape("n_to_1", cell=cell, length=8, hidden=6, seed=3)).double()
    assert (plain.rnn(10 * x)[0] - plain.rnn(100 * x)[0]).abs().max() > 0.1


def test_layer_norm_is_ba_s_formula():
    """Equation 4 of Ba et al. 2016 for the RNN: one norm over all that comes in."""
    shape = Shape("layernorm", cell="rnn", length=5, hidden=6, seed=3)
    _, model, x, _ = doubled(shape)
    p, h = model.rnn.params, torch.zeros(shape.batch, 6, dtype=torch.float64)
    for x_t in x:
        a = x_t @ p["weight_ih"].T + h @ p["weight_hh"].T
        a = (a - a.mean(1, keepdim=True)) / (a.var(1, unbiased=False, keepdim=True) + 1e-5).sqrt()
        h = torch.tanh(p["gain_a"] * a + p["bias_ih"] + p["bias_hh"])
    torch.testing.assert_close(model(x), model.head(h), rtol=1e-10, atol=1e-12)


def test_in_a_layer_norm_rnn_a_loud_input_drowns_the_state():
    shape = Shape("layernorm", cell="rnn", length=6, hidden=6, seed=3)
    _, model, x, _ = doubled(shape)
    h, _ = model.rnn(1e5 * x)
    alone, _ = model.rnn(1e5 * x[-1:])
    torch.testing.assert_close(h[-1], alone[0], rtol=0, atol=0.001)
    assert (model.rnn(x)[0][-1] - model.rnn(x[-1:])[0][0]).abs().max() > 0.1


def test_a_residual_layer_has_the_jacobian_i_plus_df():
    shape = Shape("residual", length=1 + 3, hidden=4, layers=1, batch=1, seed=6)
    _, model, _, _ = doubled(shape)
    r = torch.randn(4, 1, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def f(below):
        return model.layers[0](below)[0]

    dF = torch.autograd.functional.jacobian(f, r)
    whole = torch.autograd.functional.jacobian(lambda below: below + f(below), r)
    identity = torch.eye(16, dtype=torch.float64)
    torch.testing.assert_close(whole.reshape(16, 16), identity + dF.reshape(16, 16), rtol=0, atol=1e-12)


def test_weights_of_another_shape_are_refused():
    tensors = build_model(Shape("n_to_n", hidden=8)).state_dict()
    with pytest.raises(
        ValueError, match=r"expected the weights of the architecture 'n_to_n'.*open them with"
    ):
        model_of(Shape("n_to_n", hidden=9), tensors)
    with pytest.raises(ValueError, match="expected the weights"):
        model_of(Shape("stacked", hidden=8), tensors)


def test_the_layers_are_pytorch_s_own():
    assert {type(one) for one in build_model(Shape("stacked", cell="gru")).modules()} >= {nn.GRU, nn.Linear}
