"""The picture of a cell in Chromium: played, stepped, paged through its units; every number in it is the model's."""

import math
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest
from harness import wait_until
from playwright.sync_api import Page, expect

from rnnviz.experiment import Experiment
from rnnviz.inside import Inside, inside
from rnnviz.observe import observe
from rnnviz.registry import CELLS
from rnnviz.ui import assets

STEPS = 24
EXPERIMENT = Experiment(length=STEPS, hidden=5, seed=2, scale=1.3)

READ = "[...document.querySelectorAll('.rvl-svg text[data-node]')].map((text) => [text.dataset.node, text.textContent])"
"""What the boxes show, by node."""

PLAYED = f"""() => new Promise((done) => {{
  const [bar, sums] = ['.rvl > .rvc-time', '.rvl-sums'].map((part) => document.querySelector(part));
  const step = (text) => Number(text.match(/t = (\\d+)/)[1]);
  const seen = [];
  const look = () => {{
    seen.push([step(bar.querySelector('.rvc-words').textContent), {READ},
      step(sums.querySelector('.rvl-top').textContent), sums.querySelector('[data-number=value]').textContent]);
    if (bar.querySelector('button').title === 'Play') done(seen); else requestAnimationFrame(look);
  }};
  bar.querySelector('button').click();
  requestAnimationFrame(look);
}})"""
"""Plays; in each frame the step of the bar, what the boxes show, and the step and the number of the arithmetic."""

UNTIDY = """() => {
  const rect = (node) => node.getBoundingClientRect();
  const boxes = [...document.querySelectorAll('.rvl-box')];
  const frames = boxes.map((box) => [box.dataset.box, rect(box.querySelector('.rvl-frame'))]);
  const circles = boxes.flatMap((box) =>
    [...box.querySelectorAll('.rvl-round')].map((circle) => [box.dataset.box, rect(circle)]));
  const texts = boxes.flatMap((box) => [...box.querySelectorAll('text')].map((text) => [
    `${box.dataset.box}: ${text.textContent}`, rect(text), box]));
  const within = (a, b, by = 1) => a.left >= b.left - by && a.right <= b.right + by && a.top >= b.top - by
    && a.bottom <= b.bottom + by;
  const meet = (a, b, by = 1) => a.left < b.right - by && b.left < a.right - by && a.top < b.bottom - by
    && b.top < a.bottom - by;
  const found = [];
  for (const [words, own, box] of texts) {
    const places = [...box.querySelectorAll('.rvl-frame, .rvl-round')].map(rect);
    if (!places.some((place) => within(own, place, 2))) found.push(`${words} leaves its box`);
  }
  const pairs = (items, what) => items.forEach(([a, first], k) => items.slice(k + 1).forEach(([b, second]) => {
    if (meet(first, second)) found.push(`${what} ${a} and ${b} overlap`);
  }));
  // Letters have room above and below them in their line, which may touch that of the next.
  pairs(texts.map(([words, { left, right, top, bottom }]) =>
    [words, { left, right, top: top + 2, bottom: bottom - 2 }]), 'the words');
  pairs(frames, 'the boxes');
  for (const [name, circle] of circles) for (const [other, frame] of frames) {
    if (other !== name && meet(circle, frame)) found.push(`the sign of ${name} and the box ${other} overlap`);
  }
  const sheet = rect(document.querySelector('.rvl-svg'));
  for (const [name, frame] of frames) if (!within(frame, sheet)) found.push(`the box ${name} leaves the picture`);
  const parts = ['.rvl-unrolled', '.rvl-chooser', '.rvl-sheet', '.rvl-sums', '.rvl > .rvc-time']
    .map((name) => [name, rect(document.querySelector(name))]);
  pairs(parts, 'the parts');
  const main = document.querySelector('[data-testid=stMain]');
  if (main.scrollWidth > main.clientWidth) found.push('the page scrolls sideways');
  for (const [name, part] of parts) if (part.right > innerWidth + 1) found.push(`${name} leaves the window`);
  return found;
}"""
"""Everything that overlaps, is cut off or leaves its place."""


CROSS = """(name) => {
  const [wires, frame] = ['.rvl-wires', `[data-box=${name}] .rvl-frame`].map((part) => document.querySelector(part));
  const wire = wires.querySelector('.rvl-wire'), {x, y, width, height} = frame.getBBox();
  const [at, to] = [wire.getPointAtLength(wire.getTotalLength() / 2), new DOMPoint(x + width / 3, y + height / 3)];
  wires.setAttribute('transform', `translate(${to.x - at.x} ${to.y - at.y})`);
  wires.parentNode.append(wires);
  const on = to.matrixTransform(frame.getScreenCTM());
  return [on.x, on.y];
}"""
"""Lays a wire over a box; where the two meet, in pixels."""


@cache
def model(cell: str) -> Inside:
    run = observe(EXPERIMENT, cell)
    return inside(run.trace.layers[0], run.x, run.gradients.layers[0])


def true(cell: str, name: str, t: int, unit: int | None) -> float:
    """The number of a node at a step, straight from the model: the mean over all units where none is named."""
    row = model(cell).values[name][t].double()
    return float(row.mean() if unit is None else row[min(unit, len(row) - 1)])


def agree(cell: str, shown: list[list[str]], t: int, unit: int | None) -> list[str]:
    """The nodes that do not show the model's number to the digits that they have."""
    wrong = [] if {name for name, _ in shown} == {node.name for node in model(cell).nodes} else ["nodes"]
    for name, text in shown:
        plain = text.replace("−", "-")
        half = 0.5 * 10.0 ** int(Decimal(plain).as_tuple().exponent)
        number = true(cell, name, t, unit)
        close = math.isclose(float(plain), number, rel_tol=0, abs_tol=half * 1.001 + 1e-7 * abs(number))
        if not close or (float(plain) == 0) != (number == 0):
            wrong.append(f"{name} at t = {t + 1}: {text}, is {number}")
    return wrong


def link(server: str, cell: str, **more: Any) -> str:
    return f"{server}/cell?{urlencode({**EXPERIMENT.to_query(), 'cell': cell, **more})}"


def opened(page: Page, url: str) -> Page:
    page.goto(url)
    wait_until(page, "document.querySelector('.rvl:not([style*=hidden]) .rvl-sheet[style]')", timeout=60)
    return page


def place(page: Page) -> int:
    """The step that the bar under the picture names, from 0."""
    words = page.locator(".rvl > .rvc-time .rvc-words").inner_text()
    return int(words.split()[2]) - 1


SPELT = {
    "0": "0.000",
    "-0": "0.000",
    "-0.0975": "−0.098",
    "0.99996": "1.000",
    "0.0004": "4.0e−4",
    "-1e-12": "−1.0e−12",
    "12.3456": "12.35",
    "123456": "1.2e5",
    "NaN": "no number",
    "Infinity": "no number",
}
"""How numbers are written with three digits: short, but 0 only where it is 0."""


def spelt(page: Page) -> dict[str, str]:
    values = ", ".join(SPELT)
    words = page.evaluate(
        f"import('{assets.module_url('cell/scale.js')}').then(({{ spell }}) => [{values}].map((v) => spell(v, 3)))"
    )
    return dict(zip(SPELT, words, strict=True))


def choose(page: Page, cell: str) -> None:
    """Take another cell by the page's own menu."""
    label = CELLS[cell].label
    field = page.locator("[data-testid=stMain] [data-testid=stSelectbox] input").first
    field.fill(label)
    field.press("Enter")
    wait_until(page, f"document.querySelector('.rvl-svg').ariaLabel.startsWith({label!r} + ', ')")


def test_the_sequence_is_played_and_stepped_through(server: str, page: Page) -> None:
    cell = "lstm"
    sent: list[Any] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    opened(page, link(server, cell))
    # It opens at the last step, with a box open that shows what to do.
    assert agree(cell, page.evaluate(READ), STEPS - 1, 0) == []
    expect(page.locator(".rvl-open")).to_have_count(1)
    page.wait_for_timeout(500)
    before = len(sent)

    # Played from the first step to the last, every frame read as it is shown.
    played = page.evaluate(PLAYED)
    assert len({t for t, *_ in played}) >= 4  # all of them where the machine is not busy
    assert [wrong for t, shown, *_ in played for wrong in agree(cell, shown, t - 1, 0)] == []
    # The arithmetic names its own step, one frame late at most; its number is that of this step.
    open_node = page.locator(".rvl-sheet-of").get_attribute("data-sums")
    assert open_node == "f"
    for (earlier, *_), (now, _, named, value) in pairwise(played):
        assert named in (earlier, now)
        assert float(value.replace("−", "-")) == pytest.approx(true(cell, open_node, named - 1, 0), abs=6e-4)
    assert (place(page), played[-1][0], played[-1][2]) == (STEPS - 1, STEPS, STEPS)

    # By the keys: steps, ends, units.
    page.locator("[data-box=h]").focus()
    for key, t in [("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)]:
        page.keyboard.press(key)
        assert (place(page), agree(cell, page.evaluate(READ), t, 0)) == (t, [])
    for unit in (1, 2):
        page.keyboard.press("ArrowDown")
        assert agree(cell, page.evaluate(READ), 1, unit) == []
    page.locator(".rvl-unit").select_option("all")
    assert agree(cell, page.evaluate(READ), 1, None) == []
    page.locator(".rvl-unit").press("ArrowUp")  # its own key: the last unit
    assert agree(cell, page.evaluate(READ), 1, 4) == []
    page.get_by_role("button", name="One unit on").click()
    assert agree(cell, page.evaluate(READ), 1, None) == []

    # A click on the strip of a gate picks the unit under it; on the box, opens it; Escape closes.
    page.locator(".rvl-unit").select_option("0")
    gate = model(cell).nodes[-1].of[0]
    box = page.locator("[data-box=h] .rvl-frame").bounding_box()
    strip = page.evaluate("document.querySelector('.rvl-strips').getBoundingClientRect().width")
    assert box is not None
    assert strip > 300
    page.mouse.click(box["x"] + 0.65 * box["width"], box["y"] + 0.83 * box["height"])
    unit = int(page.locator(".rvl-unit").input_value())
    assert unit == 3
    assert agree(cell, page.evaluate(READ), 1, unit) == []
    page.locator(f"[data-box={gate}]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".rvl-open")).to_have_attribute("data-box", gate)
    lit = page.locator(".rvl-wire.rvl-into").count()
    assert lit >= len(next(node.of for node in model(cell).nodes if node.name == gate))
    page.keyboard.press("Escape")
    expect(page.locator(".rvl-open")).to_have_count(0)
    # A wire takes no click, not even from a box that it lies over.
    page.mouse.click(*page.evaluate(CROSS, gate))
    expect(page.locator(".rvl-open")).to_have_attribute("data-box", gate)
    page.keyboard.press("Escape")
    expect(page.locator(".rvl-open")).to_have_count(0)

    # Who does not see it hears the step where it rests.
    page.keyboard.press("End")
    expect(page.locator(".rvl-said")).to_contain_text(f"Step {STEPS} of {STEPS}. unit 3")
    label = page.locator("[data-box=h]").get_attribute("aria-label") or ""
    assert page.evaluate("document.querySelector('[data-node=h]').textContent") in label
    # The space bar plays where no control has the focus, and again pauses.
    page.locator(".rvl-stage").click(position={"x": 3, "y": 3})
    page.keyboard.press(" ")
    expect(page.locator(".rvl > .rvc-time").get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.locator(".rvl > .rvc-time").get_by_role("button", name="Play")).to_be_visible()
    assert len(sent) == before, "nothing of this is asked of the server"

    # Another cell, from step to step; the unit stays.
    choose(page, "gru")
    expect(page.locator(".rvl-open")).to_have_count(0)  # as it was left
    page.locator("[data-box=h]").focus()
    page.keyboard.press("Home")
    for t in range(STEPS):
        assert (place(page), agree("gru", page.evaluate(READ), t, unit)) == (t, [])
        page.keyboard.press("ArrowRight")


def untidy(page: Page) -> list[str]:
    """What overlaps or is cut off, once the watchers of sizes have been heard."""
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
    )
    return list(page.evaluate(UNTIDY))


SMALLEST = """Math.min(...[...document.querySelectorAll('.rvl-box text')].map((text) =>
  parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""
"""The height in pixels of the smallest letters in a box."""

SCROLL = """document.querySelector('[data-testid=stMain]').scrollTop +=
  document.querySelector('.rvl').getBoundingClientRect().top
    - document.querySelector('[data-testid=stHeader]').getBoundingClientRect().bottom"""
"""The picture moved up to the menu: on a low projector it is, so that its letters can be read."""


@pytest.mark.parametrize(
    ("shown", "sizes"), [("", [(1366, 768), (390, 1900)]), ("1", [(1920, 1080), (1366, 768)])]
)
def test_nothing_overlaps_or_is_cut_off(
    server: str, page: Page, shown: str, sizes: list[tuple[int, int]]
) -> None:
    """At a desk and on a phone, and projected; every cell of the registry, its numbers too.

    The phone is as high as the picture: on a lower one the bar of time would lie over it.
    """
    found: dict[tuple[str, int], list[str]] = {}
    opened(page, link(server, "gru", **({"present": shown} if shown else {})))
    for cell in CELLS:
        choose(page, cell)
        assert agree(cell, page.evaluate(READ), STEPS - 1, 0) == []
        for width, height in sizes:
            page.set_viewport_size({"width": width, "height": height})
            if shown and height < 860:
                page.evaluate(SCROLL)
            if problems := untidy(page):
                found[cell, width] = problems
            if width > 1000:
                bottom = page.evaluate("document.querySelector('.rvl').getBoundingClientRect().bottom")
                assert bottom <= height, "all of it is seen at once"
            if shown:
                assert page.evaluate(SMALLEST) >= 14
        page.set_viewport_size({"width": sizes[0][0], "height": sizes[0][1]})
    assert found == {}
    assert spelt(page) == SPELT
    # The look can find something.
    page.evaluate("document.querySelector('[data-box=h] text').setAttribute('x', '30')")
    assert any("leaves its box" in problem for problem in untidy(page))
