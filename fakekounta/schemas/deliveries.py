"""Webhooks and their deliveries as they are shown: without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekounta.core.clock import aware
from fakekounta.core.deliveries import Attempt, Delivery
from fakekounta.core.messages import HIDDEN
from fakekounta.core.records import Record, timestamp
from fakekounta.core.webhooks import Webhook, signature
from fakekounta.core.world import World
from fakekounta.schemas.customers import customer_of, document_of
from fakekounta.schemas.payloads import SIGNATURE_HEADER


def webhook_document(webhook: Webhook) -> dict[str, Any]:
    """Return a webhook as a document. The values of its own headers are hidden: they are credentials."""
    return {
        "id": webhook.id,
        "company_id": webhook.company_id,
        "client_id": webhook.client_id,
        "topic": webhook.topic,
        "address": webhook.address,
        "format": webhook.format,
        "filter": dict(webhook.filter),
        "headers": dict.fromkeys(webhook.headers, HIDDEN),
        "created_at": webhook.created_at.isoformat(),
        "updated_at": webhook.updated_at.isoformat(),
    }


def delivery_document(delivery: Delivery) -> dict[str, Any]:
    """Return a delivery with its attempts as a document, without the values of the webhook's own headers."""
    webhook = delivery.webhook
    return {
        "id": delivery.id,
        "webhook_id": webhook.id,
        "company_id": webhook.company_id,
        "client_id": webhook.client_id,
        "topic": delivery.topic,
        "customer_id": delivery.customer.id,
        "address": webhook.address,
        "outcome": delivery.outcome,
        "occurred_at": delivery.occurred_at.isoformat(),
        "due_at": delivery.due_at.isoformat(),
        "earlier_attempts": delivery.earlier_attempts,
        "attempts": [_attempt_document(attempt, {*webhook.headers}) for attempt in delivery.attempts],
    }


def signature_documents(delivery: Delivery, token: str) -> list[dict[str, Any]]:
    """For each attempt the signature that was sent, None if there was none, and that of the same bytes by `token`."""
    return [_signature_document(attempt, signature(attempt.body, token)) for attempt in delivery.attempts]


def _signature_document(attempt: Attempt, right: str) -> dict[str, Any]:
    sent = dict(attempt.headers).get(SIGNATURE_HEADER)
    return {"attempt": attempt.number, "sent": sent, "right": right, "is_right": sent == right}


def _attempt_document(attempt: Attempt, secret: set[str]) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "at": attempt.at.isoformat(),
        "status": attempt.status,
        "error": attempt.error,
        "duration_seconds": round(attempt.duration_seconds, 6),
        "headers": {name: HIDDEN if name in secret else value for name, value in attempt.headers},
        "body": attempt.body.decode("utf-8"),
    }


def payload_of(world: World, delivery: Delivery) -> Record:
    """Return the customer as the delivery's listener receives it (W10)."""
    webhook = delivery.webhook
    now = timestamp(delivery.occurred_at, world.companies[webhook.company_id].zone)
    record = world.records.full(delivery.customer, webhook.client_id, now)
    return {**record, "tags": list(record["tags"])}


def full_delivery_document(world: World, delivery: Delivery) -> dict[str, Any]:
    """Return a delivery's document with its webhook and customer as they were then, and its payload."""
    return {
        **delivery_document(delivery),
        "webhook": webhook_document(delivery.webhook),
        "customer": document_of(delivery.customer),
        "payload": payload_of(world, delivery),
    }


def webhook_from(document: Mapping[str, Any]) -> Webhook:
    """Return the webhook in a document made by `webhook_document`."""
    moments = {name: aware(document[name]) for name in ("created_at", "updated_at")}
    return Webhook(**{**document, **moments})


def delivery_from(document: Mapping[str, Any]) -> Delivery:
    """Return the delivery in a document made by `full_delivery_document`."""
    return Delivery(
        id=document["id"],
        webhook=webhook_from(document["webhook"]),
        topic=document["topic"],
        customer=customer_of(document["customer"]),
        occurred_at=aware(document["occurred_at"]),
        due_at=aware(document["due_at"]),
        outcome=document["outcome"],
        attempts=[_attempt_from(attempt) for attempt in document["attempts"]],
        earlier_attempts=document["earlier_attempts"],
    )


def _attempt_from(document: Mapping[str, Any]) -> Attempt:
    headers, body = tuple(document["headers"].items()), document["body"].encode("utf-8")
    return Attempt(**{**document, "at": aware(document["at"]), "headers": headers, "body": body})
