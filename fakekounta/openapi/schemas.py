"""The schemas of the API's records, from the field declarations; for request bodies see `sent`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.company import CompanyProfile
from fakekounta.core.customers import ADDRESS, ADDRESSES, CUSTOMER, Customer
from fakekounta.core.fields import Field
from fakekounta.core.kinds import Moment, Private
from fakekounta.core.records import Record, Records
from fakekounta.core.resources import Resource
from fakekounta.core.tokens import TOKENS
from fakekounta.core.webhooks import EVERY_TOPIC, WEBHOOK
from fakekounta.openapi import menu, orders
from fakekounta.openapi.collections import record_schemas
from fakekounta.openapi.kinds import INTEGER, MOMENT_SHOWN, STRING, closed, or_null, schema_of
from fakekounta.openapi.paths import Document, array_of, nullable
from fakekounta.openapi.sent import sent_schemas
from fakekounta.web.companies import company_record
from fakekounta.web.oauth import shows_null_scope

_T = TypeVar("_T")

_OFFSET = "[+-][0-9]{2}:[0-9]{2}"
_ID_STR: Document = {"type": "string", "pattern": "^[0-9]+$"}
_ANY_OBJECT: Document = {"type": ["object", "null"]}
_AT = "2026-11-23T18:40:00+11:00"
_LONG_ID = 2**53  # T14
_NAMES = {ADDRESS.name: "CustomerAddress"}


def _whole(resource: Resource[_T], **given: Any) -> _T:
    """Return an object with a value for every optional field; the values do not matter."""
    return resource.cls(
        **{one.name: given.get(one.name, "x") for one in resource.own if one.nullable or one.name in given}
    )


_EVERY_PART = _whole(ADDRESS)
_WHOLE = _whole(CUSTOMER, id=_LONG_ID, first_name="x", last_name="x", **dict.fromkeys(ADDRESSES, _EVERY_PART))
_BARE = Customer(id=1, first_name="x")


def _shown(field: Field) -> Document:
    if isinstance(field.kind, Moment):
        return MOMENT_SHOWN
    if isinstance(field.kind, Private):
        return STRING  # an application sees only its own reference id
    schema = schema_of(field.kind, _NAMES)
    return or_null(schema) if field.nullable else schema


def api_schemas(assumptions: Assumptions) -> dict[str, Document]:
    """Return all schemas by name, for the records under these assumptions."""
    records = Records(assumptions)
    whole, bare = (records.full(customer, "", _AT) for customer in (_WHOLE, _BARE))
    item, bare_item = (records.item(customer, "", _AT) for customer in (_WHOLE, _BARE))
    return {
        "Customer": _record(whole, bare),
        "CustomerItem": _record(item, bare_item),
        "CustomerAddress": _record(whole["primary_address"], whole["primary_address"]),
        "AddressItem": _record(*(records.address_items(_WHOLE)[0],) * 2),
        "Company": _company(),
        "Webhook": _webhook(),
        "Tokens": _tokens(assumptions),
        "Error": _error(),
        **(of_collections := record_schemas()),
        **menu.schemas(of_collections["Product"]),
        **orders.schemas(assumptions, of_collections["Order"]),
        **sent_schemas(assumptions),
    }


_TYPES: Mapping[str, Document] = {
    **{key: _shown(one) for key, one in (*ADDRESS.shown, *CUSTOMER.shown)},
    "id_str": _ID_STR,
    "people_id": INTEGER,
    "lines": array_of(STRING),
    "zone": nullable(STRING),
    "created_at": MOMENT_SHOWN,
    "updated_at": MOMENT_SHOWN,
}


def _record(whole: Record, bare: Record, types: Mapping[str, Document] = _TYPES) -> Document:
    """Return the schema of a record with the keys of `whole`; those that `bare` lacks are optional."""
    optional = [key for key in whole if key not in bare or key == "id_str"]
    return closed({key: types[key] for key in whole}, optional)


def _company() -> Document:
    """Return the schema of the company record, from a sample; only the keys that are null in it have a type here."""
    text, anything = nullable(STRING), _ANY_OBJECT
    nulls: Mapping[str, Document] = {
        **dict.fromkeys(("business_number", "image", "website"), text),
        **dict.fromkeys(("shipping_address", "postal_address"), anything),
        "limit": nullable(INTEGER),
        "offset": {"type": "string", "pattern": f"^{_OFFSET}$"},
    }
    schema = _of_sample(company_record(CompanyProfile(id=_LONG_ID), _AT, {}), nulls)
    for one in (schema, schema["properties"]["contact_staff_member"]):
        one["properties"]["id_str"] = _ID_STR
    return schema


def _of_sample(sample: Any, known: Mapping[str, Document]) -> Document:
    """Return the schema of values like the sample; `known` are the schemas of some keys, at any depth."""
    if isinstance(sample, dict):
        return closed({key: known[key] if key in known else _of_sample(one, known) for key, one in sample.items()})
    if sample == _AT:
        return MOMENT_SHOWN
    return STRING if isinstance(sample, str) else INTEGER


def _webhook() -> Document:
    properties = {key: _shown(one) for key, one in WEBHOOK.shown}
    properties["topic"] = {"enum": list(EVERY_TOPIC)}
    return closed({**properties, "id_str": _ID_STR}, ("id_str",))


def _tokens(assumptions: Assumptions) -> Document:
    token: Document = {"type": "string", "pattern": "^[0-9a-f]{40}$"}
    properties = {key: _shown(one) for key, one in TOKENS.shown}
    properties |= {"access_token": token, "refresh_token": STRING}  # perhaps that of the settings
    if shows_null_scope(assumptions):
        properties["scope"] = {"type": "null"}
    return closed(properties, ("refresh_token",))


def _error() -> Document:
    return closed({"error": STRING, "error_description": STRING})
