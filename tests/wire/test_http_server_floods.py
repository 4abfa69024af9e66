"""What a client sends at once, or does not take, costs the server a bounded number of bytes and holds up nobody."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from fakekounta.wire.server import Limits
from fakekounta.wire.server import registry as registry_module
from fakekounta.wire.server.bodies import FREE_HEADERS, HEADER_BYTES, Intake
from fakekounta.wire.server.request import PIECE_BYTES, RequestReader
from tests.wire.test_http_server import CHUNKED, GET, HEAD_1_1, PATIENCE_SECONDS, Client, eventually, serve

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from _typeshed.wsgi import StartResponse

    from fakekounta.wire.server import HttpServer
    from tests.wire.test_http_server import Serve

__all__ = ["serve"]

TOO_MANY = (503, "Too many large requests are being received: try again later.")
COST = HEADER_BYTES + 2


def head_of(headers: int) -> bytes:
    """Return an incomplete head with so many headers, including Host."""
    return HEAD_1_1 + b"a:\r\n" * (headers - 1)


# Pipelined requests


def numbered(number: int) -> bytes:
    return b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number


def test_of_many_requests_few_are_parsed_at_a_time() -> None:
    """A parsed request is dozens of times as large as its bytes, so pipelined ones wait as bytes."""
    reader = RequestReader({}, Limits())
    found, most = [], 0
    requests = reader.feed(b"".join(map(numbered, range(2_000))))
    while requests:
        most = max(most, len(requests))
        found += [request.environ["PATH_INFO"] for request in requests]
        requests = reader.more()
    assert found == [f"/{number}" for number in range(2_000)]
    assert most <= PIECE_BYTES // len(numbered(0)) + 1


def test_many_requests_are_all_answered_in_order(serve: Serve) -> None:
    """Pipelined requests are answered in order, with bodies of each kind and in any pieces."""
    with Client(serve()) as client:
        body = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5_000
        chunked = HEAD_1_1 + CHUNKED + b"\r\n" + b"3e8\r\n" + b"x" * 1_000 + b"\r\n0\r\n\r\n"
        for _ in range(5):
            client.send(numbered(1) * 100 + body + numbered(2) * 100 + chunked)
            assert [client.reply().status for _ in range(202)] == [200] * 202


# Heads


def test_long_heads_share_a_budget() -> None:
    """Long heads share a budget, since small headers cost more than their bytes.

    Heads of ordinary size are not counted. The parser hands a header over when the next one begins.
    """
    limits = Limits(unfinished_bytes=100 * COST, body_bytes=1)
    intake = Intake(limits)
    first, second, ordinary = (RequestReader({}, limits, intake) for _ in range(3))
    first.feed(head_of(FREE_HEADERS + 101))
    assert (first.refused, intake.usual.left) == (None, 0)
    second.feed(head_of(FREE_HEADERS + 2))
    assert second.refused == TOO_MANY
    [request] = ordinary.feed(head_of(FREE_HEADERS) + b"\r\n")
    assert ordinary.refused is None
    request.release()
    first.close()
    assert intake.usual.left == 100 * COST


def test_a_long_head_counts_until_its_request_is_answered() -> None:
    """A long head counts while the application works, but not for the next request of the connection."""
    limits = Limits(unfinished_bytes=100 * COST, body_bytes=1)
    intake = Intake(limits)
    reader = RequestReader({}, limits, intake)
    [request] = reader.feed(head_of(FREE_HEADERS + 40) + b"\r\n")
    assert intake.usual.left == 60 * COST
    [other] = reader.feed(head_of(FREE_HEADERS + 60) + b"\r\n")
    assert intake.usual.left == 0
    request.release()
    assert intake.usual.left == 40 * COST
    other.release()
    assert intake.usual.left == 100 * COST


@pytest.mark.parametrize("end", [b"\r\n", b"\0", b""])
def test_a_long_head_gives_its_bytes_back(serve: Serve, end: bytes) -> None:
    """A long head gives its bytes back if it is answered, refused, or if the client leaves."""
    server = serve()
    whole = server._service.intake.usual.left
    with Client(server) as client:
        client.send(head_of(9_000))
        assert eventually(lambda: server._service.intake.usual.left < whole)
        if end:
            client.send(end)
            client.reply()
    assert eventually(lambda: server._service.intake.usual.left == whole)


def test_requests_that_are_not_answered_give_their_bytes_back(serve: Serve) -> None:
    """If the application closes the connection, a pipelined request is dropped and its bytes are given back."""

    def app(_: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Connection", "close")])
        return [b""]

    server = serve(app)
    whole = server._service.intake.usual.left
    with Client(server) as client:
        client.send(GET + head_of(FREE_HEADERS + 100) + b"\r\n")
        assert client.reply().status == 200
    assert eventually(lambda: server._service.intake.usual.left == whole)


# Trailers and chunks


@pytest.mark.parametrize("start", [b"0\r\na", b"0\r\na: ", b"1;a", b"1\r\nx\r\n0\r\na"])
@pytest.mark.parametrize("length", [900, 100_000])
def test_what_follows_the_last_piece_of_a_body_is_bounded(start: bytes, length: int) -> None:
    """The parser keeps a trailer until its end, so a trailer has the limit of a head."""
    reader = RequestReader({}, Limits(head_bytes=1_000 + PIECE_BYTES, body_bytes=1_000_000))
    reader.feed(HEAD_1_1 + CHUNKED + b"\r\n" + start)
    for _ in range(length // 100):
        reader.feed(b"x" * 100)
    assert (reader.refused and reader.refused.status) == (None if length < 1_000 else 413)


def test_a_body_that_goes_on_is_not_bounded_by_that() -> None:
    """Each piece of the body permits its chunk another extension."""
    reader = RequestReader({}, Limits(head_bytes=1_000, body_bytes=1_000))
    reader.feed(HEAD_1_1 + CHUNKED + b"\r\n")
    found = [reader.feed(b"1;%b\r\nx\r\n" % (b"e" * 400)) for _ in range(20)]
    assert (found, reader.refused) == ([[]] * 20, None)


# Unread responses


def large(_: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [])
    return [bytes(20_000_000)]


def is_sending(server: HttpServer) -> Callable[[], bool]:
    return lambda: any(connection.sending_since is not None for connection in [*server._registry._threads])


def test_a_client_that_does_not_read_makes_room(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new connection does not wait until the unread response is abandoned."""
    monkeypatch.setattr(registry_module, "SLOW_SECONDS", 0.0)
    server = serve(large, connections=1, request_seconds=100 * PATIENCE_SECONDS)
    with Client(server) as slow:
        slow.send(GET)
        assert eventually(is_sending(server))
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as newcomer:
            newcomer.sendall(GET)
            assert newcomer.recv(12) == b"HTTP/1.1 200"


def test_a_slow_reader_gets_its_response(serve: Serve) -> None:
    """A client that reads slowly keeps its place while no other needs it, and then counts as idle like others."""
    server = serve(large, connections=1)
    with Client(server) as slow:
        slow.send(GET)
        assert eventually(is_sending(server))
        assert len(slow.reply().body) == 20_000_000
        assert eventually(lambda: all(c.idle_since is not None for c in [*server._registry._threads]))
        assert [(c.reading_since, c.sending_since) for c in server._registry._threads] == [(None, None)]
