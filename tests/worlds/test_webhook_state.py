"""Tests that pending deliveries survive a restart in the saved state."""

from __future__ import annotations

import json
from typing import Any

import requests

from fakekounta import FakeKounta, Receiver
from fakekounta.worlds.state import state_of, world_from
from tests.lab import (
    CREATED,
    HOOK,
    PATIENCE_SECONDS,
    UPDATED,
    calling,
    customer,
    outcomes,
    until_done,
    until_tried,
)

AT = "2026-11-23T18:40:00+11:00"
LATER_ON = "2026-11-23T20:40:00+11:00"


def document_of(kounta: FakeKounta) -> Any:
    """Return the state after it was written to JSON text and read again."""
    return json.loads(json.dumps(state_of(kounta.world)))


def restarted(kounta: FakeKounta) -> FakeKounta:
    """Return another fake with the state of this one, as after a restart."""
    return made_of(document_of(kounta))


def made_of(document: Any) -> FakeKounta:
    other = FakeKounta()
    other.replace_world(world_from(document))
    return other


# --- over a restart --------------------------------------------------------------------------------------------


def test_what_was_due_is_delivered_after_a_restart(fakekounta_receiver: Receiver) -> None:
    """Deliveries that were due when the first fake stopped are made once by the second, with the same bytes."""
    with FakeKounta(webhook_mode="background") as first:
        first.clock.freeze(AT)
        fakekounta_receiver.hang(times=9)
        for form in ("json", "xml"):
            first.webhooks.add(CREATED, fakekounta_receiver.url, format=form, headers={"X-Own": "1"})
        for name in ("Jamie", "Kim"):
            customer(first, name, tags=["a"], reference_id="r", primary_address={"city": "X", "country": "AU"})
        cut_short = [request.body for request in fakekounta_receiver.wait_for(2, timeout=PATIENCE_SECONDS)]
        first.stop()
        assert outcomes(first) == ["pending"] * 4
        document = document_of(first)
    fakekounta_receiver.reset()
    with made_of(document) as second:
        second.clock.set(LATER_ON)
        assert [one.outcome for one in until_done(second)] == ["delivered"] * 4
    bodies = [request.body for request in fakekounta_receiver.received]
    assert len(set(bodies)) == 4
    assert set(cut_short) < set(bodies)
    assert {(one.is_signed, one.headers["x-own"]) for one in fakekounta_receiver.received} == {(True, "1")}


def test_the_attempts_already_made_count(fakekounta_receiver: Receiver) -> None:
    """After two attempts before the restart there are three after it, at their own times, and then it has failed."""
    first = FakeKounta()
    first.clock.freeze(AT)
    first.webhooks.add(CREATED, fakekounta_receiver.url)
    fakekounta_receiver.answer(500, times=9)
    customer(first)
    first.clock.advance(seconds=60)
    second = restarted(first)
    assert [(one.tries, one.earlier_attempts, one.attempts) for one in second.webhooks.pending] == [(2, 2, [])]
    for minute in (3, 1, 24, 1, 89, 1, 600):
        second.clock.advance(seconds=60 * minute)
    (delivery,) = second.webhooks.deliveries
    assert (delivery.outcome, delivery.tries) == ("failed", 5)
    minutes = [(one.number, (one.at - delivery.occurred_at).total_seconds() / 60) for one in delivery.attempts]
    assert minutes == [(3, 5), (4, 30), (5, 120)]
    assert len(fakekounta_receiver.received) == 5
    assert len({request.body for request in fakekounta_receiver.received}) == 1


def test_by_the_control_surface(fakekounta_receiver: Receiver) -> None:
    """After the state was put into another server by control call, due deliveries are made at once."""
    with FakeKounta(webhook_mode="collect") as first:
        first.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(first)
        document = requests.get(f"{first.url}/_fakekounta/state", timeout=PATIENCE_SECONDS).json()
    document["webhook_mode"] = "background"
    with FakeKounta() as second:
        answer = requests.put(f"{second.url}/_fakekounta/state", json=document, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 200, answer.text
        assert [one.outcome for one in until_done(second)] == ["delivered"]
    assert [request.is_signed for request in fakekounta_receiver.received] == [True]


def test_webhooks_come_back_as_they_were() -> None:
    """Every field, the application and the used ids are restored: a new webhook gets a new id."""
    settings: dict[str, Any] = {"applications": [{"client_id": "second", "client_secret": "s"}]}
    first = FakeKounta(**settings)
    first.clock.freeze(AT)
    first.webhooks.add(UPDATED, HOOK, format="xml", filter={"attributes": ["name"]}, headers={"X-Own": "1"})
    first.clock.advance(seconds=60)
    first.webhooks.add(CREATED, HOOK, client_id="second", filter={"site_ids": [1]})
    gone = first.webhooks.add(CREATED, HOOK)
    first.world.company.subscriptions.remove("fake-client-id", gone.id)
    second = restarted(first)
    assert second.webhooks.all() == first.webhooks.all()
    assert document_of(second) == document_of(first)
    assert second.webhooks.add(CREATED, HOOK).id == gone.id + 1


def test_pending_deliveries_come_back_as_they_were() -> None:
    """Customer, topic, times and ids are restored; finished deliveries are not, and no id is used twice."""
    first = FakeKounta(webhook_mode="collect")
    first.clock.freeze(AT)
    first.webhooks.add(CREATED, HOOK)
    for name in ("done", "pending"):
        customer(first, name)
        if name == "done":
            first.webhooks.deliver_to(calling(lambda *_: None))
    first.webhooks.disturb(drop=1)
    customer(first, "dropped")
    second = restarted(first)
    (one,), (other,) = first.webhooks.pending, second.webhooks.deliveries
    names = ("id", "webhook", "topic", "customer", "occurred_at", "due_at", "outcome", "tries")
    assert [getattr(other, name) for name in names] == [getattr(one, name) for name in names]
    assert document_of(second) == document_of(first)
    second.webhooks.disturb()
    customer(second)
    assert [delivery.id for delivery in second.webhooks.deliveries] == [2, 4]


def test_the_rules_of_delivery_come_back() -> None:
    """Mode, schedule, timeout, disturbances and allowed hosts are part of the state."""
    settings: dict[str, Any] = {
        "webhook_mode": "collect",
        "webhook_schedule": {"minutes": [0, 0.5], "timeout_seconds": 0.25},
        "webhook_disturbances": {"drop": 0.5, "seed": 3},
        "allow_webhook_hosts": ["shop.example"],
    }
    first = FakeKounta(**settings)
    world = restarted(first).world
    assert (world.webhook_mode, sorted(world.allow_webhook_hosts)) == ("collect", ["shop.example"])
    assert (world.outbox.schedule, world.outbox.disturbances) == (
        first.world.outbox.schedule,
        first.world.outbox.disturbances,
    )


def test_order_is_kept_over_a_restart() -> None:
    """Waiting deliveries of one webhook are made in the order of the changes."""
    heard: list[str] = []
    first = FakeKounta(webhook_mode="collect")
    first.clock.freeze(AT)
    known = first.customers.add(first_name="Sam", phone="1").id
    first.webhooks.add(UPDATED, HOOK)
    names = [f"{number}" for number in range(30)]
    for name in names:
        first.customers.change(known, announce=True, first_name=name)
    second = restarted(first)
    second.webhooks.deliver_to(calling(lambda _, body: heard.append(json.loads(body)["first_name"])))
    assert heard == names


def test_what_a_customer_was_is_delivered_though_it_is_gone(fakekounta_receiver: Receiver) -> None:
    """A pending delivery has its own copy of customer and webhook, which may both be missing from the state."""
    first = FakeKounta(webhook_mode="collect")
    webhook = first.webhooks.add(CREATED, fakekounta_receiver.url)
    first.customers.remove(customer(first))
    first.world.company.subscriptions.remove("fake-client-id", webhook.id)
    second = restarted(first)
    assert (len(second.customers), second.webhooks.all(), second.webhooks.deliver()) == (0, [], 1)
    assert [request.json()["first_name"] for request in fakekounta_receiver.received] == ["Jamie"]


def test_the_state_of_an_attempt_under_way(fakekounta_receiver: Receiver) -> None:
    """A delivery whose attempt is under way is saved as pending, without that attempt."""
    fakekounta_receiver.hang()
    with FakeKounta(webhook_mode="background") as kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)
        (pending,) = document_of(kounta)["deliveries"]["pending"]
        assert (pending["id"], pending["attempts"]) == (1, 0)
        fakekounta_receiver.release()
        until_tried(kounta, 1)
        assert document_of(kounta)["deliveries"] == {"next_id": 2, "draws": 0, "pending": []}


def test_a_reset_forgets_what_was_put_in() -> None:
    """`reset` returns to the settings, without webhooks and deliveries of a restored state."""
    first = FakeKounta(webhook_mode="collect")
    first.webhooks.add(CREATED, HOOK)
    customer(first)
    second = restarted(first)
    second.reset()
    assert (second.webhooks.all(), second.webhooks.deliveries, second.world.webhook_mode) == ([], [], "immediate")


def test_an_older_document_without_webhooks() -> None:
    """A state without webhooks makes a world without any."""
    kounta = FakeKounta()
    kounta.replace_world(world_from({"format": 1, "companies": [{"id": 5678}]}))
    assert (kounta.webhooks.all(), kounta.webhooks.deliveries) == ([], [])
