"""The network over time in Chromium: its numbers are those of the run, and it follows the time in both directions."""

import re
from typing import Any

import numpy as np
import pytest
from harness import settled, wait_until
from journeys import patiently
from playwright.sync_api import Page, expect

from rnnviz.experiment import Experiment
from rnnviz.figures.base import reach
from rnnviz.figures.theme import template_dicts
from rnnviz.observe import Observation, observe

STEPS = """() => {
    const strip = document.querySelector('.rvl-u-strip').getBoundingClientRect();
    return [...document.querySelectorAll('.rvl-u-step')].map((step) => {
        const { left, right } = step.querySelector('.rvl-u-box').getBoundingClientRect();
        return { ...step.dataset, middle: (left + right) / 2, seen: left >= strip.left && right <= strip.right,
                 now: step.classList.contains('rvl-u-now'), loss: step.classList.contains('rvl-u-loss'),
                 shown: step.querySelector('.rvl-u-number').textContent,
                 norm_shown: step.querySelector('.rvl-u-norm').textContent,
                 arrows: [...step.querySelectorAll('.rvl-u-back')].map((path) => path.dataset.kind),
                 charge: step.querySelector('.rvl-u-charge:last-of-type').style.height }; })
        .filter((step) => step.seen).sort((a, b) => a.t - b.t); }"""


def visit(page: Page, server: str, experiment: Experiment) -> Observation:
    """Open the page at an experiment, and run the same one here."""
    query = "&".join(f"{key}={value}" for key, value in experiment.to_query().items())
    page.goto(f"{server}/cell?{query}")
    wait_until(page, "document.querySelector('.rvl-u-step[data-t]')", timeout=60)
    settled(page, quiet=0.2)
    return observe(experiment, experiment.cell)


def steps(page: Page) -> list[dict[str, Any]]:
    """The steps that are whole in the window, in order."""
    return page.evaluate(STEPS)  # type: ignore[no-any-return]


def go(page: Page, t: int) -> list[dict[str, Any]]:
    """Set the time, wait until the window is there, and look."""
    page.evaluate(f"window.dispatchEvent(new CustomEvent('rnnviz:time', {{ detail: {{ t: {t} }} }}))")
    rested(page)
    return steps(page)


def rested(page: Page) -> None:
    track = "document.querySelector('.rvl-u-track').style.transform"
    wait_until(page, f"window.was === (window.was = {track}) ? ++window.same > 3 : (window.same = 0)")


def place(page: Page) -> int:
    """The step that the time bar names, from 0."""
    return int(page.locator(".rvl .rvc-words").inner_text().split()[2]) - 1


def in_words(page: Page) -> str:
    return page.locator(".rvl-u-words").inner_text().replace("\n", "").replace("−", "-")


def test_steps_show_the_run_and_follow_the_time(page: Page, server: str) -> None:
    run = visit(page, server, Experiment(cells=("lstm",), hidden=4, length=120, loss=90))
    h = run.trace.layers[0].h[:, 0, 0].numpy()
    gradients = run.gradients.layers[0]
    norms = gradients.h_norm.numpy()

    for t in (0, 40, 90, 119):  # both ends, the middle, and the first step after the loss
        seen = go(page, t)
        at = [int(step["t"]) for step in seen]
        assert at == list(range(at[0], at[-1] + 1)), "an unbroken stretch"
        assert [step["t"] for step in seen if step["now"]] == [str(t)]
        np.testing.assert_allclose([float(step["value"]) for step in seen], h[at], rtol=1e-6)
        np.testing.assert_allclose([float(step["norm"]) for step in seen], norms[at], rtol=1e-6)
        assert all(abs(float(s["shown"].replace("−", "-")) - h[int(s["t"])]) <= 0.005 + 1e-9 for s in seen)
        assert [step["t"] for step in seen if step["loss"]] == [str(k) for k in at if k == 89]
        assert {step["kind"] for step in seen if int(step["t"]) > 89} <= {"none"}
        assert all(step["kind"] == "number" for step in seen if int(step["t"]) <= 89)
        assert all(set(step["arrows"]) == {"none"} for step in seen if int(step["t"]) >= 89)
        assert f"h{t + 1} = {h[t]:.3f}" in in_words(page)
    middle = next(step["middle"] for step in go(page, 40) if step["now"])
    box = page.locator(".rvl-u-strip").bounding_box()
    assert box is not None
    assert abs(middle - box["x"] - box["width"] / 2) < 40, "the window stands around the step"

    # A click on a cell, on the bar of all steps, and the keys of the strip set the time.
    target = steps(page)[3]
    page.mouse.click(target["middle"], box["y"] + 40)
    assert place(page) == int(target["t"])
    bar = page.locator(".rvl-u-bar").bounding_box()
    assert bar is not None
    page.mouse.click(bar["x"] + 0.75 * bar["width"] + 2, bar["y"] + bar["height"] / 2)
    assert place(page) == 90
    rested(page)
    window = page.locator(".rvl-u-window").bounding_box()
    assert window is not None
    assert window["x"] <= bar["x"] + 0.75 * bar["width"] <= window["x"] + window["width"]
    strip = page.get_by_role("slider", name="The network over time")
    strip.press("Home")
    expect(strip).to_have_attribute("aria-valuenow", "1")
    strip.press("ArrowRight")
    expect(strip).to_have_attribute("aria-valuenow", "2")

    # Followed backwards: the norms, in words and as arrows that shrink with them.
    page.get_by_role("radio", name="Forward").press("ArrowRight")
    back = page.get_by_role("radio", name="Backward")
    expect(back).to_have_attribute("aria-checked", "true")
    expect(back).to_be_focused()
    assert place(page) == 1, "the keys of the choice are its own"
    seen = go(page, 84)
    assert gradients.c_norm is not None
    said = in_words(page)
    assert float(said.split("‖ = ")[1].split(",")[0]) == pytest.approx(norms[84], rel=0.05)
    assert float(said.split(", ")[1].split()[0]) == pytest.approx(norms[84] / norms[89], rel=0.05)
    assert float(said.split("‖ = ")[2].split(",")[0]) == pytest.approx(gradients.c_norm[84].item(), rel=0.05)
    share = {int(s["t"]): float(s["charge"].rstrip("%")) / 50 for s in seen}  # two panels share the height
    alive = [t for t in share if norms[t] > 1e-8]
    wanted = (np.log10(norms[alive]) + 8) / 10
    np.testing.assert_allclose([share[t] for t in alive], np.minimum(wanted, 1), atol=1e-3)
    go(page, 100)
    assert "= 0: the loss is at step 90" in in_words(page)

    # It plays towards the first step, and turned round while it plays, towards the last.
    page.locator(".rvl").get_by_role("button", name="Play").click()
    patiently(page, lambda: 0 < place(page) < 95, "it plays back")
    page.get_by_role("radio", name="Forward").click()
    turned = place(page)
    patiently(page, lambda: place(page) > turned, "it plays on")
    page.locator(".rvl").get_by_role("button", name="Pause").click()


def test_what_underflows_is_marked_and_two_steps_are_enough(page: Page, server: str) -> None:
    run = visit(page, server, Experiment(cells=("rnn",), length=300, scale=0.3))
    lost = run.gradients.layers[0].underflow.numpy()
    first = int((~lost).argmax())
    assert 20 < first < 290, "the link shows both"
    page.get_by_role("radio", name="Backward").click()
    for t in (0, first, 299):
        for step in go(page, t):
            at = int(step["t"])
            assert (step["kind"] == "lost") == lost[at]
            if lost[at]:
                assert (step["norm_shown"], step["arrows"], step["charge"]) == ("×", ["lost"], "0%")
            elif at < 299:
                assert step["arrows"][0] in ("number", "below")
                assert float(step["norm_shown"].replace("−", "-")) > 0
    go(page, 0)
    assert "underflows: below 1.2e-38" in in_words(page)

    run = visit(page, server, Experiment(cells=("rnn",), length=2, hidden=1))
    seen = steps(page)
    assert [step["t"] for step in seen] == ["0", "1"]
    expect(page.locator(".rvl-u-bar")).to_be_hidden()
    h = run.trace.layers[0].h[:, 0, 0].numpy()
    shown = page.locator(".rvl-u-stripes").evaluate_all("(all) => all.map((one) => one.style.background)")
    drawn = [[int(part) for part in re.findall(r"rgb\((\d+), (\d+), (\d+)\)", text)[0]] for text in shown]
    scale = template_dicts()["light"]["layout"]["colorscale"]["diverging"]
    colours = np.array([[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for _, colour in scale])
    share = (h / reach(h, least=1.0) + 1) / 2
    expected = [np.interp(share, [at for at, _ in scale], colours[:, k]) for k in range(3)]
    np.testing.assert_allclose(drawn, np.stack(expected, 1), atol=2)
