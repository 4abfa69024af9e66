"""How an application has its answer fail, whether a socket carries it, or this process, or a server of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fakekounta.process.unpatched import sleep

SLEEP = "fakekounta.sleep"
"""Key of the environ: the server's own way to wait a number of seconds, which ends when the server stops."""

PATIENCE = "fakekounta.patience"
"""Key of the environ: how many seconds a client in this process waits for a byte."""


class Cut(Exception):
    """Raised by an application: the connection ends here, after `data`, by a reset (RST) if `reset` is set.

    Over a socket the client sees just that; the in-process clients raise what their HTTP library would raise. A WSGI
    server or test client of others gets this exception.
    """

    def __init__(self, *, data: bytes = b"", reset: bool = False) -> None:
        super().__init__("the connection was reset" if reset else "the connection was closed")
        self.data = data
        self.reset = reset


class TimedOut(Exception):
    """A client in this process would not have waited for so long."""

    def __init__(self, patience_seconds: float) -> None:
        super().__init__(f"nothing came for {patience_seconds} seconds")
        self.patience_seconds = patience_seconds


def pause(environ: Mapping[str, Any], seconds: float, clock_seconds: float, advance: Callable[[float], object]) -> None:
    """Let `seconds` pass really, and `clock_seconds` on a clock.

    Raises TimedOut if a client in this process would not wait for so long; then nobody does.
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
