"""The journal: the newest exchanges, with the quirks that each covered."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from sys import getsizeof
from threading import Lock
from urllib.parse import quote

from fakekounta.catalogue.assumptions import Asked, recording
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.budget import RetentionBudget
from fakekounta.core.exchange_kinds import Milliseconds, OneMessage, Quirks, Remarks
from fakekounta.core.fields import declared
from fakekounta.core.kinds import Moment, Text, Texts, Whole
from fakekounta.core.messages import Message
from fakekounta.core.resources import Resource
from fakekounta.process.dataclass import dataclass
from fakekounta.process.forks import free_in_children

KEPT = 1_000
PROCESS = RetentionBudget(64 * 1_048_576)
"""The memory limit, in bytes, for the journals of all worlds of this process together."""
_SAFE = "/:@!$&'()*+,;=~"
_EMPTY = Message()
_ENTRY_BYTES = 1_000


@dataclass(slots=True, kw_only=True)
class Entry:
    """One exchange.

    `number` counts from 1 since the last reset; `at` is the time on the fake's clock; `path` is decoded, `query` is
    not; `status` is 0 without a response. `query`, `request` and `response` are shown without secrets.
    """

    method: str = declared(Text(), required=True)
    path: str = declared(Text(), required=True)
    query: str = declared(Text(), absent="")
    number: int = declared(Whole(), absent=0)
    at: datetime | None = declared(Moment())
    duration_seconds: float = declared(Milliseconds(), absent=0.0, key="duration_ms")
    status: int = declared(Whole(), absent=0)
    client_id: str | None = declared(Text())
    request: Message = declared(OneMessage(), absent=_EMPTY)
    response: Message = declared(OneMessage(), absent=_EMPTY)
    quirks: list[Quirk] = declared(Quirks(), absent=list)
    notes: list[str] = declared(Remarks(), absent=list)
    ignored_fields: Sequence[str] = declared(Texts(), absent=())
    """Fields of the body that were neither stored nor refused."""
    fault: str | None = declared(Text())
    """The fault that was applied, if any."""
    explained_by: Sequence[Quirk] = declared(Quirks(), absent=())
    """The quirks because of which the status is an error or a redirect."""
    follows: int | None = declared(Whole())
    """With `serve --keep`: the position of the last change before it, in the file; otherwise None."""
    change: int | None = declared(Whole())
    """With `serve --keep`: its own position, if it was a change; otherwise None."""
    replica: str | None = declared(Text())
    """With `serve --workers`: the process that answered it, if it is the one that is asked; otherwise None."""

    def __repr__(self) -> str:
        return f"<exchange #{self.number} {self.method} {self.target} -> {self.status or 'no answer'}>"

    @property
    def target(self) -> str:
        """Path and query, as in a request line."""
        path = quote(self.path, safe=_SAFE)
        return f"{path}?{self.query}" if self.query else path

    @property
    def size(self) -> int:
        """The number of bytes of memory that the entry takes, rather too high than too low."""
        size = _ENTRY_BYTES + 4 * (len(self.path) + len(self.query)) + 16 * len(self.quirks)
        if self.notes or self.ignored_fields:
            more = (*self.notes, *self.ignored_fields)
            size += 16 * len(more) + sum(map(getsizeof, more))
        return size + self.request.size + self.response.size


EXCHANGE = Resource("exchange", Entry)
"""The declared fields of an exchange; its documents have their keys."""

QuirkObserver = Callable[[Sequence[Quirk]], None]


class Journal:
    """The newest exchanges, oldest first; older ones are dropped and only counted in `total`.

    At most `kept` exchanges are kept, and fewer if all journals with this `budget` together would exceed it.
    """

    def __init__(self, kept: int = KEPT, budget: RetentionBudget = PROCESS) -> None:
        self._entries: deque[Entry] = deque()
        self._sizes: deque[int] = deque()
        self._kept = kept
        self._share = budget.share(self._give_up)
        self._lock = free_in_children(Lock())
        self.total: int = 0
        # Counted by the whole set of quirks of an exchange: most exchanges have one of a few sets
        self._covered: defaultdict[tuple[Quirk, ...], int] = defaultdict(int)
        self.on_exchange: Callable[[Entry], None] | None = None
        """Called with each new exchange."""
        self.on_delivery: QuirkObserver | None = None
        """Called with the quirks that a delivery covered."""
        self.on_direct_change: QuirkObserver | None = None
        """Called with the assumptions that a direct change depended on."""

    def append(self, entry: Entry) -> None:
        """Add an exchange."""
        size, gone = entry.size, 0
        with self._lock:
            self.total = entry.number = self.total + 1
            self._covered[tuple(entry.quirks)] += 1
            self._entries.append(entry)
            self._sizes.append(size)
            while len(self._entries) > self._kept:
                gone += self._drop_oldest()
        self._share.put(size, gone)
        if self.on_exchange is not None:
            self.on_exchange(entry)

    def _drop_oldest(self) -> int:
        self._entries.popleft()
        return self._sizes.popleft()

    def _give_up(self) -> bool:
        """Drop the oldest exchange to make room in the budget; return False without any."""
        with self._lock:
            size = self._drop_oldest() if self._entries else 0
        self._share.take(size)
        return size > 0

    def delivered(self, quirks: Sequence[Quirk]) -> None:
        """Count the quirks that a delivery covered, like those of an exchange."""
        with self._lock:
            self._covered[tuple(quirks)] += 1
        if self.on_delivery is not None:
            self.on_delivery(quirks)

    @contextmanager
    def direct_change(self) -> Iterator[None]:
        """Record the assumptions that the block asks about without a request; report them at its end."""
        asked: Asked = {}
        try:
            with recording(asked):
                yield
        finally:
            self.changed_directly(asked)

    def asked(self, quirk: Quirk) -> None:
        """Report that an assumption was asked outside any exchange, delivery or direct change."""
        self.changed_directly((quirk,))

    def changed_directly(self, asked: Collection[Quirk]) -> None:
        """Report the assumptions that a direct change depended on; they do not count as covered."""
        if asked and self.on_direct_change is not None:
            self.on_direct_change(tuple(asked))

    @property
    def covered(self) -> dict[Quirk, int]:
        """The number of exchanges and deliveries that covered each quirk, including those no longer kept."""
        covered: dict[Quirk, int] = {}
        with self._lock:
            kinds = list(self._covered.items())
        for quirks, times in kinds:
            for quirk in set(quirks):
                covered[quirk] = covered.get(quirk, 0) + times
        return covered

    def clear(self) -> None:
        """Remove all exchanges, and count from 1 again."""
        with self._lock:
            gone = sum(self._sizes)
            self._entries.clear()
            self._sizes.clear()
            self._covered.clear()
            self.total = 0
        self._share.take(gone)

    def __getitem__(self, index: int) -> Entry:
        return self._entries[index]

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)
