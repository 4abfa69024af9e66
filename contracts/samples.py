"""Sample bodies of the contract tests.

Values are unique to each call, so that the suite can run against an account that is in use.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from fakekounta.catalogue.quirks import Quirk

RUN = uuid4().hex[:8]
MARK = f"fakekounta-contract-{RUN}"
"""The mark in every created customer: in the name, the email or the reference id."""

EDITABLE = Quirk.C13_FIELDS_ON_UPDATE.names
ADDRESS_KEYS = set(Quirk.A05_ADDRESS_KEYS.names)
RECORD_KEYS = {"id", *EDITABLE, "primary_email_address", "created_at", "updated_at"}
WEBHOOK_KEYS = set(Quirk.W02_WEBHOOK_RECORD.names)
NAME_LOOKUP = ("first_name", "last_name", "phone")
FLAG = "accepts_marketing"
"""The one field of a customer that is true or false."""
LIST_ITEM_KEYS = set(Quirk.C19_LIST_ITEMS_ARE_ABRIDGED.names)


def new_email() -> str:
    return f"{MARK}-{uuid4().hex}@example.com"


def new_mobile() -> str:
    return f"04{uuid4().int % 10**12:012d}"


def new_phone() -> str:
    number = f"{uuid4().int % 10**12:012d}"
    return f"02 {number[:4]} {number[4:8]} {number[8:]}"


def new_reference_id() -> str:
    return f"{MARK}-{uuid4().hex}"


def new_last_name() -> str:
    return f"{MARK} {uuid4().hex}"


def new_address(**parts: Any) -> dict[str, Any]:
    address = {"address": "Level 9, 1 Example St", "city": "Exampleton", "state": "VIC"}
    return address | {"postal_code": "3999", "country": "AU"} | parts


def new_customer(**fields: Any) -> dict[str, Any]:
    """Return the fields that a customer needs, with the mark, and with these fields added or replaced."""
    return {"first_name": "Robin", "last_name": MARK, "email": new_email()} | fields


def complete_customer(**fields: Any) -> dict[str, Any]:
    """Return a value for every settable field."""
    rest = {
        "phone": new_phone(),
        "mobile": new_mobile(),
        "tags": ["Early bird", "Tea"],
        "image": "https://images.example.com/robin.png",
        "primary_address": new_address(),
        "shipping_address": new_address(city="Farville", postal_code="3998"),
        "reference_id": new_reference_id(),
        FLAG: True,
    }
    return new_customer(**rest | fields)


def other_customer(**fields: Any) -> dict[str, Any]:
    """Return a value for every settable field, each different from that of `complete_customer`."""
    rest = {
        "first_name": "Kim",
        "last_name": new_last_name(),
        "tags": ["Coffee"],
        "image": "https://images.example.com/kim.png",
        "primary_address": new_address(city="Newtown"),
        "shipping_address": new_address(city="Oldtown"),
        FLAG: False,
    }
    return complete_customer(**rest | fields)


def new_address_of_webhook() -> str:
    """Return a URL at which nothing responds, for tests that cause no delivery."""
    return f"https://receiver.example/{MARK}/{uuid4().hex}"


def new_webhook(**fields: Any) -> dict[str, Any]:
    """Return the fields that a webhook needs, with these fields added or replaced."""
    return {"topic": "customers/created", "address": new_address_of_webhook()} | fields


def without_timestamps(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record without timestamps, at any depth of objects, because they differ in every response (C08)."""
    return {
        key: without_timestamps(value) if isinstance(value, dict) else value
        for key, value in record.items()
        if key not in {"created_at", "updated_at"}
    }
