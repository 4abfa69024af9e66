"""The schemas of the faked API: those of records are made of the records themselves; for bodies see `sent`."""

from __future__ import annotations

from collections.abc import Mapping

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.company import CompanyProfile
from fakekounta.core.customers import CONTACTS, Address, Customer
from fakekounta.core.records import Record, Records
from fakekounta.core.webhooks import FORMATS, TOPICS
from fakekounta.openapi.paths import Document, array_of, nullable, ref
from fakekounta.openapi.sent import sent_schemas
from fakekounta.web.companies import company_record

_STRING: Document = {"type": "string"}
_INTEGER: Document = {"type": "integer"}
_BOOLEAN: Document = {"type": "boolean"}
_MOMENT: Document = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$"}  # T06
_ANY_OBJECT: Document = {"type": ["object", "null"]}
_AT = "2026-11-23T18:40:00+11:00"
_LONG_ID = 2**53  # T14
_EVERY_PART = Address(address="1 Example St", city="Exampleton", state="VIC", postal_code="3000", country="AU")
_WHOLE = Customer(
    id=_LONG_ID,
    first_name="Jamie",
    last_name="McDonald",
    email="jamie@example.com",
    phone="1",
    mobile="2",
    image="x",
    primary_address=_EVERY_PART,
    shipping_address=_EVERY_PART,
)
_BARE = Customer(id=1, first_name="Jamie")


def api_schemas(assumptions: Assumptions) -> dict[str, Document]:
    """All schemas by name, as the records are under these assumptions."""
    records = Records(assumptions)
    whole, bare = (records.full(customer, "", _AT) for customer in (_WHOLE, _BARE))
    item, bare_item = (records.item(customer, "", _AT) for customer in (_WHOLE, _BARE))
    return {
        "Customer": _record(whole, bare),
        "CustomerItem": _record(item, bare_item),
        "CustomerAddress": _record(whole["primary_address"], whole["primary_address"]),
        "AddressItem": _record(*(records.address_items(_WHOLE)[0],) * 2),
        "Company": _company(records),
        "Webhook": _webhook(),
        "Tokens": _tokens(assumptions),
        "Error": _error(),
        **sent_schemas(assumptions),
    }


_ADDRESS: Document = {"oneOf": [ref("schemas", "CustomerAddress"), {"type": "null"}]}
_TYPES: Mapping[str, Document] = {
    "id": _INTEGER,
    "id_str": {"type": "string", "pattern": "^[0-9]+$"},
    "people_id": _INTEGER,
    "first_name": _STRING,
    "last_name": _STRING,
    **dict.fromkeys((*CONTACTS, "primary_email_address", "image", "address", "city", "state"), nullable(_STRING)),
    **dict.fromkeys(("zone", "postal_code", "country"), nullable(_STRING)),
    "lines": array_of(_STRING),
    "tags": array_of(_STRING),
    **dict.fromkeys(("primary_address", "shipping_address"), _ADDRESS),
    "reference_id": _STRING,
    "accepts_marketing": _BOOLEAN,
    "created_at": _MOMENT,
    "updated_at": _MOMENT,
}


def _record(whole: Record, bare: Record, types: Mapping[str, Document] = _TYPES) -> Document:
    """Return the schema of a record with these keys; those that the bare record has are required."""
    return {
        "type": "object",
        "properties": {key: types[key] for key in whole},
        "required": [key for key in whole if key in bare and key != "id_str"],
        "additionalProperties": False,
    }


def _object(**properties: Document) -> Document:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def _company(records: Records) -> Document:
    counted = _object(count=_INTEGER, updated_at=_MOMENT)
    person = _object(id=_INTEGER, first_name=_STRING, last_name=_STRING, email=_STRING)
    person["properties"]["id_str"] = _TYPES["id_str"]
    types: dict[str, Document] = {
        "id": _INTEGER,
        "id_str": _TYPES["id_str"],
        "name": _STRING,
        **dict.fromkeys(("shipping_address", "postal_address"), _ANY_OBJECT),
        **dict.fromkeys(("addresses", "sites"), counted),
        **dict.fromkeys(("business_number", "image", "website"), nullable(_STRING)),
        "contact_staff_member": person,
        "currency": _STRING,
        "timezone": _object(offset={"type": "string", "pattern": r"^[+-]\d\d:\d\d$"}, name=_STRING),
        "registers": _object(count=_INTEGER, limit=nullable(_INTEGER), updated_at=_MOMENT),
        **dict.fromkeys(("created_at", "updated_at"), _MOMENT),
    }
    whole = records.with_id_str(company_record(CompanyProfile(id=_LONG_ID), _AT))
    return _record(whole, whole, types)


def _webhook() -> Document:
    record = _object(
        id=_INTEGER,
        topic={"enum": list(TOPICS)},
        address=_STRING,
        format={"enum": list(FORMATS)},
        created_at=_MOMENT,
        updated_at=_MOMENT,
        filter={"type": "object"},
        headers={"type": "object", "additionalProperties": _STRING},
    )
    record["properties"]["id_str"] = _TYPES["id_str"]
    return record


def _tokens(assumptions: Assumptions) -> Document:
    token = {"type": "string", "pattern": "^[0-9a-f]{40}$"}
    tokens = _object(access_token=token, expires_in=_INTEGER, token_type={"const": "Bearer"})
    tokens["properties"]["refresh_token"] = _STRING  # O06: a known one may come back
    if assumptions.choice(Quirk.O05_TOKEN_ANSWER) == "null_scope":
        tokens["properties"]["scope"] = {"type": "null"}
        tokens["required"].append("scope")
    return tokens


def _error() -> Document:
    return _object(error=_STRING, error_description=_STRING)
