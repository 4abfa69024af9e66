"""The place of a file that holds a log: its lock, what SQLite has beside it, and whether it is still there."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from fakekounta.keep.log import KeepError, NoRoom
from fakekounta.process.unpatched import monotonic

SECONDS = 0.05
"""How long a file that was moved or deleted may go unnoticed."""
_ALL = ("-wal", "-shm", "-journal")


def beside(path: Path, end: str) -> Path:
    """Return the path of a file that SQLite has beside another one."""
    return path.with_name(path.name + end)


def real(path: Path) -> Path:
    """Return the path that a symbolic link leads to: SQLite has its other files beside that one."""
    return Path(os.path.realpath(path)) if os.path.islink(path) else path  # noqa: PTH114 - raises nothing


class Place:
    """The file of one server, locked until `free` or the end of this process.

    `free` must be called after all connections are closed: SQLite loses its own locks when a process closes any
    descriptor of a file.
    """

    def __init__(self, path: Path) -> None:
        """Lock the file; make an empty one if there is none. Raise KeepError."""
        self.path = path
        self._is_new = not os.path.lexists(path)
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise KeepError(f"{path}: cannot be opened: {error.strerror}") from None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            raise KeepError(f"{path}: is in use by another fakekounta") from None
        self._own = os.fstat(self._descriptor)
        wal = beside(path, "-wal")
        self._wal = str(wal)
        self._of_wal: os.stat_result | None = None
        self._next = 0.0
        self.is_empty: bool = S_ISREG(self._own.st_mode) and self._own.st_size == 0 and not os.path.lexists(wal)
        """Whether nothing was in it."""
        self._before = {end: _content(beside(path, end)) for end in _ALL if end != "-wal"}  # which is never touched

    def begin(self) -> None:
        """Remember the write-ahead log, which SQLite has made now."""
        self._of_wal = Path(self._wal).stat()

    def is_sound(self) -> bool:
        """Return whether the write-ahead log is where it was. Raise NoRoom unless the file is where it was.

        It looks once in `SECONDS`, because each change asks.
        """
        now = monotonic()
        if now < self._next:
            return True
        if not _is_there(str(self.path), self._own):
            raise NoRoom(f"{self.path}: was moved or deleted; put it back, or start the server anew")
        if self._of_wal is None or not _is_there(self._wal, self._of_wal):
            return False
        self._next = now + SECONDS
        return True

    def restore(self) -> None:
        """Leave no file that was not there before, and what was there as it was; nothing was written."""
        for end, content in self._before.items():
            _put_back(beside(self.path, end), content)

    def empty(self) -> None:
        """Leave an empty file, or none if there was none; nothing is in the log."""
        for end in _ALL:
            _put_back(beside(self.path, end), None)
        os.ftruncate(self._descriptor, 0)
        if self._is_new:
            _put_back(self.path, None)

    def free(self) -> None:
        """Let others have the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _is_there(path: str, known: os.stat_result) -> bool:
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path takes twice as long
    except OSError:
        return False
    return found.st_ino == known.st_ino and found.st_dev == known.st_dev


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _put_back(path: Path, content: bytes | None) -> None:
    with suppress(OSError):
        if content is None:
            path.unlink(missing_ok=True)
        elif content != path.read_bytes():
            path.write_bytes(content)
