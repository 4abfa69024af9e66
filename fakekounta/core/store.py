"""The customers of a company and their indexes. There are no rules here except uniqueness, checked with the change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from threading import Lock

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.customers import Customer
from fakekounta.core.indexes import Indexes, Keying
from fakekounta.process.forks import free_in_children

FIRST_ID = 389427
COMPARISON, ORDER = Quirk.A11_COMPARISON, Quirk.A15_ORDER_OF_LISTS
"""The assumptions that shape the indexes. Making an index records no choice; the lines that use one do."""
_PLAIN = Keying()


def _ask_nobody(_: Quirk) -> None:
    """Do nothing: no assumptions decide how this store compares and sorts."""


class Held(Exception):
    """Signals that a unique value is taken; `position` is that of the refused one among the customers to be added."""

    def __init__(self, customer_id: int, position: int = 0) -> None:
        super().__init__(customer_id)
        self.customer_id = customer_id
        self.position = position


class MobileHeld(Held):
    """Signals that another customer has this mobile number."""


class IdHeld(Held):
    """Signals that another customer has this id."""


class Stale(Exception):
    """Signals that the customer was changed or removed since it was read."""


class _Shelf:
    """The data that all views of one store share; `lock` guards it."""

    def __init__(self, keying: Keying) -> None:
        self.lock: Lock = free_in_children(Lock())
        self.customers: dict[int, Customer] = {}
        self.indexes: Indexes = Indexes(keying)
        self.next_id = FIRST_ID
        self.newest_id: int | None = None


class CustomerStore:
    """The customers of one company, by id and by every look-up key. Each method is one atomic step.

    `under` returns another view of the same customers. All views use one set of indexes, which is rebuilt when a
    look-up needs another keying than the look-up before. That is rare: only after a change of assumptions, while older
    requests finish.

    `asked` is called with COMPARISON or ORDER before a result depends on it, without a lock.
    """

    def __init__(
        self,
        keying: Keying = _PLAIN,
        shelf: _Shelf | None = None,
        *,
        asked: Callable[[Quirk], object] = _ask_nobody,
    ) -> None:
        self._keying = keying
        self._asked = asked
        self._shelf = _Shelf(keying) if shelf is None else shelf
        self._customers = self._shelf.customers

    def under(self, keying: Keying, asked: Callable[[Quirk], object] = _ask_nobody) -> CustomerStore:
        """Return a view of the same customers with other comparison and order; both views share all changes."""
        return CustomerStore(keying, self._shelf, asked=asked)

    def _keyed(self) -> Indexes:
        """Return the indexes in this view's order. Call it with the lock held."""
        shelf = self._shelf
        if shelf.indexes.keying != self._keying:
            shelf.indexes.rekey(self._keying, shelf.customers.values())
        return shelf.indexes

    def __len__(self) -> int:
        return len(self._customers)

    # --- changes -----------------------------------------------------------------------------------------------

    @property
    def next_id(self) -> int:
        """The id of the next new customer, higher than all before."""
        return self._shelf.next_id

    @property
    def newest_id(self) -> int | None:
        """The id of the customer that the API created last (C20)."""
        return self._shelf.newest_id

    @newest_id.setter
    def newest_id(self, customer_id: int) -> None:
        self._shelf.newest_id = customer_id

    def keep_ids_from(self, next_id: int) -> None:
        """Give new customers no id below this one."""
        with self._shelf.lock:
            self._shelf.next_id = max(self._shelf.next_id, next_id)

    def add(self, customer: Customer, *, unique_mobile: bool) -> Customer:
        """Add a new customer and return it as stored. See `add_all`."""
        return self.add_all((customer,), unique_mobile=unique_mobile)[0]

    def add_all(self, customers: Sequence[Customer], *, unique_mobile: bool) -> list[Customer]:
        """Add new customers, all or none; one whose id is 0 gets a new id. Return them as stored.

        Raise IdHeld, and MobileHeld if `unique_mobile`, with the position of the refused one.
        """
        if unique_mobile and any(customer.mobile for customer in customers):
            self._asked(COMPARISON)
        with self._shelf.lock:
            indexes = self._keyed()
            highest = max((customer.id for customer in customers), default=0)
            new_ids = count(max(self._shelf.next_id, highest + 1))
            kept = [customer if customer.id else replace(customer, id=next(new_ids)) for customer in customers]
            self._refuse_held_ids(kept)
            if unique_mobile:
                _refuse_held_mobiles(indexes, kept)
            self._shelf.next_id = next(new_ids)
            self._insert(indexes, kept)
        return kept

    def change(self, before: Customer, after: Customer) -> None:
        """Replace `before` by `after`. Raise Stale if `before` is no longer stored, and MobileHeld."""
        if after.mobile and after.mobile != before.mobile:
            self._asked(COMPARISON)
        with self._shelf.lock:
            indexes = self._keyed()
            if self._customers.get(before.id) is not before:
                raise Stale(before.id)
            if after.mobile != before.mobile:
                for holder in indexes.mobiles.ids(indexes.keying.mobile(after)):
                    if holder != after.id:
                        raise MobileHeld(holder)
            self._customers[after.id] = after  # `get` takes no lock, so the customer must never be missing
            indexes.replace(before, after)

    def remove(self, customer_id: int) -> Customer | None:
        """Remove a customer and return it, or None if none has this id."""
        with self._shelf.lock:
            customer = self._customers.pop(customer_id, None)
            if customer is not None:
                self._shelf.indexes.discard(customer)
            return customer

    # --- look-ups ----------------------------------------------------------------------------------------------

    def get(self, customer_id: int) -> Customer | None:
        """Return the customer with this id, or None."""
        return self._customers.get(customer_id)

    def by_email(self, email: str) -> tuple[Customer, ...]:
        """Return the oldest and the newest customer with this email, regardless of case; or an empty tuple."""
        with self._shelf.lock:
            return self._ends(self._shelf.indexes.emails.ids(email.casefold()))

    def by_mobile(self, mobile: str) -> tuple[Customer, ...]:
        """Return the oldest and the newest customer with this mobile number; or an empty tuple."""
        self._asked(COMPARISON)
        with self._shelf.lock:
            indexes = self._keyed()
            return self._ends(indexes.mobiles.ids(self._keying.number_key(mobile)))

    def by_name_and_phone(self, first_name: str, last_name: str, phone: str) -> tuple[Customer, ...]:
        """Return the oldest and the newest customer with these three; or an empty tuple."""
        self._asked(COMPARISON)
        with self._shelf.lock:
            indexes = self._keyed()
            return self._ends(indexes.names.ids((first_name, last_name, self._keying.number_key(phone))))

    def page(self, start: int, stop: int) -> tuple[list[Customer], int]:
        """Return the customers from position `start` to before `stop` in list order, and the total."""
        self._asked(ORDER)
        with self._shelf.lock:
            indexes = self._keyed()
            return [self._customers[customer_id] for customer_id in indexes.ids(start, stop)], len(indexes.order)

    def page_by_reference(self, client_id: str, reference_id: str, start: int, stop: int) -> tuple[list[Customer], int]:
        """Return what `page` returns, among the customers with this reference id of this application."""
        self._asked(ORDER)
        with self._shelf.lock:
            ids = self._shelf.indexes.with_reference(client_id, reference_id)
            if self._keying.order == "first_name":
                found = sorted((self._customers[i] for i in ids), key=self._keying.place)
                return found[start:stop], len(found)
            if self._keying.order == "newest_first":
                start, stop = max(len(ids) - stop, 0), max(len(ids) - start, 0)
                return [self._customers[i] for i in reversed(ids[start:stop])], len(ids)
            return [self._customers[i] for i in ids[start:stop]], len(ids)

    def all(self) -> list[Customer]:
        """Return all customers in list order, at this moment."""
        self._asked(ORDER)
        with self._shelf.lock:
            indexes = self._keyed()
            return [self._customers[customer_id] for customer_id in indexes.ids()]

    def copy(self) -> CustomerStore:
        """Return a store with the same customers that shares nothing mutable with this one."""
        shelf = _Shelf(self._keying)
        with self._shelf.lock:
            indexes = self._keyed()
            shelf.customers, shelf.indexes = self._customers.copy(), indexes.copy()
            shelf.next_id = self._shelf.next_id
        return CustomerStore(self._keying, shelf)

    # --- inside, with the lock held ----------------------------------------------------------------------------

    def _ends(self, ids: Sequence[int]) -> tuple[Customer, ...]:
        return (self._customers[ids[0]], self._customers[ids[-1]]) if ids else ()

    def _refuse_held_ids(self, customers: Sequence[Customer]) -> None:
        seen = self._customers.keys() & {customer.id for customer in customers}
        if not seen and len({customer.id for customer in customers}) == len(customers):
            return
        for position, customer in enumerate(customers):
            if customer.id in seen:
                raise IdHeld(customer.id, position)
            seen.add(customer.id)

    def _insert(self, indexes: Indexes, customers: Sequence[Customer]) -> None:
        # look-ups find them from here on (C20)
        self._customers.update((customer.id, customer) for customer in customers)
        indexes.insert(customers)


def _refuse_held_mobiles(indexes: Indexes, customers: Sequence[Customer]) -> None:
    keys = [indexes.keying.mobile(customer) for customer in customers]
    clash = indexes.mobiles.first_clash(keys)
    if clash is not None:
        position, holder = clash
        raise MobileHeld(customers[keys.index(keys[position])].id if holder is None else holder, position)
