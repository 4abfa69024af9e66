"""Webhooks and events: topics, the rules for webhooks, and which webhooks get a delivery of an event."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.names import did_you_mean
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.customers import CUSTOMER, Customer
from fakekounta.core.errors import BadField
from fakekounta.core.fields import declared, sent_only
from fakekounta.core.kinds import Choice, Items, Moment, Text, TextByName, Texts, Whole
from fakekounta.core.orders.order import Order
from fakekounta.core.resources import Nested, Resource, Shape
from fakekounta.core.web_urls import WEB_URL
from fakekounta.process.dataclass import dataclass

CREATED, UPDATED, DELETED = "customers/created", "customers/updated", "customers/deleted"
_MODELLED = (CREATED, UPDATED, DELETED)
_OTHERS = {
    "orders": ("completed", "deleted"),
    **dict.fromkeys(("sites", "registers", "taxes"), ("created", "updated", "deleted")),
    "tables": ("updated",),
    "shifts": ("start", "end", "startbreak", "endbreak"),
}
TOPICS = (*_MODELLED, *(f"{resource}/{event}" for resource, events in _OTHERS.items() for event in events))  # W15
PERHAPS = ("orders/created", "orders/updated")
"""Topics that exist under one choice only (D73)."""
EVERY_TOPIC = (*TOPICS, *PERHAPS)
CALLBACK = "callback"
"""What deliveries to the `callback_uri` of an order have as their topic; no webhook can have it (D31)."""
FORMATS = ("json", "xml")
ATTRIBUTES: Mapping[str, tuple[str, ...]] = {  # W08
    attribute: tuple(one.name for one in CUSTOMER.own if one.attribute == attribute)
    for attribute in dict.fromkeys(one.attribute for one in CUSTOMER.own)
    if attribute is not None
}
"""The attributes for filters of webhooks, each with the fields of the customer that it stands for."""
ANY_ATTRIBUTES = ("sites/updated", "registers/updated")  # W16: the attributes of other topics are not known
_REQUIRED = {"topic": Quirk.W03_TOPICS, "address": Quirk.W04_ADDRESS_AND_FORMAT}
_URL_CHARACTERS = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*")
_AUTHORIZATION, _KOUNTA = ("".join(f"[{one.upper()}{one}]" for one in word) for word in ("authorization", "kounta"))
HEADER_NAME = rf"({_AUTHORIZATION}|[Xx]-(?!{_KOUNTA})[!#$%&'*+\-.^_`|~0-9A-Za-z]*)"
HEADER_VALUE = r"[\x20-\x7e\t]*"
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_HEADER_VALUE = re.compile(HEADER_VALUE)


FILTER = Shape("filter", (sent_only("attributes", Texts()), sent_only("site_ids", Items())), keeps_others=True)
"""The filters of a webhook. A rule refuses other keys (W07, W09)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A subscription of one application in one company. `filter` and `headers` are as sent, or `{}`."""

    id: int = declared(Whole(1), required=True)
    company_id: int = declared(Whole(1), required=True, shown=False)
    client_id: str = declared(Text(), required=True, shown=False)
    topic: str = declared(Choice((*EVERY_TOPIC, CALLBACK)), required=True, settable=True)
    address: str = declared(Text(), required=True, settable=True)
    format: str = declared(Choice(FORMATS), absent="json", settable=True)
    created_at: datetime = declared(Moment(), required=True)
    updated_at: datetime = declared(Moment(), required=True)
    filter: Mapping[str, Any] = declared(Nested(FILTER), required=True, settable=True)
    headers: Mapping[str, str] = declared(TextByName(), required=True, settable=True)

    def __repr__(self) -> str:
        return f"<webhook {self.id} of {self.topic} to {self.address}>"

    def updated(self, at: datetime) -> Webhook:
        """Return the webhook with this moment as the time of its last change."""
        return replace(self, updated_at=at)


WEBHOOK = Resource("webhook", Webhook)
"""The declared fields of a webhook (W02)."""
FIELDS = tuple(WEBHOOK.sent)
"""The fields that POST and PUT may set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A change of a customer or of a record of a collection; `record` is its state afterwards, or before a deletion."""

    topic: str
    record: Any
    changed: frozenset[str] = frozenset()
    """The attributes, for customers those of W08, that an update changed."""


def new_webhook(webhook_id: int, company_id: int, client_id: str, fields: Mapping[str, Any], now: datetime) -> Webhook:
    """Return a new webhook with the fields that were sent. Raise BadField (W03 to W05, W08, W16, W17)."""
    for name, quirk in _REQUIRED.items():
        if not fields.get(name):
            raise BadField(quirk, name, "is required")
    values = _stored(fields)
    webhook = Webhook(
        id=webhook_id,
        company_id=company_id,
        client_id=client_id,
        created_at=now,
        updated_at=now,
        **{"filter": {}, "headers": {}, **values},
    )
    return _checked(webhook)


def changed_webhook(webhook: Webhook, fields: Mapping[str, Any], now: datetime) -> Webhook:
    """Return the webhook with each sent attribute replaced as a whole (W07). Raise BadField."""
    for name, quirk in (*_REQUIRED.items(), ("format", Quirk.W04_ADDRESS_AND_FORMAT)):
        if name in fields and not fields[name]:
            raise BadField(quirk, name, "must not be empty")
    return _checked(replace(webhook, updated_at=now, **_stored(fields)))


def customer_event(before: Customer | None, after: Customer | None) -> Event | None:
    """Return the event of a change, or None if nothing changed (W14)."""
    if after is None:
        return None if before is None else Event(topic=DELETED, record=before)
    if before is None:
        return Event(topic=CREATED, record=after)
    if before == after:
        return None
    changed = frozenset(
        attribute
        for attribute, names in ATTRIBUTES.items()
        if any(getattr(before, name) != getattr(after, name) for name in names)
    )
    return Event(topic=UPDATED, record=after, changed=changed)


def record_events(plural: str, before: Any, after: Any) -> Iterator[Event]:
    """Yield the events of a change of a record; none if the collection announces none, or nothing changed (W14)."""
    collection = COLLECTIONS[plural]
    changed: frozenset[str] = frozenset()
    if before is not None and after is not None:
        changed = collection.changed(before, after)
    record = before if after is None else after
    for event in collection.happened(before, after, changed):
        if event in collection.events:
            yield Event(topic=f"{plural}/{event}", record=record, changed=changed)


def wants(webhook: Webhook, event: Event) -> bool:
    """Return whether the webhook listens to the event (W06 to W08, W14, D70)."""
    if webhook.topic != event.topic:
        return False
    attributes, site_ids = webhook.filter.get("attributes"), webhook.filter.get("site_ids")
    if site_ids and isinstance(event.record, Order) and event.record.site_id not in site_ids:
        return False
    return not attributes or not event.changed.isdisjoint(attributes)


def check_topic(fields: Mapping[str, Any], assumptions: Assumptions) -> None:
    """Raise BadField if the fields name a topic that does not exist under the choice of D73."""
    if fields.get("topic") in PERHAPS and not has_every_topic(assumptions):
        known = ", ".join(one for one in TOPICS if one.startswith("orders/"))
        raise BadField(Quirk.D73_OTHER_TOPICS_OF_ORDERS, "topic", f"must be another; of orders there are {known}")


def has_every_topic(assumptions: Assumptions) -> bool:
    """Return whether the topics of PERHAPS exist (D73)."""
    return assumptions.choice(Quirk.D73_OTHER_TOPICS_OF_ORDERS) == "exist"


def signature(body: bytes, token: str) -> str:
    """Return the HMAC-SHA256 of the exact bytes in lower-case hex, keyed with the signature token (W11)."""
    return hmac.new(token.encode("utf-8"), body, hashlib.sha256).hexdigest()


def _stored(fields: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: fields[name] for name in ("topic", "address", "format") if fields.get(name) is not None}
    if "filter" in fields:
        values["filter"] = {key: value for key, value in (fields["filter"] or {}).items() if value is not None}
    if "headers" in fields:
        values["headers"] = _last_of_each(fields["headers"] or {})
    return values


def _last_of_each(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with each name once; names are compared without case, and the last one counts (T19)."""
    return dict({name.lower(): (name, value) for name, value in headers.items()}.values())


def _checked(webhook: Webhook) -> Webhook:
    if webhook.topic not in EVERY_TOPIC:
        near = did_you_mean(webhook.topic, TOPICS)
        raise BadField(Quirk.W03_TOPICS, "topic", f"must be one of {', '.join(TOPICS)}{near}")
    if webhook.format not in FORMATS:
        raise BadField(Quirk.W04_ADDRESS_AND_FORMAT, "format", f"must be one of {', '.join(FORMATS)}")
    _check_address(webhook.address)
    _check_filter(webhook)
    _check_headers(webhook.headers)
    return webhook


def _check_address(address: str) -> None:
    reason = address_problem(address)
    if reason is not None:
        raise BadField(Quirk.W17_ADDRESS_SYNTAX, "address", reason)


def address_problem(address: str) -> str | None:
    """Return what is wrong with an address, or None (W17)."""
    try:
        parts = urlsplit(address)
        port_is_right = parts.port is None or parts.port > 0
        if "[" in parts.netloc:
            ip_address(parts.hostname or "")  # urlsplit checks the text in brackets only from Python 3.11 on
    except ValueError:
        return "is not a URL"
    if not _URL_CHARACTERS.fullmatch(address):
        return "must not contain blanks, control characters or others that no URL has"
    if parts.scheme not in ("http", "https"):
        return "must begin with http:// or https://"
    if not parts.hostname or not port_is_right:
        return "must name a host and, if any, a port from 1 to 65535"
    if parts.username is not None or parts.password is not None:
        return "must not contain a user or a password"
    # Compiled when the first webhook comes: it takes 4 ms, a good part of the start
    return None if re.fullmatch(WEB_URL, address) else "is not a URL"


def _check_filter(webhook: Webhook) -> None:
    for key in webhook.filter:
        if key not in FILTER.sent:
            raise BadField(Quirk.W09_KEY_OF_ATTRIBUTE_FILTERS, f"filter.{key}", "is not a known filter")
    attributes: Iterable[str] = webhook.filter.get("attributes", ())
    if webhook.topic in ANY_ATTRIBUTES:
        return
    for attribute in attributes:
        if attribute not in ATTRIBUTES:
            raise BadField(Quirk.W08_ATTRIBUTE_FILTERS, "filter.attributes", f"must be of {', '.join(ATTRIBUTES)}")
    if attributes and webhook.topic != UPDATED:
        topics = ", ".join((UPDATED, *ANY_ATTRIBUTES))
        raise BadField(Quirk.W16_ATTRIBUTES_OF_OTHER_TOPICS, "filter.attributes", f"can be given for {topics} only")


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        lower = name.lower()
        if lower.startswith("x-kounta") or not (lower == "authorization" or lower.startswith("x-")):
            raise BadField(
                Quirk.W05_WEBHOOK_HEADERS, "headers", "may hold Authorization and X-* only, but not X-Kounta*"
            )
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise BadField(Quirk.W05_WEBHOOK_HEADERS, "headers", "hold a character that no header can have")
