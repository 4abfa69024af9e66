"""Check the types of the fields of a body by the declarations (C22)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.customers import ADDRESSES, CUSTOMER
from fakekounta.core.errors import BadField
from fakekounta.core.resources import Shape
from fakekounta.core.webhooks import WEBHOOK

WHOLE = "body"
"""The name of a body as a whole in messages."""


def customer_fields(body: Mapping[str, Any], *, address_in_lines: Callable[[], bool] = bool) -> Mapping[str, Any]:
    """Return the known fields of a customer's body. Raises BadField (C22).

    `address_in_lines` is called if an address has `lines` or `zone`. It returns whether they count; by default
    they do not.
    """
    values = body if CUSTOMER.fits(body) else _checked(CUSTOMER, body, Quirk.C22_STRICT_TYPES)
    if not any(_has_other_keys(values.get(key)) for key in ADDRESSES) or not address_in_lines():
        return values
    return {key: in_parts(value) if key in ADDRESSES and value else value for key, value in values.items()}


def checked_fields(shape: Shape, body: Any, place: str = "") -> dict[str, Any]:
    """Return the known fields of a body, copied. Raises BadField (C22) whose field begins with `place`."""
    try:
        return _checked(shape, body, Quirk.C22_STRICT_TYPES)
    except BadField as refusal:
        field = f"{place}{refusal.field}" if refusal.field != WHOLE else place.rstrip(".") or WHOLE
        raise BadField(refusal.quirk, field, refusal.reason) from None


def webhook_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the known fields of a webhook's body, copied. Raises BadField."""
    return _checked(WEBHOOK, body, Quirk.W02_WEBHOOK_RECORD)


def unknown_fields(body: Mapping[str, Any]) -> list[str]:
    """Return the keys of a customer's body that are not settable fields."""
    return [key for key in body if key not in CUSTOMER.sent]


def _checked(shape: Shape, body: Mapping[str, Any], quirk: Quirk) -> dict[str, Any]:
    from fakekounta.schemas import shapes  # noqa: PLC0415 - importing marshmallow is a third of the time of a start

    return shapes.checked(shape, body, quirk)


def _has_other_keys(address: Mapping[str, Any] | None) -> bool:
    return address is not None and (address.get("lines"), address.get("zone")) != (None, None)


def in_parts(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the address with the keys of its stored form, also if it was sent in its other form."""
    address = dict(sent)
    lines, zone = address.pop("lines", None), address.pop("zone", None)
    if lines is not None:
        address.setdefault("address", ", ".join(lines))
    if zone is not None:
        address.setdefault("state", zone)
    return address
