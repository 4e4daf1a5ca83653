"""The quick way to a line chart: the same picture as Plotly's own, and the numbers behind it at once."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import ROOT, serving, settled, slider, wait_until
from playwright.sync_api import Page

APP = Path(__file__).with_name("demo_swift.py")
GD = "document.querySelector('.st-key-curves .js-plotly-plot')"
WATCHED = """
window.painted = 0; window.redrawn = 0;
addEventListener('rnnviz:painted', (e) => { if (e.detail.key === 'curves') painted += 1; });
"""
COUNTING = """() => { const react = Plotly.react;
    Plotly.react = function (gd, ...rest) { redrawn += 1; return react.call(this, gd, ...rest); }; }"""
PICTURE = f"""() => {{ const all = (selector, read) => [...{GD}.querySelectorAll(selector)].map(read);
    const box = {GD}.getBoundingClientRect();
    const spot = (e) => {{ const b = e.getBoundingClientRect(); return [b.x - box.x, b.y - box.y]; }};
    return {{ lines: all('.js-line', (e) => e.getAttribute('d')), points: all('.point', spot),
        notes: all('.annotation-text, .textpoint text', spot), title: all('.xtitle, .ytitle', (e) => e.textContent),
        y: {GD}._fullData.map((t) => [...t.y]), hover: {GD}.calcdata.map((cd) => cd.map((p) => p.y ?? null)),
        data: {GD}.data.map((t) => [...t.y]), names: {GD}.data.map((t) => t.name),
        dots: [...{GD}.closest('.rvc-picture').querySelectorAll('.rvc-overlay circle')].map(spot) }}; }}"""


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    with serving(APP, env={"PYTHONPATH": str(ROOT)}) as running:
        yield running.url


@pytest.fixture
def opened(demo: str, new_page: Callable[..., Page]) -> Callable[..., Page]:
    def visit(path: str = "/") -> Page:
        page = new_page()
        page.add_init_script(WATCHED)
        page.goto(demo + path)
        settled(page)
        page.wait_for_selector(".st-key-curves .rvc-chart[data-quick]")
        page.evaluate(COUNTING)
        return page

    return visit


def change(page: Page, value: float) -> tuple[dict[str, Any], int]:
    """The first picture after a change, and how often Plotly had drawn by then."""
    page.evaluate("painted = redrawn = 0")
    slider(page, "bend").evaluate(
        "(e, value) => { e.value = value; e.dispatchEvent(new Event('input')); }", value
    )
    # In the same task as the event: the catching up must not come between.
    found = page.evaluate(
        f"""() => new Promise((done) => {{ const read = {PICTURE};
            const look = () => done([read(), redrawn]);
            if (painted) look(); else addEventListener('rnnviz:painted', look, {{ once: true }}); }})"""
    )
    return found[0], found[1]


def polyline(d: str) -> np.ndarray:
    places = [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", d)]
    return np.array(places).reshape(-1, 2)


def apart(points: np.ndarray, line: np.ndarray) -> float:
    """The largest distance of a point from a line of straight pieces."""
    a, b = line[:-1], line[1:]
    along = b - a
    share = ((points[:, None] - a) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-12)
    nearest = a + np.clip(share, 0, 1)[..., None] * along
    return float(np.linalg.norm(points[:, None] - nearest, axis=-1).min(1).max())


def same_line(mine: np.ndarray, theirs: np.ndarray) -> None:
    # Plotly leaves points out that lie less than half a line's width from its line.
    assert apart(theirs, mine) <= 0.05
    assert apart(mine, theirs) <= 1.0


def same_picture(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert len(mine["lines"]) == len(theirs["lines"])
    for one, other in zip(mine["lines"], theirs["lines"], strict=True):
        a, b = polyline(one), polyline(other)
        same_line(a, b)
    for name, tolerance in (("points", 0.5), ("notes", 1.01), ("dots", 0.5)):
        np.testing.assert_allclose(mine[name], theirs[name], atol=tolerance, err_msg=name)
    for name in ("title", "y", "hover", "data", "names"):
        assert mine[name] == theirs[name]


@pytest.mark.parametrize("path", ["/", "/?gaps=1"])
def test_the_quick_picture_is_plotlys(opened: Callable[..., Page], path: str) -> None:
    page = opened(path)
    before = page.evaluate(PICTURE)
    quick, redraws = change(page, 1.5)
    assert redraws == 0
    assert all(a != b for a, b in zip(before["lines"], quick["lines"], strict=True))
    assert before["title"] != quick["title"]
    wait_until(page, "redrawn === 1 && painted === 2")
    slow = page.evaluate(PICTURE)
    same_picture(quick, slow)
    shown = np.array(slow["y"][0], dtype=float)
    expected = 10 ** (-1.5 * np.arange(40) / 10)
    np.testing.assert_allclose(shown[shown == shown], expected[shown == shown], rtol=1e-6)
    # And again, from the picture that Plotly has caught up with.
    quick, redraws = change(page, 1.8)
    assert redraws == 0
    wait_until(page, "redrawn === 1 && painted === 2")
    same_picture(quick, page.evaluate(PICTURE))


def test_the_zoom_holds(opened: Callable[..., Page]) -> None:
    page = opened()
    box = page.locator(".st-key-curves .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.02 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"], steps=5)
    page.mouse.up()
    zoomed = f"[{GD}._fullLayout.xaxis.range, {GD}._fullLayout.yaxis.range]"
    wait_until(page, f"{GD}._fullLayout.xaxis.range[1] < 30")
    page.wait_for_timeout(500)
    ranges = page.evaluate(zoomed)
    quick, redraws = change(page, 1.1)
    assert redraws == 0
    assert page.evaluate(zoomed) == ranges
    wait_until(page, "painted === 2")
    same_picture(quick, page.evaluate(PICTURE))
    assert page.evaluate(zoomed) == ranges


@pytest.mark.parametrize("value", [4.5, 5.5])
def test_another_frame_is_drawn_by_plotly(opened: Callable[..., Page], value: float) -> None:
    # From 4 on the axis is longer; from 5 on there is one trace more.
    page = opened()
    picture, redraws = change(page, value)
    assert redraws == 1
    page.wait_for_timeout(400)
    same_picture(picture, page.evaluate(PICTURE))


def test_a_gap_that_comes_and_goes(opened: Callable[..., Page]) -> None:
    page = opened("/?moving=1")
    for value in (1.2, 2.2, 1.3):
        quick, _ = change(page, value)
        page.wait_for_timeout(500)
        slow = page.evaluate(PICTURE)
        pieces = [polyline(part) for d in quick["lines"] for part in d.split("M") if part not in ("", "0,0")]
        wanted = [polyline(d) for d in slow["lines"]]
        assert len(pieces) == len(wanted)
        for a, b in zip(pieces, wanted, strict=True):
            same_line(a, b)
