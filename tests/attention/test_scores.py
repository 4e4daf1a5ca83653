"""How well a query fits a key: against the equations, place by place."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.attention import SCORES, attend
from rnnviz.attention.config import ATTENDING

SIZE = 4


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def made(name, query=5, key=5, seed=9):
    score = SCORES[name](query, key, SIZE).double()
    with torch.no_grad():
        for k, parameter in enumerate(score.parameters()):
            parameter.copy_(draw(*parameter.shape, seed=seed + k))
    return score


def plain(name, score, s, h):
    """The score of one state of the decoder and one of the encoder, as the papers write it."""
    if name == "dot":
        return s @ h
    if name == "general":
        return s @ score.W.weight @ h
    if name == "concat":
        return score.v.weight[0] @ torch.tanh(score.W.weight @ torch.cat([s, h]))
    return score.v.weight[0] @ torch.tanh(score.W_q.weight @ s + score.W_k.weight @ h)


def test_every_kind_of_attention_has_its_score():
    assert tuple(SCORES) == ATTENDING


@pytest.mark.parametrize("name", SCORES)
@pytest.mark.parametrize("key", [5, 3])
def test_it_is_the_equation_in_values_and_gradients(name, key):
    if name == "dot" and key != 5:
        return
    score, s, h = made(name, key=key), draw(2, 5).requires_grad_(), draw(2, 6, key, seed=1).requires_grad_()
    found = score(s, h)
    theirs = torch.stack(
        [torch.stack([plain(name, score, s[b], h[b, j]) for j in range(6)]) for b in range(2)]
    )
    torch.testing.assert_close(found, theirs, rtol=1e-12, atol=1e-12)
    leaves = [s, h, *score.parameters()]
    for ours, other in zip(
        torch.autograd.grad(found.square().sum(), leaves),
        torch.autograd.grad(theirs.square().sum(), leaves),
        strict=True,
    ):
        torch.testing.assert_close(ours, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", SCORES)
def test_many_queries_look_at_the_same_keys(name):
    score, queries, keys = made(name), draw(4, 3, 5), draw(3, 7, 5, seed=1)
    found = score(queries, keys)
    assert found.shape == (4, 3, 7)
    for t in range(4):
        torch.testing.assert_close(found[t], score(queries[t], keys), rtol=1e-12, atol=1e-12)
    context, weights = attend(found, keys)
    assert context.shape == (4, 3, 5)
    torch.testing.assert_close(context[2], attend(found[2], keys).context, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(weights.sum(-1), torch.ones(4, 3, dtype=torch.float64), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", SCORES)
@given(st.integers(0, 99), st.permutations(range(6)))
def test_keys_in_another_order_give_the_weights_in_that_order(name, seed, order):
    score, query, keys = made(name), draw(2, 5, seed=seed), draw(2, 6, 5, seed=seed + 1)
    context, weights = attend(score(query, keys), keys)
    moved = attend(score(query, keys[:, order]), keys[:, order])
    torch.testing.assert_close(moved.weights, weights[:, order], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(moved.context, context, rtol=1e-12, atol=1e-12)


def test_concat_is_bahdanau_with_its_matrices_side_by_side():
    ours, theirs = made("concat", key=3), made("bahdanau", key=3)
    with torch.no_grad():
        ours.W.weight.copy_(torch.cat([theirs.W_q.weight, theirs.W_k.weight], 1))
        ours.v.weight.copy_(theirs.v.weight)
    query, keys = draw(2, 5), draw(2, 6, 3, seed=1)
    torch.testing.assert_close(ours(query, keys), theirs(query, keys), rtol=1e-12, atol=1e-12)


def test_general_with_the_identity_is_dot():
    score, query, keys = made("general"), draw(2, 5), draw(2, 6, 5, seed=1)
    with torch.no_grad():
        score.W.weight.copy_(torch.eye(5))
    torch.testing.assert_close(score(query, keys), made("dot")(query, keys), rtol=1e-12, atol=1e-12)


def test_dot_needs_one_size():
    with pytest.raises(ValueError, match="one size, got 5 and 3; take the score 'general'"):
        SCORES["dot"](5, 3, SIZE)
