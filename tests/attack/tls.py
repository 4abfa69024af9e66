"""TLS: malformed, slow and huge handshakes, bytes that are not records, requests inside, and memory left afterwards."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.attack import slow
from tests.attack.figures import Figure, none_of
from tests.attack.fuzz import HANG_SECONDS, SEED, Outcome, grammatical, mutate, send_requests
from tests.attack.victim import PATIENCE_SECONDS, Victim, serving

_MEMORY_BAR = 40.0
_LEFT_BAR = 4.0  # descriptors and threads that the server itself keeps for later


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsVictim(Victim):
    """A server whose clients speak TLS."""

    def connect(self, timeout: float = PATIENCE_SECONDS) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        return _context().wrap_socket(sock, server_hostname="localhost")


def figures(scale: float) -> Iterator[Figure]:
    """Yield the results for the bytes, how long other clients wait, and what the server keeps."""
    with serving("--tls") as plain:
        victim = TlsVictim(port=plain.port, process=plain.process, log=plain.log)
        victim.ask("GET", "/_fakekounta/health")
        before, megabytes = _held(victim), victim.megabytes
        yield from _broken_handshakes(victim, int(3_000 * scale))
        yield from _after_handshakes(victim, int(600 * scale))
        yield from _inside(victim, int(3_000 * scale))
        victim.await_rest()
        yield Figure(name="TLS: descriptors and threads left", value=_held(victim) - before, unit="", bar=_LEFT_BAR)
        yield Figure(name="TLS: growth", value=victim.megabytes - megabytes, unit="MB", bar=_MEMORY_BAR)
        yield none_of("tracebacks in the log after attacks by TLS", victim.tracebacks, len(victim.tracebacks))
    with serving("--tls") as plain, ExitStack() as stack:
        slow.open_many(plain, stack, max(1_050, int(1_100 * scale)), _hello("localhost")[:100])
        victim = TlsVictim(port=plain.port, process=plain.process, log=plain.log)
        yield from slow.waits(victim, "1,100 slow handshakes")


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _hello(name: str, protocols: int = 0) -> bytes:
    """Return the first bytes of a client that requests this name, and offers so many protocols."""
    context = _context()
    if protocols:
        context.set_alpn_protocols([f"protocol-{number:0240}" for number in range(protocols)])
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    return outgoing.read()


def _broken_handshakes(victim: Victim, count: int) -> Iterator[Figure]:
    draw, bad = Random(SEED), []
    hellos = [_hello("localhost"), _hello(".".join(["a" * 60] * 4)), _hello("localhost", protocols=200)]
    for _ in range(count):
        data = mutate(draw, mutate(draw, draw.choice(hellos)))
        if not _ends(victim, b"\x16" + data[1:]):
            bad.append(data)
    yield none_of("mutated handshakes: a hang", bad, count)


def _ends(victim: Victim, data: bytes) -> bool:
    """Return whether the server ends a connection on which only these bytes are sent."""
    with socket.create_connection(("127.0.0.1", victim.port), timeout=HANG_SECONDS) as sock:
        return _drained(sock, data)


def _drained(sock: socket.socket, data: bytes) -> bool:
    try:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def _after_handshakes(victim: Victim, count: int) -> Iterator[Figure]:
    """Send bytes that are not records, another handshake, and an end without its alert."""
    draw, bad = Random(SEED), []
    kinds = (
        b"GET / HTTP/1.1\r\n\r\n",
        _hello("localhost"),
        b"\x17\x03\x03\x40\x00",
        b"\x15\x03\x03\x00\x02\x01\x5a",
        b"",
    )
    for _ in range(count):
        data = draw.choice(kinds) + draw.randbytes(draw.randrange(200))
        with socket.socket(fileno=victim.connect().detach()) as raw:
            raw.settimeout(HANG_SECONDS)
            if not _drained(raw, data):
                bad.append(data)
    yield none_of("bytes in place of records: a hang", bad, count)


def _inside(victim: Victim, count: int) -> Iterator[Figure]:
    draw, outcome, sent = Random(SEED), Outcome(), 0
    while sent < count:
        sent += send_requests(victim, [mutate(draw, grammatical(draw, victim.port)) for _ in range(20)], outcome)
    yield none_of("mutated requests by TLS: 5xx or a hang", outcome.bad, count)


def _held(victim: Victim) -> int:
    return victim.threads + len(list(Path(f"/proc/{victim.process.pid}/fd").iterdir()))
