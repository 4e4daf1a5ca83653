"""The gradient laboratory in Chromium: section by section, dragged, reloaded, on a fresh server, on a phone."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from harness import dragging, settled, slider, wait_until
from journeys import node, numbers, patiently, pictures
from playwright.sync_api import Page, expect

import rnnviz
from rnnviz import blame, build
from rnnviz.experiment import Experiment
from rnnviz.ui.view import FIELD

CHARTS = {
    "norms": ("gradients",),
    "triangle": ("triangle_map", "triangle_row"),
    "paths": ("paths_span", "paths_step"),
    "spectrum": ("spectrum_weights", "spectrum_run"),
    "blame": ("blame_pairs", "blame_distances"),
    "phase": ("phase_length",),
    "cliff": ("cliff_2", "cliff_progress"),
    "cures": ("cures",),
    "chaos": ("chaos_exponents", "chaos_distance"),
}
"""The charts of each section, in the order of the menu."""

DRAGGED = ("triangle", "paths", "spectrum", "blame", "phase", "chaos")
"""The sections whose picture follows the weight scale."""


def drawn(page: Page, section: str) -> None:
    """Wait until the section's charts stand, and nothing else does but the preview of the input."""
    for key in CHARTS[section]:
        wait_until(page, f"{node(key)}?._fullData?.length", 60)
    settled(page, 60, quiet=0.2)
    assert set(pictures(page)) - {"signal_preview"} == set(CHARTS[section])


def open_section(page: Page, server: str, section: str, more: str = "") -> Page:
    page.goto(f"{server}/gradients?lab={section}{more}")
    drawn(page, section)
    return page


def small(length: int, hidden: int) -> str:
    return f"&length={length}&hidden={hidden}&cell=lstm"


def test_the_menu_leads_through_all_sections(page: Page, server: str) -> None:
    assert tuple(CHARTS) == FIELD["lab"].values
    open_section(page, server, "norms", small(20, 4))
    for section in [*CHARTS, "norms"]:
        page.get_by_role("radio", name=FIELD["lab"].label_of(section), exact=True).click()
        drawn(page, section)
        query = "new URLSearchParams(location.search).get('lab')"
        wait_until(page, f"{query} === {'null' if section == 'norms' else repr(section)}")
        assert page.locator(".rv-see li").count() >= 1
        # A chart stands above the fold.
        box = page.locator(f".st-key-{CHARTS[section][0]}").bounding_box()
        assert box is not None
        assert box["y"] < 400


@pytest.mark.parametrize("section", CHARTS)
def test_a_section_comes_back_moves_and_fits_a_phone(
    new_page: Callable[..., Page], server: str, section: str
) -> None:
    """One page for all three: opening one takes longer than what is looked at."""
    page = new_page(has_touch=True)
    open_section(page, server, section, small(20, 4) + "&scale=1.5&seed=3")
    if section != "norms":
        its_link_gives_the_same_picture_again(page, section)
    if section in DRAGGED:
        the_picture_moves_before_the_slider_is_let_go(page, section)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    drawn(page, section)
    # Nothing makes the page itself wider than the screen.
    wait_until(page, "document.querySelector('[data-testid=stMain]').scrollWidth <= 390")


def its_link_gives_the_same_picture_again(page: Page, section: str) -> None:
    before = pictures(page)
    page.reload()
    drawn(page, section)
    for key, traces in pictures(page).items():
        for name, values in traces.items():
            np.testing.assert_array_equal(values, before[key][name], err_msg=f"{key}: {name}")


def the_picture_moves_before_the_slider_is_let_go(page: Page, section: str) -> None:
    key = CHARTS[section][0]

    def different(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
        same = a.keys() == b.keys() and all(np.array_equal(a[n], b[n], equal_nan=True) for n in a)
        return not same

    def state() -> dict[str, np.ndarray]:
        # On the phase diagram the ring moves, which is a matter of x.
        x = page.evaluate(f"{node(key)}.data.map((t) => Array.from(t.x ?? []))")
        return numbers(page, key) | {f"x {k}": np.array(v, dtype=float) for k, v in enumerate(x)}

    before = state()
    with dragging(slider(page, "live_scale")) as move:
        move(0.6)
        patiently(page, lambda: different(state(), before), f"another picture of {section}")
        held = state()
        move(0.9)
        patiently(page, lambda: different(state(), held), f"a third picture of {section}")


def test_the_triangle_and_the_blame_are_the_model_s(page: Page, server: str) -> None:
    chosen = Experiment(cells=("gru",), length=15, hidden=3, seed=4)
    open_section(page, server, "triangle", "&cell=gru&length=15&hidden=3&seed=4")
    module, x = build.build_module(chosen, "gru"), build.build_input(chosen)
    expected = rnnviz.gradient_triangle(module, x, norm="frobenius").double().log10().numpy()
    (shown,) = (z for z in numbers(page, "triangle_map").values() if z.shape == (15, 15))
    inside = np.tril(np.ones((15, 15), bool))
    np.testing.assert_allclose(shown[inside], expected[inside], atol=2e-3)
    open_section(page, server, "blame", "&cell=gru&length=15&hidden=3&seed=4")
    sizes = blame.blame(module, x).size_by_distance
    shares = (sizes / sizes.sum()).cumsum(0)
    lines = numbers(page, "blame_distances").values()
    assert any(
        len(line) >= 5 and np.allclose(line[:5], torch.as_tensor(shares[:5]), rtol=1e-4) for line in lines
    )


def test_the_first_visit_of_a_fresh_server(serve: Callable[..., str], page: Page) -> None:
    open_section(page, serve(), "phase", small(12, 3) + "&present=1")
    expect(page.get_by_role("button", name="Leave projector mode")).to_be_visible()
