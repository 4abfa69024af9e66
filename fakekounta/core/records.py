"""Records: a customer as an application sees it, as functions of the customer, the application and the time."""

from __future__ import annotations

from typing import Any

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.customers import ADDRESS, ADDRESSES, CUSTOMER, Address, Customer

Record = dict[str, Any]

_JSON_SAFE = 2**53  # from here on a double cannot hold every integer (T14)
_DROPPED_KEYS = {"email": "primary_email_address", "primary_email_address": "email"}


class Records:
    """Makes records of customers in the form that the assumptions choose."""

    def __init__(self, assumptions: Assumptions) -> None:
        self._choice = assumptions.choice

    def address_in_lines(self) -> bool:
        """Return whether an address has `lines` and `zone`, in responses and in bodies of requests (A05)."""
        return self._choice(Quirk.A05_ADDRESS_KEYS) == "lines"

    def full(self, customer: Customer, client_id: str, now: str) -> Record:
        """Return the complete customer as a record; `now` is the text of both timestamps (C08)."""
        record = _record(customer)
        for key in ADDRESSES:
            if record[key] is not None:
                record[key] = self._address(record[key], customer, key)
        record["reference_id"] = customer.reference_id(client_id)  # C07, C11
        record["created_at"] = record["updated_at"] = now
        dropped = _DROPPED_KEYS.get(self._choice(Quirk.A04_EMAIL_KEYS))
        if dropped is not None:
            del record[dropped]
        return self._finished(record)

    def item(self, customer: Customer, client_id: str, now: str) -> Record:
        """Return the customer as an item of a list (C19)."""
        if self._choice(Quirk.C19_LIST_ITEMS_ARE_ABRIDGED) == "full":
            return self.full(customer, client_id, now)
        record = _item(customer)
        record["reference_id"] = customer.reference_id(client_id)
        return self._finished(record)

    def _finished(self, record: Record) -> Record:
        if _lacks_a_value(record) and self._choice(Quirk.A06_ABSENT_FIELDS) == "omitted":
            record = {
                key: value for key, value in record.items() if value is not None and (value or key not in _EMPTY_TEXTS)
            }
        return self.with_id_str(record)

    def with_id_str(self, record: Record) -> Record:
        """Return the record, with `id_str` if its id is too long for a double (T14)."""
        if record["id"] >= _JSON_SAFE or self._choice(Quirk.A18_ID_STR) == "always":
            record["id_str"] = str(record["id"])
        return record

    def address_items(self, customer: Customer) -> list[Record]:
        """Return the records of the customer's addresses (K03)."""
        pairs = ((getattr(customer, name), address_id(customer, name)) for name in ADDRESSES)
        return [
            self.with_id_str({"id": number, "people_id": customer.id, **_in_lines(address)})
            for address, number in pairs
            if address
        ]

    def _address(self, address: Address, customer: Customer, name: str) -> Record:
        if self.address_in_lines():
            return self.with_id_str({"id": address_id(customer, name), **_in_lines(address)})
        return ADDRESS.record(address)


def _lacks_a_value(record: Record) -> bool:
    return None in record.values() or not all(map(record.get, _EMPTY_TEXTS))


def address_id(customer: Customer, name: str) -> int:
    """Return the id of one of the customer's addresses (K06). It is our invention, the same in every response."""
    return 2 * customer.id + ADDRESSES.index(name)


def _in_lines(address: Address) -> Record:
    """Return an address in its other form (A05)."""
    record = {_OTHER_KEYS.get(key, key): value for key, value in ADDRESS.record(address).items()}
    record["lines"] = [] if record["lines"] is None else [record["lines"]]
    return record


_OTHER_KEYS = {"address": "lines", "state": "zone"}
_record, _item = CUSTOMER.record, CUSTOMER.item
_EMPTY_TEXTS = frozenset(key for key, field in CUSTOMER.shown if field.absent == "")
