"""Training in Chromium, with real worker processes: started, reloaded in the middle, stopped, opened in Gates."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from harness import ROOT, Server, Watch, end_workers, serving, settled, wait_until
from journeys import agree, node, numbers, patiently, rest
from playwright.sync_api import Page, expect

from rnnviz.race import Race
from rnnviz.runs import Run, Runs
from rnnviz.training import observe_trained

LONG = Race(cells=("gru", "rnn"), steps=5000, hidden=32, length=20)
"""Long enough not to be through before the test is."""

QUERY = "&".join(f"{key}={value}" for key, value in LONG.to_query().items())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder whose workers end with these tests, whatever happens to the server."""
    found = tmp_path_factory.mktemp("data")
    yield found
    end_workers(found)


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Path]:
    """One for a single test."""
    yield tmp_path
    end_workers(tmp_path)


def environment(folder: Path, workers: int = 2) -> dict[str, str]:
    return {"RNNVIZ_DATA_DIR": str(folder), "RNNVIZ_WORKERS": str(workers), "RNNVIZ_GRACE": "20"}


@pytest.fixture(scope="module")
def own(folder: Path) -> Iterator[Server]:
    """A server with a data folder of its own, for those that leave it as it is."""
    with serving(ROOT / "app.py", env=environment(folder)) as running:
        yield running


def opened(page: Page, url: str) -> Page:
    page.goto(url)
    wait_until(page, f"{node('train_race')}?._fullData?.length", timeout=60)
    return page


def press(page: Page, name: str) -> None:
    button = page.locator(f".st-key-run_{name} button:visible")  # Streamlit keeps a hidden one for phones
    expect(button).to_be_enabled(timeout=30_000)
    button.click()


def run_in(page: Page) -> str:
    """The id of the run in the address."""
    return parse_qs(urlparse(page.url).query).get("run", [""])[0]


def started(page: Page) -> str:
    """Press Start and wait for the address to name the run."""
    press(page, "start")
    patiently(page, lambda: run_in(page), "an address with the run")
    return run_in(page)


def found(runs: Runs, id: str) -> Run:
    run = runs.get(id)
    assert run is not None
    return run


def newest(runs: Runs, id: str) -> int:
    return max((row.number for row in runs.rows(id)), default=-1)


def drawn(page: Page) -> int:
    """The largest number of epochs that a curve of the race shows."""
    return max((int(np.isfinite(values).sum()) for values in numbers(page, "train_race").values()), default=0)


def test_a_run_survives_a_reload_is_stopped_and_opens_in_gates(own: Server, page: Page, folder: Path) -> None:
    runs = Runs(folder)
    opened(page, f"{own.url}/training?{QUERY}")
    rest(runs)
    id = started(page)
    assert Race.from_spec(found(runs, id).spec) == LONG
    status = page.locator(".rv-status")
    # Curves grow while one looks.
    patiently(page, lambda: drawn(page) >= 3, "three epochs on the chart", 60)
    before = drawn(page)
    patiently(page, lambda: drawn(page) > before, "more epochs on the chart")

    page.reload()
    wait_until(page, f"{node('train_race')}?._fullData?.length", timeout=60)
    assert run_in(page) == id
    expect(status).to_contain_text("Training")
    patiently(page, lambda: drawn(page) > before, "the curves go on after a reload")
    # What is drawn is what was stored.
    rows = {(row.series, row.number): row.data["test_loss"] for row in runs.rows(id)}
    chart = numbers(page, "train_race")
    curve = next(values for name, values in chart.items() if "GRU" in name and "test" in name)
    for number, value in enumerate(curve[np.isfinite(curve)][:3]):
        assert value == pytest.approx(rows["gru", number], rel=1e-5)

    # The same browser still has its hand on it.
    press(page, "stop")
    began = time.monotonic()
    patiently(page, lambda: found(runs, id).state == "stopped", "the run is stopped", 10)
    assert time.monotonic() - began < 1.5  # the press has to reach the server as well
    expect(status).to_contain_text("Stopped", timeout=10_000)
    last = newest(runs, id)
    page.wait_for_timeout(500)
    assert newest(runs, id) == last

    page.locator(".st-key-open_trained").get_by_role("link", name="Gates").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gates")
    wait_until(page, f"{node('gates_0')}?._fullData?.length", timeout=60)
    settled(page, quiet=0.2)
    query = parse_qs(urlparse(page.url).query)
    assert query["model"] == [id]
    assert query["cell"][0].startswith("gru")
    weights = runs.weights(id, "best:gru")
    assert weights is not None
    layer = observe_trained(LONG, "gru", weights, 0).trace.layers[0]
    model = {name: values[:, 0].numpy().T for name, values in {**layer.gates, "h": layer.h}.items()}
    patiently(page, lambda: agree(numbers(page, "gates_0"), model), "the gates of the trained network")


def test_who_has_the_link_watches_and_starts_a_run_of_their_own(
    own: Server, page: Page, new_page: Callable[..., Page], folder: Path
) -> None:
    runs = Runs(folder)
    opened(page, f"{own.url}/training?{QUERY}")
    rest(runs)
    id = started(page)
    patiently(page, lambda: drawn(page) >= 2, "two epochs on the chart", 60)

    watcher = new_page()
    opened(watcher, f"{own.url}/training?run={id}")
    expect(watcher.locator(".rv-status")).to_contain_text("watching")
    for name in ("pause", "stop"):
        expect(watcher.locator(f".st-key-run_{name} button:visible")).to_be_disabled()
    seen = drawn(watcher)
    patiently(watcher, lambda: drawn(watcher) > seen, "curves that grow for the watcher too")
    # The settings of the run stand at the side: one press trains the same thing.
    press(watcher, "start")
    patiently(watcher, lambda: run_in(watcher) != id, "an address with a run of their own")
    other = run_in(watcher)
    assert Race.from_spec(found(runs, other).spec) == LONG

    press(page, "pause")
    expect(page.locator(".rv-status")).to_contain_text("Paused", timeout=15_000)
    rested = newest(runs, id)
    press(page, "step")
    patiently(page, lambda: newest(runs, id) == rested + 1, "one more epoch", 30)
    expect(page.locator(".rv-status")).to_contain_text("Paused", timeout=15_000)
    assert found(runs, other).active  # nobody else's run was touched
    press(page, "pause")  # by now it says Continue
    patiently(page, lambda: newest(runs, id) > rested + 1, "the run goes on", 30)
    rest(runs, everything=True)


def test_a_restarted_server_finds_the_run_still_going(page: Page, apart: Path, watch: Watch) -> None:
    runs = Runs(apart)
    with serving(ROOT / "app.py", env=environment(apart, workers=1)) as first:
        opened(page, f"{first.url}/training?{QUERY}")
        rest(runs)
        id = started(page)
        patiently(page, lambda: newest(runs, id) >= 1, "the first epochs", 60)
    at = newest(runs, id)
    with serving(ROOT / "app.py", env=environment(apart, workers=1)) as second:
        patiently(page, lambda: newest(runs, id) > at, "epochs without and with a server", 30)
        opened(page, f"{second.url}/training?run={id}")
        expect(page.locator(".rv-status")).to_contain_text("Training")
        assert found(runs, id).attempts <= 1
        page.goto("about:blank")
    watch.errors.clear()  # the page of the first server lost its connection, as it was meant to
