"""`RedisKounta`: one of several replicas whose changes are in a database of Redis or Valkey."""

from __future__ import annotations

import json
import os
import socket
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from fakekounta.keep.log import START, Change, KeepError, Moved, NoRoom, Uncertain, Unreachable
from fakekounta.keep.redis_log import LEASE_SECONDS, RedisLog
from fakekounta.keep.worker import WorkerKounta
from fakekounta.process.unpatched import monotonic, sleep

if TYPE_CHECKING:
    from typing_extensions import Self

SETTLED_SECONDS = LEASE_SECONDS + 0.5
"""How long a start waits for replicas with other settings, which have perhaps ended just now."""
_LOOK_SECONDS = 0.1
_OTHERS = "another replica that runs has other settings, or another version of fakekounta"


class RedisKounta(WorkerKounta):
    """A replica that shares a log in a database with others.

    Replicas that run at the same time need the same settings; other ones at a later start are a change. Without a
    connection to the database no replica knows the latest changes, so each request is refused with 503 (K11).
    """

    _file: RedisLog  # type: ignore[assignment] # what both do alike is used alike

    def __init__(self, url: str, **settings: Any) -> None:
        """Make the state of the log; an empty database begins with the seed.

        Raises:
            KeepError: The database cannot be used, or other replicas have other settings; it is as it was.
            SettingsError: A setting is invalid; it is a ValueError, as is SeedError.
            TypeError: A name is not a setting.
        """
        super().__init__(url, **settings)
        self.join(self._file, f"{socket.gethostname()}-{os.getpid()}")

    def _opened(self, place: Any) -> RedisLog:  # type: ignore[override] # see above
        return RedisLog(place)

    def _begin_with(self, start: Change) -> None:
        self._settings = sha256(json.dumps(start.head, sort_keys=True).encode() + start.body).hexdigest()
        try:
            self._await_others()
            self._begin_next_to_others(start)
        except (NoRoom, Unreachable) as reason:
            raise KeepError(str(reason)) from None

    def _await_others(self) -> None:
        """Wait until replicas with other settings are gone, if they ended just now. Raise KeepError."""
        deadline = monotonic() + SETTLED_SECONDS
        while not self._file.holds("settings", self._settings):
            if monotonic() > deadline:
                raise KeepError(f"{self._file.path}: {_OTHERS}")
            sleep(_LOOK_SECONDS)

    def _begin_next_to_others(self, start: Change) -> None:
        while True:
            try:
                super()._begin_with(start)
            except Moved:  # another replica has added a change since the log was read
                continue
            return

    def start(self) -> Self:
        """Serve, and follow the log."""
        self.bind()
        return super().start()

    def _make_next(self, position: int, change: Change) -> None:
        if change.kind == START:  # this replica was away for longer than its settings held
            raise Unreachable(f"{self._file.path}: {_OTHERS}")
        super()._make_next(position, change)

    def _append(self, change: Change, after: int | None = None) -> int:
        try:
            return super()._append(change, after)
        except Unreachable as reason:  # it is in the log, but not what was added before it
            raise Uncertain(str(reason)) from None

    def _kept_attempt(self, *attempt: Any) -> bool:
        try:
            return super()._kept_attempt(*attempt)
        except Unreachable:
            return False

    def tick(self) -> None:
        """Keep the settings of this replica those of all, and do as each replica does."""
        self._file.holds("settings", self._settings)
        super().tick()
