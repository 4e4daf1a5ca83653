"""The verdict: one sentence for each case, with its numbers."""

import numpy as np
import pandas as pd
import pytest

from rnnviz.forecast import metrics
from rnnviz.forecast.verdict import p_value, ratio, sentence


def table(model: float, naive: float, p: float) -> pd.DataFrame:
    return pd.DataFrame({"RMSE": [model, naive], "dm_p": [p, np.nan]}, index=["model", "naive"])


@pytest.mark.parametrize(
    ("model", "p", "rows", "expected"),
    [
        (
            1.0002,
            0.41,
            654,
            "The network does not beat yesterday's price (RMSE 1.000 times its, DM p = 0.41, 654 test rows): "
            "the difference is within chance.",
        ),
        (
            0.912,
            0.0004,
            1654,
            "The network beats yesterday's price (RMSE 0.912 times its, DM p < 0.001, 1,654 test rows): "
            "chance alone seldom brings that about.",
        ),
        (
            4.91,
            1e-9,
            654,
            "The network is worse than yesterday's price (RMSE 4.91 times its, DM p < 0.001, 654 test rows): "
            "repeating the last price would have been closer.",
        ),
        (
            0.8,
            0.01,
            12,
            "Too few rows to tell: the network has 0.800 times the RMSE of yesterday's price over 12 test rows, and "
            "fewer than 30 cannot tell skill from luck.",
        ),
        (
            np.nan,
            np.nan,
            654,
            "The network cannot be judged: not all of its forecasts are finite numbers; a lower learning rate, or "
            "clipping, may help.",
        ),
    ],
)
def test_sentences(model: float, p: float, rows: int, expected: str) -> None:
    assert sentence(table(model, 1.0, p), rows) == expected


def test_nothing_to_beat() -> None:
    said = sentence(table(1.0, 0.0, 0.0), 654, "The GRU")
    assert said.startswith("The GRU has nothing to beat")


def test_a_significant_difference_never_reads_as_none() -> None:
    assert "RMSE 0.9997 times" in sentence(table(0.9997, 1.0, 0.01), 654)
    assert "RMSE 1.000 times" in sentence(table(0.9997, 1.0, 0.4), 654)


def test_numbers_as_words() -> None:
    assert [ratio(value) for value in (0.98765, 1.5, 2.151, 13.67, 1234.5)] == [
        "0.988",
        "1.500",
        "2.15",
        "13.7",
        "1,234",
    ]
    assert [p_value(p) for p in (0.0009, 0.0123, 0.41, 1.0)] == [
        "p < 0.001",
        "p = 0.012",
        "p = 0.41",
        "p = 1.00",
    ]


def test_of_forecasts_whose_worth_is_known() -> None:
    rng = np.random.default_rng(0)
    changes = rng.normal(size=500)
    actual = 100 + changes.cumsum()
    naive = actual - changes
    train = pd.Series(actual[:100])
    for share, words in ((0.5, "beats"), (0.0, "does not beat"), (-0.5, "is worse than")):
        # Knows half of the change, nothing of it, or takes it to go the other way.
        model = naive + share * changes + rng.normal(size=500) * 1e-3
        test = pd.DataFrame({"actual": actual, "model": model, "naive": naive})
        assert f"The network {words} yesterday's price" in sentence(metrics.table(test, train), 500)
