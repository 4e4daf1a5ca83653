"""A network by hand in Chromium: what is typed is computed at once, can be sent as a link, and fits a phone."""

import re
from collections.abc import Callable

from harness import settled, wait_until
from playwright.sync_api import Page, expect

from rnnviz.handcell.numbers import Setup
from rnnviz.handcell.presets import FIRST
from rnnviz.handcell.run import run

SHEET = "[...document.querySelectorAll('.rv-sheet tr')].at(-1)?.innerText"
"""The row of y."""


def shows(page: Page, setup: Setup) -> None:
    """Wait until sheet and picture have the numbers of that setup."""
    known = run(setup)
    y = f"{float(known.y[-1]):.6f}".rstrip("0").rstrip(".").replace("-", "−")
    wait_until(page, f"{SHEET}?.includes('{y}')")
    h = f"{float(known.seen.values['h'][-1, 0]):.4f}".replace("-", "−")
    number = page.locator(".rvl-svg text[data-node=h]")
    expect(number).to_have_text(re.compile(re.escape(h)))


def test_a_lesson_by_hand(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(f"{server}/cell?within=hand")
    page.wait_for_selector(".rvh input")
    shows(page, FIRST)

    W = page.get_by_label("W, h", exact=True)
    W.fill("0.5")
    W.press("Enter")
    setup = FIRST.put("weight_hh", 0, 0.5)
    shows(page, setup)
    expect(page.get_by_label("b hh, h", exact=True)).to_be_focused()

    W.focus()
    for _ in range(3):  # faster than the page answers: nothing is lost
        W.press("ArrowUp")
    expect(W).to_have_value("0.8")
    setup = setup.put("weight_hh", 0, 0.8)
    shows(page, setup)

    W.fill("abc")
    expect(W).to_have_attribute("aria-invalid", "true")
    W.press("Tab")
    expect(page.locator(".rv-wrong")).to_have_text('W (weight_hh): "abc" is no number; 0.8 stays.')
    expect(W).to_have_value("0.8")

    page.get_by_role("button", name="One step more").click()
    setup = setup.with_array("x", (10, 20, 30, 30))
    shows(page, setup)
    expect(page.get_by_label("x 4", exact=True)).to_have_value("30")

    x = page.get_by_label("x 1", exact=True)
    x.focus()
    x.evaluate("""(field) => {
      const data = new DataTransfer();
      data.setData('text', '1 2\\t3\\n-4 5');
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, cancelable: true, bubbles: true }));
    }""")
    setup = setup.with_array("x", (1, 2, 3, -4, 5))
    shows(page, setup)

    wait_until(page, "location.search.includes('x_1_2_3_-4_5')")
    address = page.url
    assert "%" not in address.partition("hand=")[2]
    other = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    other.goto(address)
    other.wait_for_selector(".rvh input")
    shows(other, setup)
    expect(other.get_by_label("W, h", exact=True)).to_have_value("0.8")
    settled(other)
    main = "document.querySelector('[data-testid=stMain]')"
    assert other.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")
