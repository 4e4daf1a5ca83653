"""What the journeys share: open a page of the app, read its pictures, and say what the model has for them."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlparse

import numpy as np
from harness import settled, wait_until
from playwright.sync_api import Page

from rnnviz.experiment import Experiment
from rnnviz.observe import observe
from rnnviz.registry import CELLS
from rnnviz.runs import Runs

PAGES = ("/", "/gates", "/states", "/gradients")
PICTURE = {
    "/": "door_gradients",
    "/gates": "gates_0",
    "/states": "states_lines",
    "/gradients": "gradients",
}
"""The chart of each page that stands last in it, or alone: when it is drawn, so is the page."""

Numbers = dict[str, np.ndarray]


def node(key: str) -> str:
    """The Plotly chart at a key, in JavaScript."""
    return f"document.querySelector('.st-key-{key} .js-plotly-plot')"


def visit(page: Page, url: str) -> Page:
    """Open an address and wait for its picture."""
    page.goto(url)
    return arrived(page)


def arrived(page: Page) -> Page:
    """Wait for the picture of the page that the address names."""
    wait_until(page, f"{node(PICTURE[urlparse(page.url).path])}?._fullData?.length")
    settled(page, quiet=0.2)
    return page


def address(page: Page) -> Experiment:
    """The experiment that the address bar holds, which must be a legal one."""
    experiment, notes = Experiment.from_query(dict(parse_qsl(urlparse(page.url).query)))
    assert notes == []
    return experiment


def numbers(page: Page, key: str) -> Numbers:
    """The data of a chart by the name of the trace: z of a heat map, else y."""
    found = page.evaluate(
        f"""() => {node(key)}.data.map((t, k) => [t.name ?? k,
            Array.from(t.z ?? t.y ?? [], (row) => row?.length === undefined ? row : Array.from(row))])"""
    )
    return {name: np.array(values, dtype=float) for name, values in found}


def pictures(page: Page) -> dict[str, Numbers]:
    """The data of every chart of the page that the experiment decides."""
    keys = page.evaluate(
        "[...document.querySelectorAll('.js-plotly-plot')]"
        ".map((g) => g.closest('[class*=st-key-]').className.match(/st-key-(\\S+)/)[1])"
    )
    return {key: numbers(page, key) for key in keys}


def expected(path: str, experiment: Experiment) -> Numbers:
    """What the main chart of a page must hold for an experiment, straight from the model."""
    runs = [observe(experiment, name) for name in experiment.cells]
    if path in ("/", "/gradients"):
        last = experiment.loss_index + 1
        model = {}
        for run in runs:
            layer = run.gradients.layers[0]
            # No number where there is none: underflow and true zeros are marked apart.
            gap = layer.underflow | (layer.h_norm == 0)
            model[CELLS[run.cell].label] = layer.h_norm.double().where(~gap, math.nan)[:last].numpy()
        return model
    layer = runs[0].trace.layers[0]
    if path == "/states":
        return {"unit 0": np.concatenate([layer.h0[:, 0], layer.h[:, 0, 0]])}
    shown = {**layer.gates, "h": layer.h} | ({} if layer.c is None else {"c": layer.c})
    return {name: values[:, 0].numpy().T for name, values in shown.items()}


def agree(shown: Numbers, model: Mapping[str, np.ndarray]) -> bool:
    """Whether a chart shows the model's numbers, to the digits that a heat map keeps on its way."""
    return all(
        name in shown
        and shown[name].shape == values.shape
        and np.allclose(
            shown[name],
            values,
            rtol=1e-5,
            atol=np.ptp(values) / 100_000 if values.ndim == 2 else 0,
            equal_nan=True,
        )
        for name, values in model.items()
    )


def shows(page: Page, experiment: Experiment, seconds: float = 30) -> None:
    """Wait until the page's main chart holds the model's numbers for the experiment."""
    path = urlparse(page.url).path
    model = expected(path, experiment)
    patiently(page, lambda: agree(numbers(page, PICTURE[path]), model), f"{experiment} on {path}", seconds)


def rest(runs: Runs, everything: bool = False) -> None:
    """Let the server's own examples rest, or everything: what a test is not about should not take its cores."""
    which = "TRUE" if everything else "shared IS NOT NULL"
    with runs.store.writing() as connection:
        connection.execute(f"UPDATE runs SET wish = 'stop' WHERE state = 'running' AND {which}")
        connection.execute(f"UPDATE runs SET state = 'stopped' WHERE state = 'queued' AND {which}")


def patiently(page: Page, condition: Callable[[], Any], what: str, seconds: float = 30) -> None:
    """Wait for something that only Python can judge."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        page.wait_for_timeout(25)
