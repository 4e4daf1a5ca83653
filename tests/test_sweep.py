"""Phase diagrams: every point against the gradients of its own model, closed forms, order statistics."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz import batch, build, gradients
from rnnviz.experiment import Experiment
from rnnviz.registry import CELLS
from rnnviz.sweep import Diagram, against_forget, against_length, crossings, seeds_from

SCALES, LENGTHS, SEEDS = (0.5, 1.7, 3.0), (2, 5, 11), (3, 4)
SMALL = Experiment(hidden=5, length=11, seed=3)


def own(experiment: Experiment, cell: str, dtype: torch.dtype = torch.float64) -> float:
    """The ratio as the rest of the package has it: by autograd through the experiment's own module."""
    module = build.build_module(experiment, cell).to(dtype)
    norms = gradients(module, build.build_input(experiment).to(dtype)).layers[0].h_norm
    return float((norms[0].double() / norms[-1].double()).log10())


def diagram(values: list[list[list[float]]], hidden: int = 1) -> Diagram:
    data = torch.tensor(values, dtype=torch.float64)
    return Diagram("rnn", "length", (1.0,) * data.shape[1], (2.0,) * len(data), (0,), hidden, data)


@pytest.mark.parametrize("signal", ["sine", "impulse"])  # one that goes on, one that the length shapes
@pytest.mark.parametrize("cell", CELLS)
def test_every_point_is_the_gradient_ratio_of_its_own_model(cell: str, signal: str) -> None:
    experiment = replace(SMALL, signal=signal, forget=0.7)
    found = against_length(experiment, cell, SCALES, LENGTHS, SEEDS).log_ratio
    for v, length in enumerate(LENGTHS):
        for s, scale in enumerate(SCALES):
            for n, seed in enumerate(SEEDS):
                # The input keeps the experiment's seed; neither of these signals has any.
                one = replace(experiment, length=length, scale=scale, seed=seed)
                assert found[v, s, n].item() == pytest.approx(own(one, cell), abs=1e-9)


@pytest.mark.parametrize("cell", [name for name, cell in CELLS.items() if cell.forget])
def test_every_forget_bias_is_that_of_its_own_model(cell: str) -> None:
    found = against_forget(SMALL, cell, (0.5, 2.0), (-3, 0.1, 6), SEEDS).log_ratio
    for v, forget in enumerate((-3, 0.1, 6)):
        for s, scale in enumerate((0.5, 2.0)):
            for n, seed in enumerate(SEEDS):
                one = replace(SMALL, forget=forget, scale=scale, seed=seed)
                assert found[v, s, n].item() == pytest.approx(own(one, cell), abs=1e-9)


@pytest.mark.parametrize("init", ["pytorch", "gaussian", "orthogonal", "identity"])
def test_the_app_s_own_float32_model_gives_the_same(init: str) -> None:
    experiment = Experiment(length=30, init=init, scale=1.3, seed=5, signal="walk")
    for cell in ("rnn", "lstm", "gru"):
        (found,) = against_length(experiment, cell, [1.3], [30], [5]).log_ratio.flatten().tolist()
        assert found == pytest.approx(own(experiment, cell, torch.float32), abs=1e-3)


@pytest.mark.parametrize(
    ("signal", "typed"), [("text", {"text": "abcab"}), ("numbers", {"numbers": "1, -2, 30, 4"})]
)
def test_of_what_was_typed_the_first_steps_count(signal: str, typed: dict[str, str]) -> None:
    experiment = replace(SMALL, signal=signal, **typed)
    found = against_length(experiment, "gru", [2.0], [2, 3, 4], [3]).log_ratio.flatten()
    x, module = (
        build.build_input(experiment).double(),
        build.build_module(replace(experiment, scale=2), "gru"),
    )
    for length, value in zip((2, 3, 4), found.tolist(), strict=True):
        norms = gradients(module.double(), x[:length]).layers[0].h_norm
        assert value == pytest.approx(float((norms[0] / norms[-1]).log10()), abs=1e-9)
    with pytest.raises(ValueError, match=f"rising from 2 to {experiment.steps}, got"):
        against_length(experiment, "gru", [1.0], [2, 6], [0])


def test_a_linear_rnn_with_an_orthogonal_matrix_gives_powers_of_the_scale() -> None:
    experiment = Experiment(hidden=6, init="orthogonal")
    scales, lengths = (0.05, 0.5, 1.0, 4.0), (2, 100, 500)
    found = against_length(experiment, "rnn_linear", scales, lengths, (0, 1))
    exponents = torch.tensor([length - 1.0 for length in lengths], dtype=torch.float64)
    expected = exponents[:, None] * torch.tensor(scales, dtype=torch.float64).log10()
    # W_hh is orthogonal to float32's digits; far below what float64 itself could hold, 1e-649 is exact.
    torch.testing.assert_close(found.median, expected, rtol=1e-6, atol=1e-4)
    assert found.below.tolist() == [[False] * 4, [True, False, False, False], [True, True, False, False]]
    assert found.above.tolist() == [[False] * 4, [False] * 3 + [True], [False] * 3 + [True]]


def test_without_a_recurrent_weight_nothing_comes_back_or_nothing_changes() -> None:
    for cell in ("rnn", "lstm", "rnn_relu"):
        assert against_length(SMALL, cell, [0], LENGTHS, SEEDS).median.isneginf().all()
    found = against_length(SMALL, "mingru", SCALES, LENGTHS, SEEDS).log_ratio
    assert (found == found[:, :1]).all()


def test_what_leaves_float64_is_no_number() -> None:
    experiment = Experiment(hidden=4, init="identity", signal="numbers", numbers=" ".join(["1e30"] * 500))
    found = against_length(experiment, "rnn_relu", [1.0, 4.0], [500], [0, 1])
    assert found.median.isnan().tolist() == [[False, True]]


def test_pieces_change_nothing_and_progress_rises_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    shares: list[float] = []
    whole = against_length(SMALL, "lstm", SCALES, LENGTHS, SEEDS, shares.append).log_ratio
    assert shares == sorted(shares)
    assert shares[-1] == 1
    monkeypatch.setattr(batch, "_ROOM", 1)
    many: list[float] = []
    torch.testing.assert_close(
        against_length(SMALL, "lstm", SCALES, LENGTHS, SEEDS, many.append).log_ratio, whole
    )
    assert len(many) == 6 * len(shares)
    assert many == sorted(many)
    assert many[-1] == pytest.approx(1)


def test_it_can_be_given_up_and_leaves_the_global_generator_alone() -> None:
    def leave(share: float) -> None:
        raise InterruptedError

    before = torch.get_rng_state()
    with pytest.raises(InterruptedError):
        against_length(SMALL, "rnn", SCALES, LENGTHS, SEEDS, leave)
    against_length(SMALL, "rnn", SCALES, LENGTHS, SEEDS)
    assert torch.equal(before, torch.get_rng_state())


def test_seeds_go_round() -> None:
    assert seeds_from(9998, 4) == (9998, 9999, 0, 1)


def test_median_and_quartiles_are_those_of_the_halves() -> None:
    one = diagram([[[5.0, 1.0, 4.0, 2.0, 8.0, 7.0, 3.0, 6.0]]])
    assert one.median.item() == 4.5
    assert [quartile.item() for quartile in one.quartiles] == [2.5, 6.5]
    assert [quartile.item() for quartile in diagram([[[1.0, 2.0, 4.0]]]).quartiles] == [1.5, 3.0]
    lost = diagram([[[-math.inf, -math.inf, -3.0, math.nan], [-math.inf, -math.inf, -math.inf, 1.0]]])
    assert lost.median[0].isnan().tolist() == [True, False]
    assert lost.median[0, 1] == -math.inf
    assert all(quartile[0, 0].isnan() for quartile in lost.quartiles)
    assert [quartile[0, 1].item() for quartile in lost.quartiles] == [-math.inf, -math.inf]


def test_the_ends_of_float32_are_those_of_the_norm() -> None:
    tiny, huge = math.log10(torch.finfo(torch.float32).tiny), math.log10(torch.finfo(torch.float32).max)
    row = [[tiny - 1.01], [tiny - 0.99], [huge - 1.01], [huge - 0.99]]
    found = diagram([row], hidden=100)  # ||dL/dh_T|| is 10
    assert found.below.tolist() == [[True, False, False, False]]
    assert found.above.tolist() == [[False, False, False, True]]


@given(slope=st.floats(0.1, 50), at=st.floats(0.15, 3.95))
def test_a_straight_row_passes_1_where_it_should(slope: float, at: float) -> None:
    scales = [0.1 * k for k in range(1, 41)]
    row = torch.tensor([slope * (scale - at) for scale in scales], dtype=torch.float64)
    assert crossings(scales, row) == pytest.approx([at], abs=1e-9)
    assert crossings(scales, -row.abs() - 1) == []


def test_rows_with_gaps_pass_1_only_between_numbers() -> None:
    row = torch.tensor([-math.inf, 1.0, -1.0, math.nan, 2.0], dtype=torch.float64)
    assert crossings([1, 2, 3, 4, 5], row) == [2.5]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cell": "elman"}, "cell must be one of"),
        ({"scales": []}, "at least one value in scales"),
        ({"seeds": []}, "at least one value in seeds"),
        ({"lengths": []}, "at least one value in lengths"),
        ({"lengths": [1, 5]}, "lengths rising from 2 to 500"),
        ({"lengths": [5, 5]}, "lengths rising from 2 to 500"),
        ({"lengths": [501]}, "lengths rising from 2 to 500"),
    ],
)
def test_what_does_not_fit_is_said(change: dict[str, object], words: str) -> None:
    asked = {"cell": "rnn", "scales": SCALES, "lengths": LENGTHS, "seeds": SEEDS} | change
    with pytest.raises(ValueError, match=words):
        against_length(SMALL, **asked)  # type: ignore[arg-type]


def test_a_cell_without_a_forget_gate_has_no_forget_bias() -> None:
    with pytest.raises(ValueError, match="a forget gate, got 'gru'"):
        against_forget(SMALL, "gru", SCALES, [0], SEEDS)
