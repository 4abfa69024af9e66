"""Read customers from documents: seed files, the state, the control surface, and Python dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.names import known_are
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.customers import CUSTOMER, Customer, new_customer, with_reference_ids
from fakekounta.core.errors import BadField
from fakekounta.schemas.schemas import customer_fields

MAX_ID = 2**63 - 2**32  # new ids continue from the highest one, and must fit into 64 bits, too
_KEYS = dict.fromkeys((*CUSTOMER.sent, *CUSTOMER.by_name))

document_of: Callable[[Customer], dict[str, Any]] = CUSTOMER.document
"""Return the document of a customer; `customer_of` and `customer_from` are the inverse."""
customer_of: Callable[[Mapping[str, Any]], Customer] = CUSTOMER.restored
"""Return the customer of a document that `document_of` returned. It does not check the rules again."""


def customer_from(
    document: Any, client_id: str, assumptions: Assumptions, *, customer_id: int = 0, max_id: int = MAX_ID
) -> Customer:
    """Return the customer that a document describes, with `customer_id` if it has no id itself.

    Keys: the fields that an application can set (`reference_id` is the one of `client_id`); `id`; `reference_ids`, an
    object of client ids to reference ids. Raise BadField for an invalid document.
    """
    if not isinstance(document, Mapping):
        raise BadField(Quirk.C22_STRICT_TYPES, "customer", "must be an object")
    if CUSTOMER.fits(document):
        return new_customer(customer_id, client_id, document, assumptions)
    for key in document:
        if key not in _KEYS:
            raise BadField(
                Quirk.C13_FIELDS_ON_UPDATE, str(key), f"is not a field of a customer; {known_are(key, _KEYS)}"
            )
    fields = {key: value for key, value in document.items() if key in CUSTOMER.sent}
    number = _id(document["id"], max_id) if "id" in document else customer_id
    customer = new_customer(number, client_id, customer_fields(fields), assumptions)
    if "reference_ids" in document:
        others = _reference_ids(document["reference_ids"])
        customer = with_reference_ids(customer, {**others, **dict(customer.reference_ids)}.items())
    return customer


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
