"""Signals that make a response fail: over a socket, in-process, and under other servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fakekounta.process.unpatched import sleep

SLEEP = "fakekounta.sleep"
"""Key of the environ: a function that waits a number of seconds, or until the server stops."""

PATIENCE = "fakekounta.patience"
"""Key of the environ: how many seconds a client in this process waits for a byte."""


class Cut(Exception):
    """Raised by an application to end the connection after `data`, by a reset (RST) if `reset` is set.

    By TLS, the first half of a record with `torn` follows, which no client can read.

    Over a socket the client sees exactly that; the in-process clients raise what their HTTP library would raise. Other
    WSGI servers and test clients get this exception.
    """

    def __init__(self, *, data: bytes = b"", reset: bool = False, torn: bytes = b"") -> None:
        super().__init__("the connection was reset" if reset else "the connection was closed")
        self.data = data
        self.reset = reset
        self.torn = torn


class TimedOut(Exception):
    """A client in this process would have timed out."""

    def __init__(self, patience_seconds: float) -> None:
        super().__init__(f"nothing came for {patience_seconds} seconds")
        self.patience_seconds = patience_seconds


def pause(environ: Mapping[str, Any], seconds: float, clock_seconds: float, advance: Callable[[float], object]) -> None:
    """Wait `seconds` of real time, and advance the clock by `clock_seconds`.

    Raise TimedOut at once, without waiting, if a client in this process would time out.
    """
    patience = environ.get(PATIENCE)
    if patience is not None and seconds + clock_seconds > patience:
        if clock_seconds:
            advance(min(clock_seconds, patience))
        raise TimedOut(patience)
    if clock_seconds:
        advance(clock_seconds)
    if seconds:
        environ.get(SLEEP, sleep)(seconds)
