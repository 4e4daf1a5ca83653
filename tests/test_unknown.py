"""Over a state that is no number no gradient is a number: a ReLU that is given NaN lets everything through."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from rnnviz import gradients, trace
from rnnviz.blame import blame
from rnnviz.cures import compare
from rnnviz.experiment import Experiment
from rnnviz.gradients import Gradients
from rnnviz.inside import inside
from rnnviz.jacobians import gradient_triangle, jacobians, lyapunov_exponents
from rnnviz.modules import CellModule
from rnnviz.observe import observe
from rnnviz.split import split_jacobians

T, D, H = 8, 2, 3


def drawn(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def grown(module: nn.Module, by: float = 1e15, only: str = "weight_hh") -> nn.Module:
    """The module with recurrent weights under which its state leaves float32 after a few steps."""
    with torch.no_grad():
        for k, (name, weight) in enumerate(module.named_parameters()):
            weight.copy_(drawn(*weight.shape, seed=k).abs() if weight.dim() == 2 else weight)
            if name.startswith(only):
                weight.mul_(by)
    return module


def made(built_in: bool) -> nn.Module:
    cell = nn.RNN(D, H, nonlinearity="relu") if built_in else CellModule("rnn_relu", D, H)
    return grown(cell)


def at(step: int) -> Callable[[Tensor], Tensor]:
    return lambda output: output[step].sum()


def numbers(values: Tensor) -> list[int]:
    """The steps at which every entry is a number."""
    return values.flatten(1).isfinite().all(1).nonzero().flatten().tolist()


@pytest.mark.parametrize("built_in", [True, False])
def test_no_gradient_comes_back_over_it(built_in: bool) -> None:
    module, x = made(built_in), drawn(T, 1, D, seed=5).abs()
    (layer,) = trace(module, x).layers
    whole = numbers(layer.h)
    assert whole == [0, 1, 2]
    found = gradients(module, x, at(T - 1))
    for values, norms, lost, known in (
        (found.layers[0].h, found.layers[0].h_norm, found.layers[0].underflow, [T - 1]),
        (found.x, found.x_norm, found.x_underflow, []),  # even x_T goes through the ReLU of step T
    ):
        assert numbers(values) == numbers(norms[:, None]) == known
        assert not lost.any()
    assert torch.equal(found.layers[0].h[-1], torch.ones(1, H))

    # A loss before it knows nothing of it: its gradients are those of the first steps alone.
    early, alone = gradients(module, x, at(2)), gradients(module, x[:3])
    assert numbers(early.layers[0].h) == numbers(early.x) == list(range(T))
    assert torch.equal(early.layers[0].h[:3], alone.layers[0].h)
    assert torch.equal(early.x[:3], alone.x)
    assert not early.x[3:].any()


def test_what_the_picture_of_the_cell_shows_is_the_same() -> None:
    module, x = made(built_in=True), drawn(T, 1, D, seed=5).abs()
    (layer,), found = trace(module, x).layers, gradients(module, x)
    seen = inside(layer, x, found.layers[0])
    assert numbers(seen.gradients["h"]) == numbers(seen.norms["h"][:, None]) == [T - 1]
    assert seen.scored == (T - 1,)


@pytest.mark.parametrize("cell", ["rnn_linear", "rnn", "gru", "lstm"])
def test_other_cells_say_by_themselves_what_they_know(cell: str) -> None:
    # A linear cell's slopes do not depend on its state; a saturated one's are 0.
    module, x = grown(CellModule(cell, D, H), 1e12), drawn(T, 1, D, seed=5).abs()
    found, layer = gradients(module, x).layers[0], trace(module, x).layers[0]
    assert bool(layer.h.isfinite().all()) == (cell != "rnn_linear")
    last = T - 3  # later its own powers leave float32
    assert numbers(found.h)[-3:] == [last, T - 2, T - 1]
    if cell == "rnn_linear":
        expected = torch.ones(H, dtype=torch.float64) @ module.weight_hh.double().matrix_power(2)
        torch.testing.assert_close(found.h[last, 0].double(), expected, rtol=1e-6, atol=0)


def test_each_sequence_is_judged_by_its_own_states() -> None:
    module, x = made(built_in=True), drawn(T, 1, D, seed=5).abs()
    still = torch.zeros_like(x)
    with torch.no_grad():
        for name in ("bias_ih_l0", "bias_hh_l0"):
            getattr(module, name).zero_()
    alone, both = gradients(module, still), gradients(module, torch.cat([still, x], 1))
    assert alone.x.isfinite().all()
    assert torch.equal(both.layers[0].h[:, :1], alone.layers[0].h)
    assert numbers(both.layers[0].h[:, 1:]) == numbers(both.layers[0].h_norm[:, None]) == [T - 1]


def test_below_a_layer_that_has_overflowed_nothing_is_known() -> None:
    module, x = grown(nn.RNN(D, H, 2, nonlinearity="relu"), only="weight_hh_l1"), drawn(T, 1, D, seed=5).abs()
    lower, upper = trace(module, x).layers
    assert numbers(lower.h) == list(range(T))
    beyond = len(numbers(upper.h))
    assert 0 < beyond < T - 1
    below, above = gradients(module, x, at(T - 1)).layers
    assert numbers(above.h) == [T - 1]
    assert numbers(below.h) == numbers(gradients(module, x, at(T - 1)).x) == []
    # Where the upper states recover, the lower gradients after them are known.
    early: Gradients = gradients(module, x, at(beyond - 1))
    assert numbers(early.layers[0].h) == numbers(early.layers[1].h) == list(range(T))


def test_backwards_it_is_the_other_way_round() -> None:
    module = grown(nn.RNN(D, H, nonlinearity="relu", bidirectional=True))
    x = drawn(T, 1, D, seed=5).abs()
    forwards, backwards = gradients(module, x, lambda output: output[0, :, H:].sum()).layers
    assert not forwards.h.any()
    assert numbers(backwards.h) == [0]


def test_a_state_that_comes_back_is_passed_where_nothing_arrives() -> None:
    # +inf, then relu(-inf) = 0: of the way over that 0 it is known that it is closed.
    module, x = (
        nn.RNN(1, 1, nonlinearity="relu", bias=False),
        torch.tensor([1e30, 1.0, 1.0, 1.0]).view(-1, 1, 1),
    )
    with torch.no_grad():
        module.weight_ih_l0.fill_(1e30)
        module.weight_hh_l0.fill_(-2.0)
    (layer,) = trace(module, x).layers
    assert not layer.h[0].isfinite()
    assert layer.h[1] == 0
    found = gradients(module, x, at(1))
    assert found.x.flatten().tolist() == [0, 0, 0, 0]


def test_nor_is_a_jacobian_or_a_product_of_them() -> None:
    module, x = made(built_in=True), drawn(T, 1, D, seed=5).abs()
    first = len(numbers(trace(module, x).layers[0].h))
    assert numbers(jacobians(module, x)) == list(range(first))
    norms = gradient_triangle(module, x)
    known = (
        torch.ones(T, T, dtype=torch.bool).tril()
        & (torch.arange(T) < first)
        & (torch.arange(T)[:, None] < first)
    )
    known |= torch.eye(T, dtype=torch.bool)
    assert torch.equal(norms.isfinite(), known | torch.ones(T, T, dtype=torch.bool).triu(1))
    assert lyapunov_exponents(module, x).isnan().all()
    assert numbers(split_jacobians(module, x).rest) == list(range(first))


def test_nor_a_contribution_to_the_gradient_of_the_weights() -> None:
    steps = 16
    module, x = grown(nn.RNN(D, H, nonlinearity="relu"), 1e37), drawn(steps, 1, D, seed=5).abs()
    found = blame(module, x)  # in float64
    known = found.size.isfinite()
    first = int(known.diagonal().sum())
    assert 6 < first < steps - 4
    corner = torch.zeros(steps, steps, dtype=torch.bool)
    corner[:first, :first] = True
    assert torch.equal(known, corner | ~torch.ones_like(corner).tril())
    assert not found.lost[first:].any()


def test_nor_what_a_cure_is_measured_by() -> None:
    # With a residual connection the state is multiplied by 5 at each step, and leaves float64 before step 500.
    experiment = Experiment(length=500, hidden=2, scale=4.0, init="identity", cells=("rnn_relu",))
    found = compare(experiment, "rnn_relu", seeds=1)
    cured = next(outcome.measured for outcome in found.outcomes if outcome.cure.name == "residual")
    assert cured is not None
    assert numbers(cured.norms[0][:, None]) == [499]
    assert cured.largest.isinf() or cured.largest.isnan()
    assert numbers(found.before.norms[0][:, None]) == list(range(500))


def test_nor_what_the_pages_show() -> None:
    run = observe(
        Experiment(length=300, hidden=4, scale=4.0, init="identity", cells=("rnn_relu",)), "rnn_relu"
    )
    assert numbers(run.gradients.layers[0].h) == [299]
