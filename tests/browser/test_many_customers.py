"""Tests with a hundred thousand customers: the page is shown at once, and scrolls to any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from fakekounta import FakeKounta
from tests.browser.dashboard import Dashboard

pytestmark = pytest.mark.xdist_group("crowded")  # the seed is read once

MANY = 100_000


@pytest.fixture(scope="module")
def crowded() -> Iterator[FakeKounta]:
    """A fake with all these customers."""
    seed = [
        {"first_name": f"Customer {number:06}", "last_name": "Smith", "email": f"{number}@example.com", "tags": ["vip"]}
        for number in range(MANY)
    ]
    with FakeKounta(seed=seed) as kounta:
        yield kounta


def milliseconds(page: Page, act: str, seen: str) -> float:
    """Return the time in the browser from an action until a text is painted in the list."""
    return float(
        page.evaluate(
            """async ([act, seen]) => {
                const began = performance.now();
                new Function(act)();
                const list = () => document.querySelector(".scroll.tall")?.innerText ?? "";
                while (!list().includes(seen)) await new Promise(requestAnimationFrame);
                return performance.now() - began;
            }""",
            [act, seen],
        )
    )


def test_they_are_there_at_once_and_can_be_scrolled(
    crowded: FakeKounta, page: Page, record_property: Callable[[str, object], None]
) -> None:
    """First, last and middle rows are shown; only visible rows exist; a search finds one customer."""
    dashboard = Dashboard(page, crowded)
    page.goto(f"{dashboard.address}#/exchanges")
    expect(page.get_by_role("heading", level=1, name="Exchanges")).to_be_visible()
    times = {"open": milliseconds(page, "location.hash = '#/customers'", "Customer 000000")}
    expect(page.get_by_text("100,000 customers")).to_be_visible()
    scroll = "document.querySelector('.scroll.tall').scrollTop = "
    times["to the end"] = milliseconds(page, f"{scroll} 1e9", "Customer 099999")
    times["to the middle"] = milliseconds(page, f"{scroll} 50000 * 44", "Customer 050000")
    for step in range(50):
        page.evaluate(f"{scroll} {step * 1_777 * 44}")
    expect(page.get_by_role("link", name="Customer 099999")).to_have_count(0)
    times["after a fling"] = milliseconds(page, f"{scroll} 77777 * 44", "Customer 077777")
    assert page.locator(".scroll.tall tr").count() < 100
    expect(page.locator(".scroll.tall table")).to_have_attribute("aria-rowcount", str(MANY + 1))
    page.get_by_role("searchbox").fill("099998")
    expect(page.get_by_text("1 customer found")).to_be_visible()
    expect(page.get_by_role("link", name="Customer 099998")).to_be_visible()
    dashboard.assert_quiet()
    record_property("100,000 customers", ", ".join(f"{name} {time:.0f} ms" for name, time in times.items()))


def test_the_whole_page_loads_with_them(
    crowded: FakeKounta, page: Page, record_property: Callable[[str, object], None]
) -> None:
    """The first rows are shown with an empty cache, and of all customers one page is requested.

    The time is printed, and not asserted: it is that of the machine.
    """
    dashboard = Dashboard(page, crowded)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(dashboard.address)))
    page.goto(f"{dashboard.address}#/customers", wait_until="commit")
    page.wait_for_selector("text=Customer 000000")
    time = page.evaluate("performance.now()")
    size = page.evaluate("performance.getEntriesByType('resource').reduce((sum, one) => sum + one.transferSize, 0)")
    dashboard.assert_quiet()
    record_property("100,000 customers", f"the whole page in {time:.0f} ms, {size / 1_024:.0f} KiB")
    calls = sorted(one.partition("?")[0] for one in asked if one and not one.startswith("page/"))
    assert calls == ["clock", "customers", "namespaces", "settings"]
    assert "customers?offset=0&limit=100" in asked
    assert size < 400 * 1_024


def test_keys_scroll_the_list(crowded: FakeKounta, page: Page) -> None:
    """With the focus on the list, End and Home move to its ends."""
    dashboard = Dashboard(page, crowded)
    dashboard.open("Customers")
    page.get_by_role("region", name="List of customers").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("link", name="Customer 099999")).to_be_visible()
    page.keyboard.press("Home")
    expect(page.get_by_role("link", name="Customer 000000")).to_be_visible()
    dashboard.assert_quiet()
