"""Detect that a client has left, without reading from its socket."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterable
from typing import Any

LONGEST_SECONDS = 86_400.0

# Absent on Windows, where nothing is detected.
_poll: Any = getattr(select, "poll", None)
_GONE: int = getattr(select, "POLLHUP", 0) | getattr(select, "POLLERR", 0) | getattr(select, "POLLNVAL", 0)
_HALF_CLOSED: int = getattr(select, "POLLRDHUP", 0)  # Linux only


def ends_within(sock: socket.socket, seconds: float) -> bool:
    """Wait so long; return True as soon as the connection is reset, or has ended on both sides.

    No clock is read, because tests may have replaced it.
    """
    if _poll is None:
        return bool(select.select([], [], [sock], seconds)[2])
    poll = _poll()
    poll.register(sock, 0)
    while seconds > LONGEST_SECONDS:
        if poll.poll(LONGEST_SECONDS * 1_000):
            return True
        seconds -= LONGEST_SECONDS
    return bool(poll.poll(seconds * 1_000))


def departed(socks: Iterable[socket.socket]) -> list[int]:
    """Return the descriptors of the connections that were reset, and then of those whose clients send no more."""
    if _poll is None:
        return []
    poll = _poll()
    for sock in socks:
        poll.register(sock, _HALF_CLOSED)
    found: list[tuple[int, int]] = poll.poll(0)
    return [number for number, event in sorted(found, key=lambda pair: not pair[1] & _GONE)]
