"""The journal of a remote server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.journal import Entry
from fakekounta.remote.calls import Calls
from fakekounta.schemas.journal import entry_from


class RemoteJournal:
    """A journal for `fakekounta.handles.Requests`; each access is a call to the server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    @property
    def total(self) -> int:
        """The number of exchanges, with those that are no longer kept."""
        total: int = self._calls.get("requests", limit=1)["total"]
        return total

    @property
    def covered(self) -> Mapping[Quirk, int]:
        """The number of exchanges that covered each quirk."""
        quirks = self._calls.get("quirks")
        return {Quirk.by_id(quirk["id"]): quirk["covered"] for quirk in quirks if quirk["covered"]}

    def clear(self) -> None:
        """Delete all exchanges."""
        self._calls.delete("requests")

    def __iter__(self) -> Iterator[Entry]:
        return map(entry_from, self._calls.get("requests")["requests"])

    def __len__(self) -> int:
        return len(self._calls.get("requests")["requests"])
