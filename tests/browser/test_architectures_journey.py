"""The gallery in Chromium: all cards by keyboard, diagrams to be read on every screen, a training that comes in."""

from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
from harness import LAPTOP, dragging, settled, slider, wait_until
from journeys import node, numbers, patiently
from playwright.sync_api import Page, expect

from rnnviz.architectures import Shape, diagram_of, observe
from rnnviz.architectures.config import ARCHITECTURES, FIELD

KINDS = [kind for kind, _ in ARCHITECTURES]
SCREENS = {"laptop": (1366, 768, 10.5), "projector": (1920, 1080, 13.0), "phone": (390, 844, 9.0)}
"""Width and height of each, and the pixels that letters in a diagram have at least."""

SPECIAL = ("n_to_n", "bidirectional", "residual", "attention", "contexts")
"""Diagrams that are laid out in their own way: the others are like the first of these."""

_MEASURE = """() => {
    const box = (n) => { const r = n.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
    const svg = document.querySelector('.st-key-architecture_diagram .rva-diagram');
    const boxes = [...svg.querySelectorAll('.rva-box')].map((g) =>
        ({ box: box(g.querySelector('rect')), text: box(g.querySelector('text')), words: g.textContent }));
    const labels = [...svg.querySelectorAll('.rva-label text')].map(box);
    const at = (s) => { const n = document.querySelector(s); return n && box(n); };
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    return { svg: box(svg), boxes, labels, wide: document.documentElement.scrollWidth, cards: at('.rva-cards'),
        shapes: at('.rva-shapes'), answer: at('.st-key-architecture_answer .rvc-picture'), drawing: at('.rva-drawing'),
        size: scale * parseFloat(getComputedStyle(svg.querySelector('text')).fontSize) }; }"""


def opened(page: Page, url: str) -> Page:
    page.goto(url)
    wait_until(page, f"{node('architecture_strips')}?._fullData?.length", timeout=90)
    settled(page, timeout=60, quiet=0.2)
    return page


def kind_of(page: Page) -> str:
    return parse_qs(urlparse(page.url).query).get("arch", ["n_to_n"])[0]


def apart(one: list[float], other: list[float], room: float = 0.0) -> bool:
    return (
        one[2] <= other[0] + room
        or other[2] <= one[0] + room
        or one[3] <= other[1] + room
        or other[3] <= one[1] + room
    )


def within(inner: list[float], outer: list[float], room: float = 0.75) -> bool:
    return (
        inner[0] >= outer[0] - room
        and inner[1] >= outer[1] - room
        and inner[2] <= outer[2] + room
        and inner[3] <= outer[3] + room
    )


def check_diagram(kind: str, found: dict[str, Any], least: float) -> None:
    """Words lie in their boxes, boxes and labels apart, all of it in the picture, and large enough to be read."""
    boxes, labels = found["boxes"], found["labels"]
    assert len(boxes) == len(diagram_of(Shape(kind=kind)).boxes)
    for one in boxes:
        assert within(one["text"], [one["box"][0], -1e9, one["box"][2], 1e9]), (kind, one)
        middle = (one["text"][1] + one["text"][3]) / 2
        assert one["box"][1] < middle < one["box"][3], (kind, one)
        assert within(one["box"], found["svg"], 0)
    rects = [one["box"] for one in boxes]
    for k, one in enumerate(rects):
        assert all(apart(one, other) for other in rects[k + 1 :]), kind
    for k, one in enumerate(labels):
        assert within(one, found["svg"]), kind
        assert all(apart(one, other, 3.0) for other in [*labels[k + 1 :], *rects]), kind
    assert found["size"] >= least, (kind, found["size"])


def check_screens(page: Page, kind: str) -> None:
    """The diagram on a laptop, one of each layout on every screen; what belongs beside it stands above the fold."""
    for screen, (width, height, least) in SCREENS.items():
        if screen != "laptop":
            if kind not in SPECIAL:
                continue
            page.set_viewport_size({"width": width, "height": height})
            wait_until(page, f"innerWidth === {width}")
            page.wait_for_timeout(120)  # the columns take their new widths
        found = page.evaluate(_MEASURE)
        check_diagram(kind, found, least)
        assert found["wide"] <= width, (kind, screen)
        if screen != "phone":
            assert within(found["svg"], found["drawing"])
            assert max(found[part][3] for part in ("cards", "drawing", "answer")) <= height, (kind, screen)
    page.set_viewport_size(LAPTOP)


def test_a_walk_over_all_cards_by_keyboard_on_every_screen(page: Page, server: str) -> None:
    opened(page, f"{server}/architectures?stage=fresh&size=5")
    page.locator(".rva-card[aria-checked=true]").focus()
    for kind, label in [*ARCHITECTURES[1:], ARCHITECTURES[0]]:
        page.keyboard.press("ArrowRight")
        expect(page.locator(".rva-card:focus")).to_have_attribute("data-value", kind)
        expect(page.locator(".rva-card[aria-checked=true]")).to_have_attribute("data-value", kind)
        expect(page.locator(".rva-about b")).to_have_text(f"{label}.", timeout=30_000)
        states = observe(Shape(kind=kind, hidden=5)).strips[0].h.T.numpy()

        def drawn(states: np.ndarray = states) -> bool:
            found = next(iter(numbers(page, "architecture_strips").values()))
            return found.shape == states.shape and np.allclose(found, states, atol=1e-4)

        patiently(page, drawn, f"the states of {kind}")
        patiently(page, lambda kind=kind: kind_of(page) == kind, "its address")
        check_screens(page, kind)
    page.keyboard.press("End")
    expect(page.locator(".rva-card:focus")).to_have_attribute("data-value", KINDS[-1])
    page.keyboard.press("Home")
    expect(page.locator(".rva-about b")).to_have_text(f"{ARCHITECTURES[0][1]}.", timeout=30_000)
    page.keyboard.press("Tab")
    assert page.locator(".rva-card:focus").count() == 0


def test_shapes_follow_a_hand_on_the_slider_and_boxes_the_time(page: Page, server: str) -> None:
    opened(page, f"{server}/architectures?arch=bidirectional&stage=fresh&size=5")
    low, high = int(FIELD["length"].minimum or 0), int(FIELD["length"].maximum or 0)
    shapes, picture = page.locator(".rva-shapes"), page.locator(".st-key-architecture_diagram")
    with dragging(slider(page, "live_a_length")) as move:
        for share, steps in ((1.0, high), (0.0, low)):
            move(share)
            expect(shapes).to_contain_text(f"({steps}, 4, 10)", timeout=30_000)
            expect(picture.locator(".rva-diagram")).to_contain_text("x" + _low(steps), timeout=30_000)
    patiently(page, lambda: f"reach={low}" in page.url, "the address")
    lit = picture.locator(".rva-now")
    for name, step in (("One step back", low - 1), ("One step on", low)):
        picture.get_by_role("button", name=name).click()
        expect(picture.locator(f".rva-now[data-t='{step}']")).to_have_count(4)  # input, both cells, answer
        expect(lit).to_have_count(4)


def test_a_training_comes_in_without_a_jump(page: Page, server: str) -> None:
    opened(page, f"{server}/architectures?arch=n_to_1&size=4&start=77")
    status = page.locator(".rva-status")
    expect(status).to_contain_text("not trained yet")
    page.evaluate(
        """() => { window.least = 1e9; const look = () => {
            const n = document.querySelectorAll('.st-key-architecture_diagram .rva-box, .rva-shapes tr');
            window.least = Math.min(window.least, n.length); requestAnimationFrame(look); }; look(); }"""
    )
    before = page.evaluate(_MEASURE)
    count = page.locator(".st-key-architecture_diagram .rva-box, .rva-shapes tr").count()
    page.locator(".st-key-architecture_train button:visible").click()
    expect(status).to_contain_text("Trained", timeout=120_000)
    settled(page, quiet=0.3)
    after = page.evaluate(_MEASURE)
    for part in ("svg", "cards", "shapes", "answer"):
        np.testing.assert_allclose(after[part], before[part], atol=1.0)
    assert page.evaluate("window.least") == count
    assert parse_qs(urlparse(page.url).query)["learned"][0]
    # What is drawn is no longer what the untrained network says.
    fresh = observe(Shape("n_to_1", hidden=4, seed=77)).strips[0].h.T.numpy()
    shown = next(iter(numbers(page, "architecture_strips").values()))
    assert np.abs(shown - fresh).max() > 0.05
    page.reload()
    wait_until(page, f"{node('architecture_strips')}?._fullData?.length", timeout=60)
    expect(status).to_contain_text("Trained", timeout=30_000)
    assert np.allclose(next(iter(numbers(page, "architecture_strips").values())), shown, atol=1e-4)


def _low(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
