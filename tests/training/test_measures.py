"""What is measured after an epoch: each number from its definition."""

import math

import pytest
import torch

from rnnviz import gradients, tasks, trace
from rnnviz.race import Race
from rnnviz.registry import CELLS
from rnnviz.statistics import saturation
from rnnviz.tasks import FAMILIES
from rnnviz.training.measures import OBSERVED, measure, part_of
from rnnviz.training.model import build_model


def race(**settings):
    return Race(**{"hidden": 6, "length": 9, **settings})


@pytest.mark.parametrize(
    ("cell", "settings"),
    [
        ("lstm", {}),
        ("gru", {"task": "copy", "length": 5}),
        ("rnn", {"task": "parity"}),
        ("mingru", {"task": "sine"}),
        ("lstm_peephole", {"layernorm": True, "residual": True}),
    ],
)
def test_the_profile_is_the_root_mean_square_over_sequences_alone(cell, settings):
    chosen = race(**settings)
    task, model = tasks.make(chosen), build_model(chosen, cell)
    squares = []
    for k in range(OBSERVED):
        one = part_of(task.test, slice(k, k + 1))
        found = gradients(model.rnn, one.x, lambda states, one=one: task.loss(model.head(states), one))
        squares.append(found.layers[0].h_norm.double().square())
    expected = torch.stack(squares).mean(0).sqrt()
    profile = torch.tensor(measure(model, task).profile, dtype=torch.float64)
    torch.testing.assert_close(profile, expected, rtol=1e-4, atol=0)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("residual", [False, True])
def test_saturation_is_that_of_the_gates_page(cell, residual):
    chosen = race(residual=residual, forget=4)
    task, model = tasks.make(chosen), build_model(chosen, cell)
    with torch.no_grad():
        model.rnn.get_parameter(next(n for n, _ in model.rnn.named_parameters())).mul_(40)
    layer = trace(model.rnn, task.test.x[:, :OBSERVED]).layers[0]
    found = measure(model, task).saturation
    expected = {
        g.name: saturation(layer.gates[g.name], g.kind) for g in CELLS[cell].gates if g.kind != "linear"
    }
    if not residual and cell not in ("rnn_linear", "mingru"):
        expected["h"] = saturation(layer.h, "relu" if cell == "rnn_relu" else "tanh")
    assert set(found) == set(expected)
    for name, one in expected.items():
        assert found[name] == pytest.approx((one.low_share, one.high_share), abs=1e-3)
    if expected:
        assert any(low + high > 0.2 for low, high in found.values())


@pytest.mark.parametrize("name", FAMILIES)
def test_loss_accuracy_answer_and_certainty(name):
    chosen = race(task=name)
    task, model = tasks.make(chosen), build_model(chosen, "gru")
    found = measure(model, task)
    with torch.no_grad():
        output = model(task.test.x)
    assert found.test_loss == pytest.approx(task.loss(output, task.test).item())
    assert found.test_accuracy == task.accuracy(output, task.test)
    said, K = output[list(task.test.scored), 0], len(task.test.scored)
    if task.kind == "regression":
        assert found.sure is None
        torch.testing.assert_close(torch.tensor(found.answer), said)
    else:
        assert found.answer == said.argmax(-1).tolist()
        assert found.sure is not None
        truth = said.softmax(-1)[torch.arange(K), task.test.y[:, 0]]
        torch.testing.assert_close(torch.tensor(found.sure), truth)


@pytest.mark.parametrize("cell", CELLS)
def test_sizes_and_radius_of_the_weights(cell):
    chosen = race(layernorm=True)
    task, model = tasks.make(chosen), build_model(chosen, cell)
    found = measure(model, task)
    own = {name: value.norm().item() for name, value in model.rnn.named_parameters()}
    own |= {"head.weight": model.head.weight.norm().item(), "head.bias": model.head.bias.norm().item()}
    assert found.weights == pytest.approx(own)
    if cell in ("rnn", "rnn_relu", "rnn_linear"):
        eigenvalues = torch.linalg.eigvals(model.rnn.get_parameter("weight_hh").double())
        assert found.radius == pytest.approx(eigenvalues.abs().max().item(), rel=1e-5)
    else:
        assert found.radius is None
    plain = measure(build_model(race(), "rnn"), tasks.make(race()))
    assert set(plain.weights) == {
        "weight_ih", "weight_hh", "bias_ih", "bias_hh", "head.weight", "head.bias",
    }  # fmt: skip


def test_measuring_touches_nothing_and_bears_numbers_that_are_none():
    chosen = race(task="parity")
    task, model = tasks.make(chosen), build_model(chosen, "rnn")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    with torch.inference_mode():
        first = measure(model, task)
    assert measure(model, task) == first
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert model.training
    assert torch.equal(torch.get_rng_state(), state)
    with torch.no_grad():
        model.rnn.get_parameter("weight_hh_l0")[0, 0] = math.nan
    broken = measure(model, task)
    assert math.isnan(broken.test_loss)
    assert broken.radius is not None
    assert math.isnan(broken.radius)


def test_always_saying_one_costs_a_sixth():
    """Acceptance test 15, through a network whose head says 1 whatever it reads."""
    chosen = Race(length=100)
    model = build_model(chosen, "rnn")
    with torch.no_grad():
        model.head.weight.zero_()
        model.head.bias.fill_(1)
    task = tasks.make(chosen)
    big = task.batch(100_000, torch.Generator().manual_seed(0))
    said = torch.ones(len(big.x), 1, 1).expand(-1, 100_000, -1)
    assert task.loss(said, big).item() == pytest.approx(1 / 6, rel=0.02)
    assert measure(model, task).test_loss == pytest.approx(1 / 6, rel=0.25)  # of 256 sequences
