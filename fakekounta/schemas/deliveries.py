"""Documents of webhooks and their deliveries, without secrets."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import COLLECTIONS, CUSTOMERS, plural_of
from fakekounta.core.clock import timestamp
from fakekounta.core.customers import Customer
from fakekounta.core.deliveries import ATTEMPT, DELIVERY, Attempt, Delivery
from fakekounta.core.fields import declared
from fakekounta.core.kinds import Flag, Text, Whole
from fakekounta.core.records import Record
from fakekounta.core.redaction import HIDDEN
from fakekounta.core.resources import Resource
from fakekounta.core.webhooks import CALLBACK, WEBHOOK, Webhook, signature
from fakekounta.core.world import World
from fakekounta.process.dataclass import dataclass
from fakekounta.schemas.payloads import SIGNATURE_HEADER


def webhook_document(webhook: Webhook) -> dict[str, Any]:
    """Return a webhook as a document. The values of the webhook's headers are hidden, because they are credentials."""
    return {**WEBHOOK.document(webhook), "headers": dict.fromkeys(webhook.headers, HIDDEN)}


def delivery_document(delivery: Delivery) -> dict[str, Any]:
    """Return a delivery with its attempts as a document, without the values of the webhook's headers."""
    document, webhook = DELIVERY.document(delivery), delivery.webhook
    del document["webhook"], document["record"]
    of_webhook = {"company_id": webhook.company_id, "client_id": webhook.client_id, "address": webhook.address}
    is_customer = isinstance(delivery.record, Customer)
    ids = {
        "webhook_id": None if delivery.topic == CALLBACK else webhook.id,
        "customer_id": delivery.record.id if is_customer else None,
        "record_id": delivery.record.id,
    }
    attempts = [_attempt_document(attempt, webhook.headers) for attempt in delivery.attempts]
    return {"id": delivery.id, **ids, **of_webhook, **document, "attempts": attempts}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signature:
    attempt: int = declared(Whole(1), required=True)
    sent: str | None = declared(Text())
    right: str = declared(Text(), required=True)
    is_right: bool = declared(Flag(), required=True)


SIGNATURE = Resource("signature", _Signature)
"""The fields of the signature of an attempt."""


def signature_documents(delivery: Delivery, token: str) -> list[dict[str, Any]]:
    """Return for each attempt its signature, or None, and the signature of the same bytes with `token`."""
    return [_signature_document(attempt, signature(attempt.body, token)) for attempt in delivery.attempts]


def _signature_document(attempt: Attempt, right: str) -> dict[str, Any]:
    sent = dict(attempt.headers).get(SIGNATURE_HEADER)
    return SIGNATURE.document(_Signature(attempt=attempt.number, sent=sent, right=right, is_right=sent == right))


def _attempt_document(attempt: Attempt, secret: Container[str]) -> dict[str, Any]:
    headers = {name: HIDDEN if name in secret else value for name, value in attempt.headers}
    return {**ATTEMPT.document(attempt), "headers": headers}


def payload_of(world: World, delivery: Delivery) -> Record:
    """Return the record as the receiver of the delivery gets it (W10)."""
    record = record_of(world, delivery)
    return {**record, "tags": list(record["tags"])} if "tags" in record else record


def record_of(world: World, delivery: Delivery) -> Record:
    """Return the record that a delivery holds, complete (but see D65): a customer, or a record of a collection."""
    company = world.companies[delivery.webhook.company_id]
    now = timestamp(delivery.occurred_at, company.zone)
    if isinstance(delivery.record, Customer):
        return world.records.full(delivery.record, delivery.webhook.client_id, now)
    if delivery.topic == CALLBACK and world.assumptions.choice(Quirk.D65_FORM_OF_CALLBACK) == "status":
        return {"id": delivery.record.id, "status": delivery.record.status}
    view = world.view(company, now)
    return COLLECTIONS[plural_of(delivery.record)].record(delivery.record, view)


def name_of(delivery: Delivery) -> str:
    """Return the name of the record that a delivery holds, such as "customer"."""
    return "customer" if isinstance(delivery.record, Customer) else COLLECTIONS[plural_of(delivery.record)].name


def full_delivery_document(world: World, delivery: Delivery) -> dict[str, Any]:
    """Return a delivery's document with its webhook and record as they were at the event, and its payload.

    `customer` is null if the event is about something else; `record` has the name of the collection as its key.
    """
    record = DELIVERY.by_name["record"].kind.document(delivery.record)
    return {
        **delivery_document(delivery),
        "webhook": webhook_document(delivery.webhook),
        "customer": record.get(CUSTOMERS),
        "record": record,
        "payload": payload_of(world, delivery),
    }


webhook_from: Callable[[Mapping[str, Any]], Webhook] = WEBHOOK.restored
"""Return the webhook of a document made by `webhook_document`, with its hidden headers."""


def delivery_from(document: Mapping[str, Any]) -> Delivery:
    """Return the delivery of a document made by `full_delivery_document`."""
    return DELIVERY.restored({name: document[name] for name in DELIVERY.by_name})
