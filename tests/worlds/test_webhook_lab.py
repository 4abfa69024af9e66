"""Tests of `kounta.webhooks`: subscriptions, deliveries and redeliveries."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fakekounta import FakeKounta, Receiver
from fakekounta.settings.kinds import Mode
from tests.caller import Caller, exactly
from tests.lab import CREATED, HOOK, PATIENCE_SECONDS, UPDATED, calling, customer, outcomes

OTHER = 6789
TWO: dict[str, Any] = {
    "companies": [{"id": OTHER}],
    "applications": [
        {"client_id": "second", "client_secret": "s"},
        {"client_id": "other", "client_secret": "s", "company_id": OTHER},
    ],
}


@pytest.fixture
def kounta() -> FakeKounta:
    """A fake in the mode `collect`, with one webhook."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(CREATED, HOOK)
    return kounta


# --- subscriptions ---------------------------------------------------------------------------------------------


def test_add_is_what_a_post_would_make() -> None:
    """`add` makes a complete webhook that its application gets by the API."""
    kounta = FakeKounta()
    own = {"X-Own": "1"}
    made = kounta.webhooks.add(UPDATED, HOOK, format="xml", filter={"attributes": ["name"]}, headers=own)
    record = Caller(kounta).get(f"/v1/companies/5678/webhooks/{made.id}").json()
    del record["created_at"], record["updated_at"]
    assert record == {
        "id": 1,
        "topic": UPDATED,
        "address": HOOK,
        "format": "xml",
        "filter": {"attributes": ["name"]},
        "headers": own,
    }


def test_a_webhook_belongs_to_the_named_or_the_default_application() -> None:
    """By default a webhook belongs to the first application of the default company."""
    kounta = FakeKounta(**TWO)
    kounta.webhooks.add(CREATED, HOOK)
    kounta.webhooks.add(CREATED, HOOK, client_id="second")
    kounta.webhooks.add(CREATED, HOOK, company_id=OTHER)
    assert [(one.company_id, one.client_id) for one in kounta.webhooks.all()] == [
        (5678, "fake-client-id"),
        (5678, "second"),
        (OTHER, "other"),
    ]
    assert len(Caller(kounta, ("second", "s")).get("/v1/companies/me/webhooks").json()) == 1


def test_all_knows_those_that_came_by_the_api() -> None:
    """`all` includes webhooks made by the API, until their application deletes them."""
    kounta = FakeKounta()
    api = Caller(kounta)
    answer = api.http.post("/v1/companies/me/webhooks", json={"topic": CREATED, "address": HOOK})
    assert [one.address for one in kounta.webhooks.all()] == [HOOK]
    api.http.delete(answer.headers["Location"])
    assert kounta.webhooks.all() == []


@pytest.mark.parametrize(
    "given, reason",
    [
        ({"topic": "customers/vanished"}, "topic: must be one of customers/created, customers/updated, "),
        ({"address": "ftp://127.0.0.1/"}, "address: must begin with http:// or https://"),
        ({"format": "yaml"}, "format: must be one of json, xml"),
        ({"headers": {"Cookie": "a"}}, "headers: may hold Authorization and X-* only, but not X-Kounta*"),
        ({"headers": {"X-Kounta-Signature": "a"}}, "headers: may hold Authorization and X-* only"),
        (
            {"filter": {"attributes": ["name"]}},
            "filter.attributes: can be given for customers/updated, sites/updated, registers/updated only",
        ),
        ({"client_id": "nobody"}, "client_id: "),
    ],
)
def test_add_refuses_invalid_webhooks(given: dict[str, Any], reason: str) -> None:
    """ValueError names the field and the reason, and no webhook is made."""
    kounta = FakeKounta()
    with pytest.raises(ValueError, match=rf"^{re.escape(reason)}"):
        kounta.webhooks.add(**{"topic": CREATED, "address": HOOK, **given})
    assert kounta.webhooks.all() == []


@pytest.mark.parametrize(
    "topic, near", [("customer/created", "; did you mean customers/created?"), ("zzzzzz", "shifts/endbreak")]
)
def test_a_mistyped_topic_names_the_nearest(topic: str, near: str) -> None:
    """The message ends with the nearest topic, or with the last known one."""
    with pytest.raises(ValueError, match=rf"^topic: must be one of customers/created, .*{re.escape(near)}$"):
        FakeKounta().webhooks.add(topic, HOOK)


# --- deliveries ------------------------------------------------------------------------------------------------


def test_a_delivery_has_webhook_topic_customer_and_time(kounta: FakeKounta) -> None:
    """Each delivery has its webhook, its topic, the customer as it was, and its time; the oldest is first."""
    kounta.clock.freeze("2026-11-23T18:40:00+11:00")
    known = customer(kounta, "Jamie", reference_id="r")
    customer(kounta, "Kim")
    kounta.customers.remove(known)
    first, second = kounta.webhooks.deliveries
    assert (first.id, first.webhook, first.topic) == (1, kounta.webhooks.all()[0], CREATED)
    assert (first.customer.id, first.customer.first_name, second.customer.first_name) == (known, "Jamie", "Kim")
    assert first.occurred_at == first.due_at == kounta.clock.now()
    assert (first.outcome, first.attempts, first.tries) == ("pending", [], 0)
    payload = kounta.webhooks.payload(first)
    assert (payload["id"], payload["reference_id"], payload["created_at"]) == (known, "r", "2026-11-23T18:40:00+11:00")


def test_a_payload_is_that_of_the_listener() -> None:
    """W10: the payload has the reference id of the webhook's application."""
    kounta = FakeKounta(**TWO, webhook_mode="collect")
    for client_id in ("fake-client-id", "second"):
        kounta.webhooks.add(CREATED, HOOK, client_id=client_id)
    customer(kounta, reference_ids={"second": "two"})
    assert [kounta.webhooks.payload(one)["reference_id"] for one in kounta.webhooks.deliveries] == ["", "two"]


def test_a_payload_is_what_is_sent(kounta: FakeKounta) -> None:
    """`payload` is the JSON of the body."""
    bodies: list[bytes] = []
    customer(kounta, tags=["a", "b"], primary_address={"city": "X", "country": "AU"})
    kounta.webhooks.deliver_to(calling(lambda _, body: bodies.append(body)))
    (delivery,) = kounta.webhooks.deliveries
    assert kounta.webhooks.payload(delivery) == delivery.attempts[0].json()
    assert bodies == [delivery.attempts[0].body]


def test_pending_are_those_that_will_be_tried(kounta: FakeKounta) -> None:
    """Delivered and failed deliveries are not pending."""
    with Receiver() as receiver, kounta.fresh(webhook_mode="immediate", webhook_schedule={"minutes": [0, 1]}):
        kounta.webhooks.add(CREATED, receiver.url)
        receiver.answer(500, times=2)
        customer(kounta)
        kounta.clock.advance(seconds=60)
        customer(kounta)
        receiver.answer(500)
        customer(kounta)
        assert outcomes(kounta) == ["failed", "delivered", "pending"]
        assert [one.id for one in kounta.webhooks.pending] == [3]


def test_a_deleted_webhook_gets_its_pending_deliveries(kounta: FakeKounta) -> None:
    """Pending deliveries go to the address at the time of the event; later changes are not delivered."""
    customer(kounta)
    Caller(kounta).http.delete("/v1/companies/me/webhooks/1")
    customer(kounta)
    assert kounta.webhooks.deliver_to(calling(lambda *_: None)) == 1
    assert outcomes(kounta) == ["delivered"]


# --- redeliver -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["background", "immediate", "collect"])
def test_redeliver_sends_once_more(mode: Mode, fakekounta_receiver: Receiver) -> None:
    """The same customer is sent to the same address as a new delivery; the first one is unchanged."""
    with FakeKounta(webhook_mode=mode) as kounta:
        kounta.clock.freeze("2026-11-23T18:40:00+11:00")
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        known = customer(kounta)
        kounta.webhooks.deliver()
        kounta._courier.wait_until(lambda: not kounta.webhooks.pending, PATIENCE_SECONDS)
        kounta.customers.change(known, first_name="Changed")
        kounta.clock.advance(seconds=60)
        again = kounta.webhooks.redeliver(1)
        kounta.webhooks.deliver()
        kounta._courier.wait_until(lambda: not kounta.webhooks.pending, PATIENCE_SECONDS)
        assert [(one.id, one.outcome, one.tries) for one in kounta.webhooks.deliveries] == [
            (1, "delivered", 1),
            (2, "delivered", 1),
        ]
        assert (again.id, again.topic, again.webhook.id) == (2, CREATED, 1)
    first, second = fakekounta_receiver.received
    assert [first.json()["first_name"], second.json()["first_name"]] == ["Jamie", "Jamie"]
    assert second.is_signed


def test_redeliver_starts_the_schedule_anew(fakekounta_receiver: Receiver) -> None:
    """A redelivery of a failed delivery has all its attempts again."""
    kounta = FakeKounta(webhook_schedule={"minutes": [0, 1]})
    kounta.webhooks.add(CREATED, fakekounta_receiver.url)
    fakekounta_receiver.answer(500, times=3)
    customer(kounta)
    kounta.clock.advance(seconds=60)
    kounta.webhooks.redeliver(1)
    assert outcomes(kounta) == ["failed", "pending"]
    kounta.clock.advance(seconds=60)
    assert outcomes(kounta) == ["failed", "delivered"]


def test_what_cannot_be_redelivered(kounta: FakeKounta) -> None:
    """KeyError for an unknown delivery, ValueError for a pending one; nothing is sent."""
    customer(kounta)
    with pytest.raises(KeyError, match="2"):
        kounta.webhooks.redeliver(2)
    with pytest.raises(ValueError, match=exactly("delivery 1 is still pending")):
        kounta.webhooks.redeliver(1)
    assert len(kounta.webhooks.deliveries) == 1
