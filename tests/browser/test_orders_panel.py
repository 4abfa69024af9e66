"""Tests of orders in the dashboard: listed, found, opened, and what the POS does to them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Locator, expect

from fakekounta.core.orders.order import LINE
from tests.browser.dashboard import Dashboard

CHAI, OAT_MILK = 3_008, 3_018
FIRST, ACCEPTED, OPEN, HELD, NEW = (9_214_773_315_223_300 + number for number in (1, 6, 7, 8, 9))

pytestmark = pytest.mark.fakekounta(cafe=True, webhook_mode="collect")


def detail(dashboard: Dashboard, number: int) -> Locator:
    """Open an order, and return its detail."""
    page = dashboard.open("Orders", f"/{number}")
    found = page.get_by_role("article")
    expect(found.get_by_role("table", name="Lines")).to_be_visible()
    return found


def act(dashboard: Dashboard, number: int, button: str) -> Locator:
    found = detail(dashboard, number)
    found.get_by_role("button", name=button, exact=True).click()
    return found


def test_orders_are_listed_and_found(dashboard: Dashboard) -> None:
    """The newest is first; a status and a text choose some, and the number of all that are found is said."""
    page = dashboard.open("Orders")
    expect(page.get_by_text("9 orders, the newest first")).to_be_visible()
    expect(page.locator("tbody td.name a").first).to_have_text("WEB-1005-446")
    expect(dashboard.row("WEB-1003")).to_contain_text("19.91")
    page.get_by_label("Status").select_option("COMPLETE")
    expect(page.get_by_text("3 orders found")).to_be_visible()
    page.get_by_role("searchbox").fill("window seat")
    expect(page.get_by_text("1 order found")).to_be_visible()
    page.get_by_role("searchbox").fill("nothing")
    expect(page.get_by_text("No order matches")).to_be_visible()


def test_an_order_shows_all_of_itself(dashboard: Dashboard) -> None:
    """Lines with modifiers, totals, payments, the customer, and what was requested and posted of it."""
    kounta = dashboard.kounta
    kounta.webhooks.add("orders/completed", "http://127.0.0.1:1/hook")
    kounta.orders.complete(ACCEPTED)
    client = kounta.requests_session()
    client.put(f"{kounta.url}/v1/companies/me/orders/{ACCEPTED}.json", json={"notes": "x"}, auth=kounta.auth)
    shown = detail(dashboard, ACCEPTED)
    for text in ("Cappuccino", "with Extra shot", "Banana bread", "Harbour Kiosk", f"id {ACCEPTED}"):
        expect(shown.get_by_text(text, exact=True)).to_be_visible()
    expect(shown.get_by_role("table", name="Lines").get_by_role("row", name="Total 19.91")).to_be_visible()
    expect(shown.get_by_role("table", name="Payments")).to_contain_text("Cash")
    history = shown.get_by_role("list", name="History")
    for text in (
        *("created", "accepted at the POS", "completed at the POS", "orders/completed posted pending"),
        f"PUT …/orders/{ACCEPTED}.json 400",
    ):
        expect(history.get_by_text(text).first).to_be_visible()
    shown.get_by_role("link", name="Chloe Martin").click()
    expect(dashboard.page.get_by_role("dialog", name="Customer 389429")).to_be_visible()


def test_an_order_of_the_web_says_where_it_comes_from(dashboard: Dashboard) -> None:
    """Its history begins with the request that created it; options and courses have their names."""
    kounta = dashboard.kounta
    options = [{"option_set_id": 8_001, "options": [OAT_MILK]}]
    body = {"site_id": 1_640, "lines": [{"product_id": CHAI, "option_sets": options}]}
    made = kounta.requests_session().post(f"{kounta.url}/v1/companies/me/orders.json", json=body, auth=kounta.auth)
    assert made.status_code == 201
    order = kounta.orders.all()[-1]
    kounta.orders.change(order.id, lines=[{**LINE.document(one), "course": {"name": "Mains"}} for one in order.lines])
    shown = detail(dashboard, order.id)
    for text in ("Oat milk", "Mains"):
        expect(shown.get_by_text(text, exact=True)).to_be_visible()
    expect(shown.get_by_role("list", name="History").get_by_text("POST …/orders.json 201")).to_be_visible()


def test_the_pos_accepts_rejects_completes_and_deletes(dashboard: Dashboard) -> None:
    """Each act has a button, which is disabled where the POS cannot do it; a deletion asks first."""
    orders = dashboard.kounta.orders
    shown = act(dashboard, NEW, "Accept")
    expect(dashboard.message).to_have_text("Order accepted")
    expect(shown.get_by_role("button", name="Reject")).to_be_disabled()
    act(dashboard, OPEN, "Complete")
    expect(dashboard.message).to_have_text("Order completed")
    assert (orders.get(NEW).status, orders.get(OPEN).status) == ("ACCEPTED", "COMPLETE")
    assert orders.get(OPEN).paid == Decimal("16.5")
    shown = act(dashboard, FIRST, "Delete")
    assert not orders.get(FIRST).deleted
    shown.get_by_role("button", name="Really delete?").click()
    expect(dashboard.message).to_have_text("Order deleted")
    expect(shown.get_by_text("DELETED", exact=True)).to_be_visible()
    fresh = orders.ring_up(site_id=1_640, status="SUBMITTED")
    act(dashboard, fresh.id, "Reject")
    expect(dashboard.message).to_have_text("Order rejected")
    assert orders.get(fresh.id).status == "REJECTED"


def test_an_order_is_paid(dashboard: Dashboard) -> None:
    """An order is paid with an amount, a tip and a method; a refusal gives the reason and keeps the input."""
    act(dashboard, HELD, "Pay …")
    form = dashboard.page.get_by_role("dialog", name="Pay WEB-1004")
    form.get_by_label("Amount").fill("much")
    form.get_by_label("Method").select_option(label="Card")
    dashboard.may_refuse(400)
    form.get_by_role("button", name="Pay").click()
    expect(form.get_by_role("alert")).to_contain_text("amount: must be")
    form.get_by_label("Amount").fill("7.87")
    form.get_by_label("Tip").fill("1")
    form.get_by_role("button", name="Pay").click()
    expect(dashboard.message).to_have_text("Order paid")
    expect(form).to_have_count(0)
    order = dashboard.kounta.orders.get(HELD)
    assert (order.paid, order.tips) == (order.total, Decimal(1))
    assert order.payments[-1].method is not None
    assert order.payments[-1].method.name == "Card"


def test_a_refusal_is_announced(dashboard: Dashboard) -> None:
    """The POS does not pay an order whose payments are locked, and the detail says so."""
    dashboard.kounta.orders.change(OPEN, lock=["PAYMENTS"])
    dashboard.may_refuse(400)
    shown = act(dashboard, OPEN, "Complete")
    expect(shown.get_by_role("alert")).to_contain_text("its payments are locked")
    assert dashboard.kounta.orders.get(OPEN).status == "PENDING"


def test_an_order_is_rung_up(dashboard: Dashboard) -> None:
    """The form offers the records that there are; the new order is opened."""
    page = dashboard.open("Orders")
    expect(dashboard.row("WEB-1005")).to_be_visible()
    page.keyboard.press("n")
    form = page.get_by_role("dialog", name="Ring up an order")
    form.get_by_label("Register").select_option(label="Front")
    form.get_by_label("Product").select_option(label="Flat white")
    form.get_by_label("Quantity").fill("2")
    form.get_by_label("Modifiers").fill("3018")
    form.get_by_role("button", name="Ring up").click()
    shown = page.get_by_role("article")
    expect(shown.get_by_role("heading", name="Order HBR1-3310")).to_be_visible()
    expect(shown.get_by_text("with Oat milk")).to_be_visible()
    order = dashboard.kounta.orders.all()[-1]
    assert (order.status, order.total, order.register_id) == ("PENDING", Decimal("11.44"), 1_021)
    page.get_by_role("link", name="Close").click()
    page.get_by_role("link", name="Ring up").click()
    form.get_by_label("Site").select_option(label="Station Window")
    form.get_by_label("Product").select_option(label="Avocado toast")
    dashboard.may_refuse(400)
    form.get_by_role("button", name="Ring up").click()
    expect(form.get_by_role("alert")).to_contain_text("is not available at that site")


def test_any_number_of_orders_can_be_scrolled(dashboard: Dashboard) -> None:
    """Only visible rows exist; End shows the oldest."""
    dashboard.kounta.collection("orders").add_documents([{"sale_number": f"OLD-{number}"} for number in range(2_000)])
    page = dashboard.open("Orders")
    expect(page.get_by_text("2,009 orders")).to_be_visible()
    expect(page.get_by_role("link", name="OLD-1999")).to_be_visible()
    page.get_by_role("region", name="List of orders").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("link", name="HBR1-3301")).to_be_visible()
    assert page.locator(".scroll.tall tr").count() < 100
