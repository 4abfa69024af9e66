"""Namespaces of a server, with the names of `fakekounta.worlds.namespaces`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from fakekounta.remote.calls import Calls, NotThere
from fakekounta.worlds.handles.errors import Missing
from fakekounta.worlds.namespaces import refuse_no_name

if TYPE_CHECKING:
    from fakekounta.remote.kounta import RemoteKounta


class RemoteNamespaces(Mapping[str, "RemoteKounta"]):
    """The namespaces of one server by name, without its own world; `of` creates one on first use."""

    def __init__(self, calls: Calls, in_namespace: Callable[[str], RemoteKounta]) -> None:
        self._calls = calls.in_namespace("")
        self._in_namespace = in_namespace

    def of(self, name: str) -> RemoteKounta:
        """Return the namespace of this name. Raises ValueError for an invalid name, and for one namespace too many."""
        refuse_no_name(name)
        return self._in_namespace(name)

    def drop(self, name: str) -> None:
        """Delete a namespace. Raises KeyError if there is none."""
        refuse_no_name(name)
        try:
            self._calls.delete(f"namespaces/{name}")
        except NotThere:
            raise Missing("namespace", name, self._names()) from None

    def clear(self) -> None:
        """Delete all namespaces of the server, whoever created them."""
        for name in self:
            self.drop(name)

    def __getitem__(self, name: str) -> RemoteKounta:
        if name not in self._names():
            raise Missing("namespace", name, self._names())
        return self._in_namespace(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __repr__(self) -> str:
        return f"<namespaces at {self._calls.base_url}>"

    def __len__(self) -> int:
        return len(self._names())

    def _names(self) -> list[str]:
        return [namespace["name"] for namespace in self._calls.get("namespaces")]
