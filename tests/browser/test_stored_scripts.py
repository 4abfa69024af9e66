"""Tests that the dashboard shows stored data as text: markup makes no element, and scripts do not run."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fakekounta import FakeKounta
from tests.browser.dashboard import PANELS, Dashboard

PAYLOADS = (
    "<script>window.ran = 1; alert(1)</script>",
    "\"><img src=x onerror='window.ran = 1; alert(1)'>",
    "javascript:window.ran=1",
    "</textarea></option></title><svg onload=window.ran=1>",
    "${window.ran=1}{{window.ran=1}}<${window.ran=1} />",
)
TEXTS = ("first_name", "last_name", "phone", "mobile", "image", "reference_id")
PARTS = ("address", "city", "state", "postal_code")


def store(kounta: FakeKounta, payload: str) -> int:
    """Return the id of a customer with this text in all fields; journal, webhooks and deliveries have it, too."""
    kounta.webhooks.add("customers/created", f"http://127.0.0.1:1/{payload.replace(' ', '+').translate(FOR_URLS)}")
    address = {**dict.fromkeys(PARTS, payload), "country": "AU"}
    texts: dict[str, Any] = dict.fromkeys(TEXTS, payload)
    customer = kounta.customers.add(
        announce=True,
        **texts,
        tags=[payload],
        email="a@example.com",
        primary_address=address,
        shipping_address=address,
    )
    session = kounta.requests_session()
    url = f"{kounta.url}/v1/companies/me/customers"
    session.post(f"{url}.json", data=payload.encode(), headers={"Content-Type": "text/html"}, auth=kounta.auth)
    session.post(f"{url}.json", json={payload: payload, "first_name": payload}, auth=kounta.auth)
    session.get(f"{url}/{payload}", params={payload: payload}, headers={"X-Note": payload, "User-Agent": payload})
    session.request(payload.translate(FOR_METHODS)[:20], f"{url}.json", auth=kounta.auth)
    return customer.id


FOR_URLS = {ord(char): None for char in "<>\"'{}\\|^` "}
FOR_METHODS = {ord(char): None for char in "<>\"'{}\\|^` ()=;/:"}


def assert_only_text(page: Page) -> None:
    """Check that the text made no element, and that no script of it ran."""
    assert page.evaluate("window.ran") is None
    assert page.locator("#app img, #app script, #app svg[onload], [onerror], [onload]").count() == 0
    assert page.locator("[href^='javascript:'], [src]:not(script)").count() == 0


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_what_is_stored_stays_text(dashboard: Dashboard, payload: str) -> None:
    """Every panel, its details and its forms show it as text."""
    kounta = dashboard.kounta
    customer_id = store(kounta, payload)
    kounta.webhooks.deliver()
    for panel in PANELS:
        assert_only_text(dashboard.open(panel))
    page = dashboard.open("Customers")
    expect(page.get_by_role("link", name=f"{payload} {payload}")).to_be_visible()
    page = dashboard.open("Customers", f"/{customer_id}")
    expect(page.get_by_label("First name")).to_have_value(payload)
    expect(page.get_by_role("textbox", name="City").first).to_have_value(payload)
    assert_only_text(page)
    for number in range(1, len(kounta.requests) + 1):
        page = dashboard.open("Exchanges", f"/{number}")
        expect(page.locator("article .request-line")).to_be_visible()
        for summary in page.locator("article summary").all():
            summary.click()
        assert_only_text(page)
    page = dashboard.open("Webhooks", "/1")
    expect(page.get_by_role("region", name="Attempt 1 body")).to_contain_text("first_name")
    assert_only_text(page)


def test_a_search_for_markup_stays_text(dashboard: Dashboard) -> None:
    """A search text is shown as typed."""
    page = dashboard.open("Customers")
    page.get_by_role("searchbox").fill(PAYLOADS[1])
    expect(page.get_by_text(f"No customer matches “{PAYLOADS[1]}”")).to_be_visible()
    assert_only_text(page)


def test_the_fragment_of_the_address_is_not_run_as_a_script(dashboard: Dashboard) -> None:
    """The text after # only selects what is shown."""
    dashboard.may_refuse(404)
    for payload in PAYLOADS:
        page = dashboard.page
        page.goto("about:blank")
        page.goto(f"{dashboard.address}#/exchanges/{payload}?method={payload}&path={payload}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("alert").first).to_be_visible()
        assert_only_text(page)
