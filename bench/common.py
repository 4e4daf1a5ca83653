"""What the browser benchmarks share: options, tables, the pages that are compared, the probe in the page."""

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PEERS = Path(__file__).parent / "peer"
RESULTS = Path(__file__).parent / "results"
OURS = ROOT / "app.py"

# One browser harness for tests and benchmarks.
sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT)]

from harness import LAPTOP, Server, chromium, launch, serving, settled, wait_until  # noqa: E402
from playwright.sync_api import Browser, Locator, Page, sync_playwright  # noqa: E402

PROBE = (Path(__file__).parent / "probe.js").read_text("utf-8")


@dataclass(frozen=True)
class Subject:
    """One side of a comparison: an app, a page of it, and where its slider is."""

    name: str
    app: Path
    path: str = "/"
    slider: str = "[data-testid=stSlider] input[type=range]"
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        return self.app == OURS

    def serving(self, *args: str) -> contextlib.AbstractContextManager[Server]:
        """A fresh server, with the project's settings for ours and Streamlit's defaults for the peers."""
        return serving(self.app, *args, cwd=self.app.parent, env=self.env)


def ours(name: str, path: str, slider: str = "live_scale") -> Subject:
    return Subject(name, OURS, path, f".st-key-{slider} input[type=range]")


def peer(name: str, script: str, **env: str) -> Subject:
    return Subject(name, PEERS / script, env=env)


def options(description: str | None, more: argparse.ArgumentParser | None = None) -> argparse.Namespace:
    """`--quick` for a short run of the same steps, `--save` for the raw figures in bench/results/."""
    parser = argparse.ArgumentParser(
        description=(description or "").splitlines()[0], parents=[more] if more is not None else []
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions of the same steps")
    parser.add_argument("--save", action="store_true", help="keep the raw figures as JSON in bench/results/")
    return parser.parse_args()


def report(
    name: str, title: str, head: Sequence[str], rows: Sequence[Sequence[object]], notes: str = ""
) -> None:
    """Print a Markdown table."""
    print(f"### {title}\n")
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    if notes:
        print(f"\n{notes}")
    print(f"\n`python bench/{name}.py`, {machine()}\n", flush=True)


def save(name: str, raw: object, wanted: bool) -> None:
    if wanted:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(raw, indent=1) + "\n", "utf-8")


def machine() -> str:
    """The machine in words; figures of another one are comparable as ratios only."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    system = f"{platform.system()} {platform.machine()}"
    return f"{system}, {cores} cores, Python {platform.python_version()}, commit {commit}"


def ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of all lies, between two of them by a straight line."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


median = statistics.median


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    executable = chromium()
    if executable is None:
        sys.exit("no Chromium: run python tests/browser/install.py")
    with sync_playwright() as playwright:
        running = launch(playwright, executable)
        yield running
        running.close()


def open_page(chrome: Browser, url: str, *, settle: bool = True, probe: bool = True) -> Page:
    """A page in a context of its own, with the probe in it.

    The probe reads all charts in every frame in which something moves: without it where frames are counted.
    """
    page = chrome.new_context(viewport=LAPTOP).new_page()
    if probe:
        page.add_init_script(PROBE)
    page.goto(url)
    if settle:
        settled(page, 60)
        there = (
            "probe.signatures().length > 0" if probe else "document.querySelector('.rvc-time:not([hidden])')"
        )
        wait_until(page, there, 60)
        settled(page, 60)
    return page


def find_slider(page: Page, subject: Subject) -> Locator:
    found = page.locator(subject.slider).first
    found.wait_for(state="visible", timeout=60_000)
    return found


@contextlib.contextmanager
def open_subjects(chrome: Browser, subjects: Sequence[Subject]) -> Iterator[dict[str, Page]]:
    """Every subject in its own page; subjects with the same app and environment share a server."""
    with contextlib.ExitStack() as stack:
        servers: dict[Any, str] = {}
        pages = {}
        for subject in subjects:
            key = (subject.app, tuple(sorted(subject.env.items())))
            if key not in servers:
                servers[key] = stack.enter_context(subject.serving()).url
            pages[subject.name] = open_page(chrome, servers[key] + subject.path)
        yield pages
