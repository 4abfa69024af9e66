"""What webhooks get of orders, and calls of `callback_uri`, of a fake here and on a server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from fakekounta import FakeKounta
from fakekounta.core.chain import MOST_CAUSED, caused_by
from fakekounta.core.lanes import lane_of
from tests.both import KINDS, held

SEED: dict[str, Any] = {
    "sites": [{"id": 1640, "name": "Kiosk"}, {"id": 1641, "name": "Window"}],
    "products": [{"id": 3001, "name": "Tea", "unit_price": 4}],
}
TEA = {"site_id": 1640, "lines": [{"product_id": 3001}]}
HOOK = "http://127.0.0.1:9/orders"
COMPLETED, DELETED = "orders/completed", "orders/deleted"


@pytest.fixture(params=KINDS)
def kounta(request: pytest.FixtureRequest, fakekounta_server: FakeKounta) -> Iterator[Any]:
    with held(str(request.param), fakekounta_server, seed=SEED, webhook_mode="collect") as kounta:
        yield kounta


def told(kounta: Any) -> list[tuple[str, int, str]]:
    """Return topic, id and status of each delivery."""
    payloads = ((one.topic, kounta.webhooks.payload(one)) for one in kounta.webhooks.deliveries)
    return [(topic, record["id"], record["status"]) for topic, record in payloads]


def test_what_the_pos_does_is_delivered(kounta: Any) -> None:
    """Completions and deletions at the POS reach webhooks of the site; additions of a test only if announced."""
    for topic in (COMPLETED, DELETED):
        kounta.webhooks.add(topic, HOOK, filter={"site_ids": [1640]})
    here, there = (kounta.orders.ring_up(**{**TEA, "site_id": site}) for site in (1640, 1641))
    for order in (here, there):
        kounta.orders.complete(order.id)
        kounta.orders.delete(order.id)
    kounta.orders.add(site_id=1640, status="COMPLETE")
    added = kounta.orders.add(site_id=1640, status="COMPLETE", announce=True)
    kounta.orders.remove(added.id, announce=True)
    assert told(kounta) == [
        (COMPLETED, here.id, "COMPLETE"),
        (DELETED, here.id, "DELETED"),
        (COMPLETED, added.id, "COMPLETE"),
        (DELETED, added.id, "COMPLETE"),
    ]


def test_a_test_changes_an_order(kounta: Any) -> None:
    """A change of an order by a test is delivered with `announce` only."""
    kounta.webhooks.add(COMPLETED, HOOK, format="xml")
    one, two = (kounta.orders.add(site_id=1640) for _ in range(2))
    kounta.orders.change(one.id, status="COMPLETE")
    kounta.orders.change(two.id, status="COMPLETE", announce=True)
    assert told(kounta) == [(COMPLETED, two.id, "COMPLETE")]


def test_other_topics_of_orders_exist_by_choice(kounta: Any) -> None:
    """Topics exist by choice only; without it the refusal names the topics that there are (D73)."""
    with pytest.raises(ValueError, match=r"^topic: must be another; of orders there are orders/completed, orders/del"):
        kounta.webhooks.add("orders/created", HOOK)
    with pytest.raises(KeyError):
        kounta.webhooks.change(7, topic="orders/created")
    kounta.assume(D73="exist")
    kounta.webhooks.add("orders/created", HOOK)
    kounta.webhooks.change(kounta.webhooks.add(COMPLETED, HOOK).id, topic="orders/updated")
    order = kounta.orders.ring_up(**TEA)
    kounta.orders.complete(order.id)
    assert told(kounta) == [("orders/created", order.id, "PENDING"), ("orders/updated", order.id, "COMPLETE")]


def test_the_state_keeps_them() -> None:
    """The state keeps a webhook for a topic that no longer exists, and its deliveries."""
    kounta = FakeKounta(seed=SEED, webhook_mode="collect", assumptions={"D73": "exist"})
    kounta.webhooks.add("orders/created", HOOK)
    kounta.orders.ring_up(**TEA)
    kounta.assume(D73="absent")
    other = FakeKounta(webhook_mode="collect")
    other.restore(kounta.state())
    assert other.state()["companies"] == kounta.state()["companies"]
    assert told(other) == told(kounta) != []


# --- callback_uri

CALLED = "http://127.0.0.1:9/called"


def test_a_change_of_the_status_is_posted(kounta: Any) -> None:
    """Any change of the status is posted to the `callback_uri`; other and unannounced changes are not (D31)."""
    kounta.orders.accept(kounta.orders.add(site_id=1640).id)
    order = kounta.orders.add(site_id=1640, callback_uri=CALLED, status="COMPLETE", announce=True)
    kounta.orders.change(order.id, status="SUBMITTED")
    kounta.orders.change(order.id, notes="x", announce=True)
    kounta.orders.accept(order.id)
    kounta.orders.pay(order.id, amount=1)
    kounta.orders.delete(order.id)
    kounta.orders.remove(order.id, announce=True)
    assert told(kounta) == [("callback", order.id, "ACCEPTED"), ("callback", order.id, "DELETED")]
    called = {(one.webhook.address, one.webhook.id, one.webhook.company_id) for one in kounta.webhooks.deliveries}
    assert called == {(CALLED, order.id, 5678)}
    with pytest.raises(ValueError, match=r"^topic: must be one of"):
        kounta.webhooks.add("callback", HOOK)


def test_a_callback_is_not_the_delivery_of_a_webhook(kounta: Any) -> None:
    """An order with the id of a webhook has another lane, so that neither waits for the other."""
    webhook = kounta.webhooks.add(COMPLETED, HOOK)
    kounta.orders.add(id=webhook.id, site_id=1640, callback_uri=CALLED)
    kounta.orders.complete(webhook.id)
    assert sorted(topic for topic, *_ in told(kounta)) == ["callback", COMPLETED]
    lanes = {lane_of(one.webhook) for one in kounta.webhooks.deliveries}
    assert len(lanes) == 2


SECOND = {"client_id": "second", "client_secret": "s", "signature_token": "second-token"}


def test_the_application_that_sent_the_order_signs() -> None:
    """An order of the POS is signed with the token of the company's first application."""
    kounta = FakeKounta(seed=SEED, webhook_mode="collect", applications=[SECOND])
    with kounta.httpx_client() as client:
        body = {**TEA, "callback_uri": CALLED}
        assert client.post("/v1/companies/me/orders.json", json=body, auth=("second", "s")).status_code == 201
    kounta.orders.ring_up(**body)
    for order in kounta.orders:
        kounta.orders.complete(order.id)
    tokens = [kounta.world.signature_token(one.webhook) for one in kounta.webhooks.deliveries]
    assert tokens == ["second-token", kounta.application.signature_token]


def test_a_callback_is_kept_and_tried_again_like_a_delivery() -> None:
    """A callback is in the state until it is received, and reaches only this machine, never the control surface."""
    kounta = FakeKounta(seed=SEED, webhook_mode="collect")
    uris = (CALLED, "http://shop.example/called", "http://127.0.0.1:9/_fakekounta/reset", "no URL")
    for uri in uris:
        kounta.orders.reject(kounta.orders.add(site_id=1640, callback_uri=uri).id)
    other = FakeKounta(webhook_mode="collect")
    other.restore(kounta.state())
    assert told(other) == told(kounta)
    assert [one.webhook.address for one in other.webhooks.deliveries] == list(uris)
    assert other.webhooks.deliver() == len(uris)
    assert [one.outcome for one in other.webhooks.deliveries] == ["pending", "blocked", "blocked", "blocked"]
    other.clock.advance(seconds=60)
    other.webhooks.deliver()
    assert [len(one.attempts) for one in other.webhooks.deliveries] == [2, 1, 1, 1]
    other.reset()
    assert other.webhooks.deliveries == []


def test_a_chain_of_callbacks_ends() -> None:
    """A chain of callbacks ends like one of webhooks (W20)."""
    kounta = FakeKounta(seed=SEED, webhook_mode="collect")
    order = kounta.orders.add(site_id=1640, callback_uri=CALLED)
    with caused_by(MOST_CAUSED + 1):
        kounta.orders.accept(order.id)
    assert [one.outcome for one in kounta.webhooks.deliveries] == ["blocked"]


@pytest.mark.parametrize("change", [{"callback_uri": None}, {}], ids=["an order without", "no order"])
def test_a_wrong_callback_in_a_state_is_refused(change: dict[str, Any]) -> None:
    """A wrong callback in a state is refused with the place of its record."""
    kounta = FakeKounta(seed=SEED, webhook_mode="collect")
    kounta.orders.reject(kounta.orders.add(site_id=1640, callback_uri=CALLED).id)
    state = kounta.state()
    (pending,) = state["deliveries"]["pending"]
    assert "webhook" not in pending
    if change:
        pending["record"]["orders"].update(change)
    else:
        pending["record"] = {"sites": {"id": 1640, "name": "Kiosk"}}
    message = r"^deliveries\.pending\[0\]\.record: must be an order with a callback_uri, as the topic is callback$"
    with pytest.raises(ValueError, match=message):
        FakeKounta().restore(state)


@pytest.mark.parametrize("site_ids, is_warned", [(["1640"], True), ([7, "1640"], False), ([], False)])
def test_a_filter_without_a_number_is_warned_of(site_ids: list[Any], is_warned: bool) -> None:
    """The journal warns of a filter without a number, which lets nothing through."""
    kounta = FakeKounta(seed=SEED, webhook_mode="collect")
    hook = {"topic": COMPLETED, "address": HOOK, "filter": {"site_ids": site_ids}}
    with kounta.httpx_client() as client:
        assert client.post("/v1/companies/me/webhooks.json", json=hook, auth=kounta.auth).status_code == 201
    assert any(note.startswith("D70: site_ids has no number") for note in kounta.requests[-1].notes) == is_warned


def test_an_order_as_xml() -> None:
    """The root is `order`, and each item of an array has the singular of its name (W19)."""
    kounta = FakeKounta(cafe=True, webhook_mode="collect")
    kounta.webhooks.add(COMPLETED, HOOK, format="xml")
    lines = [{"product_id": kounta.products.all()[0].id}]
    kounta.orders.complete(kounta.orders.ring_up(site_id=kounta.sites.all()[0].id, lines=lines).id)
    kounta.webhooks.deliver()
    order = ET.fromstring(kounta.webhooks.deliveries[0].attempts[0].body)
    assert (order.tag, order.findtext("status")) == ("order", "COMPLETE")
    assert order.findtext("lines/line/taxes/tax/name") == "GST"
    assert order.findtext("payments/payment/method/name") == "Cash"
