"""Slow and idle clients, and clients that left: how long others wait."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack

from tests.attack.figures import Figure
from tests.attack.victim import AUTH, CUSTOMERS, Victim, read_answer, request_bytes, serving

_CONTROL_BAR = 1.0
_NEWCOMER_BAR = 5.0
_FEW_FILES = 264  # 150 places
_RESET = struct.pack("ii", 1, 0)


def figures(scale: float) -> Iterator[Figure]:
    """Yield how long a control call and a new client wait, and how many idle ones are replaced a second."""
    count = max(1_050, int(1_100 * scale))
    head = f"POST {CUSTOMERS} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {AUTH}\r\n".encode()
    body = head + b"Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
    for name, data in (("heads", head), ("bodies", body)):
        with serving() as victim, ExitStack() as stack:
            open_many(victim, stack, count, data)
            yield from waits(victim, f"{count:,} slow {name}")
    with serving() as victim, ExitStack() as stack:
        open_many(victim, stack, 1_000, b"")
        control = victim.seconds_until_answered("/_fakekounta/health")
        yield Figure(name="a control call right behind 1,000 newcomers", value=control, unit="s", bar=_CONTROL_BAR)
    with serving(ulimit=f"-n {_FEW_FILES}") as victim, ExitStack() as stack:
        yield from _unread(victim, stack)
    with serving() as victim, ExitStack() as stack:
        yield _replaced(victim, stack, 2_000)
    with serving() as victim:
        yield from _given_up(victim, reset=True)
    with serving() as victim:
        yield from _given_up(victim, reset=False)


def open_many(victim: Victim, stack: ExitStack, count: int, data: bytes) -> list[socket.socket]:
    """Open `count` connections and send the data on each; those that are not accepted yet wait in the backlog."""
    opened = []
    for _ in range(count):
        sock = stack.enter_context(socket.socket())
        sock.settimeout(2.0)
        try:
            sock.connect(("127.0.0.1", victim.port))
            if data:
                sock.sendall(data)
        except OSError:
            continue
        opened.append(sock)
    return opened


def waits(victim: Victim, name: str) -> Iterator[Figure]:
    control = victim.seconds_until_answered("/_fakekounta/health")
    yield Figure(name=f"{name}: a control call", value=control, unit="s", bar=_CONTROL_BAR)
    newcomer = victim.seconds_until_answered("/v1/companies/me.json")
    yield Figure(name=f"{name}: a newcomer", value=newcomer, unit="s", bar=_NEWCOMER_BAR)


def _unread(victim: Victim, stack: ExitStack) -> Iterator[Figure]:
    """Let more clients than there are places request large responses without reading them."""
    tags = ["t" * 1_000] * 850
    location = victim.ask("POST", CUSTOMERS, {"first_name": "A", "phone": "1", "tags": tags}).header("Location")
    request = request_bytes(victim.port, "GET", "/" + location.split("/", 3)[3]) * 8
    for _ in range(170):
        sock = stack.enter_context(socket.socket())
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_304)
        sock.connect(("127.0.0.1", victim.port))
        sock.sendall(request)
    victim.await_rest()
    yield from waits(victim, "170 clients that do not read, 150 places")


def _replaced(victim: Victim, stack: ExitStack, count: int) -> Figure:
    """Connect new clients that send a request and stay: from the thousandth on, each replaces an idle one."""
    request = request_bytes(victim.port, "GET", "/v1/companies/me.json")
    opened = open_many(victim, stack, 1_000, request)
    for sock in opened:
        sock.settimeout(60)
        read_answer(sock)
    time.sleep(0.5)
    started = time.monotonic()
    newcomers = open_many(victim, stack, count - 1_000, request)
    answered = sum(1 for sock in newcomers if _is_answered(sock, started + 60))
    rate = answered / (time.monotonic() - started)
    note = "" if answered == count - 1_000 else f"{answered} of {count - 1_000} were answered"
    return Figure(name="idle clients replaced", value=rate, unit="a second", bar=1_000, at_least=True, note=note)


def _is_answered(sock: socket.socket, until: float) -> bool:
    sock.settimeout(max(0.01, until - time.monotonic()))
    try:
        return read_answer(sock).status == 200
    except OSError:
        return False


def _given_up(victim: Victim, *, reset: bool) -> Iterator[Figure]:
    """Let a thousand clients send a request that a fault delays by an hour, and leave by a reset or a close."""
    victim.control("POST", "/faults", {"path": "/customers", "latency_seconds": 3_600})
    with ExitStack() as stack:
        opened = open_many(victim, stack, 1_000, request_bytes(victim.port, "GET", CUSTOMERS))
        victim.await_rest()
        how = "were reset" if reset else "closed"
        name = f"clients that wait for a late answer, before they {how}"
        yield Figure(name=name, value=victim.threads, unit="", bar=900, at_least=True)
        for sock in opened:
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    yield from waits(victim, f"1,000 clients that {how} before a late answer")
