"""The faults of a server, with the names of `fakekounta.worlds.handles.faults`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fakekounta.core.api_paths import warn_of
from fakekounta.core.fault_book import FaultRule
from fakekounta.core.fault_fields import fault_fields, read_fault
from fakekounta.core.faults import Fault
from fakekounta.remote.calls import Calls, NotThere
from fakekounta.worlds.handles import KountaFaults
from fakekounta.worlds.handles.errors import Missing

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import FaultFields

_COUNTS = ("id", "matched", "fired")


class RemoteFaultRule(FaultRule):
    """A fault rule on the server. Each read of a count asks the server; a removed rule keeps its last known counts."""

    __slots__ = ("_calls", "_document")

    def __init__(self, calls: Calls, document: Mapping[str, Any]) -> None:
        self._calls = calls
        self._document = document
        self.id: Any = document["id"]
        self.fault: Fault = _fault(document)

    @property
    def matched(self) -> int:  # type: ignore[override] # a property, because it is read from the server
        return self._count("matched")

    @property
    def fired(self) -> int:  # type: ignore[override] # see above
        return self._count("fired")

    def remove(self) -> None:
        """Remove this rule; removing it twice is fine."""
        with suppress(NotThere):
            self._calls.delete(f"faults/{self.id}")

    def _count(self, name: str) -> int:
        known = {rule["id"]: rule for rule in self._calls.get("faults")}
        self._document = known.get(self.id, self._document)
        count: int = self._document[name]
        return count


class RemoteFaults(KountaFaults):
    """The fault rules of the server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def add(self, **rule: Unpack[FaultFields]) -> FaultRule:
        added = RemoteFaultRule(self._calls, self._calls.post("faults", fault_fields(read_fault(rule))))
        warn_of(added.fault.path)
        return added

    def change(self, fault_id: int, **changes: Unpack[FaultFields]) -> FaultRule:
        try:
            changed = RemoteFaultRule(self._calls, self._calls.put(f"faults/{fault_id}", _sent(changes)))
        except NotThere:
            raise self._missing(fault_id) from None
        warn_of(changes.get("path"))
        return changed

    def all(self) -> list[FaultRule]:
        return [RemoteFaultRule(self._calls, document) for document in self._calls.get("faults")]

    def remove(self, fault_id: int) -> None:
        try:
            self._calls.delete(f"faults/{fault_id}")
        except NotThere:
            raise self._missing(fault_id) from None

    def _missing(self, fault_id: int) -> Missing:
        return Missing("fault", fault_id, [rule.id for rule in self.all()])

    def __repr__(self) -> str:
        return f"<faults at {self._calls.base_url}>"

    def clear(self) -> None:
        self._calls.delete("faults")


def fault_settings(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the fault rules of a state document as values of the setting `faults`, without ids and counts."""
    return [{key: value for key, value in document.items() if key not in _COUNTS} for document in documents]


def _sent(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in changes.items()}


def _fault(document: Mapping[str, Any]) -> Fault:
    return read_fault({key: value for key, value in document.items() if key not in _COUNTS})
