"""Patterns that could backtrack, and clocks that could overflow: neither may block the process or end a thread."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

from tests.attack.figures import Figure
from tests.attack.receivers import Hits, receiving
from tests.attack.victim import CUSTOMERS, WEBHOOKS, Victim, serving

_PATTERNS = (
    "/**a**a**a**b",
    "/*a*a*a*a*a*b",
    "/**/a**/a**/a**/b",
    "/{x}a{y}a{z}b",
    "/" + "**a" * 12 + "b",
    "/" + "*a" * 60,
)
_LONG_PATH = "/" + "a" * 800
_BAR = 0.5
_MOST_SECONDS = 10.0
_CLOCKS: tuple[tuple[dict[str, object], ...], ...] = (
    ({"rate": 1e-9},),
    ({"now": "9990-01-01T00:00:00Z"}, {"now": "1971-01-01T00:00:00Z"}),
    ({"rate": 1e9},),
    ({"frozen": True, "now": "9998-12-31T23:59:59Z"}, {"frozen": False}),
)


def figures(scale: float) -> Iterator[Figure]:
    """Yield the slowest responses, and whether deliveries are still made."""
    del scale
    slowest = max(_journal_seconds(pattern) for pattern in _PATTERNS)
    yield Figure(name="requests?path= with wild cards, a path of 800 letters", value=slowest, unit="s", bar=_BAR)
    slowest = max(_fault_seconds(pattern) for pattern in _PATTERNS)
    yield Figure(name="a fault with wild cards, a path of 800 letters", value=slowest, unit="s", bar=_BAR)
    for number, changes in enumerate(_CLOCKS):
        with serving() as victim, receiving() as hits:
            yield _still_delivers(victim, hits, number, changes)


def _journal_seconds(pattern: str) -> float:
    with serving() as victim:  # a frozen clock cannot be used for the next one
        victim.ask("GET", _LONG_PATH)
        return _seconds(victim, f"/_fakekounta/requests?path={pattern}")


def _fault_seconds(pattern: str) -> float:
    with serving() as victim:
        # a refused one delays nothing
        victim.ask("POST", "/_fakekounta/faults", {"path": pattern, "status": 418})
        return _seconds(victim, _LONG_PATH)


def _seconds(victim: Victim, path: str) -> float:
    started = time.monotonic()
    with suppress(TimeoutError):
        status = victim.ask("GET", path, timeout=_MOST_SECONDS).status
        if status not in (200, 400, 404, 418):
            raise RuntimeError(f"the attack never began: {status} for {path}")
    return time.monotonic() - started


def _still_delivers(victim: Victim, hits: Hits, number: int, changes: tuple[dict[str, object], ...]) -> Figure:
    """Return whether a delivery is made after the clock was set and reset while a failed delivery waits."""
    victim.ask("POST", WEBHOOKS, {"topic": "customers/created", "address": "http://127.0.0.1:1/dead"})
    victim.ask("POST", CUSTOMERS, {"first_name": "A", "phone": "1"})
    for change in changes:
        victim.ask("PUT", "/_fakekounta/clock", change)
        time.sleep(0.3)
    victim.control("POST", "/reset")
    victim.ask("POST", WEBHOOKS, {"topic": "customers/created", "address": hits.url})
    victim.ask("POST", CUSTOMERS, {"first_name": "B", "phone": "2"})
    came = hits.wait_for(1, seconds=5.0)
    return Figure(name=f"a delivery after clock {number + 1}", value=came, unit="came", bar=1, at_least=True)
