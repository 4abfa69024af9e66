"""Tests of the exact limits of the HTTP server and of its refusals."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from fakekounta.wire.server import Limits
from fakekounta.wire.server import channel as channel_module
from fakekounta.wire.server.connection import Connection
from fakekounta.wire.server.request import CHUNK_OVERHEAD, RequestReader
from tests.wire.test_http_server import CHUNKED, GET, HEAD_1_1, Client, Mirror, answering, ask, eventually, serve

if TYPE_CHECKING:
    from tests.wire.test_http_server import Serve

__all__ = ["serve"]

HOST_COST = len(b"Host" + b"a") + 4
NOT_UNDERSTOOD = "The request could not be understood."
LARGE_HEAD = "The request line and headers are too large."


def refused(data: bytes, **limits: Any) -> tuple[int, str] | None:
    """Return why a reader refuses the data, or None."""
    reader = RequestReader({}, Limits(**limits))
    reader.feed(data)
    return reader.refused


@pytest.mark.parametrize(
    "status, description, data",
    [
        (400, NOT_UNDERSTOOD, b"\0"),
        (400, NOT_UNDERSTOOD, b"GET foo HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "The HTTP version is neither 1.0 nor 1.1.", b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
        (400, "Exactly one Host header is required.", b"GET / HTTP/1.1\r\n\r\n"),
        (400, "Exactly one Host header is required.", b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        (400, "Exactly one Host header is required.", b"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"),
        (400, "The only transfer coding known to this server is chunked.", HEAD_1_1 + b"Transfer-Encoding: x\r\n\r\n"),
        (400, "The only transfer coding known to this server is chunked.", b"PUT / HTTP/1.0\r\n" + CHUNKED + b"\r\n"),
        (405, "This server is not a proxy.", b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"),
        (405, "The method is not known to this server.", b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (413, "The request body is too large.", HEAD_1_1 + b"Content-Length: 9\r\n\r\n"),
        (414, "The request target is too long.", b"GET /" + b"a" * 60),
        (417, "The only expectation known to this server is 100-continue.", HEAD_1_1 + b"Expect: x\r\n\r\n"),
        (431, LARGE_HEAD, HEAD_1_1 + b"X: " + b"y" * 300 + b"\r\n\r\n"),
    ],
)
def test_each_refusal_says_what_was_wrong(serve: Serve, status: int, description: str, data: bytes) -> None:
    """A refusal has the API's error shape and closes the connection, also for a request sent byte by byte."""
    server = serve(body_bytes=8, target_bytes=50, head_bytes=200)
    with Client(server) as client:
        reply = client.send(data).reply()
        assert (reply.status, reply["Connection"]) == (status, "close")
        assert json.loads(reply.body)["error_description"] == description
        assert client.rest() == b""
    assert refused(data, body_bytes=8, target_bytes=50, head_bytes=200) == (status, description)


@pytest.mark.parametrize("surplus, expected", [(0, None), (1, (431, LARGE_HEAD))])
def test_headers_in_one_piece(surplus: int, expected: tuple[int, str] | None) -> None:
    """Names, values and four bytes for each line are counted; a head at the limit is accepted."""
    value = b"y" * (100 - HOST_COST - len(b"X") - 4 + surplus)
    assert refused(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + value + b"\r\n\r\n", head_bytes=100) == expected


@pytest.mark.parametrize("size, expected", [(100, None), (101, (431, LARGE_HEAD))])
def test_a_head_that_is_not_complete(size: int, expected: tuple[int, str] | None) -> None:
    """All bytes of an incomplete head are counted, even a name without an end."""
    start = b"GET / HTTP/1.1\r\nHost: a\r\n"
    assert refused(start + b"x" * (size - len(start)), head_bytes=100) == expected


def test_each_request_has_the_whole_limit() -> None:
    """Each request of a connection has the whole limit."""
    reader = RequestReader({}, Limits(head_bytes=len(GET)))
    for _ in range(5):
        for piece in (GET[:-1], GET[-1:]):
            reader.feed(piece)
        assert reader.refused is None


@pytest.mark.parametrize("surplus, expected", [(0, None), (1, (413, "The request body is too large."))])
@pytest.mark.parametrize("upgrade", [b"", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"])
def test_the_overhead_of_chunks(upgrade: bytes, surplus: int, expected: tuple[int, str] | None) -> None:
    """Chunks may have the size of a head, and eight bytes for each byte of the largest body, before they end."""
    head = HEAD_1_1 + upgrade + CHUNKED + b"\r\n"
    most = 300 + CHUNK_OVERHEAD * 10
    filler = b"1;" + b"x" * (most - len(head) - 2 + surplus)
    assert refused(head + filler, head_bytes=300, body_bytes=10) == expected


@pytest.mark.parametrize("upgrade", [b"", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"])
@pytest.mark.parametrize("size, status", [(10, None), (11, 413)])
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_to_the_byte(upgrade: bytes, size: int, status: int | None, chunked: bool) -> None:
    """The limit of a body is exact, also after an Upgrade, which another parser reads."""
    framing = CHUNKED if chunked else b"Content-Length: %d\r\n" % size
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (size, bytes(size)) if chunked else bytes(size)
    found = refused(HEAD_1_1 + upgrade + framing + b"\r\n" + body, body_bytes=10)
    assert (found and found[0]) == status


def test_the_defaults() -> None:
    """The default limits are those of the docs."""
    limits = Limits()
    assert (limits.body_bytes, limits.large_body_bytes, limits.unfinished_bytes) == (2**20, 2**28, 2**26)
    assert (limits.head_bytes, limits.target_bytes) == (65_536, 8_192)
    assert (limits.connections, limits.waiting_connections, limits.reserved_connections) == (1_000, 1_000, 32)
    assert (limits.idle_seconds, limits.request_seconds) == (75.0, 30.0)


@pytest.mark.parametrize(
    "headers, reason",
    [
        ([("Content-Length", "x")], "the Content-Length of the application is no single number"),
        ([("Content-Length", "1")] * 2, "the Content-Length of the application is no single number"),
        ([("Transfer-Encoding", "chunked")], "Transfer-Encoding is not for the application to set"),
    ],
)
def test_the_log_says_which_header_of_the_application_is_wrong(
    serve: Serve, headers: list[tuple[str, str]], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A malformed header of the application is logged; the client gets a 500."""
    assert ask(serve(answering(b"a", headers=headers)), GET).status == 500
    assert f"ValueError: {reason}" in caplog.text


# Keeping a connection


@pytest.mark.parametrize(
    "version, connection, kept, says",
    [
        ("1.1", None, True, ""),
        ("1.1", "keep-alive", True, ""),
        ("1.1", "close", False, "close"),
        ("1.1", "Close", False, "close"),
        ("1.1", "x, close", False, "close"),
        ("1.1", "upgrade", True, ""),
        ("1.0", None, False, "close"),
        ("1.0", "keep-alive", True, "keep-alive"),
        ("1.0", "Keep-Alive", True, "keep-alive"),
        ("1.0", "close", False, "close"),
    ],
)
def test_which_connections_are_kept(serve: Serve, version: str, connection: str | None, kept: bool, says: str) -> None:
    """Version and Connection header decide whether a connection is kept; the response names what is not the default."""
    header = "" if connection is None else f"Connection: {connection}\r\n"
    data = f"GET / HTTP/{version}\r\nHost: a\r\n{header}\r\n".encode()
    with Client(serve()) as client:
        assert client.send(data).reply()["Connection"] == says
        if kept:
            assert client.send(data).reply().status == 200
        else:
            assert client.rest() == b""


def test_idle_since_the_answer_was_sent(serve: Serve) -> None:
    """A connection is idle since its response was sent, not since its thread noted it: clients see that order."""
    server = serve()
    with Client(server) as client:
        assert client.send(GET).reply().status == 200
        (connection,) = server._registry._threads
        assert eventually(lambda: connection.idle_since is not None)
        assert connection.idle_since == connection._channel.sent_at


# Lingering


def test_lingering_ends_with_the_client(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lingering ends as soon as the client closes."""
    monkeypatch.setattr(channel_module, "LINGER_SECONDS", 1e6)
    server = serve()
    with Client(server) as client:
        assert client.send(b"\0\r\n").reply().status == 400
        assert server._registry.count() == 1
    assert eventually(lambda: server._registry.count() == 0)


def test_lingering_ends_after_a_while(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lingering ends even if the client stays."""
    monkeypatch.setattr(channel_module, "LINGER_SECONDS", 0.01)
    server = serve()
    with Client(server) as client:
        assert client.send(b"\0\r\n").reply().status == 400
        assert eventually(lambda: server._registry.count() == 0)


def test_lingering_lasts_as_long_as_it_says(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lingering reads until the last second of its time."""
    monkeypatch.setattr(channel_module, "LINGER_SECONDS", 1.0)
    monkeypatch.setattr(channel_module, "monotonic", lambda: 0.0)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"unread")
        theirs.shutdown(socket.SHUT_WR)
        Connection(ours, ("", 0), serve()._service)._linger()
        assert ours.recv(10) == b""
        assert theirs.recv(10) == b""


def test_lingering_ends_after_many_bytes(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lingering ends after a number of bytes, and the connection is cut."""
    monkeypatch.setattr(channel_module, "LINGER_SECONDS", 1e6)
    monkeypatch.setattr(channel_module, "LINGER_BYTES", 10)
    server = serve()
    with Client(server) as client:
        assert client.send(b"\0\r\n").reply().status == 400
        client.send(b"x" * 9)
        assert server._registry.count() == 1
        client.send(b"x")
        assert eventually(lambda: server._registry.count() == 0)


def test_the_next_request_after_a_refusal_is_not_answered(serve: Serve) -> None:
    """No request behind a refused one is answered."""
    mirror = Mirror()
    with Client(serve(mirror)) as client:
        assert client.send(b"\0\r\n" + GET).reply().status == 400
        assert client.send(GET).rest() == b""
    assert mirror.environs == []
    assert ask(serve(), GET).status == 200
