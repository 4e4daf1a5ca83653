"""A click on a mark of a chart reaches Python through a real page, and what it sets reaches the page."""

from collections.abc import Callable

import pytest
from harness import dragging, settled, slider, wait_until
from journeys import address, node, patiently
from playwright.sync_api import Page

KEY = "phase_length"
START = "/gradients?lab=phase&cell=rnn,lstm&hidden=4&length=40&scale=1"
COUNT_SENT = """() => { window.sent = 0; const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (d) { window.sent += 1; return send.call(this, d); }; }"""


def opened(page: Page, url: str, key: str = KEY) -> Page:
    page.goto(url)
    wait_until(page, f"{node(key)}?._fullData?.length")
    settled(page, quiet=0.3)
    return page


def place(page: Page, x: float, y: float, axis: str = "", key: str = KEY) -> tuple[float, float]:
    """Where a point of a panel is on the screen."""
    left, top = page.evaluate(
        f"""() => {{ const gd = {node(key)}, box = gd.getBoundingClientRect(), full = gd._fullLayout;
            const [x, y] = [full['xaxis{axis}'], full['yaxis{axis}']];
            return [box.x + x._offset + x.c2p({x}), box.y + y._offset + y.c2p({y})]; }}"""
    )
    return left, top


def click(page: Page, x: float, y: float, axis: str = "", key: str = KEY) -> None:
    """Go there as a hand does, and click."""
    left, top = place(page, x, y, axis, key)
    page.mouse.move(left - 3, top - 3)
    page.mouse.move(left, top, steps=3)
    page.wait_for_timeout(100)
    page.mouse.click(left, top)


def ring(page: Page, key: str = KEY) -> list[list[float]]:
    found: list[list[float]] = page.evaluate(
        f"{node(key)}.data.filter((t) => t.name === 'this experiment').map((t) => [t.x[0], t.y[0]])"
    )
    return [[round(value, 5) for value in one] for one in found]


@pytest.mark.parametrize("axis", ["", "2"])
def test_a_click_on_the_map_sets_the_experiment(page: Page, server: str, axis: str) -> None:
    opened(page, server + START)
    assert ring(page) == [[1, 40]] * 2
    click(page, 2.52, 75, axis)
    patiently(
        page, lambda: (address(page).scale, address(page).length) == (2.5, 76), "the address of the click"
    )
    patiently(page, lambda: ring(page) == [[2.5, 76]] * 2, "the ring of the click")
    wait_until(page, "document.querySelector('.st-key-live_scale input[type=range]').value === '2.5'")
    assert slider(page, "live_length").input_value() == "76"
    assert address(page).cells == ("rnn", "lstm")


def test_clicks_one_after_the_other_and_at_the_same_place(page: Page, server: str) -> None:
    opened(page, server + START)
    for scale, length in ((0.5, 20), (3.3, 88), (3.3, 88), (0.1, 4), (4.0, 100)):
        click(page, scale, length)
        patiently(page, lambda s=scale, n=length: ring(page) == [[s, n]] * 2, f"{scale}, {length}")
        settled(page, quiet=0.2)
    # The same place counts again after a slider has moved away from it.
    with dragging(slider(page, "live_scale")) as move:
        move(0.25)
        patiently(page, lambda: ring(page)[0][0] == address(page).scale < 2, "the ring under the slider")
    click(page, 4.0, 100)
    patiently(page, lambda: ring(page) == [[4, 100]] * 2, "the place clicked before")


def test_a_drag_is_no_click_and_a_click_counts_where_it_was_zoomed(page: Page, server: str) -> None:
    opened(page, server + START)
    page.mouse.move(*place(page, 1.0, 20))
    page.mouse.down()
    page.mouse.move(*place(page, 3.0, 80), steps=6)
    page.mouse.up()
    wait_until(page, f"{node(KEY)}._fullLayout.xaxis.range[1] < 3.2")
    settled(page, quiet=0.3)
    assert ring(page) == [[1, 40]] * 2
    click(page, 2.0, 60)
    patiently(page, lambda: ring(page) == [[2, 60]] * 2, "the click in the zoomed picture")
    assert page.evaluate(f"{node(KEY)}._fullLayout.xaxis.range[1] < 3.2")


def test_against_the_forget_bias(page: Page, server: str) -> None:
    key = "phase_forget"
    opened(page, f"{server}/gradients?lab=phase&against=forget&cell=lstm&hidden=4&length=20", key)
    click(page, 1.5, 2.7, key=key)
    patiently(
        page, lambda: (address(page).scale, address(page).forget) == (1.5, 2.7), "the address of the click"
    )
    assert ring(page, key) == [[1.5, 2.7]]


def test_what_a_click_is_not_asked_for_is_not_sent(page: Page, server: str) -> None:
    opened(page, server + "/gradients?cell=rnn&length=20&hidden=4", "gradients")
    page.evaluate(COUNT_SENT)
    y = page.evaluate(f"{node('gradients')}.data[0].y[9]")
    left, top = place(page, 10, y, key="gradients")
    page.mouse.move(left, top, steps=3)
    page.mouse.click(left, top)
    page.wait_for_timeout(300)
    assert page.evaluate("window.sent") == 0


def test_a_tap_on_a_touch_screen(new_page: Callable[..., Page], server: str) -> None:
    page = new_page(has_touch=True, viewport={"width": 820, "height": 1180})
    opened(page, server + START)
    page.touchscreen.tap(*place(page, 3.0, 24))
    patiently(page, lambda: ring(page) == [[3, 24]] * 2, "the ring of the tap")
