"""What was asked and answered, and which quirks each exchange met."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from fakekounta.quirks import Quirk

KEPT = 1_000


@dataclass(slots=True, kw_only=True)
class Entry:
    """One exchange: the request line, the answer's status, the quirks met, and what the fake has to say of it."""

    method: str
    target: str
    status: int = 0
    client_id: str | None = None
    quirks: list[Quirk] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Journal:
    """The newest exchanges, oldest first; older ones are dropped and only counted in `total`."""

    def __init__(self, kept: int = KEPT) -> None:
        self._entries: deque[Entry] = deque(maxlen=kept)
        self.total = 0

    def append(self, entry: Entry) -> None:
        """Keep one more exchange."""
        self.total += 1
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget all exchanges."""
        self._entries.clear()
        self.total = 0

    def __getitem__(self, index: int) -> Entry:
        return self._entries[index]

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)
