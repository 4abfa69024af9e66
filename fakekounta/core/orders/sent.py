"""Read the fields of bodies whose types were checked; null counts as not sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from fakekounta.core.clock import aware
from fakekounta.core.kinds import Amount
from fakekounta.core.orders.order import ZERO, Order

Sent = Mapping[str, Any]
"""Fields of a body whose types were checked."""

_AMOUNT = Amount()


def given_in(sent: Sent) -> dict[str, Any]:
    """Return the fields that are not null."""
    return {name: value for name, value in sent.items() if value is not None}


def each(fields: Sent, name: str) -> enumerate[Sent]:
    """Return the objects in a list of a body, with their positions."""
    return enumerate(fields.get(name, ()))


def amount_of(sent: Any, absent: Decimal = ZERO) -> Decimal:
    """Return the decimal of a number that was sent, with at most six digits after the point."""
    return absent if sent is None else _AMOUNT.read("", sent)


def moment_of(fields: Sent, name: str) -> datetime | None:
    """Return the moment that was sent, or None."""
    return aware(fields[name]) if name in fields else None


def second(now: datetime) -> datetime:
    """Return a moment without its fraction of a second, as records show it (T06)."""
    return now.replace(microsecond=0)


def stamped(after: Order, before: Order, now: datetime) -> Order:
    """Return a changed order with the time of its change; one that did not change is the same."""
    return after if after == before else replace(after, updated_at=second(now))
