"""What is drawn of one sequence: the numbers of the network, and of the task."""

import pytest
import torch

from rnnviz.attention.config import ATTENDING, CONTEXTS, PairConfig, PoolConfig
from rnnviz.attention.observed import look_pair, look_pooled
from rnnviz.attention.pooling import build_pooled
from rnnviz.attention.seq2seq import build_pair
from rnnviz.tasks import pairs, pooled

ALL = tuple(name for name, _ in CONTEXTS[3:])


def pool(task="keyword", **more):
    config = PoolConfig(task=task, length=9, hidden=6, **more)
    return config, build_pooled(config).state_dict()


def pair(context="concat", **more):
    config = PairConfig(contexts=(context,), length=5, hidden=8, **more)
    return config, build_pair(config, context).state_dict()


@pytest.mark.parametrize("task", list(pooled.FAMILIES))
def test_a_pooled_sequence(task):
    config, tensors = pool(task)
    model, test = build_pooled(config), pooled.task_of(config).test
    with torch.inference_mode():
        seen = look_pooled(config, tensors, 7)
    assert seen.x.shape == (9, len(seen.channels))
    assert torch.equal(seen.x, test.x[:, 7])
    assert len(seen.labels) == 9
    torch.testing.assert_close(seen.h, model.rnn(test.x)[0][:, 7].detach())
    torch.testing.assert_close(seen.scores, (seen.h @ tensors["pool.score.weight"][0]))
    torch.testing.assert_close(seen.weights, seen.scores.softmax(0))
    torch.testing.assert_close(seen.context, (seen.weights[:, None] * seen.h).sum(0))
    head = seen.context @ tensors["head.weight"].T + tensors["head.bias"]
    torch.testing.assert_close(seen.probabilities, head.softmax(0))
    assert seen.entropy == pytest.approx(-(seen.weights * seen.weights.log()).sum().item(), rel=1e-5)
    assert (seen.at, seen.truth) == (int(test.at[7]), seen.outputs[int(test.y[7])])
    assert seen.said == seen.outputs[int(head.argmax())]
    assert seen.right == (seen.said == seen.truth)
    assert (seen.levels is None) == (seen.level == "") == (task == "keyword")
    assert not seen.h.requires_grad


@pytest.mark.parametrize("encoder", ["lstm", "positions"])
@pytest.mark.parametrize("context", ALL)
def test_a_source_of_the_test(context, encoder):
    config, tensors = pair(context, encoder=encoder)
    model, task = build_pair(config, context), pairs.task_of(config)
    with torch.inference_mode():
        seen = look_pair(config, context, tensors, 3)
    test = task.test(5)
    assert "".join(seen.source) == task.source_text(test.source[:, 3])
    assert seen.truth == (*seen.source[::-1], task.alphabet_out[-1])
    assert seen.at == (4, 3, 2, 1, 0, None)
    said = model.say(test.source, 9)
    M = len(seen.said)
    assert [task.alphabet_out.index(symbol) for symbol in seen.said] == said.tokens[:M, 3].tolist()
    assert seen.said.index(seen.alphabet[-1]) == M - 1 if seen.alphabet[-1] in seen.said else M == 9
    torch.testing.assert_close(seen.probabilities, said.logits[:M, 3].softmax(-1))
    assert [row.argmax() for row in seen.probabilities] == [seen.alphabet.index(s) for s in seen.said]
    assert seen.right == tuple(k < 6 and s == seen.truth[k] for k, s in enumerate(seen.said))
    assert seen.exact == (seen.said == seen.truth)
    assert (len(seen.encoded), len(seen.states), len(seen.contexts)) == (5, M, M)
    if context in ATTENDING:
        torch.testing.assert_close(seen.weights.sum(1), torch.ones(M))
        torch.testing.assert_close(seen.weights @ seen.encoded, seen.contexts)
        torch.testing.assert_close(seen.entropy, -(seen.weights * seen.weights.log()).sum(1))
    else:
        assert seen.weights is seen.entropy is None
        assert all(torch.equal(row, seen.contexts[0]) for row in seen.contexts)
    assert (seen.example, seen.trained) == (3, (2, 5))


def test_a_source_of_ones_own():
    config, tensors = pair()
    seen = look_pair(config, "concat", tensors, "HA bed")
    assert (seen.source, seen.example) == (("h", "a", "b", "e", "d"), None)
    assert "".join(seen.truth[:-1]) == "debah"
    config, tensors = pair(task="dates")
    seen = look_pair(config, "concat", tensors, "3 may 2021")
    assert "".join(seen.truth[:-1]) == "2021-05-03"
    assert len(seen.weights[0]) == len(seen.source) == 10


def test_dates_come_in_all_lengths():
    config, tensors = pair(task="dates")
    found = {len(look_pair(config, "concat", tensors, k).source) for k in range(32)}
    assert found == set(pairs.task_of(config).lengths)


def test_what_cannot_be_looked_at_is_said():
    config, tensors = pool()
    with pytest.raises(ValueError, match="expected an example from 0 to 31, got 32"):
        look_pooled(config, tensors, 32)
    with pytest.raises(ValueError, match="expected the weights"):
        look_pooled(PoolConfig(task="keyword", length=9, hidden=7), tensors)
    config, tensors = pair()
    with pytest.raises(ValueError, match="expected an example from 0 to 31, got -1"):
        look_pair(config, "concat", tensors, -1)
    with pytest.raises(ValueError, match='letters from a to h, got "xyz"'):
        look_pair(config, "concat", tensors, "xyz")
    with pytest.raises(ValueError, match="expected one of the contexts concat, got 'last'"):
        look_pair(config, "last", tensors)
    with pytest.raises(ValueError, match="expected the weights"):
        look_pair(config, "concat", {})
