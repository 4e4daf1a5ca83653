"""The small problems: answers that are true, yardsticks in closed form."""

import math

import pytest
import torch

from rnnviz.architectures import ARCHITECTURES, Shape, problem_of
from rnnviz.architectures.sizes import answered

KINDS = [kind for kind, _ in ARCHITECTURES]


def drawn(kind, count=3, **settings):
    return problem_of(Shape(kind, **settings)).batch(count, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("N", [4, 13, 24])
def test_batches_have_the_shapes_that_are_told(kind, N):
    shape = Shape(kind, length=N)
    problem = problem_of(shape)
    x, y = problem.batch(5, torch.Generator().manual_seed(1))
    again = problem.batch(5, torch.Generator().manual_seed(1))
    assert torch.equal(x, again[0])
    assert torch.equal(y, again[1])
    assert x.shape == (1 if kind.startswith("one") else N, 5, problem.D)
    M = len(answered(shape))
    expected = {"classes": (5,), "regression": (M, 5, problem.O)}[problem.kind]
    assert y.shape == ((5, 1) if kind == "attention" else expected)
    assert not torch.equal(problem.shown[0][:, :1], problem.test[0][:, :1])


def test_running_and_centred_means():
    x, y = drawn("n_to_n", length=6)
    torch.testing.assert_close(y[3], x[:4].mean(0))
    x, y = drawn("bidirectional", length=6)
    torch.testing.assert_close(y[2], x[:5].mean(0))
    torch.testing.assert_close(y[5], x[3:].mean(0))
    torch.testing.assert_close(y[0], x[:3].mean(0))


def test_records_and_peaks():
    x, y = drawn("stacked", length=5)
    records = torch.stack([x[: t + 1].amax(0) for t in range(5)])
    torch.testing.assert_close(y[4], records.mean(0))
    x, y = drawn("hierarchical", length=11)  # 4, 4 and 3 steps
    torch.testing.assert_close(y[0], x[:4].amax(0))
    torch.testing.assert_close(y[2], (x[:4].amax(0) + x[4:8].amax(0) + x[8:].amax(0)) / 3)


def test_rhythms_come_at_their_pace():
    x, which = drawn("n_to_1", count=40, length=24)
    for k in range(40):
        beats = (x[:, k, 0] > 0.5).nonzero().flatten()
        # Noise of 0.2 may hide a beat or make one; the most frequent distance is the true one.
        assert beats.diff().mode().values.item() == which[k] + 2
    x, which = drawn("layernorm", count=60, length=12)
    loudness = x.abs().amax((0, 2))
    assert loudness.max() / loudness.min() > 100


def test_a_wave_has_the_frequency_that_was_read():
    x, y = drawn("one_to_n", count=8, length=24)
    period = 1 / ((1 / 16 + 1 / 6) / 2 + x[0, :, 0] * (1 / 6 - 1 / 16) / 2)
    assert ((period >= 6) & (period <= 16)).all()
    t = torch.arange(1, 25).view(24, 1)
    torch.testing.assert_close(y[:, :, 0], torch.sin(2 * math.pi * t / period), rtol=0, atol=1e-4)
    again = drawn("one_to_n_each", count=8, length=24)
    assert torch.equal(again[0], x)
    assert torch.equal(again[1], y)


def test_a_wave_goes_on():
    """A sine follows its own recurrence: w_{t+1} + w_{t-1} = 2 cos(omega) w_t."""
    x, y = drawn("n_to_m", count=6, length=10)
    wave = torch.cat([x, y])[..., 0].double()
    middle = wave[1:-1].square().sum(0)
    cosine = ((wave[2:] + wave[:-2]) * wave[1:-1]).sum(0) / (2 * middle)
    torch.testing.assert_close(wave[2:] + wave[:-2], 2 * cosine * wave[1:-1], rtol=0, atol=1e-4)


def test_marks_and_every_third_value():
    x, y = drawn("attention", count=20, length=7)
    assert torch.equal(x[..., 1].sum(0), torch.ones(20))
    torch.testing.assert_close(y[:, 0], x[..., 0][x[..., 1].argmax(0), torch.arange(20)])
    x, y = drawn("contexts", length=12)
    assert torch.equal(y, x[[11, 8, 5, 2]])


def test_yardsticks_are_the_closed_forms():
    def blind(kind, **settings):
        return problem_of(Shape(kind, **settings)).yardsticks[0].value

    # The variance of a mean of t numbers from -1 to 1 is 1 / 3t.
    expected = sum(1 / (3 * t) for t in range(1, 13)) / 12
    assert blind("n_to_n", length=12) == pytest.approx(expected, rel=0.15)
    assert blind("n_to_1") == pytest.approx(math.log(3), abs=0.02)
    assert blind("contexts") == pytest.approx(1 / 3, rel=0.15)
    assert blind("attention") == pytest.approx(1 / 3, rel=0.15)
    assert blind("n_to_m") == pytest.approx(1 / 2, rel=0.15)


def test_what_reading_forwards_alone_must_cost():
    """The best guess without the next two numbers leaves out what they bring; its loss is measured."""
    N = 6
    problem = problem_of(Shape("bidirectional", length=N))
    x, y = problem.batch(100_000, torch.Generator().manual_seed(0))
    known = [x[max(t - 2, 0) : t + 1].sum(0) / len(x[max(t - 2, 0) : t + 3]) for t in range(N)]
    assert problem.yardsticks[1].value == pytest.approx(
        (torch.stack(known) - y).square().mean().item(), rel=0.02
    )


def test_losses_and_accuracy():
    problem = problem_of(Shape("n_to_1"))
    answer, y = torch.eye(3)[[0, 1, 2, 2]] * 50, torch.tensor([0, 1, 2, 1])
    assert problem.accuracy(answer, y) == 0.75
    assert problem.loss(answer, y).item() == pytest.approx(50 / 4, rel=1e-5)
    problem = problem_of(Shape())
    assert problem.accuracy(torch.zeros(2, 1, 1), torch.ones(2, 1, 1)) is None
    assert problem.loss(torch.zeros(2, 1, 1), torch.ones(2, 1, 1)).item() == 1


def test_what_becomes_of_n_is_said():
    assert problem_of(Shape("hierarchical", length=11)).notes == (
        "11 steps are cut into 3 short sequences of 3 or 4: √11 is 3.3.",
    )
    assert problem_of(Shape("n_to_m", length=12)).notes == (
        "N = 12 steps are read, then M = 6 others are said.",
    )
    assert problem_of(Shape()).notes == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_larger_batch_begins_with_the_sequences_of_a_smaller_one(kind):
    few, many = (problem_of(Shape(kind, batch=batch)) for batch in (3, 32))
    (x, y), (all_x, all_y) = few.shown, many.shown
    assert x.shape[1] == 3
    assert torch.equal(all_x[:, :3], x)
    assert torch.equal(many.cut(all_x, all_y, 3)[1], y)
