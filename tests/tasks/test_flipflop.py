import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.race import Race
from rnnviz.tasks import make
from rnnviz.tasks.flipflop import PULSE


@given(st.integers(4, 100), st.integers(1, 5), st.integers(0, 9999))
def test_each_bit_holds_its_last_pulse(length, count, seed):
    batch = make(Race(task="flipflop", length=length)).batch(count, torch.Generator().manual_seed(seed))
    assert set(batch.x.unique().tolist()) <= {-1.0, 0.0, 1.0}
    held = torch.zeros(count, 3)
    for pulse, answer in zip(batch.x, batch.y, strict=True):
        held = torch.where(pulse != 0, pulse, held)
        assert torch.equal(answer, held)


@pytest.mark.parametrize(("length", "drawn"), [(4, 40), (4, 2000), (8, 500)])
def test_what_comes_up_again_is_counted(length, drawn):
    """Against drawing: the share of new sequences that are among ``drawn`` ones."""
    task = make(Race(task="flipflop", length=length))
    draws = torch.Generator().manual_seed(0)
    shares = []
    for _ in range(8):
        known = {tuple(one.flatten().tolist()) for one in task.batch(drawn, draws).x.unbind(1)}
        new = [tuple(one.flatten().tolist()) in known for one in task.batch(400, draws).x.unbind(1)]
        shares.append(sum(new) / len(new))
    assert task.met(drawn) == pytest.approx(sum(shares) / len(shares), abs=0.035)


def test_that_short_sequences_come_up_again_is_said():
    assert make(Race(task="flipflop")).notes == ()
    (note,) = make(Race(task="flipflop", length=4)).notes
    assert note.startswith("In 4 steps there are few pulses: about 98 % of the validation and test sequences")


def test_pulses_have_their_rate_and_no_sign_of_their_own():
    x = make(Race(task="flipflop", length=100)).batch(200, torch.Generator().manual_seed(0)).x
    assert (x != 0).double().mean().item() == pytest.approx(PULSE, abs=4 * math.sqrt(0.09 / 60_000))
    assert x[x != 0].mean().item() == pytest.approx(0, abs=4 / math.sqrt(6000))


@pytest.mark.parametrize("length", [4, 30, 100])
def test_the_yardsticks_are_what_the_simple_answers_cost(length):
    """Means over blocks, so that the spread between blocks gives the standard error."""
    task = make(Race(task="flipflop", length=length))
    zero, memoryless, share = task.yardsticks
    batches = [task.batch(400, torch.Generator().manual_seed(seed)) for seed in range(12)]
    signs = [torch.randn(batch.x.shape, generator=torch.Generator().manual_seed(7)) for batch in batches]
    guesses = [torch.where(b.x != 0, b.x, sign) for b, sign in zip(batches, signs, strict=True)]
    measured = {
        zero: [task.loss(torch.zeros_like(b.x), b).item() for b in batches],
        memoryless: [task.loss(b.x, b).item() for b in batches],
        share: [task.accuracy(guess, b) for guess, b in zip(guesses, batches, strict=True)],
    }
    for stick, values in measured.items():
        spread = torch.tensor(values, dtype=torch.float64)
        error = (spread.std() / math.sqrt(len(values))).item()
        assert spread.mean().item() == pytest.approx(stick.value, abs=4 * error)
        assert error < 0.02 * stick.value


def test_the_closed_form_against_the_sum():
    for length in (4, 30, 100):
        zero, memoryless, share = make(Race(task="flipflop", length=length)).yardsticks
        held = sum(1 - (1 - PULSE) ** step for step in range(1, length + 1)) / length
        assert zero.value == pytest.approx(held, rel=1e-12)
        assert memoryless.value == pytest.approx(held - PULSE, rel=1e-12)
        right = sum(PULSE + (1 - (1 - PULSE) ** step - PULSE) / 2 for step in range(1, length + 1)) / length
        assert share.value == pytest.approx(right / held, rel=1e-12)


def test_bits_that_have_not_been_set_do_not_count():
    task = make(Race(task="flipflop"))
    output = torch.where(task.test.y == 0, -5.0, 0.1 * task.test.y)
    assert task.accuracy(output, task.test) == 1
    assert task.accuracy(-output, task.test) == 0
    assert task.accuracy(torch.zeros_like(output), task.test) == 0
