"""Handles of the companies of the current world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from fakekounta.core.world import World
from fakekounta.worlds.handles.collections import CollectionHandle
from fakekounta.worlds.handles.customers import Customers
from fakekounta.worlds.handles.errors import Missing
from fakekounta.worlds.handles.orders import OrdersHandle
from fakekounta.worlds.handles.typed_collections import Collections


class CompanyHandle(Collections):
    """One company of the fake."""

    def __init__(self, world: Callable[[], World], company_id: int, deliver_if_immediate: Callable[[], None]) -> None:
        self._world = world
        self._deliver_if_immediate = deliver_if_immediate
        self.id = company_id
        self.customers: Customers = Customers(world, company_id, deliver_if_immediate)

    def collection(self, plural: str) -> CollectionHandle:
        """Return the handle of the collection with this name."""
        made = OrdersHandle if plural == "orders" else CollectionHandle
        return made(self._world, self.id, plural, self._deliver_if_immediate)

    @property
    def name(self) -> str:
        """The company's name."""
        return self._world().companies[self.id].profile.name

    @property
    def timezone(self) -> str:
        """The IANA name of the company's time zone."""
        return self._world().companies[self.id].profile.timezone

    def __repr__(self) -> str:
        return f"<company {self.id} {self.name!r}>"


class CompanyHandles(Mapping[int, CompanyHandle]):
    """All companies of the fake by id."""

    def __init__(self, world: Callable[[], World], deliver_if_immediate: Callable[[], None]) -> None:
        self._world = world
        self._deliver_if_immediate = deliver_if_immediate

    def __getitem__(self, company_id: int) -> CompanyHandle:
        if company_id not in self._world().companies:
            raise Missing("company", company_id, [*self])
        return CompanyHandle(self._world, company_id, self._deliver_if_immediate)

    def __iter__(self) -> Iterator[int]:
        return iter(list(self._world().companies))

    def __repr__(self) -> str:
        return f"<companies {[*self]}>"

    def __len__(self) -> int:
        return len(self._world().companies)
