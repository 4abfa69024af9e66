"""Files that this process writes: whole or not at all, and gone with it where they are about it."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE, S_ISREG

_ONLY_IN_PLACE = frozenset((errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV))
"""Why a file cannot be replaced although it can be written: its folder is closed, or it is a mount of its own."""


def write_whole(path: Path, text: str) -> None:
    """Write a text to a file so that whoever reads it sees all of it, or what was there before. Raises OSError.

    What is no ordinary file, such as a pipe, and what cannot be replaced, is written to as it is.
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
    beside = path.with_name(f".{os.urandom(8).hex()}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(content)
        if mode is not None:
            beside.chmod(S_IMODE(mode))
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except OSError:
        return None


class PortFile:
    """Tells the port of a server while it listens; made before that, it removes what an earlier one has left."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: tuple[int, ...] | None = None
        _remove(path)

    def write(self, port: int) -> None:
        """Tell the port. Raises OSError."""
        write_whole(self._path, f"{port}\n")
        self._written = _identity(self._path)

    def remove(self) -> None:
        """Remove it, unless it is another server's by now."""
        if self._written is not None and _identity(self._path) == self._written:
            _remove(self._path)


def _identity(path: Path) -> tuple[int, ...] | None:
    """Return a key that changes whenever the file is written to, or None for what is no ordinary file."""
    try:
        known = path.stat()
    except OSError:
        return None
    return (known.st_dev, known.st_ino, known.st_size, known.st_mtime_ns) if S_ISREG(known.st_mode) else None


def _remove(path: Path) -> None:
    """Remove an ordinary file; where its folder does not let it go, at least empty it."""
    if _identity(path) is None:
        return
    try:
        Path(os.path.realpath(path)).unlink()
    except OSError:
        with suppress(OSError):
            path.write_bytes(b"")
