"""Tests that an Upgrade is never granted: the request is answered as without it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from fakekounta.wire.server.bodies import Intake
from fakekounta.wire.server.limits import Limits
from fakekounta.wire.server.request import RequestReader
from tests.wire.test_http_server import CHUNKED, GET, Client, Mirror, serve

if TYPE_CHECKING:
    from tests.wire.test_http_server import Serve

__all__ = ["serve"]

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
BODIES = {
    "": b"",
    "Content-Length: 0\r\n": b"",
    "Content-Length: 3\r\n": b"abc",
    "Content-Length: 5\r\n": b"abcde",
    "Transfer-Encoding: chunked\r\n": b"3\r\nabc\r\n0\r\n\r\n",
    "Transfer-Encoding: Chunked\r\nTrailer: x\r\n": b"0\r\nX: y\r\n\r\n",
    "Transfer-Encoding: gzip\r\n": b"",
}
EXPECTATIONS = ("", "Expect: 100-continue\r\n", "Expect: 100-Continue\r\n", "Expect: more\r\n")
VERSIONS = ("1.1", "1.0")
CONNECTIONS = ("", "keep-alive", "close")
UPGRADES = ("Upgrade: h2c\r\n", "Upgrade: websocket\r\nSec-WebSocket-Key: x\r\n")
LIMITS = Limits(body_bytes=4)


def written(method: str, version: str, connection: str, fields: str, upgrade: str, body: bytes) -> bytes:
    """Return the bytes of a request, and of another one behind it."""
    options = ", ".join(option for option in (connection, "Upgrade" if upgrade else "") if option)
    head = f"{method} /a HTTP/{version}\r\nHost: a\r\n{upgrade}{fields}"
    head += f"Connection: {options}\r\n" if options else ""
    return f"{head}\r\n".encode() + body + GET


def read(pieces: list[bytes]) -> tuple[list[Any], Any, bool]:
    """Return the requests that a reader makes of it, the refusal, and whether its response has a body."""
    reader = RequestReader({}, LIMITS, Intake(LIMITS))
    requests: list[Any] = []
    for piece in pieces:
        requests += [
            (r.environ["REQUEST_METHOD"], r.environ["PATH_INFO"], r.environ["wsgi.input"].read(), r.keep_alive)
            for r in reader.feed(piece)
        ]
        if reader.refused or not all(keep_alive for *_, keep_alive in requests):
            break
    refused, is_head = reader.refused, reader.is_head
    reader.close()
    # Bytes behind the last request are not read
    closes = bool(requests) and not requests[-1][-1]
    return requests[:1] if closes else requests, None if closes else refused, is_head


@pytest.mark.parametrize("fields", BODIES)
@pytest.mark.parametrize("expectation", EXPECTATIONS)
def test_an_upgrade_changes_nothing(fields: str, expectation: str) -> None:
    """With any method, body, version and headers, requests and refusals are those without the Upgrade."""
    for method, version, connection, upgrade in product(METHODS, VERSIONS, CONNECTIONS, UPGRADES):
        shape = (method, version, connection, fields + expectation)
        plain = read([written(*shape, "", BODIES[fields])])
        data = written(*shape, upgrade, BODIES[fields])
        assert read([data]) == plain, data
        assert read([bytes([byte]) for byte in data]) == plain, data


@pytest.mark.parametrize("method", METHODS)
def test_an_upgrade_that_expects_and_has_no_body(serve: Serve, method: str) -> None:
    """A request without a body gets no 100, and what looks like the end of a body is a malformed next request."""
    with Client(serve()) as client:
        client.send(f"{method} / HTTP/1.1\r\nHost: a\r\n".encode())
        client.send(b"Connection: Upgrade\r\nUpgrade: h2c\r\nExpect: 100-continue\r\n\r\n")
        assert client.reply(method).status == 200
        assert client.send(b"0\r\n\r\n").reply().status == 400
        assert client.rest() == b""


def test_an_upgrade_keeps_what_is_pipelined_behind_it(serve: Serve) -> None:
    """Requests behind Upgrades of all kinds are answered in order, in any number of pieces."""
    mirror = Mirror()
    kinds = [
        b"GET /1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nExpect: 100-continue\r\n\r\n",
        b"POST /2 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc",
        b"PUT /3 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n",
        b"POST /4 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
        + CHUNKED
        + b"\r\n1\r\nd\r\n0\r\n\r\n",
        b"GET /5 HTTP/1.1\r\nHost: a\r\n\r\n",
    ]
    with Client(serve(mirror)) as client:
        client.send(b"".join(kinds))
        assert [client.reply().body for _ in kinds] == [b"", b"abc", b"", b"d", b""]
        for byte in b"".join(kinds):
            client.send(bytes([byte]))
        assert [client.reply().body for _ in kinds] == [b"", b"abc", b"", b"d", b""]
    assert [environ["PATH_INFO"] for environ in mirror.environs] == ["/1", "/2", "/3", "/4", "/5"] * 2


@pytest.mark.parametrize(
    "data, status",
    [
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\nContent-Length: 2\r\n\r\nab", 405),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", 405),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 405),
        (b"CONNECT a:1 HTTP/1.0\r\n\r\n", 405),
        (b"CONNECT a:1 HTTP/1.1\r\n\r\n", 400),
    ],
)
def test_other_protocols(data: bytes, status: int) -> None:
    """A preface of HTTP/2 and a tunnel are refused, and nothing behind them is read."""
    for pieces in ([data], [bytes([byte]) for byte in data]):
        requests, refused, _ = read(pieces)
        assert (requests, refused.status) == ([], status)


def test_a_refused_head_with_an_upgrade_has_no_body(serve: Serve) -> None:
    """A HEAD request stays one for the parser that reads on after the Upgrade."""
    with Client(serve(body_bytes=3)) as client:
        client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n")
        client.send(b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n")
        assert client.reply("HEAD").status == 413
        assert client.rest() == b""
