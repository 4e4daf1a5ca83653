"""Journeys through the app in Chromium: doors, drags, numbers against the model, time, keys, projector."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from harness import dragging, settled, slider, wait_until
from journeys import PAGES, PICTURE, address, arrived, node, numbers, pictures, shows, visit
from playwright.sync_api import Page, expect

from rnnviz.experiment import Experiment

START = Experiment()


def frame(page: Page, key: str) -> list[Any]:
    """Where a chart stands and what its axes span."""
    return page.evaluate(
        f"""() => {{ const box = {node(key)}.getBoundingClientRect(), full = {node(key)}._fullLayout;
            return [box.x + scrollX, box.y + document.querySelector('[data-testid=stMain]').scrollTop,
                    box.width, box.height, full.yaxis.range]; }}"""
    )


def test_through_the_doors(page: Page, server: str) -> None:
    visit(page, server)
    expect(page.get_by_role("heading", level=1)).to_have_text("See recurrent networks at work")
    for door, heading in (("gates", "Gates"), ("states", "States"), ("gradients", "Gradients")):
        wait_until(page, f"{node('door_' + door)}?._fullData?.length")
        # A miniature is not only there: something is painted in it.
        wait_until(
            page, f"{node('door_' + door)}.querySelectorAll('.hm image, .scatterlayer .js-line').length"
        )
        shows(page, START)
        page.get_by_test_id("stPageLink").get_by_role("link", name=heading).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        page.wait_for_url(f"{server}/{door}?*")
        arrived(page)
        shows(page, START)
        assert page.title() == f"{heading} · rnnviz"
        page.get_by_test_id("stTopNavLink").filter(has_text="rnnviz").click()
        wait_until(page, "location.pathname === '/'")
        arrived(page)


DRAGS = {
    "/": (("scale", 0.8),),
    "/gates": (("length", 0.5), ("forget", 0.9)),
    "/states": (("scale", 0.6), ("length", 0.05)),
    "/gradients": (("loss", 0.5), ("scale", 0.1)),
}


@pytest.mark.parametrize("path", DRAGS)
def test_a_drag_moves_the_picture_before_the_release(page: Page, server: str, path: str) -> None:
    visit(page, server + path)
    chosen = START
    shows(page, chosen)
    for name, share in DRAGS[path]:
        target = slider(page, f"live_{name}")
        with dragging(target) as move:
            before = float(target.input_value())
            stood = frame(page, PICTURE[path])
            move((share + 0.3) / 2)
            move(share)
            held = float(target.input_value())
            assert held != before
            value = round(held, 2) if name in ("scale", "forget") else int(held)
            chosen = replace(chosen, **{name: value})
            shows(page, chosen)
            # Only the marks move: the chart stays where it was, and so does a range that the model bounds.
            now = frame(page, PICTURE[path])
            assert now[:4] == stood[:4]
            if path in ("/gates", "/states"):
                assert now[4] == stood[4]
        wait_until(page, f"new URLSearchParams(location.search).get('{name}') === '{value:g}'")
    shows(page, chosen)
    assert address(page) == chosen


def test_zoom_is_kept_while_a_slider_moves(page: Page, server: str) -> None:
    visit(page, server + "/gradients")
    gd = node("gradients")
    box = page.locator(".st-key-gradients .nsewdrag").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=4)
    page.mouse.up()
    wait_until(page, f"{gd}._fullLayout.xaxis.range[0] > 10")
    ranges = f"[...{gd}._fullLayout.xaxis.range, ...{gd}._fullLayout.yaxis.range]"
    zoomed = page.evaluate(ranges)
    slider(page, "live_scale").focus()
    page.keyboard.press("PageUp")
    value = float(slider(page, "live_scale").input_value())
    shows(page, replace(START, scale=value))
    assert page.evaluate(ranges) == zoomed


def test_the_keyboard_alone(page: Page, server: str) -> None:
    visit(page, server + "/gates")
    focused = "document.activeElement.closest('[class*=st-key-live_scale]') && document.activeElement.type"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(focused) == "range":
            break
    expect(slider(page, "live_scale")).to_be_focused()
    page.keyboard.press("ArrowRight")
    shows(page, replace(START, scale=1.05))
    page.keyboard.press("End")
    shows(page, replace(START, scale=4.0))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")


def test_new_seed_and_back_to_the_start(page: Page, server: str) -> None:
    visit(page, server + "/gates")
    page.get_by_role("button", name="New seed").click()
    # One of ten thousand: another press where it drew the same.
    wait_until(page, "new URLSearchParams(location.search).get('seed') !== '0'")
    drawn = address(page)
    shows(page, drawn)
    expect(page.get_by_label("Seed", exact=True)).to_have_value(str(drawn.seed))
    page.get_by_role("button", name="Back to the start").click()
    shows(page, START)
    wait_until(page, "new URLSearchParams(location.search).get('seed') === '0'")


def test_projector_mode_in_and_out(page: Page, server: str) -> None:
    visit(page, server + "/gradients?scale=2")
    chosen = replace(START, scale=2.0)
    size = "parseFloat(getComputedStyle(document.querySelector('.rv-title')).fontSize)"
    small, thin = page.evaluate(size), page.evaluate(f"{node('gradients')}._fullData[0].line.width")
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    page.get_by_role("button", name="Projector mode", exact=True).click()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    wait_until(page, f"{size} > {1.2 * small} && {node('gradients')}?._fullData[0].line.width > {thin}")
    wait_until(page, "new URLSearchParams(location.search).get('present') === '1'")
    shows(page, chosen)
    page.get_by_role("button", name="Leave projector mode").click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    wait_until(page, f"{size} === {small} && {node('gradients')}._fullData[0].line.width === {thin}")
    shows(page, chosen)
    assert address(page) == chosen


def typed_into_the_picture_of_the_cell(page: Page, server: str) -> None:
    """Typed markup stands there letter by letter: in the network over time, in the box that reads, in words."""
    hostile = "<img/src=x/onerror=alert(1)>"
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.goto(server + "/cell?signal=text&hidden=3")
    field = page.get_by_label("Text", exact=True)
    field.fill(hostile)
    field.press("Enter")
    strip = "[...document.querySelectorAll('.rvl-u-step')]"
    left = "(step) => step.getBoundingClientRect().left"
    read = (
        f"{strip}.sort((a, b) => ({left})(a) - ({left})(b))"
        ".map((step) => step.querySelector('.rvl-u-read').textContent).join('')"
    )
    wait_until(page, f"{read} === {hostile!r}")
    page.locator("[data-box=x]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Home")
    for letter in hostile[:3]:
        expect(page.locator("text[data-node=x]")).to_have_text(f"“{letter}”")
        expect(page.locator(".rvl-u-words")).to_contain_text(f"reads “{letter}”")
        assert f"“{letter}”" in (page.locator("[data-box=x]").get_attribute("aria-label") or "")
        page.keyboard.press("ArrowRight")
    assert page.locator(".rvl :is(img, script, b, [onerror])").count() == 0
    assert asked == []


def test_typing_a_text_and_numbers(page: Page, server: str) -> None:
    visit(page, server + "/gates?signal=text")
    hostile = "<img src=x> **b**"
    field = page.get_by_label("Text", exact=True)
    field.fill(hostile)
    field.press("Enter")
    shows(page, replace(START, signal="text", text=hostile))
    wait_until(page, f"new URLSearchParams(location.search).get('text')?.length === {len(hostile)}")
    # Letter by letter, as typed: no element came of it, and nothing was fetched (the page is watched).
    assert page.locator("img[src=x]").count() == 0
    bar = page.locator(".st-key-gates_0 .rvc-range")
    bar.focus()
    page.keyboard.press("Home")
    expect(page.locator(".st-key-gates_0 .rvc-words")).to_have_text(f"t = 1 of {len(hostile)}  <")
    assert page.evaluate(f"{node('gates_0')}._fullLayout.xaxis4.ticktext.slice(0, 4)") == ["&lt;", *"img"]
    typed_into_the_picture_of_the_cell(page, server)
    visit(page, server + "/gradients?signal=numbers")
    field = page.get_by_label("Numbers", exact=True)
    field.fill("3, -1.5, 2; 8")
    field.press("Enter")
    typed = replace(START, signal="numbers", numbers="3, -1.5, 2; 8")
    assert typed.steps == 4
    shows(page, typed)
    expect(page.locator(".st-key-live_length .rvs-note")).to_have_text("as typed")


def test_the_code_follows_the_slider(page: Page, server: str) -> None:
    visit(page, server + "/states")
    page.get_by_role("button", name="Copy as PyTorch").click()
    code = page.get_by_test_id("stCode")
    expect(code).to_contain_text("torch.manual_seed(0)")
    expect(code).to_contain_text("H = 16")
    slider(page, "live_scale").evaluate(
        "(e) => { e.value = 2.5; e.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    shows(page, replace(START, scale=2.5))
    expect(code).to_contain_text("2.5")
    expect(code).to_be_visible()


def test_time_runs_in_the_browser_and_both_charts_share_it(page: Page, server: str) -> None:
    visit(page, server + "/states?length=30")
    page.evaluate("""() => { window.sent = 0; const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (d) { window.sent += 1; return send.call(this, d); }; }""")
    lines = page.locator(".st-key-states_lines")
    head = page.locator(".st-key-states_path_2 .rvc-head")
    lines.locator(".rvc-range").focus()
    page.keyboard.press("Home")
    expect(lines.locator(".rvc-words")).to_have_text("t = 1 of 30")
    first = head.get_attribute("transform")
    lines.get_by_role("button", name="Play").click()
    wait_until(page, "document.querySelector('.st-key-states_lines .rvc-range').value > 8")
    lines.get_by_role("button", name="Pause").click()
    t = int(lines.locator(".rvc-range").input_value())
    assert head.get_attribute("transform") != first
    assert page.evaluate("sent") == 0
    # The words under the lines are those of the same step.
    shown = numbers(page, "states_lines")["unit 0"][t + 1]
    expect(lines.locator(".rvc-values")).to_have_text(f"unit 0 {shown:.3f}".replace("-", "−"))
    # Its place in the plane is that of the step which the lines' cursor marks, t = 0 being the start state.
    point = page.evaluate(
        f"""() => {{ const gd = {node("states_path_2")}, {{xaxis: x, yaxis: y}} = gd._fullLayout, d = gd.data[0];
            const box = gd.getBoundingClientRect();
            return [box.x + x._offset + x.d2p(d.x[{t + 1}]), box.y + y._offset + y.d2p(d.y[{t + 1}])]; }}"""
    )
    box = head.bounding_box()
    assert box is not None
    np.testing.assert_allclose([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2], point, atol=1.5)


@pytest.mark.parametrize("path", PAGES)
def test_both_themes(new_page: Callable[..., Page], server: str, path: str) -> None:
    page = visit(new_page(color_scheme="dark"), server + path)
    colour = f"{node(PICTURE[path])}._fullLayout.font.color"
    dark, shown = page.evaluate(colour), pictures(page)
    ground = "document.documentElement.style.colorScheme"  # what a popover goes by
    assert page.evaluate(ground) == "dark"
    page.emulate_media(color_scheme="light")
    wait_until(page, f"{colour} !== '{dark}'")
    wait_until(page, f"{ground} === 'light'")
    settled(page)
    for key, values in pictures(page).items():
        for name, was in shown[key].items():
            np.testing.assert_array_equal(values[name], was)
