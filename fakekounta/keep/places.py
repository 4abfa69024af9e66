"""The places that keep changes: a file, or the URL of a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakekounta.keep.kept import KeptKounta
from fakekounta.keep.log import KeepError, Unreachable
from fakekounta.keep.sqlite_log import LogReader
from fakekounta.process.files import is_database

if TYPE_CHECKING:
    from fakekounta.keep.redis_log import RedisLog


def kounta_at(place: Path | str, **settings: Any) -> KeptKounta:
    """Return the fake whose changes a place keeps. Raise KeepError, and as `KeptKounta` does."""
    if not is_database(place):
        return KeptKounta(place, **settings)
    try:
        from fakekounta.keep.redis_kounta import RedisKounta  # noqa: PLC0415 - an extra
    except ImportError:
        raise _not_installed(place) from None
    return RedisKounta(str(place), **settings)


def reader_at(place: Path | str) -> LogReader | RedisLog:
    """Return the log at a place, to read it. Raise KeepError."""
    if not is_database(place):
        return LogReader(Path(place))
    try:
        from fakekounta.keep.redis_log import RedisLog  # noqa: PLC0415 - an extra
    except ImportError:
        raise _not_installed(place) from None
    try:
        return RedisLog(str(place))
    except Unreachable as reason:
        raise KeepError(str(reason)) from None


def _not_installed(place: Path | str) -> KeepError:
    scheme = str(place).partition("://")[0]
    return KeepError(f"{scheme}://: needs the extra redis: pip install 'fakekounta[redis]'")
