"""The customers of a company and their indexes. No rules, but uniqueness is decided here, with the change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from threading import Lock
from typing import Any

from sortedcontainers import SortedList

from fakekounta.core.customers import Customer
from fakekounta.core.index import Index

FIRST_ID = 389427


class Held(Exception):
    """What must be unique is held; `position` is that of the culprit among the customers that were to be added."""

    def __init__(self, customer_id: int, position: int = 0) -> None:
        super().__init__(customer_id)
        self.customer_id = customer_id
        self.position = position


class MobileHeld(Held):
    """Another customer has this mobile number."""


class IdHeld(Held):
    """Another customer has this id."""


class Stale(Exception):
    """The customer has been changed or removed since it was read."""


def as_stored(number: str) -> str:
    """A phone number as its own key (A11 exact)."""
    return number


def digits(number: str) -> str:
    """The digits of a phone number, or the number itself if it has none (A11 digits)."""
    return "".join(filter(str.isdigit, number)) or number


# Of each order of lists (A15): what a customer is sorted by, and the ids of what is sorted.
_ORDERS: Mapping[str, tuple[Callable[[Customer], Any], Callable[[Iterable[Any]], Iterable[int]]]] = {
    "id": (lambda customer: customer.id, lambda places: places),
    "first_name": (
        lambda customer: (customer.first_name.casefold(), customer.id),
        lambda places: (place[1] for place in places),
    ),
    "newest_first": (lambda customer: -customer.id, lambda places: (-place for place in places)),
}


class CustomerStore:
    """The customers of one company, by id and by every key they are looked up with. Each method is one atomic step.

    `number_key` maps phone and mobile numbers to what counts as the same; `order` is that of lists, a choice of A15.
    """

    def __init__(self, *, number_key: Callable[[str], str] = as_stored, order: str = "id") -> None:
        self._number_key = number_key
        self._order_name = order
        self._place, self._ids = _ORDERS[order]
        self._lock = Lock()
        self._customers: dict[int, Customer] = {}
        self._order: SortedList[Any] = SortedList()
        self._emails = Index()
        self._mobiles = Index()
        self._names = Index()
        self._references: dict[str, Index] = {}
        self._next_id = FIRST_ID

    def __len__(self) -> int:
        return len(self._customers)

    # --- changes -----------------------------------------------------------------------------------------------

    @property
    def next_id(self) -> int:
        """The id that the next new customer gets, higher than all before."""
        return self._next_id

    def keep_ids_from(self, next_id: int) -> None:
        """Give no id below this from now on."""
        with self._lock:
            self._next_id = max(self._next_id, next_id)

    def add(self, customer: Customer, *, unique_mobile: bool) -> Customer:
        """Keep a new customer; returns it as kept. See `add_all`."""
        return self.add_all((customer,), unique_mobile=unique_mobile)[0]

    def add_all(self, customers: Sequence[Customer], *, unique_mobile: bool) -> list[Customer]:
        """Keep new customers, all of them or none; one whose id is 0 gets a new id.

        Returns them as kept. Raises IdHeld, and MobileHeld if `unique_mobile`, with the position of the culprit.
        """
        with self._lock:
            highest = max((customer.id for customer in customers), default=0)
            new_ids = count(max(self._next_id, highest + 1))
            kept = [customer if customer.id else replace(customer, id=next(new_ids)) for customer in customers]
            self._refuse_held_ids(kept)
            if unique_mobile:
                self._refuse_held_mobiles(kept)
            self._next_id = next(new_ids)
            self._insert(kept)
        return kept

    def change(self, before: Customer, after: Customer) -> None:
        """Put `after` in the place of `before`. Raises Stale if that is no longer what is kept, and MobileHeld."""
        with self._lock:
            if self._customers.get(before.id) is not before:
                raise Stale(before.id)
            if after.mobile != before.mobile:
                for holder in self._mobiles.ids(self._mobile_key(after)):
                    if holder != after.id:
                        raise MobileHeld(holder)
            # `get` takes no lock: the customer must not be away for a moment
            self._unindex(before)
            self._insert((after,))

    def remove(self, customer_id: int) -> Customer | None:
        """Forget a customer; returns it, or None if there is none with this id."""
        with self._lock:
            customer = self._customers.get(customer_id)
            if customer is not None:
                del self._customers[customer_id]
                self._unindex(customer)
            return customer

    # --- look-ups ----------------------------------------------------------------------------------------------

    def get(self, customer_id: int) -> Customer | None:
        """The customer with this id."""
        return self._customers.get(customer_id)

    def by_email(self, email: str) -> tuple[Customer, ...]:
        """Oldest and newest customer with this email, regardless of case; none if there is none."""
        return self._ends(self._emails, email.casefold())

    def by_mobile(self, mobile: str) -> tuple[Customer, ...]:
        """Oldest and newest customer with this mobile number; none if there is none."""
        return self._ends(self._mobiles, self._number_key(mobile))

    def by_name_and_phone(self, first_name: str, last_name: str, phone: str) -> tuple[Customer, ...]:
        """Oldest and newest customer with these three; none if there is none."""
        return self._ends(self._names, (first_name, last_name, self._number_key(phone)))

    def page(self, start: int, stop: int) -> tuple[list[Customer], int]:
        """The customers from position `start` to before `stop` in the order of lists, and how many there are."""
        with self._lock:
            ids = self._ids(self._order[start:stop])
            return [self._customers[customer_id] for customer_id in ids], len(self._order)

    def page_by_reference(self, client_id: str, reference_id: str, start: int, stop: int) -> tuple[list[Customer], int]:
        """As `page`, among the customers to which this application has given this reference id."""
        with self._lock:
            index = self._references.get(client_id)
            ids = index.ids(reference_id) if index else ()
            if self._order_name == "first_name":
                found = sorted((self._customers[i] for i in ids), key=self._place)
                return found[start:stop], len(found)
            if self._order_name == "newest_first":
                start, stop = max(len(ids) - stop, 0), max(len(ids) - start, 0)
                return [self._customers[i] for i in reversed(ids[start:stop])], len(ids)
            return [self._customers[i] for i in ids[start:stop]], len(ids)

    def all(self) -> list[Customer]:
        """All customers in the order of lists, as they are at this moment."""
        with self._lock:
            return [self._customers[customer_id] for customer_id in self._ids(self._order)]

    def copy(self) -> CustomerStore:
        """A store with the same customers that shares nothing changeable with this one."""
        twin = CustomerStore(number_key=self._number_key, order=self._order_name)
        with self._lock:
            twin._customers = self._customers.copy()
            twin._order = SortedList(self._order)
            twin._emails, twin._mobiles, twin._names = (
                self._emails.copy(),
                self._mobiles.copy(),
                self._names.copy(),
            )
            twin._references = {client_id: index.copy() for client_id, index in self._references.items()}
            twin._next_id = self._next_id
        return twin

    # --- inside, with the lock held ----------------------------------------------------------------------------

    def _ends(self, index: Index, key: Hashable) -> tuple[Customer, ...]:
        with self._lock:
            ids = index.ids(key)
            return (self._customers[ids[0]], self._customers[ids[-1]]) if ids else ()

    def _refuse_held_ids(self, customers: Sequence[Customer]) -> None:
        seen = self._customers.keys() & {customer.id for customer in customers}
        if not seen and len({customer.id for customer in customers}) == len(customers):
            return
        for position, customer in enumerate(customers):
            if customer.id in seen:
                raise IdHeld(customer.id, position)
            seen.add(customer.id)

    def _refuse_held_mobiles(self, customers: Sequence[Customer]) -> None:
        keys = [self._mobile_key(customer) for customer in customers]
        clash = self._mobiles.first_clash(keys)
        if clash is not None:
            position, holder = clash
            raise MobileHeld(customers[keys.index(keys[position])].id if holder is None else holder, position)

    def _insert(self, customers: Sequence[Customer]) -> None:
        ids = [customer.id for customer in customers]  # C20: found from the next moment on
        self._customers.update(zip(ids, customers, strict=True))
        self._order.update(map(self._place, customers))
        self._emails.extend([_email_key(customer) for customer in customers], ids)
        self._mobiles.extend([self._mobile_key(customer) for customer in customers], ids)
        self._names.extend([self._name_key(customer) for customer in customers], ids)
        for customer in customers:
            for client_id, reference_id in customer.reference_ids:
                self._reference_index(client_id).add(reference_id, customer.id)

    def _unindex(self, customer: Customer) -> None:
        self._order.remove(self._place(customer))
        self._emails.discard(_email_key(customer), customer.id)
        self._mobiles.discard(self._mobile_key(customer), customer.id)
        self._names.discard(self._name_key(customer), customer.id)
        for client_id, reference_id in customer.reference_ids:
            self._references[client_id].discard(reference_id, customer.id)

    def _mobile_key(self, customer: Customer) -> Hashable:
        return None if customer.mobile is None else self._number_key(customer.mobile)

    def _name_key(self, customer: Customer) -> Hashable:
        if customer.phone is None:
            return None
        return customer.first_name, customer.last_name, self._number_key(customer.phone)

    def _reference_index(self, client_id: str) -> Index:
        index = self._references.get(client_id)
        if index is None:
            index = self._references[client_id] = Index()
        return index


def _email_key(customer: Customer) -> Hashable:
    """The email without regard to case; the very same object where that changes nothing, to save memory."""
    email = customer.email
    if email is None:
        return None
    folded = email.casefold()
    return email if folded == email else folded
