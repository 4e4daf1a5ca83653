"""What is taken away from a forecast: numbers as they are, text that no spreadsheet runs, a script that forecasts."""

import csv
import io
import math
import re
import runpy
import subprocess
import sys
import zipfile
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from series import made

from rnnviz import forecast
from rnnviz.forecast import ForecastConfig, Result, export, export_model, export_report, export_svg
from rnnviz.forecast.config import NETWORKS
from rnnviz.forecast.wording import percent, price, skill
from rnnviz.typed import NUMBER

HOSTILE = "=cmd|'/c calc'!A1 <script>alert(1)</script> <img src=//x.example/a onerror=a()> \"quoted\";=1+1\t@x\r\n+y"


@cache
def found(**settings: object) -> Result:
    chosen = {"hidden": 3, "window": 5, "horizon": 4, "epochs": 2, "batch": 64} | settings
    prices = made(160, seed=3)
    return forecast.run(prices, ForecastConfig(**chosen))  # type: ignore[arg-type]


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


# CSV


def test_every_forecast_is_in_the_table_to_the_last_digit() -> None:
    result = found()
    table = rows(export.forecasts_csv(result))
    kinds = {kind: [row for row in table if row["kind"] == kind] for kind in export.KINDS}
    assert sum(map(len, kinds.values())) == len(table)
    for name in ("actual", "model", "naive", "drift", "average", "lower", "upper"):
        assert [float(row[name]) for row in kinds["one step"]] == result.test[name].tolist()
    assert [row["date"] for row in kinds["one step"]] == [f"{day:%Y-%m-%d}" for day in result.test.index]
    dates = [f"{day:%Y-%m-%d}" for day in result.prices.index]
    for row, (_, true) in zip(kinds["recursive"], result.recursive.iterrows(), strict=True):
        assert row["origin"] == dates[int(true["origin"])]
        assert row["date"] == dates[int(true["origin"] + true["step"])]
        assert float(row["actual"]) == result.prices[row["date"]] == true["actual"]
        assert (float(row["model"]), float(row["naive"])) == (true["model"], true["naive"])
        assert row["drift"] == row["lower"] == ""
    assert [float(row["model"]) for row in kinds["future"]] == result.future["forecast"].tolist()
    assert [float(row["upper"]) for row in kinds["future"]] == result.future["upper"].tolist()
    assert {row["origin"] for row in kinds["future"]} == {dates[-1]}
    assert {row["actual"] for row in kinds["future"]} == {""}


def test_whether_the_interval_held_is_told_row_by_row() -> None:
    result = found()
    table = rows(export.forecasts_csv(result))
    held = {kind: [row["held"] for row in table if row["kind"] == kind] for kind in export.KINDS}
    inside = result.test["actual"].between(result.test["lower"], result.test["upper"])
    assert held["one step"] == [str(int(one)) for one in inside]
    assert np.mean([int(one) for one in held["one step"]]) == pytest.approx(result.interval.coverage)
    assert set(held["recursive"]) == {""}
    assert [float(one) if one else math.nan for one in held["future"]] == pytest.approx(
        result.future["held"].tolist(), nan_ok=True
    )


def test_the_metrics_are_those_of_the_result() -> None:
    result = found()
    table = {row["forecaster"]: row for row in rows(export.metrics_csv(result, "Close"))}
    for name, label in (("model", "Model"), ("naive", "Yesterday's price"), ("drift", "Drift")):
        for metric, value in result.metrics.loc[name].items():
            cell = table[label][str(metric)]
            assert math.isnan(value) if cell == "" else float(cell) == value
    assert float(table["Model"]["interval_coverage"]) == result.interval.coverage
    assert table["Drift"]["interval_coverage"] == ""
    assert float(table["Drift"]["always_up"]) == result.up
    assert {row["series"] for row in table.values()} == {"Close"}


def harmless(cell: str) -> bool:
    """Whether a spreadsheet takes a cell as it stands: no formula, and no mark that would begin another line."""
    return bool(NUMBER.match(cell)) or not cell.lstrip().startswith(tuple(export.FORMULA))


EVIL = st.text(st.sampled_from("=+-@＝\t\r\n ;,|\"'a1.\x00\u2028\x0b"), max_size=12) | st.text(max_size=20)


@given(text=EVIL)
def test_no_cell_becomes_a_formula_however_the_line_is_cut(text: str) -> None:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(["x", export.safe(text), 1.5])
    for delimiter in ",;\t|":
        (cells,) = csv.reader(io.StringIO(line.getvalue()), delimiter=delimiter)
        assert all(harmless(cell) for cell in cells), (text, delimiter, cells)


@given(value=st.floats(allow_nan=False, allow_infinity=False), number=st.from_regex(NUMBER, fullmatch=True))
def test_numbers_stay_numbers_below_zero_too(value: float, number: str) -> None:
    assert float(export.safe(repr(value))) == value
    assert export.safe(number) == number


def test_text_that_does_no_harm_is_left_as_it_is() -> None:
    for text in ("Close", "Adj Close", "000001.SZ", "日期", "BRK-B", "a+b", "2021-03-01", "Kurs (€)", ""):
        assert export.safe(text) == text


def test_a_hostile_name_does_no_harm_in_any_row() -> None:
    for text in (export.forecasts_csv(found(), HOSTILE), export.metrics_csv(found(), HOSTILE)):
        assert len(text.splitlines()) == len(rows(text)) + 1, "a line a row"
        for delimiter in ",;\t|":
            for line in csv.reader(io.StringIO(text), delimiter=delimiter):
                assert all(harmless(cell) for cell in line)


def test_times_of_day_are_kept() -> None:
    assert export.labels(pd.DatetimeIndex(["2024-01-02", "2024-01-03"])) == ["2024-01-02", "2024-01-03"]
    hours = pd.DatetimeIndex(["2024-01-02 00:00", "2024-01-02 09:30"])
    assert export.labels(hours) == ["2024-01-02 00:00:00", "2024-01-02 09:30:00"]
    assert export.labels(pd.RangeIndex(2)) == ["0", "1"]


# The model


@pytest.mark.parametrize("network", [name for name, _ in NETWORKS])
@pytest.mark.parametrize("layers", [1, 2])
def test_the_script_forecasts_the_same_without_rnnviz(
    network: str, layers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = found(network=network, layers=layers, mode="levels" if network == "gru" else "returns")
    zipfile.ZipFile(io.BytesIO(export_model.bundle(result))).extractall(tmp_path)
    monkeypatch.chdir(tmp_path)
    left = runpy.run_path(export_model.SCRIPT)
    np.testing.assert_allclose(left["found"], result.future["forecast"], rtol=1e-6)
    with_more = forecast.run(result.prices, result.config)
    assert with_more.future["forecast"].tolist() == result.future["forecast"].tolist()
    import torch

    prices = torch.tensor(result.prices.to_numpy())
    origin = result.split.test
    again = left["forecast"](prices[: origin + 1], 4)
    told = result.recursive[result.recursive["origin"] == origin]["model"]
    np.testing.assert_allclose(again[: len(told)], told, rtol=1e-5)


def test_prices_below_zero_too_and_alone_in_its_folder(tmp_path: Path) -> None:
    prices = made(160, seed=3) - 100
    result = forecast.run(prices, ForecastConfig(hidden=3, window=5, horizon=4, epochs=1))
    zipfile.ZipFile(io.BytesIO(export_model.bundle(result))).extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", export_model.SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    told = [float(line.split(": ")[1]) for line in done.stdout.splitlines() if line.startswith("step")]
    np.testing.assert_allclose(told, result.future["forecast"], rtol=1e-4)
    assert float(done.stdout.rsplit(": ", 1)[1]) < 1e-6
    code = (tmp_path / export_model.SCRIPT).read_text("utf-8")
    assert set(re.findall(r"^(?:from|import) (\w+)", code, re.M)) == {"torch", "safetensors"}


def test_a_result_without_its_network_has_none_to_give() -> None:
    from dataclasses import replace

    with pytest.raises(ValueError, match="run the forecast again"):
        export_model.weights_file(replace(found(), model=None))


# The report


class Tags(HTMLParser):
    """Every tag and attribute of a page, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text += data


def read(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert not tags.open, "every tag is closed"
    return tags


def test_the_report_fetches_nothing_and_runs_nothing() -> None:
    said = [HOSTILE, "Line 3 was left out."]
    text = export_report.report(
        found(),
        HOSTILE,
        series=HOSTILE,
        said=said,
        warnings=[HOSTILE],
        code=f"forecast.read_table({HOSTILE!r})",
    )
    page = read(text)
    assert not {"script", "img", "link", "iframe", "object", "base", "a", "form"} & set(page.tags)
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on")}
    assert not {"src", "href", "srcset", "style"} & names
    style = re.findall(r"<style>.*?</style>", text, re.S)
    assert len(style) == 1
    assert "url(" not in style[0]
    assert "@import" not in style[0]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert page.text.count("<script>alert(1)</script>") >= 4, "shown as what it is"


def test_the_report_holds_the_numbers() -> None:
    result = found()
    page = read(export_report.report(result, "prices.csv", code="result = forecast.run(prices)"))
    assert result.verdict in page.text
    for name in ("model", "naive"):
        assert price(float(result.metrics.loc[name, "RMSE"])) in page.text
    assert f"{100 * result.interval.coverage:.1f} %" in page.text
    assert f"{100 * result.up:.1f} %" in page.text
    for value in result.future["forecast"]:
        assert price(value) in page.text
    assert "result = forecast.run(prices)" in page.text
    assert page.tags.count("svg") == 5


def test_a_chart_draws_its_lines_where_they_are_and_leaves_gaps() -> None:
    line = export_svg.Line("<b>", [0.0, 5.0, math.nan, 10.0], "model")
    text = export_svg.chart([line], ["a", "b", "c", "d"], "x", zero=True)
    page = read(text)
    (points,) = [value for name, value in page.attributes if name == "points"]
    (x0, y0), (x1, y1) = [tuple(map(float, pair.split(","))) for pair in str(points).split()]
    bottom, top = export_svg.HEIGHT - export_svg.BOTTOM, export_svg.TOP
    assert (x0, y0) == (export_svg.LEFT, bottom)
    assert y1 == pytest.approx((bottom + top) / 2)
    assert x1 - x0 == pytest.approx((export_svg.WIDTH - export_svg.LEFT - export_svg.RIGHT) / 3, abs=0.06)
    (y,) = [float(str(value)) for name, value in page.attributes if name == "cy"]
    assert y == pytest.approx(top), "alone behind the gap"
    assert "&lt;b&gt;" in text


@given(values=st.lists(st.floats(width=32), max_size=6))
def test_a_chart_of_anything_can_be_drawn(values: list[float]) -> None:
    names = [str(k) for k in range(len(values))]
    page = read(export_svg.chart([export_svg.Line("x", values, "model")], names, "x"))
    numbers = [
        float(n) for name, value in page.attributes if name == "points" for n in re.split("[ ,]", str(value))
    ]
    assert all(0 <= n <= export_svg.WIDTH for n in numbers)


# The code


@given(name=st.text(max_size=30))
def test_the_code_reads_the_file_whatever_its_name_is(name: str) -> None:
    import ast

    config = ForecastConfig(network="gru", hidden=3, clip=None, rate=0.01)
    tree = ast.parse(export.code(config, name, [("target", name)]))
    calls = {ast.unparse(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert ast.literal_eval(calls["forecast.read_table"].args[0]) == name
    assert ast.literal_eval(calls["forecast.read_table"].keywords[0].value) == name
    given = {word.arg: ast.literal_eval(word.value) for word in calls["forecast.ForecastConfig"].keywords}
    assert ForecastConfig(**given) == config


def test_the_code_gives_the_numbers_of_the_sample() -> None:
    config = ForecastConfig(hidden=2, window=3, epochs=1, batch=512)
    names: dict[str, object] = {}
    exec(export.code(config, "walk", sample=True), names)
    result = names["result"]
    assert isinstance(result, Result)
    from rnnviz.forecast import samples

    assert result.verdict == forecast.run(samples.sample("walk").prices, config).verdict


def test_zero_has_no_sign_however_it_came_about() -> None:
    assert skill(-1e-6) == skill(1e-6) == "0.00 %"
    assert (skill(-0.00006), skill(0.012)) == ("−0.01 %", "+1.20 %")
    assert (percent(-0.0001), percent(-0.001)) == ("0.0 %", "−0.1 %")
