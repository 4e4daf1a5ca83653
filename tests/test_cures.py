"""The cures: each against its own definition, and the numbers against plain autograd."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz import build, cures
from rnnviz.cells import STEPS, Step
from rnnviz.cures import CURES, compare
from rnnviz.cures.models import chrono, model_with
from rnnviz.experiment import Experiment
from rnnviz.gradients import clip, fit_decay, gradients
from rnnviz.registry import CELLS

SMALL = Experiment(length=9, hidden=4, signal="noise", seed=3, loss=7, scale=1.3)


def measured(found: cures.Comparison, name: str) -> cures.Measured:
    (outcome,) = [outcome for outcome in found.outcomes if outcome.cure.name == name]
    assert outcome.measured is not None, outcome.reason
    return outcome.measured


def by_autograd(step, params, x, state, at):
    """The norms of dL/dh_t, of dL/dW and the largest |h| by a loop of its own, through additions of zero."""
    params = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    nudges = [torch.zeros_like(state[0], requires_grad=True) for _ in range(at + 1)]
    states = []
    for x_t, nudge in zip(x, nudges, strict=False):
        state = step(params, x_t, state).state
        state = (state[0] + nudge, *state[1:])
        states.append(state[0].detach())
    weight = params["weight_hh" if "weight_hh" in params else "weight_ih"]
    *dh, dW = torch.autograd.grad(state[0].sum(), [*nudges, weight], materialize_grads=True)
    return torch.stack([g.norm() for g in dh]), dW.norm(), torch.stack(states).abs().max()


@pytest.mark.parametrize("cell", CELLS)
def test_before_is_the_model_of_the_other_pages(cell: str) -> None:
    found = compare(SMALL, cell, seeds=2)
    for k in range(2):
        experiment = replace(SMALL, seed=SMALL.seed + k)
        module = build.build_module(experiment, cell).double()
        grads = gradients(module, build.build_input(experiment).double(), lambda out: out[6].sum())
        expected = grads.layers[0].h_norm[:7]
        torch.testing.assert_close(found.before.norms[k], expected, rtol=1e-9, atol=0)
        ratio = (expected[0] / expected[-1]).item()
        assert found.before.ratio[k].item() == pytest.approx(ratio, rel=1e-9)
        rate = fit_decay(expected, 6).rate
        assert found.before.rate[k].item() == pytest.approx(rate, rel=1e-9, nan_ok=True)
    assert torch.equal(found.before.norms[:, -1], torch.full((2,), 2.0, dtype=torch.float64))  # sqrt of H


@pytest.mark.parametrize("cell", CELLS)
def test_every_cure_against_a_loop_of_its_own(cell: str) -> None:
    found, known = compare(SMALL, cell, seeds=2), CELLS[cell]
    for outcome in found.outcomes:
        assert (outcome.measured is None) == bool(outcome.reason)
        if outcome.measured is None or outcome.cure.name == "clip":
            continue
        for k in range(2):
            model = model_with(SMALL, known, outcome.cure.name, k)
            norms, weight, largest = by_autograd(model.step, model.params, model.x, model.state, 6)
            torch.testing.assert_close(outcome.measured.norms[k], norms, rtol=1e-9, atol=1e-300)
            assert outcome.measured.weight[k].item() == pytest.approx(weight.item(), rel=1e-9)
            assert outcome.measured.largest[k].item() == pytest.approx(largest.item(), rel=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_what_applies_to_which_cell(cell: str) -> None:
    reasons = {outcome.cure.name: outcome.reason for outcome in compare(SMALL, cell, seeds=1).outcomes}
    assert list(reasons) == [cure.name for cure in CURES]
    assert bool(reasons["forget1"]) == bool(reasons["forget3"]) == (CELLS[cell].forget is None)
    assert bool(reasons["chrono"]) == (cell in ("rnn", "rnn_relu", "rnn_linear"))
    assert bool(reasons["orthogonal"]) == bool(reasons["identity"]) == (cell == "mingru")
    assert bool(reasons["layernorm"]) == (cell in ("mingru", "lstm_layernorm", "rnn_linear"))
    assert not reasons["clip"]
    assert not reasons["residual"]


@pytest.mark.parametrize("name", ["forget1", "forget3", "orthogonal", "identity"])
def test_a_cure_that_the_app_can_set_is_that_experiment(name: str) -> None:
    (cure,) = [cure for cure in CURES if cure.name == name]
    there = compare(replace(SMALL, **cure.change), "lstm", seeds=2).before
    here = measured(compare(SMALL, "lstm", seeds=2), name)
    torch.testing.assert_close(here.norms, there.norms, rtol=1e-12, atol=0)
    torch.testing.assert_close(here.weight, there.weight, rtol=1e-12, atol=0)


@settings(max_examples=15)
@given(hidden=st.integers(1, 40), seed=st.integers(0, 9999), longest=st.integers(2, 500))
def test_chrono_spreads_the_memories(hidden: int, seed: int, longest: int) -> None:
    """f / (1 - f) of a resting unit is its memory, uniform on [1, T - 1]; b_i = -b_f; nothing else changes."""
    for cell, sign in (("lstm", 1), ("gru", 1), ("gru_reset_before", -1), ("mingru", -1)):
        params = {name: torch.ones(len(CELLS[cell].blocks) * hidden) for name in ("bias_ih", "bias_hh")}
        params = {name: value.double() for name, value in params.items()}
        found = chrono(CELLS[cell], params, hidden, longest=longest, seed=seed)
        total = dict(
            zip(CELLS[cell].blocks, (found["bias_ih"] + found["bias_hh"]).split(hidden), strict=True)
        )
        kept = total["f"] if cell == "lstm" else sign * total["z"]
        memory = kept.exp()
        assert (memory >= 1 - 1e-12).all()
        assert (memory <= max(longest - 1, 1) + 1e-9).all()
        touched = {"f", "i"} if cell == "lstm" else {"z"}
        if cell == "lstm":
            torch.testing.assert_close(total["i"], -total["f"])
        for letter, bias in total.items():
            assert letter in touched or (bias == 2).all()


def test_residual_over_time_is_the_identity_plus_the_step() -> None:
    model = model_with(SMALL, CELLS["rnn"], "residual", 0)
    h = torch.linspace(-1, 1, 4, dtype=torch.float64)

    def jacobian(step):
        return torch.func.jacrev(lambda state: step(model.params, model.x[0], (state,)).state[0])(h)

    torch.testing.assert_close(jacobian(model.step), torch.eye(4).double() + jacobian(STEPS["rnn"]))
    linear = compare(replace(SMALL, init="identity", scale=0.5), "rnn_linear", seeds=1)
    assert measured(linear, "residual").ratio.item() == pytest.approx(1.5**6)
    assert linear.before.ratio.item() == pytest.approx(0.5**6)


def test_layer_norm_of_an_lstm_is_the_registry_s_and_the_scale_cancels() -> None:
    one, two = (compare(replace(SMALL, scale=scale), "lstm", seeds=2) for scale in (0.5, 3.0))
    torch.testing.assert_close(
        measured(one, "layernorm").norms, measured(two, "layernorm").norms, rtol=1e-2, atol=0
    )
    assert (one.before.ratio / two.before.ratio - 1).abs().min() > 0.5


def test_layer_norm_of_the_other_cells_by_hand() -> None:
    def normal(a: torch.Tensor) -> torch.Tensor:
        return (a - a.mean()) / (a.var(correction=0) + 1e-5).sqrt()

    h = torch.tensor([0.3, -0.2, 0.9, 0.1]).double()
    c = torch.tensor([0.5, 1.0, -1.0, 0.2]).double()
    for cell in ("rnn", "rnn_relu", "lstm_peephole", "gru", "gru_reset_before"):
        model = model_with(SMALL, CELLS[cell], "layernorm", 0)
        p, x = model.params, model.x[2]
        W_x, W_h, b = p["weight_ih"], p["weight_hh"], p["bias_ih"]
        done: Step = model.step(p, x, (h, c)[: len(CELLS[cell].states)])
        if cell.startswith("gru"):
            b_h, H = p["bias_hh"], 4
            r, z = torch.sigmoid(
                normal((W_x @ x)[:8]) + b[:8] + normal((W_h @ h)[:8]) + b_h[:8],
            ).chunk(2)
            before = cell == "gru_reset_before"
            inner = r * h if before else h
            recurrent = normal(W_h[8:] @ inner) + b_h[8:]
            n = torch.tanh(normal((W_x @ x)[2 * H :]) + b[8:] + (recurrent if before else r * recurrent))
            expected = (1 - z) * h + z * n if before else z * h + (1 - z) * n
        else:
            a = normal(W_x @ x + W_h @ h) + b + p["bias_hh"]
            if cell == "lstm_peephole":
                i, f, g, o = a.chunk(4)
                i, f = torch.sigmoid(i + p["weight_ci"] * c), torch.sigmoid(f + p["weight_cf"] * c)
                memory = f * c + i * torch.tanh(g)
                expected = torch.sigmoid(o + p["weight_co"] * memory) * torch.tanh(memory)
                torch.testing.assert_close(done.state[1], memory)
            else:
                expected = torch.tanh(a) if cell == "rnn" else torch.relu(a)
        torch.testing.assert_close(done.state[0], expected, rtol=1e-9, atol=1e-12)


def test_clipping_is_that_of_pytorch_and_mends_no_vanishing() -> None:
    """Acceptance test 17, on the gradient that the table shows."""
    found = compare(SMALL, "rnn", seeds=1)
    module = build.build_module(SMALL, "rnn").double()
    module(build.build_input(SMALL).double())[0][6].sum().backward()
    W = module.weight_hh_l0
    norm = W.grad.norm().item()
    assert found.before.weight.item() == pytest.approx(norm, rel=1e-9)
    for threshold in (norm / 3, norm * 3):
        W.grad *= norm / W.grad.norm()
        torch.nn.utils.clip_grad_norm_([W], threshold)
        mine = clip(found.before.weight, threshold).item()
        assert mine == pytest.approx(min(norm, threshold), rel=1e-9)
        assert mine == pytest.approx(W.grad.norm().item(), rel=1e-5)
    assert measured(found, "clip") is found.before


def test_the_verdict_follows_its_thresholds_and_overflow_explodes() -> None:
    def of(*ratios: float) -> cures.Measured:
        first = torch.tensor(ratios, dtype=torch.float64)
        norms = torch.stack([first, torch.ones_like(first)], 1)
        return cures.Measured(norms, norms == 0, first, first, first)

    assert of(0.009, 0.0, 5.0).verdict == "vanishes"
    assert of(0.011, 0.0, 5.0).verdict == "keeps"
    assert of(99.0, 101.0, 1.0).verdict == "keeps"
    assert of(math.nan, 101.0, 1.0).verdict == "explodes"
    # A gradient of 0 at step 1 has vanished, whatever line fits the others; a step's drop alone has not.
    norms = torch.tensor([[0.0, 0.9, 0.95, 1.0], [1e-3, 1e-3, 1e-3, 1.0]], dtype=torch.float64)
    rate = torch.tensor([0.95, 1.0], dtype=torch.float64)
    mixed = cures.Measured(norms, norms == 0, rate, rate, rate)
    assert [cures.verdict_of(change) for change in mixed.change.tolist()] == ["vanishes", "keeps"]
    huge = compare(Experiment(length=500, hidden=2, scale=4, init="identity"), "rnn_linear", seeds=1)
    assert huge.before.verdict == "explodes"
    assert measured(huge, "residual").verdict == "explodes"
    assert not measured(huge, "residual").norms[0, 0].isfinite()
    assert measured(huge, "residual").ratio.item() == math.inf


def test_known_experiments() -> None:
    """The forget bias makes the LSTM's difference; a residual GRU, whose z keeps already, explodes."""
    lstm = compare(Experiment(length=100, hidden=20), "lstm")
    assert len(lstm.before.ratio) == 5
    medians = [
        m.ratio.median().item() for m in (lstm.before, measured(lstm, "forget1"), measured(lstm, "forget3"))
    ]
    assert medians[0] < 1e-15 < medians[1] < 1e-4 < medians[2] < 1
    assert measured(compare(Experiment(), "gru"), "residual").verdict == "explodes"
    assert compare(Experiment(scale=0.0), "rnn").before.lost[:, :-1].all()


def test_progress_memory_and_what_is_refused() -> None:
    seen: list[float] = []
    found = compare(Experiment(length=400, hidden=41), "mingru", report=seen.append)
    assert len(found.before.ratio) == 3
    assert found.weight == "weight_ih"
    assert seen == sorted(seen)
    assert 0 <= seen[0] <= seen[-1] < 1
    with pytest.raises(ValueError, match="cell must be one of"):
        compare(SMALL, "nothing")
    with pytest.raises(ValueError, match="at least 1 seed, got 0"):
        compare(SMALL, "rnn", seeds=0)
    before = torch.get_rng_state()
    compare(replace(SMALL, seed=9999), "lstm", seeds=2)  # the next seed is 0
    assert torch.equal(before, torch.get_rng_state())
