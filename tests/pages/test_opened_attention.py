"""The layer under pooling attention on /gates, /states and /gradients: its own numbers on the task's sequences."""

import numpy as np
import pytest
import torch
from attenders import QUICK, compute, started, store
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from visitor import Visitor

from rnnviz.attention import PoolConfig
from rnnviz.attention.pooling import build_pooled
from rnnviz.attention.traced import observe_pooled
from rnnviz.runs import Runs
from rnnviz.tasks.pooled import task_of

__all__ = ["store"]


def by_hand(config: PoolConfig, tensors: dict[str, Tensor], example: int) -> tuple[Tensor, Tensor, float]:
    """States (T, H), their gradients (T, H) and the loss, by autograd over single steps of a GRU cell."""
    test = task_of(config).test
    cell = nn.GRUCell(test.x.shape[2], config.hidden)
    cell.load_state_dict({n[4:].removesuffix("_l0"): t for n, t in tensors.items() if n.startswith("rnn.")})
    h, states = torch.zeros(1, config.hidden), []
    for x in test.x[:, example : example + 1]:
        h = cell(x, h)
        states.append(h)
    stacked = torch.cat(states)
    weights = torch.softmax(stacked @ tensors["pool.score.weight"][0], 0)
    output = (weights @ stacked) @ tensors["head.weight"].T + tensors["head.bias"]
    loss = cross_entropy(output[None], test.y[example : example + 1])
    return stacked.detach(), torch.cat(torch.autograd.grad(loss, states)), loss.item()


@pytest.mark.parametrize("example", [0, 31])
def test_what_is_observed_is_what_autograd_finds(example: int) -> None:
    tensors = build_pooled(QUICK).state_dict()
    seen = observe_pooled(QUICK, tensors, example)
    states, grads, loss = by_hand(QUICK, tensors, example)
    torch.testing.assert_close(seen.trace.layers[0].h[:, 0], states, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(seen.gradients.layers[0].h[:, 0], grads, rtol=1e-3, atol=1e-7)
    assert seen.gradients.loss == pytest.approx(loss, rel=1e-5)
    assert seen.weights.sum().item() == pytest.approx(1)


def test_the_trained_layer_opens_on_each_page(store: Runs) -> None:
    visitor = started()
    assert "Open the layer in" not in visitor.html
    compute(store)
    assert "Open the layer in" in visitor.run().html
    id = visitor.address["pooled"]
    for page in ("gates", "states", "gradients"):
        opened = Visitor(page, model=id, cell="gru")
        assert "under attention" in opened.html
        assert "Attention weighs step" in opened.html or page == "gradients"
        opened.drag("example", 31)
    seen = observe_pooled(QUICK, store.weights(id, "after"), 31)
    norms = seen.gradients.layers[0].h_norm
    (curve,) = [
        line for line in opened.chart("gradients")["data"] if str(line.get("name")).startswith("GRU")
    ][:1]
    drawn = np.asarray(curve["y"], dtype=np.float64)
    np.testing.assert_allclose(drawn[np.isfinite(drawn)], norms[: np.isfinite(drawn).sum()], rtol=1e-4)
