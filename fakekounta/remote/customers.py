"""Customers of a server, with the names of `fakekounta.worlds.handles.customers`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from fakekounta.core.customers import CUSTOMER, Customer
from fakekounta.remote.calls import Calls, NotThere
from fakekounta.schemas.customers import customer_of
from fakekounta.worlds.handles.customers import refuse_half_pairs
from fakekounta.worlds.handles.errors import SHOWN, Missing, refuse_unknown
from fakekounta.worlds.handles.protocols import KountaCustomers

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import CustomerChanges, NewCustomer

MOST_AT_ONCE = 10_000


class RemoteCustomers(KountaCustomers):
    """The customers of one company of the server."""

    def __init__(self, calls: Calls, company_id: int) -> None:
        self._calls = calls
        self._company_id = company_id

    def add(self, *, announce: bool = False, **fields: Unpack[NewCustomer]) -> Customer:
        refuse_unsendable(fields)
        return customer_of(self._calls.post("customers", fields, **self._query(announce)))

    def change(self, customer_id: int, *, announce: bool = False, **fields: Unpack[CustomerChanges]) -> Customer:
        refuse_unsendable(fields)
        refuse_unknown(fields, CUSTOMER.sent, "a customer")
        with self._known(customer_id) as path:
            return customer_of(self._calls.put(path, fields, **self._query(announce)))

    def all(self) -> list[Customer]:
        found: list[Customer] = []
        total = 1
        while len(found) < total:
            page = self._calls.get("customers", offset=len(found), limit=MOST_AT_ONCE, company_id=self._company_id)
            found += map(customer_of, page["customers"])
            total = page["total"] if page["customers"] else 0
        return found

    def get(self, customer_id: int) -> Customer:
        with self._known(customer_id) as path:
            return customer_of(self._calls.get(path, company_id=self._company_id))

    def remove(self, customer_id: int, *, announce: bool = False) -> Customer:
        removed = self.get(customer_id)
        with self._known(customer_id) as path:
            self._calls.delete(path, **self._query(announce))
        return removed

    def __repr__(self) -> str:
        return f"<customers at {self._calls.base_url}>"

    def __len__(self) -> int:
        total: int = self._calls.get("customers", limit=1, company_id=self._company_id)["total"]
        return total

    def __iter__(self) -> Iterator[Customer]:
        return iter(self.all())

    def _known(self, customer_id: Any) -> AbstractContextManager[str]:
        return known(self._calls, self._company_id, "customers", customer_id)

    def _query(self, announce: bool) -> dict[str, Any]:  # noqa: FBT001 - the value of a query parameter
        return {"company_id": self._company_id, "announce": "true" if announce else "false"}


@contextmanager
def known(calls: Calls, company_id: int, plural: str, number: Any) -> Iterator[str]:
    """Yield the path of a record's id. Raise a KeyError of that id if there is none, or it is no number."""
    try:
        # 0 is the id of none
        yield f"{plural}/{int(number) if isinstance(number, int) else 0}"
    except NotThere:
        page = calls.get(plural, limit=SHOWN, company_id=company_id)
        there = [one["id"] for one in page[plural]]
        raise Missing(plural.removesuffix("s"), number, there, page["total"]) from None


def refuse_unsendable(fields: Mapping[str, Any]) -> None:
    refuse_half_pairs(fields)
    for name, value in fields.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise ValueError(f"{name}: {value!r} is not a JSON value") from None
