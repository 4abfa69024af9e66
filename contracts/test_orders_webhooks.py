"""Orders: what webhooks get of them, and calls of their `callback_uri`."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from contracts.exchanges import TIMEOUT_SECONDS
from contracts.expecting import expect, expect_status, expect_success, expect_that
from contracts.orders import Shop, shop_of
from contracts.receiver import SIGNATURE, Receiver
from contracts.samples import new_webhook
from contracts.target import KountaTarget
from contracts.webhooks import Listener, Listening, Webhooks, is_signed, refused

COMPLETED, DELETED = "orders/completed", "orders/deleted"


@pytest.fixture
def shop(target: KountaTarget) -> Shop:
    return shop_of(target)


def heard(listener: Listener) -> list[Any]:
    """Return the payloads that have arrived, once there is one."""
    return [arrival.json() for arrival in listener.wait_for()]


def called(shop: Shop, receiver: Receiver, **fields: Any) -> tuple[str, str]:
    """Create an order whose `callback_uri` leads to the receiver; return its path and that of the URI."""
    place = f"/{uuid4().hex}"
    return shop.order(callback_uri=receiver.url + place, **fields), place


@pytest.mark.quirk("D31")
def test_each_change_of_the_status_is_posted(shop: Shop, receiver: Receiver) -> None:
    """A change of the status by the API, the POS or a payment is posted; no other change is."""
    path, place = called(shop, receiver, status="SUBMITTED", complete_when_paid=True)
    shop.put(path, notes="b")
    expect(receiver.at(place), [])
    shop.at_pos(path, "accept")
    shop.put(path, status="ON_HOLD")
    shop.pay(path, amount=4.4)
    statuses = [arrival.json()["status"] for arrival in receiver.wait_for(place, 3, timeout_seconds=TIMEOUT_SECONDS)]
    expect(statuses, ["ACCEPTED", "ON_HOLD", "COMPLETE"])


@pytest.mark.quirk("D65")
def test_the_form_of_a_callback(shop: Shop, receiver: Receiver) -> None:
    """A callback has the complete order, or its id and status, and is signed like a delivery."""
    path, place = called(shop, receiver, status="SUBMITTED")
    shop.at_pos(path, "reject")
    (arrival,) = receiver.wait_for(place, 1, timeout_seconds=TIMEOUT_SECONDS)
    record = shop.record(path)
    short = {"id": record["id"], "status": "REJECTED"}
    expect(arrival.json(), record if shop.target.chosen["D65"] == "order" else short)
    token = shop.target.application.signature_token
    is_right = token is None or is_signed(arrival, arrival.header(SIGNATURE), token)
    expect_that(is_right, f"header {SIGNATURE}", "is not the signature of the body")


@pytest.mark.quirk("D70")
def test_a_completed_order_is_delivered_once(shop: Shop, listen: Listening) -> None:
    """An order is delivered once, when it becomes complete, with the record that a GET by id shows."""
    listener = listen.to(COMPLETED)
    path = shop.order(status="ON_HOLD")
    shop.pay(path, amount=4.4)
    if shop.record(path)["status"] != "COMPLETE":
        expect(listen.receiver.at(listener.path), [])
        expect_success(shop.put(path, status="COMPLETE"))
    shop.put(path, notes="late")
    expect(heard(listener), [shop.record(path)])


@pytest.mark.quirk("D70")
def test_an_order_that_is_complete_from_the_start(shop: Shop, listen: Listening) -> None:
    """A sale that is rung up and paid at once is completed, too."""
    listener = listen.to(COMPLETED)
    record = shop.made(status="COMPLETE", payments=[{"method_id": shop.method, "amount": 4.4}])
    expect(heard(listener), [record])


@pytest.mark.quirk("D70")
@pytest.mark.parametrize("topic", [COMPLETED, DELETED])
def test_a_filter_of_sites(shop: Shop, listen: Listening, topic: str) -> None:
    """Orders of other sites are not delivered."""
    here, elsewhere = listen.to(topic, filter={"site_ids": [7, shop.site]}), listen.to(topic, filter={"site_ids": [7]})
    everywhere = listen.to(topic, filter={"site_ids": []})
    path = shop.order(status="ON_HOLD")
    shop.at_pos(path, "complete" if topic == COMPLETED else "delete")
    expect([heard(here), heard(everywhere)], [[shop.record(path)]] * 2)
    expect(listen.receiver.at(elsewhere.path), [])


@pytest.mark.quirk("D71")
def test_a_deleted_order_is_delivered(shop: Shop, listen: Listening) -> None:
    """A deleted order is delivered as it is after the deletion."""
    listener = listen.to(DELETED)
    path = shop.order()
    shop.at_pos(path, "delete")
    (payload,) = heard(listener)
    expect(payload, shop.record(path))
    expect((payload["status"], payload["deleted"]), ("DELETED", True))


@pytest.mark.quirk("D73")
@pytest.mark.parametrize("topic", ["orders/created", "orders/updated"])
def test_other_topics_of_orders(shop: Shop, webhooks: Webhooks, listen: Listening, topic: str) -> None:
    """They are refused, or fire when an order is created, or changed."""
    if shop.target.chosen["D73"] == "absent":
        other = webhooks.add(topic=COMPLETED)
        refused(webhooks.target, webhooks.create(new_webhook(topic=topic)), "topic")
        refused(webhooks.target, webhooks.change(other, topic=topic), "topic")
        expect_status(webhooks.change(other + 1, topic=topic), 404)
        return
    listener = listen.to(topic)
    path = shop.order()
    made = shop.record(path)
    shop.put(path, notes="b")
    expect(heard(listener), [made if topic == "orders/created" else shop.record(path)])
