"""The address in Chromium: it follows the hand, restores the picture, and is nobody else's."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from harness import dragging, settled, slider, wait_until
from journeys import Numbers, address, arrived, node, numbers, pictures, shows, visit
from playwright.sync_api import Page, expect

from rnnviz.experiment import Experiment

START = Experiment()


def parameter(name: str) -> str:
    return f"new URLSearchParams(location.search).get('{name}')"


def same(a: dict[str, Numbers], b: dict[str, Numbers]) -> None:
    """The same charts with exactly the same data."""
    assert a.keys() == b.keys()
    for key, traces in a.items():
        assert traces.keys() == b[key].keys()
        for name, values in traces.items():
            np.testing.assert_array_equal(values, b[key][name], err_msg=f"{key}: {name}")


def test_what_was_dragged_is_in_the_link(new_page: Callable[..., Page], server: str) -> None:
    page = visit(new_page(), server + "/gates")
    target = slider(page, "live_length")
    with dragging(target) as move:
        move(0.2)
        move(0.3)
    chosen = replace(START, length=int(target.input_value()))
    shows(page, chosen)
    wait_until(page, f"{parameter('length')} === '{chosen.length}'")
    settled(page)
    picture = pictures(page)
    page.reload()
    arrived(page)
    shows(page, chosen)
    same(pictures(page), picture)
    other = visit(new_page(), page.url)
    shows(other, chosen)
    same(pictures(other), picture)
    assert int(slider(other, "live_length").input_value()) == chosen.length


def test_the_menu_carries_values_and_back_and_forward_work(page: Page, server: str) -> None:
    visit(page, server)
    scale = slider(page, "live_scale")
    scale.focus()
    page.keyboard.press("PageUp")
    chosen = replace(START, scale=float(scale.input_value()))
    shows(page, chosen)
    for name in ("Gates", "States", "Gradients"):
        page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
        page.wait_for_url(f"{server}/{name.lower()}?*")
        shows(arrived(page), chosen)
        assert address(page) == chosen
    slider(page, "live_length").focus()
    page.keyboard.press("Home")
    short = replace(chosen, length=2)
    shows(page, short)
    wait_until(page, f"{parameter('length')} === '2'")
    # Each page comes back as its address has it, not as the last one left it.
    for heading, experiment in (("States", chosen), ("Gates", chosen)):
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        shows(arrived(page), experiment)
        assert address(page) == experiment
    for heading, experiment in (("States", chosen), ("Gradients", short)):
        page.go_forward()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        shows(arrived(page), experiment)
    expect(slider(page, "live_length")).to_have_value("2")


def test_a_bad_link_shows_the_nearest_picture_and_says_so(page: Page, server: str) -> None:
    visit(page, server + "/gates?length=9999&cell=foo&scale=abc&show=%3Cimg%20src=x%3E")
    said = page.get_by_test_id("stToast").all_inner_texts()
    for start in ("length must be a whole number from 2 to 500", "cell must be", "scale must be from 0 to 4"):
        assert any(start in text for text in said), said
    assert any("<img src=x>" in text for text in said)
    assert page.locator("img[src=x]").count() == 0
    shows(page, replace(START, length=500))
    # The address is put right, so that it is not passed on.
    wait_until(page, f"{parameter('length')} === '500' && {parameter('show')} === null")
    assert address(page) == replace(START, length=500)


LINKS = {
    "/": "cell=gru,rnn&length=25&scale=1.5&seed=7",
    "/gates": "cell=gru&length=40&hidden=8&scale=2&seed=3",
    "/states": "cell=lstm_peephole&length=33&forget=2&dims=3&present=1",
    "/gradients": "cell=rnn,lstm&length=70&loss=50&signal=noise&init=orthogonal",
}


FRESH = ("/gates",)
"""The links that are opened on a server nobody has visited before; starting one for each would take long."""


@pytest.mark.parametrize("path", LINKS)
def test_a_first_visit_by_a_link(serve: Callable[..., str], server: str, page: Page, path: str) -> None:
    visit(page, f"{serve() if path in FRESH else server}{path}?{LINKS[path]}")
    chosen = Experiment.from_query(dict(part.split("=") for part in LINKS[path].split("&")))[0]
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(path[1:].title() or "See recurrent networks at work")
    shows(page, chosen)
    assert address(page) == chosen
    if path == "/states":
        expect(page.get_by_role("button", name="Leave projector mode")).to_be_visible()
        assert page.evaluate(f"{node('states_path_3')}._fullData[0].type") == "scatter3d"


def test_two_visitors_do_not_see_each_others_values(new_page: Callable[..., Page], server: str) -> None:
    one, two = visit(new_page(), server + "/gradients"), visit(new_page(), server + "/gradients")
    for page, key in ((one, "PageUp"), (two, "Home"), (one, "PageUp")):
        slider(page, "live_scale").focus()
        page.keyboard.press(key)
    high = replace(START, scale=float(slider(one, "live_scale").input_value()))
    low = replace(START, scale=0.0)
    assert high.scale > 1
    shows(one, high)
    shows(two, low)
    wait_until(one, f"{parameter('scale')} === '{high.scale:g}'")
    assert address(two) == low
    assert numbers(one, "gradients").keys() >= {"LSTM", "GRU", "RNN (tanh)"}
