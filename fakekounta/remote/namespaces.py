"""The namespaces of a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fakekounta.remote.calls import Calls, Missing
from fakekounta.worlds.namespace import refuse_no_name

if TYPE_CHECKING:
    from fakekounta.remote.kounta import RemoteKounta


class RemoteNamespaces(Mapping[str, Any]):
    """The namespaces of one server by name, without its own world; `of` makes one on first use."""

    def __init__(self, calls: Calls, elsewhere: Callable[[str], Any]) -> None:
        self._calls = calls.elsewhere("")
        self._elsewhere = elsewhere

    def of(self, name: str) -> Any:
        """The namespace of this name. Raises ValueError for what is no name, and for one too many."""
        refuse_no_name(name)
        return self._elsewhere(name)

    def drop(self, name: str) -> None:
        """Forget a namespace. Raises KeyError if there is none."""
        refuse_no_name(name)
        try:
            self._calls.delete(f"namespaces/{name}")
        except Missing:
            raise KeyError(name) from None

    def clear(self) -> None:
        """Forget all namespaces of the server, whoever made them."""
        for name in self:
            self.drop(name)

    def __getitem__(self, name: str) -> RemoteKounta:
        if name not in self._names():
            raise KeyError(name)
        found: RemoteKounta = self._elsewhere(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def _names(self) -> list[str]:
        return [namespace["name"] for namespace in self._calls.get("namespaces")]
