"""The index of a company's orders: newest first, for each scope, status and mark, and each scope with one of these."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timezone
from decimal import Decimal
from itertools import chain, count, islice, product
from typing import Any, NamedTuple
from zlib import crc32

from sortedcontainers import SortedList

from fakekounta.core.orders.order import DELETED, PENDING, STATUSES, Order, is_discounted
from fakekounta.process.dataclass import dataclass

SCOPES: Mapping[str, str] = {
    "sites": "site_id",
    "registers": "register_id",
    "staff": "staff_member_id",
    "customers": "customer_id",
}
"""The collections whose records have lists of orders, each with the field of the order that holds the id."""
ON_ACCOUNT = "pending/accounts"
"""The filter of two words: PENDING orders of a customer."""
MARKS: Mapping[str, Callable[[Order], bool]] = {
    ON_ACCOUNT: lambda one: one.status == PENDING and one.customer_id is not None,
    "discounted": is_discounted,
    "deleted": lambda one: one.deleted,
    "linkedcustomer": lambda one: one.customer_id is not None,
}
BY_STATUS: Mapping[str, str] = {status.lower(): status for status in STATUSES if status != DELETED}
FILTERS = (*BY_STATUS, *MARKS)
"""The filters of a path: the statuses in lower case, and the marks (D02)."""
ONE_AT_MOST = frozenset({*BY_STATUS, ON_ACCOUNT})
"""The filters of which a path has one at most, because an order has one status."""

_EVER = datetime.min.replace(tzinfo=timezone.utc), datetime.max.replace(tzinfo=timezone.utc)
_ANY = Decimal("-Infinity"), Decimal("Infinity")
_EVERYWHERE = ("", 0)
_ALL, _DELETED = (*_EVERYWHERE, ""), (*_EVERYWHERE, "deleted")
_FEW = 4
Place = tuple[datetime, int]
"""Creation and id of an order, by which lists are sorted."""
_SUFFIX = re.compile(r"-[0-9]{3,}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The orders of a list: ids by scope, filters of the path, and bounds, each from the first to before the second."""

    scopes: Mapping[str, int] = field(default_factory=dict)
    filters: Sequence[str] = ()
    created: tuple[datetime, datetime] = _EVER
    value: tuple[Decimal, Decimal] = _ANY
    after: Place | None = None
    """The place of the order after which the list begins."""
    without_deleted: bool = False

    def matches(self, order: Order) -> bool:
        """Return whether an order is one of the list."""
        return (
            all(getattr(order, SCOPES[scope]) == number for scope, number in self.scopes.items())
            and set(self.filters) <= set(_filters_of(order))
            and self.value[0] <= order.total < self.value[1]
            and not (self.without_deleted and order.deleted)
        )

    @property
    def keys(self) -> Iterator[tuple[Any, ...]]:
        """The keys of the lists that have all wanted orders, and perhaps others."""
        for scope, one in product((_EVERYWHERE, *self.scopes.items()), ("", *self.filters)):
            yield (*scope, one)

    @property
    def is_one_list(self) -> bool:
        """Whether one list of the index has the wanted orders and no others, apart from the bounds."""
        return len(self.scopes) <= 1 and len(self.filters) <= 1 and not self.without_deleted


class Page(NamedTuple):
    """The ids of one page, newest first, and the number of all orders that are wanted."""

    ids: list[int]
    total: int


class OrderIndex:
    """The places of orders, which are pairs of creation and id, by what lists are narrowed by. It takes no lock."""

    def __init__(self) -> None:
        self._lists: dict[Any, SortedList[Any]] = {}
        self._values: SortedList[Any] = SortedList()
        self._sales: dict[str, SortedList[Any]] = {}
        self._suffixed: dict[str, SortedList[Any]] = {}
        self._waiting: SortedList[Place] = SortedList()

    def insert(self, orders: Iterable[Order]) -> None:
        """Add orders; one that lists have later waits (D23)."""
        for order in orders:
            self._sales.setdefault(order.sale_number, SortedList()).add(place_of(order))
            self._suffixed.setdefault(sent_of(order.sale_number), SortedList()).add(place_of(order))
            if order.listed_from is None:
                self._list(order)
            else:
                self._waiting.add((order.listed_from, order.id))

    def replace(self, before: Order, after: Order) -> None:
        """Put a changed order in the place of the one before."""
        is_waiting = self._waits(before)
        self.discard(before)
        self.insert((after if is_waiting else replace(after, listed_from=None),))

    def discard(self, order: Order) -> None:
        """Remove an order."""
        _discard(self._sales, order.sale_number, place_of(order))
        _discard(self._suffixed, sent_of(order.sale_number), place_of(order))
        if order.listed_from is not None and self._waits(order):
            self._waiting.discard((order.listed_from, order.id))
            return
        for key in _keys_of(order):
            _discard(self._lists, key, place_of(order))
        self._values.discard((order.total, place_of(order)))

    def list_due(self, now: datetime, order_of: Callable[[int], Order]) -> None:
        """Let lists have the orders whose time has come."""
        while self._waiting and self._waiting[0][0] <= now:
            self._list(order_of(self._waiting.pop(0)[1]))

    def _list(self, order: Order) -> None:
        for key in _keys_of(order):
            self._lists.setdefault(key, SortedList()).add(place_of(order))
        self._values.add((order.total, place_of(order)))

    def _waits(self, order: Order) -> bool:
        return order.listed_from is not None and (order.listed_from, order.id) in self._waiting

    @property
    def has_deleted(self) -> bool:
        """Whether lists have a deleted order."""
        return _DELETED in self._lists

    def was_sent(self, sale_number: str) -> bool:
        """Return whether any order, listed or not, has this sale number, with or without a suffix."""
        return sale_number in self._sales or sale_number in self._suffixed

    def free_sale_number(self, sent: str) -> str:
        """Return the sale number with a suffix, so that no other order has it (D39)."""
        start = crc32(sent.encode()) + len(self._suffixed.get(sent, ()))
        suffixes = chain((number % 1_000 for number in range(start, start + 1_000)), count(1_000))
        return next(one for suffix in suffixes if (one := f"{sent}-{suffix:03d}") not in self._sales)

    def with_sale_number(self, sale_number: str, order_of: Callable[[int], Order]) -> int | None:
        """Return the id of the newest order with this sale number that lists have, or None (D04)."""
        newest = (number for _, number in reversed(self._sales.get(sale_number, ())))
        return next((number for number in newest if not self._waits(order_of(number))), None)

    def page(self, wanted: Wanted, start: int, stop: int, order_of: Callable[[int], Order]) -> Page:
        """Return the orders from position `start` to before `stop` of a list.

        A scope or a filter alone, and both, cost the same for any number of orders, also within a time of creation, as
        does a value alone. Any other combination looks at each order of the smallest list that has all wanted ones.
        """
        smallest = min((self._lists.get(key, _NONE) for key in wanted.keys), key=len)
        first, last = _span(smallest, wanted.created)
        last = last if wanted.after is None else min(last, smallest.bisect_left(wanted.after))
        if wanted.value == _ANY and wanted.is_one_list:
            places = smallest.islice(max(last - stop, first), max(last - start, first), reverse=True)
            return Page([number for _, number in places], max(last - first, 0))
        if last - first == len(self._values) and not wanted.without_deleted:
            return self._by_value(wanted, start, stop, order_of)
        newest = (number for _, number in reversed(smallest[first:last]))
        found = [number for number in newest if wanted.matches(order_of(number))]
        return Page(found[start:stop], len(found))

    def _by_value(self, wanted: Wanted, start: int, stop: int, order_of: Callable[[int], Order]) -> Page:
        """Return a page of orders with a total within bounds: sort the few, or look for the newest of the many."""
        first, last = (self._values.bisect_left((bound,)) for bound in wanted.value)
        total = max(last - first, 0)
        if total <= _FEW * stop:
            places = sorted((place for _, place in self._values[first:last]), reverse=True)
            return Page([number for _, number in places[start:stop]], total)
        newest = (number for _, number in reversed(self._lists[_ALL]))
        return Page(list(islice((one for one in newest if wanted.matches(order_of(one))), start, stop)), total)

    def copy(self) -> OrderIndex:
        """Return a copy that shares nothing mutable with this one."""
        twin = OrderIndex()
        twin._lists = {key: SortedList(one) for key, one in self._lists.items()}
        twin._values = SortedList(self._values)
        twin._sales = {key: SortedList(one) for key, one in self._sales.items()}
        twin._suffixed = {key: SortedList(one) for key, one in self._suffixed.items()}
        twin._waiting = SortedList(self._waiting)
        return twin


_NONE: SortedList[Any] = SortedList()


def _span(places: SortedList[Any], created: tuple[datetime, datetime]) -> tuple[int, int]:
    """Return the positions of the first order created within bounds, and of the one after the last."""
    if created == _EVER:
        return 0, len(places)
    first, last = (places.bisect_left((moment, 0)) for moment in created)
    return first, last


def sent_of(sale_number: str) -> str:
    """Return a sale number without its suffix, if it has one (D39)."""
    return _SUFFIX.sub("", sale_number)


def place_of(order: Order) -> Place:
    """Return the place of an order in lists."""
    return order.created_at, order.id


def _keys_of(order: Order) -> Iterator[tuple[Any, ...]]:
    """Yield the keys of the lists that have an order."""
    scopes = [(scope, number) for scope, name in SCOPES.items() if (number := getattr(order, name)) is not None]
    for scope, one in product((_EVERYWHERE, *scopes), ("", *_filters_of(order))):
        yield (*scope, one)


def _filters_of(order: Order) -> Iterator[str]:
    """Yield the filters that an order passes."""
    if order.status != DELETED:
        yield order.status.lower()
    yield from (name for name, has_mark in MARKS.items() if has_mark(order))


def _discard(lists: dict[Any, SortedList[Any]], key: Any, place: Place) -> None:
    lists[key].discard(place)
    if not lists[key]:
        del lists[key]
