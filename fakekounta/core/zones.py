"""Time zones, from the machine or from the package `tzdata`.

`tzdata` is read by Python's import system, which works even while a test fakes the file system.
"""

from __future__ import annotations

import re
from functools import lru_cache
from io import BytesIO
from pkgutil import get_data
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_NAME = re.compile(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*")


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name. Raise ZoneInfoNotFoundError, ValueError or OSError if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        return ZoneInfo.from_file(BytesIO(_packed(name)), key=name)


def _packed(name: str) -> bytes:
    """Return the zone's file from `tzdata`. Raise ZoneInfoNotFoundError if there is none."""
    data = None
    if _NAME.fullmatch(name):
        try:
            data = get_data("tzdata", f"zoneinfo/{name}")
        except (FileNotFoundError, IsADirectoryError):
            data = None
    if data is None or not data.startswith(b"TZif"):
        raise ZoneInfoNotFoundError(f"No time zone found with key {name}")
    return data
