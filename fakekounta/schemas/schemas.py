"""The fields of a body, with their shape and types checked (C22). marshmallow is loaded with the first of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekounta.core.customers import EDITABLE


def customer_fields(body: Mapping[str, Any], *, address_in_lines: bool) -> dict[str, Any]:
    """Return the known fields of a customer's body. Raise BadField (C22)."""
    from fakekounta.schemas import shapes  # noqa: PLC0415 - marshmallow is a third of what a start would take

    return shapes.customer_fields(body, address_in_lines=address_in_lines)


def webhook_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the known fields of a webhook's body. Raise BadField."""
    from fakekounta.schemas import shapes  # noqa: PLC0415 - as above

    return shapes.webhook_fields(body)


def unknown_fields(body: Mapping[str, Any]) -> list[str]:
    """Return the keys of a customer's body that may not be set."""
    return [key for key in body if key not in EDITABLE]
