"""Tests that tables show all of their content."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.dashboard import Dashboard
from tests.browser.filled import fill

CUT = """table => [...table.querySelectorAll("td.number, td.number .pill, th")]
    .filter((cell) => cell.offsetParent && cell.scrollWidth > cell.clientWidth)
    .map((cell) => cell.textContent.trim())"""
IN_SIGHT = """row => {
    const box = row.closest(".scroll").getBoundingClientRect();
    return row.getBoundingClientRect().bottom <= Math.min(box.bottom, innerHeight) + 1;
}"""


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("panel", ["Exchanges", "Customers", "Orders", "Faults", "Namespaces"])
def test_nothing_is_cut_off(dashboard: Dashboard, panel: str, width: int) -> None:
    """If there is room for all rows, the last is visible; no number and no column title is cut."""
    fill(dashboard.kounta)
    for number in range(4):
        dashboard.kounta.faults.slow(number + 1)
        dashboard.kounta.namespace(f"worker-{number}").customers.add(first_name="Ada", phone="1")
    dashboard.page.set_viewport_size({"width": width, "height": 1600})
    page = dashboard.open(panel)
    rows = page.locator("tbody tr:not(.space)")
    expect(rows.nth(3)).to_be_visible()
    assert page.locator("table.rows").evaluate_all(f"tables => tables.flatMap({CUT})") == []
    assert rows.last.evaluate(IN_SIGHT)
