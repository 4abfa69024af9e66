"""Files that this process writes whole or not at all; the port file is removed when the server ends."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE, S_ISREG

_ONLY_IN_PLACE = frozenset((errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV))
"""Errors for a file that can be written but not replaced: its folder is read-only, or it is a mount point."""

_DATABASES = ("redis", "rediss", "unix")


def is_database(place: str | Path) -> bool:
    """Return whether a place is the URL of a Redis or Valkey database, not a path."""
    return str(place).partition("://")[0] in _DATABASES and "://" in str(place)


def expanded(path: str | Path) -> Path:
    """Return a path with the folder of the user in the place of `~`; `~nobody` of an unknown user stays."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def write_whole(path: Path, text: str) -> None:
    """Replace a file atomically, so that a reader sees the old content or the new one. Raise OSError.

    A file that is not regular, such as a pipe, and one that cannot be replaced, is written in place.
    """
    content = text.encode()
    mode = _mode(path)
    if mode is not None and not S_ISREG(mode):
        path.write_bytes(content)
        return
    try:
        _replace(Path(os.path.realpath(path)), content, mode)
    except OSError as error:
        if mode is None or error.errno not in _ONLY_IN_PLACE:
            raise
        path.write_bytes(content)


def _replace(path: Path, content: bytes, mode: int | None) -> None:
    temporary = _temporary(path)
    try:
        with temporary.open("xb") as file:
            file.write(content)
        if mode is not None:
            temporary.chmod(S_IMODE(mode))
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def write_private(path: Path, content: bytes) -> None:
    """Make a file that only this user can read, unless it is there: the first of several processes wins.

    Raise OSError.
    """
    temporary = _temporary(path)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        with suppress(FileExistsError):
            _put(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink()


def _put(temporary: Path, path: Path) -> None:
    """Give a file its name. Raise FileExistsError if another one has it."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        temporary.replace(path)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{os.urandom(8).hex()}.tmp")


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except OSError:
        return None


class PortFile:
    """A file with the port of a server, which exists while the server listens. The constructor removes an old one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: tuple[int, ...] | None = None
        _remove(path)

    def write(self, port: int) -> None:
        """Write the port. Raise OSError."""
        write_whole(self._path, f"{port}\n")
        self._written = _identity(self._path)

    def remove(self) -> None:
        """Remove the file, unless another server has written to it since."""
        if self._written is not None and _identity(self._path) == self._written:
            _remove(self._path)


def _identity(path: Path) -> tuple[int, ...] | None:
    """Return a key that changes whenever the file is written to, or None if it is not a regular file."""
    try:
        known = path.stat()
    except OSError:
        return None
    return (known.st_dev, known.st_ino, known.st_size, known.st_mtime_ns) if S_ISREG(known.st_mode) else None


def _remove(path: Path) -> None:
    """Remove a regular file, or empty it where its folder is read-only."""
    if _identity(path) is None:
        return
    try:
        Path(os.path.realpath(path)).unlink()
    except OSError:
        with suppress(OSError):
            path.write_bytes(b"")
