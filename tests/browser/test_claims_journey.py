"""The page of claims in Chromium: from the overview to a card, to one alone, to its experiment."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlparse

from harness import settled, wait_until
from journeys import address, arrived, node, shows
from playwright.sync_api import Page, expect

from rnnviz.claims import CLAIMS, fill, measured
from rnnviz.experiment import Experiment

NAME = "weight_norm"
PHONE = {"width": 390, "height": 844}


def opened(page: Page, url: str, key: str) -> Page:
    page.goto(url)
    wait_until(page, f"{node(key)}?._fullData?.length", timeout=60)
    settled(page, timeout=60, quiet=0.2)
    return page


def test_from_the_overview_to_an_experiment(page: Page, server: str) -> None:
    opened(page, server + "/claims", f"claim_chart_{NAME}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Claims")
    rows = page.locator(".rv-overview tbody tr:not(.rv-group)")
    expect(rows).to_have_count(len(CLAIMS))
    result = measured(CLAIMS[NAME])
    row = rows.filter(has=page.locator(f"a[href='#claim-{NAME}']"))
    expect(row.locator("td").nth(2)).to_have_text(fill(result.claim.found, result.values))
    row.get_by_role("link").click()
    # The card stands below the bar at the top.
    wait_until(
        page,
        f"((y) => y > 40 && y < 200)(document.getElementById('claim-{NAME}').getBoundingClientRect().top)",
    )
    assert urlparse(page.url).path == "/claims"
    # The code that is shown is the code that ran.
    page.locator(f".st-key-claim_code_{NAME} button").click()
    expect(page.get_by_test_id("stPopoverBody").get_by_test_id("stCode").last).to_contain_text(
        "weight.uniform_"
    )
    page.keyboard.press("Escape")
    page.locator(f".st-key-claim_open_{NAME} button").click()
    wait_until(page, f"new URLSearchParams(location.search).get('claim') === '{NAME}'")
    expect(page.locator(".rv-claim")).to_have_count(1)
    link = CLAIMS[NAME].link
    assert link is not None
    page.get_by_test_id("stPageLink").get_by_role("link", name=link.words).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gradients")
    arrived(page)
    assert address(page) == link.experiment
    assert dict(parse_qsl(urlparse(page.url).query))["of"] == "x"
    page.get_by_test_id("stTopNavLink").filter(has_text="Claims").click()
    expect(page.locator(".rv-claim")).to_have_count(1)


def test_a_claim_by_its_link(server: str, page: Page) -> None:
    opened(page, server + "/claims?claim=linear&present=1&length=25", "claim_chart_alone")
    expect(page.get_by_role("heading", level=1)).to_contain_text("In a linear RNN")
    expect(page.get_by_role("button", name="Leave projector mode")).to_be_visible()
    assert address(page) == Experiment(length=25)
    page.get_by_role("button", name="Next").click()
    wait_until(page, "new URLSearchParams(location.search).get('claim') === 'above_one'")
    wait_until(page, f"{node('claim_chart_alone')}?._fullData?.[0].name === 'one step'")


def test_on_a_phone_nothing_runs_over(new_page: Callable[..., Page], server: str) -> None:
    page = opened(
        new_page(viewport=PHONE, color_scheme="dark"), server + "/claims", f"claim_chart_{next(iter(CLAIMS))}"
    )
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")


def test_the_links_do_not_change_other_pages(page: Page, server: str) -> None:
    opened(page, server + "/claims?cell=gru&length=30", f"claim_chart_{NAME}")
    page.get_by_test_id("stTopNavLink").filter(has_text="Gradients").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gradients")
    shows(arrived(page), Experiment(cells=("gru",), length=30))
