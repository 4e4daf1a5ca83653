"""Projector mode: the whole picture is seen without scrolling, on a low projector too."""

from collections.abc import Callable

import pytest
from harness import settled, wait_until
from journeys import node
from playwright.sync_api import Page

LOW, HIGH = {"width": 1366, "height": 768}, {"width": 1920, "height": 1080}
CHARTS = {"norms": "gradients", "phase": "phase_length", "cliff": "cliff_progress", "cures": "cures"}


@pytest.mark.parametrize("section", CHARTS)
def test_the_picture_ends_above_the_lower_edge(
    section: str, new_page: Callable[..., Page], server: str
) -> None:
    chart = CHARTS[section]
    page = new_page(viewport=LOW)
    page.goto(f"{server}/gradients?lab={section}&present=1")
    wait_until(page, f"{node(chart)}?._fullData?.length", timeout=60)
    settled(page, timeout=60, quiet=0.2)
    box = page.locator(f".st-key-{chart} .rvc-chart").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= LOW["height"]
    low = page.evaluate(f"{node(chart)}._fullLayout.height")
    page.set_viewport_size(HIGH)
    wait_until(page, f"{node(chart)}._fullLayout.height > {low}")
    page.set_viewport_size(LOW)
    wait_until(page, f"{node(chart)}._fullLayout.height === {low}")
