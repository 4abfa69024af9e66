"""Customers out of documents: seed files, the control surface, and Python's own dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.customers import EDITABLE, Address, Customer, new_customer, with_reference_ids
from fakekounta.core.errors import BadField
from fakekounta.core.records import Record
from fakekounta.schemas.schemas import customer_fields

MAX_ID = 2**63 - 2**32  # new ids are counted from the highest one; they must fit into 64 bits too
_EDITABLE = frozenset(EDITABLE)
_OWN_KEYS = frozenset((*EDITABLE, "id", "reference_ids"))

_NONE = type(None)
_NOTHING: Mapping[str, Any] = {}
_TEXT: frozenset[type] = frozenset((str, _NONE))
_ONLY_TEXT: frozenset[type] = frozenset((str,))
_TYPES: Mapping[str, frozenset[type]] = {
    **dict.fromkeys(EDITABLE, _TEXT),
    "tags": frozenset((list, _NONE)),
    "primary_address": frozenset((dict, _NONE)),
    "shipping_address": frozenset((dict, _NONE)),
    "accepts_marketing": frozenset((bool, _NONE)),
}


def customer_from(
    document: Any, client_id: str, assumptions: Assumptions, *, customer_id: int = 0, max_id: int = MAX_ID
) -> Customer:
    """Return the customer that a document describes, with `customer_id` unless it has an id itself.

    Keys: those that the API lets an application set, of which `reference_id` is that of `client_id`; `id`;
    `reference_ids`, an object of client ids to reference ids. Raise BadField.
    """
    if not isinstance(document, Mapping):
        raise BadField(Quirk.C22_STRICT_TYPES, "customer", "must be an object")
    if document.keys() <= _EDITABLE:
        return new_customer(customer_id, client_id, _typed(document), assumptions)
    for key in document:
        if key not in _OWN_KEYS:
            raise BadField(Quirk.C13_FIELDS_ON_UPDATE, str(key), "is no field of a customer")
    fields = {key: value for key, value in document.items() if key in _EDITABLE}
    number = _id(document["id"], max_id) if "id" in document else customer_id
    customer = new_customer(number, client_id, _typed(fields), assumptions)
    if "reference_ids" in document:
        others = _reference_ids(document["reference_ids"])
        customer = with_reference_ids(customer, {**others, **dict(customer.reference_ids)}.items())
    return customer


def document_of(customer: Customer) -> Record:
    """Return the document from which `customer_from` makes the same customer."""
    document = asdict(customer)
    document["tags"] = list(customer.tags)
    document["reference_ids"] = dict(customer.reference_ids)
    return document


def customer_of(document: Mapping[str, Any]) -> Customer:
    """Return the customer in a document made by `document_of`, without checking it again."""
    addresses = {
        name: None if document[name] is None else Address(**document[name])
        for name in ("primary_address", "shipping_address")
    }
    tags, reference_ids = tuple(document["tags"]), tuple(document["reference_ids"].items())
    return Customer(**{**document, **addresses, "tags": tags, "reference_ids": reference_ids})


def _typed(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields with their types checked: quickly where all is well, by the schema otherwise."""
    return fields if _looks_right(fields) else customer_fields(fields, address_in_lines=False)


def _looks_right(fields: Mapping[str, Any]) -> bool:
    if not _right_shape((*fields, *map(type, fields.values()))):
        return False
    return (
        _ONLY_TEXT.issuperset(map(type, fields.get("tags") or ()))
        and _right_address(fields.get("primary_address") or _NOTHING)
        and _right_address(fields.get("shipping_address") or _NOTHING)
    )


def _right_address(address: Mapping[str, Any]) -> bool:
    return _TEXT.issuperset(map(type, address.values())) and "lines" not in address


@lru_cache(maxsize=256)  # the rows of a file are alike
def _right_shape(keys_and_types: tuple[Any, ...]) -> bool:
    """Whether each of the keys in the first half may have the type that stands for it in the second."""
    half = len(keys_and_types) // 2
    return all(kind in _TYPES[key] for key, kind in zip(keys_and_types[:half], keys_and_types[half:], strict=True))


def _id(value: object, max_id: int) -> int:
    if type(value) is not int or not 1 <= value <= max_id:
        raise BadField(Quirk.T14_LONG_IDS_HAVE_ID_STR, "id", f"must be a whole number from 1 to {max_id}")
    return value


def _reference_ids(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(type(v) is str for pair in value.items() for v in pair):
        raise BadField(Quirk.C11_REFERENCE_ID_IS_PRIVATE, "reference_ids", "must be an object of client ids to strings")
    return dict(value)
