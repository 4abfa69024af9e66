"""A log in an SQLite file: one writer, and any number of readers beside it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from fakekounta.keep.log import START, Change, KeepError, Moved, NoRoom, Snapshot
from fakekounta.keep.place import Place, real
from fakekounta.keep.sqlite_file import checksum_of, opened_to_read, opened_to_write, pragma

_INSERT = "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_PART = "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?)"


class LogReader:
    """Reads the log in a file, also while a server writes it. Methods raise KeepError for a damaged file."""

    _connection: sqlite3.Connection | None

    def __init__(self, path: Path, *, is_own: bool = False) -> None:
        self.path: Path = real(path)
        self._connection = opened_to_read(self.path, is_own=is_own)

    @property
    def is_empty(self) -> bool:
        """Whether the file has no log yet."""
        return self._connection is None

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()

    def since(self, position: int) -> Iterator[tuple[int, Change]]:
        """Yield the changes after a position. Raise KeepError if one is damaged or missing."""
        for row in self._rows("SELECT * FROM changes WHERE position > ? ORDER BY position", position):
            position += 1
            if row[0] != position:
                raise self._damaged(position)
            yield position, self._change(row)

    def start(self, position: int | None = None) -> tuple[int, Change]:
        """Return the last start up to a position, with its own. Raise KeepError without one."""
        query = "SELECT * FROM changes WHERE kind = ? AND position <= ? ORDER BY position DESC LIMIT 1"
        for row in self._rows(query, START, self.end() if position is None else position):
            return row[0], self._change(row)
        raise self._damaged(1)

    def end(self) -> int:
        """Return the position of the last change; 0 without any."""
        for (position,) in self._rows("SELECT max(position) FROM changes"):
            return position or 0
        return 0

    def moment(self, position: int) -> datetime | None:
        """Return when the change at a position was made, or the next one that is there; None without either."""
        for (moment,) in self._rows("SELECT moment FROM changes WHERE position >= ? ORDER BY position", position):
            return datetime.fromisoformat(moment)
        return None

    def first(self) -> int:
        """Return the lowest position whose state is known, that of the oldest snapshot; 0 without any."""
        for (position,) in self._rows("SELECT min(position) FROM snapshots WHERE part = parts"):
            return position or 0
        return 0

    def newest(self, at: int | None = None) -> int:
        """Return the position of the newest snapshot, or of the newest up to a position; 0 without any."""
        query = "SELECT max(position) FROM snapshots WHERE part = parts AND position <= ?"
        for (position,) in self._rows(query, 2**62 if at is None else at):
            return position or 0
        return 0

    def snapshot(self, at: int | None = None) -> Snapshot | None:
        """Return the newest snapshot, or the newest up to a position; None if there is none."""
        position = self.newest(at)
        return Snapshot(position, self._document(position)) if position else None

    def _document(self, position: int) -> Any:
        parts: list[bytes] = []
        for row in self._rows("SELECT * FROM snapshots WHERE position = ? ORDER BY part", position):
            if row[-1] != checksum_of(*row[:-1]) or row[1] != len(parts) + 1:
                raise self._damaged(position)
            parts.append(row[3])
        try:
            return json.loads(b"".join(parts))
        except ValueError:
            raise self._damaged(position) from None

    def _change(self, row: tuple[Any, ...]) -> Change:
        position, kind, moment, entropy, head, body, results, checksum = row
        if checksum != checksum_of(*row[:-1]):
            raise self._damaged(position)
        told = [(one, status) for one, status in json.loads(results)]
        return Change(kind, datetime.fromisoformat(moment), entropy, json.loads(head), body, told)

    def _rows(self, query: str, *values: Any) -> Iterator[Any]:
        if self._connection is None:
            return
        try:
            yield from self._connection.execute(query, values)
        except sqlite3.Error as error:
            raise KeepError(f"{self.path}: is damaged: {error}") from None

    def _damaged(self, position: int) -> KeepError:
        return KeepError(f"{self.path}: is damaged at change {position}")


class SqliteLog(LogReader):
    """The log of one server, which holds the file's lock until `close`. Its callers take turns."""

    def __init__(self, path: Path) -> None:
        self._place = Place(path)
        self._connection = None
        self._writing: sqlite3.Connection | None = None
        self.position: int = 0
        """The position of the last change."""
        try:
            super().__init__(path, is_own=True)
            self.position = self.end()
        except BaseException:
            self.close()
            raise

    def begin_to_write(self) -> None:
        """Begin to write; until then the file is not touched. Raise KeepError."""
        self._writing = opened_to_write(self.path, is_new=self.is_empty)
        self._place.begin()
        if self._connection is not None:
            self._connection.close()
        self._connection = self._writing

    def append(self, change: Change, after: int | None = None) -> int:
        """Add a change, and return its position. Raise NoRoom, and Moved if it is not next to `after`."""
        writing = self._in_place()
        refuse_unless_last(after, self.position)
        position = self.position + 1
        try:
            insert(writing, position, change)
        except sqlite3.Error as error:
            raise NoRoom(f"{self.path}: {error}") from None
        self.position = position
        return position

    def hand_over(self) -> Place:
        """Close the file, but hold its lock, for this process and those that are forked from it; return its place."""
        super().close()
        return self._place

    def _in_place(self) -> sqlite3.Connection:
        """Return the connection to write, after a check that its files are where they were. Raise NoRoom."""
        assert self._writing is not None  # noqa: S101 - a bug of ours
        if not self._place.is_sound():  # without its write-ahead log, readers would miss what is only there
            try:
                is_busy, *_ = self._writing.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if is_busy:
                    raise NoRoom(f"{self.path}: its write-ahead log was moved or deleted, and somebody reads it")
                self._writing.close()
                self._writing = self._connection = opened_to_write(self.path, is_new=False)
                self._place.begin()
            except (sqlite3.Error, KeepError, OSError) as error:
                raise NoRoom(f"{self.path}: its write-ahead log was moved or deleted: {error}") from None
        return self._writing

    def keep_part(self, position: int, part: int, parts: int, content: bytes) -> None:
        """Keep a part of a snapshot, which counts once it has its last part; see `Log`. Raise NoRoom."""
        writing = self._in_place()
        row = (position, part, parts, content)
        try:
            writing.execute(_PART, (*row, checksum_of(*row)))
            if part == parts:
                self._give_up_old(position)
        except sqlite3.Error as error:
            raise NoRoom(f"{self.path}: {error}") from None

    def limit_pages(self, pages: int) -> int:
        """Limit the file to so many pages, and return the limit before; SQLite keeps what is there already."""
        assert self._writing is not None  # noqa: S101 - a bug of ours
        before: int = pragma(self._writing, "max_page_count")
        self._writing.execute(f"PRAGMA max_page_count = {pages or 1}")
        return before

    def _give_up_old(self, newest: int) -> None:
        """Delete what is older than the snapshot before the newest, but not the start whose settings it has."""
        assert self._writing is not None  # noqa: S101 - a bug of ours
        query = "SELECT max(position) FROM snapshots WHERE part = parts AND position < ?"
        (oldest,) = self._writing.execute(query, (newest,)).fetchone()
        if oldest is not None:
            start = self.start(oldest)[0]
            self._writing.execute("DELETE FROM snapshots WHERE position < ?", (oldest,))
            self._writing.execute("DELETE FROM changes WHERE position <= ? AND position <> ?", (oldest, start))

    def close(self) -> None:
        """Close the file, and let others have it."""
        with suppress(sqlite3.Error):  # a full disk; what was appended is in the file
            super().close()
        if self._place.is_empty and self.position == 0:
            self._place.empty()
        elif self._writing is None:
            self._place.restore()
        self._place.free()


def insert(writing: sqlite3.Connection, position: int, change: Change) -> None:
    """Add a change at a position. Raise sqlite3.Error."""
    kind, moment, entropy, head, body, results, text = change
    told = f"[{', '.join([f'[{one}, {status}]' for one, status in results])}]"
    row = (position, kind, moment.isoformat(), entropy, text or json.dumps(head), body, told)
    writing.execute(_INSERT, (*row, checksum_of(*row)))


def refuse_unless_last(after: int | None, end: int) -> None:
    """Raise Moved if the change at `after` is not the last one."""
    if after is not None and after != end:
        raise Moved
