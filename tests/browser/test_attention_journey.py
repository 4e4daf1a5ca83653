"""Attention in Chromium, with real workers: stepped through, asked, trained, reloaded in the middle, stopped."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
import torch
from harness import ROOT, Server, end_workers, serving, wait_until
from journeys import node, numbers, patiently, rest
from playwright.sync_api import Page, expect

from rnnviz.attention.config import PairConfig
from rnnviz.attention.seq2seq import Decoded, pair_of
from rnnviz.runs import Run, Runs
from rnnviz.tasks import pairs

QUICK = PairConfig(contexts=("general", "last"), length=4, hidden=16, updates=20)
"""Through in a moment."""

LONG = PairConfig(contexts=("dot",), updates=3000, hidden=64, length=16)
"""Long enough not to be through before the page is loaded again."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose workers end with the test, whatever happens to the server."""
    yield tmp_path
    end_workers(tmp_path)


@pytest.fixture
def own(folder: Path) -> Iterator[Server]:
    """A server with a data folder of its own; one worker for the example, one for what is started here."""
    settings = {"RNNVIZ_DATA_DIR": str(folder), "RNNVIZ_WORKERS": "2", "RNNVIZ_GRACE": "20"}
    with serving(ROOT / "app.py", env=settings) as running:
        yield running


def link(server: Server, config: PairConfig) -> str:
    query = "&".join(f"{key}={value}" for key, value in config.to_query().items())
    return f"{server.url}/attention?look=pairs&{query}"


def press(page: Page, name: str) -> None:
    button = page.locator(f".st-key-run_{name} button:visible")  # Streamlit keeps a hidden one for phones
    expect(button).to_be_enabled(timeout=30_000)
    button.click()


def run_in(page: Page) -> str:
    """The id of the run in the address."""
    return parse_qs(urlparse(page.url).query).get("paired", [""])[0]


def found(runs: Runs, id: str) -> Run:
    run = runs.get(id)
    assert run is not None
    return run


def started(page: Page, before: str = "") -> str:
    press(page, "train")
    patiently(page, lambda: run_in(page) not in ("", before), "an address with the run")
    return run_in(page)


def drawn(page: Page) -> tuple[list[float], list[str]]:
    """The weights of the lines of the step that is shown, and the symbols of the source."""
    weights, symbols = page.evaluate(
        """() => [[...document.querySelectorAll('.rva-line')].map((line) => Number(line.dataset.weight)),
            [...document.querySelectorAll('.rva-source + .rva-symbol')].map((text) => text.textContent)]"""
    )
    return weights, symbols


def model(runs: Runs, id: str, source: torch.Tensor) -> Decoded:
    """What the stored network does with a source."""
    tensors = runs.weights(id, "after:general")
    assert tensors is not None
    return pair_of(QUICK, "general", tensors).say(source, len(source) + 1)


def agrees(page: Page, row: Any) -> bool:
    weights = drawn(page)[0]
    return len(weights) == len(row) and np.allclose(weights, row, atol=1e-5)


def frame(page: Page) -> float:
    """How far down on the heat map the row of the step is framed."""
    return float(page.locator(".rva-row").get_attribute("y") or "nan")


def row(page: Page, step: int) -> tuple[float, float]:
    """Where on the screen the middle of a row of the heat map is."""
    x, y = page.evaluate(
        f"""() => {{ const gd = {node("pair_weights")}, {{ left, top }} = gd.getBoundingClientRect();
            const {{ xaxis: x, yaxis: y }} = gd._fullLayout;
            return [left + x._offset + x._length / 2, top + y._offset + y.l2p({step})]; }}"""
    )
    return float(x), float(y)


def test_attention_is_stepped_through_asked_trained_reloaded_and_stopped(
    own: Server, page: Page, folder: Path
) -> None:
    runs = Runs(folder)
    page.goto(link(own, QUICK))
    # A telling default is there before anything is pressed.
    wait_until(page, f"{node('pair_weights')}?._fullData?.length", timeout=60)
    expect(page.locator(".rva-line")).to_have_count(8, timeout=30_000)
    rest(runs)

    id = started(page)
    patiently(page, lambda: found(runs, id).state == "done", "the training is through", 90)
    task = pairs.task_of(QUICK)
    stage = page.locator(".rva-stage")
    said = model(runs, id, task.test(4).source[:, :1])
    assert said.weights is not None
    patiently(page, lambda: agrees(page, said.weights[0, 0]), "the trained weights on the page")

    # One step after the other by the arrow keys; the row of the step is framed on the heat map beside.
    stage.focus()
    tops = []
    steps = page.locator(".rva-said").count()
    for step in range(steps):
        assert agrees(page, said.weights[0, step])
        expect(page.locator(".rva .rvc-words")).to_have_text(f"step {step + 1} of {steps}")
        tops.append(frame(page))
        page.keyboard.press("ArrowRight")
    assert (np.diff(tops) > 5).all()
    page.keyboard.press("Home")
    assert agrees(page, said.weights[0, 0])
    page.keyboard.press("End")
    assert agrees(page, said.weights[0, steps - 1])
    page.locator(".rva-said").first.click()
    assert agrees(page, said.weights[0, 0])
    # A row of the heat map leads to its step; what plays is ended by a key.
    page.mouse.click(*row(page, steps - 1))
    place = page.locator(".rva .rvc-words")
    expect(place).to_have_text(f"step {steps} of {steps}")
    page.locator(".rva").get_by_role("button", name="Play").click()  # from the end it begins anew
    expect(place).not_to_have_text(f"step {steps} of {steps}")
    stage.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(1300)
    expect(place).to_have_text(f"step 1 of {steps}")
    expect(page.locator(".rva").get_by_role("button", name="Play")).to_be_visible()
    heat = numbers(page, "pair_weights")["weights"]
    np.testing.assert_allclose(heat, said.weights[0, :steps], atol=2e-5)

    field = page.locator("[class*=st-key-w_ask] input")
    field.fill("hab")
    field.press("Enter")
    patiently(page, lambda: drawn(page)[1] == ["h", "a", "b"], "the typed source")
    own_words = model(runs, id, task.read("hab"))
    assert own_words.weights is not None
    patiently(page, lambda: agrees(page, own_words.weights[0, 0]), "what it makes of the typed source")
    field.fill("xyz")
    field.press("Enter")
    expect(page.locator(".rv-refused")).to_contain_text("expected", ignore_case=True, timeout=15_000)

    page.goto(link(own, LONG))
    expect(page.locator(".rva-line").first).to_be_attached(timeout=30_000)
    second = started(page, id)
    assert PairConfig.from_spec(found(runs, second).spec["config"]) == LONG
    patiently(page, lambda: len(runs.rows(second)) > 1, "the first epochs", 60)
    page.reload()
    wait_until(page, f"{node('pair_course')}?._fullData?.length", timeout=60)
    assert run_in(page) == second
    expect(page.locator(".rv-status")).to_contain_text("Training", timeout=30_000)
    at = len(runs.rows(second))
    patiently(page, lambda: len(runs.rows(second)) > at, "epochs after the reload", 60)
    press(page, "stop")
    began = time.monotonic()
    patiently(page, lambda: found(runs, second).state == "stopped", "the run is stopped", 10)
    assert time.monotonic() - began < 3
    expect(page.locator(".rv-status")).to_contain_text("Stopped", timeout=10_000)
