"""Deliveries as they are shown: without secrets."""

from __future__ import annotations

from typing import Any

from fakekounta.core.outbox import Attempt, Delivery

HIDDEN = "***"


def delivery_document(delivery: Delivery) -> dict[str, Any]:
    """A delivery with its attempts. The values of the subscription's own headers are hidden: they are credentials."""
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
