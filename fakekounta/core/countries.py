"""ISO 3166-1 alpha-2 codes, from a table in the IANA time zone database, which is kept up to date."""

from __future__ import annotations

from functools import lru_cache
from pkgutil import get_data


@lru_cache(maxsize=1)
def country_codes() -> frozenset[str]:
    """Return all two-letter codes in use, in upper case. They are read once, from the real file system."""
    table = (get_data("tzdata", "zoneinfo/iso3166.tab") or b"").decode("utf-8")
    return frozenset(line[:2] for line in table.splitlines() if line and not line.startswith("#"))
