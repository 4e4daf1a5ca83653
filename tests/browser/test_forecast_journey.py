"""Forecasting in Chromium, with a real worker: files dropped, trained, reloaded in the middle, judged and deleted."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from harness import ROOT, Server, end_workers, serving, wait_until
from journeys import node, numbers, patiently
from playwright.sync_api import Page, expect

from rnnviz.forecast import ForecastConfig, read_table, stored
from rnnviz.runs import Run, Runs

LONG = ForecastConfig(layers=2, hidden=64, epochs=200, patience=200, mode="levels")
"""Long enough not to be through before the page is loaded again."""

WALK = 20 * np.exp(np.cumsum(0.015 * np.random.default_rng(1).standard_normal(500)))
DAYS = np.busday_offset("2018-01-02", np.arange(500), roll="forward")


def netease() -> bytes:
    """GBK, the newest row first, a code with a mark before it."""
    rows = [
        f"{day},'600000,浦发银行,{c:.2f},{c * 1.01:.2f},{c * 0.98:.2f},{c:.2f}"
        for day, c in zip(DAYS, WALK, strict=True)
    ]
    return "\r\n".join(["日期,股票代码,名称,收盘价,最高价,最低价,开盘价", *rows[::-1]]).encode("gbk")


def investing() -> bytes:
    """Quoted, month first, thousands with commas, the newest row first."""
    rows = [
        f'"{day[5:7]}/{day[8:]}/{day[:4]}",' + ",".join(f'"{part * c:,.2f}"' for part in (200, 199, 203, 197))
        for day, c in zip(map(str, DAYS), WALK, strict=True)
    ]
    return ("\ufeff" + "\n".join(['"Date","Price","Open","High","Low"', *rows[::-1]])).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose workers end with the test, whatever happens to the server."""
    yield tmp_path / "data"
    end_workers(tmp_path / "data")


@pytest.fixture
def own(folder: Path) -> Iterator[Server]:
    """A server with a data folder of its own."""
    settings = {"RNNVIZ_DATA_DIR": str(folder), "RNNVIZ_WORKERS": "1", "RNNVIZ_GRACE": "20"}
    with serving(ROOT / "app.py", env=settings) as running:
        yield running


def drop(page: Page, path: Path) -> None:
    page.set_input_files("[data-testid=stFileUploaderDropzoneInput]", path)


def press(page: Page, name: str) -> None:
    button = page.locator(f".st-key-run_{name} button:visible")  # Streamlit keeps a hidden one for phones
    expect(button).to_be_enabled(timeout=30_000)
    button.click()


def section(page: Page, name: str) -> None:
    page.locator("[class*=st-key-w_part]").get_by_role("radio", name=name, exact=True).click()


def run_in(page: Page) -> str:
    """The id of the run in the address."""
    return parse_qs(urlparse(page.url).query).get("forecast", [""])[0]


def found(runs: Runs, id: str) -> Run:
    run = runs.get(id)
    assert run is not None
    return run


def started(page: Page, before: str = "") -> str:
    press(page, "train")
    patiently(page, lambda: run_in(page) not in ("", before), "an address with the run")
    return run_in(page)


def judged(page: Page, runs: Runs, id: str) -> None:
    """Wait for the verdict of that run."""
    patiently(page, lambda: found(runs, id).state == "done", "the training is through", 90)
    verdict = (found(runs, id).result or {})["verdict"]
    expect(page.locator(".rv-verdict")).to_have_text(verdict, timeout=30_000)


def test_files_are_read_trained_on_reloaded_judged_and_deleted(
    own: Server, page: Page, folder: Path, tmp_path: Path
) -> None:
    runs = Runs(folder)
    query = "&".join(f"{key}={value}" for key, value in LONG.to_query().items())
    page.goto(f"{own.url}/forecast?{query}")
    # A telling default is there before anything is pressed.
    expect(page.locator(".rv-status")).to_contain_text("Finished: Apple", timeout=90_000)
    wait_until(page, f"{node('forecast_test')}?._fullData?.length", timeout=60)

    for name, content in (("600000.csv", netease()), ("S&P 500 <b>.csv", investing())):
        (tmp_path / name).write_bytes(content)
        drop(page, tmp_path / name)
        series = page.locator(".rv-series")
        expect(series).to_contain_text(name, timeout=30_000)
        table = read_table(content, name=name)
        expect(series).to_contain_text(f"{len(table.prices):,} prices")
        expect(page.locator(".rv-peek")).to_contain_text(f"{table.prices.iloc[-1]:,.10g}")
        patiently(page, lambda: run_in(page) == "", "an address without the former run")
    picture = tmp_path / "chart.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    drop(page, picture)
    expect(page.locator(".rv-trouble")).to_contain_text("PNG", timeout=30_000)
    expect(page.locator(".rv-series")).to_contain_text("S&P 500 <b>.csv")

    id = started(page)
    status = page.locator(".rv-status")
    np.testing.assert_array_equal(stored.prices(found(runs, id).spec), table.prices)
    patiently(page, lambda: len(runs.rows(id)) > 2, "the first epochs", 60)
    patiently(page, lambda: "forecast_course" in page.content(), "the course of the training")
    page.reload()
    expect(status).to_contain_text("Training: S&P 500 <b>.csv", timeout=30_000)
    assert run_in(page) == id
    at = len(runs.rows(id))
    patiently(page, lambda: len(runs.rows(id)) > at, "epochs after the reload")
    wait_until(page, f"{node('forecast_course')}?._fullData?.length", timeout=30)
    patiently(page, lambda: _drawn(page) > 1, "epochs on the chart")
    press(page, "stop")
    began = time.monotonic()
    patiently(page, lambda: found(runs, id).state == "stopped", "the run is stopped", 10)
    assert time.monotonic() - began < 3
    expect(status).to_contain_text("Stopped", timeout=10_000)

    # The table came with the run: nothing need be dropped again.
    page.locator(".st-key-forecast_reset button").click()
    expect(status).to_contain_text("Train takes what is new", timeout=20_000)
    second = started(page, id)
    assert stored.config(found(runs, second).spec) == ForecastConfig()
    judged(page, runs, second)
    wait_until(page, f"{node('forecast_test')}?._fullData?.length", timeout=30)

    section(page, "Data")
    expect(page.locator(".rv-series")).to_contain_text("500 prices", timeout=20_000)
    section(page, "Leak lab")
    expect(page.locator(".st-key-leaks_start button:visible")).to_be_visible(timeout=20_000)
    section(page, "Your runs")
    expect(page.locator(".rv-run")).to_have_count(2, timeout=20_000)
    page.locator(f".st-key-ask_{second} button").click()
    page.locator(f".st-key-delete_{second} button").click()
    patiently(page, lambda: runs.get(second) is None, "the run is gone")
    expect(page.locator(".rv-run")).to_have_count(1, timeout=20_000)
    patiently(page, lambda: run_in(page) == "", "an address without the run")


def _drawn(page: Page) -> int:
    """The largest number of epochs that a curve shows."""
    return max(
        (int(np.isfinite(values).sum()) for values in numbers(page, "forecast_course").values()), default=0
    )
