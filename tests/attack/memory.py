"""Memory: what the server keeps of data from strangers."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress

from tests.attack.figures import Figure
from tests.attack.receivers import receiving
from tests.attack.victim import AUTH, CUSTOMERS, WEBHOOKS, Victim, ask_on, read_answer, request_bytes, serving

_MEGABYTE = 1_048_576
_TOO_MUCH = 1_500  # megabytes; the attack ends there, before the machine runs out of memory
_UPLOAD = 199 * _MEGABYTE
_NAMESPACES = ("", "a", "b", "c")


def figures(scale: float) -> Iterator[Figure]:
    """Yield the growth of a new server in megabytes."""
    parts: dict[str, tuple[Callable[[Victim, float], Iterable[object]], float, tuple[str, ...]]] = {
        "15 aborted uploads of 199 MB to the control surface": (_aborted, 64, ()),
        "6 unfinished uploads of 199 MB without the control token": (_strangers, 64, ("--control-token", "secret")),
        "1,000 requests with 9,000 small headers in 4 namespaces": (_many_headers, 250, ()),
        "100 clients that pipeline small requests and read nothing": (_pipelined, 80, ()),
        "300 clients with 9,000 headers and no end of them": (_unfinished_heads, 150, ()),
        "20 clients with trailers that do not end": (_trailers, 30, ()),
        "300 updates of a customer of 900 KB, the receiver fails": (_large_deliveries, 250, ()),
    }
    for name, (attack, bar, flags) in parts.items():
        with serving(*flags) as victim:
            yield _grown(victim, name, attack(victim, scale), bar)
    with serving() as victim:
        yield _grown(victim, "200,000 tokens", _tokens(victim, scale), 25)
        state = len(victim.control("GET", "/state").body) / _MEGABYTE
        yield Figure(name="the state after 200,000 tokens", value=state, unit="MB", bar=2.5)


def _grown(victim: Victim, name: str, steps: Iterable[object], bar: float) -> Figure:
    """Run the steps, and return the growth at the end and at the most."""
    victim.control("GET", "/health")
    before = most = victim.megabytes
    note = ""
    for step in steps:
        most = max(most, victim.megabytes)
        if most - before > _TOO_MUCH:
            note = f"broken off at {step}"
            break
    grown = max(_settled(victim), most if _is_for_meanwhile(name) else 0.0) - before if not note else most - before
    return Figure(name=f"grown by {name}", value=grown, unit=f"MB (at most {most - before:,.0f})", bar=bar, note=note)


def _is_for_meanwhile(name: str) -> bool:
    """Return whether the bar is for the growth during the attack, not at its end."""
    return " clients " in name


def _settled(victim: Victim) -> float:
    """Return the memory of the server after a pause, because clients may be closed late."""
    least, until = victim.megabytes, time.monotonic() + 2.0
    while time.monotonic() < until:
        victim.control("GET", "/health")
        least = min(least, victim.megabytes)
        time.sleep(0.1)
    return least


def _head(victim: Victim, path: str, length: int, *lines: str) -> bytes:
    more = "".join(f"{line}\r\n" for line in lines)
    head = f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1:{victim.port}\r\nContent-Type: application/json\r\n{more}"
    return f"{head}Content-Length: {length}\r\n\r\n".encode()


def _pour(sock: socket.socket, length: int) -> None:
    """Send so many bytes, unless the server refuses them."""
    piece = b"[" + b" " * (_MEGABYTE - 1)
    try:
        for _ in range(length // _MEGABYTE):
            sock.sendall(piece)
    except OSError:
        return


def _aborted(victim: Victim, scale: float) -> Iterator[object]:
    for number in range(max(3, int(15 * scale))):
        with victim.connect() as sock:
            sock.sendall(_head(victim, "/_fakekounta/state", _UPLOAD + 1))
            _pour(sock, _UPLOAD)
        yield number


def _strangers(victim: Victim, scale: float) -> Iterator[object]:
    del scale
    with ExitStack() as stack:
        for number in range(6):
            sock = stack.enter_context(victim.connect())
            sock.sendall(_head(victim, "/_fakekounta/state", _UPLOAD + 1))
            _pour(sock, _UPLOAD)
            yield number


def _many_headers(victim: Victim, scale: float) -> Iterator[object]:
    lines = "".join(f"a{number % 10}:\r\n" for number in range(9_000))
    for namespace in _NAMESPACES:
        head = f"X-Fakekounta-Namespace: {namespace}\r\n" if namespace else ""
        request = f"GET /v1/companies/me.json HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {AUTH}\r\n{head}{lines}\r\n"
        with victim.connect() as sock:
            for number in range(int(1_000 * scale)):
                sock.sendall(request.encode())
                if read_answer(sock).status != 200:
                    raise RuntimeError("the headers were not taken")
                if number % 20 == 0:
                    yield namespace, number


def _large_deliveries(victim: Victim, scale: float) -> Iterator[object]:
    with receiving() as hits, victim.connect() as sock:
        hits.status = 500
        ask_on(sock, "POST", WEBHOOKS, {"topic": "customers/updated", "address": hits.url})
        tags = ["t" * 1_000] * 850
        path = ask_on(sock, "POST", CUSTOMERS, {"first_name": "A", "phone": "1", "tags": tags}).header("Location")
        for number in range(int(300 * scale)):
            ask_on(sock, "PUT", "/" + path.split("/", 3)[3], {"last_name": f"n{number}", "tags": [*tags, str(number)]})
            yield number
        if not hits.found:
            raise RuntimeError("nothing was delivered")


def _floods(victim: Victim, clients: int, data: bytes, rounds: int) -> Iterator[object]:
    """Let each client send the data repeatedly, as long as the server reads it, and read nothing."""
    with ExitStack() as stack:
        socks = [stack.enter_context(victim.connect()) for _ in range(clients)]
        for sock in socks:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            sock.setblocking(False)
        for number in range(rounds):
            for sock in socks:
                with suppress(OSError):  # it reads no more now, or has closed
                    sock.send(data)
            time.sleep(0.1)
            yield number


def _pipelined(victim: Victim, scale: float) -> Iterator[object]:
    del scale
    yield from _floods(victim, 100, b"GET / HTTP/1.1\r\nHost:[::1]\r\n\r\n" * 2_000, 40)


def _unfinished_heads(victim: Victim, scale: float) -> Iterator[object]:
    del scale
    with ExitStack() as stack:
        for number in range(300):
            sock = stack.enter_context(victim.connect())
            sock.sendall(b"GET / HTTP/1.1\r\nHost:[::1]\r\n" + b"a:\r\n" * 9_000)
            yield number
        victim.await_rest()
        yield "all are read"


def _trailers(victim: Victim, scale: float) -> Iterator[object]:
    del scale
    with ExitStack() as stack:
        for number in range(20):
            sock = stack.enter_context(victim.connect())
            head = f"PUT {CUSTOMERS} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na"
            sock.sendall(head.encode())
            _pour(sock, 7 * _MEGABYTE)
            yield number


def _tokens(victim: Victim, scale: float) -> Iterator[object]:
    """Send fifty requests at once on one connection."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    form = b"grant_type=client_credentials"
    one = request_bytes(victim.port, "POST", "/v1/token", headers={**headers, "Content-Length": str(len(form))})
    with victim.connect() as sock:
        for number in range(int(4_000 * scale)):
            sock.sendall((one + form) * 50)
            answers = b""
            while answers.count(b"access_token") < 50:
                piece = sock.recv(262_144)
                if not piece or b" 400 " in answers:
                    raise RuntimeError(f"no token: {answers[-300:]!r}")
                answers += piece
            yield number
