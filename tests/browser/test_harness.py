"""The harness sees what it is there for: errors, requests to the outside, a drag that moves the picture."""

import pytest
from harness import dragging, set_slider, settled, slider

APP = """
import time
import streamlit as st

live = st.components.v2.component(
    "live",
    html="<input type=range min=0 max=100 value=50 style='width: 300px'>",
    js='''export default function({parentElement, setStateValue}) {
        const input = parentElement.querySelector('input');
        input.oninput = () => setStateValue('value', input.valueAsNumber); }''',
)
st.title("harness")
time.sleep(0.4)
value = live(key="live", default={"value": 50}, on_value_change=lambda: None).value
st.write(f"value {value:.0f}")
"""


@pytest.fixture
def url(serve, tmp_path):
    app = tmp_path / "app.py"
    app.write_text(APP)
    return serve(app)


def test_settled_waits_for_the_script(page, url):
    page.goto(url)
    settled(page)
    assert page.get_by_text("value 50").is_visible()


def test_a_picture_that_moves_during_the_drag_is_seen(page, url):
    page.goto(url)
    settled(page)
    with dragging(slider(page, "live")) as move:
        move(0.75)
        page.get_by_text("value 75").wait_for()
        move(1.0)
        page.get_by_text("value 100").wait_for()
    set_slider(slider(page, "live"), 25)
    page.get_by_text("value 25").wait_for()


def test_errors_and_outside_requests_are_seen(new_page, watch, url):
    page = new_page()
    page.route("http://rnnviz.invalid/**", lambda route: route.abort())
    page.goto(url)
    settled(page)
    assert watch.errors == []
    page.evaluate("""async () => {
        console.error('one of ours');
        setTimeout(() => { throw new Error('nobody caught it'); });
        await fetch('/no-such-file.js', {method: 'POST'});
        await fetch('http://rnnviz.invalid/beacon').catch(() => null); }""")
    page.wait_for_timeout(100)
    assert any("one of ours" in error for error in watch.errors)
    assert any("nobody caught it" in error for error in watch.errors)
    assert any("/no-such-file.js" in error for error in watch.errors)
    assert watch.outside == {"rnnviz.invalid"}
    watch.errors.clear()  # provoked above
    watch.outside.clear()
