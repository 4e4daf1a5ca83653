"""The graph of every cell computes what its step function does, and each node stands after its operands."""

from __future__ import annotations

import pytest
import torch

from rnnviz.cells import STEPS
from rnnviz.dataflow import evaluate, flow_of
from rnnviz.modules import CellModule
from rnnviz.registry import CELLS


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("cell", CELLS)
def test_the_graph_says_what_the_step_function_does(cell: str, bias: bool) -> None:
    generator = torch.Generator().manual_seed(7)
    module = CellModule(cell, 3, 4, bias=bias, dtype=torch.float64)
    with torch.no_grad():
        for parameter in module.parameters():  # gains and biases of norms too
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    x = torch.randn(5, 3, generator=generator, dtype=torch.float64)
    state = tuple(torch.randn(5, 4, generator=generator, dtype=torch.float64) for _ in CELLS[cell].states)
    with torch.no_grad():
        expected = STEPS[cell](module.params, x, state)
        found = evaluate(cell, module.params, x, state)
    for name, value in {
        **expected.gates,
        **dict(zip(CELLS[cell].states, expected.state, strict=True)),
    }.items():
        torch.testing.assert_close(found[name], value, atol=1e-12, rtol=0)


@pytest.mark.parametrize("cell", CELLS)
def test_the_graph_is_in_order_and_whole(cell: str) -> None:
    known, read = set(), set()
    for node in flow_of(cell):
        assert node.name not in known
        assert set(node.of) <= known, node
        assert {term.of for term in node.terms} <= set(node.of)
        assert node.words
        known.add(node.name)
        read |= set(node.of)
    ends = {*CELLS[cell].states}
    assert known - read <= ends  # nothing is computed in vain
    assert set(CELLS[cell].gate_names) <= known
    sources = {node.name for node in flow_of(cell) if node.kind == "source"}
    assert sources == {"x", *(f"{name}_before" for name in CELLS[cell].states)}
