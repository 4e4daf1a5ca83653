"""The states in depth in Chromium: sections, the flow under a dragged input, a click on a fixed point, the cube."""

from harness import dragging, settled, slider, wait_until
from journeys import node
from playwright.sync_api import Page, expect

LATCH = "portrait=flow&cell=rnn&hidden=2&init=gaussian&scale=2&length=20"


def test_from_the_flow_to_the_memory_and_back(page: Page, server: str) -> None:
    page.goto(f"{server}/states?{LATCH}")
    wait_until(page, f"{node('flow_plane')}?._fullData?.length", 60)
    settled(page, quiet=0.2)
    assert page.locator(".rv-points tbody tr").count() == 3

    # A click on the saddle, in the middle of the picture, chooses it.
    plot = page.locator(".st-key-flow_plane .nsewdrag.drag").first
    box = plot.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".rv-points .rv-chosen")).to_contain_text("saddle")
    wait_until(page, "new URLSearchParams(location.search).get('point') === '3'")

    # The picture moves while the held input is dragged.
    before = page.evaluate(f"Array.from({node('flow_plane')}.data[1].x).join()")
    with dragging(slider(page, "live_held")) as to:
        to(0.9)
        wait_until(page, f"Array.from({node('flow_plane')}.data[1].x).join() !== {before!r}")
    settled(page, quiet=0.2)
    expect(page.locator(".rv-see li").first).to_contain_text("held at 0.8")

    page.get_by_role("radio", name="Left to themselves").click()
    wait_until(page, "document.querySelectorAll('.st-key-flow_plane .rvc-head').length === 25")
    head = page.locator(".st-key-flow_plane .rvc-head").first
    page.get_by_role("slider", name="Time step").first.fill("0")
    first = head.get_attribute("transform")
    page.get_by_role("slider", name="Time step").first.fill("3")
    assert head.get_attribute("transform") != first

    page.get_by_role("radio", name="A trained memory").click()
    wait_until(page, f"{node('memory_cube_3')}?._fullData?.length", 60)
    corners = f"{node('memory_cube_3')}.data.find((t) => t.name === 'stable').text.length"
    assert page.evaluate(corners) == 8
    expect(page.get_by_role("link", name="Train your own")).to_be_visible()

    page.get_by_role("radio", name="Path", exact=True).click()
    wait_until(page, f"{node('states_lines')}?._fullData?.length", 60)
