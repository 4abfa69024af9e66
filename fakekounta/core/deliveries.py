"""Deliveries and their attempts, the schedule of retries, and disturbances."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from sys import getsizeof
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import COLLECTIONS, CUSTOMERS, plural_of
from fakekounta.core.customers import CUSTOMER, Customer
from fakekounta.core.fields import declared, internal
from fakekounta.core.kinds import Body, Choice, Kind, Moment, Number, Pairs, Text, Whole
from fakekounta.core.measures import MOST_SECONDS, Measure, Minutes
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Many, Nested, Resource
from fakekounta.core.webhooks import CALLBACK, EVERY_TOPIC, WEBHOOK, Webhook
from fakekounta.process.dataclass import dataclass

PENDING, DELIVERED, FAILED, BLOCKED, DROPPED = "pending", "delivered", "failed", "blocked", "dropped"
OUTCOMES = (PENDING, DELIVERED, FAILED, BLOCKED, DROPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver. `at` is the fake's time, `duration_seconds` real time.

    `status` is None without a response; `error` says why the try failed, or is None.
    """

    number: int = declared(Whole(1), required=True)
    at: datetime = declared(Moment(), required=True)
    status: int | None = declared(Whole())
    error: str | None = declared(Text())
    duration_seconds: float = declared(Number(), required=True)
    headers: tuple[tuple[str, str], ...] = declared(Pairs(), required=True)
    body: bytes = declared(Body(), required=True)

    def __repr__(self) -> str:
        return f"<attempt {self.number}: {self.error or self.status}>"

    def json(self) -> Any:
        """Return the body as JSON. Raise ValueError for a delivery in XML."""
        return json.loads(self.body)


ATTEMPT = Resource("attempt", Attempt)
"""The declared fields of an attempt."""


class ChangedRecord(Kind):
    """A customer or a record of a collection; its document is an object with the name of the collection as its key."""

    sent_as: type = dict
    kept_as: type = object
    reason = "must be an object with the name of a collection as its key"
    annotation = "Any"

    def document(self, kept: Any) -> dict[str, Any]:
        plural = plural_of(kept)
        return {plural: _resource(plural).document(kept)}

    def restored(self, document: Any) -> Any:
        ((plural, one),) = document.items()
        return _resource(plural).restored(one)


def _resource(plural: str) -> Resource[Any]:
    return CUSTOMER if plural == CUSTOMERS else COLLECTIONS[plural].resource


@dataclass(slots=True, kw_only=True, eq=False)
class Delivery:
    """One event on its way to one webhook; `outcome` is pending, delivered, failed, blocked or dropped."""

    id: int = declared(Whole(1), required=True)
    webhook: Webhook = declared(Nested(WEBHOOK), required=True)
    topic: str = declared(Choice((*EVERY_TOPIC, CALLBACK)), required=True)
    record: Any = declared(ChangedRecord(), required=True)
    """The customer, or the record of a collection, as it was after the event, or before its deletion."""
    occurred_at: datetime = declared(Moment(), required=True)
    due_at: datetime = declared(Moment(), required=True)
    covered: tuple[Quirk, ...] = internal(())
    """Quirks that it covers because of other deliveries, of the same event (W06) or earlier to this webhook (W18)."""
    outcome: str = declared(Choice(OUTCOMES), absent=PENDING)
    earlier_attempts: int = declared(Whole(), absent=0)
    """Attempts made before a restart, of which only the number is known."""
    attempts: list[Attempt] = declared(Many(ATTEMPT), absent=list)
    caused_by: int = internal(0)
    """How many deliveries in a row have caused the event (W20)."""
    kept_bytes: int = internal(0)
    """The approximate number of bytes of memory that it takes, with all its attempts."""

    def __repr__(self) -> str:
        return f"<delivery {self.id} of {self.topic} to {self.webhook.address}: {self.outcome}>"

    @property
    def customer(self) -> Customer:
        """The customer of an event of customers. Raise TypeError for a delivery about something else; see `record`."""
        if not isinstance(self.record, Customer):
            raise TypeError(f"delivery {self.id} is about {self.topic}, not about a customer; see `record`")
        return self.record

    @property
    def tries(self) -> int:
        """The number of attempts made."""
        return self.earlier_attempts + len(self.attempts)


DELIVERY = Resource("delivery", Delivery)
"""The declared fields of a delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a delivery is tried, in minutes after the event (W12), and how long a receiver may take."""

    minutes: tuple[float, ...] = declared(Minutes(), absent=(0, 1, 5, 30, 120))
    timeout_seconds: float = declared(Measure(0.001, 3_600), absent=5.0)

    __repr__ = fields_given


SCHEDULE = Resource("schedule", Schedule)
"""The declared fields of a schedule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbances:
    """The probabilities, from 0 to 1, of each disturbance of a delivery; `seed` is that of the random numbers."""

    duplicate: float = declared(Measure(0, 1), absent=0.0)
    reorder: float = declared(Measure(0, 1), absent=0.0)
    drop: float = declared(Measure(0, 1), absent=0.0)
    delay: float = declared(Measure(0, 1), absent=0.0)
    delay_seconds: float = declared(Measure(0, MOST_SECONDS), absent=60.0)
    seed: int = declared(Whole(0, 2**63), absent=0)

    __repr__ = fields_given


DISTURBANCES = Resource("disturbances", Disturbances)
"""The declared fields of disturbances."""


def not_made(delivery: Delivery, reason: str) -> Attempt:
    """Return the attempt that records why nothing was sent."""
    return Attempt(
        number=delivery.tries + 1,
        at=delivery.occurred_at,
        headers=(),
        body=b"",
        status=None,
        error=reason,
        duration_seconds=0.0,
    )


def next_attempt(delivery: Delivery, schedule: Schedule) -> datetime | None:
    """Return when a failed delivery is tried again, or None after the last attempt (W12)."""
    if delivery.tries >= len(schedule.minutes):
        return None
    return delivery.occurred_at + timedelta(minutes=schedule.minutes[delivery.tries])


_OBJECT_BYTES = 100  # the approximate size of a Python object without its contents
_DELIVERY_BYTES = 1_000
_ATTEMPT_BYTES = 500


def size_of(delivery: Delivery) -> int:
    """Return the approximate bytes of a delivery with its webhook and customer, as if it shared neither."""
    webhook = delivery.webhook
    parts = (webhook.address, webhook.filter, webhook.headers, delivery.record)
    return _DELIVERY_BYTES + sum(map(_size, parts)) + sum(map(_attempt_size, delivery.attempts))


def size_of_attempt(attempt: Attempt, earlier: Sequence[Attempt]) -> int:
    """Return the approximate bytes of one more attempt; a body shared with an earlier attempt counts as 0."""
    is_shared = any(one.body is attempt.body for one in earlier)
    return _attempt_size(attempt) - (len(attempt.body) if is_shared else 0)


def _attempt_size(attempt: Attempt) -> int:
    return _ATTEMPT_BYTES + len(attempt.body) + _size(attempt.headers) + _size(attempt.error)


def _size(value: Any) -> int:
    if value is None or isinstance(value, (bool, int, float, Decimal, datetime)):
        return 0
    if isinstance(value, (str, bytes)):
        return getsizeof(value)
    if isinstance(value, Mapping):
        return _OBJECT_BYTES + sum(_OBJECT_BYTES + _size(key) + _size(one) for key, one in value.items())
    if isinstance(value, (tuple, list)):
        return _OBJECT_BYTES + sum(8 + _size(one) for one in value)
    return _OBJECT_BYTES + sum(_size(getattr(value, one.name)) for one in fields(value))
