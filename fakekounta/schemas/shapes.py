"""The shape and the types of what is sent (C22). Rules about values are the core's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, INCLUDE, Schema, ValidationError, fields

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import BadField


def _text() -> fields.String:
    return fields.String(
        allow_none=True, error_messages={"invalid": "must be a string", "invalid_utf8": "must be text"}
    )


def _texts(*, allow_none: bool) -> fields.List[Any]:
    item: fields.String = fields.String(error_messages={"invalid": "must be a string", "null": "must be a string"})
    return fields.List(item, allow_none=allow_none, error_messages={"invalid": "must be an array of strings"})


def must_be_boolean(value: object) -> None:
    """Raise ValidationError for anything but a boolean."""
    # marshmallow's Boolean takes 1, "yes" and "on" as well
    if not isinstance(value, bool):
        raise ValidationError("must be true or false")


class AddressSchema(Schema):
    """An address as it is sent; `lines` and `zone` are its other form (A05)."""

    class Meta:
        unknown = EXCLUDE

    error_messages: dict[str, str] = {"type": "must be an object"}  # noqa: RUF012 - marshmallow reads this class attribute

    address: fields.String = _text()
    city: fields.String = _text()
    state: fields.String = _text()
    postal_code: fields.String = _text()
    country: fields.String = _text()
    lines: fields.List[Any] = _texts(allow_none=True)
    zone: fields.String = _text()


class CustomerSchema(Schema):
    """The fields that POST and PUT may set (C10, C13); null is allowed for each (A13 says what it does)."""

    class Meta:
        unknown = EXCLUDE

    error_messages: dict[str, str] = {"type": "must be an object"}  # noqa: RUF012 - marshmallow reads this class attribute

    first_name: fields.String = _text()
    last_name: fields.String = _text()
    email: fields.String = _text()
    phone: fields.String = _text()  # T07
    mobile: fields.String = _text()
    tags: fields.List[Any] = _texts(allow_none=True)
    image: fields.String = _text()
    primary_address: fields.Nested = fields.Nested(AddressSchema, allow_none=True)
    shipping_address: fields.Nested = fields.Nested(AddressSchema, allow_none=True)
    reference_id: fields.String = _text()
    accepts_marketing: fields.Raw = fields.Raw(allow_none=True, validate=must_be_boolean)


class FilterSchema(Schema):
    """A webhook's filter; a key of another name is left for the core to judge (W07, W09)."""

    class Meta:
        unknown = INCLUDE

    error_messages: dict[str, str] = {"type": "must be an object"}  # noqa: RUF012 - marshmallow reads this class attribute

    attributes: fields.List[Any] = _texts(allow_none=True)
    site_ids: fields.List[Any] = fields.List(
        fields.Raw(), allow_none=True, error_messages={"invalid": "must be an array"}
    )


class WebhookSchema(Schema):
    """The fields of a webhook that may be set (W02 to W07)."""

    class Meta:
        unknown = EXCLUDE

    error_messages: dict[str, str] = {"type": "must be an object"}  # noqa: RUF012 - marshmallow reads this class attribute

    topic: fields.String = _text()
    address: fields.String = _text()
    format: fields.String = _text()
    filter: fields.Nested = fields.Nested(FilterSchema, allow_none=True)
    headers: fields.Dict = fields.Dict(
        keys=fields.String(),
        values=fields.String(error_messages={"invalid": "must be a string", "null": "must be a string"}),
        allow_none=True,
        error_messages={"invalid": "must be an object of strings"},
    )


_SCHEMA = CustomerSchema()
_WEBHOOK_SCHEMA = WebhookSchema()


def customer_fields(body: Mapping[str, Any], *, address_in_lines: bool) -> dict[str, Any]:
    """Return the known fields of a customer's body, with their types checked. Raise BadField (C22)."""
    try:
        values: dict[str, Any] = _SCHEMA.load(body)
    except ValidationError as error:
        raise BadField(Quirk.C22_STRICT_TYPES, *first_error(error.messages)) from None
    for name in ("primary_address", "shipping_address"):
        if values.get(name):
            values[name] = _in_parts(values[name], address_in_lines=address_in_lines)
    return values


def webhook_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the known fields of a webhook's body, with their types checked. Raise BadField."""
    try:
        values: dict[str, Any] = _WEBHOOK_SCHEMA.load(body)
    except ValidationError as error:
        raise BadField(Quirk.W02_WEBHOOK_RECORD, *first_error(error.messages)) from None
    return values


def first_error(messages: Any) -> tuple[str, str]:
    """Return the path of the first wrong field, and the reason, from marshmallow's nested messages."""
    path: list[str] = []
    while isinstance(messages, Mapping):
        key, messages = next(iter(messages.items()))
        if key != "_schema":
            path.append(str(key))
    return ".".join(path) or "body", str(messages[0])


def _in_parts(address: dict[str, Any], *, address_in_lines: bool) -> dict[str, Any]:
    """Return the address under its stored keys; the keys of the other form count only where responses have them too."""
    lines, zone = address.pop("lines", None), address.pop("zone", None)
    if address_in_lines:
        if lines is not None:
            address.setdefault("address", ", ".join(lines))
        if zone is not None:
            address.setdefault("state", zone)
    return address
