import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz import letters
from rnnviz.modules import CellModule
from rnnviz.tasks.alphabet import REPLACEMENT, alphabet_of

TEXT = "To be, or not to be:\nthat is the question.\n"
ALPHABET = alphabet_of(TEXT)
V, H = len(ALPHABET), 7

CELLS = {
    "rnn": lambda: nn.RNN(V, H),
    "gru": lambda: nn.GRU(V, H),
    "lstm": lambda: nn.LSTM(V, H),
    "mingru": lambda: CellModule("mingru", V, H),
    "lstm_peephole": lambda: CellModule("lstm_peephole", V, H),
}


class Model(nn.Module):
    def __init__(self, rnn, seed=0, spread=1.5):
        super().__init__()
        self.rnn, self.head = rnn, nn.Linear(H, V)
        draws = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.uniform_(-spread, spread, generator=draws)
        self.double()


@pytest.fixture(params=CELLS)
def model(request):
    before = torch.get_rng_state()
    built = Model(CELLS[request.param]())
    torch.set_rng_state(before)
    return built


def logits(model, text):
    codes = torch.tensor([ALPHABET.index(sign) for sign in text])
    x = nn.functional.one_hot(codes, V).double().unsqueeze(1)
    with torch.no_grad():
        return model.head(model.rnn(x)[0])[:, 0]


@pytest.mark.parametrize("temperature", [0.3, 1, 2.5])
def test_each_letter_is_drawn_from_the_softmax_of_a_whole_forward_pass(model, temperature):
    drawn = letters.sample(model, ALPHABET, "to be", 40, temperature, seed=3)
    assert len(drawn.text) == 40
    expected = (logits(model, drawn.prompt + drawn.text)[len(drawn.prompt) - 1 : -1] / temperature).softmax(
        -1
    )
    torch.testing.assert_close(drawn.chances, expected, atol=1e-12, rtol=1e-9)
    draws = torch.rand(40, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    for letter, row, draw in zip(drawn.text, drawn.chances, draws, strict=True):
        place = ALPHABET.index(letter)
        assert row[:place].sum() <= draw + 1e-12
        assert draw <= row[: place + 1].sum() + 1e-12


def test_the_same_seed_draws_the_same_and_touches_nothing(model):
    before, weights = torch.get_rng_state(), {name: p.clone() for name, p in model.named_parameters()}
    one = letters.sample(model, ALPHABET, "to", 60, 1.0, seed=1)
    assert one.text == letters.sample(model, ALPHABET, "to", 60, 1.0, seed=1).text
    assert one.text != letters.sample(model, ALPHABET, "to", 60, 1.0, seed=2).text
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(p, weights[name]) and p.grad is None for name, p in model.named_parameters())


def test_a_temperature_near_0_is_that_of_0_and_takes_the_largest(model):
    coldest = letters.sample(model, ALPHABET, "to be", 30, 0)
    assert coldest.text == letters.sample(model, ALPHABET, "to be", 30, 1e-300, seed=9).text
    best = logits(model, "to be" + coldest.text)[len("to be") - 1 : -1].argmax(-1)
    assert coldest.text == "".join(ALPHABET[place] for place in best)
    assert set(coldest.chances.unique().tolist()) == {0.0, 1.0}


def test_the_shares_of_drawn_letters_are_the_probabilities():
    """Independent first letters of 2,000 seeds against their probabilities: chi-squared with V - 1 degrees."""
    model = Model(nn.RNN(V, H), spread=0.3)
    row = letters.read(model, ALPHABET, "t").chances[-1]
    counts = torch.zeros(V, dtype=torch.float64)
    for seed in range(2000):
        counts[ALPHABET.index(letters.sample(model, ALPHABET, "t", 1, 1.0, seed).text)] += 1
    distance = ((counts - 2000 * row).square() / (2000 * row)).sum().item()
    assert distance < V - 1 + 4 * math.sqrt(2 * (V - 1))


@given(st.lists(st.floats(-700, 700), min_size=2, max_size=9), st.sampled_from([0, 1e-6, 0.1, 1, 7.5, 1e6]))
def test_chances(values, temperature):
    z = torch.tensor(values, dtype=torch.float64)
    p = letters.chances(z, temperature)
    assert p.isfinite().all()
    assert p.sum().item() == pytest.approx(1)
    assert p[z.argmax()] == p.max()
    if temperature:
        gap = ((z[0] - z[1]) / temperature).item()
        if abs(gap) < 600 and min(p[:2]) > 1e-300:
            assert (p[0].log() - p[1].log()).item() == pytest.approx(gap, abs=1e-9, rel=1e-9)


def test_what_cannot_be_drawn_says_so():
    model = Model(nn.GRU(V, H))
    for temperature in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match="expected a temperature of at least 0"):
            letters.sample(model, ALPHABET, "to", 3, temperature)
    for count in (-1, letters.LONGEST_SAMPLE + 1):
        with pytest.raises(ValueError, match="expected from 0 to 1000 letters"):
            letters.sample(model, ALPHABET, "to", count)
    with pytest.raises(ValueError, match="reads and says"):
        letters.sample(model, ALPHABET[1:], "to", 3)
    with pytest.raises(ValueError, match="replacement sign"):
        letters.sample(model, tuple("x" * V), "to", 3)
    for text in ("", "t" * (letters.LONGEST_READING + 1)):
        with pytest.raises(ValueError, match="expected a text of 1 to 10,000 characters"):
            letters.read(model, ALPHABET, text)
    with torch.no_grad():
        model.head.bias[0] = math.nan
    for temperature in (0, 1):
        broken = letters.sample(model, ALPHABET, "to", 3, temperature)
        assert (broken.text, broken.chances.shape) == ("", (0, V))
        assert "no longer finite" in broken.notes[0]


def test_an_empty_prompt_is_a_line_feed_or_the_first_letter():
    model = Model(nn.GRU(V, H))
    assert letters.sample(model, ALPHABET, "", 5).prompt == "\n"
    assert letters.sample(model, ALPHABET, "", 5).text == letters.sample(model, ALPHABET, "\n", 5).text
    other = ("a", *ALPHABET[1:])
    assert "\n" not in other
    assert letters.sample(model, other, "", 5).prompt == "a"
    nothing = letters.sample(model, ALPHABET, "to", 0)
    assert (nothing.text, nothing.chances.shape) == ("", (0, V))


def test_strange_signs_are_read_as_the_replacement_sign():
    model = Model(nn.GRU(V, H))
    drawn = letters.sample(model, ALPHABET, "tö b\U0001f600", 4)
    assert drawn.prompt == f"t{REPLACEMENT} b{REPLACEMENT}"
    assert drawn.notes == (f"2 of 5 characters are not in the alphabet and are read as {REPLACEMENT}.",)
    assert letters.read(model, ALPHABET, "to\r\nbe").text == "to\nbe"


def test_a_reading_is_the_forward_pass(model):
    reading = letters.read(model, ALPHABET, TEXT)
    row = logits(model, TEXT).log_softmax(-1)
    torch.testing.assert_close(reading.chances.log(), row, atol=1e-10, rtol=1e-10)
    assert reading.surprise[0].isnan()
    for step in range(1, len(TEXT)):
        bits = -row[step - 1, ALPHABET.index(TEXT[step])].item() / math.log(2)
        assert reading.surprise[step].item() == pytest.approx(bits, rel=1e-9)
    torch.testing.assert_close(model.head(reading.h), logits(model, TEXT), atol=1e-12, rtol=0)
    assert (reading.c is not None) == ("lstm" in getattr(model.rnn, "cell", type(model.rnn).__name__.lower()))
    if reading.c is not None and isinstance(model.rnn, nn.LSTM):
        x = nn.functional.one_hot(torch.tensor([ALPHABET.index(sign) for sign in TEXT]), V).double()
        torch.testing.assert_close(reading.c[-1], model.rnn(x)[1][1][0], atol=1e-12, rtol=0)


def test_next_letters_are_the_largest_chances(model):
    found = letters.next_letters(model, ALPHABET, "to b", 5)
    row = logits(model, "to b")[-1].softmax(-1)
    assert [letter for letter, _ in found] == [ALPHABET[place] for place in row.topk(5).indices]
    assert [value for _, value in found] == pytest.approx(row.topk(5).values.tolist())
    assert len(letters.next_letters(model, ALPHABET, "to b", 1000)) == V
    assert letters.most_probable(torch.ones(V) / V, ALPHABET, 3) == tuple(
        (letter, pytest.approx(1 / V)) for letter in ALPHABET[:3]
    )


def test_correlations_are_pearsons():
    draws = torch.Generator().manual_seed(0)
    rows = torch.randn(3, 50, generator=draws, dtype=torch.float64)
    states = torch.randn(50, 4, generator=draws, dtype=torch.float64)
    states[:, 1] = -2 * rows[0] + 1
    states[:, 2] = 0.3
    rows[2] = 7.1
    found = letters.correlations(rows, states)
    expected = torch.corrcoef(torch.cat([rows, states.T]))[:3, 3:]
    torch.testing.assert_close(found[:2, [0, 3]], expected[:2, [0, 3]], atol=1e-12, rtol=0)
    assert found[0, 1].item() == pytest.approx(-1)
    assert found[:, 2].isnan().all()
    assert found[2].isnan().all()


def test_neurons_name_the_unit_that_follows_a_property(model):
    text = TEXT * 3
    found = letters.neurons(model, ALPHABET, text)
    assert found.states.shape == (len(text), H)
    assert found.correlations.shape == (len(found.properties), H)
    assert {one.property for one in found.telling} == set(found.properties)
    sizes = [abs(one.correlation) for one in found.telling]
    assert sizes == sorted(sizes, reverse=True)
    for one in found.telling:
        row = found.correlations[found.properties.index(one.property)]
        assert abs(one.correlation) == row.abs().nan_to_num(0).max().item()
        assert row[one.unit].item() == one.correlation
    assert "inside brackets" not in found.properties


def test_a_unit_built_to_follow_vowels_is_found():
    built = Model(nn.RNN(V, H), spread=0.01)
    with torch.no_grad():
        for place, letter in enumerate(ALPHABET):
            built.rnn.weight_ih_l0[4, place] = 2.0 if letter in "aeiou" else -2.0
    found = {one.property: one for one in letters.neurons(built, ALPHABET, TEXT * 2).telling}
    assert found["a vowel"].unit == 4
    assert found["a vowel"].correlation > 0.999


def test_the_memory_of_an_lstm_can_be_asked_for():
    built = Model(nn.LSTM(V, H))
    reading = letters.read(built, ALPHABET, TEXT)
    assert torch.equal(letters.neurons(built, ALPHABET, TEXT, memory=True).states, reading.c)
    assert torch.equal(letters.neurons(built, ALPHABET, TEXT).states, reading.h)
    other = Model(nn.GRU(V, H))
    assert torch.equal(
        letters.neurons(other, ALPHABET, TEXT, memory=True).states, letters.read(other, ALPHABET, TEXT).h
    )


def test_one_letter_and_a_broken_model_still_give_a_picture():
    built = Model(nn.GRU(V, H))
    found = letters.neurons(built, ALPHABET, "t")
    assert (found.properties, found.telling, found.states.shape) == ((), (), (1, H))
    with torch.no_grad():
        built.rnn.weight_hh_l0[0, 0] = math.nan
    broken = letters.neurons(built, ALPHABET, TEXT * 2)
    assert broken.states.isnan().any()
    assert all(math.isfinite(one.correlation) for one in broken.telling)
