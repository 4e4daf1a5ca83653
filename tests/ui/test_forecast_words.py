"""The sentences under a forecast quote its numbers, and say no more than they bear out."""

import math
import re
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from rnnviz import forecast
from rnnviz.forecast import ForecastConfig, Result
from rnnviz.forecast.config import TUTORIAL
from rnnviz.forecast.result import Epoch, Interval
from rnnviz.forecast.windows import Series
from rnnviz.ui.forecast import numbers, tables, words


@cache
def found(**settings: object) -> Result:
    steps = 0.01 * np.random.default_rng(5).standard_normal(159)
    prices = pd.Series(100 * np.exp(np.r_[0.0, steps].cumsum()), pd.bdate_range("2021-03-01", periods=160))
    chosen = {"hidden": 3, "window": 5, "horizon": 4, "epochs": 3, "batch": 64} | settings
    return forecast.run(prices, ForecastConfig(**chosen))  # type: ignore[arg-type]


def plain(sentences: list[str]) -> str:
    return re.sub("<[^>]*>", "", " ".join(sentences))


def with_metrics(**model: float) -> Result:
    metrics = found().metrics.copy()
    for name, value in model.items():
        metrics.loc["model", name] = value
    return replace(found(), metrics=metrics)


def test_the_numbers_are_those_of_the_result() -> None:
    result = found()
    said = plain(words.test(result))
    test, model, naive = result.test, result.metrics.loc["model"], result.metrics.loc["naive"]
    assert f"{len(test)} rows" in said
    assert f"{test.index[0]:%Y-%m-%d} to {test.index[-1]:%Y-%m-%d}" in said
    assert numbers.price(float(np.sqrt(((test["actual"] - test["model"]) ** 2).mean()))) in said
    assert numbers.price(float(np.sqrt(((test["actual"] - test["naive"]) ** 2).mean()))) in said
    assert numbers.skill(float(1 - model["RMSE"] / naive["RMSE"])) in said
    assert numbers.percent(result.up) in said
    held = float(((test["lower"] <= test["actual"]) & (test["actual"] <= test["upper"])).mean())
    assert f"held {numbers.percent(held)} of the true prices" in said
    assert numbers.price(float((test["upper"] - test["lower"]).mean()), 3) in said
    away = float((test["model"] - test["naive"]).abs().mean())
    assert f"It goes {numbers.price(away, 3)} away" in said


@pytest.mark.parametrize(
    ("skill", "p", "expected", "never"),
    [
        (0.0, 0.9, "no closer than to say: the same price again", "seldom"),
        (-0.003, 0.4, "no closer than", "larger than"),
        (0.003, 0.4, "hardly closer than", "smaller than"),
        (0.003, 0.01, "errors 0.30 % smaller than", "closer"),
        (-2.5, 0.0001, "errors 3.5 times as large as those", "smaller"),
        (-0.5, 0.0001, "errors 50.0 % larger than those", "smaller"),
        (0.2, 0.01, "errors 20.0 % smaller than", "often enough"),
    ],
)
def test_skill_is_explained(skill: float, p: float, expected: str, never: str) -> None:
    said = plain(words.test(with_metrics(skill=skill, dm_p=p)))
    assert expected in said
    assert "Skill 0 is what yesterday's price has" in said
    assert never not in said.split("Skill")[1]
    assert ("chance alone would seldom" in said) == (p < 0.05)


def test_what_cannot_be_said_is_left_out() -> None:
    nothing = with_metrics(skill=math.nan, dm_p=math.nan, direction=math.nan)
    said = plain(words.test(replace(nothing, interval=Interval(0.9, math.nan, math.nan, math.nan, math.nan))))
    assert "nan" not in said.lower()
    assert "Skill" not in said
    assert "It names no direction" in said
    assert "interval" not in said
    assert "direction" not in plain(words.test(replace(nothing, up=math.nan)))


def test_a_few_rows_tell_little() -> None:
    result = found()
    assert "has little to go by" not in plain(words.test(result))
    few = replace(with_metrics(dm_p=0.4), test=result.test.tail(12))
    assert "with 12 test rows the test has little to go by" in plain(words.test(few))
    assert plain(words.test(replace(few, test=result.test.tail(1))))
    some = with_metrics(dm_p=0.4, skill=0.05)
    assert 30 <= len(some.test) < words.MANY
    missed = "even a real advantage can go unnoticed"
    assert missed in plain(words.test(some))
    for other in (with_metrics(dm_p=0.01, skill=0.05), with_metrics(dm_p=0.4, skill=-0.05)):
        assert missed not in plain(words.test(other))


def test_several_steps_are_measured_by_step() -> None:
    result = found()
    said = plain(words.recursive(result))
    frame = result.recursive
    for step in (1, 4):
        off = (frame["actual"] - frame["model"]).abs()[frame["step"] == step].mean()
        assert f"at step {step}: {numbers.price(float(off))}" in said
    assert f"From {frame['origin'].nunique()} rows the network goes on alone" in said
    one = replace(result, errors_by_step=result.errors_by_step.head(1))
    assert "at step 4" not in plain(words.recursive(one))
    assert "too short" in plain(words.recursive(replace(one, errors_by_step=one.errors_by_step.head(0))))


def test_the_future_is_told_with_its_interval() -> None:
    result = found()
    said, last = plain(words.future(result)), result.future.iloc[-1]
    for value in (result.prices.iloc[-1], last["forecast"], last["lower"], last["upper"]):
        assert numbers.price(float(value)) in said
    assert f"at {result.future.index[-1]:%Y-%m-%d}" in said
    unknown = replace(result, future=result.future.drop(columns="held"))
    assert "had they known" not in plain(words.future(unknown)), "what was not measured is not said"
    assert "nan" not in tables.future(unknown)
    held = result.future.assign(held=[0.912, *[0.5] * (len(result.future) - 2), 0.874])
    told = plain(words.future(replace(result, future=held)))
    assert f"held 91 % of the true prices of the test part at step 1 and 87 % at step {len(held)}." in told
    assert "<td>87 %</td>" in tables.future(replace(result, future=held))
    lone = plain(
        words.future(replace(result, future=held.assign(held=[0.912, *[math.nan] * (len(held) - 1)])))
    )
    assert "at step 1." in lone
    below = replace(result, prices=result.prices - 200)
    assert "from there" in said
    assert "from there" not in plain(words.future(below)), "no share of a price below zero"


def epochs(*pairs: tuple[float, float]) -> tuple[Epoch, ...]:
    best = [all(pair[1] < before[1] for before in pairs[:k]) for k, pair in enumerate(pairs)]
    return tuple(Epoch(k, *pair, 1.0, best[k], 0.5 * k) for k, pair in enumerate(pairs))


def test_the_course_says_which_weights_were_kept_and_why() -> None:
    rising = epochs((1.0, 1.0), (0.9, 0.8), (0.5, 0.95))
    said = plain(words.course(rising, 1, 4.2))
    assert said.startswith(
        "2 epochs in 4 s; kept are the weights of epoch 1, validation error 0.8, before training 1."
    )
    assert "did not carry over" in said
    said = plain(words.course(epochs((1.0, 0.7), (0.9, 0.8)), 0, 1.0))
    assert "weights of epoch 0" in said
    assert "before training" not in said
    assert len(words.course(epochs((1.0, 1.0), (1.0, 0.9)), 1, 0.3)) == 1
    assert words.course((), 0, 0.0) == []
    alike = plain(words.course(epochs((1.0, 1.00041), (0.9, 1.00012)), 1, 1.0))
    assert "validation error 1.0001, before training 1.0004." in alike


def test_a_training_under_way() -> None:
    config = ForecastConfig()
    assert words.under_way((), config) == ["Nothing has been measured yet."]
    said = plain(words.under_way(epochs((1.0, 1.0), (0.9, 0.8), (0.5, 0.95)), config))
    assert (
        "After epoch 2 the validation error is 0.95; the smallest so far, 0.8, was that of epoch 1." in said
    )

    assert "does not learn from the validation part" in said
    said = plain(words.under_way(epochs((1.0, 1.0)), TUTORIAL))
    assert "learns from the validation part too" in said


@pytest.mark.parametrize(("mode", "patience"), [("levels", 9), ("levels", 3), ("returns", 9)])
def test_what_is_held_back_is_what_the_network_does_not_learn_from(mode: str, patience: int) -> None:
    config = ForecastConfig(mode=mode, epochs=5, patience=patience)
    series = Series(found().prices, config)
    assert words.holds_back(config) == (not set(series.calibration) <= set(series.training))


def test_notes_and_warnings_are_escaped() -> None:
    noted = replace(found(), notes=("a < b",))
    assert words.notes(noted, ["<script>x</script>"]) == ["a &lt; b", "&lt;script&gt;x&lt;/script&gt;"]


# How numbers are written


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.08236, "1.0824"), (12345.6, "12,346"), (-0.00012345, "−0.00012345"), (0, "0"), (math.nan, "–"),
     (math.inf, "–"), (1e12, "1.0 × 10¹²"), (99999.6, "100,000"), (1e-9, "1.0 × 10⁻⁹")],
)  # fmt: skip
def test_prices_have_digits_enough(value: float, text: str) -> None:
    assert numbers.price(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0012, "+0.12 %"),
        (-0.024, "−2.40 %"),
        (-12.5, "−1,250 %"),
        (math.nan, "–"),
        (-1e-6, "0.00 %"),
    ],
)
def test_skill_has_its_sign(value: float, text: str) -> None:
    assert numbers.skill(value) == text


def test_shares_and_p_values() -> None:
    assert numbers.percent(0.5123) == "51.2 %"
    assert numbers.percent(math.nan) == "–"
    assert [numbers.p(value) for value in (0.412, 0.034, 0.0002, math.nan)] == [
        "0.41",
        "0.034",
        "< 0.001",
        "–",
    ]
    assert numbers.counted(1, "row") == "<b>1</b> row"
    assert numbers.counted(3270, "row") == "<b>3,270</b> rows"


def test_tables_escape_what_is_in_them() -> None:
    text = numbers.table(["<i>"], [["<b>x", "&"]], about="<u>")
    assert "<i>" not in text
    assert "<b>" not in text
    assert "&lt;b&gt;x" in text
    assert "&amp;" in text


def test_the_metrics_table_has_every_forecaster_and_always_up() -> None:
    result = found()
    text = tables.metrics(result)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr.*?</tr>", text)]
    assert rows[0] == ["One step ahead", "RMSE", "MAE", "MASE", "Direction", "Skill", "DM p"]
    assert [row[0] for row in rows[1:]] == [
        "Model",
        "Yesterday&#x27;s price",
        "Drift",
        "Moving average",
        "Always “up”",
    ]
    for row, (_, metrics) in zip(rows[1:], result.metrics.iterrows(), strict=False):
        assert row[1:3] == [numbers.price(metrics["RMSE"]), numbers.price(metrics["MAE"])]
        assert row[4] == numbers.percent(metrics["direction"])
        assert row[5] == numbers.skill(metrics["skill"])
    assert rows[-1][4] == numbers.percent(result.up)


def test_the_days_to_come_as_a_table() -> None:
    result = found()
    text = tables.future(result)
    for day, row in result.future.iterrows():
        assert f"{day:%Y-%m-%d}" in text
        assert numbers.price(row["lower"]) in text
    assert text.count("<tr>") == len(result.future) + 1


def test_modes_have_their_equations(monkeypatch: pytest.MonkeyPatch) -> None:
    from rnnviz.ui.forecast import equations

    said: list[str] = []
    monkeypatch.setattr(equations, "st", SimpleNamespace(latex=said.append, html=said.append))
    for kind, mark in (("returns", r"\ln"), ("differences", "p_t - p_{t-1}"), ("levels", r"\max - \min")):
        said.clear()
        equations.draw(ForecastConfig(window=17, level=0.8), kind)
        assert mark in said[1]
        assert "W = 17 rows" in " ".join(said)
        assert "α = 0.2" in " ".join(said)
