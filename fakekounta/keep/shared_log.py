"""A log in an SQLite file that several processes of one machine write."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from fakekounta.keep.log import Change, NoRoom
from fakekounta.keep.place import Place
from fakekounta.keep.sqlite_file import opened_to_write
from fakekounta.keep.sqlite_log import SqliteLog, insert, refuse_unless_last
from fakekounta.process.shared import Bells, Lease, Numbers


class Shared:
    """What the processes with one file share besides it. It is made before they are forked.

    Attributes:
        ends: The last position that each of them knows.
        bells: Each is rung by the others after a change.
        lease: That of the one that delivers.

    """

    def __init__(self, count: int) -> None:
        self.ends: Numbers = Numbers(count)
        self.bells: Bells = Bells(count)
        self.lease: Lease = Lease()


class SharedSqliteLog(SqliteLog):
    """The log of one of several processes, all of which have one parent, which holds the file's lock.

    The file decides about the order. The end that all know is in memory, because each read asks for it: a process
    writes the position of a change there before it responds.
    """

    def __init__(self, place: Place, shared: Shared, number: int) -> None:
        """Open the file at a place, which has a log, as the process with this number, from 0. Raise KeepError."""
        self.path: Path = place.path
        self._place: Place = place
        self._shared = shared
        self._number = number
        self._writing: sqlite3.Connection = opened_to_write(self.path, is_new=False)
        self._connection = self._writing
        # A process that was killed may have added a change, and ended before it wrote down the position
        shared.ends[number] = super().end()
        place.begin()

    def end(self) -> int:
        """Return the position of the last change."""
        return max(self._shared.ends)

    def append(self, change: Change, after: int | None = None) -> int:
        """Add a change, and return its position. Raise NoRoom, and Moved if it is not next to `after`."""
        try:
            position = self._placed(change, after)
        except sqlite3.Error as error:
            raise NoRoom(f"{self.path}: {error}") from None
        self._shared.ends[self._number] = position
        self._shared.bells.ring(but=self._number)
        return position

    def _placed(self, change: Change, after: int | None) -> int:
        """Add a change while no other process adds one."""
        self._in_place()
        self._writing.execute("BEGIN IMMEDIATE")
        try:
            position = super().end() + 1
            refuse_unless_last(after, position - 1)
            insert(self._writing, position, change)
            self._writing.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._writing.execute("ROLLBACK")
            raise
        return position

    def _in_place(self) -> sqlite3.Connection:
        if not self._place.is_sound():
            raise NoRoom(f"{self.path}: its write-ahead log was moved or deleted; start the server anew")
        return self._writing

    def lease(self) -> bool:
        """Return whether this process is the one that delivers, now or already, until it ends."""
        return self._shared.lease.take()

    def wait(self, seconds: float) -> None:
        """Wait until another process has perhaps added a change, at most so long."""
        self._shared.bells.wait(self._number, seconds)

    def close(self) -> None:
        """Close the file."""
        with suppress(sqlite3.Error):
            self._writing.close()
