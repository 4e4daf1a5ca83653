from dataclasses import replace

import pytest
import torch
from torch import nn

from rnnviz.build import amplitudes, build_input, build_module, device, start_states, strengths
from rnnviz.experiment import Experiment
from rnnviz.registry import CELLS

BASE = Experiment(hidden=12, length=20, seed=7)
LSTMS = [name for name, cell in CELLS.items() if cell.forget]


def weights(module):
    return {name.removesuffix("_l0"): parameter.detach() for name, parameter in module.named_parameters()}


def blocks(experiment, cell):
    W_hh = weights(build_module(experiment, cell))["weight_hh"]
    return W_hh.split(experiment.hidden)


@pytest.mark.parametrize(
    ("cell", "reference"),
    [
        ("rnn", lambda D, H: nn.RNN(D, H)),
        ("rnn_relu", lambda D, H: nn.RNN(D, H, nonlinearity="relu")),
        ("lstm", lambda D, H: nn.LSTM(D, H)),
        ("gru", lambda D, H: nn.GRU(D, H)),
    ],
)
@pytest.mark.parametrize("signal", ["sine", "text"])
def test_equal_to_pytorch_bit_for_bit(cell, reference, signal):
    experiment = replace(BASE, signal=signal)
    x = build_input(experiment)
    with torch.random.fork_rng():
        torch.manual_seed(7)
        expected = reference(x.shape[2], 12)
    module = build_module(experiment, cell)
    assert type(module) is type(expected)
    for (name, ours), (their_name, theirs) in zip(
        module.named_parameters(), expected.named_parameters(), strict=True
    ):
        assert name == their_name
        assert torch.equal(ours, theirs)
    assert torch.equal(module(x)[0], expected(x)[0])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("init", ["pytorch", "orthogonal"])
def test_the_global_generator_is_left_alone(cell, init):
    before = torch.get_rng_state()
    build_module(replace(BASE, init=init), cell)
    start_states(BASE, cell, 3)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    ("length", "hidden", "signal"), [(2, 1, "sine"), (500, 128, "noise"), (20, 5, "text")]
)
def test_every_cell_runs_at_both_ends(cell, length, hidden, signal):
    experiment = Experiment(length=length, hidden=hidden, signal=signal)
    x = build_input(experiment)
    output, _ = build_module(experiment, cell)(x)
    assert output.shape == (experiment.steps, 1, hidden)
    assert output.dtype == torch.float32
    assert output.isfinite().all()


@pytest.mark.parametrize("cell", [name for name, cell in CELLS.items() if cell.recurrent])
@pytest.mark.parametrize("init", ["pytorch", "gaussian", "orthogonal", "identity"])
def test_the_scale_multiplies_the_recurrent_matrix_and_nothing_else(cell, init):
    one = weights(build_module(replace(BASE, init=init), cell))
    half = weights(build_module(replace(BASE, init=init, scale=2.5), cell))
    for name in one:
        factor = 2.5 if name == "weight_hh" else 1
        assert torch.equal(half[name], factor * one[name])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("init", ["gaussian", "orthogonal", "identity"])
def test_other_initialisations_zero_the_biases_and_keep_the_input_weights(cell, init):
    default, other = weights(build_module(BASE, cell)), weights(build_module(replace(BASE, init=init), cell))
    for name, parameter in other.items():
        if name.startswith("bias"):
            assert parameter.eq(0).all()
        elif name != "weight_hh":
            assert torch.equal(parameter, default[name])


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru_reset_before"])
def test_identity_and_orthogonal_blocks(cell):
    eye = torch.eye(12)
    for block in blocks(replace(BASE, init="identity"), cell):
        assert torch.equal(block, eye)
    orthogonal = blocks(replace(BASE, init="orthogonal"), cell)
    for block in orthogonal:
        torch.testing.assert_close(block @ block.T, eye, atol=1e-6, rtol=0)
    assert len({block.sum().item() for block in orthogonal}) == len(CELLS[cell].blocks)


def test_orthogonal_matrices_are_uniformly_distributed():
    # Under the Haar measure E[trace] = 0 and E[trace^2] = 1; without the sign fix the trace is far below 0.
    traces = torch.tensor(
        [blocks(replace(BASE, init="orthogonal", seed=s), "rnn")[0].trace() for s in range(400)]
    )
    assert traces.mean().abs() < 0.2
    assert traces.square().mean() == pytest.approx(1, abs=0.3)


def test_gaussian_blocks_have_variance_one_over_h():
    W_hh = torch.cat(blocks(replace(BASE, init="gaussian", hidden=128), "lstm"))
    assert W_hh.mean().abs() < 0.001
    assert W_hh.var() * 128 == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("cell", LSTMS)
@pytest.mark.parametrize("init", ["pytorch", "identity"])
@pytest.mark.parametrize("value", [1, -3, 6])
def test_the_effective_forget_bias_is_what_was_set(cell, init, value):
    experiment = replace(BASE, forget=value, init=init, signal="impulse")
    module = build_module(experiment, cell)
    if cell == "lstm":
        rows = slice(12, 24)
        assert torch.sigmoid(module.bias_ih_l0 + module.bias_hh_l0)[rows].allclose(
            torch.sigmoid(torch.tensor(float(value)))
        )
    else:
        from rnnviz.cells import STEPS

        zero = torch.zeros(1, 12)
        gates = STEPS[cell](module.params, torch.zeros(1, 1), (zero, zero)).gates
        assert gates["f"].allclose(torch.sigmoid(torch.tensor(float(value))))


def test_forget_bias_leaves_everything_else():
    plain, changed = (
        weights(build_module(BASE, "lstm")),
        weights(build_module(replace(BASE, forget=2), "lstm")),
    )
    for name in plain:
        same = plain[name] == changed[name]
        if name.startswith("bias"):
            assert same[:12].all()
            assert same[24:].all()
            assert not same[12:24].any()
        else:
            assert same.all()
    gru = weights(build_module(replace(BASE, forget=2), "gru"))
    assert all(torch.equal(gru[name], value) for name, value in weights(build_module(BASE, "gru")).items())


@pytest.mark.parametrize("cell", CELLS)
def test_start_states_fit_the_module(cell):
    states = start_states(BASE, cell, 4)
    x = build_input(BASE).expand(-1, 4, -1)
    output, _ = build_module(BASE, cell)(x, states)
    assert output.shape == (20, 4, 12)
    alone, _ = build_module(BASE, cell)(x[:, :1])
    torch.testing.assert_close(output[:, :1], alone, atol=1e-6, rtol=1e-5)  # the first start state is zero
    h = states[0] if isinstance(states, tuple) else states
    h = h.reshape(4, 12)
    assert h[0].eq(0).all()
    assert h[1:].std() == pytest.approx(3**-0.5, abs=0.15)


def test_start_states_begin_where_a_bounded_cell_can_be():
    h0, c0 = start_states(replace(BASE, hidden=128), "lstm", 16)
    assert not h0[0, 0].any()
    assert not c0[0, 0].any()
    assert float(h0.abs().max()) <= 1
    # Uniform on [-1, 1]: mean 0, variance 1/3; the memory is normal with variance 1.
    assert float(h0[0, 1:].mean()) == pytest.approx(0, abs=0.05)
    assert float(h0[0, 1:].var()) == pytest.approx(1 / 3, abs=0.02)
    assert float(c0[0, 1:].var()) == pytest.approx(1, abs=0.08)


def test_start_states_are_shared_between_cells_and_grow_by_appending():
    four = start_states(BASE, "lstm", 4)
    assert torch.equal(start_states(BASE, "gru", 4), four[0])
    assert torch.equal(start_states(BASE, "mingru", 4)[0], four[0][0])
    assert torch.equal(start_states(BASE, "lstm", 2)[1], four[1][:, :2])
    assert not torch.equal(four[0], four[1])


def test_strengths_scale_the_input():
    x = build_input(BASE)
    assert amplitudes(4).tolist() == [1.0, 0.75, 0.5, 0.25]
    batch = strengths(x, 4)
    assert batch.shape == (20, 4, 1)
    assert torch.equal(batch[:, 2:3], 0.5 * x)


@pytest.mark.parametrize("count", [0, 17])
def test_counts_are_bounded(count):
    with pytest.raises(ValueError, match="from 1 to 16"):
        start_states(BASE, "lstm", count)
    with pytest.raises(ValueError, match="from 1 to 16"):
        amplitudes(count)


def test_an_unknown_cell_is_refused():
    with pytest.raises(ValueError, match="cell must be one of"):
        build_module(BASE, "nope")


@pytest.mark.parametrize("cell", ["rnn_relu", "rnn_linear"])
def test_overflow_is_carried_without_an_exception(cell):
    experiment = Experiment(length=500, hidden=64, scale=4, init="orthogonal")
    output, _ = build_module(experiment, cell)(build_input(experiment))
    assert not output.isfinite().all()
    assert output[:20].isfinite().all()


def test_the_device_is_the_cpu_unless_named(monkeypatch):
    monkeypatch.delenv("RNNVIZ_DEVICE", raising=False)
    assert device() == torch.device("cpu")
    monkeypatch.setenv("RNNVIZ_DEVICE", "meta")
    assert build_input(BASE).device.type == "meta"
