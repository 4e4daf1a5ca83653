"""The live chart, the live slider and the tail in Chromium, on a small app of their own."""

import base64
import csv
import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import ROOT, dragging, serving, settled, slider
from playwright.sync_api import Page, expect

from rnnviz.figures import theme

APP = Path(__file__).with_name("demo_components.py")
GD = "document.querySelector('.st-key-{} .js-plotly-plot')"
WATCHED = """
window.painted = []; window.finished = [];
addEventListener('rnnviz:painted', (e) => painted.push(e.detail));
addEventListener('rnnviz:settled', (e) => finished.push(e.detail.run));
"""


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    with serving(APP, env={"PYTHONPATH": str(ROOT)}) as running:
        yield running.url


@pytest.fixture
def opened(demo: str, new_page: Callable[..., Page]) -> Callable[..., Page]:
    def visit(path: str = "/", **options: Any) -> Page:
        page = new_page(**options)
        page.add_init_script(WATCHED)
        page.goto(demo + path)
        settled(page)
        if path != "/sliders":
            until(page, "painted.length >= 2")
        return page

    return visit


def node(key: str) -> str:
    return GD.format(key)


def until(page: Page, condition: str, seconds: float = 20) -> None:
    """Wait for a condition. Playwright's wait_for_function needs eval, which the page's policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"not within {seconds} s: {condition}"
        page.wait_for_timeout(20)


def points(page: Page) -> int:
    return int(page.evaluate(f"{node('lines')}.data[0].y.length"))


def test_dragging_changes_the_picture_before_the_release(opened: Callable[..., Page]) -> None:
    page = opened()
    before = points(page)
    with dragging(slider(page, "n")) as move:
        for share in (0.3, 0.4, 0.5):
            move(share)
            page.wait_for_timeout(40)
        until(page, f"{node('lines')}.data[0].y.length > 200")
    chosen = int(slider(page, "n").input_value())
    until(page, f"{node('lines')}.data[0].y.length === {chosen}")
    assert before == 60
    until(page, f"location.search === '?n={chosen}'")


def test_every_value_that_is_sent_becomes_a_picture(opened: Callable[..., Page]) -> None:
    # A server slower than the hand: fewer values, none cancelled, and the last one is never lost.
    page = opened("/?slow=0.15")
    page.evaluate("painted.length = 0")
    before = page.evaluate("finished.length")
    began = page.evaluate("performance.now()")
    with dragging(slider(page, "n")) as move:
        for k in range(60):
            move(0.2 + k / 150)
            page.wait_for_timeout(16)
        during, now = page.evaluate("[finished.length, performance.now()]")
    during -= before
    chosen = int(slider(page, "n").input_value())
    until(page, f"{node('lines')}.data[0].y.length === {chosen}")
    # Each takes the server at least 0.15 s, one after the other.
    assert 2 <= during <= (now - began) / 150 + 1
    settled(page)
    runs = page.evaluate("finished.length") - before
    assert runs <= during + 3
    assert page.evaluate("painted.filter((p) => p.key === 'lines').length") >= runs - 1


def test_node_zoom_and_legend_survive_updates(opened: Callable[..., Page]) -> None:
    page = opened()
    chart = page.evaluate_handle(node("lines"))
    page.evaluate(f"Plotly.relayout({node('lines')}, {{'xaxis.range': [10, 30]}})")
    page.locator(".st-key-lines .legendtoggle").nth(1).click()
    until(page, f"{node('lines')}._fullData[1].visible === 'legendonly'")
    slider(page, "n").focus()
    page.keyboard.press("PageUp")
    until(page, f"{node('lines')}.data[0].y.length > 60")
    assert page.evaluate(f"(g) => g === {node('lines')}", chart)
    assert page.evaluate(f"{node('lines')}._fullLayout.xaxis.range") == [10, 30]
    assert page.evaluate(f"{node('lines')}._fullData[1].visible") == "legendonly"
    page.locator(".st-key-lines").hover()
    page.locator(".st-key-lines").get_by_role("button", name="Reset zoom").click()
    until(page, f"{node('lines')}._fullLayout.xaxis.range[1] > 60")


def test_a_drag_on_the_chart_zooms_and_the_cursor_follows(opened: Callable[..., Page]) -> None:
    page = opened()
    box = page.locator(".st-key-lines .nsewdrag").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    bar = page.locator(".st-key-lines .rvc-range")
    bar.focus()
    bar.evaluate("(e) => { e.value = 20; e.dispatchEvent(new Event('input')); }")
    cursor = page.locator(".st-key-lines .rvc-cursor")
    before = cursor.bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], middle, steps=5)
    page.mouse.up()
    until(page, f"{node('lines')}._fullLayout.xaxis.range[1] < 40")
    low, high = page.evaluate(f"{node('lines')}._fullLayout.xaxis.range")
    after = cursor.bounding_box()
    assert before is not None
    assert after is not None
    # Step 20 is x = 21; the rim of the cursor makes it 2.5 pixels wide.
    expected = box["x"] + box["width"] * (21 - low) / (high - low)
    assert abs(after["x"] + after["width"] / 2 - expected) < 1.5
    assert abs(before["x"] - after["x"]) > 20


def test_time_moves_without_the_server(opened: Callable[..., Page]) -> None:
    page = opened()
    page.evaluate("""() => { window.sent = 0; const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (d) { window.sent += 1; return send.call(this, d); }; }""")
    bar = page.locator(".st-key-lines .rvc-range")
    bar.focus()
    expect(bar).to_have_attribute("aria-valuetext", "t = 60 of 60")
    page.keyboard.press("Home")
    expect(page.locator(".st-key-lines .rvc-words")).to_have_text("t = 1 of 60")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".st-key-lines .rvc-words")).to_have_text("t = 2 of 60")
    page.locator(".st-key-lines").get_by_role("button", name="One step on").click()
    expect(page.locator(".st-key-lines .rvc-words")).to_have_text("t = 3 of 60")
    shown = float(re.findall(r"LSTM\s(\S+)", page.locator(".st-key-lines .rvc-values").inner_text())[0])
    assert shown == pytest.approx(page.evaluate(f"{node('lines')}.data[0].y[2]"), abs=5e-4)
    # Every subplot of the other chart shows the same time.
    spots = page.locator(".st-key-maps .rvc-cursor").evaluate_all(
        "(all) => all.map((c) => c.getAttribute('transform'))"
    )
    assert len(spots) == 4
    bar.focus()
    page.keyboard.press(" ")
    until(page, "document.querySelector('.st-key-lines .rvc-range').value > 10")
    page.locator(".st-key-lines").get_by_role("button", name="Pause").click()
    moved = page.locator(".st-key-maps .rvc-cursor").first.get_attribute("transform")
    assert moved != spots[0]
    assert page.evaluate("sent") == 0


def test_playing_survives_updates_and_a_shorter_run_clamps_the_time(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator(".st-key-lines").get_by_role("button", name="Play").click()
    slider(page, "n").focus()
    page.keyboard.press("ArrowRight")
    until(page, f"{node('lines')}.data[0].y.length === 61")
    expect(page.locator(".st-key-lines").get_by_role("button", name="Pause")).to_be_visible()
    until(page, "document.querySelector('.st-key-lines .rvc-range').value > 12")
    page.locator(".st-key-lines").get_by_role("button", name="Pause").click()
    at = int(page.locator(".st-key-lines .rvc-range").input_value())
    page.keyboard.press("Tab")
    slider(page, "n").focus()
    page.keyboard.press("ArrowRight")
    until(page, f"{node('lines')}.data[0].y.length === 62")
    assert int(page.locator(".st-key-lines .rvc-range").input_value()) == at
    page.keyboard.press("Home")
    expect(page.locator(".st-key-lines .rvc-words")).to_have_text("t = 2 of 2")


def test_heads_follow_the_path_in_two_and_three_dimensions(opened: Callable[..., Page]) -> None:
    page = opened("/paths")
    bar = page.locator(".st-key-flat .rvc-range")
    bar.focus()
    bar.evaluate("(e) => { e.value = 30; e.dispatchEvent(new Event('input')); }")
    head = page.locator(".st-key-flat .rvc-head").bounding_box()
    assert head is not None
    expected = page.evaluate(
        f"""() => {{ const gd = {node("flat")}, {{ xaxis: x, yaxis: y }} = gd._fullLayout, t = gd.data[0];
            const box = gd.getBoundingClientRect();
            return [box.x + x._offset + x.d2p(t.x[30]), box.y + y._offset + y.d2p(t.y[30])]; }}"""
    )
    assert abs(head["x"] + head["width"] / 2 - expected[0]) < 1.5
    assert abs(head["y"] + head["height"] / 2 - expected[1]) < 1.5
    until(page, f"{node('solid')}.data[2].z[0] === {node('solid')}.data[0].z[30]")
    assert page.evaluate(f"{node('solid')}.data[2].z.length") == 1
    assert page.evaluate(f"{node('solid')}.data[1].x.length") == 12


def test_matrices_alone_are_painted_without_a_redraw(opened: Callable[..., Page]) -> None:
    page = opened()
    page.wait_for_selector(".st-key-maps .rvc-chart[data-quick]")
    page.evaluate("""() => { window.drawn = []; const react = Plotly.react;
        Plotly.react = function (gd, ...rest) { drawn.push(gd); return react.call(this, gd, ...rest); }; }""")
    image = "document.querySelector('.st-key-maps .heatmaplayer .hm image').getAttribute('href')"
    redraws = f"drawn.filter((gd) => gd === {node('maps')}).length"
    before, count = page.evaluate(image), page.evaluate("painted.filter((p) => p.key === 'maps').length")
    slider(page, "forget").evaluate("(e) => { e.value = 4; e.dispatchEvent(new Event('input')); }")
    until(page, f"painted.filter((p) => p.key === 'maps').length > {count}")
    quick, at_once = page.evaluate(image), page.evaluate(redraws)
    shown = page.evaluate(f"{node('maps')}.calcdata[0][0].z[2][5]")
    assert quick != before
    assert at_once == 0
    assert shown == pytest.approx(0.6 / 4 * np.tanh(np.sin(1) * 1.7), abs=1e-4)
    until(page, f"{redraws} === 1")
    page.wait_for_timeout(300)
    pixels = """async (urls) => { const all = [];
        for (const url of urls) { const image = new Image(); image.src = url; await image.decode();
            const c = new OffscreenCanvas(image.width, image.height).getContext('2d');
            c.drawImage(image, 0, 0);
            all.push([...c.getImageData(0, 0, image.width, image.height).data]); }
        return all; }"""
    mine, theirs = page.evaluate(pixels, [quick, page.evaluate(image)])
    assert np.abs(np.subtract(mine, theirs)).max() <= 4
    assert len(mine) == 4 * 60 * 16


def test_the_theme_changes_without_a_run(opened: Callable[..., Page]) -> None:
    page = opened()
    colour = f"{node('lines')}._fullLayout.font.color"
    light, runs = page.evaluate(colour), page.evaluate("finished.length")
    page.emulate_media(color_scheme="dark")
    until(page, f"{colour} !== {light!r}")
    assert page.evaluate("finished.at(-1)") == page.evaluate(f"finished[{runs - 1}]")


def test_words_in_a_colour_take_the_shade_of_the_theme(opened: Callable[..., Page]) -> None:
    page = opened()
    look = f"(({{font, text}}) => [font.color, text])({node('lines')}._fullLayout.annotations[0])"
    for name in ("light", "dark"):
        page.emulate_media(color_scheme=name)
        shades = theme.template_dicts()[name]["layout"]["meta"]["shades"]
        until(page, f"{look}[0] === {shades['#0072b2']!r}")
        assert page.evaluate(look)[1] == f"<span style='color:{shades['#cf5200']}'>GRU</span> LSTM"


def download(page: Page, key: str, name: str) -> tuple[str, bytes]:
    page.locator(f".st-key-{key} .rvc-picture").hover()
    with page.expect_download() as waiting:
        page.locator(f".st-key-{key}").get_by_role("button", name=name).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_the_table_holds_the_data_and_no_formula(opened: Callable[..., Page]) -> None:
    page = opened()
    name, content = download(page, "lines", "CSV")
    assert name == "lines.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 180
    assert {row["trace"] for row in rows} == {"LSTM", "GRU", "'=RNN"}
    steps = np.arange(60)
    expected = np.tanh(np.sin(steps / 3) * 1.7).astype("f4")
    np.testing.assert_allclose([float(r["y"]) for r in rows[:60]], expected, rtol=2e-7)
    assert [float(r["x"]) for r in rows[:60]] == list(steps + 1)
    maps = list(csv.DictReader(io.StringIO(download(page, "maps", "CSV")[1].decode("utf-8-sig"))))
    assert len(maps) == 4 * 16 * 60
    cells = {(r["trace"], float(r["x"]), float(r["y"])): r["z"] for r in maps}
    assert cells["gate i", 1, 3] == ""
    assert float(cells["gate o", 10, 0]) == pytest.approx(expected[9], abs=2 / 131068 + 1e-6)


def test_the_table_of_rows_with_dates_names_them_and_takes_candles_apart(
    opened: Callable[..., Page],
) -> None:
    rows = list(csv.reader(io.StringIO(download(opened(), "days", "CSV")[1].decode("utf-8-sig"))))
    assert rows[0] == ["trace", "x", "y", "z", "label"]
    assert rows[1:4] == [
        ["close", "7", "1.5", "", "2021-03-01"],
        ["close", "8", "", "", "2021-03-02"],
        ["close", "9", "2.5", "", "2021-03-03"],
    ]
    assert rows[4] == ["before", "7", "1", "", "2021-03-01"]
    candles = {(name, x): (y, label) for name, x, y, _, label in rows[7:]}
    assert len(rows) == 7 + 8
    assert candles["day open", "7"] == ("1", "2021-03-01")
    assert candles["day low", "9"] == ("1", "2021-03-03")
    assert candles["day close", "9"] == ("4", "2021-03-03")


def test_pictures_are_downloaded_in_the_themes_colours(opened: Callable[..., Page]) -> None:
    page = opened(color_scheme="dark")
    name, png = download(page, "lines", "PNG")
    assert (name, png[:8]) == ("lines.png", b"\x89PNG\r\n\x1a\n")
    corner = page.evaluate(
        """async (data) => { const image = new Image(); image.src = 'data:image/png;base64,' + data;
            await image.decode(); const c = new OffscreenCanvas(4, 4).getContext('2d');
            c.drawImage(image, 0, 0);
            return [image.width, image.height, ...c.getImageData(1, 1, 1, 1).data]; }""",
        base64.b64encode(png).decode(),
    )
    width = page.evaluate(f"{node('lines')}._fullLayout.width")
    assert corner[:2] == [2 * width, 600]
    assert max(corner[2:5]) < 60
    assert corner[5] == 255
    assert b"<svg" in download(page, "lines", "SVG")[1]


def test_names_and_targets(opened: Callable[..., Page]) -> None:
    page = opened()
    assert page.get_by_role("img", name="Three lines over time").count() == 1
    page.locator(".st-key-lines .rvc-picture").hover()
    for button in page.locator(".st-key-lines button").all():
        box = button.bounding_box()
        assert button.get_attribute("aria-label") == button.get_attribute("title")
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
    assert page.locator(".modebar-btn").count() == 0


def test_full_screen_and_back(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator(".st-key-lines .rvc-picture").hover()
    button = page.locator(".st-key-lines").get_by_role("button", name="Full screen")
    button.click()
    until(page, f"{node('lines')}._fullLayout.height > 400")
    button.click()
    until(page, f"{node('lines')}._fullLayout.height === 300")


def test_a_phone_has_no_sideways_overflow(opened: Callable[..., Page]) -> None:
    for path in ("/", "/paths"):
        page = opened(path, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        widths = page.locator(".rvc-picture").evaluate_all(
            "(all) => all.map((p) => p.querySelector('.js-plotly-plot')._fullLayout.width - p.clientWidth)"
        )
        assert all(abs(width) <= 1 for width in widths)


def test_slider_keys_and_number_field(opened: Callable[..., Page]) -> None:
    page = opened("/sliders")
    scale = slider(page, "scale")
    said = page.get_by_text("scale is")
    scale.focus()
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("scale is 1.05,")
    page.keyboard.press("End")
    expect(said).to_contain_text("scale is 4.0,")
    expect(scale).to_have_attribute("aria-valuetext", "4.00 ×")
    number = page.locator(".st-key-scale .rvs-number")
    for typed, chosen in (
        ("0.37", "0.35"),
        ("-9", "0.0"),
        ("nonsense", "0.0"),
        ("99", "4.0"),
        ("1,5", "1.5"),
    ):
        number.fill(typed)
        number.press("Enter")
        expect(said).to_contain_text(f"scale is {chosen},")
    number.fill("3")
    number.press("Escape")
    expect(number).to_have_value("1.50 ×")


def test_the_unset_stop(opened: Callable[..., Page]) -> None:
    page = opened("/sliders")
    late, said = slider(page, "late"), page.get_by_text("late is")
    expect(said).to_contain_text("late is None")
    late.focus()
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text("late is 60")
    page.keyboard.press("Home")
    expect(said).to_contain_text("late is 1")
    page.keyboard.press("End")
    expect(said).to_contain_text("late is None")
    expect(page.locator(".st-key-late .rvs-number")).to_have_value("last step")
    number = page.locator(".st-key-late .rvs-number")
    number.fill("500")
    number.press("Enter")
    expect(said).to_contain_text("late is 60")
    number.fill("")
    number.press("Enter")
    expect(said).to_contain_text("late is None")


def test_python_moves_the_thumb(opened: Callable[..., Page]) -> None:
    page = opened("/sliders")
    slider(page, "scale").focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("scale is")).to_contain_text("scale is 0.0,")
    page.get_by_role("button", name="Preset").click()
    expect(page.get_by_text("scale is")).to_contain_text("scale is 3.5,")
    expect(slider(page, "scale")).to_have_value("3.5")
    slider(page, "scale").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("scale is")).to_contain_text("scale is 3.45,")


def test_a_disabled_slider_says_why(opened: Callable[..., Page]) -> None:
    page = opened("/sliders")
    expect(slider(page, "off")).to_be_disabled()
    expect(page.get_by_text("The GRU has no forget gate.")).to_be_visible()


def test_page_switches_keep_the_value_and_the_tail_leaves_no_gap(opened: Callable[..., Page]) -> None:
    page = opened()
    slider(page, "n").focus()
    page.keyboard.press("End")
    until(page, "location.search === '?n=500'")
    length = page.evaluate("history.length")
    page.get_by_role("link", name="Paths").click()
    until(page, f"{node('flat')}?.data[0].x.length === 500")
    expect(slider(page, "n")).to_have_value("500")
    until(page, "location.pathname + location.search === '/paths?n=500'")
    page.get_by_role("link", name="Lines").click()
    until(page, f"{node('lines')}?.data[0].y.length === 500")
    expect(slider(page, "n")).to_have_value("500")
    assert page.evaluate("history.length") <= length + 2
    gap = page.evaluate(
        """() => { const tail = document.querySelector('.st-key-rnnviz_tail');
            const block = tail.parentElement.getBoundingClientRect();
            const last = [...tail.parentElement.children]
                .filter((c) => getComputedStyle(c).position !== 'absolute')
                .map((c) => c.getBoundingClientRect().bottom);
            return block.bottom - Math.max(...last); }"""
    )
    assert abs(gap) < 1
