"""The indexes of a store, and the order of its lists."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sortedcontainers import SortedList

from fakekounta.core.customers import Customer
from fakekounta.core.index import Index


def as_stored(number: str) -> str:
    """Return a phone number unchanged, as its own key (A11 exact)."""
    return number


def digits(number: str) -> str:
    """Return the digits of a phone number, or the number itself if it has none (A11 digits)."""
    return "".join(filter(str.isdigit, number)) or number


# For each order of lists (A15): the sort key of a customer, and the ids for sort keys.
_ORDERS: Mapping[str, tuple[Callable[[Customer], Any], Callable[[Iterable[Any]], Iterable[int]]]] = {
    "id": (lambda customer: customer.id, lambda places: places),
    "first_name": (
        lambda customer: (customer.first_name.casefold(), customer.id),
        lambda places: (place[1] for place in places),
    ),
    "newest_first": (lambda customer: -customer.id, lambda places: (-place for place in places)),
}


class Keying(NamedTuple):
    """How phone and mobile numbers are compared (A11), and the order of lists (A15)."""

    number_key: Callable[[str], str] = as_stored
    order: str = "id"

    def mobile(self, customer: Customer) -> Hashable:
        """Return the key of the customer's mobile, or None without one."""
        return None if customer.mobile is None else self.number_key(customer.mobile)

    def name(self, customer: Customer) -> Hashable:
        """Return the key of the customer's names and phone, or None without a phone."""
        if customer.phone is None:
            return None
        return customer.first_name, customer.last_name, self.number_key(customer.phone)

    @property
    def place(self) -> Callable[[Customer], Any]:
        """The function that returns a customer's sort key."""
        return _ORDERS[self.order][0]

    def ids(self, places: Iterable[Any]) -> Iterable[int]:
        """Return the ids of the customers with these sort keys."""
        return _ORDERS[self.order][1](places)


class Indexes:
    """The ids of customers by every key, under one keying at a time. The caller holds the store's lock."""

    def __init__(self, keying: Keying) -> None:
        self.keying: Keying = keying
        self.order: SortedList[Any] = SortedList()
        self.emails: Index = Index()
        self.mobiles: Index = Index()
        self.names: Index = Index()
        self._references: dict[str, Index] = {}

    def insert(self, customers: Sequence[Customer]) -> None:
        """Add new customers."""
        keying, ids = self.keying, [customer.id for customer in customers]
        self.order.update(map(keying.place, customers))
        self.emails.extend([_email_key(customer) for customer in customers], ids)
        self.mobiles.extend([keying.mobile(customer) for customer in customers], ids)
        self.names.extend([keying.name(customer) for customer in customers], ids)
        for customer in customers:
            self._add_references(customer)

    def replace(self, before: Customer, after: Customer) -> None:
        """Replace a customer by a changed one. Keys that stay are not touched: few change, and each is a cache miss."""
        keying = self.keying
        if keying.place(before) != keying.place(after):
            self.order.remove(keying.place(before))
            self.order.add(keying.place(after))
        self.emails.move(_email_key(before), _email_key(after), after.id)
        self.mobiles.move(keying.mobile(before), keying.mobile(after), after.id)
        self.names.move(keying.name(before), keying.name(after), after.id)
        if before.reference_ids != after.reference_ids:
            self._discard_references(before)
            self._add_references(after)

    def discard(self, customer: Customer) -> None:
        """Remove a customer."""
        keying = self.keying
        self.order.remove(keying.place(customer))
        self.emails.discard(_email_key(customer), customer.id)
        self.mobiles.discard(keying.mobile(customer), customer.id)
        self.names.discard(keying.name(customer), customer.id)
        self._discard_references(customer)

    def _add_references(self, customer: Customer) -> None:
        for client_id, reference_id in customer.reference_ids:
            self._references.setdefault(client_id, Index()).add(reference_id, customer.id)

    def _discard_references(self, customer: Customer) -> None:
        for client_id, reference_id in customer.reference_ids:
            index = self._references[client_id]
            index.discard(reference_id, customer.id)
            if not index:
                del self._references[client_id]

    def with_reference(self, client_id: str, reference_id: str) -> Sequence[int]:
        """Return the ids of the customers to whom this application gave this reference id."""
        index = self._references.get(client_id)
        return index.ids(reference_id) if index else ()

    def ids(self, start: int | None = None, stop: int | None = None) -> list[int]:
        """Return the ids in list order, from position `start` to before `stop`."""
        return list(self.keying.ids(self.order[start:stop]))

    def rekey(self, keying: Keying, customers: Iterable[Customer]) -> None:
        """Rebuild the indexes under another keying; `customers` are all customers."""
        known = list(customers)
        if keying.order != self.keying.order:
            self.order = SortedList(map(keying.place, known))
        if keying.number_key != self.keying.number_key:
            ids = [customer.id for customer in known]
            self.mobiles, self.names = Index(), Index()
            self.mobiles.extend([keying.mobile(customer) for customer in known], ids)
            self.names.extend([keying.name(customer) for customer in known], ids)
        self.keying = keying

    def copy(self) -> Indexes:
        """Return a copy that shares nothing mutable with these indexes."""
        twin = Indexes(self.keying)
        twin.order = SortedList(self.order)
        twin.emails, twin.mobiles, twin.names = self.emails.copy(), self.mobiles.copy(), self.names.copy()
        twin._references = {client_id: index.copy() for client_id, index in self._references.items()}
        return twin


def _email_key(customer: Customer) -> Hashable:
    """Return the email in folded case; the very same object where folding changes nothing, to save memory."""
    email = customer.email
    if email is None:
        return None
    folded = email.casefold()
    return email if folded == email else folded
