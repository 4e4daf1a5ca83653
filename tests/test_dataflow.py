"""The graph of every cell computes what its step function does, and each node stands after its operands."""

from __future__ import annotations

import pytest
import torch

from rnnviz.dataflow import evaluate, flow_of
from rnnviz.modules import CellModule
from rnnviz.registry import CELLS
from rnnviz.variants import step_of


@pytest.mark.parametrize("bare", [False, True], ids=["", "bare"])
@pytest.mark.parametrize("residual", [False, True], ids=["", "residual"])
@pytest.mark.parametrize("layernorm", [False, True], ids=["", "layernorm"])
@pytest.mark.parametrize("cell", CELLS)
def test_the_graph_says_what_the_step_function_does(
    cell: str, layernorm: bool, residual: bool, bare: bool
) -> None:
    changes = {"layernorm": layernorm, "residual": residual}
    generator = torch.Generator().manual_seed(7)
    module = CellModule(
        cell, 3, 4, bias=not bare, dtype=torch.float64, layernorm=layernorm, residual=residual
    )
    with torch.no_grad():
        for parameter in module.parameters():  # gains and biases of norms too
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    params = {name: value.detach() for name, value in module.params.items()}
    if bare and cell != "lstm_layernorm":  # gains that layer norm adds may be absent, and count as 1
        params = {name: value for name, value in params.items() if not name.startswith(("gain", "bias_c"))}
    x = torch.randn(5, 3, generator=generator, dtype=torch.float64)
    state = tuple(torch.randn(5, 4, generator=generator, dtype=torch.float64) for _ in CELLS[cell].states)
    expected = step_of(cell, **changes)(params, x, state)
    found = evaluate(cell, params, x, state, **changes)
    states = dict(zip(CELLS[cell].states, expected.state, strict=True))
    assert set(found) == {node.name for node in flow_of(cell, **changes)}
    for name, value in {**expected.gates, **states}.items():
        torch.testing.assert_close(found[name], value, atol=1e-12, rtol=0)


@pytest.mark.parametrize("residual", [False, True], ids=["", "residual"])
@pytest.mark.parametrize("layernorm", [False, True], ids=["", "layernorm"])
@pytest.mark.parametrize("cell", CELLS)
def test_the_graph_is_in_order_and_whole(cell: str, layernorm: bool, residual: bool) -> None:
    nodes = flow_of(cell, layernorm=layernorm, residual=residual)
    known: set[str] = set()
    read: set[str] = set()
    for node in nodes:
        assert node.name not in known
        assert set(node.of) <= known, node
        assert {term.of for term in node.terms} <= set(node.of)
        assert node.words
        known.add(node.name)
        read |= set(node.of)
    ends = {*CELLS[cell].states}
    assert known - read <= ends  # nothing is computed in vain
    assert set(CELLS[cell].gate_names) <= known
    sources = {node.name for node in nodes if node.kind == "source"}
    assert sources == {"x", *(f"{name}_before" for name in CELLS[cell].states)}
    assert len({node.words for node in nodes}) == len(nodes)


@pytest.mark.parametrize("cell", CELLS)
def test_parameters_in_the_graph_are_those_of_the_cell(cell: str) -> None:
    module = CellModule(cell, 3, 4, layernorm=True)
    named = {
        name
        for node in flow_of(cell, layernorm=True)
        for term in node.terms
        for name in (term.matrix, term.bias, term.gain, term.each, node.gain)
    }
    named |= (
        {"gain_c", "bias_c"} if any(node.kind == "norm" for node in flow_of(cell, layernorm=True)) else set()
    )
    assert named - {""} == set(module.params)


def test_a_residual_connection_adds_to_the_old_state() -> None:
    last = flow_of("gru", residual=True)[-1]
    assert (last.name, last.kind, last.of) == ("h", "plus", ("h_before", "added"))


def test_an_unknown_cell() -> None:
    with pytest.raises(ValueError, match="cell must be one of rnn"):
        flow_of("elman")
