"""Attention: against a plain composition of PyTorch's own parts, values and gradients."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.attention import PoolConfig, PoolingAttention, attend, build_pooled, pooled_of


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def pooling(hidden, seed=0):
    pool = PoolingAttention(hidden).double()
    with torch.no_grad():
        pool.score.weight.copy_(draw(1, hidden, seed=seed + 1))
    return pool


def test_pooling_is_the_plain_composition():
    pool, h = pooling(7), draw(5, 11, 7).requires_grad_()
    context, weights = pool(h)
    plain = h.detach().clone().requires_grad_()
    expected = nn.Softmax(dim=1)(nn.functional.linear(plain, pool.score.weight.detach()))  # (B, T, 1)
    theirs = torch.einsum("bto,bth->bh", expected, plain)
    torch.testing.assert_close(context, theirs, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(weights, expected[..., 0], rtol=1e-12, atol=1e-12)
    context.square().sum().backward()
    theirs.square().sum().backward()
    torch.testing.assert_close(h.grad, plain.grad, rtol=1e-10, atol=1e-12)


def test_it_is_scaled_dot_product_attention_with_one_query():
    pool, h = pooling(6, seed=4), draw(3, 9, 6, seed=5)
    query = (pool.score.weight * 6**0.5).expand(3, 1, 6)
    theirs = nn.functional.scaled_dot_product_attention(query, h, h)
    torch.testing.assert_close(pool(h).context, theirs[:, 0], rtol=1e-12, atol=1e-12)


def test_its_gradient_is_right():
    pool = pooling(3)
    assert torch.autograd.gradcheck(lambda h: pool(h).context, [draw(2, 4, 3).requires_grad_()])


@given(st.integers(1, 4), st.integers(1, 12), st.integers(1, 5), st.floats(0.01, 300))
def test_weights_sum_to_one_and_the_context_lies_among_the_states(B, T, H, size):
    pool, h = pooling(H), size * draw(B, T, H, seed=B + T)
    context, weights = pool(h)
    assert weights.shape == (B, T)
    torch.testing.assert_close(weights.sum(1), torch.ones(B, dtype=torch.float64), rtol=0, atol=1e-12)
    assert (weights >= 0).all()
    assert (context <= h.amax(1) + 1e-9 * size).all()
    assert (context >= h.amin(1) - 1e-9 * size).all()


def test_equal_scores_give_the_mean_and_one_large_score_gives_that_state():
    h = draw(2, 6, 4)
    torch.testing.assert_close(attend(torch.full((2, 6), 3.0, dtype=torch.float64), h).context, h.mean(1))
    scores = torch.zeros(2, 6, dtype=torch.float64)
    scores[:, 2] = 1000
    assert torch.equal(attend(scores, h).context, h[:, 2])


def test_the_order_of_the_steps_does_not_matter():
    pool, h = pooling(5), draw(2, 8, 5)
    order = torch.randperm(8, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(pool(h[:, order]).context, pool(h).context)
    torch.testing.assert_close(pool(h[:, order]).weights, pool(h).weights[:, order])


def test_many_queries_look_at_the_same_places():
    """As a decoder will: a row of weights for each of its steps."""
    scores, values = draw(3, 4, 9), draw(3, 9, 5)
    context, weights = attend(scores, values.unsqueeze(1))
    assert context.shape == (3, 4, 5)
    torch.testing.assert_close(context, weights @ values, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(context[:, 2], attend(scores[:, 2], values).context)


def test_a_score_has_no_bias():
    assert [name for name, _ in PoolingAttention(4).named_parameters()] == ["score.weight"]


def test_what_does_not_fit_is_refused():
    with pytest.raises(Exception, match=r"\bh\b|shape"):
        PoolingAttention(4)(draw(3, 4))


LAYER = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


@pytest.mark.parametrize("cell", LAYER)
def test_a_pooled_model_is_the_plain_composition(cell):
    model = build_pooled(PoolConfig(cell=cell, task="marked", length=7, hidden=6)).double()
    rnn = LAYER[cell](9, 6).double()
    rnn.load_state_dict(model.rnn.state_dict())
    x = draw(7, 4, 9)
    h = rnn(x)[0]
    weights = torch.stack([(h[t] * model.pool.score.weight).sum(1) for t in range(7)], 1).softmax(1)
    context = sum(weights[:, t : t + 1] * h[t] for t in range(7))
    found = model(x)
    torch.testing.assert_close(found.h, h, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(found.weights, weights, rtol=1e-12, atol=1e-12)
    expected = context @ model.head.weight.T + model.head.bias
    torch.testing.assert_close(found.output, expected, rtol=1e-12, atol=1e-12)
    ours = torch.autograd.grad(found.output.square().sum(), list(model.rnn.parameters()))
    theirs = torch.autograd.grad(expected.square().sum(), list(rnn.parameters()))
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-9, atol=1e-12)


def test_sequences_of_a_batch_do_not_see_each_other():
    model = build_pooled(PoolConfig(length=9, hidden=5)).double()
    x, order = draw(9, 5, 8), torch.tensor([2, 0, 4, 1, 3])
    found, moved = model(x), model(x[:, order])
    torch.testing.assert_close(moved.output, found.output[order], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(moved.weights, found.weights[order], rtol=1e-12, atol=1e-12)


def test_the_seed_decides_the_weights_and_the_global_generator_is_left_alone():
    before = torch.get_rng_state()
    one, again = (build_pooled(PoolConfig(seed=3)).state_dict() for _ in range(2))
    other = build_pooled(PoolConfig(seed=4)).state_dict()
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not any(torch.equal(one[name], other[name]) for name in one)
    assert torch.equal(before, torch.get_rng_state())


def test_weights_come_back_and_those_of_other_settings_are_refused():
    tensors = {name: value + 1 for name, value in build_pooled(PoolConfig()).state_dict().items()}
    loaded = pooled_of(PoolConfig(), tensors).state_dict()
    assert all(torch.equal(loaded[name], tensors[name]) for name in tensors)
    with pytest.raises(ValueError, match="expected the weights of a 'lstm' with pooling attention"):
        pooled_of(PoolConfig(hidden=16), tensors)
