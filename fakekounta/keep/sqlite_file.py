"""Open a file that holds a log; any other file is refused with one line, and not changed."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zlib import crc32

from fakekounta.keep.log import KeepError
from fakekounta.keep.place import beside

FORMAT = 1
"""The version of the tables. A file with a higher one is refused."""
APPLICATION_ID = 0x464B6B70  # "FKkp"
TABLES = """
    BEGIN;
    CREATE TABLE changes (
        position INTEGER PRIMARY KEY, kind TEXT NOT NULL, moment TEXT NOT NULL, entropy BLOB NOT NULL,
        head TEXT NOT NULL, body BLOB NOT NULL, results TEXT NOT NULL, checksum INTEGER NOT NULL
    );
    CREATE TABLE snapshots (
        position INTEGER NOT NULL, part INTEGER NOT NULL, parts INTEGER NOT NULL, content BLOB NOT NULL,
        checksum INTEGER NOT NULL, PRIMARY KEY (position, part)
    ) WITHOUT ROWID;
    PRAGMA application_id = {application_id};
    PRAGMA user_version = {format};
    COMMIT;
"""
COLUMNS = {
    "changes": ["position", "kind", "moment", "entropy", "head", "body", "results", "checksum"],
    "snapshots": ["position", "part", "parts", "content", "checksum"],
}
_MAGIC = b"SQLite format 3\0"
_DAMAGED = "is damaged"
_FOREIGN = "is no file of `fakekounta serve --keep`"


def opened_to_read(path: Path, *, is_own: bool) -> sqlite3.Connection | None:
    """Return a connection that changes nothing, after all checks; None if the file is empty. Raise KeepError.

    `is_own` says that no server writes the file meanwhile.
    """
    if path.exists() and not path.is_file():
        raise KeepError(f"{path}: {_FOREIGN}")
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise KeepError(f"{path}: cannot be read: {error.strerror}") from None
    wal = beside(path, "-wal")
    if not magic and not (wal.exists() and wal.stat().st_size):
        return None
    if magic != _MAGIC:
        raise KeepError(f"{path}: {_FOREIGN}")
    if is_own:
        _check_wal(path, wal)
    # Without changes beside it, SQLite must not make the two files for them
    is_whole = not wal.exists() or not wal.stat().st_size
    place = f"file:{quote(str(path))}?mode=ro{'&immutable=1' if is_whole else ''}"
    connection = sqlite3.connect(place, uri=True, isolation_level=None, check_same_thread=False)
    try:
        if _is_checked(path, connection):
            return connection
    except sqlite3.Error:
        connection.close()
        raise KeepError(f"{path}: {_DAMAGED}") from None
    except KeepError:
        connection.close()
        raise
    connection.close()
    return None


def _is_checked(path: Path, connection: sqlite3.Connection) -> bool:
    """Return whether the file has our tables; False if it has none at all. Raise KeepError."""
    connection.execute("BEGIN")  # what is read is of one moment
    if pragma(connection, "quick_check") != "ok":
        raise KeepError(f"{path}: {_DAMAGED}")
    application_id, version = pragma(connection, "application_id"), pragma(connection, "user_version")
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not names and application_id == version == 0:
        return False
    if application_id != APPLICATION_ID:
        raise KeepError(f"{path}: {_FOREIGN}")
    if version != FORMAT:
        raise KeepError(f"{path}: was written by another fakekounta, in format {version}; this one has {FORMAT}")
    for table, columns in COLUMNS.items():
        if [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] != columns:
            raise KeepError(f"{path}: {_DAMAGED}")
    return True


def opened_to_write(path: Path, *, is_new: bool) -> sqlite3.Connection:
    """Return a connection for one writer; `is_new` makes the tables. Raise KeepError."""
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise KeepError(f"{path}: cannot be written: {error}") from None
    try:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        # What is committed survives the end of this process, not always a power cut; FULL would cost ten times as much
        connection.execute("PRAGMA synchronous = NORMAL")
        if is_new:
            connection.executescript(TABLES.format(application_id=APPLICATION_ID, format=FORMAT))
        connection.execute("SELECT max(position) FROM changes").fetchone()
    except sqlite3.Error as error:
        connection.close()
        raise KeepError(f"{path}: cannot be written: {error}") from None
    return connection


def pragma(connection: sqlite3.Connection, name: str) -> Any:
    """Return the value of a pragma."""
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def checksum_of(*values: object) -> int:
    """Return the checksum of the values of a row."""
    blobs = [value for value in values if isinstance(value, bytes)]
    texts = [str(len(value)) if isinstance(value, bytes) else str(value) for value in values]
    return crc32(b"".join(["\0".join(texts).encode("utf-8", "surrogatepass"), *blobs]))


# --- the write-ahead log ---------------------------------------------------------------------------------------------

_WAL_HEAD, _FRAME_HEAD = 32, 24


def _check_wal(path: Path, wal: Path) -> None:
    """Raise KeepError if a frame is damaged that later ones follow: SQLite would take it for the end, silently."""
    data = wal.read_bytes() if wal.exists() else b""
    if len(data) < _WAL_HEAD + _FRAME_HEAD:
        return
    magic, _, page_size = struct.unpack(">III", data[:12])
    size = _FRAME_HEAD + page_size
    if magic not in (0x377F0682, 0x377F0683) or not 512 <= page_size <= 65_536:
        raise KeepError(f"{path}: {_DAMAGED}")
    order = ">" if magic & 1 else "<"
    sums = _wal_sums(data[:24], order, (0, 0))
    is_over = sums != struct.unpack(">II", data[24:32])
    salts = data[16:24]
    for start in range(_WAL_HEAD, len(data) - size + 1, size):
        head = data[start : start + _FRAME_HEAD]
        if head[8:16] != salts:  # of an earlier round
            is_over = True
            continue
        if is_over:
            raise KeepError(f"{path}: {_DAMAGED}")
        sums = _wal_sums(head[:8] + data[start + _FRAME_HEAD : start + size], order, sums)
        is_over = sums != struct.unpack(">II", head[16:24])


def _wal_sums(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two
