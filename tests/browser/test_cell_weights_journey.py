"""U, W and V in Chromium: a visitor changes cell, size and scale; every number drawn is the model's own parameter."""

import re
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import numpy as np
from harness import set_slider, slider, wait_until
from journeys import address, node
from playwright.sync_api import Page, expect

from rnnviz.build import build_module
from rnnviz.experiment import Experiment
from rnnviz.registry import CELLS

START = Experiment(length=12, hidden=3, seed=2, scale=1.3, cells=("lstm",))
CHART = node("cell_weights")

DRAWN = f"""[...({CHART}?.querySelectorAll('.hm') ?? [])].map((map) => {{
  const {{name, customdata}} = map.__data__[0].trace;
  return [name, Array.from(customdata, (row) => Array.from(row)),
    [...map.querySelectorAll('.heatmap-label text')].map((text) => text.textContent)];
}})"""
"""Of each heat map its name, its numbers, and what stands in its cells."""

Parts = dict[str, tuple[np.ndarray, list[str]]]


def drawn(page: Page) -> Parts:
    return {name: (np.array(rows, "f4"), words) for name, rows, words in page.evaluate(DRAWN)}


def known(experiment: Experiment, cell: str) -> dict[str, np.ndarray]:
    """The model's parameters by PyTorch's names."""
    state = build_module(experiment, cell).state_dict()
    return {name: value.numpy() for name, value in state.items()}


def whole(found: Parts, name: str, cell: str, shape: tuple[int, ...]) -> np.ndarray:
    """A parameter put together again from the heat maps of its blocks."""
    blocks = [f"{name} {block}" for block in CELLS[cell].blocks]
    rows = [found[part][0] for part in blocks if part in found]
    return np.concatenate(rows).reshape(shape)


def same(found: Parts, wanted: dict[str, np.ndarray], cell: str) -> list[str]:
    """The parameters that are not drawn, or not as they are."""
    wrong = [name for name in {part.split(" ")[0] for part in found} if name not in wanted]
    for name, value in wanted.items():
        if not any(part.split(" ")[0] == name for part in found):
            wrong.append(f"{name} is missing")
        elif sum(part[0].size for key, part in found.items() if key.split(" ")[0] == name) != value.size:
            wrong.append(f"{name} has another size")
        elif not np.array_equal(whole(found, name, cell, value.shape), value):
            wrong.append(f"{name} differs")
    return wrong


def shows(page: Page, experiment: Experiment, cell: str) -> Parts:
    """Wait until the picture has the parameters of that model; what it has then."""
    wanted = known(experiment, cell)
    end = time.monotonic() + 30
    while (wrong := same(found := drawn(page), wanted, cell)) and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert wrong == []
    return found


def choose(page: Page, cell: str) -> None:
    field = page.locator("[data-testid=stMain] [data-testid=stSelectbox] input").first
    field.fill(CELLS[cell].label)
    field.press("Enter")


def written(found: Parts) -> list[str]:
    """Cells whose number is not that of the parameter, to two digits."""
    wrong: list[Any] = []
    for name, (values, words) in found.items():
        plain = [f"{value:.2f}" for value in values.ravel().astype("f8")]
        if sorted(plain) != sorted(word.replace("−", "-") for word in words):
            wrong.append((name, plain, words))
    return wrong


def test_every_weight_that_is_drawn_is_the_models(server: str, page: Page) -> None:
    page.goto(f"{server}/cell?{urlencode(START.to_query() | {'cell': 'lstm'})}")
    wait_until(page, "document.querySelector('.rvl:not([style*=hidden]) .rvl-sheet[style]')", timeout=60)
    page.get_by_text("U, W, V", exact=True).first.click()
    found = shows(page, START, "lstm")
    assert written(found) == []
    assert found["weight_hh_l0 f"][0].shape == (3, 3)

    # Pointed at, an entry has the name that Python has for it.
    f = list(CELLS["lstm"].blocks).index("f")
    at = page.evaluate(
        f"""(() => {{
            const chart = {CHART}, box = chart.getBoundingClientRect();
            const trace = chart._fullData.find(({{name}}) => name === 'weight_hh_l0 f');
            const [x, y] = [trace.xaxis, trace.yaxis].map((axis) => chart._fullLayout[axis.replace(/^(.)/, '$1axis')]);
            return [box.left + x._offset + x.d2p(2), box.top + y._offset + y.d2p(1)]; }})()"""
    )
    page.mouse.move(at[0] - 8, at[1])
    page.mouse.move(*at)
    number = float(known(START, "lstm")["weight_hh_l0"][3 * f + 1, 2])
    hover = page.locator(".st-key-cell_weights .hoverlayer text")
    expect(hover.first).to_contain_text(f"weight_hh_l0[{3 * f} + 1, 2] =")
    told = re.search(r"= ([−-]?[\d.]+)", hover.first.text_content() or "")
    assert told is not None
    assert float(told[1].replace("−", "-")) == float(f"{number:.6g}")

    # Another cell, another size: other shapes; with many units the numbers leave, and stay to be pointed at.
    choose(page, "gru")
    gru = replace(START, cells=("gru",))
    assert written(shows(page, gru, "gru")) == []
    set_slider(slider(page, "live_hidden"), 5)
    five = replace(gru, hidden=5)
    assert written(shows(page, five, "gru")) == []
    set_slider(slider(page, "live_hidden"), 24)
    many = shows(page, replace(gru, hidden=24), "gru")
    assert many["weight_hh_l0 n"][0].shape == (24, 24)
    assert many["weight_hh_l0 n"][1] == []
    set_slider(slider(page, "live_hidden"), 5)

    # The weight scale moves W alone.
    set_slider(slider(page, "live_scale"), 2.6)
    scaled = shows(page, replace(five, scale=2.6), "gru")
    before, after = known(five, "gru"), known(replace(five, scale=2.6), "gru")
    assert {name for name in before if not np.array_equal(before[name], after[name])} == {"weight_hh_l0"}
    np.testing.assert_allclose(
        whole(scaled, "weight_hh_l0", "gru", (15, 5)), 2 * before["weight_hh_l0"], rtol=1e-6
    )

    # A cell that PyTorch lacks: names without a layer's number, and vectors of its own.
    choose(page, "lstm_peephole")
    peephole = replace(five, scale=2.6, cells=("lstm_peephole",))
    assert {"weight_ci i", "weight_cf f", "weight_co o"} <= set(shows(page, peephole, "lstm_peephole"))
    wait_until(page, "new URLSearchParams(location.search).get('within') === 'weights'")
    wait_until(page, "new URLSearchParams(location.search).get('cell')?.startsWith('lstm_peephole')")
    assert replace(address(page), cells=peephole.cells) == peephole
    # The look can find something.
    assert same(drawn(page), known(five, "gru"), "gru")
