"""The parts of the state document about webhooks and pending deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekounta.core.all_collections import COLLECTIONS, CUSTOMERS
from fakekounta.core.callbacks import stand_in
from fakekounta.core.company import Company
from fakekounta.core.customers import Customer
from fakekounta.core.deliveries import DELIVERY, Delivery
from fakekounta.core.errors import BadField
from fakekounta.core.orders.order import Order
from fakekounta.core.records import Record
from fakekounta.core.values import MOST_WHOLE, known_keys, objects, whole
from fakekounta.core.webhooks import CALLBACK, FIELDS, WEBHOOK, Webhook, new_webhook
from fakekounta.core.world import World
from fakekounta.schemas.collections import record_from
from fakekounta.schemas.customers import customer_from
from fakekounta.schemas.schemas import webhook_fields

_OF_WEBHOOK = tuple(name for name in WEBHOOK.by_name if name != "company_id")  # as the key `id` of the company
_OF_DELIVERY = ("id", "topic", "occurred_at", "due_at")
_DELIVERY = (*_OF_DELIVERY, "company_id", "webhook", "customer", "record", "attempts", "caused_by")


def webhooks_of(company: Company) -> Record:
    """Return the keys of a company's document that describe its webhooks."""
    subscriptions = company.subscriptions
    webhooks = [_webhook_document(webhook) for webhook in subscriptions.all()]
    return {"next_webhook_id": subscriptions.next_id, "webhooks": webhooks}


def _webhook_document(webhook: Webhook) -> Record:
    document = WEBHOOK.document(webhook)
    return {name: document[name] for name in _OF_WEBHOOK}


def restore_webhooks(name: str, world: World, company: Mapping[str, Any]) -> None:
    """Restore the webhooks of a document that `webhooks_of` returned. Raise ValueError."""
    place = f"{name}.webhooks"
    webhooks = enumerate(objects(place, company.get("webhooks", [])))
    made = [_webhook(f"{place}[{index}]", world, company["id"], item) for index, item in webhooks]
    _refuse_twins(place, [webhook.id for webhook in made])
    next_id = whole(1)(f"{name}.next_webhook_id", company.get("next_webhook_id", 1))
    world.companies[company["id"]].subscriptions.restore(made, next_id)


def _webhook(name: str, world: World, company_id: int, document: Any) -> Webhook:
    known_keys(name, document, _OF_WEBHOOK)
    known = WEBHOOK.read(name, document, ("id", "created_at", "updated_at"))
    client_id = document.get("client_id")
    if not isinstance(client_id, str) or world.applications.owner(client_id) is None:
        raise ValueError(f"{name}.client_id: no application has this client id")
    try:
        fields = webhook_fields({key: document[key] for key in FIELDS if key in document})
        webhook = new_webhook(known["id"], company_id, client_id, fields, known["created_at"])
    except BadField as refusal:
        raise ValueError(f"{name}.{refusal.description}") from None
    return webhook.updated(known["updated_at"])


def deliveries_of(world: World) -> Record:
    """Return the pending deliveries; the state has no finished ones."""
    outbox = world.outbox
    pending = [_delivery_document(one) for one in outbox.pending()]
    return {"next_id": outbox.next_id, "draws": outbox.draws, "pending": pending}


def _delivery_document(delivery: Delivery) -> Record:
    document = DELIVERY.document(delivery)
    return {
        **{name: document[name] for name in _OF_DELIVERY},
        "company_id": delivery.webhook.company_id,
        **({} if delivery.topic == CALLBACK else {"webhook": _webhook_document(delivery.webhook)}),
        **({"customer": one} if (one := document["record"].get(CUSTOMERS)) else {"record": document["record"]}),
        "attempts": delivery.tries,
        "caused_by": delivery.caused_by,
    }


def restore_deliveries(world: World, document: Any) -> None:
    """Restore the deliveries of a document that `deliveries_of` returned. Raise ValueError."""
    known_keys("deliveries", document, ("next_id", "pending", "draws"))
    pending = enumerate(objects("deliveries.pending", document.get("pending", [])))
    made = [_delivery(f"deliveries.pending[{index}]", world, item) for index, item in pending]
    _refuse_twins("deliveries.pending", [delivery.id for delivery in made])
    next_id = whole(1)("deliveries.next_id", document.get("next_id", 1))
    world.outbox.restore(made, next_id, whole()("deliveries.draws", document.get("draws", 0)))


def _delivery(name: str, world: World, document: Any) -> Delivery:
    known_keys(name, document, _DELIVERY)
    company_id = document.get("company_id")
    if type(company_id) is not int or company_id not in world.companies:
        raise ValueError(f"{name}.company_id: there is no such company")
    known, record = DELIVERY.read(name, document, _OF_DELIVERY), _record(name, world, document)
    return Delivery(
        **known,
        webhook=_called(name, world, company_id, document, record),
        record=record,
        earlier_attempts=whole()(f"{name}.attempts", document.get("attempts", 0)),
        caused_by=whole()(f"{name}.caused_by", document.get("caused_by", 0)),
    )


def _called(name: str, world: World, company_id: int, document: Mapping[str, Any], record: Any) -> Webhook:
    """Return the webhook of a delivery, or what stands for one in a call of the `callback_uri` of an order."""
    if document["topic"] != CALLBACK:
        return _webhook(f"{name}.webhook", world, company_id, document.get("webhook"))
    if not isinstance(record, Order) or not record.callback_uri:
        raise ValueError(f"{name}.record: must be an order with a callback_uri, as the topic is {CALLBACK}")
    return stand_in(record, company_id)


def _record(name: str, world: World, document: Mapping[str, Any]) -> Any:
    """Return the customer or the record of a collection in a delivery's document. Raise ValueError."""
    if "record" not in document:
        return _customer(name, world, document.get("customer"))
    known = known_keys(f"{name}.record", document["record"], tuple(COLLECTIONS))
    if len(known) != 1 or "customer" in document:
        raise ValueError(f"{name}.record: must have one collection as its key, and there must be no customer beside it")
    ((plural, one),) = known.items()
    place = f"{name}.record.{plural}"
    record = record_from(COLLECTIONS[plural], one, place, max_id=MOST_WHOLE)
    if record.id == 0:
        raise ValueError(f"{place}.id: is required")
    return record


def _customer(name: str, world: World, document: Any) -> Customer:
    try:
        customer = customer_from(document, "", world.assumptions, max_id=MOST_WHOLE)
    except BadField as refusal:
        raise ValueError(f"{name}.customer.{refusal.description}") from None
    if customer.id == 0:
        raise ValueError(f"{name}.customer.id: is required")
    return customer


def _refuse_twins(name: str, ids: list[int]) -> None:
    seen: set[int] = set()
    for index, number in enumerate(ids):
        if number in seen:
            raise ValueError(f"{name}[{index}].id: is used twice")
        seen.add(number)
