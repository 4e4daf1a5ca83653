"""Where attention looks: acceptance test 13, on the smallest networks that show it."""

import pytest

from rnnviz.attention.config import PairConfig
from rnnviz.attention.fitting import PairFit


def learned(encoder, context, updates):
    """A network that reverses up to four letters: its last epoch, and the share of exact answers of four."""
    config = PairConfig(encoder=encoder, contexts=(context,), length=4, hidden=32, rate=0.01, updates=updates)
    fit = PairFit(config, context)
    fit.per_epoch = fit.steps  # it is measured before and after, and not on the way
    *_, last = fit
    return last, dict(last.by_length)[4]


def test_attention_over_symbols_and_places_stands_on_the_symbol_that_is_said():
    last, exact = learned("positions", "general", 300)
    assert exact > 0.97
    assert last.aligned > 0.93
    assert last.shifted[1] < 0.07


def test_attention_over_a_recurrent_encoder_need_not():
    """It is right as well, but mostly looks one place further, where the state has read the symbol, too."""
    last, exact = learned("gru", "bahdanau", 250)
    assert exact > 0.95
    assert last.aligned < 0.4
    assert last.shifted[0] == 1
    assert last.shifted[1] == pytest.approx(3 / 4, abs=0.15)  # the first symbol said has no place further
