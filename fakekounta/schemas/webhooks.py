"""Webhooks and the deliveries that are still due, as parts of the state document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fakekounta.core.clock import aware
from fakekounta.core.company import Company
from fakekounta.core.deliveries import Delivery
from fakekounta.core.errors import BadField
from fakekounta.core.records import Record
from fakekounta.core.webhooks import FIELDS, TOPICS, Webhook, new_webhook
from fakekounta.core.world import World
from fakekounta.schemas.customers import customer_from, document_of
from fakekounta.schemas.errors import StateError, refuse_unknown
from fakekounta.schemas.schemas import webhook_fields

_WEBHOOK = ("id", "client_id", "created_at", "updated_at", *FIELDS)
_DELIVERY = ("id", "company_id", "webhook", "topic", "customer", "occurred_at", "due_at", "attempts")


def webhooks_of(company: Company) -> Record:
    """Return the keys of a company's document that describe its webhooks."""
    subscriptions = company.subscriptions
    return {
        "next_webhook_id": subscriptions.next_id,
        "webhooks": [_webhook_document(webhook) for webhook in subscriptions.all()],
    }


def _webhook_document(webhook: Webhook) -> Record:
    return {
        "id": webhook.id,
        "client_id": webhook.client_id,
        "topic": webhook.topic,
        "address": webhook.address,
        "format": webhook.format,
        "filter": dict(webhook.filter),
        "headers": dict(webhook.headers),
        "created_at": webhook.created_at.isoformat(),
        "updated_at": webhook.updated_at.isoformat(),
    }


def restore_webhooks(name: str, world: World, company: Mapping[str, Any]) -> None:
    """Put back what `webhooks_of` told. Raises StateError."""
    webhooks = company.get("webhooks", [])
    if not isinstance(webhooks, list):
        raise StateError(f"{name}.webhooks: must be an array of objects")
    made = [_webhook(f"{name}.webhooks[{index}]", world, company["id"], item) for index, item in enumerate(webhooks)]
    _refuse_twins(f"{name}.webhooks", [webhook.id for webhook in made])
    world.companies[company["id"]].subscriptions.restore(
        made, _number(f"{name}.next_webhook_id", company.get("next_webhook_id", 1))
    )


def _webhook(name: str, world: World, company_id: int, document: Any) -> Webhook:
    if not isinstance(document, Mapping):
        raise StateError(f"{name}: must be an object")
    refuse_unknown(f"{name}.", document, _WEBHOOK)
    fields = {key: document[key] for key in FIELDS if key in document}
    number = _number(f"{name}.id", document.get("id"))
    client_id = document.get("client_id")
    if not isinstance(client_id, str) or world.applications.owner(client_id) is None:
        raise StateError(f"{name}.client_id: no application has this client id")
    created_at, updated_at = (_moment(f"{name}.{key}", document.get(key)) for key in ("created_at", "updated_at"))
    try:
        webhook = new_webhook(number, company_id, client_id, webhook_fields(fields), created_at)
    except BadField as refusal:
        raise StateError(f"{name}.{refusal.description}") from None
    return webhook.updated(updated_at)


def deliveries_of(world: World) -> Record:
    """Return the pending deliveries; finished ones are not kept."""
    return {"next_id": world.outbox.next_id, "pending": [_delivery_document(one) for one in world.outbox.pending()]}


def _delivery_document(delivery: Delivery) -> Record:
    return {
        "id": delivery.id,
        "company_id": delivery.webhook.company_id,
        "webhook": _webhook_document(delivery.webhook),
        "topic": delivery.topic,
        "customer": document_of(delivery.customer),
        "occurred_at": delivery.occurred_at.isoformat(),
        "due_at": delivery.due_at.isoformat(),
        "attempts": delivery.tries,
    }


def restore_deliveries(world: World, document: Any) -> None:
    """Put back what `deliveries_of` told. Raises StateError."""
    if not isinstance(document, Mapping):
        raise StateError("deliveries: must be an object")
    refuse_unknown("deliveries.", document, ("next_id", "pending"))
    pending = document.get("pending", [])
    if not isinstance(pending, list):
        raise StateError("deliveries.pending: must be an array of objects")
    made = [_delivery(f"deliveries.pending[{index}]", world, item) for index, item in enumerate(pending)]
    _refuse_twins("deliveries.pending", [delivery.id for delivery in made])
    world.outbox.restore(made, _number("deliveries.next_id", document.get("next_id", 1)))


def _delivery(name: str, world: World, document: Any) -> Delivery:
    if not isinstance(document, Mapping):
        raise StateError(f"{name}: must be an object")
    refuse_unknown(f"{name}.", document, _DELIVERY)
    company_id = document.get("company_id")
    if type(company_id) is not int or company_id not in world.companies:
        raise StateError(f"{name}.company_id: there is no such company")
    if document.get("topic") not in TOPICS:
        raise StateError(f"{name}.topic: must be one of {', '.join(TOPICS)}")
    try:
        customer = customer_from(document.get("customer"), "", world.assumptions, max_id=2**63 - 1)
    except BadField as refusal:
        raise StateError(f"{name}.customer.{refusal.description}") from None
    if customer.id == 0:
        raise StateError(f"{name}.customer.id: is required")
    return Delivery(
        id=_number(f"{name}.id", document.get("id")),
        webhook=_webhook(f"{name}.webhook", world, company_id, document.get("webhook")),
        topic=document["topic"],
        customer=customer,
        occurred_at=_moment(f"{name}.occurred_at", document.get("occurred_at")),
        due_at=_moment(f"{name}.due_at", document.get("due_at")),
        earlier_attempts=_number(f"{name}.attempts", document.get("attempts", 0), least=0),
    )


def _refuse_twins(name: str, ids: list[int]) -> None:
    seen: set[int] = set()
    for index, number in enumerate(ids):
        if number in seen:
            raise StateError(f"{name}[{index}].id: stands twice")
        seen.add(number)


def _number(name: str, value: Any, *, least: int = 1) -> int:
    if type(value) is not int or not least <= value < 2**63:
        raise StateError(f"{name}: must be a whole number from {least} to {2**63 - 1}")
    return value


def _moment(name: str, value: Any) -> datetime:
    if not isinstance(value, str):
        raise StateError(f"{name}: must be an ISO 8601 date and time with an offset")
    try:
        return aware(value)
    except ValueError as error:
        raise StateError(f"{name}: {error}") from None
