"""The exchanges that a server has kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.journal import Entry
from fakekounta.remote.calls import Calls
from fakekounta.schemas.journal import entry_from


class RemoteJournal:
    """What `fakekounta.handles.Requests` asks of a journal, asked of the server each time."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    @property
    def total(self) -> int:
        """How many exchanges there were."""
        total: int = self._calls.get("requests", limit=1)["total"]
        return total

    @property
    def met(self) -> Mapping[Quirk, int]:
        """How many exchanges met each quirk."""
        quirks = self._calls.get("quirks")
        return {Quirk.by_id(quirk["id"]): quirk["met"] for quirk in quirks if quirk["met"]}

    def clear(self) -> None:
        """Forget all exchanges."""
        self._calls.delete("requests")

    def __iter__(self) -> Iterator[Entry]:
        return map(entry_from, self._calls.get("requests")["requests"])

    def __len__(self) -> int:
        return len(self._calls.get("requests")["requests"])
