"""Inside a cell: gates and states are the trace's own numbers, what lies between follows from the graph."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from rnnviz.dataflow import evaluate, flow_of
from rnnviz.gradients import gradients
from rnnviz.inside import Inside, inside
from rnnviz.modules import CellModule
from rnnviz.registry import CELLS
from rnnviz.trace import LayerTrace, trace
from rnnviz.ui.cell import weights_words, words
from rnnviz.ui.findings import number, share

FLOAT64 = torch.float64
T, B, D, H = 6, 3, 2, 4


def drawn(*shape: int, seed: int = 0, dtype: torch.dtype = FLOAT64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def module(
    cell: str, dtype: torch.dtype = FLOAT64, *, layernorm: bool = False, residual: bool = False
) -> CellModule:
    """A cell with all parameters drawn, those of norms too."""
    made = CellModule(cell, D, H, dtype=dtype, layernorm=layernorm, residual=residual)
    with torch.no_grad():
        for k, parameter in enumerate(made.parameters()):
            parameter.copy_(drawn(*parameter.shape, seed=k, dtype=dtype))
    return made


@pytest.mark.parametrize("residual", [False, True], ids=["", "residual"])
@pytest.mark.parametrize("layernorm", [False, True], ids=["", "layernorm"])
@pytest.mark.parametrize("cell", CELLS)
def test_every_number_is_the_traces_or_follows_from_it(cell: str, layernorm: bool, residual: bool) -> None:
    made, x = module(cell, layernorm=layernorm, residual=residual), drawn(T, B, D, seed=20)
    start = tuple(drawn(B, H, seed=30 + k) for k in range(len(CELLS[cell].states)))
    (layer,) = trace(made, x, start).layers
    seen = inside(layer, x, sequence=1)
    assert seen.nodes == flow_of(cell, layernorm=layernorm, residual=residual)
    assert set(seen.values) == {node.name for node in seen.nodes}
    assert all(value.dtype is FLOAT64 for value in seen.values.values())
    own = {**layer.gates, "h": layer.h, **({} if layer.c is None else {"c": layer.c})}
    for name, value in own.items():
        assert torch.equal(seen.values[name], value[:, 1])
    for name, first in zip(CELLS[cell].states, start, strict=True):
        assert torch.equal(seen.values[f"{name}_before"][0], first[1])
        assert torch.equal(seen.values[f"{name}_before"][1:], own[name][:-1, 1])
    assert torch.equal(seen.values["x"], x[:, 1])
    before = tuple(seen.values[f"{name}_before"] for name in CELLS[cell].states)
    found = evaluate(cell, made.params, x[:, 1], before, layernorm=layernorm, residual=residual)
    for name, value in found.items():
        torch.testing.assert_close(seen.values[name], value.detach(), rtol=0, atol=1e-12)
    assert set(seen.params) == set(made.params)
    assert seen.gradients == {}


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("dtype", [torch.float32, FLOAT64])
def test_the_upper_layer_of_a_fused_module(kind: Callable[..., nn.RNNBase], dtype: torch.dtype) -> None:
    torch_module = kind(D, H, num_layers=2, dtype=dtype)
    with torch.no_grad():
        for k, parameter in enumerate(torch_module.parameters()):
            parameter.copy_(drawn(*parameter.shape, seed=k, dtype=dtype))
    x = drawn(T, B, D, seed=20, dtype=dtype)
    lower, upper = trace(torch_module, x).layers
    seen = inside(upper, lower.h, gradients(torch_module, x).layers[1], sequence=2)
    assert all(value.dtype is dtype for value in seen.values.values())
    assert torch.equal(seen.values["x"], lower.h[:, 2])
    assert torch.equal(seen.values["h"], upper.h[:, 2])
    assert not seen.values["h_before"][0].any()
    again = evaluate(
        upper.cell,
        seen.params,
        seen.values["x"],
        tuple(seen.values[f"{name}_before"] for name in CELLS[upper.cell].states),
    )
    for name, value in again.items():
        torch.testing.assert_close(seen.values[name], value.detach(), rtol=0, atol=1e-5)
    # The gradient of the sum of the last step's output is 1 there, for every unit.
    torch.testing.assert_close(seen.gradients["h"][-1], torch.ones(H, dtype=dtype))
    assert set(seen.gradients) == set(CELLS[upper.cell].states)
    for name, gradient in seen.gradients.items():
        torch.testing.assert_close(seen.norms[name], gradient.norm(dim=1))
        assert not seen.lost[name].any()
    assert seen.scored == (T - 1,)


def test_the_steps_that_a_loss_counts() -> None:
    made, x = module("gru"), drawn(T, B, D, seed=20)
    (layer,), (back,) = trace(made, x).layers, gradients(made, x, lambda output: output[2].sum()).layers
    assert inside(layer, x, back).scored == (2,)
    assert inside(layer, x, back, scored=[4, 1]).scored == (1, 4)


def test_layers_that_have_no_cell_to_show() -> None:
    x = drawn(T, B, D)
    _, backwards = trace(nn.GRU(D, H, bidirectional=True, dtype=FLOAT64), x).layers
    (projected,) = trace(nn.LSTM(D, H, proj_size=2, dtype=FLOAT64), x).layers
    layers: list[LayerTrace] = [backwards, projected]
    for layer in layers:
        with pytest.raises(
            ValueError, match="expected a layer that reads forwards, with as many numbers in h"
        ):
            inside(layer, x)


def test_over_a_state_that_is_no_number_no_gradient_comes_back() -> None:
    # A ReLU that is given NaN lets every gradient through, as if it were open.
    made = module("rnn_relu", torch.float32)
    with torch.no_grad():
        made.weight_hh.copy_(1e15 * torch.randn(H, H, generator=torch.Generator().manual_seed(1)))
    x = drawn(T, 1, D, seed=20, dtype=torch.float32)
    (layer,) = trace(made, x).layers
    whole = layer.h[:, 0].isfinite().all(1)
    assert whole[1]
    assert not whole[T - 2]
    for at, known in ((T - 1, [T - 1]), (1, list(range(T)))):
        found = gradients(made, x, lambda out, at=at: out[at].sum()).layers[0]
        seen = inside(layer, x, found, scored=(at,))
        assert seen.norms["h"].isfinite().nonzero().flatten().tolist() == known
        assert seen.gradients["h"].isfinite().all(1).nonzero().flatten().tolist() == known
        assert not seen.lost["h"][0]


def taken_apart(cell: str, *, layernorm: bool = False, residual: bool = False) -> tuple[Inside, LayerTrace]:
    made, x = module(cell, layernorm=layernorm, residual=residual), drawn(T, 1, D, seed=20)
    (layer,) = trace(made, x, tuple(drawn(1, H, seed=30) for _ in CELLS[cell].states)).layers
    return inside(layer, x), layer


@pytest.mark.parametrize("cell", ["rnn", "gru", "mingru"])
def test_a_residual_connection_keeps_h_whatever_else_is_said(cell: str) -> None:
    seen, layer = taken_apart(cell, residual=True)
    text = " ".join(words.cell(seen, layer))
    assert "A residual connection keeps all of <i>h</i>" in text
    assert "No gate keeps anything" not in text
    assert "flows into the new" not in text
    old, new = seen.values["h_before"], seen.values["added"]
    torch.testing.assert_close(seen.values["h"], old + new, rtol=0, atol=1e-12)
    if cell != "rnn":
        sizes = [float(seen.values[name].abs().mean()) for name in ("kept", "taken")]
        assert f"<b>{share(sizes[0] / sum(sizes))}</b>" in text
    else:
        assert f"<b>{number(float(new.square().mean().sqrt()))}</b>" in text


def test_of_an_h_that_is_mixed_no_curve_is_told() -> None:
    # z near 1 keeps h near 1 with all its gradient: no tanh is flat there.
    seen, layer = taken_apart("gru")
    assert "<i>h</i>" not in words.cell(seen, layer)[-1]
    seen, layer = taken_apart("lstm")
    flat = float((seen.values["bounded"].abs() > 0.9).double().mean())
    assert f"tanh <i>c</i> {share(flat)}" in " ".join(words.cell(seen, layer))


@pytest.mark.parametrize("changes", [{"layernorm": True}, {"residual": True}])
def test_a_changed_cell_has_no_licence_to_vanish(changes: dict[str, bool]) -> None:
    assert "must vanish" in weights_words.licence(taken_apart("rnn")[0])[0]
    (text,) = weights_words.licence(taken_apart("rnn", **changes)[0])
    assert "must vanish" not in text
    assert ("1 − <i>z</i>" in weights_words.scaled(taken_apart("mingru")[0], 1)[0]) is True
    assert ("2 − <i>z</i>" in weights_words.scaled(taken_apart("mingru", residual=True)[0], 1)[0]) is True
