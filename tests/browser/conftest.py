"""Fixtures of the browser tests: one server a worker, one Chromium a module, one watched page a test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from harness import LAPTOP, ROOT, Watch, chromium, exceptions, is_ci, launch, serving
from playwright.sync_api import Browser, Page, sync_playwright


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium. None to be had: a failure under CI=true, elsewhere a skip.

    Ended with its module: while Playwright runs, so does its event loop, and no other test could start one.
    """
    executable = chromium()
    if executable is None:
        reason = "no Chromium: run python tests/browser/install.py, or install chromium yourself"
        if is_ci():
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        running = launch(playwright, executable)
        yield running
        running.close()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of the app, started once for all tests of a worker; use `serve` for a fresh one."""
    with serving(ROOT / "app.py") as running:
        yield running.url


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """`serve(path)` starts another app, or a fresh copy of ours, for one test and gives its address."""
    with ExitStack() as stack:
        yield (
            lambda app=ROOT / "app.py", *args, **options: (
                stack.enter_context(serving(Path(app), *args, **options)).url
            )
        )


@pytest.fixture
def watch() -> Watch:
    """What the test's pages did wrong; a test that provokes an error clears it here, and says why."""
    return Watch()


@pytest.fixture
def new_page(browser: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """`new_page(**options)` opens a page in a new context, as another visitor would (options: Playwright's).

    When the test ends, an exception box, a console error or a request to the outside fails it.
    """
    with ExitStack() as stack:
        pages: list[Page] = []

        def open_page(**options: Any) -> Page:
            context = browser.new_context(**{"viewport": LAPTOP, "color_scheme": "light", **options})
            stack.callback(context.close)
            page = context.new_page()
            watch.attach(page)
            pages.append(page)
            return page

        yield open_page
        boxes = [text for page in pages if not page.is_closed() for text in exceptions(page)]
    assert boxes == []
    assert watch.errors == []
    assert watch.outside == set()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One watched page, laptop-sized, light theme."""
    return new_page()
