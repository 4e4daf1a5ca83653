"""Servers, Chromium and the gestures of a visitor, for browser tests and for `bench/`."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from playwright.sync_api import Browser, Locator, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
LAPTOP = {"width": 1366, "height": 768}
LOCAL_HOSTS = (None, "127.0.0.1", "localhost")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]
SERVER_ARGS = [
    "--server.address=127.0.0.1",
    "--server.headless=true",
    "--browser.gatherUsageStats=false",
]


def is_ci() -> bool:
    """Whether a missing browser has to fail rather than skip."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def chromium() -> str | None:
    """Path of a Chromium of the system, else of Playwright's own build, else None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        bundled = playwright.chromium.executable_path
    return bundled if Path(bundled).exists() else None


def launch(playwright: Playwright, executable: str) -> Browser:
    """A headless Chromium that asks nothing of the network."""
    return playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGS)


@dataclass(frozen=True)
class Server:
    """A running `streamlit run`: its address, its process id, the file it logs to and the folder of its runs."""

    url: str
    pid: int
    log: Path
    data: Path


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def serving(
    app: Path,
    *args: str,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    timeout: float = 60.0,
) -> Iterator[Server]:
    """`streamlit run app` with the configuration of the folder `cwd`, until the block ends.

    Yields once `/_stcore/health` answers; raises `RuntimeError` with the end of the log if it does not within
    `timeout` seconds. Only this process is ended, by its id, and the workers of a data folder made for it;
    with a folder in `env` they go on, as behind a server that is started again.
    """
    port = _free_port()
    with (
        tempfile.NamedTemporaryFile("w", suffix=".log", prefix="rnnviz-server-") as log,
        tempfile.TemporaryDirectory(prefix="rnnviz-data-", ignore_cleanup_errors=True) as data,
    ):
        command = [sys.executable, "-m", "streamlit", "run", str(app), f"--server.port={port}"]
        # A worker that slips through below ends by itself soon after the server.
        settings = {"RNNVIZ_DATA_DIR": data, "RNNVIZ_GRACE": "3", **(env or {})}
        process = subprocess.Popen(
            [*command, *SERVER_ARGS, *args],
            cwd=cwd,
            env={**os.environ, **settings},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        server = Server(
            f"http://127.0.0.1:{port}", process.pid, Path(log.name), Path(settings["RNNVIZ_DATA_DIR"])
        )
        try:
            _wait_for_health(server, process, timeout)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            end_workers(Path(data))


def end_workers(folder: Path) -> None:
    """End the workers that compute the runs of a data folder."""
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    from rnnviz.runs import slots

    slots.end_all(folder)


def _wait_for_health(server: Server, process: "subprocess.Popen[bytes]", timeout: float) -> None:
    end = time.monotonic() + timeout
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(server.url + "/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(
        f"expected an answer on /_stcore/health within {timeout:.0f} s, "
        f"got {'an ended server' if process.poll() is not None else 'none'}; the end of its log:\n"
        + server.log.read_text()[-2000:]
    )


_STATE = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    return [app?.getAttribute('data-test-script-state'),
            document.querySelectorAll('[data-testid=stSkeleton],[data-testid=stAppSkeleton]').length,
            document.querySelectorAll('[data-testid=stMain] *').length]; }"""


def settled(page: Page, timeout: float = 30.0, quiet: float = 0.5) -> None:
    """Wait until no script runs, no placeholder shows, and nothing came or went for `quiet` seconds.

    Raises `TimeoutError` after `timeout` seconds.
    """
    end = time.monotonic() + timeout
    page.wait_for_selector("[data-testid=stApp]", timeout=timeout * 1000)
    last: Any = None
    since = time.monotonic()
    while time.monotonic() < end:
        state = page.evaluate(_STATE)
        idle = state[0] != "running" and state[1] == 0 and state[2] > 3
        if not idle or state != last:
            since = time.monotonic()
        elif time.monotonic() - since >= quiet:
            return
        last = state
        page.wait_for_timeout(50)
    raise TimeoutError(f"expected {page.url} to settle within {timeout:.0f} s, got {last}")


def wait_until(page: Page, expression: str, timeout: float = 30.0) -> Any:
    """Wait until a JavaScript expression is truthy, looking once a frame; returns its value.

    Playwright's own `wait_for_function` evaluates a string inside the page, which the app's
    Content-Security-Policy forbids. Raises `TimeoutError` after `timeout` seconds.
    """
    found = page.evaluate(
        f"""(timeout) => new Promise((resolve) => {{
            const began = performance.now();
            const look = () => {{
                const value = ({expression});
                if (value) resolve([value]);
                else if (performance.now() - began > timeout) resolve(null);
                else requestAnimationFrame(look);
            }};
            look(); }})""",
        1000 * timeout,
    )
    if found is None:
        raise TimeoutError(f"expected {expression} to become true within {timeout:.0f} s on {page.url}")
    return found[0]


@dataclass
class Watch:
    """What a page did that no visitor should meet: errors, and requests that left this machine."""

    errors: list[str] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)

    def attach(self, page: Page) -> None:
        """Listen to the page from now on."""
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        page.on("response", lambda response: self._response(response.status, response.url))
        page.on("request", lambda request: self._request(request.url))

    def _console(self, kind: str, text: str) -> None:
        # A failed load is reported with its address by the response listener.
        if kind == "error" and "Failed to load resource" not in text:
            self.errors.append(f"console: {text}")

    def _response(self, status: int, url: str) -> None:
        # Streamlit probes <page>/_stcore/... before it knows its base path: those 404s are its own.
        if status >= 400 and "/_stcore/" not in url:
            self.errors.append(f"{status} {urlparse(url).path}")

    def _request(self, url: str) -> None:
        if (host := urlparse(url).hostname) not in LOCAL_HOSTS:
            self.outside.add(str(host))


def exceptions(page: Page) -> list[str]:
    """The text of every exception box that Streamlit shows on the page."""
    return page.locator("[data-testid=stException]").all_inner_texts()


def slider(page: Page, key: str) -> Locator:
    """The `<input type=range>` of the live slider with this key, on the page or in its shadow tree."""
    return page.locator(f".st-key-{key} input[type=range]")


def set_slider(target: Locator, value: float) -> None:
    """Put a live slider on a value as a hand on it would: input while it moves, change on release."""
    target.evaluate(
        """(input, value) => {
            input.focus();
            input.value = value;
            input.dispatchEvent(new Event('input', {bubbles: true, composed: true}));
            input.dispatchEvent(new Event('change', {bubbles: true, composed: true})); }""",
        value,
    )


@contextlib.contextmanager
def dragging(target: Locator, track: Locator | None = None) -> Iterator[Callable[[float], None]]:
    """Hold a slider's thumb with the mouse; the yielded function moves it to a share (0 to 1) of the track.

    The button is released when the block ends, so what is asserted inside it happened during the drag.
    `track` is needed where the range input itself has no size, as in Streamlit's own slider.
    """
    target.scroll_into_view_if_needed()
    box = (track or target).bounding_box()
    if box is None:
        raise ValueError("expected a visible slider, got none: let the page settle first")
    share = target.evaluate("e => (e.value - e.min) / ((e.max - e.min) || 1)")
    inset = min(8.0, box["width"] / 4)  # the thumb's centre stays half its width inside the track
    mouse, y = target.page.mouse, box["y"] + box["height"] / 2

    def at(part: float) -> float:
        return float(box["x"] + inset + part * (box["width"] - 2 * inset))

    mouse.move(at(share), y)
    mouse.down()
    try:
        yield lambda part: mouse.move(at(part), y)
    finally:
        mouse.up()


def sweep(
    move: Callable[[float], None], start: float, end: float, seconds: float, moves_per_second: float = 60.0
) -> None:
    """Move a held slider from one share of its track to another at an even pace, as a hand would."""
    steps = max(1, round(seconds * moves_per_second))
    began = time.perf_counter()
    for step in range(steps + 1):
        move(start + (end - start) * step / steps)
        wait = began + (step + 1) * seconds / (steps + 1) - time.perf_counter()
        if wait > 0:
            time.sleep(wait)


def drag(target: Locator, start: float, end: float, seconds: float) -> None:
    """Drag a slider from one share of its track to another, then let go."""
    with dragging(target) as move:
        sweep(move, start, end, seconds)
