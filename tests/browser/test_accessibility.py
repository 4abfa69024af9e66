"""Tests that axe-core finds nothing in any panel, light and dark, wide and narrow."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.dashboard import PANELS, Dashboard
from tests.browser.filled import fill

Theme = Literal["dark", "light"]
THEMES: dict[Theme, dict[str, Any]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}},
}
WIDTHS = (1280, 375)


def assert_accessible(dashboard: Dashboard) -> None:
    """Check that axe-core finds nothing on the page; in dark, where only colours differ, about colours."""
    for theme, options in THEMES.items():
        dashboard.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        results = Axe().run(dashboard.page, options=options)
        assert results.violations_count == 0, f"{theme}: {results.generate_report()}"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_is_accessible(dashboard: Dashboard, panel: str, width: int) -> None:
    """Each panel is accessible, empty and with data."""
    dashboard.page.set_viewport_size({"width": width, "height": 800})
    dashboard.open(panel)
    assert_accessible(dashboard)
    fill(dashboard.kounta)
    dashboard.page.reload()
    expect(dashboard.page.locator("[data-filled], tbody tr").first).to_be_visible()
    assert_accessible(dashboard)


ORDER = "orders/9214773315223308"


@pytest.mark.parametrize(
    "place", ["exchanges/1", "customers/new", "customers/389427", ORDER, "orders/new", "menu/products%2F3003"]
)
def test_what_is_opened_is_accessible(dashboard: Dashboard, place: str) -> None:
    """Details and dialogs are accessible."""
    fill(dashboard.kounta)
    dashboard.page.goto(f"{dashboard.address}#/{place}")
    expect(dashboard.page.locator("article .facts, dialog form, [data-filled]").first).to_be_visible()
    assert_accessible(dashboard)


def test_the_list_of_keys_is_accessible(dashboard: Dashboard) -> None:
    """The help dialog is accessible."""
    dashboard.open("Exchanges")
    dashboard.page.keyboard.press("?")
    expect(dashboard.page.get_by_role("dialog")).to_be_visible()
    assert_accessible(dashboard)
