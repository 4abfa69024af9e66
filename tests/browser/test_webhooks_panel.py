"""Tests of webhooks in the dashboard: subscriptions, deliveries with their attempts, signatures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from fakekounta import FakeKounta, Receiver
from fakekounta.signing import HEADER
from tests.browser.dashboard import Dashboard

HOOK = "http://127.0.0.1:1/hook"

pytestmark = pytest.mark.fakekounta(webhook_mode="collect")


def test_a_subscription_is_made(dashboard: Dashboard) -> None:
    """The form subscribes; an invalid address is refused with its reason."""
    page = dashboard.open("Webhooks")
    expect(page.get_by_text("There are no webhooks")).to_be_visible()
    page.keyboard.press("n")
    form = page.get_by_role("dialog", name="New webhook")
    form.get_by_label("Topic").select_option("customers/updated")
    form.get_by_label("Address").fill("nowhere")
    dashboard.may_refuse(400)
    form.get_by_role("button", name="Subscribe").click()
    expect(form.get_by_role("alert")).to_contain_text("address")
    form.get_by_label("Address").fill("http://127.0.0.1:1/hook")
    form.get_by_role("button", name="Subscribe").click()
    expect(dashboard.message).to_have_text("Subscribed")
    expect(dashboard.row("http://127.0.0.1:1/hook")).to_be_visible()
    [made] = dashboard.kounta.webhooks.all()
    assert (made.topic, made.address) == ("customers/updated", "http://127.0.0.1:1/hook")


def test_a_subscription_is_changed_and_deleted(dashboard: Dashboard) -> None:
    """Filter and names of headers are shown; hidden values stay unless all headers are written again."""
    kounta = dashboard.kounta
    kounta.webhooks.add("customers/updated", HOOK, filter={"attributes": ["email"]}, headers={"X-Key": "k3y"})
    page = dashboard.open("Webhooks")
    expect(dashboard.row(HOOK)).to_contain_text("if email changed")
    expect(dashboard.row(HOOK)).to_contain_text("X-Key")
    page.get_by_role("link", name="Webhook 1").click()
    form = page.get_by_role("dialog", name="Webhook 1")
    expect(form.get_by_label("Headers")).to_have_value("X-Key: ***")
    form.get_by_label("Only if one of these").fill("email, tags")
    form.get_by_role("button", name="Save").click()
    expect(dashboard.message).to_have_text("Webhook saved")
    expect(dashboard.row(HOOK)).to_contain_text("if email or tags changed")
    [hook] = kounta.webhooks.all()
    assert (hook.filter, hook.headers) == ({"attributes": ["email", "tags"]}, {"X-Key": "k3y"})
    page.get_by_role("link", name="Webhook 1").click()
    form.get_by_label("Headers").fill("X-Key: ***\nX-Shop: 7")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("the value of X-Key is hidden")
    form.get_by_label("Headers").fill("X-Shop: 7")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    assert kounta.webhooks.all()[0].headers == {"X-Shop": "7"}
    page.get_by_role("link", name="Webhook 1").click()
    form.get_by_role("button", name="Delete").click()
    form.get_by_role("button", name="Really delete?").click()
    expect(page.get_by_text("There are no webhooks")).to_be_visible()
    assert kounta.webhooks.all() == []


def test_orders_of_some_sites_are_subscribed(dashboard: Dashboard) -> None:
    """The form takes ids of sites, and offers topics that exist under one choice only."""
    page = dashboard.open("Webhooks", "/new")
    form = page.get_by_role("dialog", name="New webhook")
    form.get_by_label("Topic").select_option("orders/created")
    form.get_by_label("Address").fill(HOOK)
    dashboard.may_refuse(400)
    form.get_by_role("button", name="Subscribe").click()
    expect(form.get_by_role("alert")).to_contain_text("topic")
    form.get_by_label("Topic").select_option("orders/completed")
    form.get_by_label("Only orders of these sites").fill("1640, 1641")
    form.get_by_role("button", name="Subscribe").click()
    expect(dashboard.message).to_have_text("Subscribed")
    assert dashboard.kounta.webhooks.all()[0].filter == {"site_ids": [1_640, 1_641]}


def test_a_narrow_list_tells_as_much(dashboard: Dashboard) -> None:
    """At 390 pixels customer, time and outcome of a delivery are visible, and all of a subscription."""
    kounta = dashboard.kounta
    kounta.webhooks.add("customers/created", HOOK, headers={"X-Key": "k3y"})
    customer = kounta.customers.add(first_name="Ada", phone="1", announce=True)
    dashboard.page.set_viewport_size({"width": 390, "height": 800})
    page = dashboard.open("Webhooks")
    for text in (str(customer.id), "UTC · not tried yet", HOOK, "with X-Key · json · fake-client-id"):
        expect(page.get_by_text(text).filter(visible=True)).to_be_in_viewport()


def test_deliveries_are_made_by_a_button_and_shown_with_their_attempts(
    dashboard: Dashboard, fakekounta_receiver: Receiver
) -> None:
    """The button "Deliver now" tries what is due; an attempt shows request and response."""
    kounta = dashboard.kounta
    kounta.webhooks.add("customers/created", fakekounta_receiver.url, headers={"X-Api-Key": "very-secret"})
    fakekounta_receiver.answer(500, times=1)
    customer = kounta.customers.add(first_name="Ada", phone="1", announce=True)
    page = dashboard.open("Webhooks")
    row = dashboard.row(f"customers/created {customer.id}")
    expect(row).to_contain_text("pending")
    page.get_by_role("button", name="Deliver now").click()
    expect(dashboard.message).to_have_text("Tried: 1 delivery")
    page.get_by_role("link", name=f"customers/created {customer.id}").click()
    detail = page.get_by_role("article", name="Delivery 1")
    expect(detail.get_by_role("heading", name="Attempt 1")).to_be_visible()
    expect(detail.get_by_role("region", name="Attempt 1 body")).to_contain_text('"first_name": "Ada"')
    kounta.clock.advance(seconds=60)
    page.get_by_role("button", name="Deliver now").click()
    expect(row).to_contain_text("delivered")
    expect(detail.get_by_role("heading", name="Attempt 2")).to_be_visible()
    expect(page.get_by_text("very-secret")).to_have_count(0)
    assert len(fakekounta_receiver.received) == 2


def test_a_delivery_is_sent_again(dashboard: Dashboard, fakekounta_receiver: Receiver) -> None:
    """Redeliver makes a new delivery and shows it."""
    dashboard.kounta.clock.freeze()
    delivered(dashboard.kounta, fakekounta_receiver)
    page = dashboard.open("Webhooks", "/1")
    page.get_by_role("button", name="Redeliver").click()
    expect(page.get_by_role("article", name="Delivery 2")).to_be_visible()
    page.get_by_role("button", name="Deliver now").click()
    expect(page.get_by_role("heading", name="Attempt 1")).to_be_visible()
    first, second = fakekounta_receiver.received
    assert first.body == second.body


def test_a_signature_is_verified(dashboard: Dashboard, fakekounta_receiver: Receiver) -> None:
    """The sent signature is shown beside the right one; no response to the page has the token."""
    received = delivered(dashboard.kounta, fakekounta_receiver)
    page = dashboard.open("Webhooks", "/1")
    page.get_by_role("button", name="Verify signature").click()
    article = page.get_by_role("article")
    expect(article.get_by_text("right", exact=True)).to_be_visible()
    expect(article.locator("dd.mono")).to_have_text([received, received])


def test_a_wrong_signature_is_said_to_be_wrong(dashboard: Dashboard, fakekounta_receiver: Receiver) -> None:
    """A header that is not the signature of the sent bytes is shown as wrong."""
    kounta = dashboard.kounta
    delivered(kounta, fakekounta_receiver)
    attempts = kounta.webhooks.deliveries[0].attempts
    attempts[0] = replace(attempts[0], headers=((HEADER, "0" * 64),))
    page = dashboard.open("Webhooks", "/1")
    page.get_by_role("button", name="Verify signature").click()
    expect(page.get_by_role("article").get_by_text("wrong", exact=True)).to_be_visible()


def test_deliveries_are_filtered_by_outcome(dashboard: Dashboard, fakekounta_receiver: Receiver) -> None:
    """Only deliveries with the outcome are shown."""
    kounta = dashboard.kounta
    delivered(kounta, fakekounta_receiver)
    kounta.customers.add(first_name="Bea", phone="2", announce=True)
    page = dashboard.open("Webhooks")
    rows = page.get_by_role("region", name="List of deliveries").locator("tbody").get_by_role("row")
    expect(rows).to_have_count(2)
    page.get_by_label("Outcome").select_option("pending")
    expect(rows).to_have_count(1)
    page.get_by_label("Outcome").select_option("dropped")
    expect(page.get_by_text("No delivery is dropped")).to_be_visible()


def delivered(kounta: FakeKounta, receiver: Receiver) -> str:
    """Return the signature of a delivery that has arrived."""
    kounta.webhooks.add("customers/created", receiver.url)
    kounta.customers.add(first_name="Ada", phone="1", announce=True)
    kounta.webhooks.deliver()
    [received] = receiver.received
    [[attempt]] = [one.attempts for one in kounta.webhooks.deliveries]
    assert received.body == attempt.body
    return dict(attempt.headers)[HEADER]
