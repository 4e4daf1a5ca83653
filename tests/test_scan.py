"""The loop over time: order, direction, and the memory's recurrence."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.cells import STEPS, Step
from rnnviz.modules import CellModule
from rnnviz.scan import fold, linear_recurrence, scan


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_fold_keeps_every_carry_in_the_order_of_the_items():
    x = torch.arange(1.0, 5.0)
    assert [float(s) for s in fold(lambda s, a: s + a, (x,), torch.tensor(0.0))] == [1, 3, 6, 10]
    assert [float(s) for s in fold(lambda s, a: s + a, (x,), torch.tensor(0.0), reverse=True)] == [
        10,
        9,
        7,
        4,
    ]


def test_fold_refuses_sequences_of_different_lengths():
    with pytest.raises(ValueError, match="shorter"):
        fold(lambda s, a, b: s, (torch.zeros(3), torch.zeros(2)), 0)


@pytest.mark.parametrize("reverse", [False, True])
def test_scan_is_the_cell_step_by_step(reverse):
    module = CellModule("lstm_peephole", 2, 3, dtype=torch.float64)
    params = {name: parameter.detach() for name, parameter in module.params.items()}
    x = torch.randn(6, 4, 2, generator=generator(), dtype=torch.float64)
    state = tuple(torch.randn(4, 3, generator=generator(1 + k), dtype=torch.float64) for k in range(2))
    steps = scan("lstm_peephole", params, x, state, reverse=reverse)
    assert len(steps) == 6
    order = range(5, -1, -1) if reverse else range(6)
    for t in order:
        step = STEPS["lstm_peephole"](params, x[t], state)
        for got, want in zip(steps[t].state, step.state, strict=True):
            assert torch.equal(got, want)
        assert torch.equal(steps[t].gates["f"], step.gates["f"])
        state = step.state


def test_scan_takes_a_step_function_of_ones_own():
    def counter(params, x, state):
        return Step({}, (state[0] + params["a"] * x,))

    steps = scan(counter, {"a": torch.tensor(2.0)}, torch.ones(3, 1, 1), (torch.zeros(1, 1),))
    assert [step.state[0].item() for step in steps] == [2, 4, 6]


@given(
    T=st.integers(1, 9),
    dtype=st.sampled_from([torch.float32, torch.float64, torch.bfloat16]),
    reverse=st.booleans(),
    seed=st.integers(0, 99),
)
def test_linear_recurrence_is_the_loop_bit_for_bit(T, dtype, reverse, seed):
    # bfloat16 takes the path without NumPy.
    drawn = generator(seed)
    factor, term = (torch.randn(T, 2, 3, generator=drawn).to(dtype) for _ in range(2))
    state = torch.randn(2, 3, generator=drawn).to(dtype)
    kept = factor.clone(), term.clone(), state.clone()
    got = linear_recurrence(factor, term, state, reverse=reverse)
    for t in range(T - 1, -1, -1) if reverse else range(T):
        state = factor[t] * state + term[t]
        torch.testing.assert_close(
            got[t], state, rtol=0 if dtype != torch.bfloat16 else 0.1, atol=0.02 * (dtype == torch.bfloat16)
        )
    for before, after in zip(kept[:2], (factor, term), strict=True):
        assert torch.equal(before, after)


def test_linear_recurrence_keeps_overflow_and_nan(recwarn):
    factor = torch.full((4, 1, 1), 1e30)
    got = linear_recurrence(factor, torch.zeros(4, 1, 1), torch.ones(1, 1))
    assert got[1:].isinf().all()
    factor[3] = float("nan")
    assert linear_recurrence(factor, torch.zeros(4, 1, 1), torch.ones(1, 1))[3].isnan().all()
    assert not recwarn.list
