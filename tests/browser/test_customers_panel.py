"""Tests of customers in the dashboard: found, opened, added, changed, deleted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.dashboard import Dashboard


def test_customers_are_listed_and_searched(dashboard: Dashboard) -> None:
    """Every customer is a row; a search shows the matching ones and their number."""
    for name in ("Ada", "Bea", "Cleo"):
        dashboard.kounta.customers.add(first_name=name, email=f"{name}@example.com")
    page = dashboard.open("Customers")
    expect(page.get_by_text("3 customers", exact=True)).to_be_visible()
    page.get_by_role("searchbox", name="Search").fill("bea@")
    expect(page.get_by_text("1 customer found")).to_be_visible()
    expect(dashboard.row("Bea")).to_be_visible()
    expect(dashboard.row("Ada")).to_have_count(0)
    page.get_by_role("searchbox", name="Search").fill("nobody")
    expect(page.get_by_text("No customer matches “nobody”")).to_be_visible()


def test_a_customer_is_added(dashboard: Dashboard) -> None:
    """The form makes the customer that a POST with these fields would make."""
    page = dashboard.open("Customers")
    expect(page.get_by_text("There are no customers yet")).to_be_visible()
    page.keyboard.press("n")
    form = page.get_by_role("dialog", name="New customer")
    expect(form.get_by_label("First name")).to_be_focused()
    form.get_by_label("First name").fill("Ada")
    form.get_by_label("Email").fill("ada@example.com")
    form.get_by_label("Tags").fill("vip, gold")
    form.get_by_label("Reference id").fill("L-7")
    form.locator("summary", has_text="Primary address").click()
    form.get_by_role("textbox", name="City").fill("Sydney")
    form.get_by_role("textbox", name="Country code").fill("AU")
    form.get_by_label("Accepts marketing").check()
    form.get_by_role("button", name="Add").click()
    expect(dashboard.message).to_have_text("Customer added")
    expect(form).to_have_count(0)
    expect(dashboard.row("ada@example.com")).to_be_visible()
    [added] = dashboard.kounta.customers.all()
    assert (added.first_name, added.tags, added.accepts_marketing) == ("Ada", ("vip", "gold"), True)
    assert added.reference_id(dashboard.kounta.application.client_id) == "L-7"
    assert added.primary_address is not None
    assert (added.primary_address.city, added.primary_address.country) == ("Sydney", "AU")


def test_a_customer_is_changed(dashboard: Dashboard) -> None:
    """Saving changes only the fields that were edited; an emptied field is cleared."""
    kounta = dashboard.kounta
    before = kounta.customers.add(first_name="Ada", email="ada@example.com", phone="1", tags=["vip"])
    page = dashboard.open("Customers")
    page.get_by_role("link", name="Ada").click()
    form = page.get_by_role("dialog", name=f"Customer {before.id}")
    form.get_by_label("First name").fill("Bea")
    form.get_by_label("Phone").fill("")
    form.get_by_role("button", name="Save").click()
    expect(dashboard.message).to_have_text("Customer saved")
    expect(dashboard.row("Bea")).to_be_visible()
    after = kounta.customers.get(before.id)
    assert (after.first_name, after.phone, after.email, after.tags) == ("Bea", None, "ada@example.com", ("vip",))


def test_a_refusal_is_shown_and_nothing_is_lost(dashboard: Dashboard) -> None:
    """The form shows the refusal with its field, and keeps the input."""
    page = dashboard.open("Customers", "/new")
    form = page.get_by_role("dialog")
    form.get_by_label("First name").fill("Ada")
    form.get_by_label("Email").fill("no address")
    dashboard.may_refuse(400)
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_role("alert")).to_contain_text("email")
    expect(form.get_by_label("First name")).to_have_value("Ada")
    assert dashboard.kounta.customers.all() == []


def test_a_customer_is_deleted_after_a_question(dashboard: Dashboard) -> None:
    """The first press asks, the second deletes, and webhooks get the deletion if that was chosen."""
    customer = dashboard.kounta.customers.add(first_name="Ada", phone="1")
    dashboard.kounta.webhooks.add("customers/deleted", "http://127.0.0.1:1/hook")
    page = dashboard.open("Customers", f"/{customer.id}")
    page.get_by_label("Send webhooks").check()
    page.get_by_role("button", name="Delete").click()
    assert dashboard.kounta.customers.all() == [customer]
    page.get_by_role("button", name="Really delete?").click()
    expect(dashboard.message).to_have_text("Customer deleted")
    expect(page.get_by_text("There are no customers yet")).to_be_visible()
    assert dashboard.kounta.customers.all() == []
    assert [one.topic for one in dashboard.kounta.webhooks.deliveries] == ["customers/deleted"]


def test_customers_of_other_clients_appear(dashboard: Dashboard) -> None:
    """The list shows a customer that another client adds."""
    page = dashboard.open("Customers")
    expect(page.get_by_text("0 customers")).to_be_visible()
    dashboard.kounta.customers.add(first_name="Ada", phone="1")
    expect(page.get_by_role("link", name="Ada")).to_be_visible()


def test_the_address_of_a_deleted_customer_shows_a_message(dashboard: Dashboard) -> None:
    """An address of a customer that does not exist shows a message."""
    dashboard.may_refuse(404)
    page = dashboard.open("Customers", "/1")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("no customer with this id")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.fakekounta(companies=[{"id": 6789, "name": "Other"}])
def test_the_company_can_be_chosen(dashboard: Dashboard) -> None:
    """With several companies each has its list."""
    dashboard.kounta.companies[6789].customers.add(first_name="Olga", phone="1")
    page = dashboard.open("Customers")
    page.get_by_label("Company").select_option(label="6789 Other")
    expect(page.get_by_role("link", name="Olga")).to_be_visible()
    page.get_by_role("link", name="Olga").click()
    page.get_by_label("Last name").fill("Petrova")
    page.get_by_role("button", name="Save").click()
    expect(dashboard.row("Olga Petrova")).to_be_visible()


def test_keys_go_through_the_rows(dashboard: Dashboard) -> None:
    """j and k move through the rows, Enter opens one, Escape closes it, and the focus returns."""
    for name in ("Ada", "Bea", "Cleo"):
        dashboard.kounta.customers.add(first_name=name, phone=name)
    page = dashboard.open("Customers")
    expect(dashboard.row("Cleo")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Ada")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="Bea")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name=re.compile("Customer "))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Bea")).to_be_focused()


def test_the_list_is_sorted_by_a_column(dashboard: Dashboard) -> None:
    """A press sorts, the second reverses, and the third restores the order of lists."""
    for name, reference in (("Bea", "L-3"), ("Ada", "L-1"), ("Cleo", "L-2")):
        dashboard.kounta.customers.add(first_name=name, phone=name, reference_id=reference)
    page = dashboard.open("Customers")
    names = page.locator("tbody td.name a")
    expect(names).to_have_text(["Bea", "Ada", "Cleo"])
    column = page.get_by_role("columnheader", name="Reference id")
    for order, expected in (
        ("ascending", ["Ada", "Cleo", "Bea"]),
        ("descending", ["Bea", "Cleo", "Ada"]),
        ("none", ["Bea", "Ada", "Cleo"]),
    ):
        column.get_by_role("button").click()
        expect(column).to_have_attribute("aria-sort", order)
        expect(names).to_have_text(expected)


def test_all_of_a_customer_is_seen(dashboard: Dashboard) -> None:
    """Reference id and address have columns; at 390 pixels they are below the name, and a select sorts."""
    address = {"address": "1 Example St", "city": "Exampleton", "country": "AU"}
    dashboard.kounta.customers.add(first_name="Ada", phone="1", reference_id="L-7", primary_address=address)
    page = dashboard.open("Customers")
    for text in ("L-7", "1 Example St, Exampleton, AU"):
        expect(page.get_by_role("cell", name=text, exact=True)).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.get_by_text("L-7 · 1 Example St, Exampleton, AU")).to_be_in_viewport()
    page.get_by_label("Order").select_option("-name")
    expect(dashboard.row("Ada")).to_be_visible()
