"""The paths of lists of orders, with filters before and after `orders` (D02), and the filters of their query (D03)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.clock import aware
from fakekounta.core.errors import BadField, NotFound
from fakekounta.core.orders.index import FILTERS, ON_ACCOUNT, ONE_AT_MOST, SCOPES, Wanted

_ID = re.compile(r"[0-9]{1,20}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_STEP, _INSTANT = Decimal("0.000001"), timedelta(microseconds=1)


def narrowed(path: str) -> Wanted:
    """Return what the part of a path below the company asks for, such as `sites/640/orders/complete`.

    Raises NotFound for a filter that is unknown, and for two of a kind.
    """
    scopes: dict[str, int] = {}
    filters: list[str] = []
    parts = path.split("/")
    parts.remove("orders")
    while parts:
        word = parts.pop(0)
        if word in SCOPES and word not in scopes and parts and _ID.fullmatch(parts[0]):
            scopes[word] = int(parts.pop(0))
            continue
        if "/".join((word, *parts[:1])) == ON_ACCOUNT:
            word = f"{word}/{parts.pop(0)}"
        if word not in FILTERS or _excludes(word, filters):
            raise NotFound(Quirk.D02_PATH_FILTERS, f"Not Found: {word} is no filter of orders here")
        filters.append(word)
    return Wanted(scopes=scopes, filters=filters)


def _excludes(word: str, others: list[str]) -> bool:
    """Return whether a filter cannot stand beside others: itself, or a second status."""
    return word in others or (word in ONE_AT_MOST and not ONE_AT_MOST.isdisjoint(others))


def bounds_of(
    query: Mapping[str, str], zone: ZoneInfo, assumptions: Assumptions
) -> tuple[tuple[datetime, datetime], tuple[Decimal, Decimal]]:
    """Return the bounds of creation and total that a query asks for. Raise BadField (D03)."""

    def moment(name: str, text: str) -> datetime:
        return _moment(name, text, zone, assumptions)

    created, value = Wanted().created, Wanted().value
    if day := query.get("created"):
        start = moment("created", day)
        created = start, start + timedelta(days=1)
    for name, text in query.items():
        kind, _, bound = name.partition("_")
        if not text or bound not in BOUNDS:
            continue
        if kind == "created":
            created = _narrowed(created, bound, moment(name, text), _INSTANT)
        elif kind == "value":
            value = _narrowed(value, bound, _amount(name, text), _STEP)
    return created, value


def _narrowed(old: tuple[Any, Any], bound: str, at: Any, step: Any) -> tuple[Any, Any]:
    """Return a half open range within another; `step` is the smallest difference of two values."""
    exact = at + step if bound in ("lte", "gt") else at
    return (old[0], min(old[1], exact)) if bound.startswith("l") else (max(old[0], exact), old[1])


BOUNDS = ("lt", "lte", "gt", "gte")
QUERY = ("start", "created", *(f"{kind}_{bound}" for kind in ("created", "value") for bound in BOUNDS))
"""The parameters of the query of lists of orders, besides `page`."""


def _moment(name: str, text: str, zone: ZoneInfo, assumptions: Assumptions) -> datetime:
    try:
        if not _DATE.fullmatch(text):
            return aware(text)
        in_utc = assumptions.choice(Quirk.D63_DATES_OF_FILTERS) == "utc"
        return aware(f"{text} 00:00:00+00:00") if in_utc else datetime.fromisoformat(text).replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise BadField(Quirk.D03_QUERY_FILTERS, name, "must be a date, or a date and time with Z") from None


def _amount(name: str, text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise BadField(Quirk.D03_QUERY_FILTERS, name, "must be a number")
    return Decimal(text)
