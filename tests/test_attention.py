"""Attention: against a plain composition of PyTorch's own parts, values and gradients."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.attention import PoolingAttention, attend


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
