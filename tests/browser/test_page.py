"""Tests of the page around the panels: its safety, keys and themes, and its behaviour when the fake has stopped."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from fakekounta import FakeKounta
from tests.browser.dashboard import PANELS, Dashboard


def test_keys_go_to_the_panels(dashboard: Dashboard) -> None:
    """Each digit opens one of the first ten panels, 0 the tenth; ? lists the keys; they can be switched off."""
    page = dashboard.open("Exchanges")
    for number, panel in reversed(list(enumerate(PANELS[:10], start=1))):
        page.keyboard.press(str(number % 10))
        heading = page.get_by_role("heading", level=1, name=panel)
        expect(heading).to_be_visible()
        expect(page).to_have_title(f"{panel} · fakekounta")
        expect(page.get_by_role("link", name=panel, exact=True)).to_have_attribute("aria-current", "page")
    page.keyboard.press("/")
    expect(page.get_by_label("Path")).to_be_focused()
    page.keyboard.type("2")
    expect(page.get_by_label("Path")).to_have_value("2")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keyboard").get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("2")
    expect(page.get_by_role("heading", level=1, name="Exchanges")).to_be_visible()


def test_everything_is_reached_with_tab(dashboard: Dashboard) -> None:
    """Tab leads past the skip link, the header and the navigation into the panel, and out again."""
    page = dashboard.open("Customers")
    names = []
    for _ in range(30):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.innerText || document.activeElement.id"))
        if names[-1] == "Add customer":
            break
    assert names[0] == "Skip to content"
    assert [name for name in names if name in PANELS] == list(PANELS)
    assert names[-1] == "Add customer"


def test_the_skip_link_leads_into_the_panel(dashboard: Dashboard) -> None:
    """It is visible with the focus, and moves the focus to the heading."""
    page = dashboard.open("Customers")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_the_theme_follows_the_system_until_it_is_chosen(dashboard: Dashboard) -> None:
    """The system's theme is used until the switch chooses one, which a reload keeps."""
    page = dashboard.open("Exchanges")
    light = background(page)
    page.emulate_media(color_scheme="dark")
    dark = background(page)
    assert light != dark
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Theme: as the system").click()
    assert background(page) == dark
    page.reload()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert background(page) == dark
    page.get_by_role("button", name="Theme: dark").click()
    page.emulate_media(color_scheme="dark")
    assert background(page) == light


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


@pytest.mark.parametrize("panel", PANELS)
def test_a_narrow_screen_has_no_sideways_scrolling(dashboard: Dashboard, panel: str) -> None:
    """At 375 pixels the page is as wide as the screen, and its main action is visible."""
    dashboard.page.set_viewport_size({"width": 375, "height": 700})
    assert_fits(dashboard.open(panel))
    dashboard.kounta.customers.add(first_name="W" * 200, email="w" * 60 + "@example.com")
    dashboard.kounta.requests_session().get(f"{dashboard.kounta.url}/v1/{'x' * 300}", auth=dashboard.kounta.auth)
    dashboard.page.reload()
    assert_fits(dashboard.open(panel))


def assert_fits(page: Page) -> None:
    """Check that nothing is wider than the screen, once the panel has loaded."""
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    expect(page.locator("main :is(.empty, .card, table, [data-filled])").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.evaluate("document.querySelector('main > .panel').scrollWidth") <= 375


def test_a_stopped_fake_shows_a_message(page: Page) -> None:
    """The page shows that the fake does not answer, keeps its content, and continues afterwards."""
    with FakeKounta() as kounta:
        port = kounta.port
        kounta.customers.add(first_name="Ada", phone="1")
        page.goto(f"{kounta.url}/_fakekounta/#/customers")
        expect(page.get_by_role("link", name="Ada")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text("The fake does not answer. Is it still running?")
    expect(page.get_by_role("link", name="Ada")).to_be_visible()
    with FakeKounta(port=port) as kounta:
        kounta.customers.add(first_name="Bea", phone="1")
        expect(page.get_by_role("link", name="Bea")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("alert")).to_have_count(0)


def test_a_hidden_page_sends_no_requests(dashboard: Dashboard) -> None:
    """While it is hidden no request is sent; once it is visible, it updates at once."""
    dashboard.page.clock.install()
    page = dashboard.open("Exchanges")
    expect(page.get_by_text("There was no request yet")).to_be_visible()
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    page.clock.run_for(60_000)
    assert calls
    page.evaluate(
        "Object.defineProperty(document, 'hidden', { configurable: true, get: () => window.nobodyLooks ?? true })"
    )
    page.clock.run_for(60_000)  # requests that were due are sent
    calls.clear()
    page.clock.run_for(60_000)
    assert calls == []
    dashboard.kounta.requests_session().get(f"{dashboard.kounta.url}/v1/companies/me.json", auth=dashboard.kounta.auth)
    page.evaluate("window.nobodyLooks = false; document.dispatchEvent(new Event('visibilitychange'))")
    expect(dashboard.row("/v1/companies/me.json")).to_be_visible()


def test_narrow_tabs_hint_that_they_scroll(dashboard: Dashboard) -> None:
    """The side with further tabs fades out; keys are not shown without a keyboard."""
    dashboard.page.set_viewport_size({"width": 390, "height": 800})
    page = dashboard.open("Exchanges")
    tabs = page.get_by_role("navigation", name="Panels")
    expect(tabs).to_have_attribute("data-more", "after")
    dashboard.open("Namespaces")
    expect(tabs).to_have_attribute("data-more", "before")
    dashboard.open("Faults")
    expect(tabs).to_have_attribute("data-more", "before after")
    expect(page.get_by_text("Press n")).to_be_hidden()
    expect(page.get_by_text("Use Add fault")).to_be_visible()


@pytest.mark.parametrize("panel", ["Exchanges", "Customers", "Faults", "Settings", "Namespaces"])
def test_a_sample_command_is_wrapped_and_copied(dashboard: Dashboard, panel: str) -> None:
    """On a phone all of it is visible, and the whole command is copied."""
    dashboard.page.set_viewport_size({"width": 390, "height": 800})
    page = dashboard.open(panel)
    command = page.get_by_label("Command")
    expect(command).to_contain_text("curl -s")
    assert command.evaluate("shown => shown.scrollWidth <= shown.clientWidth")
    page.locator(".command").get_by_role("button", name="Copy").click()
    expect(dashboard.message).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == command.text_content()
