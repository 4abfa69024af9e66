"""Companies of a server, with the names of `fakekounta.worlds.handles.companies`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fakekounta.remote.calls import Calls
from fakekounta.remote.collections import RemoteCollection
from fakekounta.remote.customers import RemoteCustomers
from fakekounta.remote.orders import RemoteOrders
from fakekounta.worlds.handles.errors import Missing
from fakekounta.worlds.handles.typed_collections import Collections


class RemoteCompany(Collections):
    """One company of the server."""

    def __init__(self, calls: Calls, profile: Mapping[str, Any]) -> None:
        self._calls = calls
        self.id: int = profile["id"]
        self.name: str = profile["name"]
        self.timezone: str = profile["timezone"]
        self.customers: RemoteCustomers = RemoteCustomers(calls, self.id)

    def collection(self, plural: str) -> RemoteCollection:
        """Return the handle of the collection with this name."""
        made = RemoteOrders if plural == "orders" else RemoteCollection
        return made(self._calls, self.id, plural)

    def __repr__(self) -> str:
        return f"<company {self.id} {self.name!r}>"


class RemoteCompanies(Mapping[int, RemoteCompany]):
    """All companies of the server by id."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def __getitem__(self, company_id: int) -> RemoteCompany:
        found = self._all()
        if company_id not in found:
            raise Missing("company", company_id, found)
        return found[company_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._all())

    def __repr__(self) -> str:
        return f"<companies at {self._calls.base_url}>"

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[int, RemoteCompany]:
        profiles = self._calls.get("settings")["companies"]
        return {profile["id"]: RemoteCompany(self._calls, profile) for profile in profiles}
