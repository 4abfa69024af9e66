"""Outboxes with deliveries, and helpers of the outbox's tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from fakekounta import Customer
from fakekounta.core.deliveries import DELIVERED, Attempt, Delivery, Disturbances, Schedule
from fakekounta.core.outbox import Outbox
from fakekounta.core.webhooks import Event, Webhook, new_webhook

NOW = datetime(2026, 11, 23, 7, 40, tzinfo=timezone.utc)
CREATED = "customers/created"
CALM = Disturbances()


def webhook(webhook_id: int = 1, company_id: int = 5678) -> Webhook:
    fields = {"topic": CREATED, "address": "http://127.0.0.1:1/"}
    return new_webhook(webhook_id, company_id, "me", fields, NOW)


def event(number: int = 1) -> Event:
    return Event(topic=CREATED, record=Customer(id=number, first_name="Al", phone="1"))


def attempt(delivery: Delivery, at: datetime, status: int | None = 500) -> Attempt:
    error = None if status == 204 else "no"
    return Attempt(
        number=delivery.tries + 1, at=at, headers=(), body=b"{}", status=status, error=error, duration_seconds=0
    )


def filled(count: int = 1, webhooks: Sequence[Webhook] = (), *, disturbances: Disturbances = CALM) -> Outbox:
    """Return an outbox with so many events for each webhook, one a second."""
    outbox = Outbox(Schedule(), disturbances)
    for number in range(count):
        outbox.append(event(number + 1), webhooks or [webhook()], NOW + timedelta(seconds=number))
    return outbox


def taken(outbox: Outbox, now: datetime) -> Delivery:
    delivery = outbox.take(now)
    assert delivery is not None, "nothing was due"
    return delivery


def tried(outbox: Outbox, now: datetime, outcome: str = DELIVERED) -> list[tuple[int, int]]:
    """Record an attempt with this outcome for each delivery due by now; return their webhooks and customers."""
    given_out = []
    while (delivery := outbox.take(now)) is not None:
        given_out.append((delivery.webhook.id, delivery.customer.id))
        outbox.record_result(delivery, attempt(delivery, now), outcome)
    return given_out
